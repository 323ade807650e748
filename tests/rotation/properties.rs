//! What holds whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use gemini_live_web::{
    error::WarningCode,
    event::{Event, State},
    protocol::message::{Kind, Mark},
    session::{BargeInPolicy, Input, Policy},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

use super::{
    grammar::Life,
    network::{broken, close},
    step::{Item, Step},
    world::World,
};

/// Closes of every verdict.
const CLOSES: &[(u16, &str)] = &[
    (1006, ""),
    (1001, ""),
    (1008, "The operation was aborted."),
    (1011, "Internal error encountered."),
    (1011, "Token has expired"),
    (1011, "Token has been used too many times"),
    (1008, "BidiGenerateContent session not found"),
    (1007, "Request contains an invalid argument."),
    (1000, ""),
];

fn step() -> impl Strategy<Value = Step> {
    let closes = || select(&CLOSES[..7]).prop_map(|(code, reason)| close(code, reason));
    prop_oneof![
        4 => (select(&[0.0, 100.0, 5000.0][..]), closes()).prop_map(|(after, close)| Step::Cut(after, close)),
        1 => select(&CLOSES[7..]).prop_map(|(code, reason)| Step::Cut(0.0, close(code, reason))),
        2 => Just(Step::FallSilent),
        1 => any::<bool>().prop_map(Step::Down),
        1 => any::<bool>().prop_map(Step::Hang),
        1 => any::<bool>().prop_map(Step::Tokenless),
        2 => any::<bool>().prop_map(Step::Fail),
        2 => any::<bool>().prop_map(Step::Slow),
        1 => any::<bool>().prop_map(Step::Twice),
        2 => vec(closes(), 1..4).prop_map(Step::Refuse),
        1 => Just(Step::Forget),
        4 => select(&[None, Some("0s"), Some("1.5s"), Some("10s"), Some("50s")][..]).prop_map(Step::GoAway),
        4 => any::<bool>().prop_map(Step::Handle),
        3 => any::<bool>().prop_map(Step::Online),
        2 => Just(Step::Woke),
        2 => Just(Step::Retry),
        6 => (1..150_u32).prop_map(Step::Speak),
        6 => Just(Step::Type),
        4 => Just(Step::Answer),
        4 => select(&["one", "two ", "three"][..]).prop_map(Step::Said),
        2 => select(&["four", "five ", "six"][..]).prop_map(Step::Heard),
        2 => Just(Step::Interrupt),
        3 => Just(Step::Complete),
        4 => Just(Step::Call),
        1 => Just(Step::Cancel),
        5 => Just(Step::Respond),
        2 => select(&["activityStart", "activityEnd"][..]).prop_map(Step::Mark),
    ]
}

/// What the user and the application do besides.
fn doing() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Silence),
        2 => any::<bool>().prop_map(Step::Mute),
        2 => any::<bool>().prop_map(Step::Talk),
        1 => any::<bool>().prop_map(Step::Speaker),
        1 => any::<bool>().prop_map(Step::Microphone),
        2 => select(&[3000.0, 30_000.0, 3_600_000.0][..]).prop_map(Step::Sleep),
        2 => (1..150_u32).prop_map(Step::Listen),
    ]
}

fn schedule() -> impl Strategy<Value = Vec<(f64, Step)>> {
    let pause = select(&[0.0, 30.0, 120.0, 400.0, 1500.0, 6000.0, 25_000.0][..]);
    vec((pause, step()), 1..30)
}

fn busy_schedule() -> impl Strategy<Value = Vec<(f64, Step)>> {
    let pause = select(&[0.0, 30.0, 400.0, 1500.0, 25_000.0][..]);
    vec((pause, prop_oneof![2 => step(), 1 => doing()]), 1..30)
}

/// Everything is well again.
fn mend(world: &mut World) {
    let steps =
        [Step::Down(false), Step::Hang(false), Step::Tokenless(false), Step::Slow(false), Step::Twice(false)];
    for step in steps.into_iter().chain([Step::Online(true)]) {
        world.step(step);
    }
    world.network.refusals.clear();
}

