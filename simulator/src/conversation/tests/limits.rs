//! How long a session lasts, and how much it holds.

use super::*;
use crate::behaviour::{Behaviour, Limits};

const COMPRESSED: &str = "contextWindowCompression";

/// A connection to the session, renewed before its ten minutes are over.
fn renewed(talk: Talk, extra: Value) -> Talk {
    let mut talk = talk.resume("sim-handles", extra);
    talk.wait_seconds(299.9);
    talk
}

fn image() -> Value {
    json!({"realtimeInput": {"video": {"data": "AAAA", "mimeType": "image/jpeg"}}})
}

fn warnings(talk: &Talk) -> usize {
    talk.sent.iter().filter(|(_, message)| message.get("goAway").is_some()).count()
}

#[test]
fn a_session_with_audio_lasts_a_quarter_of_an_hour_over_all_its_connections() {
    let mut talk = Talk::open("sim-handles", json!({}));
    talk.wait_seconds(300.0);
    let mut talk = renewed(renewed(talk, json!({})), json!({}));
    assert_eq!((talk.closed.is_none(), warnings(&talk)), (true, 1), "a warning in the last minute");
    // What a session has lived through is known to the handle: the second after it was given is not counted.
    talk.wait_seconds(4.0);
    assert_eq!(talk.close_reason(), (1011, "Deadline expired before operation could complete."));
}

#[test]
fn nothing_resumes_a_session_whose_time_is_over() {
    let short = |ways: &mut Behaviour| {
        ways.limits = Limits { audio_session_ms: 5_000, ..Limits::default() };
        ways.updates.every_ms = Some(100);
    };
    let mut talk = Talk::with_key();
    talk.behaves(short);
    talk.say(&setup("sim-parrot", json!({})));
    talk.wait_seconds(4.9);
    let handle = talk.handle();
    talk.wait_seconds(0.2);
    assert_eq!(talk.close_reason().0, 1011);
    let mut resumed = talk.again("BidiGenerateContent", "key=k");
    resumed.behaves(short);
    resumed.say(&resuming("sim-parrot", &handle, json!({})));
    resumed.wait_seconds(0.3);
    assert_eq!(resumed.close_reason().0, 1011);
}

#[test]
fn time_without_a_connection_is_not_the_sessions() {
    let mut talk = Talk::open("sim-handles", json!({}));
    talk.wait_seconds(500.0);
    let handle = talk.handle();
    talk.feed(Input::Lost);
    talk.wait_seconds(3600.0);
    let mut resumed = talk.again("BidiGenerateContent", "key=k");
    resumed.say(&resuming("sim-handles", &handle, json!({})));
    resumed.wait_seconds(390.0);
    assert!(resumed.closed.is_none());
}

#[test]
fn an_image_makes_it_two_minutes() {
    let mut talk = Talk::open("sim-handles", json!({}));
    talk.wait_seconds(60.0);
    talk.say(&image());
    assert_eq!(warnings(&talk), 0);
    talk.wait_seconds(10.0);
    let warned = talk.sent.iter().find_map(|(_, message)| message["goAway"]["timeLeft"].as_str());
    assert_eq!(warned, Some("50s"));
    let mut resumed = talk.resume("sim-handles", json!({}));
    resumed.wait_seconds(49.0);
    assert!(resumed.closed.is_none());
    resumed.wait_seconds(3.0);
    assert_eq!(resumed.close_reason().0, 1011, "the image is remembered");
}

#[test]
fn a_compressed_session_goes_on() {
    let compressed = || json!({ COMPRESSED: {"slidingWindow": {}} });
    let mut talk = Talk::open("sim-handles", compressed());
    talk.say(&image());
    talk.wait_seconds(300.0);
    let talk = renewed(renewed(renewed(talk, compressed()), compressed()), compressed());
    assert!(talk.closed.is_none() && warnings(&talk) == 0);
}

#[test]
fn a_window_that_is_full_ends_the_session() {
    let kilotoken = "word".repeat(1_000);
    let told = |model: &str, extra: Value| {
        let mut talk = Talk::open(model, extra);
        let mut kilotokens = 0;
        while talk.closed.is_none() && kilotokens < 200 {
            let turn = json!({"role": "user", "parts": [{"text": kilotoken}]});
            talk.say(&json!({"clientContent": {"turns": [turn]}}));
            kilotokens += 1;
        }
        (kilotokens, talk.close_reason().0)
    };
    assert_eq!(told("sim-parrot", json!({})), (129, 1007));
    assert_eq!(told("gemini-2.0-flash-live-001", json!({})), (33, 1007));
    assert_eq!(told("sim-parrot", json!({ COMPRESSED: {} })), (200, 0));
    let mut talk = Talk::with_key();
    talk.behaves(|ways| ways.limits.window_tokens = Some(10));
    talk.say(&setup("sim-parrot", json!({})));
    talk.say(&text(&"word".repeat(11)));
    let reason = "The input token count (11) exceeds the maximum number of tokens allowed (10).";
    assert_eq!(talk.close_reason(), (1007, reason));
}
