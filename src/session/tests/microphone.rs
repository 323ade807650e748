//! What the microphone gives, and what the service is told when it falls silent.

use super::*;

#[test]
fn microphone_frames_are_sent_at_once_and_only_while_open() {
    let mut talk = Talk::new(json!({}));
    assert!(talk.stream(1).is_empty());
    assert_eq!(talk.session.stats().audio_frames_dropped, 1);
    let mut talk = Talk::open();
    let actions = talk.stream(3);
    assert_eq!(sent(&actions).len(), 3);
    assert!(sent(&actions).iter().all(|text| text.contains("audio/pcm;rate=16000")));
    assert_eq!(talk.session.stats().audio_frames_sent, 3);
}

#[test]
fn a_pause_of_a_second_is_told_once_and_audio_may_go_on() {
    let mut talk = Talk::open();
    talk.stream(1);
    assert!(talk.wait(999).is_empty());
    let actions = talk.wait_for_deadline();
    assert_eq!(sent(&actions), [AUDIO_STREAM_END]);
    assert!(talk.wait(10_000).is_empty());
    assert_eq!(talk.session.deadline(), None);
    talk.stream(1);
    assert_eq!(sent(&talk.wait(1000)), [AUDIO_STREAM_END]);
}

#[test]
fn with_manual_activity_no_pause_is_told() {
    let mut talk = Talk::open_with("sim-parrot", manual());
    talk.stream(1);
    assert!(talk.pass(5000).is_empty());
}

#[test]
fn a_muted_microphone_sends_nothing_and_counts_as_a_pause() {
    let mut talk = Talk::open();
    talk.stream(1);
    talk.feed(Input::Mute(true));
    assert!(talk.stream(5).is_empty());
    assert_eq!(sent(&talk.pass(1000)), [AUDIO_STREAM_END]);
    talk.feed(Input::Mute(false));
    assert_eq!(sent(&talk.stream(1)).len(), 1);
}

#[test]
fn who_stops_right_after_a_word_is_followed_by_the_silence_that_ends_the_turn() {
    for stop in [|| Input::Mute(true), || Input::Microphone(false)] {
        let mut talk = Talk::open();
        talk.speak(50);
        assert!(talk.feed(stop()).is_empty());
        let actions = talk.pass(60_000);
        assert_eq!(outline(&actions), "audiox75 audioStreamEnd", "1.5 s");
        let silence = client::audio(&[0; 320]);
        assert!(sent(&actions)[..75].iter().all(|text| *text == silence));
        assert!(talk.feed(stop()).is_empty() && sent(&talk.pass(60_000)).is_empty(), "once");
    }
}

#[test]
fn who_stops_a_second_after_the_last_word_needs_no_silence() {
    let mut talk = Talk::open();
    talk.speak(5);
    for _ in 0..50 {
        talk.pass(20);
        talk.stream(1);
    }
    talk.feed(Input::Mute(true));
    assert_eq!(outline(&talk.pass(60_000)), "audioStreamEnd");
}

#[test]
fn who_goes_on_speaking_ends_the_silence() {
    let mut talk = Talk::open();
    talk.speak(5);
    talk.feed(Input::Mute(true));
    assert_eq!(outline(&talk.pass(200)), "audiox10");
    talk.feed(Input::Mute(false));
    assert_eq!(outline(&talk.stream(1)), "audio");
    assert_eq!(outline(&talk.pass(60_000)), "audioStreamEnd");
}

#[test]
fn late_ticks_make_the_silence_no_shorter() {
    let mut talk = Talk::open();
    talk.speak(5);
    talk.feed(Input::Mute(true));
    let mut actions = Vec::new();
    for _ in 0..3 {
        actions.extend(talk.wait(700));
    }
    assert_eq!(outline(&actions), "audiox75 audioStreamEnd");
}

#[test]
fn an_open_activity_ends_with_the_microphone() {
    for stop in [|| Input::Mute(true), || Input::Microphone(false)] {
        let mut talk = Talk::open_with("sim-parrot", manual());
        assert!(talk.feed(stop()).is_empty(), "none is open");
        talk.feed(Input::Microphone(true));
        talk.send(json!({ "activityStart": {} }));
        talk.speak(5);
        assert_eq!(outline(&talk.feed(stop())), "activityEnd");
        assert!(talk.pass(15_000).is_empty());
        talk.feed(Input::Microphone(true));
        talk.send(json!({ "activityStart": {} }));
        talk.send(json!({ "activityEnd": {} }));
        assert!(talk.feed(stop()).is_empty(), "it is closed already");
    }
}

#[test]
fn a_new_microphone_is_not_muted_because_the_last_one_was() {
    let mut talk = Talk::open();
    talk.feed(Input::Mute(true));
    talk.feed(Input::Microphone(false));
    talk.feed(Input::Microphone(true));
    assert_eq!(outline(&talk.stream(1)), "audio");
}

