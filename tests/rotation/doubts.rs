//! A connection that is doubted while no other can be made, and one that does not last.

use gemini_live_web::event::Event;

use serde_json::json;

use super::{
    grammar::Life,
    network::{broken, close},
    scenarios::{assert_told, cut, open, steady, told},
    step::Step,
    world::World,
};

const HOUR: f64 = 3_600_000.0;

/// What is told of a session that is given no handles.
fn told_without_handles(steps: Vec<Step>, rest: f64) -> Vec<String> {
    let mut world = World::begun(steady(), json!({}));
    world.step(Step::Answer);
    world.step(Step::Complete);
    world.pass(1000.0);
    let (told, start) = (world.told.len(), world.now);
    for step in steps {
        world.step(step);
        world.pass(1000.0);
    }
    world.pass(rest);
    world.told.drain(..told);
    world.told.iter_mut().for_each(|(at, _)| *at -= start);
    world.outline()
}

#[test]
fn a_link_that_may_live_is_not_left_where_that_costs_the_conversation() {
    for harmless in [vec![Step::Speak(25)], vec![Step::Woke], vec![Step::Speak(25), Step::Woke]] {
        let shown = format!("{harmless:?}");
        assert_eq!(told_without_handles(harmless, HOUR), [""; 0], "{shown}");
    }
    let answered = vec![Step::Type, Step::Answer, Step::Complete];
    assert_eq!(told_without_handles(answered, HOUR), [""; 0]);
    // What certainly is answered is waited for, and longer than where nothing is lost.
    assert_eq!(
        told_without_handles(vec![Step::FallSilent, Step::Speak(25), Step::Type], 90_000.0),
        ["62150 reconnecting", "62150 silence 1 0", "63250 open", "63250 restarted 500 0"]
    );
}

#[test]
fn a_doubt_is_no_reason_for_the_next_one() {
    let (world, outline) = told(vec![(0.0, Step::Speak(3))], HOUR);
    assert!(world.stats().rotations == 1 && outline.len() == 4, "{outline:?}");
    let (world, outline) = told(vec![(0.0, Step::FallSilent), (0.0, Step::Type)], HOUR);
    assert_eq!(world.stats().rotations, 2, "it was sent again, and nothing answers that either: {outline:?}");
    let (world, outline) = told(vec![(0.0, Step::Speak(3)), (1000.0, cut())], HOUR);
    assert_eq!(world.stats().rotations, 1, "the next was never asked: {outline:?}");
    // Words that came while it was left are asked of the next.
    let (world, outline) =
        told(vec![(0.0, Step::FallSilent), (0.0, Step::Speak(5)), (20_500.0, Step::Speak(5))], HOUR);
    assert_eq!(world.stats().rotations, 2, "{outline:?}");
}

#[test]
fn a_wake_in_the_middle_of_a_call_leaves_no_link_that_lives() {
    let (_, outline) = told(vec![(0.0, Step::Call), (5000.0, Step::Woke)], 50_000.0);
    assert_eq!(outline, [""; 0]);
    // The answer is what the link owes something for.
    let steps =
        vec![(0.0, Step::Call), (5000.0, Step::FallSilent), (0.0, Step::Woke), (10_000.0, Step::Respond)];
    // The handle was given before the call.
    let wanted = [
        "35150 reconnecting",
        "35150 silence 1 0",
        "36250 open",
        "36250 resumed 0 0",
        "36250 cancelled c1",
        "36250 warning cancelled-call",
    ];
    assert_told(steps, 25_000.0, &wanted);
}

fn dials(world: &World) -> usize {
    world.network.sockets.len() - 1
}

#[test]
fn a_link_that_was_asked_and_cannot_be_replaced_is_lost() {
    for never in [Step::Tokenless(true), Step::Hang(true), Step::Down(true)] {
        let shown = format!("{never:?}");
        let (world, outline) =
            told(vec![(0.0, never), (0.0, Step::FallSilent), (0.0, Step::Type)], 300_000.0);
        let lost = outline.iter().position(|word| word.ends_with("reconnecting")).expect(&shown);
        assert!(outline[lost + 1].contains("silence 1"), "{shown}: {outline:?}");
        let end = outline.last().unwrap();
        assert!(end.contains("closed timeout") || end.contains("closed network"), "{shown}: {outline:?}");
        assert!(dials(&world) < 40, "{shown}: a token each: {}", dials(&world));
    }
}

