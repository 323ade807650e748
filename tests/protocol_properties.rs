//! What holds for any input: nothing panics, hangs or grows without bound, and what was made is stable.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use gemini_live_web::{
    error::{CloseFrame, Error},
    json::Value as Own,
    protocol::{
        client::{self, Outgoing},
        close::{Phase, explain},
        endpoint::{Credential, Endpoint, url},
        server::decode,
        setup::{model_checks, prepare},
        token::{AuthToken, AuthTokenRequest},
        unix_ms,
    },
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};

/// Names that mean something somewhere, so that any of them is met where it does not belong.
const NAMES: &[&str] = &[
    "serverContent",
    "modelTurn",
    "parts",
    "text",
    "thought",
    "inlineData",
    "mimeType",
    "data",
    "toolCall",
    "ids",
    "functionCalls",
    "args",
    "id",
    "name",
    "setupComplete",
    "goAway",
    "timeLeft",
    "usageMetadata",
    "error",
    "type",
    "turn_complete",
    "interrupted",
    "outputTranscription",
    "executableCode",
    "code",
    "voiceActivity",
    "generationConfig",
    "responseModalities",
    "speechConfig",
    "systemInstruction",
    "tools",
    "functionDeclarations",
    "parameters",
    "parametersJsonSchema",
    "properties",
    "items",
    "anyOf",
    "enum",
    "nullable",
    "additionalProperties",
    "$schema",
    "temperature",
    "contextWindowCompression",
    "triggerTokens",
    "sessionResumption",
    "handle",
    "labels",
    "transparent",
    "explicitVadSignal",
    "turns",
    "turnComplete",
    "role",
    "functionResponses",
    "response",
    "audio",
    "media",
    "model",
    "config",
    "uses",
    "expireTime",
    "liveConnectConstraints",
    "lockAdditionalFields",
    "x",
    "a_b",
    "language_code",
    "",
    "_",
    "é",
    "type_",
];

