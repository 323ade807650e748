//! Rows: what happens, and what is told of it.

use gemini_live_web::{
    error::CloseFrame,
    event::{Event, State},
    session::{BargeInPolicy, Input, Policy},
};
use serde_json::json;

use super::{
    network::{broken, close},
    step::{Item, Step},
    world::World,
};

/// Pauses that chance has no share in.
pub(super) fn steady() -> Policy {
    let mut policy = Policy::default();
    policy.retry.jitter = 0.0;
    policy
}

pub(super) fn open() -> World {
    World::open(steady(), json!({ "responseModalities": ["AUDIO"], "sessionResumption": {} }))
}

/// What is told after the session was open for two seconds, with times that begin there.
pub(super) fn told(steps: Vec<(f64, Step)>, rest: f64) -> (World, Vec<String>) {
    let mut world = open();
    let (told, start) = (world.told.len(), world.now);
    for (pause, step) in steps {
        world.pass(pause);
        world.step(step);
    }
    world.pass(rest);
    world.told.drain(..told);
    world.told.iter_mut().for_each(|(at, _)| *at -= start);
    let outline = world.outline();
    (world, outline)
}

pub(super) fn assert_told(steps: Vec<(f64, Step)>, rest: f64, wanted: &[&str]) {
    let shown = format!("{steps:?}");
    assert_eq!(told(steps, rest).1, wanted, "{shown}");
}

pub(super) fn cut() -> Step {
    Step::Cut(0.0, broken())
}

pub(super) fn closed(code: u16, reason: &str) -> Step {
    Step::Cut(0.0, close(code, reason))
}

pub(super) fn refuse(times: usize, code: u16, reason: &str) -> Step {
    Step::Refuse(vec![close(code, reason); times])
}

#[test]
fn a_lost_connection_is_made_again_at_once() {
    assert_told(
        vec![(0.0, cut())],
        9000.0,
        &["0 reconnecting", "0 network 1 0", "250 open", "250 resumed 0 0"],
    );
    assert_told(
        vec![(0.0, closed(1008, "The operation was aborted."))],
        9000.0,
        &["0 reconnecting", "0 service 1 0", "250 open", "250 resumed 0 0"],
    );
}

#[test]
fn an_answer_that_was_paused_goes_on_though_the_connection_is_another_then() {
    let mut policy = steady();
    policy.barge_in = Some(BargeInPolicy::default());
    let mut world = World::open(policy, json!({ "responseModalities": ["AUDIO"], "sessionResumption": {} }));
    world.step(Step::Answer);
    world.pass(500.0);
    let (told, start) = (world.told.len(), world.now);
    world.step(Step::Speak(10));
    world.pass(150.0);
    world.step(cut());
    // Who answered is not there any more: over that nobody barges in, though the user speaks on.
    world.step(Step::Speak(100));
    world.pass(9000.0);
    world.told.drain(..told);
    world.told.iter_mut().for_each(|(at, _)| *at -= start);
    let wanted = [
        "80 paused",
        "150 reconnecting",
        "150 network 1 0",
        "400 open",
        "400 resumed 260 0",
        "2630 continued 2550",
    ];
    assert_eq!(world.outline(), wanted);
}

#[test]
fn the_pauses_between_attempts_grow_and_have_an_end() {
    let wanted = [
        "0 reconnecting",
        "0 network 1 0",
        "100 network 2 500",
        "700 network 3 1000",
        "1800 network 4 2000",
        "3900 network 5 4000",
        "8000 network 6 8000",
        "16100 network 7 10000",
        "26200 network 8 10000",
        "36300 network 9 10000",
        "46400 network 10 10000",
        "56500 network 11 3500",
        "60100 closed",
        "60100 closed network",
    ];
    assert_told(vec![(0.0, Step::Down(true)), (0.0, cut())], 90_000.0, &wanted);
    let wanted = [&wanted[..5], &["2500 network 4 0", "2750 open", "2750 resumed 0 0"]].concat();
    let steps = vec![(0.0, Step::Down(true)), (0.0, cut()), (2500.0, Step::Down(false)), (0.0, Step::Retry)];
    assert_told(steps, 9000.0, &wanted);
}

#[test]
fn chance_shortens_pauses_and_no_two_sessions_the_same() {
    let pauses = |seed| {
        let mut policy = Policy::default();
        policy.seed = seed;
        let mut world = World::open(policy, json!({}));
        world.step(Step::Down(true));
        world.step(cut());
        world.pass(90_000.0);
        let pause = |(_, event): &(f64, Event)| match event {
            Event::Reconnecting { retry_in_ms, .. } => *retry_in_ms,
            _ => None,
        };
        world.told.iter().filter_map(pause).collect::<Vec<_>>()
    };
    let (one, other) = (pauses(1), pauses(2));
    assert!(one != other && one.len() >= 10);
    let most = [0.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0];
    assert!(most.iter().zip(&one).all(|(most, pause)| most / 2.0 <= *pause && pause <= most), "{one:?}");
}