#[test]
fn a_mark_that_does_not_fit_the_mode_is_sent_and_warned_of_once() {
    let (start, end, pause) =
        (json!({ "activityStart": {} }), json!({ "activityEnd": {} }), json!({ "audioStreamEnd": true }));
    let mut talk = Talk::open();
    let actions = talk.send(start.clone());
    assert_eq!(outline(&actions), "activityStart");
    assert_eq!(warning_codes(actions), ["activity-mode"]);
    assert!(warning_codes(talk.send(end.clone())).is_empty());
    let mut talk = Talk::open();
    assert!(warning_codes(talk.send(pause.clone())).is_empty());

    let mut talk = Talk::open_with("sim-parrot", manual());
    assert!(warning_codes(talk.send(start)).is_empty());
    assert!(warning_codes(talk.send(end)).is_empty());
    assert_eq!(warning_codes(talk.send(pause)), ["activity-mode"]);
}

#[test]
fn a_pause_that_the_application_told_is_not_told_again() {
    let mut talk = Talk::open();
    talk.stream(1);
    talk.send(json!({ "audioStreamEnd": true }));
    assert!(talk.pass(60_000).is_empty());
}

#[test]
fn turn_latency_runs_from_the_end_of_speech_to_the_first_sample_heard() {
    let mut talk = Talk::open();
    talk.feed(Input::Speaker(true));
    for frame in 0..100_u32 {
        let level = if (25..50).contains(&frame) { 8000 } else { 0 };
        talk.feed(Input::Audio(&std::array::from_fn::<i16, 320, _>(
            |i| {
                if i % 2 == 0 { level } else { -level }
            },
        )));
        talk.wait(20);
    }
    talk.frame(audio(2400));
    let actions = talk.feed(playing(0.0, 2400.0));
    let Some(Event::PlaybackStarted { latency_ms: Some(latency) }) = events(actions).pop() else {
        panic!("no latency");
    };
    assert!((980.0..=1040.0).contains(&latency), "{latency} ms after 1 s of silence");
    assert_eq!(talk.session.stats().turn_latency_ms, Some(latency));
}

#[test]
fn the_latency_of_an_answer_to_something_typed_does_not_count_from_a_noise_before() {
    let latency = |talk: &mut Talk| {
        talk.frame(audio(2400));
        match events(talk.feed(playing(0.0, 2400.0))).pop() {
            Some(Event::PlaybackStarted { latency_ms }) => latency_ms,
            other => panic!("not started: {other:?}"),
        }
    };
    let mut talk = Talk::open();
    talk.feed(Input::Speaker(true));
    talk.speak(5);
    talk.pass(5000);
    talk.say("typed");
    assert_eq!(latency(&mut talk), None);

    let mut talk = Talk::open();
    talk.feed(Input::Speaker(true));
    talk.speak(5);
    talk.pass(70_000);
    assert_eq!(latency(&mut talk), None, "that was no answer to it");
}

/// A microphone whose frames are so long.
fn in_frames_of(ms: u64) -> Talk {
    let frame = std::time::Duration::from_millis(ms);
    Talk::open_by(Policy { frame, push_to_talk: true, ..quiet() }, "sim-parrot", json!({}))
}

#[test]
fn pre_roll_and_silence_come_in_frames_as_long_as_the_rest() {
    for (ms, before, silence) in [(10, 20, 150), (20, 10, 75), (100, 2, 15)] {
        let mut talk = in_frames_of(ms);
        let voice: Vec<i16> = (0..16 * ms as i16).map(|i| if i % 2 == 0 { 8000 } else { -8000 }).collect();
        for _ in 0..1000 / ms {
            talk.wait(ms);
            assert_eq!(sent(&talk.feed(Input::Audio(&voice))).len(), 0);
        }
        let actions = talk.feed(Input::Talk(true));
        assert_eq!(outline(&actions), format!("audiox{before}"), "200 ms in frames of {ms}");
        assert!(sent(&actions).iter().all(|text| *text == client::audio(&voice)), "{ms}");
        talk.feed(Input::Talk(false));
        let actions = talk.pass(60_000);
        assert_eq!(outline(&actions), format!("audiox{silence} audioStreamEnd"), "1.5 s in frames of {ms}");
        let quiet = client::audio(&vec![0; voice.len()]);
        assert!(sent(&actions)[..silence].iter().all(|text| *text == quiet), "{ms}");
    }
}

#[test]
fn a_voice_is_heard_alike_in_frames_of_any_length() {
    let told = |ms: u64| {
        let frame = std::time::Duration::from_millis(ms);
        let mut talk =
            Talk::open_by(Policy { frame, turns: 0, ..Policy::default() }, "sim-parrot", json!({}));
        let mut sound = vec![1_i16; 8_000];
        // A click, then a word.
        sound.extend((0..320).map(|i| if i % 2 == 0 { 8000 } else { -8000 }));
        sound.extend(vec![1; 7_680]);
        sound.extend((0..16_000).map(|i| if i % 2 == 0 { 8000 } else { -8000 }));
        sound.extend(vec![1; 16_000]);
        let mut actions = Vec::new();
        for samples in sound.chunks(16 * ms as usize) {
            actions.extend(talk.wait(ms));
            actions.extend(talk.feed(Input::Audio(samples)));
        }
        events(actions)
    };
    for ms in [10, 20, 50, 100] {
        let events = told(ms);
        let [Event::UserSpeechStart {}, Event::UserSpeechEnd { duration_ms }] = &events[..] else {
            panic!("{ms}: {events:?}");
        };
        assert!((duration_ms - 1000.0).abs() <= 100.0, "{ms}: {duration_ms}");
    }
}
