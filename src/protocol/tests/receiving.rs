use crate::json::{Value, json, parse};

use crate::{
    error::{CloseFrame, Code},
    event::Event,
    protocol::{
        close::{
            Phase,
            Verdict::{self, BackOff, Fatal, Fresh, NewToken, Resume},
            explain,
        },
        server::{AudioChunk, Item, TurnCompleteReason, decode},
    },
};

fn items(frame: &Value) -> Vec<Item> {
    decode(frame.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

/// The last event, typed.
fn event(frame: &Value) -> Event {
    match items(frame).pop() {
        Some(Item::Event(event)) => event.into(),
        other => panic!("{other:?}"),
    }
}

fn events(items: Vec<Item>) -> Vec<Event> {
    let event = |item| if let Item::Event(event) = item { Some(event.into()) } else { None };
    items.into_iter().filter_map(event).collect()
}

#[test]
fn one_frame_is_told_in_a_fixed_order() {
    let frame = json!({
        "sessionResumptionUpdate": {}, "goAway": {}, "usageMetadata": {}, "toolCallCancellation": {}, "toolCall": {},
        "voiceActivity": {}, "setupComplete": {}, "error": {}, "zzz": 1,
        "serverContent": {
            "turnComplete": true, "generationComplete": true, "interrupted": true, "groundingMetadata": {},
            "outputTranscription": {}, "inputTranscription": {}, "urlContextMetadata": {},
            "modelTurn": { "parts": [
                { "text": "a" },
                { "inlineData": { "mimeType": "audio/pcm;rate=24000", "data": "AAAA" } },
                { "text": "b", "thought": true },
            ] },
        },
    });
    let kinds: Vec<String> = items(&frame)
        .iter()
        .map(|item| match item {
            Item::Audio(_) => "audio".to_owned(),
            Item::Event(event) => {
                let value: Value = parse(event.to_json().as_bytes()).unwrap_or_default();
                assert_eq!(value["type"], event.kind.as_str());
                event.kind.as_str().to_owned()
            }
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "setupComplete",
            "inputTranscription",
            "voiceActivity",
            "text",
            "audio",
            "thought",
            "outputTranscription",
            "groundingMetadata",
            "urlContextMetadata",
            "toolCall",
            "toolCallCancellation",
            "interrupted",
            "generationComplete",
            "usageMetadata",
            "turnComplete",
            "goAway",
            "sessionResumptionUpdate",
            "serverError",
            "unknown",
        ]
    );
}

#[test]
fn audio_is_played_at_the_rate_it_states() {
    for (mime_type, rate_hz) in [
        ("audio/pcm;rate=24000", 24_000),
        ("audio/pcm", 24_000),
        ("AUDIO/L16; rate = 16000", 16_000),
        ("audio/pcm;rate=0", 24_000),
        ("audio/pcm;rate=fast", 24_000),
        ("audio/pcm;channels=1;rate=48000", 48_000),
    ] {
        let data = json!({ "inlineData": { "mimeType": mime_type, "data": "AAAA" } });
        let frame = json!({ "serverContent": { "modelTurn": { "parts": [data] } } });
        assert_eq!(
            items(&frame),
            [Item::Audio(AudioChunk { data: "AAAA".to_owned(), rate_hz })],
            "{mime_type}"
        );
    }
}

#[test]
fn other_media_are_events() {
    for mime_type in ["audio/mpeg", "image/png", "video/mp4"] {
        let data = json!({ "inlineData": { "mimeType": mime_type, "data": "AAAA" } });
        let frame = json!({ "serverContent": { "modelTurn": { "parts": [data] } } });
        assert!(matches!(event(&frame), Event::InlineData(medium) if medium.data == "AAAA"), "{mime_type}");
    }
}

#[test]
fn what_has_an_unexpected_type_is_set_aside_and_breaks_nothing() {
    let frame = json!({
        "goAway": "soon",
        "usageMetadata": { "promptTokenCount": "many", "totalTokenCount": 3.0 },
        "serverContent": {
            "turnComplete": "yes",
            "inputTranscription": { "text": 5, "words": [7, { "word": "a" }] },
            "groundingMetadata": { "groundingChunks": [{ "web": { "uri": 1, "title": "t" } }] },
            "modelTurn": { "parts": [8, { "text": "a", "thoughtSignature": 1 }, { "executableCode": { "code": 2 } }] },
        },
        "toolCall": { "functionCalls": [{ "name": "f", "args": [1] }, 7] },
    });
    let events = events(items(&frame));
    let Some(Event::Unknown(unknown)) = events.last() else { panic!("{events:?}") };
    assert_eq!(
        Value::Object(unknown.fields.clone()),
        json!({
            "goAway": "soon",
            "usageMetadata": { "promptTokenCount": "many" },
            "toolCall": { "functionCalls": [{ "args": [1] }, 7] },
            "serverContent": {
                "turnComplete": "yes",
                "inputTranscription": { "text": 5, "words": [7] },
                "groundingMetadata": { "groundingChunks": [{ "web": { "uri": 1 } }] },
                "modelTurn": { "parts": [8, { "thoughtSignature": 1 }, { "code": 2 }] },
            },
        })
    );
    // What is left has the types that were promised.
    let told: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
    assert!(told.iter().all(|event| !event.contains("Unknown") || event.contains("soon")), "{told:?}");
    let calls =
        events.iter().find_map(|event| if let Event::ToolCall(call) = event { Some(call) } else { None });
    assert_eq!(
        calls.map(|call| (&call.function_calls[0].name[..], call.function_calls[0].args.len())),
        Some(("f", 0))
    );
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::UsageMetadata(usage) if usage.total_token_count == 3))
    );
}

