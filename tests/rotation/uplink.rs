//! What leaves over the next connection, and what is counted of it.

use gemini_live_web::event::{Event, State};
use serde_json::json;

use super::{
    network::{broken, close},
    scenarios::{assert_told, cut, steady, told},
    step::{Item, Step},
    world::World,
};

/// Bytes in a millisecond.
const ONE_MBIT: f64 = 125.0;

/// Twenty seconds of speech without a network, then `rest` more over an uplink with so much to give.
fn spoken_into_the_hold(rate: f64, rest_ms: u32) -> World {
    let mut world = World::open(steady(), json!({ "sessionResumption": {} }));
    world.network.rate = Some(rate);
    world.step(Step::Online(false));
    world.step(Step::Speak(950 + rest_ms / 20));
    world.pass(19_000.0);
    world.step(Step::Online(true));
    world.pass(f64::from(rest_ms) + 30_000.0);
    world
}

fn arrived(world: &World) -> Vec<(f64, u32)> {
    let frame = |(at, _, item)| if let Item::Frame(number) = item { Some((at, number)) } else { None };
    world.arrived().into_iter().filter_map(frame).collect()
}

#[test]
fn what_was_held_arrives_over_an_ordinary_uplink() {
    let world = spoken_into_the_hold(ONE_MBIT, 15_000);
    let numbers: Vec<_> = arrived(&world).into_iter().map(|(_, number)| number).collect();
    assert_eq!(numbers, (1..=1700).collect::<Vec<_>>(), "all of it, in order");
    let stats = world.stats();
    assert_eq!((stats.audio_frames_dropped, stats.audio_lost_ms), (0, 0.0));
    let resumed = world.told.iter().find_map(|(_, event)| match event {
        Event::Resumed { held_ms, lost_ms } => Some((*held_ms, *lost_ms)),
        _ => None,
    });
    assert_eq!(resumed, Some((stats.audio_held_ms, 0.0)));
    assert!(stats.audio_held_ms >= 19_000.0);
}

#[test]
fn what_an_uplink_cannot_take_in_time_is_lost_and_counted() {
    // Hardly more than speech needs: it would be late for ever.
    let world = spoken_into_the_hold(50.0, 40_000);
    let arrived = arrived(&world);
    let missing_ms = f64::from(950 + 2000 - arrived.len() as u32) * 20.0;
    let stats = world.stats();
    assert!(missing_ms > 5000.0 && stats.audio_lost_ms == missing_ms, "{missing_ms} {stats:?}");
    assert!(stats.audio_held_ms <= arrived.len() as f64 * 20.0);
    // The last frame is spoken 59 s after the loss, and comes when it can.
    let (last, _) = arrived.last().unwrap();
    assert!(*last <= 3000.0 + 59_000.0 + 3000.0, "what is said after that is not late: {last}");
}

#[test]
fn a_message_that_the_service_fails_on_is_sent_twice_and_then_told_of() {
    let mut world = World::open(steady(), json!({ "sessionResumption": {} }));
    (world.network.poison, world.network.is_late) = (Some("t1"), true);
    world.step(Step::Type);
    world.pass(15_000.0);
    let texts = world.arrived().into_iter().filter(|(_, _, item)| *item == Item::Text(1)).count();
    let outline = world.outline();
    let warnings: Vec<_> = outline.iter().filter(|word| word.contains("warning")).collect();
    assert!(texts == 2 && matches!(&warnings[..], [word] if word.ends_with("not-sent")), "{outline:?}");
    assert_eq!(world.stats().rotations, 2);
    world.step(Step::Type);
    world.pass(1000.0);
    assert!(matches!(world.arrived().last(), Some((_, _, Item::Text(2)))), "{:?}", world.outline());
}

#[test]
fn what_lay_in_a_socket_that_is_closed_for_good_is_told_of() {
    let refused = || Step::Cut(0.0, close(1007, "Request contains an invalid argument."));
    let wanted = ["500 warning not-sent", "500 closed", "500 closed closed-by-server"];
    assert_told(vec![(0.0, Step::Slow(true)), (0.0, Step::Type), (500.0, refused())], 1000.0, &wanted);
    // What had left is not, nor what may have.
    assert_told(vec![(0.0, Step::Type), (500.0, refused())], 1000.0, &wanted[1..]);
    let steps = vec![(450.0, Step::Type), (50.0, refused())];
    assert_told(steps, 1000.0, &wanted[1..]);
}

