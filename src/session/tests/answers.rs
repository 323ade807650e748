//! What is played of the answers, and what the application hears of that.

use super::*;

/// What of the answer was played, by the interruption that is all that was told.
fn played(told: Vec<Event>) -> Option<f64> {
    match &told[..] {
        [Event::Interrupted(interrupted)] => interrupted.played_ms,
        other => panic!("not one interruption: {other:?}"),
    }
}

fn interrupted() -> serde_json::Value {
    json!({ "serverContent": { "interrupted": true } })
}

fn generated() -> serde_json::Value {
    json!({ "serverContent": { "generationComplete": true } })
}

/// A session with an open speaker.
pub(super) fn listening() -> Talk {
    let mut talk = Talk::open();
    talk.feed(Input::Speaker(true));
    talk
}

#[test]
fn every_field_of_a_frame_is_dispatched() {
    let mut talk = listening();
    let mut frame = audio(240);
    frame["serverContent"]["outputTranscription"] = json!({ "text": "Hello" });
    frame["serverContent"]["turnComplete"] = json!(true);
    frame["usageMetadata"] = json!({ "totalTokenCount": 7 });
    let actions = talk.frame(frame);
    assert!(matches!(actions.first(), Some(Action::Play { epoch: 0, .. })));
    let kind = |action| match action {
        Action::Emit(SessionEvent::Server(event)) => Some(event.kind.as_str()),
        _ => None,
    };
    let kinds: Vec<_> = actions.into_iter().filter_map(kind).collect();
    assert_eq!(kinds, ["outputTranscription", "usageMetadata", "turnComplete"]);
}

#[test]
fn audio_that_cannot_be_played_is_said_once_per_answer_and_kind() {
    let mut talk = listening();
    for end in [complete(), interrupted(), complete()] {
        let mut codes = Vec::new();
        for code in [Code::InvalidMessage, Code::InvalidMessage, Code::PlaybackOverflow, Code::InvalidMessage]
        {
            codes.extend(warning_codes(talk.feed(Input::PlaybackFailed(Error::new(code, "no")))));
        }
        assert_eq!(codes, ["malformed-audio", "playback-overflow"]);
        talk.frame(end);
    }
}

#[test]
fn audio_that_is_no_base64_is_left_out_and_the_rest_is_played() {
    let broken = || {
        let mut frame = audio(240);
        frame["serverContent"]["modelTurn"]["parts"][0]["inlineData"]["data"] = json!("not base64!");
        frame
    };
    let mut talk = listening();
    let actions = talk.frame(broken());
    assert_eq!((plays(&actions), warning_codes(actions)), (0, vec!["malformed-audio"]));
    assert!(talk.frame(broken()).is_empty(), "it is said once");
    let actions = talk.frame(audio(240));
    assert!(matches!(&actions[0], Action::Play { audio, .. } if audio.samples == [0; 240]), "{actions:?}");
    // What nobody is to hear need not be good.
    talk.frame(interrupted());
    assert!(talk.frame(broken()).is_empty());
}

#[test]
fn what_comes_before_the_speaker_is_played_when_it_opens() {
    let mut talk = Talk::open();
    for _ in 0..3 {
        assert!(talk.frame(audio(24_000)).is_empty());
    }
    talk.frame(complete());
    talk.pass(5000);
    let actions = talk.feed(Input::Speaker(true));
    assert_eq!((plays(&actions), actions.last()), (3, Some(&Action::Finish)));
    assert!(started(talk.feed(playing(0.0, 72_000.0))));
    assert!(events(talk.feed(playing(72_000.0, 0.0))).iter().any(is_ended));
    assert_eq!(talk.session.stats().playback_samples_discarded, 0.0);
    assert!(talk.feed(Input::Speaker(true)).is_empty(), "once");
}

#[test]
fn what_waits_for_a_speaker_in_vain_is_dropped_counted_and_said_once() {
    let mut talk = Talk::open();
    talk.frame(audio(240));
    assert_eq!(warning_codes(talk.pass(10_000)), ["no-speaker"]);
    talk.frame(audio(240));
    assert!(talk.pass(10_000).is_empty());
    assert_eq!(talk.session.stats().playback_samples_discarded, 480.0);
    assert_eq!(plays(&talk.feed(Input::Speaker(true))), 0, "nobody wants to hear that now");
    talk.feed(Input::Speaker(false));
    talk.frame(audio(240));
    assert_eq!(warning_codes(talk.pass(10_000)), ["no-speaker"], "that is another one");
}