#[test]
fn every_event_has_its_types() {
    let frame = json!({
        "setupComplete": { "sessionId": "s", "voiceConsentSignature": { "signature": "x" } },
        "voiceActivity": { "type": "ACTIVITY_START", "audioOffset": "1s" },
        "voiceActivityDetectionSignal": { "vadSignalType": "VAD_SIGNAL_TYPE_EOS" },
        "serverContent": {
            "interimInputTranscription": { "text": "a" },
            "modelTurn": { "parts": [
                { "codeExecutionResult": { "outcome": "OUTCOME_OK", "id": "1" } },
                { "executableCode": { "code": "1", "language": "PYTHON" } },
                { "text": "t", "thought": true }, { "text": "u", "new": 1 }, { "novel": {} },
                { "inlineData": { "mimeType": "image/png", "data": "AAAA" } },
            ] },
            "outputTranscription": { "finished": true },
            "groundingMetadata": { "groundingSupports": [{ "segment": { "endIndex": 5 }, "confidenceScores": [0.5] }] },
            "urlContextMetadata": { "urlMetadata": [{ "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS" }] },
            "turnCompleteReason": "NEED_MORE_INPUT", "turnComplete": true,
        },
        "toolCallCancellation": { "ids": ["1"] },
        "goAway": { "timeLeft": "9.5s" },
        "sessionResumptionUpdate": { "newHandle": "s3cr3t", "resumable": true },
        "error": { "code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{}] },
    });
    let all = items(&frame);
    let kinds: Vec<&str> = all
        .iter()
        .filter_map(|item| if let Item::Event(event) = item { Some(event.kind.as_str()) } else { None })
        .collect();
    assert!(!format!("{all:?}").contains("s3cr3t"));
    let events = events(all);
    assert!(events.iter().all(|event| !matches!(event, Event::Unknown(_))), "{events:?}");
    assert!(!format!("{events:?}").contains("s3cr3t"));
    assert_eq!(kinds.len(), events.len());
    let text = events.iter().find_map(|event| if let Event::Text(text) = event { Some(text) } else { None });
    assert_eq!(text.map(|text| (&text.text[..], &text.extra["new"])), Some(("u", &json!(1))));
    let said = events.iter().find_map(|event| match event {
        Event::OutputTranscription(said) => Some(said.clone()),
        _ => None,
    });
    assert_eq!(said.map(|said| (said.text, said.finished)), Some((String::new(), Some(true))));
    let is_reason = |event: &Event| matches!(event, Event::TurnComplete(turn) if turn.turn_complete_reason == Some(TurnCompleteReason::NeedMoreInput));
    assert!(events.iter().any(is_reason));
}

#[test]
fn snake_case_is_understood_and_arguments_are_not_touched() {
    let frame =
        json!({ "tool_call": { "function_calls": [{ "name": "f", "args": { "a_b": { "c_d": null } } }] } });
    let Event::ToolCall(call) = event(&frame) else { panic!("no call") };
    assert_eq!(Value::Object(call.function_calls[0].args.clone()), json!({ "a_b": { "c_d": null } }));
    // A name in both spellings is two fields, and neither is lost.
    let Event::GoAway(leaving) = event(&json!({ "goAway": { "timeLeft": "1s", "time_left": "2s" } })) else {
        panic!("no goAway")
    };
    assert_eq!((leaving.time_left.as_deref(), &leaving.extra["time_left"]), (Some("1s"), &json!("2s")));
}

#[test]
fn a_field_named_type_does_not_hide_the_events_own() {
    let all = items(&json!({ "goAway": { "type": "x" } }));
    let Some(Item::Event(event)) = all.first() else { panic!("{all:?}") };
    let value: Value = parse(event.to_json().as_bytes()).unwrap_or_default();
    assert_eq!(value, json!({ "type": "goAway", "type_": "x" }));
}

#[test]
fn false_flags_say_nothing() {
    let frame = json!({ "serverContent": { "turnComplete": false, "interrupted": false, "generationComplete": false } });
    assert_eq!(items(&frame), []);
}

#[test]
fn a_frame_that_is_no_object_is_an_error() {
    for frame in ["", "null", "[]", "5", "{", "{} x", "{'a':1}", "\u{feff}{}"] {
        assert!(decode(frame.as_bytes()).is_err(), "{frame}");
    }
    assert!(decode(&[b'['; 10_000]).is_err());
}

#[test]
fn one_odd_value_costs_nothing_else_of_the_frame() {
    let deep = ["[".repeat(300), "]".repeat(300)].concat();
    for odd in ["\"\\ud83d\"", "1e999", "123456789012345678901234567890.5", &deep] {
        let frame = format!(
            r#"{{"toolCall":{{"functionCalls":[{{"id":"1","name":"f","args":{{"odd":{odd},"good":1}}}}]}},
               "serverContent":{{"turnComplete":true}}}}"#
        );
        let items = decode(frame.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        let events = events(items);
        let [Event::ToolCall(call), Event::TurnComplete(_)] = &events[..] else { panic!("{events:?}") };
        let call = &call.function_calls[0];
        assert_eq!((&call.name[..], &call.args["good"]), ("f", &json!(1)), "{odd}");
    }
}