#[test]
fn a_network_that_is_only_said_to_be_gone_takes_what_lies_in_the_socket() {
    let steps = vec![
        (0.0, Step::Slow(true)),
        (0.0, Step::Type),
        (0.0, Step::Speak(10)),
        (300.0, Step::Online(false)),
        (0.0, Step::Slow(false)),
        (500.0, Step::Online(true)),
    ];
    let (world, outline) = told(steps, 5000.0);
    assert!(outline.last().unwrap().contains("resumed"), "{outline:?}");
    assert_eq!(world.arrived().len(), 11, "each once");
    // Where it is gone, the same is sent when it is back.
    let steps = vec![
        (0.0, Step::FallSilent),
        (0.0, Step::Type),
        (0.0, Step::Speak(10)),
        (300.0, Step::Online(false)),
        (500.0, Step::Online(true)),
    ];
    let (world, outline) = told(steps, 5000.0);
    assert!(outline.last().unwrap().contains("resumed"), "{outline:?}");
    assert_eq!(world.arrived().len(), 11, "each once");
}

#[test]
fn an_answer_that_is_given_up_holds_no_microphone() {
    let config = json!({ "responseModalities": ["AUDIO"], "sessionResumption": {} });
    let mut world = World::open_with("gemini-2.5-flash-native-audio-latest", steady(), config);
    (world.network.poison, world.network.is_late) = (Some("toolResponse"), true);
    world.step(Step::Call);
    world.pass(500.0);
    world.step(Step::Handle(true));
    world.pass(500.0);
    world.step(Step::Respond);
    world.pass(15_000.0);
    assert!(world.outline().iter().any(|word| word.contains("warning not-sent")), "{:?}", world.outline());
    let before = arrived(&world).len();
    world.step(Step::Speak(10));
    world.pass(2000.0);
    assert_eq!(arrived(&world).len(), before + 10, "{:?}", world.outline());
}

#[test]
fn a_frame_is_counted_once_however_often_it_is_sent() {
    let (world, _) = told(
        vec![
            (0.0, Step::Slow(true)),
            (0.0, Step::Speak(10)),
            (300.0, Step::Cut(0.0, broken())),
            (0.0, Step::Slow(false)),
        ],
        5000.0,
    );
    assert_eq!(arrived(&world).len(), 10);
    assert_eq!(world.stats().audio_frames_sent, 10);
}

#[test]
fn a_rotation_that_was_announced_is_no_attempt_to_reconnect() {
    let (world, _) = told(vec![(0.0, Step::GoAway(Some("50s")))], 9000.0);
    assert_eq!((world.stats().rotations, world.stats().reconnect_attempts), (1, 0));
    let (world, _) = told(vec![(0.0, cut())], 9000.0);
    assert_eq!((world.stats().rotations, world.stats().reconnect_attempts), (1, 1));
}

#[test]
fn what_a_socket_did_not_take_while_it_was_left_is_sent() {
    let steps = vec![
        (0.0, Step::Answer),
        (0.0, Step::GoAway(Some("1.5s"))),
        (700.0, Step::Cut(300.0, close(1000, ""))),
        (10.0, Step::Type),
    ];
    let (world, outline) = told(steps, 9000.0);
    assert!(outline.last().unwrap().contains("resumed"), "{outline:?}");
    assert!(matches!(world.arrived()[..], [(_, _, Item::Text(1))]), "{:?}", world.arrived());
}

#[test]
fn what_is_said_meanwhile_waits_in_order_and_is_sent() {
    let steps = vec![
        (0.0, Step::Speak(100)),
        (500.0, Step::Down(true)),
        (0.0, cut()),
        (300.0, Step::Type),
        (200.0, Step::Down(false)),
        (0.0, Step::Retry),
    ];
    let (world, outline) = told(steps, 9000.0);
    assert_eq!(outline.last().unwrap(), "1250 resumed 740 0");
    let arrived: Vec<Item> = world.arrived().into_iter().map(|(_, _, item)| item).collect();
    let places: Vec<_> =
        arrived.iter().map(|item| world.given.iter().position(|given| given == item)).collect();
    assert!(places.is_sorted(), "{arrived:?}");
    let is_missing = |item: &&Item| !arrived.contains(item);
    let lost = world.lost_on_the_way();
    assert!(
        world.given.iter().filter(is_missing).all(|item| lost.contains(item)),
        "lost with the connection alone"
    );
    assert_eq!((world.stats().audio_held_ms, world.stats().audio_lost_ms), (740.0, 0.0));
}