const TEXTS: &[&str] = &[
    "",
    "AUDIO",
    "audio",
    "TEXT",
    "string",
    "null",
    "OBJECT",
    "audio/pcm;rate=24000",
    "audio/pcm;rate=0",
    "image/png",
    "AAAA",
    "_-8",
    "***",
    "9.5s",
    "12800",
    "-1",
    "models/x",
    "auth_tokens/x",
    "2030-01-01T00:00:00Z",
    "user",
    "🦜",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(TEXTS).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(7, 48, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Array),
            vec((select(NAMES), inner), 0..6).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

/// Objects one or two levels of which are a plausible frame or config.
fn any_object() -> impl Strategy<Value = Value> {
    vec((select(NAMES), any_json()), 0..6).prop_map(|fields| {
        Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
    })
}

fn assert_bounded(input: &Value, text: &str) {
    let (before, after) = (input.to_string().len(), text.len());
    assert!(after <= 40 * before + 1_000, "{before} bytes became {after}");
}

fn assert_sendable(input: Value, encode: fn(Value) -> Result<Outgoing, Error>) {
    if let Ok(outgoing) = encode(input.clone()) {
        assert_bounded(&input, &outgoing.text);
        assert!(
            serde_json::from_str::<Map<String, Value>>(&outgoing.text)
                .is_ok_and(|message| message.len() == 1)
        );
        assert!(outgoing.warnings.len() <= 40);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_frame_or_an_error(bytes in vec(any::<u8>(), 0..400)) {
        if let Ok(items) = decode(&bytes) {
            prop_assert!(items.len() <= bytes.len());
        }
    }

    #[test]
    fn any_object_is_a_frame(message in any_object(), content in any_json()) {
        let frames = [
            message.clone(),
            json!({ "serverContent": message, "usageMetadata": content }),
            json!({ "serverContent": { "modelTurn": { "parts": [message, content] } } }),
            json!({ "toolCall": { "functionCalls": [content, message] }, "error": content }),
        ];
        for frame in frames {
            let text = frame.to_string();
            let items = decode(text.as_bytes()).expect("an object is a message");
            prop_assert!(items.len() <= text.len());
        }
    }

    #[test]
    fn a_frame_cut_short_is_an_error(message in any_object(), at in any::<prop::sample::Index>()) {
        let text = message.to_string();
        prop_assert!(decode(&text.as_bytes()[..at.index(text.len())]).is_err());
    }

    #[test]
    fn what_was_prepared_is_prepared_the_same_again(config in any_object()) {
        if let Ok(prepared) = prepare("models/m", config.clone(), None) {
            let message = prepared.setup.to_message();
            assert_bounded(&config, &message);
            prop_assert!(prepared.warnings.len() <= 40);
            prop_assert!(model_checks::check(&prepared.setup, Some("v1beta")).len() < 40);
            let mut fields = prepared.setup.as_value().clone();
            fields.remove("model");
            let again = prepare("models/m", fields, None).expect("it was good before");
            prop_assert_eq!(again.setup.to_message(), message);
        }
    }

    #[test]
    fn an_extra_setup_arrives_as_it_is(extra in any_object()) {
        let prepared = prepare("m", Value::Null, Some(extra.clone().into())).expect("any object may be laid over");
        for (name, value) in extra.as_object().expect("an object") {
            prop_assert_eq!(prepared.setup.as_value().get(name), Some(&Own::from(value.clone())));
        }
        let resumed = prepared.setup.with_handle("h");
        prop_assert_eq!(resumed.at("sessionResumption.handle"), Some(&Own::from("h")));
    }

    #[test]
    fn any_argument_is_sent_or_refused(argument in any_json()) {
        for encode in [client::client_content, client::realtime_input, client::tool_response, client::context_update] {
            assert_sendable(argument.clone(), encode);
        }
    }

    #[test]
    fn turns_and_tools_of_any_shape_are_sent_or_refused(inner in any_json()) {
        assert_sendable(json!({ "turns": inner }), client::client_content);
        assert_sendable(json!({ "tools": [{ "functionDeclarations": [{ "parameters": inner }] }] }), client::context_update);
        assert_sendable(json!({ "functionResponses": inner }), client::tool_response);
        let config = json!({ "tools": [{ "functionDeclarations": [{ "name": "f", "parameters": inner }] }] });
        let _ = prepare("m", config, None);
    }

    #[test]
    fn a_field_mask_names_fields_of_the_setup(config in any_object(), uses in any::<u32>()) {
        if let Ok(prepared) = prepare("m", config, None) {
            let none: [&str; 0] = [];
            let body = AuthTokenRequest::locked_fields(&prepared.setup, none).uses(uses).body(0.0).expect("no times");
            let setup = &body["bidiGenerateContentSetup"];
            for path in body["fieldMask"].as_str().expect("the model is there").split(',') {
                let (head, sub) = path.split_once('.').unwrap_or((path, ""));
                prop_assert!(sub.is_empty() || setup[head].get(sub).is_some() || sub.contains('.'), "{}", path);
                prop_assert!(setup.get(head).is_some(), "{}", path);
            }
        }
    }

    #[test]
    fn any_token_request_is_made_or_refused(config in any_object(), now in any::<f64>()) {
        if let Ok((request, _, _)) = AuthTokenRequest::from_genai(config.into()) {
            let _ = request.body(now);
            let _ = request.warnings();
        }
    }

    #[test]
    fn any_answer_is_a_token_or_an_error(status in any::<u16>(), body in ".{0,60}", answer in any_object()) {
        let _ = AuthToken::parse(status, &body);
        let _ = AuthToken::parse(200, &answer.to_string());
    }

    #[test]
    fn any_close_is_explained(code in any::<u16>(), reason in ".{0,130}", is_open in any::<bool>()) {
        let phase = if is_open { Phase::Open } else { Phase::Setup };
        let close = CloseFrame { code, reason: reason.clone() };
        let error = explain(&close, phase).error;
        prop_assert!(error.message.contains(&reason) && error.remedy.is_some());
        prop_assert_eq!(error.close, Some(close));
    }

    #[test]
    fn any_time_is_read_or_not(text in ".{0,40}", close in "[0-9T:Z.+-]{0,32}") {
        let _ = (unix_ms(&text), unix_ms(&close));
    }

    #[test]
    fn a_credential_survives_its_url_and_shows_in_no_error(secret in "[!-~é ]{1,40}", base in ".{0,40}") {
        let token = Credential::Token(secret.clone());
        let address = url(&Endpoint::default(), &token).expect("the default endpoint");
        let encoded = address.split_once('=').expect("a parameter").1;
        prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        prop_assert_eq!(format!("{:?}", token), "Token(…)");
        let endpoint = Endpoint::from(base);
        if let Err(error) = url(&endpoint, &Credential::Token("s3cr3t-s3cr3t".to_owned())) {
            let shown = format!("{:?}", error);
            prop_assert!(!shown.contains("s3cr3t"));
        }
    }
}
