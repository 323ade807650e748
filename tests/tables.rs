//! Every field and every name of the API, one at a time, by tables that share nothing with this library.
//!
//! A field that the library forgot, misspelt, or gave another type fails here, whether a recording has it or not.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "tables/closes.rs"]
mod closes;
#[allow(dead_code, reason = "the recordings' tests use the rest")]
#[path = "oracle/table.rs"]
mod table;
#[path = "tables/walk.rs"]
mod walk;

use std::fmt::Debug;

use gemini_live_web::{
    error::{Error, Warning, WarningCode},
    event::Event,
    protocol::{
        client::{self, Outgoing},
        server::{self, EventKind, Item, decode},
        setup::{self, prepare},
        token::AuthTokenRequest,
    },
};
use serde_json::{Value, json};
use walk::{Place, WIRE, places, wrong};

/// What the service makes of an argument: the message it is sent, and what is said of it.
fn encode(root: &str, argument: &Value) -> Result<(Value, Vec<Warning>), Error> {
    let (text, warnings) = match root {
        "Setup" => {
            let prepared = prepare("m", argument.clone(), None)?;
            (prepared.setup.to_message(), prepared.warnings)
        }
        _ => {
            let call: fn(Value) -> Result<Outgoing, Error> = match root {
                "ClientContent" => client::client_content,
                "RealtimeInput" => client::realtime_input,
                "ToolResponse" => client::tool_response,
                _ => client::context_update,
            };
            let outgoing = call(argument.clone())?;
            (outgoing.text, outgoing.warnings)
        }
    };
    let message: Value = serde_json::from_str(&text).expect("JSON");
    let mut sent = message.as_object().expect("an object").values().next().expect("a field").clone();
    let fields = sent.as_object_mut().expect("an object");
    fields.remove("model");
    if argument.get("turnComplete").or_else(|| argument.get("turn_complete")).is_none() {
        fields.remove("turnComplete");
    }
    Ok((sent, warnings))
}

const SENT: [&str; 5] = ["Setup", "ClientContent", "RealtimeInput", "ToolResponse", "ContextUpdate"];

fn sent() -> impl Iterator<Item = (&'static str, Place)> {
    // The model is no option of a config.
    let all = SENT.into_iter().flat_map(|root| places(root).into_iter().map(move |place| (root, place)));
    all.filter(|(_, place)| place.name() != "model")
}

/// Names on the way to the field that is at fault.
fn field(error: &Error) -> Vec<&str> {
    let field = error.field.as_deref().unwrap_or_default();
    field.split(['.', '[']).filter(|step| !step.ends_with(']')).collect()
}

#[test]
fn every_field_that_the_service_reads_is_sent_as_it_is_given() {
    let mut count = 0;
    for (root, place) in sent().filter(|(_, place)| place.field.kind != "vertex") {
        let argument = place.wrap(place.value());
        let (ours, warnings) =
            encode(root, &argument).unwrap_or_else(|error| panic!("{argument}: {error:?}"));
        assert_eq!(ours, argument, "{place:?} {warnings:?}");
        // Forms that are old have a warning, which is about that.
        assert!(
            warnings.iter().all(|warning| warning.code == WarningCode::Deprecated),
            "{argument} {warnings:?}"
        );
        count += 1;
    }
    assert!(count > 200, "{count} fields");
}

#[test]
fn a_value_of_another_type_is_refused_by_the_name_of_its_field() {
    for (root, place) in sent() {
        for value in wrong(place.field) {
            let argument = place.wrap(value);
            let error = encode(root, &argument).expect_err(&argument.to_string());
            // A medium is refused as a whole where its type is none.
            let is_named = field(&error).iter().rev().take(2).any(|step| *step == place.name());
            let is_medium = place.name() == "mimeType" && field(&error) == ["audio"];
            assert!(is_named || is_medium, "{argument}: {error:?}");
        }
    }
}

#[test]
fn every_field_may_be_written_in_snake_case() {
    for (root, place) in sent().filter(|(_, place)| !["vertex", "any", "object"].contains(&place.field.kind))
    {
        let argument = place.wrap(place.value());
        let (ours, _) =
            encode(root, &snake(&argument)).unwrap_or_else(|error| panic!("{argument}: {error:?}"));
        assert_eq!(ours, argument, "{place:?}");
    }
}

/// The same with names in snake_case, but for what is within the application's own.
fn snake(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let renamed = fields.iter().map(|(name, value)| {
                let letters = name.chars().flat_map(|letter| {
                    letter
                        .is_ascii_uppercase()
                        .then_some('_')
                        .into_iter()
                        .chain([letter.to_ascii_lowercase()])
                });
                // A call is looked at before its fields are, by their names on the wire.
                let name = if name == "functionResponses" { name.clone() } else { letters.collect() };
                (name, snake(value))
            });
            Value::Object(renamed.collect())
        }
        Value::Array(list) => list.iter().map(snake).collect(),
        other => other.clone(),
    }
}

