//! What a service that has forgotten the conversation is told of it.

use gemini_live_web::{
    event::Event,
    protocol::client,
    session::{Input, Playback, Policy},
};
use serde_json::{Value, json};

use super::{
    grammar::Life,
    network::close,
    scenarios::{cut, steady},
    step::{Item, Step},
    world::World,
};

const V3_1: &str = "gemini-3.1-flash-live-preview";
const V3_8: &str = "gemini-3.8-live";

fn config() -> Value {
    json!({ "responseModalities": ["AUDIO"], "sessionResumption": {} })
}

/// A question that was typed and one that was spoken, each with its answer.
fn talked(model: &str, policy: Policy) -> World {
    let mut world = World::open_with(model, policy, config());
    let steps = [
        Step::Type,
        Step::Said("Green."),
        Step::Complete,
        Step::Heard("And now?"),
        Step::Said("Red."),
        Step::Complete,
    ];
    for step in steps {
        world.step(step);
        world.pass(100.0);
    }
    world
}

/// The connection is lost, and the conversation with it.
fn restart(world: &mut World) {
    world.step(Step::Forget);
    world.step(cut());
    world.pass(1000.0);
}

/// What the service got in a conversation, as JSON.
fn got(world: &World, conversation: u32) -> Vec<Value> {
    let here = world.network.delivered.iter().filter(|(_, of, _)| *of == conversation);
    here.map(|(_, _, text)| serde_json::from_str(text).unwrap()).collect()
}

/// The turns of client content, in short.
fn turns(message: &Value) -> Vec<String> {
    let list = message["clientContent"]["turns"].as_array().into_iter().flatten();
    let line = |turn: &Value| {
        format!("{}: {}", turn["role"].as_str().unwrap(), turn["parts"][0]["text"].as_str().unwrap())
    };
    list.map(line).collect()
}

/// Whether it was told, of how many turns, and of how many not: each time.
fn restarts(world: &World) -> Vec<(bool, u32, u32)> {
    let restarted = |(_, event): &(f64, Event)| match event {
        Event::Restarted { reseeded, reseeded_turns, dropped_turns, .. } => {
            Some((*reseeded, *reseeded_turns, *dropped_turns))
        }
        _ => None,
    };
    world.told.iter().filter_map(restarted).collect()
}

#[test]
fn a_fresh_conversation_begins_with_the_history_of_the_one_before() {
    for (model, is_declared) in [(V3_8, false), (V3_1, true)] {
        let mut world = talked(model, steady());
        restart(&mut world);
        world.step(Step::Type);
        world.pass(1000.0);
        assert_eq!(restarts(&world), [(true, 4, 0)], "{model}");
        let got = got(&world, 2);
        assert_eq!(turns(&got[0]), ["user: t1", "model: Green.", "user: And now?", "model: Red."], "{model}");
        assert_eq!(got[1]["realtimeInput"]["text"], "t2");
        // Where it is not declared it must not be answered; where it is, it has to end.
        assert_eq!(got[0]["clientContent"]["turnComplete"], is_declared, "{model}");
        let declared = &world.network.setups[1]["historyConfig"]["initialHistoryInClientContent"];
        assert_eq!(*declared == true, is_declared, "{model}: {declared}");
        assert!(!world.outline().iter().any(|word| word.contains("warning")), "{:?}", world.outline());
        // Nobody waits for an answer to it.
        world.step(Step::Said("Blue."));
        world.step(Step::Complete);
        world.pass(300_000.0);
        assert_eq!((world.place.life, world.stats().rotations), (Life::Open, 1), "{model}");
    }
}

#[test]
fn a_history_alone_is_no_question() {
    let mut world = talked(V3_1, steady());
    restart(&mut world);
    world.pass(300_000.0);
    assert_eq!(world.stats().rotations, 1, "{:?}", world.outline());
}