#[test]
fn no_more_than_a_minute_waits_for_a_speaker_and_an_interruption_leaves_none() {
    let mut talk = Talk::open();
    let codes: Vec<_> = (0..7).flat_map(|_| warning_codes(talk.frame(audio(240_000)))).collect();
    assert_eq!(codes, ["no-speaker"]);
    assert_eq!(talk.session.stats().playback_samples_discarded, 240_000.0);
    talk.frame(interrupted());
    assert_eq!(talk.session.stats().playback_samples_discarded, 7.0 * 240_000.0);
    assert_eq!(plays(&talk.feed(Input::Speaker(true))), 0);
}

#[test]
fn an_interruption_flushes_the_answer_and_says_what_was_played() {
    let mut talk = listening();
    talk.frame(audio(24_000));
    talk.feed(playing(0.0, 24_000.0));
    talk.feed(playing(6_000.0, 18_000.0));
    let actions = talk.frame(interrupted());
    assert_eq!(actions.first(), Some(&Action::Flush { epoch: 1 }));
    assert_eq!(played(events(actions)), Some(250.0));
    talk.frame(complete());
    let actions = talk.frame(audio(240));
    assert!(matches!(actions.first(), Some(Action::Play { epoch: 1, .. })));
}

/// A report of a speaker that has played so much in all, and so much since it was flushed last.
fn heard_in(epoch: u32, played: f64, epoch_played: f64) -> Input<'static> {
    Input::Played(Playback { epoch, played, epoch_played, ..Playback::default() })
}

#[test]
fn what_an_interruption_leaves_unheard_is_counted_to_the_sample() {
    let mut talk = listening();
    let discarded = |talk: &Talk| talk.session.stats().playback_samples_discarded;
    talk.frame(audio(24_000));
    talk.feed(playing(6_000.0, 18_000.0));
    talk.frame(interrupted());
    // Its fall is heard behind the flush.
    talk.feed(heard_in(0, 6_090.0, 6_090.0));
    assert_eq!(discarded(&talk), 0.0, "a report from before the flush does not say how much came behind it");
    talk.feed(heard_in(1, 6_096.0, 0.0));
    assert_eq!(discarded(&talk), 17_904.0);
    talk.frame(complete());
    talk.frame(audio(1_000));
    talk.feed(heard_in(1, 6_496.0, 400.0));
    assert_eq!(discarded(&talk), 17_904.0, "the next answer is heard");
    talk.frame(interrupted());
    talk.feed(heard_in(2, 6_506.0, 0.0));
    assert_eq!(discarded(&talk), 17_904.0 + 590.0);
}

#[test]
fn what_a_speaker_has_not_played_when_it_is_closed_is_counted() {
    let mut talk = listening();
    talk.frame(audio(24_000));
    talk.feed(playing(6_000.0, 18_000.0));
    talk.feed(Input::Speaker(false));
    assert_eq!(talk.session.stats().playback_samples_discarded, 18_000.0);
    talk.frame(audio(240));
    talk.feed(Input::Speaker(true));
    talk.feed(playing(240.0, 0.0));
    assert_eq!(talk.session.stats().playback_samples_discarded, 18_000.0);
    assert_eq!(talk.session.stats().playback_samples_played, 6_240.0);
}

#[test]
fn what_still_comes_of_an_interrupted_answer_is_not_heard() {
    let mut talk = listening();
    talk.frame(audio(24_000));
    talk.frame(interrupted());
    assert_eq!(plays(&talk.frame(audio(24_000))), 0);
    assert_eq!(talk.session.stats().playback_samples_discarded, 24_000.0);
    talk.frame(complete());
    assert_eq!(plays(&talk.frame(audio(24_000))), 1, "the next one");
}

#[test]
fn a_new_answer_is_heard_though_the_interrupted_one_was_never_completed() {
    // The user has said something else since.
    let mut talk = listening();
    talk.frame(interrupted());
    talk.say("go on");
    assert_eq!(plays(&talk.frame(audio(240))), 1);
    // Nothing of the old one comes after so long.
    let mut talk = listening();
    talk.frame(interrupted());
    talk.pass(1000);
    assert_eq!(plays(&talk.frame(audio(240))), 1);
}

#[test]
fn the_late_completion_of_an_interrupted_turn_does_not_end_the_next_answer() {
    let mut talk = listening();
    talk.frame(audio(24_000));
    talk.frame(interrupted());
    talk.say("go on");
    talk.frame(audio(2400));
    assert!(started(talk.feed(playing_in(1, 0.0, 2400.0))));
    assert!(!talk.frame(complete()).contains(&Action::Finish), "the middle of the answer is no end");
    assert!(!events(talk.feed(playing_in(1, 2400.0, 0.0))).iter().any(is_ended));
    talk.frame(audio(2400));
    talk.feed(playing_in(1, 2400.0, 2400.0));
    talk.frame(generated());
    assert!(talk.frame(complete()).contains(&Action::Finish));
    assert!(events(talk.feed(playing_in(1, 4800.0, 0.0))).iter().any(is_ended));
}

