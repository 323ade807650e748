//! Calls that are open when the connection is lost: whether they still are depends on how old the handle is.

use gemini_live_web::{event::Event, protocol::client, session::Input};
use serde_json::json;

use super::{
    network::WAY,
    scenarios::{assert_told, cut, open, steady, told},
    step::{Item, Step},
    world::World,
};

fn answers(steps: Vec<(f64, Step)>) -> Vec<String> {
    let (world, _) = told(steps, 9000.0);
    let answer = |(_, _, item)| if let Item::Response(id) = item { Some(id) } else { None };
    world.arrived().into_iter().filter_map(answer).collect()
}

#[test]
fn a_call_that_is_younger_than_the_handle_is_taken_back() {
    // The service goes on where it had not called yet: an answer is to nothing, and may end the session.
    let gone = ["500 reconnecting", "500 network 1 0", "750 open", "750 resumed 0 0", "750 cancelled c1"];
    assert_told(vec![(0.0, Step::Call), (500.0, cut())], 9000.0, &gone);
    let late = [&gone[..], &["1500 warning cancelled-call"]].concat();
    let steps = || vec![(0.0, Step::Call), (500.0, cut()), (1000.0, Step::Respond)];
    assert_told(steps(), 9000.0, &late);
    assert_eq!(answers(steps()), [""; 0]);
    // An answer that is given meanwhile waits, for nothing.
    let meanwhile = vec![(0.0, Step::Call), (500.0, cut()), (100.0, Step::Respond)];
    assert_told(meanwhile, 9000.0, &[&gone[..], &["750 warning cancelled-call"]].concat());
}

#[test]
fn a_call_that_the_handle_knows_is_answered_over_the_next_link() {
    let steps = |answered| {
        let mut steps =
            vec![(0.0, Step::Call), (100.0, Step::Handle(true)), (400.0, cut()), (100.0, Step::Woke)];
        steps.insert(answered, (0.0, Step::Respond));
        steps
    };
    for answered in [3, 4] {
        let outline = told(steps(answered), 9000.0).1;
        assert!(outline.last().unwrap().contains("resumed"), "nothing is taken back: {outline:?}");
        assert_eq!(answers(steps(answered)), ["c1"]);
    }
}

#[test]
fn what_has_no_handle_is_no_younger_one() {
    // "Not now", and what has none.
    let steps = vec![(0.0, Step::Call), (100.0, Step::Handle(false)), (400.0, cut())];
    assert!(told(steps, 9000.0).1.last().unwrap().contains("cancelled c1"));
}

#[test]
fn a_call_that_outlasts_the_time_of_a_service_that_goes_away_is_taken_back() {
    let steps = vec![(0.0, Step::Call), (100.0, Step::GoAway(Some("1.5s")))];
    let wanted =
        ["900 reconnecting", "900 go-away 1 0", "1100 open", "1100 resumed 0 0", "1100 cancelled c1"];
    assert_told(steps, 9000.0, &wanted);
    // One that is answered in time is not, and the handle that follows is waited for.
    let steps = vec![
        (0.0, Step::Call),
        (100.0, Step::GoAway(Some("50s"))),
        (900.0, Step::Respond),
        (100.0, Step::Complete),
        (100.0, Step::Handle(true)),
    ];
    let (world, outline) = told(steps.clone(), 9000.0);
    assert!(outline.last().unwrap().contains("resumed"), "{outline:?}");
    assert_eq!(answers(steps), ["c1"]);
    assert!(world.cancelled.is_empty());
}

#[test]
fn each_of_several_calls_has_its_own_age() {
    let steps = vec![
        (0.0, Step::Call),
        (100.0, Step::Handle(true)),
        (100.0, Step::Call),
        (200.0, cut()),
        (2000.0, Step::Respond),
        (100.0, Step::Respond),
    ];
    let (world, outline) = told(steps.clone(), 9000.0);
    assert_eq!(world.cancelled, ["c2"], "{outline:?}");
    assert!(outline.last().unwrap().contains("warning cancelled-call"));
    assert_eq!(answers(steps), ["c1"]);
}