#[test]
fn an_attempt_that_hangs_has_a_deadline() {
    assert_told(
        vec![(0.0, Step::Hang(true)), (0.0, cut()), (10_000.0, Step::Hang(false))],
        6000.0,
        &["0 reconnecting", "0 network 1 0", "15000 network 2 500", "15750 open", "15750 resumed 0 0"],
    );
}

#[test]
fn a_verdict_decides_how_it_goes_on() {
    let end = |code: &str| [vec!["0 closed".to_owned()], vec![format!("0 closed {code}")]].concat();
    for (close, wanted) in [
        (close(1007, "Request contains an invalid argument."), end("closed-by-server")),
        (close(1000, ""), end("closed-by-server")),
        (close(1011, "You exceeded your current quota"), end("closed-by-server")),
    ] {
        assert_eq!(told(vec![(0.0, Step::Cut(0.0, close))], 9000.0).1, wanted);
    }
    assert_told(
        vec![(0.0, closed(1011, "Internal error encountered."))],
        9000.0,
        &["0 reconnecting", "0 service 1 500", "750 open", "750 resumed 0 0"],
    );
    assert_told(
        vec![(0.0, closed(1011, "auth token has expired"))],
        9000.0,
        &["0 reconnecting", "0 token 1 0", "250 open", "250 resumed 0 0"],
    );
    // In an open session that is said of the id of a call as well.
    assert_told(
        vec![(0.0, closed(1008, "BidiGenerateContent session not found"))],
        9000.0,
        &["0 reconnecting", "0 service 1 0", "250 open", "250 resumed 0 0"],
    );
    assert_told(
        vec![
            (0.0, closed(1008, "Requested entity was not found.")),
            (1000.0, closed(1008, "BidiGenerateContent session not found")),
        ],
        9000.0,
        &[
            "0 reconnecting",
            "0 service 1 0",
            "250 open",
            "250 resumed 0 0",
            "1000 reconnecting",
            "1000 service 1 500",
            "1750 open",
            "1750 restarted 0 0",
        ],
    );
}

#[test]
fn a_handle_that_is_stale_begins_another_conversation() {
    assert_told(
        vec![(0.0, Step::Call), (200.0, Step::Forget), (0.0, cut())],
        9000.0,
        &[
            "200 reconnecting",
            "200 network 1 0",
            "450 service 2 0",
            "700 open",
            "700 restarted 0 0",
            "700 cancelled c1",
        ],
    );
    let (mut world, _) = told(vec![(0.0, Step::Call), (200.0, Step::Forget), (0.0, cut())], 9000.0);
    world.step(Step::Respond);
    world.pass(1000.0);
    assert!(world.outline().last().unwrap().contains("warning cancelled-call"));
    assert!(world.arrived().is_empty(), "nobody has asked for it in this conversation");
}

#[test]
fn a_token_that_is_refused_is_asked_for_again_and_not_for_ever() {
    let used_up = "Token has been used too many times";
    let once = ["0 reconnecting", "0 network 1 0", "250 token 2 0", "500 open", "500 resumed 0 0"];
    assert_told(vec![(0.0, refuse(1, 1011, used_up)), (0.0, cut())], 9000.0, &once);
    let wanted = [
        "0 reconnecting",
        "0 network 1 0",
        "250 token 2 0",
        "500 token 3 500",
        "1250 closed",
        "1250 closed token-refused",
    ];
    assert_told(vec![(0.0, refuse(9, 1011, used_up)), (0.0, cut())], 9000.0, &wanted);
}

#[test]
fn what_is_refused_for_good_is_not_tried_again() {
    let reason = "Request contains an invalid argument.";
    assert_told(
        vec![(0.0, refuse(1, 1007, reason)), (0.0, cut())],
        9000.0,
        &["0 reconnecting", "0 network 1 0", "250 closed", "250 closed setup-refused"],
    );
}

#[test]
fn who_is_offline_waits_for_the_network_and_for_nothing_else() {
    let hour = 3_600_000.0;
    assert_told(
        vec![(0.0, Step::Online(false)), (hour, Step::Online(true))],
        9000.0,
        &["0 reconnecting", "0 offline 1 -", "3600000 offline 1 0", "3600250 open", "3600250 resumed 0 0"],
    );
    // The browser may be wrong.
    assert_told(
        vec![(0.0, Step::Online(false)), (500.0, Step::Retry)],
        9000.0,
        &["0 reconnecting", "0 offline 1 -", "500 offline 1 0", "750 open", "750 resumed 0 0"],
    );
}