#[test]
fn a_report_from_before_a_flush_says_nothing_of_the_answer_after_it() {
    let mut talk = listening();
    talk.frame(audio(24_000));
    talk.feed(playing_in(0, 2400.0, 21_600.0));
    talk.frame(interrupted());
    talk.frame(complete());
    talk.frame(audio(4800));
    assert!(!started(talk.feed(playing_in(0, 4800.0, 19_200.0))), "that is the old answer");
    assert_eq!(talk.session.stats().playback_samples_played, 4800.0, "but it was played");
    let report =
        Playback { epoch: 1, played: 5000.0, epoch_played: 0.0, waiting: 4800.0, ..Playback::default() };
    assert!(!started(talk.feed(Input::Played(report))));
    assert!(started(talk.feed(Input::Played(Playback { is_playing: true, ..report }))));
    let half = Playback { played: 7400.0, epoch_played: 2400.0, waiting: 2400.0, is_playing: true, ..report };
    talk.feed(Input::Played(half));
    let heard = events(talk.frame(interrupted()));
    assert_eq!(played(heard), Some(100.0), "of the new answer alone");
}

#[test]
fn speech_ends_when_it_is_drained_and_the_turn_is_complete() {
    let is_end = |event: &Event| matches!(event, Event::PlaybackEnded { played_ms } if *played_ms == 1000.0);
    // The turn is complete first.
    let mut talk = listening();
    talk.frame(audio(24_000));
    assert!(started(talk.feed(playing(0.0, 24_000.0))));
    assert!(!events(talk.frame(complete())).iter().any(is_end));
    assert!(events(talk.feed(playing(24_000.0, 0.0))).iter().any(is_end));
    // The speaker is silent first.
    let mut talk = listening();
    talk.frame(audio(24_000));
    talk.feed(playing(0.0, 24_000.0));
    assert!(events(talk.feed(playing(24_000.0, 0.0))).is_empty());
    assert!(events(talk.frame(complete())).iter().any(is_end));
}

#[test]
fn speech_that_nobody_completes_ends_after_a_second_of_silence() {
    let mut talk = listening();
    talk.frame(audio(2400));
    talk.feed(playing(0.0, 2400.0));
    assert!(talk.feed(playing(2400.0, 0.0)).is_empty());
    assert!(talk.pass(900).is_empty());
    assert!(talk.feed(playing(2400.0, 0.0)).is_empty(), "another report does not make it longer");
    assert!(events(talk.pass(100)).iter().any(is_ended));
    assert!(events(talk.frame(complete())).iter().all(|event| !is_ended(event)), "once");
    // The next one is an answer of its own.
    talk.frame(audio(2400));
    assert!(started(talk.feed(playing(2400.0, 2400.0))));
}

#[test]
fn a_gap_in_the_middle_of_an_answer_is_not_its_end() {
    let mut talk = listening();
    talk.frame(audio(2400));
    talk.feed(playing(0.0, 2400.0));
    talk.feed(playing(2400.0, 0.0));
    talk.pass(900);
    talk.frame(audio(2400));
    assert!(!events(talk.pass(900)).iter().any(is_ended));
    assert!(!events(talk.frame(complete())).iter().any(is_ended));
    talk.feed(playing(2400.0, 2400.0));
    assert!(events(talk.feed(playing(4800.0, 0.0))).iter().any(is_ended));
}

#[test]
fn what_was_played_is_known_to_the_millisecond_between_two_reports() {
    // The last row is a context that was suspended: it has not said that it plays nothing.
    for (waiting, since, heard) in
        [(12_000.0, 0, 100.0), (12_000.0, 37, 137.0), (480.0, 37, 120.0), (120_000.0, 900, 220.0)]
    {
        for is_local in [false, true] {
            let mut talk = listening();
            talk.frame(audio(24_000));
            talk.feed(playing(2400.0, waiting));
            talk.wait(since);
            if is_local {
                let told = events(talk.feed(Input::Interrupt));
                assert!(told.contains(&Event::PlaybackEnded { played_ms: heard }), "{told:?}");
            } else {
                assert_eq!(played(events(talk.frame(interrupted()))), Some(heard));
            }
        }
    }
}

