//! What waits, what leaves, what is dropped and what is said of it.

use super::*;
use crate::protocol::message::{Kind, Message};

const FULL: u32 = 1 << 20;

fn picture() -> serde_json::Value {
    json!({ "video": { "mimeType": "image/jpeg", "data": "AAAA" } })
}

fn sound() -> serde_json::Value {
    json!({ "audio": { "mimeType": "audio/pcm;rate=16000", "data": "AAAA" } })
}

#[test]
fn what_the_socket_did_not_take_is_said() {
    let message = |kind: Kind| Message { kind, text: String::new() };
    let mut talk = Talk::open_for_once();
    let actions = talk.feed(Input::Unsent(ConnId(1), message(Kind::Text)));
    let said = events(actions);
    assert!(matches!(&said[..], [Event::Warning { code, message, .. }]
        if code.as_str() == "not-sent" && message.contains("text")));
    assert_eq!(warning_codes(talk.feed(Input::Unsent(ConnId(1), message(Kind::Audio)))), ["audio-dropped"]);
    assert_eq!(warning_codes(talk.feed(Input::Unsent(ConnId(1), message(Kind::Video)))), ["video-dropped"]);
    assert!(talk.feed(Input::Unsent(ConnId(1), message(Kind::Setup))).is_empty());
    assert!(talk.feed(Input::Unsent(ConnId(9), message(Kind::Text))).is_empty());
    let stats = talk.session.stats();
    assert_eq!((stats.audio_frames_dropped, stats.video_frames_dropped), (1, 1));
}

#[test]
fn audio_waits_for_room_and_is_dropped_when_it_has_waited_too_long() {
    let mut talk = Talk::open();
    let mut codes = Vec::new();
    for frame in 0..150 {
        // A little leaves, and never enough for more.
        talk.fill(2 * FULL - frame);
        codes.extend(warning_codes(talk.stream(1)));
        codes.extend(warning_codes(talk.pass(20)));
    }
    assert_eq!(codes, ["audio-dropped"]);
    let dropped = talk.session.stats().audio_frames_dropped;
    assert!((45..=51).contains(&dropped), "{dropped} of 3 s, of which 2 s may wait");
    // What is sent fills the socket again: no more goes out than the budget takes.
    let mut rounds = Vec::new();
    while talk.session.stats().audio_frames_sent + talk.session.stats().audio_frames_dropped < 150 {
        talk.fill(0);
        let actions = talk.wait_for_deadline();
        rounds.push(sent(&actions).iter().map(|text| text.len()).sum::<usize>());
    }
    let budget = Policy::default().backlog_bytes as usize;
    assert!(rounds.len() > 1 && rounds.iter().all(|&bytes| bytes < budget + 1000), "{rounds:?}");
}

#[test]
fn audio_waits_longer_for_a_socket_that_gives_nothing_off_at_all_and_then_leaves_whole() {
    for (standing, kept) in [(900, 150), (3_000, 150), (8_000, 400), (20_000, 600)] {
        let mut talk = Talk::open();
        talk.fill(FULL);
        let mut actions = Vec::new();
        for _ in 0..standing / 20 {
            actions.extend(talk.stream(1));
            actions.extend(talk.pass(20));
        }
        assert_eq!(sent(&actions).len(), 0, "{standing}");
        // It gives off what it has, as fast as it is asked; what waits longer than a second leaves at four times its speed.
        let given = standing / 20;
        for _ in 0..200 {
            talk.fill(0);
            actions.extend(talk.pass(20));
        }
        let frames = sent(&actions).iter().filter(|text| text.contains("audio/pcm")).count();
        assert!((kept.min(given) - 1..=kept.min(given) + 1).contains(&frames), "{standing}: {frames}");
        assert_eq!(talk.session.stats().audio_frames_dropped as usize, given - frames, "{standing}");
    }
}

#[test]
fn nothing_overtakes_the_audio_that_was_given_before_it() {
    let mut talk = Talk::open_with("sim-parrot", manual());
    talk.send(json!({ "activityStart": {} }));
    talk.fill(FULL);
    assert!(talk.stream(3).is_empty());
    assert!(talk.send(json!({ "activityEnd": {} })).is_empty());
    assert!(talk.say("and more").is_empty());
    assert!(talk.stream(1).is_empty());
    talk.fill(0);
    assert_eq!(outline(&talk.wait_for_deadline()), "audiox3 activityEnd text audio");
}