#[test]
fn a_doubt_without_a_question_is_dropped() {
    for never in [Step::Tokenless(true), Step::Hang(true), Step::Down(true)] {
        let (world, outline) = told(vec![(0.0, never), (0.0, Step::Woke)], 600_000.0);
        assert!(outline.is_empty(), "{outline:?}");
        assert!((2..20).contains(&dials(&world)), "{}", dials(&world));
        assert!(world.network.sockets.iter().skip(1).all(|(_, socket)| socket.is_given_up));
    }
}

#[test]
fn what_is_refused_for_good_is_not_asked_again_by_a_doubt() {
    // 20 s after the question, and what comes of the attempt is known a moment later.
    let silent = |fail| vec![(0.0, Step::Tokenless(true)), (0.0, Step::FallSilent), (0.0, Step::Type), fail];
    assert_told(
        silent((21_000.0, Step::Fail(false))),
        90_000.0,
        &["21000 warning not-sent", "21000 closed", "21000 closed token-unavailable"],
    );
    let (world, outline) =
        told(vec![(0.0, Step::Tokenless(true)), (0.0, Step::Woke), (100.0, Step::Fail(false))], 90_000.0);
    assert!(outline.is_empty() && dials(&world) == 1, "the old one may live: {outline:?}");
}

#[test]
fn who_wants_to_try_again_need_not_wait_for_a_dial_that_hangs() {
    let steps = vec![
        (0.0, Step::Tokenless(true)),
        (0.0, Step::FallSilent),
        (0.0, Step::Woke),
        (5000.0, Step::Tokenless(false)),
        (0.0, Step::Retry),
    ];
    assert_told(steps, 9000.0, &["5150 reconnecting", "5150 wake 1 0", "6250 open", "6250 resumed 0 0"]);
}

#[test]
fn who_talks_on_to_a_link_that_is_dead_is_noticed() {
    // So is who only listens, where that costs nothing.
    for flow in [Step::Speak(3500), Step::Listen(3500)] {
        let (_, outline) = told(vec![(0.0, Step::FallSilent), (0.0, flow)], 65_000.0);
        assert_eq!(outline[1..4], ["60150 reconnecting", "60150 silence 1 0", "61250 open"]);
        assert!(outline[0].ends_with("warning audio-dropped"), "nothing leaves: {outline:?}");
    }
    // A pause ends an utterance: it is waited for what follows that.
    let steps = vec![(0.0, Step::FallSilent), (0.0, Step::Speak(100)), (2000.0, Step::Listen(2000))];
    assert!(told(steps, 25_000.0).1.contains(&"22130 silence 1 0".to_owned()));
}

#[test]
fn a_silence_that_nobody_breaks_costs_no_conversation_and_few_connections() {
    let mut world = open();
    world.step(Step::Listen(60_000));
    let mut rotations = 0;
    for _ in 0..1200 {
        world.pass(1000.0);
        if world.stats().rotations > rotations {
            rotations += 1;
            world.step(Step::Handle(true));
        }
    }
    let outline = world.outline();
    assert!(outline.iter().all(|word| !word.contains("restarted")), "{outline:?}");
    assert_eq!(rotations, 4, "after 1, 2, 4 and 8 minutes: {outline:?}");
    // Not in a stream that has paused, not in the middle of what a handle would not hold, and not without one.
    assert_told(vec![(0.0, Step::Listen(100))], HOUR, &[]);
    assert_told(vec![(0.0, Step::Handle(false)), (500.0, Step::Listen(6000))], 120_000.0, &[]);
    assert_eq!(told_without_handles(vec![Step::Listen(6000)], 120_000.0), [""; 0]);
}

#[test]
fn what_was_said_in_a_long_outage_is_no_question_to_the_next_link_before_it_has_it() {
    let mut world = open();
    world.step(Step::Online(false));
    world.step(Step::Speak(5));
    world.pass(70_000.0);
    world.step(Step::Online(true));
    world.pass(5000.0);
    assert_eq!(world.stats().rotations, 1, "{:?}", world.outline());
}

