//! A first connection whose handle is too old.

use super::*;

const STALE: &str = "Invalid session handle.";

/// A session whose setup was refused because of its handle, and what it does then.
fn refused(fresh_if_stale: bool, config: serde_json::Value) -> (Talk, Vec<Action>) {
    refused_with(STALE, fresh_if_stale, config)
}

fn refused_with(reason: &str, fresh_if_stale: bool, config: serde_json::Value) -> (Talk, Vec<Action>) {
    let mut talk = Talk::by(Policy { fresh_if_stale, ..Policy::default() }, "sim-parrot", config);
    talk.feed(Input::Connect);
    talk.feed(Input::Opened(ConnId(1)));
    let close = CloseFrame { code: 1007, reason: reason.to_owned() };
    let actions = talk.feed(Input::SocketClosed(ConnId(1), close));
    (talk, actions)
}

fn with_handle() -> serde_json::Value {
    json!({ "sessionResumption": { "handle": "of another time" } })
}

#[test]
fn a_stale_handle_that_nobody_chose_begins_a_fresh_session_and_says_so() {
    let (mut talk, actions) = refused(true, with_handle());
    assert_eq!(actions, [Action::Open(ConnId(2))]);
    assert_eq!(talk.session.state(), State::Connecting);
    let offered = talk.feed(Input::Opened(ConnId(2)));
    let setup = sent(&offered).concat();
    assert!(setup.contains(r#""sessionResumption":{}"#) && !setup.contains("another time"), "{setup}");
    let told = events(talk.feed(Input::Frame(ConnId(2), br#"{"setupComplete":{}}"#)));
    let place = |wanted: &str| told.iter().position(|event| format!("{event:?}").starts_with(wanted));
    assert!(place("SetupComplete").is_some() && place("SetupComplete") < place("Restarted"), "{told:?}");
}

#[test]
fn it_is_tried_once_and_within_the_same_deadline() {
    let (mut talk, _) = refused(true, with_handle());
    talk.feed(Input::Opened(ConnId(2)));
    let close = CloseFrame { code: 1007, reason: STALE.to_owned() };
    let again = talk.feed(Input::SocketClosed(ConnId(2), close));
    assert_eq!(closing_error(again).code, Code::SetupRefused);

    let (mut talk, _) = refused(true, with_handle());
    assert_eq!(closing_error(talk.wait_for_deadline()).code, Code::Timeout);
    assert_eq!(talk.now, Instant::from_ms(16_000.0));
}

/// What is offered over the link that comes next, and when; it is refused like the first.
fn refused_again(talk: &mut Talk, conn: u32) -> (String, u64) {
    let actions = talk.wait_for_deadline();
    assert_eq!(actions, [Action::Open(ConnId(conn))]);
    let setup = sent(&talk.feed(Input::Opened(ConnId(conn)))).concat();
    (setup, talk.now.ms_since(Instant::from_ms(1000.0)) as u64)
}

#[test]
fn a_handle_whose_connection_is_still_open_there_is_offered_again() {
    let in_use = CloseFrame { code: 1011, reason: "Internal error encountered.".to_owned() };
    let refuse = |talk: &mut Talk, conn| talk.feed(Input::SocketClosed(ConnId(conn), in_use.clone()));
    let first = || {
        let mut talk =
            Talk::by(Policy { fresh_if_stale: true, ..Policy::default() }, "sim-parrot", with_handle());
        talk.feed(Input::Connect);
        talk.feed(Input::Opened(ConnId(1)));
        assert_eq!(refuse(&mut talk, 1), [], "it is only waited for");
        talk
    };
    // The page before is gone in a moment.
    let mut talk = first();
    let (setup, at) = refused_again(&mut talk, 2);
    assert!(setup.contains("of another time") && at <= 500, "{at}: {setup}");
    let told = events(talk.feed(Input::Frame(ConnId(2), br#"{"setupComplete":{}}"#)));
    assert!(!told.iter().any(|event| matches!(event, Event::Restarted { .. })), "{told:?}");
    // Another tab stays.
    let mut talk = first();
    let mut last = 1;
    while talk.session.deadline().is_some_and(|due| due < Instant::from_ms(16_000.0)) {
        last += 1;
        let (setup, at) = refused_again(&mut talk, last);
        assert!(setup.contains("of another time") && at <= 7500, "{at}: {setup}");
        let actions = refuse(&mut talk, last);
        if actions == [Action::Open(ConnId(last + 1))] {
            last += 1;
            break;
        }
    }
    assert!(last > 3, "{last}");
    let setup = sent(&talk.feed(Input::Opened(ConnId(last)))).concat();
    assert!(!setup.contains("another time"), "{setup}");
    let told = events(talk.feed(Input::Frame(ConnId(last), br#"{"setupComplete":{}}"#)));
    assert!(told.iter().any(|event| matches!(event, Event::Restarted { .. })), "{told:?}");
    // Who fails without it as well has failed.
    let mut talk = Talk::by(
        Policy { fresh_if_stale: true, connect: std::time::Duration::from_millis(100), ..Policy::default() },
        "sim-parrot",
        with_handle(),
    );
    talk.feed(Input::Connect);
    talk.feed(Input::Opened(ConnId(1)));
    assert_eq!(refuse(&mut talk, 1), [Action::Open(ConnId(2))], "there is no time for a pause");
    talk.feed(Input::Opened(ConnId(2)));
    assert_eq!(closing_error(refuse(&mut talk, 2)).code, Code::SetupRefused);
}

#[test]
fn a_handle_of_the_applications_own_is_refused_to_the_application() {
    let (_, actions) = refused(false, with_handle());
    assert_eq!(closing_error(actions).code, Code::SetupRefused);
    let (_, actions) = refused(true, json!({}));
    assert_eq!(closing_error(actions).code, Code::SetupRefused, "there was none");
}

#[test]
fn a_handle_may_be_refused_in_any_words_but_those_of_trouble() {
    for (reason, is_tried) in [
        ("Request contains an invalid argument.", true),
        ("Precondition check failed.", true),
        ("Token has been used too many times", false),
        ("The service is currently unavailable.", false),
    ] {
        let (_, actions) = refused_with(reason, true, with_handle());
        assert_eq!(actions == [Action::Open(ConnId(2))], is_tried, "{reason}");
    }
}

#[test]
fn a_fresh_session_knows_no_calls_of_the_one_before() {
    let (mut talk, _) = refused(true, with_handle());
    talk.feed(Input::Opened(ConnId(2)));
    talk.feed(Input::Frame(ConnId(2), br#"{"setupComplete":{}}"#));
    let answered = talk.answer(json!([{ "id": "of another time", "name": "f", "response": {} }]));
    assert_eq!(warning_codes(answered), ["unknown-call"]);
}
