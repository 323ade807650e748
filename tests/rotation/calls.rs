//! Calls that are open when the connection is lost: whether they still are depends on how old the handle is.

use super::{
    scenarios::{assert_told, cut, told},
    step::{Item, Step},
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
