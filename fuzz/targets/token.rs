//! Any text as what a backend asks a token with, and as what the service answers: made or refused, and never shown.

#![no_main]

use gemini_live_web::{
    json::{Value, parse},
    protocol::{
        endpoint::{Credential, Endpoint, url},
        token::{AuthToken, AuthTokenRequest, TokenService},
    },
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (first, rest) = text.split_once('\n').unwrap_or(("", text));
    ask(first, rest);
    answer(first, rest);
    address(first, rest);
});

/// The first line is the moment, the rest the options.
fn ask(first: &str, rest: &str) {
    let Ok(options) = parse(rest.as_bytes()) else { return };
    let Ok((request, warnings, version)) = AuthTokenRequest::from_genai(options) else { return };
    assert!(warnings.len() + request.warnings().len() < 1000, "as many warnings as fields, and no more");
    let key = Credential::ApiKey("s3cr3t".to_owned());
    let now = first.bytes().fold(0.0, |sum, byte| sum * 10.0 + f64::from(byte));
    let Ok(http) = (TokenService { version, ..TokenService::default() }).request(&key, &request, now) else {
        return;
    };
    assert!(parse(http.body.as_bytes()).is_ok_and(|body| body.is_object()), "{}", http.body);
    assert!(http.url.ends_with("/auth_tokens") && !http.url.contains("s3cr3t"), "{}", http.url);
    let body = parse(http.body.as_bytes()).unwrap_or_default();
    // A mask that names nothing would lock everything.
    let mask = body.get("fieldMask").and_then(Value::as_str);
    assert!(mask.is_none_or(|mask| !mask.is_empty()), "an empty mask");
}

/// The first line's length is the status, the rest the body.
fn answer(first: &str, rest: &str) {
    let status = 100 + first.len() as u16 % 500;
    match AuthToken::parse(status, rest) {
        Ok(token) => {
            assert!((200..300).contains(&status) && !token.name.is_empty());
            let shown = format!("{token:?}");
            assert!(token.name.len() < 8 || !shown.contains(&token.name), "a token is shown: {shown}");
        }
        Err(error) => assert!(!error.message.is_empty() && error.message.len() < 1000, "{error:?}"),
    }
}

/// The first line is an address, the rest a token.
fn address(first: &str, rest: &str) {
    if let Ok(address) = url(&Endpoint::from(first), &Credential::Token(rest.to_owned())) {
        let (path, query) = address.split_once('?').unwrap_or((&address, ""));
        assert!(path.starts_with("ws://") || path.starts_with("wss://"), "{path}");
        assert!(!query.contains(['&', '#', ' ', '"']), "{query}");
    }
}
