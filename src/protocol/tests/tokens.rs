use crate::json::{Value, json};

use crate::{
    error::Code,
    protocol::{
        endpoint::Credential,
        setup::{Setup, prepare},
        token::{AuthToken, AuthTokenRequest, TokenService},
        unix_ms,
    },
};

const NO_OTHERS: [&str; 0] = [];

fn setup(config: Value) -> Setup {
    prepare("m", config, None).unwrap_or_else(|error| panic!("{error}")).setup
}

fn now_ms() -> f64 {
    unix_ms("2030-01-01T00:00:00Z").unwrap_or_default()
}

fn body(request: &AuthTokenRequest) -> Value {
    request.body(now_ms()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn an_unlocked_token_carries_no_setup() {
    assert_eq!(body(&AuthTokenRequest::unlocked().uses(0)), json!({ "uses": 0 }));
}

#[test]
fn a_locked_token_carries_the_whole_setup_and_no_mask() {
    let setup = setup(json!({ "responseModalities": ["AUDIO"], "outputAudioTranscription": {} }));
    assert_eq!(
        body(&AuthTokenRequest::locked(&setup)),
        json!({ "bidiGenerateContentSetup": {
            "model": "models/m",
            "generationConfig": { "responseModalities": ["AUDIO"] },
            "outputAudioTranscription": {},
            "sessionResumption": {},
        } })
    );
}

#[test]
fn resumption_can_be_left_out() {
    let request = AuthTokenRequest::locked(&setup(json!({}))).without_resumption();
    assert_eq!(body(&request), json!({ "bidiGenerateContentSetup": { "model": "models/m" } }));
}

#[test]
fn locked_fields_are_named_and_resumption_stays_the_pages() {
    let setup = setup(json!({
        "temperature": 0.5, "systemInstruction": { "parts": [{ "text": "x" }] }, "tools": [{ "googleSearch": {} }],
        "sessionResumption": {},
    }));
    let body = body(&AuthTokenRequest::locked_fields(
        &setup,
        ["topK", "temperature", "proactivity", "thinking_config"],
    ));
    assert_eq!(
        body["fieldMask"],
        "generationConfig.temperature,generationConfig.thinkingConfig,generationConfig.topK,model,proactivity,\
         systemInstruction.parts,tools"
    );
    assert_eq!(body["bidiGenerateContentSetup"].get("sessionResumption"), None);
}

#[test]
fn a_locked_name_that_no_setup_has_is_reported() {
    let setup = setup(json!({}));
    assert_eq!(AuthTokenRequest::locked_fields(&setup, ["voice"]).warnings().len(), 1);
    assert_eq!(
        AuthTokenRequest::locked_fields(&setup, ["tools", "temperature", "generationConfig.seed"]).warnings(),
        []
    );
    assert_eq!(AuthTokenRequest::locked_fields(&setup, NO_OTHERS).warnings(), []);
}

#[test]
fn times_that_cannot_be_are_refused() {
    let unlocked = AuthTokenRequest::unlocked;
    for (request, field) in [
        (unlocked().expires("soon"), "expireTime"),
        (unlocked().expires("2029-12-31T23:59:59Z"), "expireTime"),
        (unlocked().expires("2030-01-01T20:00:00Z"), "expireTime"),
        (unlocked().starts_until("2030-01-01T00:31:00Z"), "newSessionExpireTime"),
        (
            unlocked().expires("2030-01-01T01:00:00Z").starts_until("2030-01-01T01:00:01Z"),
            "newSessionExpireTime",
        ),
        (unlocked().starts_until("2030-01-02T00:00:00Z"), "newSessionExpireTime"),
    ] {
        let error = request.body(now_ms()).err().unwrap_or_else(|| panic!("{request:?} must be refused"));
        assert_eq!((error.code, error.field.as_deref()), (Code::InvalidOption, Some(field)));
    }
    let good = unlocked().expires("2030-01-01T19:59:59Z").starts_until("2030-01-01T01:00:00+00:30");
    assert_eq!(body(&good)["newSessionExpireTime"], "2030-01-01T01:00:00+00:30");
}

#[test]
fn the_key_is_in_a_header_and_nowhere_else() {
    let key = Credential::ApiKey("K3Y".to_owned());
    let request = TokenService::default()
        .request(&key, &AuthTokenRequest::unlocked(), now_ms())
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(request.url, "https://generativelanguage.googleapis.com/v1alpha/auth_tokens");
    assert!(request.headers.contains(&("x-goog-api-key", "K3Y".to_owned())));
    assert!(!format!("{key:?} {request:?}").contains("K3Y") && !request.body.contains("K3Y"));
}

#[test]
fn a_token_makes_no_tokens() {
    let token = Credential::Token("auth_tokens/x".to_owned());
    let refused = TokenService::default().request(&token, &AuthTokenRequest::unlocked(), now_ms());
    assert_eq!(refused.err().and_then(|error| error.field.clone()).as_deref(), Some("key"));
}

#[test]
fn a_refused_token_says_whether_to_try_again() {
    for (status, retryable) in
        [(400, false), (401, false), (403, false), (404, false), (429, true), (500, true), (503, true)]
    {
        let body = r#"{"error":{"message":"Quota exceeded."}}"#;
        let error =
            AuthToken::parse(status, body).err().unwrap_or_else(|| panic!("{status} must be refused"));
        assert_eq!((error.code, error.retryable), (Code::TokenUnavailable, retryable), "{status}");
        assert!(error.message.contains("Quota exceeded.") && error.remedy.is_some());
    }
    assert!(AuthToken::parse(200, "{}").is_err() && AuthToken::parse(200, "<html>").is_err());
}

#[test]
fn a_token_is_not_shown() {
    let token = AuthToken::parse(200, r#"{"name":"auth_tokens/s3cr3t","uses":1,"new":2}"#)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        (token.name.as_str(), token.uses, &token.extra["new"]),
        ("auth_tokens/s3cr3t", Some(1), &json!(2))
    );
    assert!(!format!("{token:?}").contains("s3cr3t"));
}

#[test]
fn the_sdks_constraints_become_the_same_token() {
    let config = json!({
        "uses": 1,
        "liveConnectConstraints": { "model": "m", "config": { "temperature": 0.7, "audioConfig": {} } },
        "lockAdditionalFields": ["topP"],
        "httpOptions": { "apiVersion": "v1alpha" },
    });
    let (request, warnings, version) =
        AuthTokenRequest::from_genai(config).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(version.as_deref(), Some("v1alpha"));
    assert_eq!(warnings[0].field.as_deref(), Some("audioConfig"));
    assert_eq!(
        body(&request),
        json!({
            "uses": 1,
            "bidiGenerateContentSetup": { "model": "models/m", "generationConfig": { "temperature": 0.7 } },
            "fieldMask": "generationConfig.temperature,generationConfig.topP,model",
        })
    );
}
