//! The machine in simulated time: nothing here waits.

use serde_json::json;

use super::*;
use crate::protocol::{client::AUDIO_STREAM_END, setup};

/// A session, the time, and everything it has said.
struct Stage {
    session: Session,
    now: Instant,
}

impl Stage {
    fn new(config: serde_json::Value) -> Self {
        let setup = setup::prepare("sim-parrot", config, None).expect("the config is usable").setup;
        Self { session: Session::new(setup, Policy::default()), now: Instant::from_ms(1000.0) }
    }

    /// A session that the service has accepted.
    fn open() -> Self {
        let mut stage = Self::new(json!({ "responseModalities": ["AUDIO"] }));
        stage.feed(Input::Connect);
        stage.feed(Input::Opened(ConnId(1)));
        stage.frame(json!({ "setupComplete": {} }));
        stage
    }

    fn feed(&mut self, input: Input<'_>) -> Vec<Action> {
        self.session.handle(input, self.now);
        std::iter::from_fn(|| self.session.poll()).collect()
    }

    fn frame(&mut self, message: serde_json::Value) -> Vec<Action> {
        self.feed(Input::Frame(ConnId(1), message.to_string().as_bytes()))
    }

    fn wait(&mut self, ms: u64) -> Vec<Action> {
        self.now = self.now + std::time::Duration::from_millis(ms);
        self.feed(Input::Tick)
    }

    /// Lets the time run to the next deadline.
    fn wait_for_deadline(&mut self) -> Vec<Action> {
        self.now = self.session.deadline().expect("there is a deadline");
        self.feed(Input::Tick)
    }

    fn speak(&mut self, frames: usize) -> Vec<Action> {
        (0..frames).flat_map(|_| self.feed(Input::Audio(&[1000; 320]))).collect()
    }
}

fn events(actions: Vec<Action>) -> Vec<Event> {
    let event = |action| if let Action::Emit(event) = action { Some(event) } else { None };
    actions.into_iter().filter_map(event).collect()
}

fn sent(actions: &[Action]) -> Vec<&str> {
    let mut texts = Vec::new();
    for action in actions {
        if let Action::Send(_, text) = action {
            texts.push(text.as_str());
        }
    }
    texts
}

fn closing_error(actions: Vec<Action>) -> Error {
    match events(actions).pop() {
        Some(Event::Closed { error: Some(error), .. }) => error,
        other => panic!("not closed by a failure: {other:?}"),
    }
}

fn warning_codes(actions: Vec<Action>) -> Vec<WarningCode> {
    let code = |event| if let Event::Warning(warning) = event { Some(warning.code) } else { None };
    events(actions).into_iter().filter_map(code).collect()
}

fn audio(samples: usize) -> serde_json::Value {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let data = STANDARD.encode(vec![0; 2 * samples]);
    json!({ "serverContent": { "modelTurn": { "parts": [
        { "inlineData": { "mimeType": "audio/pcm;rate=24000", "data": data } }
    ] } } })
}

fn playing(played: f64, waiting: f64) -> Input<'static> {
    Input::Played(Playback { played, waiting, is_playing: waiting > 0.0, ..Playback::default() })
}

fn started(actions: Vec<Action>) -> bool {
    events(actions).iter().any(|event| matches!(event, Event::PlaybackStarted { .. }))
}

