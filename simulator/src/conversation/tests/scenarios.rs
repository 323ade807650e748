//! The fates that models' names choose.

use super::*;

#[test]
fn a_warned_session_ends_when_its_time_is_over() {
    for (model, reason) in [
        ("sim-go-away", (1008, "The operation was aborted.")),
        ("sim-deadline", (1011, "Deadline expired before operation could complete.")),
    ] {
        let mut talk = Talk::open(model, json!({}));
        talk.wait_seconds(1.0);
        assert_eq!(talk.take()[1], json!({"goAway": {"timeLeft": "2s"}}));
        talk.wait_seconds(1.99);
        assert!(talk.closed.is_none());
        talk.wait_seconds(0.01);
        assert_eq!(talk.close_reason(), reason);
    }
}

#[test]
fn every_connection_is_warned_after_ten_minutes() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    talk.wait_seconds(600.0);
    assert_eq!(talk.take()[1], json!({"goAway": {"timeLeft": "50s"}}));
    talk.wait_seconds(50.0);
    assert_eq!(talk.close_reason().0, 1008);
}

#[test]
fn a_setup_is_refused_as_the_name_says() {
    let reason = |model| Talk::open(model, json!({})).close_reason().1.to_owned();
    assert_eq!(reason("sim-refuse-1007"), "Request contains an invalid argument.");
    assert!(reason("sim-not-found").starts_with("models/sim-not-found is not found for API version v1beta"));
    assert!(reason("sim-no-such-script").starts_with("models/sim-no-such-script is not found"));
    assert!(reason("sim-quota").starts_with("You exceeded your current quota"));
    assert_eq!(reason("sim-unavailable"), "The service is currently unavailable.");
}

#[test]
fn a_deaf_connection_says_nothing() {
    let mut talk = Talk::open("sim-deaf", json!({}));
    talk.say(&text("hello?"));
    talk.wait_seconds(600.0);
    assert!(talk.take().is_empty() && talk.closed.is_none());
    talk.wait_seconds(60.0);
    assert!(talk.closed.is_some(), "but not for ever");
}

#[test]
fn a_slow_setup_keeps_what_comes_early() {
    let mut talk = Talk::open("sim-slow-setup", json!({}));
    talk.say(&text("hello"));
    talk.wait_seconds(2.9);
    assert!(talk.take().is_empty());
    talk.wait_seconds(10.0);
    let kinds = talk.take_kinds();
    assert_eq!(kinds.first().map(String::as_str), Some("setupComplete"));
    assert!(kinds.contains(&"turnComplete".to_owned()));
}

#[test]
fn a_broken_frame_comes_once_and_the_session_goes_on() {
    let mut talk = Talk::open("sim-bad-json", json!({}));
    for _ in 0..2 {
        talk.say(&text("hello"));
        talk.wait_seconds(10.0);
        assert!(talk.take_kinds().contains(&"turnComplete".to_owned()));
    }
    assert_eq!(talk.broken_frames, 1);
}

#[test]
fn bundled_frames_hold_several_things_as_text() {
    let mut talk =
        Talk::open("sim-bundled", json!({"outputAudioTranscription": {}, "sessionResumption": {}}));
    talk.say(&text("hello"));
    talk.wait_seconds(10.0);
    assert_eq!(talk.text_frames, talk.sent.len());
    let messages = talk.take();
    assert!(
        messages[0].get("setupComplete").is_some() && messages[0].get("sessionResumptionUpdate").is_some()
    );
    let parts =
        |message: &Value| message["serverContent"]["modelTurn"]["parts"].as_array().map_or(0, Vec::len);
    assert!(messages.iter().any(|message| parts(message) == 2));
    assert!(
        messages
            .iter()
            .any(|message| kinds(message).contains(&"outputTranscription".to_owned()) && parts(message) > 0)
    );
    let last = messages.last().unwrap();
    assert!(last.get("usageMetadata").is_some() && last.get("sessionResumptionUpdate").is_some());
}

#[test]
fn a_session_may_end_without_a_warning() {
    let mut closed = Talk::open("sim-close-1011", json!({}));
    closed.wait_seconds(1.0);
    assert_eq!(closed.close_reason(), (1011, "Internal error encountered."));
    let mut dropped = Talk::open("sim-drop", json!({}));
    dropped.wait_seconds(1.0);
    assert!(dropped.dropped && dropped.closed.is_none());
    assert_eq!(dropped.service.connections()[0]["close"]["code"], 1006);
}

#[test]
fn a_tool_session_calls_in_spoken_turns_too() {
    let mut talk = Talk::open("sim-tool", json!({"tools": [{"functionDeclarations": [{"name": "lamp"}]}]}));
    talk.speak(&[voice(1.0, 16_000), silence(0.6)].concat());
    assert!(talk.take_kinds().contains(&"toolCall".to_owned()));
}

#[test]
fn a_silent_session_listens_only() {
    let mut talk = Talk::open("sim-silent", json!({"inputAudioTranscription": {}}));
    talk.speak(&[voice(1.0, 16_000), silence(0.6)].concat());
    talk.say(&text("hello?"));
    talk.wait_seconds(10.0);
    let kinds = talk.take_kinds();
    assert!(kinds.contains(&"inputTranscription".to_owned()) && !kinds.contains(&"modelTurn".to_owned()));
}

#[test]
fn handles_may_come_unasked() {
    let mut talk = Talk::open("sim-handles", json!({}));
    talk.wait_seconds(12.0);
    assert_eq!(talk.take().len(), 1 + 10);
}

#[test]
fn messages_from_the_future_do_not_end_the_talk() {
    for model in ["sim-future", "sim-error"] {
        let mut talk = Talk::open(model, json!({}));
        assert!(talk.take().len() > 1);
        talk.say(&text("hello"));
        talk.wait_seconds(10.0);
        assert!(talk.take_kinds().contains(&"turnComplete".to_owned()));
    }
}