#[test]
fn what_vertex_alone_has_is_refused_whatever_it_holds() {
    let mut count = 0;
    for (root, place) in sent().filter(|(_, place)| place.field.kind == "vertex") {
        for value in [json!({}), json!(true), json!("v")] {
            let argument = place.wrap(value);
            let error = encode(root, &argument).expect_err(&argument.to_string());
            assert_eq!(field(&error).last(), Some(&place.name()), "{argument}: {error:?}");
        }
        count += 1;
    }
    assert!(count > 15, "{count} fields");
}

#[test]
fn every_name_of_an_enum_is_sent_as_the_wire_writes_it() {
    let mut count = 0;
    for (root, place) in sent() {
        for name in WIRE.names(place.field.kind).iter().filter(|name| **name != "NULL") {
            let other = name.to_lowercase();
            let other = if other == *name { name.to_uppercase() } else { other };
            let written = |name: &str| place.wrap(place.listed(json!(name)));
            for spelling in [*name, other.as_str()] {
                let (ours, warnings) = encode(root, &written(spelling)).expect("a name");
                assert_eq!((ours, warnings), (written(name), Vec::new()), "{place:?}");
            }
            count += 1;
        }
        if !WIRE.names(place.field.kind).is_empty() {
            let (_, warnings) = encode(root, &place.wrap(place.listed(json!("NEWER")))).expect("a name");
            assert_eq!(
                warnings.first().map(|warning| warning.code),
                Some(WarningCode::UnknownValue),
                "{place:?}"
            );
        }
    }
    assert!(count > 60, "{count} names");
}

#[test]
fn the_typed_enums_know_every_name() {
    fn known<T: From<&'static str> + Debug + serde::Serialize>(name: &str) {
        assert!(!WIRE.names(name).is_empty(), "no enum {name}");
        for name in WIRE.names(name) {
            let typed = T::from(name);
            assert!(!format!("{typed:?}").starts_with("Other"), "{typed:?}");
            assert_eq!(serde_json::to_value(typed).expect("JSON"), *name);
        }
    }
    macro_rules! all {
        ($($module:ident $type:ident $(= $name:literal)?),*) => {$(
            known::<$module::$type>([$($name,)? stringify!($type)][0]);
        )*};
    }
    all!(
        setup Role, setup Modality, setup MediaResolution, setup PartMediaResolutionLevel, setup ThinkingLevel,
        setup StartSensitivity, setup EndSensitivity, setup ActivityHandling, setup TurnCoverage,
        setup TranscriptionMode, setup Behavior, setup FunctionResponseScheduling = "Scheduling", setup Language,
        setup Outcome, setup ToolType, setup HarmCategory, setup HarmBlockThreshold, setup SchemaType = "Type",
        setup VoiceName, setup LanguageCode, server TokenModality, server ServiceTier, server UrlRetrievalStatus,
        server VoiceActivityType, server VadSignalType, server InteractionStatus, server TurnCompleteReason
    );
}

#[test]
fn a_token_takes_its_options_and_locks_a_setup() {
    let options = json!({
        "uses": 3, "expireTime": "2030-01-01T00:30:00Z", "newSessionExpireTime": "2030-01-01T00:01:00Z",
        "liveConnectConstraints": { "model": "m", "config": { "temperature": 0.5 } },
        "lockAdditionalFields": ["topK"], "httpOptions": { "apiVersion": "v1beta" },
    });
    let (request, warnings, version) =
        AuthTokenRequest::from_genai(options.clone().into()).expect("a request");
    assert_eq!((warnings.len(), version.as_deref()), (0, Some("v1beta")));
    let body = Value::from(request.body(1_893_456_000_000.0).expect("a body"));
    assert_eq!(
        body,
        json!({
            "uses": 3, "expireTime": "2030-01-01T00:30:00Z", "newSessionExpireTime": "2030-01-01T00:01:00Z",
            "bidiGenerateContentSetup": { "model": "models/m", "generationConfig": { "temperature": 0.5 } },
            "fieldMask": "generationConfig.temperature,generationConfig.topK,model",
        })
    );
    for name in options.as_object().expect("options").keys() {
        let error = AuthTokenRequest::from_genai(json!({ name: false }).into()).expect_err(name);
        assert_eq!(error.field.as_deref(), Some(name.as_str()));
    }
}

