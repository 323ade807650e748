use super::*;
use crate::{
    error::Code,
    json::{json, parse},
    protocol::setup::Role,
};

fn told(event: impl Into<SessionEvent>) -> Value {
    // A sum of money is written in millionths.
    let text = event.into().to_json().replace("250000e-6", "0.25");
    parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn this_sides_events_are_told_with_all_their_fields() {
    let mut error = Error::new(Code::Network, "Gone \"away\"\n").with_field("a").with_remedy("b");
    let close = CloseFrame { code: 1006, reason: "x".to_owned() };
    error.close = Some(close.clone());
    let failure = json!({
        "code": "network", "message": "Gone \"away\"\n", "remedy": "b", "field": "a",
        "close": { "code": 1006, "reason": "x" }, "retryable": false,
    });
    for (event, wanted) in [
        (LocalEvent::StateChange { state: State::Open }, json!({ "type": "stateChange", "state": "open" })),
        (
            LocalEvent::Reconnecting { cause: Cause::GoAway, attempt: 1, retry_in_ms: Some(0.0) },
            json!({ "type": "reconnecting", "cause": "go-away", "attempt": 1, "retryInMs": 0 }),
        ),
        (
            LocalEvent::Restarted {
                reseeded: true,
                reseeded_turns: 3,
                dropped_turns: 4,
                held_ms: 20.0,
                lost_ms: 40.0,
            },
            json!({
                "type": "restarted", "reseeded": true, "reseededTurns": 3, "droppedTurns": 4, "heldMs": 20, "lostMs": 40,
            }),
        ),
        (
            LocalEvent::PlaybackStarted { latency_ms: Some(12.5) },
            json!({ "type": "playbackStarted", "latencyMs": 12.5 }),
        ),
        (LocalEvent::PlaybackStarted { latency_ms: None }, json!({ "type": "playbackStarted" })),
        (LocalEvent::UserSpeechStart {}, json!({ "type": "userSpeechStart" })),
        (LocalEvent::SpeechWhileMuted {}, json!({ "type": "speechWhileMuted" })),
        (LocalEvent::DeviceMute { muted: true }, json!({ "type": "deviceMute", "muted": true })),
        (
            LocalEvent::DeviceChange {
                reason: DeviceChangeReason::Ended,
                label: "l".into(),
                device_id: "d".into(),
            },
            json!({ "type": "deviceChange", "reason": "ended", "label": "l", "deviceId": "d" }),
        ),
        (
            LocalEvent::PermissionChange { state: "granted".into() },
            json!({ "type": "permissionChange", "state": "granted" }),
        ),
        (
            LocalEvent::UserSpeechEnd { duration_ms: 60.0 },
            json!({ "type": "userSpeechEnd", "durationMs": 60 }),
        ),
        (
            LocalEvent::Usage { usage: Box::new(usage()) },
            json!({ "type": "usage", "usage": { "totalTokenCount": 1, "cost": 0.25 } }),
        ),
        (LocalEvent::Turn { turn: Box::new(turn()) }, told_turn()),
        (LocalEvent::PlaybackEnded { played_ms: 40.0 }, json!({ "type": "playbackEnded", "playedMs": 40 })),
        (
            LocalEvent::Diagnosis { missing: vec!["a", "b"], message: "m", remedy: "r" },
            json!({ "type": "diagnosis", "missing": ["a", "b"], "message": "m", "remedy": "r" }),
        ),
        (
            Warning::new(WarningCode::NotSent, "text").with_field("f").into(),
            json!({ "type": "warning", "code": "not-sent", "message": "text", "field": "f" }),
        ),
        (LocalEvent::Closed { close: None, error: None }, json!({ "type": "closed" })),
        (
            LocalEvent::Closed { close: Some(close), error: Some(error) },
            json!({ "type": "closed", "close": { "code": 1006, "reason": "x" }, "error": failure }),
        ),
    ] {
        assert_eq!(told(event), wanted);
    }
}

fn usage() -> LiveUsage {
    let mut tokens = Map::new();
    tokens.insert("totalTokenCount".to_owned(), 1.into());
    LiveUsage::new(tokens, Some(0.25))
}

fn turn() -> LiveTurn {
    LiveTurn {
        text: "a b".to_owned(),
        interim: "c".to_owned(),
        heard: Some("a".to_owned()),
        is_final: true,
        is_interrupted: true,
        markers: vec!["<noise>".into()],
        thoughts: "t".to_owned(),
        function_calls: vec![json!({ "name": "f" })],
        grounding_metadata: Some(json!({})),
        usage_metadata: Some(usage()),
        latency_ms: Some(0.5),
        played_ms: Some(1.0),
        ..LiveTurn::new(3, Role::Model)
    }
}

fn told_turn() -> Value {
    json!({ "type": "turn", "turn": {
        "id": 3, "role": "model", "text": "a b", "interim": "c", "heard": "a", "final": true, "complete": false,
        "interrupted": true, "markers": ["<noise>"], "thoughts": "t", "functionCalls": [{ "name": "f" }],
        "groundingMetadata": {}, "usageMetadata": { "totalTokenCount": 1, "cost": 0.25 }, "latencyMs": 0.5, "playedMs": 1,
    } })
}

#[test]
fn a_turn_is_told_without_what_it_has_not() {
    let turn = LocalEvent::Turn { turn: Box::new(LiveTurn::new(1, Role::User)) };
    let wanted = json!({
        "id": 1, "role": "user", "text": "", "final": false, "complete": false, "interrupted": false,
    });
    assert_eq!(told(turn)["turn"], wanted);
}

#[test]
fn the_servers_events_are_told_as_they_came() {
    let fields = |value| if let Value::Object(fields) = value { fields } else { Map::new() };
    let event = |kind, value| ServerEvent { kind, fields: fields(value) };
    assert_eq!(
        told(event(EventKind::GenerationComplete, json!({}))),
        json!({ "type": "generationComplete" })
    );
    assert_eq!(
        told(event(EventKind::Unknown, json!({ "fields": { "a\"b": [null, { "c": 1 }] } }))),
        json!({ "type": "unknown", "fields": { "a\"b": [null, { "c": 1 }] } })
    );
}

#[test]
fn what_fits_no_type_is_told_as_unknown() {
    let mut fields = Map::new();
    fields.insert("text".to_owned(), json!(5));
    let event = Event::from(ServerEvent { kind: EventKind::Text, fields: fields.clone() });
    assert_eq!(event, Event::Unknown(server::Unknown::new(fields)));
}