#[test]
fn what_waits_is_said_after_the_history_and_is_no_part_of_it() {
    let mut world = talked(V3_8, steady());
    world.step(Step::Down(true));
    restart(&mut world);
    world.step(Step::Speak(5));
    world.step(Step::Type);
    world.pass(500.0);
    world.step(Step::Down(false));
    world.step(Step::Retry);
    world.pass(2000.0);
    let got = got(&world, 2);
    assert_eq!(turns(&got[0]).len(), 4, "{:?}", turns(&got[0]));
    let items: Vec<Item> =
        world.arrived().into_iter().filter(|(_, of, _)| *of == 2).map(|(_, _, item)| item).collect();
    assert_eq!(items, world.given[1..], "and in its order");
    assert_eq!(restarts(&world), [(true, 4, 0)], "what is still to be said is not dropped");
}

#[test]
fn the_oldest_turns_are_dropped_whole_and_how_many_is_said() {
    // "And now?" and "Red." have 12 letters, "Green." has 6, and t1 two.
    for (most, told) in [(0, 0), (3, 0), (11, 1), (12, 2), (17, 2), (18, 3), (20, 4)] {
        let mut policy = steady();
        policy.reseed_bytes = most;
        let mut world = talked(V3_8, policy);
        restart(&mut world);
        assert_eq!(restarts(&world), [(told > 0, told, 4 - told)], "{most}");
        let history = got(&world, 2).first().map(turns).unwrap_or_default();
        let all = ["user: t1", "model: Green.", "user: And now?", "model: Red."];
        assert_eq!(history, all[4 - told as usize..], "{most}");
    }
}

#[test]
fn what_was_not_heard_of_an_answer_is_not_claimed() {
    let mut world = talked(V3_8, steady());
    // Sooner, its words would be the last of the answer before.
    world.pass(1000.0);
    for step in [Step::Said("one"), Step::Answer, Step::Said(" two"), Step::Answer] {
        world.step(step);
        world.pass(60.0);
    }
    // Each has 2400 samples.
    let played = Playback { epoch_played: 3000.0, played: 3000.0, is_playing: true, ..Playback::default() };
    world.feed(Input::Played(played));
    world.feed(Input::Interrupt);
    restart(&mut world);
    assert_eq!(turns(&got(&world, 2)[0])[4..], ["model: one"]);
}

#[test]
fn models_without_a_conversation_are_told_none() {
    let mut world = talked("gemini-3.5-live-translate-preview", steady());
    restart(&mut world);
    assert_eq!(restarts(&world), [(false, 0, 4)]);
    assert!(got(&world, 2).is_empty());
}

#[test]
fn a_setup_that_is_refused_for_its_history_is_offered_without() {
    let mut world = talked(V3_1, steady());
    let refused = close(1007, "Invalid JSON payload received. Unknown name \"historyConfig\"");
    world.step(Step::Forget);
    // The handle is refused, then the history.
    let stale = close(1008, "BidiGenerateContent session not found");
    world.step(Step::Refuse(vec![stale, refused.clone()]));
    world.step(cut());
    world.pass(3000.0);
    assert_eq!(
        (world.place.life, restarts(&world)),
        (Life::Open, vec![(false, 0, 4)]),
        "{:?}",
        world.outline()
    );
    assert_eq!(world.network.setups.last().unwrap()["historyConfig"], Value::Null);
    // It may have been something else: the next refusal is the end.
    world.step(Step::Forget);
    world.step(Step::Refuse(vec![refused.clone(), refused]));
    world.step(cut());
    world.pass(3000.0);
    assert_eq!(world.place, Life::End, "{:?}", world.outline());
}

#[test]
fn a_conversation_that_ends_for_its_history_is_begun_without() {
    for (model, reason) in [(V3_1, "Request contains an invalid argument."), (V3_8, "Internal error.")] {
        let mut world = talked(model, steady());
        (world.network.poison, world.network.is_late) = (Some("Green."), true);
        world.network.poisoned = close(if model == V3_1 { 1007 } else { 1011 }, reason);
        restart(&mut world);
        world.step(Step::Handle(true));
        world.pass(15_000.0);
        assert_eq!(world.place, Life::Open, "{:?}", world.outline());
        assert_eq!(restarts(&world), [(true, 4, 0), (false, 0, 4)], "{model}: {:?}", world.outline());
    }
}