#[test]
fn a_service_that_goes_away_is_left_when_nobody_says_anything() {
    // The token and the socket of the next link come first, and the old one is closed before the handle is offered.
    let wanted = ["200 reconnecting", "200 go-away 1 0", "400 open", "400 resumed 0 0"];
    assert_told(vec![(0.0, Step::GoAway(Some("50s")))], 9000.0, &wanted);
    // In the middle of an answer it waits for the end of the turn, of a call for its answer, and for a handle.
    let steps = vec![(0.0, Step::Answer), (0.0, Step::GoAway(Some("50s"))), (3000.0, Step::Complete)];
    let wanted = ["3050 reconnecting", "3050 go-away 1 0", "3250 open", "3250 resumed 0 0"];
    assert_told(steps, 9000.0, &wanted);
    let steps =
        vec![(0.0, Step::Handle(false)), (0.0, Step::GoAway(Some("50s"))), (3000.0, Step::Handle(true))];
    assert_told(steps, 9000.0, &wanted);
    // What is not over in time is cut short.
    let steps = vec![(0.0, Step::Answer), (0.0, Step::GoAway(Some("1.5s")))];
    assert_told(steps, 9000.0, &["800 reconnecting", "800 go-away 1 0", "1000 open", "1000 resumed 0 0"]);
}

#[test]
fn two_rotations_within_ten_seconds_are_two() {
    let steps =
        vec![(0.0, Step::GoAway(Some("5s"))), (600.0, Step::Handle(true)), (100.0, Step::GoAway(Some("5s")))];
    let (world, outline) = told(steps, 9000.0);
    assert_eq!(outline.iter().filter(|word| word.contains("resumed")).count(), 2, "{outline:?}");
    assert_eq!(world.stats().rotations, 2);
}

#[test]
fn an_announced_close_is_no_end() {
    let steps = vec![(0.0, Step::Answer), (0.0, Step::GoAway(Some("50s"))), (1000.0, closed(1000, ""))];
    // The next link was there already.
    let wanted = ["1000 reconnecting", "1000 go-away 1 0", "1100 open", "1100 resumed 0 0"];
    assert_told(steps, 9000.0, &wanted);
    // Whatever words it finds, but those about who may talk to it.
    for (code, reason, goes_on) in [
        (1008, "The session has reached its end.", true),
        (1007, "Request contains an invalid argument.", true),
        (1008, "Requested entity was not found.", true),
        (1011, "Internal error encountered.", true),
        (4000, "", true),
        (1011, "You exceeded your current quota, please", false),
        (1008, "User location is not supported for the API use.", false),
        (1008, "API key not valid. Please pass a valid API key.", false),
    ] {
        let steps =
            vec![(0.0, Step::Answer), (0.0, Step::GoAway(Some("50s"))), (1000.0, closed(code, reason))];
        let (_, outline) = told(steps, 9000.0);
        assert_eq!(outline.last().unwrap() == wanted[3], goes_on, "{code} {reason}: {outline:?}");
    }
}

#[test]
fn a_connection_that_is_gone_without_a_word_is_doubted_and_replaced() {
    // One way, the silence, another link, a second in which the old one could close.
    let wanted = ["20150 reconnecting", "20150 silence 1 0", "21250 open", "21250 resumed 0 0"];
    assert_told(vec![(0.0, Step::FallSilent), (0.0, Step::Type)], 30_000.0, &wanted);
    let (world, _) = told(vec![(0.0, Step::FallSilent), (0.0, Step::Type)], 30_000.0);
    assert!(matches!(world.arrived()[..], [(_, _, Item::Text(_))]), "what lay in the socket goes out");
    // Who listens in silence is left alone, and so is who is answered.
    assert_told(vec![(0.0, Step::FallSilent)], 300_000.0, &[]);
    let answered = vec![(0.0, Step::Type), (2000.0, Step::Answer), (3000.0, Step::Complete)];
    assert_told(answered, 300_000.0, &[]);
    // So is a service that waits for an answer, of which the application is told.
    let wanted = ["60050 warning unanswered-call"];
    assert_told(vec![(0.0, Step::Call), (500.0, Step::Type)], 300_000.0, &wanted);
}

