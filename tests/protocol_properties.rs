//! What holds for any input: nothing panics, hangs or grows without bound, and what was made is stable.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "tables/message.rs"]
mod message;
#[allow(dead_code, reason = "the recordings' tests use the rest")]
#[path = "oracle/table.rs"]
mod table;
#[allow(dead_code, reason = "the tables' tests use the rest")]
#[path = "tables/walk.rs"]
mod walk;

use gemini_live_web::{
    error::{CloseFrame, Code, Error, WarningCode},
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
use proptest::{collection::vec, prelude::*, sample::select, strategy::Union};
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

const ROOTS: [&str; 5] = ["Setup", "ClientContent", "RealtimeInput", "ToolResponse", "ContextUpdate"];

/// What an application says in any of the roots, which is named.
fn any_message() -> impl Strategy<Value = (&'static str, Value)> {
    Union::new(ROOTS.map(|root| message::message(root).prop_map(move |argument| (root, argument)).boxed()))
}

/// What is sent, and what was warned of.
fn encode(root: &str, argument: &Value) -> Result<(Value, Vec<WarningCode>), Error> {
    let (name, text, warnings) = match root {
        "Setup" => {
            let prepared = prepare("m", argument.clone(), None)?;
            ("setup", prepared.setup.to_message(), prepared.warnings)
        }
        _ => {
            let (name, call): (_, fn(Value) -> _) = match root {
                "ClientContent" => ("clientContent", client::client_content),
                "RealtimeInput" => ("realtimeInput", client::realtime_input),
                "ToolResponse" => ("toolResponse", client::tool_response),
                _ => ("contextUpdate", client::context_update),
            };
            let outgoing: Outgoing = call(argument.clone())?;
            (name, outgoing.text, outgoing.warnings)
        }
    };
    let mut message: Value = serde_json::from_str(&text).expect("JSON");
    let fields = message[name].as_object_mut().expect("an object");
    fields.remove("model");
    if argument.get("turnComplete").is_none() {
        fields.remove("turnComplete");
    }
    Ok((message[name].take(), warnings.iter().map(|warning| warning.code).collect()))
}

/// Days since 1970, counted one year and one month after the other; `None` if there is no such day.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let months = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let in_year = |year: i64| if is_leap(year) { 366 } else { 365 };
    let years: i64 =
        if year >= 1970 { (1970..year).map(in_year).sum() } else { -(year..1970).map(in_year).sum::<i64>() };
    let before: i64 = months.iter().take(month as usize - 1).sum();
    (day <= months[month as usize - 1]).then_some(years + before + day - 1)
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
        let resumed = prepared.setup.with_handle(Some("h"));
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
        let tools = json!([{ "functionDeclarations": [{ "name": "f", "parameters": inner }] }]);
        assert_sendable(json!({ "turns": inner }), client::client_content);
        assert_sendable(json!({ "tools": tools }), client::context_update);
        assert_sendable(json!({ "functionResponses": inner }), client::tool_response);
        // What may be said of a session from the beginning may be said later, and is refused for the same field.
        let first = prepare("m", json!({ "tools": tools }), None);
        let later = client::context_update(json!({ "tools": { "tools": tools } }));
        prop_assert_eq!(first.as_ref().err().map(|error| error.field.clone()),
            later.as_ref().err().map(|error| error.field.as_deref().and_then(|field| field.strip_prefix("tools.")).map(str::to_owned)));
        prop_assert_eq!(first.ok().map(|prepared| prepared.warnings.len()), later.ok().map(|outgoing| outgoing.warnings.len()));
    }

    #[test]
    fn what_the_api_has_is_sent_as_it_is((root, argument) in any_message()) {
        let (sent, warnings) = encode(root, &argument).map_err(|error| TestCaseError::fail(format!("{argument}: {error:?}")))?;
        prop_assert_eq!(&sent, &argument);
        prop_assert!(warnings.iter().all(|code| [WarningCode::Deprecated, WarningCode::MoreWarnings].contains(code)), "{:?}", warnings);
    }

    #[test]
    fn a_field_that_nobody_knows_is_left_out_and_warned_of((root, argument) in any_message()) {
        let mut more = argument.clone();
        more["nobodyKnows"] = json!({ "this": 1 });
        let (sent, _) = encode(root, &argument).expect("it is the API's");
        let (same, warnings) = encode(root, &more).expect("nothing but that is odd");
        prop_assert_eq!(sent, same);
        prop_assert!(warnings.contains(&WarningCode::UnknownField), "{}: {:?}", more, warnings);
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
        if let Ok((request, warnings, _)) = AuthTokenRequest::from_genai(config.clone().into()) {
            prop_assert!(warnings.len() <= 33);
            if let Ok(body) = request.body(now) {
                let body = Value::from(body);
                // JavaScript has one kind of number: what is written `1.0` is asked for as `1`.
                prop_assert_eq!(body["uses"].as_f64(), config["uses"].as_f64());
                prop_assert_eq!(&body["expireTime"], &config["expireTime"]);
                assert_bounded(&config, &body.to_string());
            }
        }
    }

    #[test]
    fn any_answer_is_a_token_or_an_error(status in 100_u16..600, name in "[a-z/]{0,9}", answer in any_object()) {
        let mut body = answer;
        body["name"] = json!(name);
        let body = body.to_string();
        match AuthToken::parse(status, &body) {
            Ok(token) => prop_assert!((200..300).contains(&status) && !name.is_empty() && token.name == name),
            Err(error) => {
                prop_assert_eq!(error.code, Code::TokenUnavailable);
                prop_assert_eq!(error.retryable, status == 429 || status >= 500, "{} {}", status, body);
                prop_assert!(error.remedy.is_some());
            }
        }
        let cut = &body[..body.len() - 1];
        prop_assert!(AuthToken::parse(200, cut).is_err());
    }

    #[test]
    fn any_close_is_explained(code in any::<u16>(), reason in ".{0,130}", is_open in any::<bool>()) {
        let phase = if is_open { Phase::Open } else { Phase::Setup };
        let close = CloseFrame { code, reason: reason.clone() };
        let error = explain(&close, phase).error;
        prop_assert!(error.message.contains(&reason) && error.remedy.is_some());
        prop_assert_eq!(error.close.clone(), Some(close));
    }

    #[test]
    fn a_time_is_what_a_calendar_says(
        (year, month, day) in (0_i64..=9999, 1_i64..=12, 1_i64..=31),
        (hour, minute, second, ms) in (0_i64..24, 0_i64..60, 0_i64..60, 0_i64..1000),
        offset in -1439_i64..=1439,
    ) {
        let sign = if offset < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60);
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}{zone}");
        let expected = days(year, month, day)
            .map(|days| (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + ms);
        prop_assert_eq!(unix_ms(&text), expected.map(|ms| ms as f64), "{}", text);
        // Nothing may follow it, and nothing may be missing.
        prop_assert_eq!(unix_ms(&format!("{text}0")), None);
        prop_assert_eq!(unix_ms(&text[..text.len() - 1]), None);
    }

    #[test]
    fn no_text_is_a_time_by_chance(text in ".{0,40}", close in "[0-9T:Z.+-]{0,19}") {
        prop_assert_eq!((unix_ms(&text), unix_ms(&close)), (None, None));
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