#[test]
fn words_on_which_the_service_failed_are_not_told() {
    let mut world = talked(V3_8, steady());
    (world.network.poison, world.network.is_late) = (Some("t2"), true);
    world.step(Step::Type);
    world.pass(15_000.0);
    restart(&mut world);
    world.pass(20_000.0);
    assert_eq!(turns(&got(&world, 2)[0]).last().map(String::as_str), Some("model: Red."));
}

#[test]
fn a_history_that_never_left_is_told_once_to_whoever_comes_next() {
    let mut world = talked(V3_8, steady());
    world.step(Step::Slow(true));
    world.network.passes_setups = true;
    restart(&mut world);
    assert!(got(&world, 2).is_empty());
    world.step(Step::Forget);
    world.step(cut());
    world.step(Step::Slow(false));
    world.pass(20_000.0);
    let told = got(&world, 3);
    assert_eq!(told.iter().filter(|message| !turns(message).is_empty()).count(), 1, "{told:?}");
    assert_eq!(turns(&told[0]).len(), 4);
    assert_eq!(restarts(&world), [(true, 4, 0), (true, 4, 0)]);
}

#[test]
fn a_conversation_that_is_resumed_declares_no_history() {
    let mut config = config();
    config["historyConfig"] = json!({ "initialHistoryInClientContent": true });
    let mut world = World::open_with(V3_1, steady(), config);
    world.step(cut());
    world.pass(1000.0);
    let declares = |setup: &Value| setup.get("historyConfig").is_some();
    assert!(declares(world.network.setups.last().unwrap()), "nothing was said yet: it may still come");
    world.step(Step::Type);
    world.pass(15_000.0);
    world.step(cut());
    world.pass(15_000.0);
    let [first, .., last] = &world.network.setups[..] else { panic!("{:?}", world.network.setups) };
    assert!(declares(first) && !declares(last) && last["sessionResumption"]["handle"].is_string());
}

#[test]
fn a_service_in_trouble_is_told_the_history_when_it_is_well_again() {
    for model in [V3_1, V3_8] {
        let mut world = talked(model, steady());
        world.step(Step::Forget);
        let stale = close(1008, "BidiGenerateContent session not found");
        world.step(Step::Refuse(vec![stale, close(1011, "Internal error encountered.")]));
        world.step(cut());
        world.pass(15_000.0);
        assert_eq!(restarts(&world), [(true, 4, 0)], "{model}: {:?}", world.outline());
    }
}

#[test]
fn what_becomes_of_a_conversation_much_later_is_not_its_historys_fault() {
    let mut world = talked(V3_8, steady());
    restart(&mut world);
    world.step(Step::Handle(true));
    world.pass(60_000.0);
    world.step(Step::Cut(0.0, close(1011, "Internal error encountered.")));
    world.pass(15_000.0);
    assert_eq!(restarts(&world), [(true, 4, 0)], "{:?}", world.outline());
    assert!(world.outline().last().unwrap().contains("resumed"), "{:?}", world.outline());
}

#[test]
fn a_history_of_the_applications_own_is_no_question() {
    let mut config = config();
    config["historyConfig"] = json!({ "initialHistoryInClientContent": true });
    let mut world = World::begun_with(V3_1, steady(), config);
    let turns =
        json!({ "turns": [{ "role": "user", "parts": [{ "text": "Hello" }] }], "turnComplete": true });
    world.feed(Input::Send(client::client_content(turns).expect("usable").into()));
    world.pass(300_000.0);
    assert_eq!((world.place.life, world.stats().rotations), (Life::Open, 0), "{:?}", world.outline());
}