#[test]
fn what_is_too_much_to_be_held_is_lost_and_counted() {
    let mut world = World::open(steady(), json!({ "sessionResumption": {} }));
    world.step(Step::Online(false));
    world.step(Step::Speak(1500));
    world.pass(30_000.0);
    world.step(Step::Online(true));
    world.pass(2000.0);
    let lost = 30_000.0 - 20_000.0;
    let Some((_, Event::Resumed { held_ms, lost_ms })) =
        world.told.iter().find(|(_, event)| matches!(event, Event::Resumed { .. }))
    else {
        panic!("{:?}", world.outline())
    };
    assert_eq!(held_ms + lost_ms, 30_000.0);
    assert!((lost_ms - lost).abs() <= 300.0, "{lost_ms}");
    assert_eq!(world.stats().audio_lost_ms, *lost_ms);
    assert_eq!(
        world.arrived().first().map(|(_, _, item)| item.clone()),
        Some(Item::Frame((lost_ms / 20.0) as u32 + 1))
    );
}

#[test]
fn an_activity_that_was_open_is_opened_again_before_its_audio() {
    let config = json!({ "sessionResumption": {}, "realtimeInputConfig": { "automaticActivityDetection": { "disabled": true } } });
    let mut world = World::open(steady(), config);
    for (pause, step) in [
        (0.0, Step::Mark("activityStart")),
        (0.0, Step::Speak(10)),
        (500.0, Step::Down(true)),
        (0.0, cut()),
        (0.0, Step::Speak(3)),
        (100.0, Step::Mark("activityEnd")),
        (0.0, Step::Down(false)),
        (0.0, Step::Retry),
    ] {
        world.pass(pause);
        world.step(step);
    }
    world.pass(2000.0);
    let texts: Vec<_> = world.network.delivered.iter().map(|(_, _, text)| &text[19..27]).collect();
    assert_eq!(texts[11..], ["activity", "audio\":{", "audio\":{", "audio\":{", "activity"], "{texts:?}");
}

#[test]
fn an_answer_that_never_left_is_sent_once_over_the_next_link() {
    let steps = vec![
        (0.0, Step::Call),
        (100.0, Step::Handle(true)),
        (400.0, Step::Slow(true)),
        (0.0, Step::Respond),
        (50.0, cut()),
        (0.0, Step::Slow(false)),
    ];
    let (world, outline) = told(steps, 9000.0);
    assert_eq!(outline.last().unwrap(), "800 resumed 0 0", "and nobody is warned");
    assert!(matches!(&world.arrived()[..], [(_, _, Item::Response(id))] if id == "c1"));
}

#[test]
fn a_socket_that_takes_nothing_keeps_nothing() {
    // The service's close is on its way, and the application goes on talking.
    let steps = vec![(0.0, Step::Cut(300.0, broken())), (10.0, Step::Type), (20.0, Step::Type)];
    let (world, outline) = told(steps, 9000.0);
    assert_eq!(outline, ["300 reconnecting", "300 network 1 0", "550 open", "550 resumed 0 0"]);
    assert!(
        matches!(world.arrived()[..], [(_, _, Item::Text(1)), (_, _, Item::Text(2))]),
        "{:?}",
        world.arrived()
    );
}

#[test]
fn closing_ends_a_rotation_at_once_and_says_what_was_not_sent() {
    let steps = vec![(0.0, Step::Hang(true)), (0.0, cut()), (0.0, Step::Type), (1000.0, Step::Close)];
    let wanted =
        ["0 reconnecting", "0 network 1 0", "1000 warning not-sent", "1000 closed", "1000 closed as wished"];
    assert_told(steps, 9000.0, &wanted);
}

#[test]
fn a_connection_that_is_lost_at_once_takes_little_of_what_was_held_with_it() {
    // Sockets take all that they are given at once, and say that it has left.
    let mut world = World::open(steady(), json!({ "sessionResumption": {} }));
    world.step(Step::Online(false));
    world.step(Step::Speak(950));
    world.pass(19_000.0);
    world.step(Step::Online(true));
    while world.session.state() != State::Open {
        world.pass(1.0);
    }
    world.pass(45.0);
    world.step(cut());
    world.pass(30_000.0);
    let on_the_way = world.lost_on_the_way().len();
    assert!((1..=62).contains(&on_the_way), "{on_the_way} frames of 20 ms are lost");
    assert_eq!(arrived(&world).len() + on_the_way, 950);
    let first = arrived(&world)[0].0;
    let took = arrived(&world).last().unwrap().0 - first;
    assert!(took < 19_000.0 / 3.0, "and the rest is not late for long: {took} ms");
}
