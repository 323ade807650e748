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

/// A setup that wants everything.
fn rich_setup() -> Value {
    let schema = json!({"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]});
    setup(
        "sim-tool",
        json!({
            "generationConfig": {
                "responseModalities": ["AUDIO"],
                "temperature": 0.5,
                "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}, "languageCode": "en-US"},
                "thinkingConfig": {"includeThoughts": true},
            },
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "tools": [
                {"functionDeclarations": [{"name": "weather", "parameters": schema, "behavior": "NON_BLOCKING"}, {"name": "lamp"}]},
                {"googleSearch": {}},
            ],
            "realtimeInputConfig": {
                "automaticActivityDetection": {"silenceDurationMs": 300, "prefixPaddingMs": 20},
                "activityHandling": "START_OF_ACTIVITY_INTERRUPTS",
            },
            "sessionResumption": {},
            "contextWindowCompression": {"triggerTokens": "20000", "slidingWindow": {"targetTokens": "10000"}},
            "inputAudioTranscription": {},
            "outputAudioTranscription": {},
            "historyConfig": {"initialHistoryInClientContent": false},
        }),
    )
}

/// A message of each kind that an open session takes.
fn good_messages() -> Vec<Value> {
    let turn = json!({"role": "user", "parts": [{"text": "call lamp and weather"}]});
    let result =
        json!({"id": "x", "name": "lamp", "response": {"output": {"is": "lit"}}, "scheduling": "WHEN_IDLE"});
    vec![
        audio(&voice(0.3, 16_000), 16_000),
        audio(&voice(0.3, 44_100), 44_100),
        audio(&[0; 9_600], 16_000),
        text("call lamp in Oslo"),
        json!({"realtimeInput": {"audioStreamEnd": true}}),
        json!({"realtimeInput": {"video": {"data": "AAAA", "mimeType": "image/jpeg"}}}),
        json!({"clientContent": {"turns": [turn], "turnComplete": true}}),
        json!({"contextUpdate": {"systemInstruction": {"parts": [{"text": "Be long."}]},
            "tools": {"tools": [{"functionDeclarations": [{"name": "door"}]}]}}}),
        json!({"toolResponse": {"functionResponses": [result]}}),
    ]
}

/// Where there are values in a message, the message itself left out.
fn places(value: &Value, place: &str, found: &mut Vec<String>) {
    if !place.is_empty() {
        found.push(place.to_owned());
    }
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, inner)| places(inner, &format!("{place}/{name}"), found))
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, inner)| places(inner, &format!("{place}/{index}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A message with another value at one place, however deep; or with one field more there.
fn mutated(message: &Value, pick: usize, other: &Value, adds: Option<&str>) -> Value {
    let mut found = Vec::new();
    places(message, "", &mut found);
    let mut message = message.clone();
    let Some(value) = found.get(pick % found.len().max(1)).and_then(|place| message.pointer_mut(place))
    else {
        return message;
    };
    match (value, adds) {
        (Value::Object(fields), Some(name)) => drop(fields.insert(name.to_owned(), other.clone())),
        (value, _) => *value = other.clone(),
    }
    message
}

fn any_mutation() -> impl Strategy<Value = (usize, usize, Value, Option<String>)> {
    (any::<usize>(), any::<usize>(), any_json(), prop::option::of(any_name()))
}

#[test]
fn what_is_mutated_is_good_at_first() {
    for message in good_messages().iter().filter(|message| message.get("toolResponse").is_none()) {
        let mut talk = Talk::with_key();
        talk.say(&rich_setup());
        talk.say(message);
        talk.wait_seconds(1.0);
        assert_eq!(talk.closed, None, "{message}");
    }
}

/// A connection that was not closed answers who writes to it.
fn stands(mut talk: Talk) -> bool {
    if let Some(refusal) = &talk.closed {
        return matches!(refusal.code, 1007 | 1008 | 1011);
    }
    talk.wait_seconds(30.0);
    talk.take();
    talk.say(&text("Who is there?"));
    talk.wait_seconds(30.0);
    talk.closed.is_some() || !talk.take().is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_mistake_deep_in_a_setup_breaks_a_connection((_, pick, other, adds) in any_mutation()) {
        let mut talk = Talk::with_key();
        talk.say(&mutated(&rich_setup(), pick, &other, adds.as_deref()));
        prop_assert!(talk.closed.is_some() || !talk.sent.is_empty());
        prop_assert!(stands(talk));
    }

    #[test]
    fn no_mistake_deep_in_a_message_breaks_a_session(mistakes in prop::collection::vec(any_mutation(), 1..6)) {
        let mut talk = Talk::with_key();
        talk.say(&rich_setup());
        let good = good_messages();
        for (which, pick, other, adds) in mistakes {
            if talk.closed.is_none() {
                talk.say(&good[which % good.len()]);
                talk.say(&mutated(&good[pick % good.len()], which, &other, adds.as_deref()));
                talk.wait_seconds(1.0);
            }
        }
        prop_assert!(stands(talk));
    }

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