/// Where what a server's message says is found in a frame.
fn frame(root: &str, said: &Value) -> Value {
    let in_part = |part: Value| json!({ "serverContent": { "modelTurn": { "parts": [part] } } });
    let with = |name: &str| {
        let mut said = said.clone();
        let fields = said.as_object_mut().expect("an object");
        if !fields.contains_key(name) {
            fields.insert(name.to_owned(), json!("t"));
        }
        said
    };
    match root {
        "TextPart" => in_part(with("text")),
        "InlineData" => in_part(json!({ "inlineData": with("data") })),
        "ExecutableCode" => in_part(json!({ "executableCode": said })),
        "CodeExecutionResult" => in_part(json!({ "codeExecutionResult": said })),
        _ => said.clone(),
    }
}

const RECEIVED: [&str; 5] =
    ["ServerMessage", "TextPart", "InlineData", "ExecutableCode", "CodeExecutionResult"];

/// The events of a frame: those that are known, and the fields that were set aside.
fn received(frame: &Value) -> (Vec<Value>, Option<Value>) {
    let items = decode(frame.to_string().as_bytes()).expect("a frame");
    let events = items.into_iter().map(|item| match item {
        Item::Event(event) => event,
        Item::Audio(audio) => panic!("no audio was said: {audio:?}"),
    });
    let (unknown, known): (Vec<_>, Vec<_>) = events.partition(|event| event.kind == EventKind::Unknown);
    let fields = |event: server::ServerEvent| Value::from(gemini_live_web::json::Value::from(event.fields));
    (known.into_iter().map(fields).collect(), unknown.into_iter().map(fields).next())
}

/// Whether a value is somewhere within another, under this name.
fn has(value: &Value, name: &str, wanted: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            fields.iter().any(|(key, inner)| key == name && inner == wanted || has(inner, name, wanted))
        }
        Value::Array(list) => list.iter().any(|inner| has(inner, name, wanted)),
        _ => false,
    }
}

#[test]
fn every_field_that_the_service_sends_is_known_and_has_its_type() {
    let mut count = 0;
    for (root, place) in
        RECEIVED.into_iter().flat_map(|root| places(root).into_iter().map(move |at| (root, at)))
    {
        let given = place.value();
        let message = frame(root, &place.wrap(given.clone()));
        let (known, unknown) = received(&message);
        assert_eq!(unknown, None, "{message}");
        // What is an event of its own has no name any more.
        let is_event = place.field.kind.starts_with(|letter: char| letter.is_uppercase());
        let is_there = known.iter().any(|event| has(event, place.name(), &given));
        assert!(is_there || is_event && !known.is_empty() || given == json!({}), "{message} {known:?}");
        let is_required = [("TextPart", "text"), ("InlineData", "data")].contains(&(root, place.name()));
        for value in wrong(place.field).into_iter().filter(|_| !is_required) {
            let message = frame(root, &place.wrap(value));
            let (known, unknown) = received(&message);
            assert!(unknown.is_some(), "{message} {known:?}");
        }
        count += 1;
    }
    assert!(count > 100, "{count} fields");
}

/// What Rust calls a field. Where that cannot be its own name it is another.
fn rust_name(name: &str) -> String {
    let Value::Object(renamed) = snake(&json!({ name: 1 })) else { return String::new() };
    renamed.keys().next().cloned().unwrap_or_default()
}

#[test]
fn a_rust_application_has_every_field_of_an_event_under_its_name() {
    for (root, place) in
        RECEIVED.into_iter().flat_map(|root| places(root).into_iter().map(move |at| (root, at)))
    {
        let message = frame(root, &place.wrap(place.value()));
        let items = decode(message.to_string().as_bytes()).expect("a frame");
        // What is printed of an event is the fields that its type has: those it has not are left out.
        let printed: Vec<_> = items
            .into_iter()
            .filter_map(|item| match item {
                Item::Event(event) => Some(format!("{:?}", Event::from(event))),
                Item::Audio(_) => None,
            })
            .collect();
        let is_event = place.field.kind.starts_with(|letter: char| letter.is_uppercase());
        let name = format!("{}: ", rust_name(place.name()));
        let is_there = printed.iter().any(|event| event.contains(&name));
        assert!(is_there || is_event || place.value() == json!({}), "{name}{message} {printed:?}");
    }
}

#[test]
fn a_flag_that_is_false_says_nothing() {
    for name in ["interrupted", "generationComplete", "turnComplete"] {
        let (known, unknown) = received(&json!({ "serverContent": { name: false } }));
        assert_eq!((known, unknown), (Vec::new(), None), "{name}");
        let (known, unknown) = received(&json!({ "serverContent": { name: true } }));
        assert_eq!((known.len(), unknown), (1, None), "{name}");
    }
}
