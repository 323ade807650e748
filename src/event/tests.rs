use super::*;
use crate::{
    error::Code,
    json::{json, parse},
};

fn told(event: impl Into<SessionEvent>) -> Value {
    let text = event.into().to_json();
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
            LocalEvent::Restarted { reseeded: false, held_ms: 20.0, lost_ms: 40.0 },
            json!({ "type": "restarted", "reseeded": false, "heldMs": 20, "lostMs": 40 }),
        ),
        (
            LocalEvent::PlaybackStarted { latency_ms: Some(12.5) },
            json!({ "type": "playbackStarted", "latencyMs": 12.5 }),
        ),
        (LocalEvent::PlaybackStarted { latency_ms: None }, json!({ "type": "playbackStarted" })),
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