#[test]
fn marks_and_words_outlive_the_audio_before_them() {
    let mut talk = Talk::open_with("sim-parrot", manual());
    talk.fill(FULL);
    talk.stream(3);
    talk.send(json!({ "activityEnd": {} }));
    talk.say("and more");
    let actions = talk.trickle(2100);
    assert_eq!(outline(&actions), "activityEnd text");
    assert_eq!(warning_codes(actions), ["audio-dropped"]);
}

#[test]
fn what_the_application_gives_of_sound_and_pictures_waits_and_is_dropped_like_the_microphones() {
    let mut talk = Talk::open();
    talk.fill(FULL);
    for _ in 0..2 {
        assert!(talk.send(picture()).is_empty());
        assert!(talk.send(sound()).is_empty());
    }
    assert_eq!(warning_codes(talk.trickle(2100)), ["audio-dropped", "video-dropped"]);
    let stats = talk.session.stats();
    assert_eq!((stats.audio_frames_dropped, stats.video_frames_dropped), (2, 2));
    talk.send(picture());
    talk.fill(0);
    assert_eq!(outline(&talk.wait_for_deadline()), "video");
}

#[test]
fn a_full_socket_is_looked_at_again_however_much_happens_in_between() {
    let mut talk = Talk::open();
    talk.fill(FULL);
    talk.stream(1);
    let due = talk.session.deadline();
    for _ in 0..10 {
        talk.now = talk.now + std::time::Duration::from_millis(1);
        talk.frame(json!({ "serverContent": { "outputTranscription": { "text": "a" } } }));
        talk.send(picture());
        assert_eq!(talk.session.deadline(), due, "it is not put off");
    }
}

#[test]
fn a_message_is_refused_by_name_when_too_much_waits_and_when_not_open() {
    let mut talk = Talk::open();
    assert_eq!(outline(&talk.say("a")), "text");
    talk.fill(u32::MAX);
    let said = events(talk.say("b"));
    let [Event::Warning { code, message, .. }] = &said[..] else { panic!("not one warning: {said:?}") };
    assert_eq!(code.as_str(), "send-overflow");
    for part in ["(text)", "4294967295", "16777216"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(warning_codes(talk.send(picture())), ["video-dropped"]);
    assert_eq!(
        outline(&talk.send(json!({ "audioStreamEnd": true }))),
        "audioStreamEnd",
        "a mark is never lost"
    );
    let mut talk = Talk::new(json!({}));
    assert_eq!(warning_codes(talk.say("c")), ["not-sent"]);
}

#[test]
fn what_still_waits_when_the_session_ends_is_said() {
    for end in
        [Input::Close, Input::SocketClosed(ConnId(1), CloseFrame { code: 1006, reason: String::new() })]
    {
        let mut talk = Talk::open_for_once();
        talk.fill(FULL);
        talk.stream(1);
        talk.say("a");
        assert_eq!(warning_codes(talk.feed(end)), ["not-sent"], "the words, not the audio");
    }
}

#[test]
fn client_content_in_the_middle_of_a_conversation_is_warned_of_where_the_model_takes_none() {
    let content = || client::client_content(json!({ "turns": "hello" })).expect("it can be sent").into();
    let history = json!({ "responseModalities": ["AUDIO"], "historyConfig": { "initialHistoryInClientContent": true } });
    let mut talk = Talk::open_with("gemini-3.1-flash-live-preview", history.clone());
    assert!(warning_codes(talk.feed(Input::Send(content()))).is_empty(), "it is the history");
    talk.frame(json!({ "serverContent": { "turnComplete": true } }));
    let actions = talk.feed(Input::Send(content()));
    assert_eq!(sent(&actions).len(), 1, "a warning holds nothing back");
    assert_eq!(warning_codes(actions), ["model-rule"]);

    let mut talk = Talk::open_with("gemini-2.5-flash-native-audio-preview-12-2025", history.clone());
    talk.frame(json!({ "serverContent": { "turnComplete": true } }));
    assert!(warning_codes(talk.feed(Input::Send(content()))).is_empty());

    let mut talk = Talk::open_with("gemini-3.1-flash-live-preview", history);
    talk.session.policy.model_checks = false;
    talk.frame(json!({ "serverContent": { "turnComplete": true } }));
    assert!(warning_codes(talk.feed(Input::Send(content()))).is_empty());
}
