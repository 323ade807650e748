//! From the first token to the last event.

use super::*;

#[test]
fn connecting_asks_for_one_socket_and_offers_the_setup_when_it_opens() {
    let mut talk = Talk::new(json!({}));
    let actions = talk.feed(Input::Connect);
    assert!(actions.contains(&Action::Open(ConnId(1))));
    assert_eq!(talk.session.state(), State::Connecting);
    assert!(talk.feed(Input::Connect).is_empty());

    let actions = talk.feed(Input::Opened(ConnId(1)));
    assert_eq!(sent(&actions), [r#"{"setup":{"model":"models/sim-parrot"}}"#]);

    let actions = talk.frame(json!({ "setupComplete": {} }));
    assert_eq!(talk.session.state(), State::Open);
    assert!(events(actions).iter().any(|event| matches!(event, Event::SetupComplete { .. })));
}

#[test]
fn what_is_dialled_ahead_says_nothing_until_the_session_begins() {
    for has_opened in [true, false] {
        let mut talk = Talk::new(json!({}));
        assert_eq!(talk.feed(Input::Dial), [Action::Open(ConnId(1))]);
        assert!(talk.feed(Input::Dial).is_empty());
        talk.feed(Input::TokenReady(ConnId(1)));
        if has_opened {
            assert!(talk.feed(Input::Opened(ConnId(1))).is_empty());
        }
        assert_eq!(talk.session.deadline(), None, "the user may take long over the microphone");
        talk.wait(29_000);
        let mut actions = talk.feed(Input::Connect);
        assert!(!actions.iter().any(|action| matches!(action, Action::Open(_))));
        if !has_opened {
            actions = talk.feed(Input::Opened(ConnId(1)));
        }
        assert_eq!(sent(&actions), [r#"{"setup":{"model":"models/sim-parrot"}}"#]);
        assert!(talk.session.deadline().is_some());
    }
}

/// A session that has dialled ahead, and was told this a moment later.
fn dialled(inputs: Vec<Input<'_>>) -> Talk {
    let mut talk = Talk::new(json!({}));
    talk.feed(Input::Dial);
    talk.wait(1_000);
    inputs.into_iter().for_each(|input| assert!(events(talk.feed(input)).is_empty()));
    talk
}

fn closed(code: u16) -> Input<'static> {
    Input::SocketClosed(ConnId(1), CloseFrame { code, reason: String::new() })
}

const FIRST: ConnId = ConnId(1);

#[test]
fn what_was_dialled_ahead_is_dialled_anew_if_it_is_not_as_good_as_new() {
    let opened = || vec![Input::TokenReady(FIRST), Input::Opened(FIRST)];
    let with = |input| opened().into_iter().chain([input]).collect();
    for (inputs, long_ms, is_closed) in [
        (opened(), 31_000, true),
        (vec![Input::TokenReady(FIRST)], 31_000, true),
        (with(closed(1000)), 1_000, false),
        (with(closed(1008)), 1_000, false),
        (vec![Input::TokenReady(FIRST), closed(1006)], 1_000, false),
        (vec![Input::LinkFailed(FIRST, Error::new(Code::TokenUnavailable, "no"))], 31_000, false),
        (vec![Input::LinkFailed(FIRST, Error::new(Code::Network, "no")), Input::Network(true)], 1_000, false),
    ] {
        let what = format!("{inputs:?}");
        let mut talk = dialled(inputs);
        talk.wait(long_ms);
        let actions = talk.feed(Input::Connect);
        assert_eq!(actions.contains(&Action::CloseSocket(FIRST, 1000)), is_closed, "{what}");
        assert!(actions.contains(&Action::Open(ConnId(2))), "{what}");
        assert!(talk.feed(Input::Opened(FIRST)).is_empty());
        assert_eq!(sent(&talk.feed(Input::Opened(ConnId(2)))).len(), 1, "{what}");
    }
}

#[test]
fn what_may_be_gone_without_a_word_is_given_up_at_once() {
    for input in [Input::Network(false), Input::Woke] {
        let mut talk = dialled(vec![Input::TokenReady(FIRST), Input::Opened(FIRST)]);
        assert!(talk.feed(input).contains(&Action::CloseSocket(FIRST, 1000)));
        assert!(talk.feed(Input::Connect).contains(&Action::Open(ConnId(2))));
    }
}

#[test]
fn a_question_for_a_token_is_asked_once_however_long_the_user_takes() {
    for input in [Input::Network(false), Input::Woke, Input::Tick] {
        let mut talk = dialled(vec![input]);
        talk.wait(100_000);
        assert!(!talk.feed(Input::Connect).iter().any(|action| matches!(action, Action::Open(_))));
        talk.feed(Input::TokenReady(FIRST));
        assert_eq!(sent(&talk.feed(Input::Opened(FIRST))).len(), 1);
    }
    // It is as old as its answer.
    let mut talk = dialled(vec![]);
    talk.wait(29_000);
    talk.feed(Input::TokenReady(FIRST));
    talk.feed(Input::Opened(FIRST));
    talk.wait(29_000);
    assert_eq!(sent(&talk.feed(Input::Connect)).len(), 1);
}

#[test]
fn what_had_waited_and_turns_out_to_be_closed_or_too_old_is_no_answer_to_the_setup() {
    let expired = || {
        let reason = "Token has expired".to_owned();
        Input::SocketClosed(FIRST, CloseFrame { code: 1011, reason })
    };
    for close in [closed(1000), closed(1005), closed(1006), expired()] {
        let what = format!("{close:?}");
        let mut talk = dialled(vec![Input::TokenReady(FIRST), Input::Opened(FIRST)]);
        assert_eq!(sent(&talk.feed(Input::Connect)).len(), 1);
        let actions = talk.feed(close);
        assert_eq!(actions, [Action::Open(ConnId(2))], "{what}");
        talk.feed(Input::Opened(ConnId(2)));
        // The second has not waited.
        let close = CloseFrame { code: 1006, reason: String::new() };
        assert_eq!(
            closing_error(talk.feed(Input::SocketClosed(ConnId(2), close))).code,
            Code::Network,
            "{what}"
        );
    }
    let mut talk = dialled(vec![Input::TokenReady(FIRST), Input::Opened(FIRST)]);
    talk.feed(Input::Connect);
    assert_eq!(closing_error(talk.feed(closed(1007))).code, Code::SetupRefused);
}

#[test]
fn a_token_that_could_not_be_had_ahead_is_told_when_the_session_begins() {
    let failure = Error::new(Code::TokenUnavailable, "no");
    let mut talk = dialled(vec![Input::LinkFailed(FIRST, failure.clone())]);
    let actions = talk.feed(Input::Connect);
    assert!(!actions.iter().any(|action| matches!(action, Action::Open(_))));
    assert_eq!(closing_error(actions), failure);
}

#[test]
fn what_was_dialled_ahead_is_closed_with_its_session() {
    for input in [Input::Abort, Input::Close] {
        let mut talk = dialled(vec![]);
        let actions = talk.feed(input);
        assert!(actions.contains(&Action::CloseSocket(FIRST, 1000)), "nobody else would close it");
        assert!(talk.feed(Input::Connect).is_empty());
    }
}

#[test]
fn a_token_that_never_comes_times_out() {
    let mut talk = Talk::new(json!({}));
    talk.feed(Input::Connect);
    let actions = talk.wait_for_deadline();
    assert!(actions.contains(&Action::CloseSocket(ConnId(1), 1000)));
    let error = closing_error(actions);
    assert_eq!((error.code, error.retryable), (Code::Timeout, true));
    assert_eq!(talk.now, Instant::from_ms(16_000.0));
}

#[test]
fn a_setup_that_is_never_answered_times_out_at_the_same_deadline() {
    let mut talk = Talk::new(json!({}));
    talk.feed(Input::Connect);
    talk.wait(14_000);
    talk.feed(Input::Opened(ConnId(1)));
    let error = closing_error(talk.wait_for_deadline());
    assert_eq!(error.code, Code::Timeout);
    assert!(error.message.contains("did not answer the setup"));
    assert_eq!(talk.now, Instant::from_ms(16_000.0));
}

#[test]
fn a_timeout_names_what_is_missing_and_no_other_step() {
    let timeout = |inputs: Vec<Input<'static>>| {
        let mut talk = Talk::new(json!({}));
        inputs.into_iter().for_each(|input| drop(talk.feed(input)));
        closing_error(talk.wait_for_deadline())
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
    let mut talk = Talk::open();
    assert!(talk.feed(Input::LinkFailed(ConnId(9), Error::new(Code::Network, "old"))).is_empty());
    let failure = frame_too_large(5, 4);
    let actions = talk.feed(Input::LinkFailed(ConnId(1), failure.clone()));
    assert!(actions.contains(&Action::CloseSocket(ConnId(1), 1000)));
    assert_eq!(closing_error(actions), failure);
}

#[test]
fn a_refused_setup_ends_with_the_services_code_and_reason() {
    let mut talk = Talk::new(json!({}));
    talk.feed(Input::Connect);
    talk.feed(Input::Opened(ConnId(1)));
    let close = CloseFrame { code: 1007, reason: "Request contains an invalid argument.".into() };
    let error = closing_error(talk.feed(Input::SocketClosed(ConnId(1), close.clone())));
    assert_eq!((error.code, error.close.clone(), error.retryable), (Code::SetupRefused, Some(close), false));
}

#[test]
fn a_failing_token_provider_ends_the_connect_with_its_error() {
    let mut talk = Talk::new(json!({}));
    talk.feed(Input::Connect);
    let failure = Error::new(Code::TokenUnavailable, "no");
    let error = closing_error(talk.feed(Input::LinkFailed(ConnId(1), failure.clone())));
    assert_eq!(error, failure);
    assert_eq!(talk.session.deadline(), None);
}

#[test]
fn nothing_follows_the_closed_event() {
    let mut talk = Talk::open();
    let last = events(talk.feed(Input::SocketClosed(ConnId(1), CloseFrame::default())));
    assert!(matches!(last.last(), Some(Event::Closed { .. })));
    let failure = Error::new(Code::Internal, "late");
    for input in [
        Input::Close,
        Input::Abort,
        Input::Tick,
        Input::Connect,
        Input::Speaker(false),
        Input::Microphone(true),
        Input::Microphone(false),
        Input::Mute(true),
        Input::Speaker(true),
        Input::Audio(&[9000; 320]),
        Input::CaptureLost(1),
        Input::Opened(ConnId(1)),
        Input::PlaybackFailed(failure.clone()),
        Input::Fail(failure),
        playing(1.0, 1.0),
    ] {
        assert!(talk.feed(input).is_empty());
    }
    assert!(talk.say("late").is_empty());
    assert!(talk.frame(json!({ "serverContent": { "turnComplete": true } })).is_empty());
    assert_eq!(talk.session.deadline(), None);
}

#[test]
fn a_replaced_socket_is_not_heard() {
    let mut talk = Talk::open();
    assert!(talk.feed(Input::SocketClosed(ConnId(9), CloseFrame::default())).is_empty());
    assert!(talk.feed(Input::Frame(ConnId(9), b"{\"goAway\":{}}")).is_empty());
    assert_eq!(talk.session.state(), State::Open);
}

#[test]
fn an_abort_before_the_session_is_open_is_a_failure_and_after_it_a_close() {
    let mut talk = Talk::new(json!({}));
    talk.feed(Input::Connect);
    assert_eq!(closing_error(talk.feed(Input::Abort)).code, Code::Aborted);

    let mut talk = Talk::open();
    assert!(talk.feed(Input::Abort).contains(&Action::CloseSocket(ConnId(1), 1000)));
    assert_eq!(talk.session.state(), State::Closing);
}

#[test]
fn closing_waits_for_the_handshake_and_not_for_ever() {
    let mut talk = Talk::open();
    assert!(talk.feed(Input::Close).contains(&Action::CloseSocket(ConnId(1), 1000)));
    let close = CloseFrame { code: 1000, reason: String::new() };
    let last = events(talk.feed(Input::SocketClosed(ConnId(1), close.clone())));
    assert_eq!(last.last(), Some(&Event::Closed { close: Some(close), error: None }));

    let mut talk = Talk::open();
    talk.feed(Input::Close);
    let last = events(talk.wait_for_deadline());
    assert_eq!(last.last(), Some(&Event::Closed { close: None, error: None }));
}

#[test]
fn a_malformed_frame_is_reported_and_the_session_goes_on() {
    let mut talk = Talk::open();
    let actions = talk.feed(Input::Frame(ConnId(1), b"{ not json"));
    assert_eq!(warning_codes(actions), ["malformed-frame"]);
    assert_eq!(talk.session.stats().malformed_messages, 1);
    assert!(!events(talk.frame(json!({ "serverContent": { "generationComplete": true } }))).is_empty());
}

#[test]
fn a_frame_over_the_bound_ends_the_session() {
    let mut talk = Talk::open();
    let huge = vec![b' '; Policy::default().frame_bytes + 1];
    let error = closing_error(talk.feed(Input::Frame(ConnId(1), &huge)));
    assert_eq!(error.code, Code::FrameTooLarge);
}

#[test]
fn a_failure_of_the_application_ends_the_session_with_its_reason() {
    let mut talk = Talk::open();
    let failure = Error::new(Code::EventOverflow, "too slow");
    assert_eq!(closing_error(talk.feed(Input::Fail(failure.clone()))), failure);
}

#[test]
fn time_that_goes_back_stands_still() {
    let mut talk = Talk::new(json!({}));
    talk.feed(Input::Connect);
    talk.session.handle(Input::TokenReady(ConnId(1)), Instant::ZERO);
    assert_eq!(talk.session.deadline(), Some(Instant::from_ms(16_000.0)));
    talk.session.handle(Input::Opened(ConnId(1)), Instant::from_ms(16_000.0));
    talk.session.handle(Input::Tick, Instant::ZERO);
    assert_eq!(talk.session.state(), State::Closed, "the latest time counts");
}

#[test]
fn what_is_fed_between_two_actions_lines_up_behind_them() {
    let mut talk = Talk::open();
    let frame = json!({ "serverContent": { "outputTranscription": { "text": "a" }, "turnComplete": true } });
    talk.session.handle(Input::Frame(ConnId(1), frame.to_string().as_bytes()), talk.now);
    let mut order = Vec::new();
    while let Some(action) = talk.session.poll() {
        if let Action::Emit(SessionEvent::Server(_)) = action {
            talk.session.handle(Input::Close, talk.now);
        }
        order.push(
            format!("{action:?}").chars().take_while(|letter| letter.is_alphabetic()).collect::<String>(),
        );
    }
    assert_eq!(order, ["Emit", "Finish", "Emit", "Flush", "CloseSocket", "Emit"]);
}

#[test]
fn a_closing_session_is_silent_at_once_and_still_hears_what_comes() {
    let mut talk = Talk::open();
    talk.feed(Input::Speaker(true));
    talk.frame(audio(24_000));
    talk.feed(playing(1000.0, 23_000.0));
    let actions = talk.feed(Input::Close);
    assert!(actions.contains(&Action::Flush { epoch: 1 }));
    let actions = talk.frame(audio(24_000));
    assert_eq!(plays(&actions), 0, "it would be heard after the wish for silence");
    let said = json!({ "serverContent": { "outputTranscription": { "text": "bye" } } });
    assert!(matches!(events(talk.frame(said))[..], [Event::OutputTranscription(_)]));
    assert!(talk.stream(5).is_empty());
    assert_eq!(talk.session.stats().audio_frames_dropped, 5, "what is not heard is counted");
    assert_eq!(warning_codes(talk.say("one more")), ["not-sent"]);
}

#[test]
fn a_failure_while_closing_ends_what_was_to_end_anyway() {
    let mut talk = Talk::open();
    talk.feed(Input::Close);
    let last = events(talk.feed(Input::LinkFailed(ConnId(1), Error::new(Code::Network, "gone"))));
    assert_eq!(last.last(), Some(&Event::Closed { close: None, error: None }));
}

#[test]
fn a_lost_connection_lets_the_answer_be_played_to_its_end() {
    let mut talk = Talk::open_for_once();
    talk.feed(Input::Speaker(true));
    talk.frame(audio(24_000));
    let actions = talk.feed(Input::SocketClosed(ConnId(1), CloseFrame { code: 1006, reason: String::new() }));
    assert_eq!(actions.first(), Some(&Action::Finish));
    assert!(!actions.iter().any(|action| matches!(action, Action::Flush { .. })));
}

#[test]
fn a_setup_and_a_handle_are_not_shown() {
    let mut talk =
        Talk::new(json!({ "systemInstruction": "secret", "sessionResumption": { "handle": "secret" } }));
    talk.feed(Input::Connect);
    let shown = format!("{:?} {:?}", talk.feed(Input::Opened(ConnId(1))), talk.session);
    assert!(shown.contains("Setup") && !shown.contains("secret"), "{shown}");
}

#[test]
fn a_doubt_asks_for_three_tokens_and_no_more() {
    let mut talk = Talk::open();
    let opened = |actions: &[Action]| actions.iter().any(|action| matches!(action, Action::Open(_)));
    talk.frame(json!({ "sessionResumptionUpdate": { "newHandle": "h", "resumable": true } }));
    assert!(opened(&talk.feed(Input::Woke)));
    for conn in [2, 3, 4] {
        let close = CloseFrame { code: 1011, reason: "Token has been used too many times".to_owned() };
        talk.feed(Input::SocketClosed(ConnId(conn), close));
        assert_eq!(opened(&talk.pass(2000)), conn < 4, "{conn}");
    }
    assert!(!opened(&talk.pass(600_000)) && talk.session.state() == State::Open);
}