/// The same, and it is waited for the session.
fn recover(world: &mut World) {
    mend(world);
    // An answer waits behind audio that finds no room, and that is dropped after two seconds; after twelve, where nothing leaves.
    world.pass(13_000.0);
    let end = world.now + MENDED_MS;
    while world.now < end && !matches!(world.place.life, Life::Begun | Life::Open | Life::End) {
        world.pass(500.0);
    }
}

/// How long it takes at most until there is a link again, or an end: an attempt that hangs, the longest pause, and the way.
const MENDED_MS: f64 = 15_000.0 + 10_000.0 + 4000.0;

fn run(policy: Policy, is_manual: bool, steps: Vec<(f64, Step)>) -> World {
    let config = json!({
        "responseModalities": ["AUDIO"],
        "sessionResumption": {},
        "realtimeInputConfig": { "automaticActivityDetection": { "disabled": is_manual } },
    });
    let mut world = World::open(policy, config);
    for (pause, step) in steps {
        world.pass(pause);
        world.step(step);
    }
    world
}

/// Items in the order in which they came for the first time, and how often each came.
fn first_arrivals(world: &World) -> (Vec<Item>, BTreeMap<Item, Vec<f64>>) {
    let mut order = Vec::new();
    let mut times: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for (at, _, item) in world.arrived() {
        let seen = times.entry(item.clone()).or_default();
        if seen.is_empty() {
            order.push(item);
        }
        seen.push(at);
    }
    (order, times)
}

fn assert_in_order(world: &World, is_ordered: impl Fn(&Item) -> bool) {
    let (mut order, times) = first_arrivals(world);
    order.retain(is_ordered);
    let places: BTreeMap<_, _> = world.given.iter().zip(0..).collect();
    let places: Vec<i32> = order.iter().map(|item| places[item]).collect();
    assert!(places.is_sorted(), "not in order: {order:?}");
    // The browser says how much it has not sent, and not more often than it is asked. So a message may go out twice where the
    // connection broke in the moment after the first time; and nowhere else. But for answers: who goes on with a handle that does not
    // know one waits for it, and who does not is found among the strangers.
    for (item, times) in times.into_iter().filter(|(item, _)| !matches!(item, Item::Response(_))) {
        let Some((first, last)) = times.first().zip(times.last()) else { continue };
        let losses = world.told.iter().filter(|(_, event)| is_loss(event));
        let is_excused = losses.clone().any(|(at, _)| first - 60.0 <= *at && *at <= first + 5200.0);
        assert!(first == last || is_excused, "{item:?} came at {times:?}\n{:#?}", world.outline());
    }
}

fn is_loss(event: &Event) -> bool {
    matches!(event, Event::StateChange { state: State::Reconnecting })
}

/// Every frame of the microphone's was sent, lost on its way, or dropped and counted.
fn assert_accounted(world: &World) {
    let arrived: BTreeSet<Item> = world.arrived().into_iter().map(|(_, _, item)| item).collect();
    let on_the_way = world.lost_on_the_way();
    let is_missing = |item: &&Item| {
        matches!(item, Item::Frame(_)) && !arrived.contains(item) && !on_the_way.contains(item)
    };
    let missing = world.given.iter().filter(is_missing).count() as u32;
    let stuck = world.network.stuck_frames();
    let dropped = world.stats().audio_frames_dropped - world.unheard;
    assert!(missing <= dropped + stuck, "{missing} are missing, {dropped} counted, {stuck} in sockets");
    let losses = world.told.iter().filter(|(_, event)| is_loss(event)).count() as u32;
    assert!(dropped <= missing + 300 * losses, "{dropped} counted, {missing} are missing");
}