#[test]
fn a_page_that_slept_asks_whether_the_connection_did_too() {
    let wanted = ["2000 reconnecting", "2000 wake 1 0", "3100 open", "3100 resumed 0 0"];
    assert_told(vec![(0.0, Step::FallSilent), (0.0, Step::Woke)], 9000.0, &wanted);
    let (world, outline) = told(vec![(0.0, Step::Woke), (500.0, Step::Handle(true))], 9000.0);
    assert!(outline.is_empty(), "{outline:?}");
    assert!(
        world.network.sockets.iter().skip(1).all(|(_, socket)| socket.is_given_up),
        "the doubt is closed"
    );
}

#[test]
fn the_last_good_handle_is_offered_and_no_other() {
    let mut world = open();
    for update in [
        json!({}),
        json!({ "resumable": true }),
        json!({ "newHandle": "h9-9" }),
        json!({ "newHandle": "", "resumable": true }),
    ] {
        world.network.say(json!({ "sessionResumptionUpdate": update }));
    }
    world.pass(200.0);
    world.step(cut());
    world.pass(1000.0);
    assert!(world.outline().last().unwrap().contains("resumed"), "h9-9 would be another conversation");
    let (_, socket) = world.network.sockets.last().unwrap();
    assert_eq!(socket.conversation, Some(1));
}

#[test]
fn a_failure_before_the_session_was_open_is_a_failure() {
    let mut world = World::new(steady(), json!({}));
    world.step(Step::Down(true));
    world.feed(Input::Connect);
    world.pass(1000.0);
    assert_eq!(world.session.state(), State::Closed);
    assert_eq!(world.network.sockets.len(), 1);
}

#[test]
fn what_becomes_of_the_network_before_the_session_begins_is_no_failure_of_it() {
    let none: &[Step] = &[];
    let away = [Step::Down(true)];
    let back = [Step::Down(true), Step::Down(false)];
    let cut = [Step::Cut(0.0, CloseFrame { code: 1006, reason: String::new() })];
    for (before, meanwhile, sockets) in
        [(none, none, 1), (none, &cut[..], 2), (&away[..], &[Step::Down(false)][..], 2), (none, &back[..], 1)]
    {
        let mut world = World::new(steady(), json!({}));
        before.iter().for_each(|step| world.step(step.clone()));
        world.feed(Input::Dial);
        world.pass(500.0);
        meanwhile.iter().for_each(|step| world.step(step.clone()));
        world.pass(20_000.0);
        assert_eq!(world.outline(), [""; 0], "nothing is told before it begins");
        world.feed(Input::Connect);
        world.pass(1000.0);
        assert_eq!(world.session.state(), State::Open, "{before:?} {meanwhile:?}");
        assert_eq!(world.network.sockets.len(), sockets, "{before:?} {meanwhile:?}");
    }
}

#[test]
fn without_handles_the_session_goes_on_in_another_conversation() {
    let mut world = World::new(steady(), json!({}));
    world.feed(Input::Connect);
    world.pass(1000.0);
    world.step(Step::Cut(0.0, CloseFrame { code: 1006, reason: String::new() }));
    world.pass(1000.0);
    assert!(world.outline().last().unwrap().contains("restarted"));
}

#[test]
fn a_service_that_drops_every_connection_is_not_dialled_without_pauses() {
    let mut world = open();
    for _ in 0..200 {
        world.step(cut());
        world.pass(300.0);
    }
    assert!(world.network.sockets.len() < 20, "{}", world.network.sockets.len());
}

#[test]
fn without_time_to_give_up_there_is_one_attempt() {
    let once = |steps: Vec<(f64, Step)>| {
        let mut policy = steady();
        policy.retry.give_up = super::world::after_ms(0);
        let mut world =
            World::open(policy, json!({ "responseModalities": ["AUDIO"], "sessionResumption": {} }));
        let start = world.now;
        for (pause, step) in steps {
            world.pass(pause);
            world.step(step);
        }
        world.pass(20_000.0);
        assert!(world.now > start);
        world.outline().into_iter().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    // A turn is open, and ends with its connection.
    let back = ["reconnecting", "network 1 0", "open", "resumed 0 0"];
    assert!(once(vec![(0.0, Step::Answer), (500.0, cut())]).ends_with(&back.map(str::to_owned)));
    let over = ["reconnecting", "network 1 0", "closed", "closed network"];
    let steps = vec![(0.0, Step::Answer), (500.0, Step::Down(true)), (0.0, cut())];
    assert!(once(steps).ends_with(&over.map(str::to_owned)));
    // A connection that goes away as it said is not lost.
    let planned = ["reconnecting", "go-away 1 0", "open", "resumed 0 0"];
    assert!(once(vec![(0.0, Step::GoAway(Some("1.5s")))]).ends_with(&planned.map(str::to_owned)));
}