#[test]
fn numbers_keep_their_digits() {
    let digits = "0.1000000000000000055511151231257827";
    let frame = format!(r#"{{"toolCall":{{"functionCalls":[{{"name":"f","args":{{"x":{digits}}}}}]}}}}"#);
    let items = decode(frame.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    let Some(Item::Event(event)) = items.first() else { panic!("{items:?}") };
    assert!(event.to_json().contains(digits));
}

#[test]
fn metadata_keeps_what_is_newer_than_this_library() {
    let frame = json!({ "serverContent": {
        "groundingMetadata": { "groundingChunks": [{ "web": { "uri": "u", "new": 1 } }], "later": true },
    } });
    let Event::GroundingMetadata(sources) = event(&frame) else { panic!("no grounding") };
    let grounding = sources.grounding_metadata;
    let web = grounding.grounding_chunks[0].web.clone().unwrap_or_default();
    assert_eq!(
        (web.uri.as_deref(), web.extra["new"].as_u64(), &grounding.extra["later"]),
        (Some("u"), Some(1), &json!(true))
    );
}

/// Code, reason, what it means for a session being set up, and how to go on: every row of what is known of the service's closes.
const CLOSES: &[(u16, &str, Code, Verdict)] = &[
    (1000, "", Code::SetupRefused, Fatal),
    (1006, "", Code::Network, Resume),
    (1007, "Request contains an invalid argument.", Code::SetupRefused, Fatal),
    (
        1007,
        "Invalid JSON payload received. Unknown name \"x\": Cannot find field.",
        Code::SetupRefused,
        Fatal,
    ),
    (1007, "Cannot extract voices from a non-audio request", Code::SetupRefused, Fatal),
    (
        1007,
        "The requested combination of response modalities (TEXT) is not supported by the model",
        Code::SetupRefused,
        Fatal,
    ),
    (1007, "Thinking level is not supported for this model.", Code::SetupRefused, Fatal),
    (1007, "thinking_config is not supported", Code::SetupRefused, Fatal),
    (1007, "Precondition check failed", Code::SetupRefused, Fatal),
    (1007, "API key expired. Please renew the API key.", Code::TokenRefused, Fatal),
    (1007, "User location is not supported for the API use.", Code::SetupRefused, Fatal),
    (1007, "Invalid session handle", Code::SetupRefused, Fresh),
    (1008, "models/x is not found for API version v1beta", Code::SetupRefused, Fatal),
    (1008, "BidiGenerateContent session not found", Code::SetupRefused, Fresh),
    (1008, "Requested entity was not found.", Code::SetupRefused, Fresh),
    (1008, "Operation is not implemented, or supported, or enabled.", Code::SetupRefused, Fatal),
    (1008, "Method doesn't allow unregistered callers (callers without est", Code::TokenRefused, NewToken),
    (1008, "Request had invalid authentication credentials. Expected OAuth 2", Code::TokenRefused, NewToken),
    (1008, "The caller does not have permission", Code::TokenRefused, NewToken),
    (1008, "The operation was aborted.", Code::SetupRefused, Resume),
    (1011, "Internal error encountered.", Code::SetupRefused, BackOff),
    (1011, "Internal error occurred.", Code::SetupRefused, BackOff),
    (1011, "The service is currently unavailable.", Code::SetupRefused, BackOff),
    (1011, "RESOURCE_EXHAUSTED: Maximum concurrent se", Code::SetupRefused, BackOff),
    (1011, "You exceeded your current quota, please check your plan", Code::SetupRefused, Fatal),
    (1011, "Deadline expired before operation could complete.", Code::SetupRefused, Resume),
    (1011, "Token has been used too many times", Code::TokenRefused, NewToken),
    (1011, "auth token has expired", Code::TokenRefused, NewToken),
    (1011, "Token has expired", Code::TokenRefused, NewToken),
    // A resume while the old socket is open still.
    (1011, "", Code::SetupRefused, BackOff),
    (4999, "who knows", Code::SetupRefused, Fatal),
];

#[test]
fn every_known_close_has_a_cause_a_remedy_and_a_verdict() {
    let mut causes = Vec::new();
    for &(code, reason, kind, verdict) in CLOSES {
        let close = CloseFrame { code, reason: reason.to_owned() };
        let setup = explain(&close, Phase::Setup);
        let error = setup.error;
        assert_eq!((error.code, setup.verdict), (kind, verdict), "{code} {reason}");
        assert_eq!(error.retryable, matches!(verdict, Resume | BackOff), "{code} {reason}");
        assert!(
            error.message.contains(reason) && error.remedy.as_deref().is_some_and(|remedy| remedy.len() > 10)
        );
        let open = explain(&close, Phase::Open);
        assert_eq!(open.verdict, verdict, "{code} {reason}");
        assert_eq!(
            open.error.code,
            if kind == Code::SetupRefused { Code::ClosedByServer } else { kind },
            "{code} {reason}"
        );
        causes.push(error.message.split(" (close").next().unwrap_or_default().to_owned());
    }
    causes.sort();
    causes.dedup();
    assert!(causes.len() >= 20, "{causes:?}");
}