/// Every call is answered where it is known, or taken back, and never both; what is neither is waited for.
fn assert_settled(world: &World) {
    assert_eq!(
        world.network.strangers,
        [""; 0],
        "answered where nobody knew of them\n{:#?}",
        world.outline()
    );
    let conversation = world.network.conversation();
    for id in &world.called {
        let times = world.cancelled.iter().filter(|cancelled| *cancelled == id).count();
        assert!(times <= 1, "{id} is taken back once");
        if times == 1 || world.place != Life::Open {
            continue;
        }
        let is_sent = world.sent.contains(&Item::Response(id.clone()));
        assert_eq!(is_sent, world.answered.contains(id), "{id}\n{:#?}", world.outline());
        let is_open = world.network.knows(conversation, id);
        assert!(is_sent || is_open, "{id} is open here alone\n{:#?}", world.outline());
        let is_told = world.told.iter().any(|(_, event)| is_not_sent(event));
        let is_excused = is_told || !world.network.is_heard() || world.crosses_handle(id);
        let is_answered = !is_open || !is_sent || is_excused;
        assert!(is_answered, "{id} is open there alone\n{:#?}", world.outline());
    }
}

fn is_not_sent(event: &Event) -> bool {
    matches!(event, Event::Warning { code: WarningCode::NotSent, .. })
}

/// The application's wish is the end of everything.
fn assert_closes(world: &mut World) {
    world.feed(Input::Close);
    world.pass(5000.0);
    assert_eq!(world.place, Life::End);
    assert_eq!(world.session.deadline(), None);
    assert!(!world.is_paused, "the speaker is left silent");
}

/// A conversation is told the one before it at its beginning, and of nothing that is still to be said in it.
fn assert_told_once(world: &World) {
    let mut last = 0;
    let mut told = Vec::new();
    for (_, conversation, text) in &world.network.delivered {
        let message: serde_json::Value = serde_json::from_str(text).unwrap();
        if let Some(turns) = message["clientContent"]["turns"].as_array() {
            assert!(*conversation > last.max(1), "not at the beginning of a conversation: {text}");
            told = turns.iter().map(|turn| turn["parts"][0]["text"].as_str().unwrap().to_owned()).collect();
        } else if *conversation != last {
            told.clear();
        }
        last = *conversation;
        let said = message["realtimeInput"]["text"].as_str();
        assert!(said.is_none_or(|said| !told.iter().any(|told| told == said)), "told and said: {text}");
    }
}

