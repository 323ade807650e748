//! Whatever comes, the machine stands.

use proptest::prelude::*;

use super::*;

/// JSON that looks like the protocol's: its names, and values of any type.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["models/sim-parrot", "audio/pcm", "AUDIO", "AAAA", "12s", "auth_tokens/x"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any_name(), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_name() -> impl Strategy<Value = String> {
    let names = vec![
        "setup",
        "model",
        "generationConfig",
        "generation_config",
        "responseModalities",
        "tools",
        "functionDeclarations",
        "name",
        "realtimeInput",
        "realtime_input",
        "audio",
        "video",
        "text",
        "data",
        "mimeType",
        "mime_type",
        "clientContent",
        "turns",
        "parts",
        "turnComplete",
        "toolResponse",
        "functionResponses",
        "id",
        "response",
        "activityStart",
        "activityEnd",
        "audioStreamEnd",
        "contextUpdate",
        "sessionResumption",
        "handle",
        "scheduling",
        "mediaChunks",
    ];
    prop::sample::select(names).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_break_a_connection(
        before in any::<bool>(),
        frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 1..4),
    ) {
        let mut talk = if before { Talk::with_key() } else { Talk::open("sim-parrot", json!({})) };
        frames.iter().for_each(|frame| talk.feed(Input::Message(frame)));
        talk.wait_seconds(2.0);
        prop_assert_eq!(talk.closed.unwrap().code, 1007);
    }

    #[test]
    fn no_json_breaks_a_connection(
        before in any::<bool>(),
        messages in prop::collection::vec(any_json(), 1..4),
    ) {
        let wishes = json!({"sessionResumption": {}});
        let mut talk = if before { Talk::with_key() } else { Talk::open("sim-tool", wishes) };
        messages.iter().for_each(|message| talk.say(message));
        talk.wait_seconds(5.0);
    }

    #[test]
    fn no_setup_breaks_a_connection(setup in any_json(), body in any_json()) {
        let mut talk = Talk::with_key();
        talk.say(&json!({ "setup": setup }));
        let _ = talk.service.create_token(Some("k"), body.to_string().as_bytes(), START);
    }

    #[test]
    fn no_audio_breaks_a_session(
        chunks in prop::collection::vec((prop::collection::vec(any::<i16>(), 0..900), 8_000_u32..96_000), 1..6),
        data in "[A-Za-z0-9+/_=-]{0,40}",
    ) {
        let mut talk = Talk::open("sim-parrot", json!({"inputAudioTranscription": {}}));
        chunks.iter().for_each(|(samples, rate_hz)| talk.say(&audio(samples, *rate_hz)));
        talk.say(&json!({"realtimeInput": {"audioStreamEnd": true}}));
        talk.say(&json!({"realtimeInput": {"audio": {"data": data, "mimeType": "audio/pcm"}}}));
        talk.wait_seconds(5.0);
    }
}