#[test]
fn a_speaker_that_is_stopped_ends_what_is_heard_once() {
    let mut talk = listening();
    talk.frame(audio(24_000));
    // Nothing is heard yet.
    assert!(talk.feed(Input::Speaker(false)).is_empty());
    talk.feed(Input::Speaker(true));
    talk.frame(audio(24_000));
    assert!(started(talk.feed(playing(2400.0, 21_600.0))));
    let told = events(talk.feed(Input::Speaker(false)));
    assert_eq!(told, [Event::PlaybackEnded { played_ms: 100.0 }]);
    assert!(!events(talk.frame(complete())).iter().any(is_ended));
}

#[test]
fn counters_do_not_go_back_when_a_speaker_is_opened_again() {
    let mut talk = listening();
    let report = |played: f64, concealment_events: f64| {
        let (concealed_samples, inserted_samples) = (100.0 * concealment_events, 10.0 * concealment_events);
        Input::Played(Playback {
            played,
            concealment_events,
            concealed_samples,
            inserted_samples,
            ..Playback::default()
        })
    };
    talk.feed(report(4800.0, 2.0));
    talk.feed(Input::Speaker(false));
    assert_eq!(talk.session.stats().playback_samples_played, 4800.0);
    talk.feed(Input::Speaker(true));
    talk.feed(report(200.0, 0.0));
    // Another in its place, without a word of the first one's end.
    talk.feed(Input::Speaker(true));
    talk.feed(report(1000.0, 1.0));
    let stats = talk.session.stats();
    assert_eq!(
        (stats.playback_samples_played, stats.concealment_events, stats.concealed_samples),
        (6000.0, 3.0, 300.0)
    );
    assert_eq!(stats.inserted_samples_for_deceleration, 30.0);
}

#[test]
fn sound_that_is_no_base64_is_not_counted() {
    let mut talk = listening();
    let part = json!({ "inlineData": { "mimeType": "audio/pcm", "data": "not base64" } });
    talk.frame(json!({ "serverContent": { "modelTurn": { "parts": [part] } } }));
    assert_eq!(talk.session.stats().playback_samples_received, 0.0);
}

#[test]
fn what_waits_in_a_speaker_that_does_not_run_is_dropped_counted_and_said() {
    let mut talk = Talk::open();
    talk.feed(Input::Speaker(true));
    talk.frame(audio(240_000));
    assert!(started(talk.feed(playing(2400.0, 237_600.0))));
    // The browser stops it there. Until it is too old, the answer waits.
    assert_eq!(talk.pass(9_900), []);
    talk.frame(audio(24_000));
    let told = talk.pass(100);
    assert!(told.contains(&Action::Flush { epoch: 1 }), "{told:?}");
    let told = events(told);
    assert!(told.iter().any(is_ended), "nothing hangs on it: {told:?}");
    assert!(matches!(told.last(), Some(Event::Warning { code, .. }) if code.as_str() == "no-speaker"));
    // When it runs again it says how far it was.
    talk.feed(playing_in(0, 2880.0, 237_120.0));
    talk.feed(playing_in(1, 0.0, 0.0));
    assert_eq!(
        talk.session.stats().playback_samples_discarded + talk.session.stats().playback_samples_played,
        264_000.0
    );
    // What is said from then on is heard.
    let actions = talk.frame(audio(2400));
    assert!(matches!(actions.last(), Some(Action::Play { epoch: 1, .. })), "{actions:?}");
    assert!(started(talk.feed(playing_in(1, 240.0, 2160.0))));
}

#[test]
fn an_answer_that_never_began_to_be_heard_is_not_said_to_end() {
    let mut talk = Talk::open();
    talk.feed(Input::Speaker(true));
    talk.frame(audio(2400));
    talk.frame(complete());
    let told = events(talk.pass(10_000));
    assert!(!told.iter().any(is_ended) && told.len() == 1, "{told:?}");
    // Said once, until something is heard again.
    talk.frame(audio(2400));
    assert_eq!(warning_codes(talk.pass(10_000)), [""; 0]);
    talk.frame(audio(2400));
    assert!(started(talk.feed(playing_in(2, 240.0, 2160.0))));
    assert_eq!(warning_codes(talk.pass(10_000)), ["no-speaker"]);
}

#[test]
fn the_microphone_is_not_held_for_an_answer_that_a_silent_speaker_keeps() {
    let mut talk = Talk::open_by(Policy { half_duplex: true, ..quiet() }, "sim-parrot", json!({}));
    talk.feed(Input::Microphone(true));
    talk.feed(Input::Speaker(true));
    talk.frame(audio(240_000));
    talk.feed(playing(2400.0, 237_600.0));
    assert_eq!(outline(&talk.speak(3)), "");
    talk.pass(10_000);
    assert_eq!(outline(&talk.speak(3)), "audiox3");
}