fn policies() -> impl Strategy<Value = Policy> {
    let give_up = select(&[None, Some(5000), Some(0)][..]);
    (any::<u32>(), give_up, any::<bool>()).prop_map(|(seed, give_up, is_barge_in)| {
        let mut policy = Policy::default();
        policy.seed = seed;
        policy.barge_in = is_barge_in.then(BargeInPolicy::default);
        if let Some(give_up) = give_up {
            policy.retry.give_up = super::world::after_ms(give_up);
            policy.hold_reconnecting = super::world::after_ms(1000);
        }
        policy
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// The grammar of events, what is sent over which link, and that the end is the end, are looked at all the time.
    #[test]
    fn whatever_happens_a_session_comes_back_or_ends(
        policy in policies(), is_manual in any::<bool>(), steps in schedule()
    ) {
        let mut world = run(policy, is_manual, steps);
        recover(&mut world);
        prop_assert!(
            matches!(world.place.life, Life::Open | Life::End), "{:?}\n{:#?}", world.place, world.outline()
        );
        assert_in_order(&world, |_| true);
        assert_settled(&world);
        assert_told_once(&world);
        let setups = world.told.iter().filter(|(_, event)| matches!(event, Event::SetupComplete(_))).count();
        prop_assert_eq!(setups, 1);
        assert_closes(&mut world);
        assert_accounted(&world);
    }

    /// The same with a user who is busy, on a network that is uneven, with a model that closes on audio during a call, and where no handle is given.
    #[test]
    fn whatever_is_done_meanwhile_a_session_comes_back_or_ends(
        policy in policies(),
        is_strict in any::<bool>(),
        has_handles in any::<bool>(),
        uneven in any::<u32>(),
        steps in busy_schedule(),
    ) {
        let model = if is_strict { "gemini-2.5-flash-native-audio-latest" } else { "m" };
        let mut config = json!({ "responseModalities": ["AUDIO"] });
        if has_handles {
            config["sessionResumption"] = json!({});
        }
        let is_pressed = steps.iter().any(|(_, step)| matches!(step, Step::Talk(_)));
        let mut world = World::begun_with(model, policy, config);
        world.network.uneven = uneven;
        for (pause, step) in steps {
            world.pass(pause);
            if has_handles || !matches!(step, Step::Handle(_)) {
                world.step(step);
            }
        }
        recover(&mut world);
        prop_assert!(
            matches!(world.place.life, Life::Begun | Life::Open | Life::End), "{:?}\n{:#?}", world.place, world.outline()
        );
        // Answers overtake audio that the model takes only behind them; what was said right before a press is sent behind it.
        assert_in_order(&world, |item| match item {
            Item::Response(_) => !is_strict,
            Item::Frame(_) => !is_pressed,
            Item::Text(_) => true,
        });
        assert_settled(&world);
        assert_closes(&mut world);
    }

    /// With push-to-talk and manual activity each connection hears of one activity after the other, and of nothing that is said
    /// outside of them.
    #[test]
    fn whatever_happens_what_is_said_lies_between_two_marks(policy in policies(), steps in busy_schedule()) {
        let config = json!({
            "responseModalities": ["AUDIO"],
            "sessionResumption": {},
            "realtimeInputConfig": { "automaticActivityDetection": { "disabled": true } },
        });
        let mut policy = policy;
        policy.push_to_talk = true;
        let mut world = World::begun(policy, config);
        for (pause, step) in steps {
            world.pass(pause);
            // The application's own marks are its own, and a microphone that is closed gives nothing.
            if !matches!(step, Step::Mark(_) | Step::Microphone(false)) {
                world.step(step);
            }
        }
        recover(&mut world);
        let links: BTreeSet<_> = world.spoken_over.iter().map(|(conn, _)| *conn).collect();
        for conn in links {
            let mut is_open = false;
            for (_, kind) in world.spoken_over.iter().filter(|(of, _)| *of == conn) {
                prop_assert_eq!(is_open, *kind != Kind::Mark(Mark::ActivityStart), "{:#?}", world.outline());
                is_open = *kind != Kind::Mark(Mark::ActivityEnd);
            }
        }
        assert_closes(&mut world);
    }

    #[test]
    fn a_session_can_be_closed_at_any_time(steps in schedule(), is_abort in any::<bool>()) {
        let mut world = run(Policy::default(), false, steps);
        world.step(if is_abort { Step::Abort } else { Step::Close });
        world.pass(2100.0);
        prop_assert_eq!(world.place, Life::End);
        for (_, socket) in &world.network.sockets {
            prop_assert!(socket.is_given_up, "a socket was left open");
        }
        assert_accounted(&world);
    }

    /// Without resumption a session ends with its connection.
    #[test]
    fn a_session_that_is_not_to_be_resumed_never_is(steps in schedule()) {
        let mut policy = Policy::default();
        policy.resumption = false;
        let world = run(policy, false, steps);
        prop_assert!(!world.told.iter().any(|(_, event)| is_loss(event)));
        prop_assert_eq!(world.setups, 1);
    }
}

#[test]
fn a_cut_in_each_millisecond_of_a_rotation_is_survived() {
    for ms in (0..700).step_by(7) {
        let mut world =
            run(Policy::default(), false, vec![(0.0, Step::Speak(200)), (1000.0, Step::GoAway(Some("1s")))]);
        world.pass(f64::from(ms));
        world.step(Step::Cut(0.0, broken()));
        world.pass(20_000.0);
        assert_eq!(world.place, Life::Open, "{ms}: {:#?}", world.outline());
        assert_in_order(&world, |_| true);
    }
}
