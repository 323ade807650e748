//! The grammar of events against the table that the one in JavaScript is held against as well.

use gemini_live_web::{
    error::{Warning, WarningCode},
    event::{Cause, Event, LocalEvent, State},
    protocol::server::{EventKind, ServerEvent},
};
use serde_json::Value;

use super::grammar::{Place, after};

const TABLE: &str = include_str!("../fixtures/grammar.json");

/// The event that a word of the table stands for.
fn event(word: &str) -> Event {
    let (held_ms, lost_ms) = (0.0, 0.0);
    let of_server = |kind| Event::from(ServerEvent { kind, fields: Default::default() });
    match word.split_once(' ').unwrap_or((word, "")) {
        ("state", name) => {
            let states = [State::Connecting, State::Open, State::Reconnecting, State::Closing, State::Closed];
            let state = states.into_iter().find(|state| state.as_str() == name).expect("a state");
            Event::StateChange { state }
        }
        ("reconnecting", attempt) => {
            let attempt = attempt.parse().expect("a number");
            Event::Reconnecting { cause: Cause::Network, attempt, retry_in_ms: None }
        }
        ("resumed", _) => Event::Resumed { held_ms, lost_ms },
        ("restarted", _) => {
            Event::Restarted { reseeded: false, reseeded_turns: 0, dropped_turns: 0, held_ms, lost_ms }
        }
        ("closed", _) => Event::Closed { close: None, error: None },
        ("warning", _) => LocalEvent::from(Warning::new(WarningCode::NotSent, "")).into(),
        ("setupComplete", _) => of_server(EventKind::SetupComplete),
        ("turnComplete", _) => of_server(EventKind::TurnComplete),
        ("interrupted", _) => of_server(EventKind::Interrupted),
        ("playbackStarted", _) => Event::PlaybackStarted { latency_ms: None },
        ("userSpeechStart", _) => Event::UserSpeechStart {},
        ("userSpeechEnd", _) => Event::UserSpeechEnd { duration_ms: 0.0 },
        ("playbackPaused", _) => Event::PlaybackPaused {},
        ("playbackResumed", _) => Event::PlaybackResumed { paused_ms: 0.0 },
        ("playbackEnded", _) => Event::PlaybackEnded { played_ms: 0.0 },
        _ => panic!("{word} is no event of the table"),
    }
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text")).collect()
}

#[test]
fn the_grammar_is_that_of_its_table() {
    let table: Value = serde_json::from_str(TABLE).expect("JSON");
    for row in table["rows"].as_array().expect("rows") {
        let heard = texts(&row["heard"]);
        let place = heard.iter().try_fold(Place::default(), |place, word| after(place, &event(word)));
        let place = place.unwrap_or_else(|| panic!("{heard:?} must not come"));
        let words = texts(&table["words"]);
        let may: Vec<_> = words.into_iter().filter(|word| after(place, &event(word)).is_some()).collect();
        assert_eq!(may, texts(&row["may"]), "{}", row["place"]);
    }
}