#[test]
fn an_answer_that_breaks_off_is_noticed() {
    let wanted = ["20050 reconnecting", "20050 silence 1 0", "21250 open", "21250 resumed 0 0"];
    let broken_off = |rest| [vec![(0.0, Step::Answer), (500.0, Step::FallSilent)], rest].concat();
    let (_, outline) = told(broken_off(vec![]), 30_000.0);
    assert_eq!(outline.len(), wanted.len(), "{outline:?}");
    // An update of the handle is no rest of it.
    assert_eq!(told(vec![(0.0, Step::Answer), (0.0, Step::Handle(false))], 30_000.0).1.len(), 4);
    for end in [Step::Complete, Step::Interrupt, Step::Call] {
        let shown = format!("{end:?}");
        assert_eq!(told(vec![(0.0, Step::Answer), (0.0, end)], 50_000.0).1, [""; 0], "{shown}");
    }
}

#[test]
fn an_attempt_that_hangs_is_not_waited_for_by_who_knows_better() {
    for known in [Step::Retry, Step::Woke] {
        let steps =
            vec![(0.0, Step::Tokenless(true)), (0.0, cut()), (5000.0, Step::Tokenless(false)), (0.0, known)];
        let wanted = ["0 reconnecting", "0 network 1 0", "5000 network 2 0", "5250 open", "5250 resumed 0 0"];
        assert_told(steps, 2000.0, &wanted);
    }
    // One that is nearly there is.
    let wanted = ["0 reconnecting", "0 network 1 0", "250 open", "250 resumed 0 0"];
    assert_told(vec![(0.0, cut()), (160.0, Step::Retry)], 2000.0, &wanted);
}

#[test]
fn a_link_that_is_made_ahead_has_a_deadline_too() {
    let mut world = open();
    for (pause, step) in [
        (0.0, Step::Answer),
        (0.0, Step::Tokenless(true)),
        (0.0, Step::GoAway(Some("50s"))),
        (1000.0, Step::Tokenless(false)),
    ] {
        world.pass(pause);
        world.step(step);
    }
    world.pass(20_000.0);
    world.step(Step::Complete);
    world.pass(1000.0);
    assert!(world.outline().last().unwrap().contains("resumed"), "{:?}", world.outline());
}

#[test]
fn words_behind_the_end_of_an_answer_are_followed_by_nothing() {
    let mut world = open();
    for step in [Step::Type, Step::Said("one"), Step::Complete, Step::Handle(true), Step::Said("two ")] {
        world.step(step);
        world.pass(100.0);
    }
    world.pass(600_000.0);
    assert_eq!(world.setups, 1, "{:#?}", world.outline());
    // And who goes away need not wait for more.
    world.step(Step::GoAway(Some("50s")));
    world.pass(1000.0);
    assert_eq!(world.setups, 2, "{:#?}", world.outline());
}

#[test]
fn connections_that_are_lost_at_once_are_no_success() {
    for close in [broken(), close(1011, "Internal error encountered.")] {
        let mut world = open();
        let start = world.now;
        while world.place != Life::End && world.now < start + 300_000.0 {
            if world.place == Life::Open {
                world.step(Step::Cut(0.0, close.clone()));
            }
            world.pass(500.0);
        }
        assert_eq!(world.place, Life::End, "{:#?}", world.outline());
        let lasted = world.now - start;
        assert!((55_000.0..=75_000.0).contains(&lasted), "{lasted}");
        let Some((_, Event::Closed { close: last, .. })) = world.told.last() else { panic!("no end") };
        assert_eq!(last.as_ref(), Some(&close));
    }
    // One that lasts is.
    let mut world = open();
    for _ in 0..30 {
        world.step(cut());
        world.pass(12_000.0);
    }
    assert_eq!(world.place, Life::Open);
    // So is one that goes away as it says.
    for _ in 0..100 {
        world.step(Step::Handle(true));
        world.step(Step::GoAway(Some("1s")));
        world.pass(2000.0);
    }
    world.pass(15_000.0);
    assert_eq!(world.place, Life::Open);
}
