//! What a token is, and what is none.

use super::*;
use crate::{
    protocol::endpoint::Credential,
    web::driver::token::{AccessToken, TokenSource, credential, from_js},
};

fn verdict(text: &str, allows_api_key: bool) -> String {
    match credential(&AccessToken::new(text), allows_api_key) {
        Ok(Credential::Token(_)) => "token".to_owned(),
        Ok(Credential::ApiKey(_)) => "key".to_owned(),
        Err(error) => {
            assert!(!error.to_string().contains("secret"), "nothing of it is repeated");
            error.code.as_str().to_owned()
        }
    }
}

#[wasm_bindgen_test]
fn what_is_no_token_is_said_to_be_none_and_goes_nowhere() {
    let huge = "x".repeat(100_000);
    for text in [
        "<!doctype html><title>secret</title>",
        "Please log in, secret",
        "{\"error\":\"secret\"}",
        "\u{fffd}\u{fffd}secret",
        "token",
        "api/token",
        "auth_tokens/secret with a space",
        "auth_tokens/<b>secret</b>",
        huge.as_str(),
        "",
    ] {
        assert_eq!(verdict(text, false), "token-unavailable", "{text:.40}");
    }
    for page in ["<!doctype html><title>secret</title>", "Please log in, secret", huge.as_str()] {
        assert_eq!(verdict(page, true), "token-unavailable", "{page:.40}");
    }
    let key = ["AIza", &"secret-".repeat(5)].concat();
    assert_eq!((verdict(&key, false), verdict(&key, true)), ("api-key-refused".into(), "key".into()));
    assert_eq!(verdict(" auth_tokens/abc-DEF_123 \n", false), "token");
}

#[wasm_bindgen_test]
fn the_times_of_a_token_are_read_and_the_earliest_counts() {
    let answer = |fields: &[(&str, &str)]| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, JsValue::from(*value))).collect();
        from_js(&object(&fields)).unwrap()
    };
    let (early, late) = ("2030-05-01T00:00:00Z", "2031-05-01T00:00:00.5Z");
    let token = || AccessToken::new("auth_tokens/x");
    assert_eq!(answer(&[("token", "auth_tokens/x")]), token());
    assert_eq!(answer(&[("token", "auth_tokens/x"), ("expireTime", late)]), token().until(late));
    let both = [("name", "auth_tokens/x"), ("expireTime", late), ("newSessionExpireTime", early)];
    assert_eq!(answer(&both), token().until(early));
    assert_eq!(answer(&[("token", "auth_tokens/x"), ("expireTime", "soon")]), token());
}

#[wasm_bindgen_test]
async fn a_fetch_that_rejects_with_what_is_no_error_is_an_error() {
    let global = js_sys::global();
    let theirs = Reflect::get(&global, &"fetch".into()).unwrap();
    for fetch in ["return Promise.reject('no')", "return Promise.resolve(1)", "throw 'no'"] {
        Reflect::set(&global, &"fetch".into(), &Function::new_no_args(fetch)).unwrap();
        let signal = web_sys::AbortController::new().unwrap().signal();
        let error = TokenSource::from("/token").get(signal).await.unwrap_err();
        assert_eq!((error.code.as_str(), error.retryable), ("token-unavailable", true), "{fetch}");
    }
    Reflect::set(&global, &"fetch".into(), &theirs).unwrap();
}
