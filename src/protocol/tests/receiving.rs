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
        server::{
            AudioChunk, Item, decode,
            metadata::{GroundingMetadata, SpokenWords, UsageMetadata, read},
        },
    },
};

fn items(frame: &Value) -> Vec<Item> {
    decode(frame.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn event(frame: &Value) -> Event {
    match items(frame).pop() {
        Some(Item::Event(event)) => event,
        other => panic!("{other:?}"),
    }
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
                value["type"].as_str().unwrap_or_default().to_owned()
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
        assert!(matches!(event(&frame), Event::InlineData { data, .. } if data == "AAAA"), "{mime_type}");
    }
}

#[test]
fn the_length_of_audio_is_known_without_decoding_it() {
    for (data, rate_hz, samples) in [
        ("", 24_000, 0.0),
        ("AAA=", 24_000, 1.0),
        ("AAAAAAAA", 24_000, 3.0),
        ("AAAAAA", 24_000, 2.0),
        ("AAA=", 16_000, 1.5),
    ] {
        assert_eq!(AudioChunk { data: data.to_owned(), rate_hz }.samples_at_24_khz(), samples, "{data}");
    }
}

#[test]
fn what_has_an_unexpected_type_is_kept_and_breaks_nothing() {
    let frame = json!({
        "goAway": "soon",
        "usageMetadata": { "promptTokenCount": "many", "totalTokenCount": 3 },
        "serverContent": { "turnComplete": "yes", "inputTranscription": { "text": 5 } },
        "toolCall": { "functionCalls": [{ "name": "f", "args": [1] }, 7] },
    });
    let items = items(&frame);
    let Some(Item::Event(Event::Unknown { fields })) = items.last() else { panic!("{items:?}") };
    assert_eq!(fields["goAway"], "soon");
    assert_eq!(fields["serverContent"], json!({ "turnComplete": "yes" }));
    assert_eq!((&fields["text"], &fields["args"], &fields["toolCall"]), (&json!(5), &json!([1]), &json!(7)));
    assert!(items.iter().any(|item| matches!(
        item,
        Item::Event(Event::UsageMetadata { prompt_token_count: None, total_token_count: Some(3), extra, .. })
            if extra["promptTokenCount"] == "many"
    )));
}

#[test]
fn snake_case_is_understood_and_arguments_are_not_touched() {
    let frame =
        json!({ "tool_call": { "function_calls": [{ "name": "f", "args": { "a_b": { "c_d": null } } }] } });
    let Event::ToolCall { function_calls, .. } = event(&frame) else { panic!("no call") };
    assert_eq!(Value::Object(function_calls[0].args.clone()), json!({ "a_b": { "c_d": null } }));
}

#[test]
fn a_field_named_type_does_not_hide_the_events_own() {
    let event = event(&json!({ "goAway": { "type": "x" } }));
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
        let [Item::Event(Event::ToolCall { function_calls, .. }), Item::Event(Event::TurnComplete { .. })] =
            &items[..]
        else {
            panic!("{items:?}")
        };
        assert_eq!((&function_calls[0].name[..], &function_calls[0].args["good"]), ("f", &json!(1)), "{odd}");
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
fn payloads_have_types() {
    let frame = json!({ "serverContent": {
        "groundingMetadata": { "groundingChunks": [{ "web": { "uri": "u", "new": 1 } }], "later": true },
    } });
    let Event::GroundingMetadata { grounding_metadata } = event(&frame) else { panic!("no grounding") };
    let grounding: GroundingMetadata = read(grounding_metadata).unwrap_or_else(|error| panic!("{error}"));
    let web = grounding.grounding_chunks[0].web.clone().unwrap_or_default();
    assert_eq!(
        (web.uri.as_deref(), web.extra["new"].as_u64(), &grounding.extra["later"]),
        (Some("u"), Some(1), &json!(true))
    );

    let frame = json!({ "usageMetadata": { "thoughtsTokenCount": 5, "responseTokensDetails": [{ "modality": "AUDIO" }] } });
    let Event::UsageMetadata { extra, .. } = event(&frame) else { panic!("no usage") };
    let usage: UsageMetadata = read(extra).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((usage.thoughts_token_count, usage.response_tokens_details[0].token_count), (5, 0));

    let frame =
        json!({ "serverContent": { "inputTranscription": { "text": "a", "words": [{ "word": "a" }] } } });
    let Event::InputTranscription(heard) = event(&frame) else { panic!("no words") };
    let words: SpokenWords = read(heard.extra).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(words.words[0].word, "a");
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