#[test]
fn an_answer_that_the_handle_does_not_know_is_given_again() {
    // It had left its socket, and arrived or not: the service goes on where it waits for it.
    let answered = || vec![(0.0, Step::Call), (100.0, Step::Handle(true)), (400.0, Step::Respond)];
    for after in [10.0, 300.0] {
        let steps = [answered(), vec![(after, cut())]].concat();
        let (world, outline) = told(steps.clone(), 9000.0);
        let times = if after < WAY { 1 } else { 2 };
        assert_eq!(answers(steps), vec!["c1"; times], "{outline:?}");
        assert!(!world.network.knows(1, "c1") && world.network.strangers.is_empty(), "{outline:?}");
        assert!(!outline.last().unwrap().contains("warning"), "{outline:?}");
    }
    // So does who was given its handle while the answer lay in the socket.
    let mut slow = vec![(0.0, Step::Call), (100.0, Step::Slow(true)), (100.0, Step::Respond)];
    slow.extend([(1500.0, Step::Handle(true)), (300.0, Step::Online(false)), (500.0, Step::Slow(false))]);
    slow.push((500.0, Step::Online(true)));
    let (world, outline) = told(slow.clone(), 9000.0);
    assert_eq!(answers(slow), ["c1"; 2], "{outline:?}");
    assert!(!world.network.knows(1, "c1") && world.network.strangers.is_empty(), "{outline:?}");
    // One that is younger knows it, and who begins anew has never asked.
    for next in [Step::Handle(true), Step::Forget] {
        let steps = [answered(), vec![(200.0, next), (200.0, cut())]].concat();
        assert_eq!(answers(steps), ["c1"]);
    }
}

#[test]
fn what_was_answered_in_parts_is_answered_again_in_parts() {
    let mut world = World::open(steady(), json!({ "sessionResumption": {} }));
    for step in [Step::Call, Step::Handle(true)] {
        world.step(step);
        world.pass(200.0);
    }
    for continues in [true, false] {
        let answer = json!({ "id": "c1", "name": "look", "response": { "part": continues }, "willContinue": continues });
        let response = client::tool_response(json!({ "functionResponses": [answer] })).unwrap();
        world.feed(Input::Send(response.into()));
    }
    world.pass(200.0);
    world.step(cut());
    world.pass(5000.0);
    let parts = world.network.delivered.iter().map(|(.., text)| text.contains(r#""part":true"#));
    assert_eq!(parts.collect::<Vec<_>>(), [true, false, true, false]);
}

#[test]
fn an_answer_that_is_lost_with_two_connections_is_given_up_and_told_of() {
    let mut steps = vec![(0.0, Step::Call), (100.0, Step::Handle(true)), (400.0, Step::Respond)];
    steps.extend([(300.0, cut()), (9000.0, cut()), (9000.0, cut())]);
    let (_, outline) = told(steps.clone(), 9000.0);
    assert_eq!(answers(steps), ["c1"; 2], "it may be what the service fails on");
    let warnings: Vec<_> = outline.iter().filter(|line| line.contains("warning")).collect();
    assert!(matches!(warnings[..], [told] if told.ends_with("warning not-sent")), "{outline:?}");
}

#[test]
fn what_arrives_twice_is_called_once_answered_once_and_taken_back_once() {
    let twice = || vec![(0.0, Step::Twice(true)), (0.0, Step::Call)];
    let (world, _) = told([twice(), vec![(500.0, Step::Respond), (500.0, Step::Respond)]].concat(), 2000.0);
    let calls = |event: &Event| matches!(event, Event::ToolCall(_));
    assert_eq!(world.told.iter().filter(|(_, event)| calls(event)).count(), 1);
    assert_eq!(answers([twice(), vec![(500.0, Step::Respond), (500.0, Step::Respond)]].concat()), ["c1"]);
    let (world, _) = told([twice(), vec![(500.0, Step::Cancel)]].concat(), 2000.0);
    assert_eq!(world.cancelled, ["c1"]);
}

#[test]
fn a_call_that_the_next_link_makes_again_is_open_again() {
    let mut world = open();
    world.step(Step::Call);
    world.pass(500.0);
    world.step(Step::Respond);
    world.step(cut());
    world.pass(5000.0);
    world.network.call("c1");
    world.pass(500.0);
    let calls = world.told.iter().filter(|(_, event)| matches!(event, Event::ToolCall(_))).count();
    assert_eq!(calls, 2);
}