#[test]
fn connecting_asks_for_one_socket_and_offers_the_setup_when_it_opens() {
    let mut stage = Stage::new(json!({}));
    let actions = stage.feed(Input::Connect);
    assert!(actions.contains(&Action::Open(ConnId(1))));
    assert_eq!(stage.session.state(), State::Connecting);
    assert!(stage.feed(Input::Connect).is_empty());

    let actions = stage.feed(Input::Opened(ConnId(1)));
    assert_eq!(sent(&actions), [r#"{"setup":{"model":"models/sim-parrot"}}"#]);

    let actions = stage.frame(json!({ "setupComplete": {} }));
    assert_eq!(stage.session.state(), State::Open);
    assert!(events(actions).iter().any(|event| matches!(event, Event::SetupComplete { .. })));
}

#[test]
fn a_token_that_never_comes_times_out() {
    let mut stage = Stage::new(json!({}));
    stage.feed(Input::Connect);
    let actions = stage.wait_for_deadline();
    assert!(actions.contains(&Action::CloseSocket(ConnId(1), 1000)));
    let error = closing_error(actions);
    assert_eq!((error.code, error.retryable), (Code::Timeout, true));
    assert_eq!(stage.now, Instant::from_ms(16_000.0));
}

#[test]
fn a_setup_that_is_never_answered_times_out_at_the_same_deadline() {
    let mut stage = Stage::new(json!({}));
    stage.feed(Input::Connect);
    stage.wait(14_000);
    stage.feed(Input::Opened(ConnId(1)));
    let error = closing_error(stage.wait_for_deadline());
    assert_eq!(error.code, Code::Timeout);
    assert!(error.message.contains("did not answer the setup"));
    assert_eq!(stage.now, Instant::from_ms(16_000.0));
}

#[test]
fn a_timeout_names_what_is_missing_and_no_other_step() {
    let timeout = |inputs: Vec<Input<'static>>| {
        let mut stage = Stage::new(json!({}));
        inputs.into_iter().for_each(|input| drop(stage.feed(input)));
        closing_error(stage.wait_for_deadline())
    };
    let conn = ConnId(1);
    let error = timeout(vec![Input::Connect]);
    assert!(error.message.contains("token did not come") && error.to_string().contains("token endpoint"));
    let steps = [
        (vec![Input::Connect, Input::TokenReady(conn)], "socket did not open"),
        (vec![Input::Connect, Input::TokenReady(conn), Input::Opened(conn)], "did not answer"),
        (vec![Input::Connect, Input::Opened(conn), Input::Frame(conn, b"<html>")], "is no message"),
    ];
    for (inputs, missing) in steps {
        let error = timeout(inputs);
        assert!(error.message.contains(missing), "{error}");
        assert!(!error.to_string().contains("token endpoint"), "{error}");
    }
}

#[test]
fn a_socket_that_fails_in_its_own_way_ends_the_session_with_that_failure() {
    let mut stage = Stage::open();
    assert!(stage.feed(Input::LinkFailed(ConnId(9), Error::new(Code::Network, "old"))).is_empty());
    let failure = frame_too_large(5, 4);
    let actions = stage.feed(Input::LinkFailed(ConnId(1), failure.clone()));
    assert!(actions.contains(&Action::CloseSocket(ConnId(1), 1000)));
    assert_eq!(closing_error(actions), failure);
}

#[test]
fn what_the_socket_did_not_take_is_said() {
    let mut stage = Stage::open();
    assert_eq!(warning_codes(stage.feed(Input::Unsent(ConnId(1)))), [WarningCode::NotSent]);
    assert!(stage.feed(Input::Unsent(ConnId(9))).is_empty());
}

#[test]
fn audio_that_cannot_be_played_is_said_once_per_answer_and_kind() {
    let mut stage = Stage::open();
    stage.feed(Input::Speaker(true));
    let complete = json!({ "serverContent": { "turnComplete": true } });
    for _ in 0..2 {
        let mut codes = Vec::new();
        for code in [Code::InvalidMessage, Code::InvalidMessage, Code::PlaybackOverflow, Code::InvalidMessage]
        {
            codes.extend(warning_codes(stage.feed(Input::PlaybackFailed(Error::new(code, "no")))));
        }
        assert_eq!(codes, [WarningCode::MalformedAudio, WarningCode::PlaybackOverflow]);
        stage.frame(complete.clone());
    }
}

#[test]
fn a_refused_setup_ends_with_the_services_code_and_reason() {
    let mut stage = Stage::new(json!({}));
    stage.feed(Input::Connect);
    stage.feed(Input::Opened(ConnId(1)));
    let close = CloseFrame { code: 1007, reason: "Request contains an invalid argument.".into() };
    let error = closing_error(stage.feed(Input::SocketClosed(ConnId(1), close.clone())));
    assert_eq!((error.code, error.close, error.retryable), (Code::SetupRefused, Some(close), false));
}

#[test]
fn a_failing_token_provider_ends_the_connect_with_its_error() {
    let mut stage = Stage::new(json!({}));
    stage.feed(Input::Connect);
    let failure = Error::new(Code::TokenUnavailable, "no");
    let error = closing_error(stage.feed(Input::LinkFailed(ConnId(1), failure.clone())));
    assert_eq!(error, failure);
    assert_eq!(stage.session.deadline(), None);
}

#[test]
fn nothing_follows_the_closed_event() {
    let mut stage = Stage::open();
    let last = events(stage.feed(Input::SocketClosed(ConnId(1), CloseFrame::default())));
    assert!(matches!(last.last(), Some(Event::Closed { .. })));
    let failure = Error::new(Code::Internal, "late");
    for input in [
        Input::Close,
        Input::Abort,
        Input::Tick,
        Input::Connect,
        Input::Speaker(false),
        Input::Message("{}".into()),
        Input::PlaybackFailed(failure.clone()),
        Input::Fail(failure),
        playing(1.0, 1.0),
    ] {
        assert!(stage.feed(input).is_empty());
    }
    assert!(stage.frame(json!({ "serverContent": { "turnComplete": true } })).is_empty());
}

#[test]
fn a_replaced_socket_is_not_heard() {
    let mut stage = Stage::open();
    assert!(stage.feed(Input::SocketClosed(ConnId(9), CloseFrame::default())).is_empty());
    assert!(stage.feed(Input::Frame(ConnId(9), b"{\"goAway\":{}}")).is_empty());
    assert_eq!(stage.session.state(), State::Open);
}

#[test]
fn an_abort_before_the_session_is_open_is_a_failure_and_after_it_a_close() {
    let mut stage = Stage::new(json!({}));
    stage.feed(Input::Connect);
    assert_eq!(closing_error(stage.feed(Input::Abort)).code, Code::Aborted);

    let mut stage = Stage::open();
    assert!(stage.feed(Input::Abort).contains(&Action::CloseSocket(ConnId(1), 1000)));
    assert_eq!(stage.session.state(), State::Closing);
}

#[test]
fn closing_waits_for_the_handshake_and_not_for_ever() {
    let mut stage = Stage::open();
    assert!(stage.feed(Input::Close).contains(&Action::CloseSocket(ConnId(1), 1000)));
    let close = CloseFrame { code: 1000, reason: String::new() };
    let last = events(stage.feed(Input::SocketClosed(ConnId(1), close.clone())));
    assert_eq!(last.last(), Some(&Event::Closed { close: Some(close), error: None }));

    let mut stage = Stage::open();
    stage.feed(Input::Close);
    let last = events(stage.wait_for_deadline());
    assert_eq!(last.last(), Some(&Event::Closed { close: None, error: None }));
}

#[test]
fn a_malformed_frame_is_reported_and_the_session_goes_on() {
    let mut stage = Stage::open();
    let actions = stage.feed(Input::Frame(ConnId(1), b"{ not json"));
    assert_eq!(warning_codes(actions), [WarningCode::MalformedFrame]);
    assert_eq!(stage.session.stats().malformed_messages, 1);
    assert!(!events(stage.frame(json!({ "serverContent": { "generationComplete": true } }))).is_empty());
}

#[test]
fn a_frame_over_the_bound_ends_the_session() {
    let mut stage = Stage::open();
    let huge = vec![b' '; Policy::default().frame_bytes + 1];
    let error = closing_error(stage.feed(Input::Frame(ConnId(1), &huge)));
    assert_eq!(error.code, Code::FrameTooLarge);
}

#[test]
fn every_field_of_a_frame_is_dispatched() {
    let mut stage = Stage::open();
    stage.feed(Input::Speaker(true));
    let mut frame = audio(240);
    frame["serverContent"]["outputTranscription"] = json!({ "text": "Hello" });
    frame["serverContent"]["turnComplete"] = json!(true);
    frame["usageMetadata"] = json!({ "totalTokenCount": 7 });
    let actions = stage.frame(frame);
    assert!(matches!(actions.first(), Some(Action::Play { generation: 0, .. })));
    let kinds: Vec<_> = events(actions).iter().map(|event| json!(event)["type"].clone()).collect();
    assert_eq!(kinds, ["outputTranscription", "usageMetadata", "turnComplete"]);
}

#[test]
fn microphone_frames_are_sent_at_once_and_only_while_open() {
    let mut stage = Stage::new(json!({}));
    assert!(stage.speak(1).is_empty());
    let mut stage = Stage::open();
    let actions = stage.speak(3);
    assert_eq!(sent(&actions).len(), 3);
    assert!(sent(&actions).iter().all(|text| text.contains("audio/pcm;rate=16000")));
    assert_eq!(stage.session.stats().audio_frames_sent, 3);
}

#[test]
fn a_pause_of_a_second_is_told_once_and_audio_may_go_on() {
    let mut stage = Stage::open();
    stage.speak(1);
    assert!(stage.wait(999).is_empty());
    let actions = stage.wait_for_deadline();
    assert_eq!(sent(&actions), [AUDIO_STREAM_END]);
    assert!(stage.wait(10_000).is_empty());
    assert_eq!(stage.session.deadline(), None);
    stage.speak(1);
    assert_eq!(sent(&stage.wait(1000)), [AUDIO_STREAM_END]);
}

#[test]
fn with_manual_activity_no_pause_is_told() {
    let mut stage =
        Stage::new(json!({ "realtimeInputConfig": { "automaticActivityDetection": { "disabled": true } } }));
    stage.feed(Input::Connect);
    stage.feed(Input::Opened(ConnId(1)));
    stage.frame(json!({ "setupComplete": {} }));
    stage.speak(1);
    assert!(stage.wait(5000).is_empty());
}

#[test]
fn a_muted_microphone_sends_nothing_and_counts_as_a_pause() {
    let mut stage = Stage::open();
    stage.speak(1);
    stage.feed(Input::Mute(true));
    assert!(stage.speak(5).is_empty());
    assert_eq!(sent(&stage.wait(1000)), [AUDIO_STREAM_END]);
    stage.feed(Input::Mute(false));
    assert_eq!(sent(&stage.speak(1)).len(), 1);
}

#[test]
fn audio_is_held_while_the_socket_is_full_and_the_oldest_goes_first() {
    let mut stage = Stage::open();
    stage.feed(Input::Backlog(ConnId(1), 1 << 20));
    assert!(stage.speak(100).is_empty());
    assert_eq!(warning_codes(stage.speak(20)), [WarningCode::AudioDropped]);
    assert_eq!(stage.session.stats().audio_frames_dropped, 20);
    // What is sent fills the socket again: no more goes out than the budget takes.
    let mut rounds = Vec::new();
    while stage.session.stats().audio_frames_sent < 100 {
        stage.feed(Input::Backlog(ConnId(1), 0));
        let actions = stage.wait_for_deadline();
        rounds.push(sent(&actions).iter().map(|text| text.len()).sum::<usize>());
    }
    let budget = Policy::default().backlog_bytes as usize;
    assert!(rounds.len() > 1 && rounds.iter().all(|&bytes| bytes < budget + 1000), "{rounds:?}");
}

#[test]
fn a_message_is_refused_loudly_when_too_much_waits_and_when_not_open() {
    let mut stage = Stage::open();
    assert_eq!(sent(&stage.feed(Input::Message("{}".into()))), ["{}"]);
    stage.feed(Input::Backlog(ConnId(1), u32::MAX));
    assert_eq!(warning_codes(stage.feed(Input::Message("{}".into()))), [WarningCode::SendOverflow]);
    let mut stage = Stage::new(json!({}));
    assert_eq!(warning_codes(stage.feed(Input::Message("{}".into()))), [WarningCode::NotSent]);
}

#[test]
fn audio_without_a_speaker_is_counted_and_reported_once() {
    let mut stage = Stage::open();
    assert_eq!(warning_codes(stage.frame(audio(240))), [WarningCode::NoSpeaker]);
    assert!(stage.frame(audio(240)).is_empty());
    assert_eq!(stage.session.stats().playback_samples_unheard, 480.0);
}

#[test]
fn an_interruption_voids_the_answer_and_says_what_was_heard() {
    let mut stage = Stage::open();
    stage.feed(Input::Speaker(true));
    stage.frame(audio(24_000));
    stage.feed(playing(0.0, 24_000.0));
    stage.feed(playing(6_000.0, 18_000.0));
    let actions = stage.frame(json!({ "serverContent": { "interrupted": true } }));
    assert_eq!(actions.first(), Some(&Action::Void { generation: 1 }));
    assert_eq!(events(actions), [Event::Interrupted { heard_ms: Some(250.0) }]);
    let actions = stage.frame(audio(240));
    assert!(matches!(actions.first(), Some(Action::Play { generation: 1, .. })));
}

#[test]
fn speech_ends_when_it_is_drained_and_the_turn_is_complete() {
    let complete = json!({ "serverContent": { "turnComplete": true } });
    let is_end = |event: &Event| matches!(event, Event::PlaybackEnded { heard_ms } if *heard_ms == 1000.0);
    // The turn is complete first.
    let mut stage = Stage::open();
    stage.feed(Input::Speaker(true));
    stage.frame(audio(24_000));
    assert!(started(stage.feed(playing(0.0, 24_000.0))));
    assert!(!events(stage.frame(complete.clone())).iter().any(is_end));
    assert!(events(stage.feed(playing(24_000.0, 0.0))).iter().any(is_end));
    // The speaker is silent first.
    let mut stage = Stage::open();
    stage.feed(Input::Speaker(true));
    stage.frame(audio(24_000));
    stage.feed(playing(0.0, 24_000.0));
    assert!(events(stage.feed(playing(24_000.0, 0.0))).is_empty());
    assert!(events(stage.frame(complete)).iter().any(is_end));
}

#[test]
fn a_gap_in_the_middle_of_an_answer_is_not_its_end() {
    let mut stage = Stage::open();
    stage.feed(Input::Speaker(true));
    stage.frame(audio(2400));
    stage.feed(playing(0.0, 2400.0));
    stage.feed(playing(2400.0, 0.0));
    stage.frame(audio(2400));
    let ended = |events: Vec<Event>| events.iter().any(|event| matches!(event, Event::PlaybackEnded { .. }));
    assert!(!ended(events(stage.frame(json!({ "serverContent": { "turnComplete": true } })))));
    stage.feed(playing(2400.0, 2400.0));
    assert!(ended(events(stage.feed(playing(4800.0, 0.0)))));
}

#[test]
fn turn_latency_runs_from_the_end_of_speech_to_the_first_sample_heard() {
    let mut stage = Stage::open();
    stage.feed(Input::Speaker(true));
    for frame in 0..100_u32 {
        let level = if (25..50).contains(&frame) { 8000 } else { 0 };
        stage.feed(Input::Audio(&std::array::from_fn::<i16, 320, _>(|i| {
            if i % 2 == 0 { level } else { -level }
        })));
        stage.wait(20);
    }
    stage.frame(audio(2400));
    let actions = stage.feed(playing(0.0, 2400.0));
    let Some(Event::PlaybackStarted { latency_ms: Some(latency) }) = events(actions).pop() else {
        panic!("no latency");
    };
    assert!((980.0..=1040.0).contains(&latency), "{latency} ms after 1 s of silence");
    assert_eq!(stage.session.stats().turn_latency_ms, Some(latency));
}

#[test]
fn a_failure_of_the_application_ends_the_session_with_its_reason() {
    let mut stage = Stage::open();
    let failure = Error::new(Code::EventOverflow, "too slow");
    assert_eq!(closing_error(stage.feed(Input::Fail(failure.clone()))), failure);
}
