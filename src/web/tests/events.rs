//! Who hears what: iterators, listeners, the end.

use super::*;
use crate::{
    event::LocalEvent,
    web::{
        api::{
            convert::Failures,
            events::{Listeners, Reading},
        },
        driver::meaning::Meaning,
        page::hub::Hub,
        sys::value,
    },
};

fn hub(limit: usize) -> Rc<Hub<JsValue>> {
    Hub::new(limit, 2, value::event)
}

fn warn(hub: &Hub<JsValue>, texts: &[&'static str]) {
    hub.warn(texts.iter().map(|text| Warning::new(WarningCode::NotSent, *text)).collect());
}

fn close(hub: &Hub<JsValue>, error: Option<Error>) {
    hub.tell(&LocalEvent::Closed { close: None, error }.into());
}

fn iterate(hub: &Rc<Hub<JsValue>>) -> Rc<Reading> {
    Reading::new(hub, Failures::default())
}

fn read(result: &JsValue) -> String {
    let field = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).unwrap();
    if field(result, "done").is_truthy() {
        return "done".to_owned();
    }
    let event = field(result, "value");
    let text = field(&event, "message").as_string();
    text.or_else(|| field(&event, "type").as_string()).unwrap()
}

/// What the iterator gives next: the event's message or type, `done`, or the failure's code.
async fn next(reading: &Rc<Reading>) -> String {
    settled(reading.next()).await
}

async fn settled(promise: Promise) -> String {
    match observed(promise).take_within(1_000).await {
        Some(Ok(result)) => read(&result),
        Some(Err(error)) => {
            ["thrown ", &Reflect::get(&error, &"code".into()).unwrap().as_string().unwrap()].concat()
        }
        None => "never".to_owned(),
    }
}

async fn all(reading: &Rc<Reading>) -> String {
    let mut heard = Vec::new();
    loop {
        heard.push(next(reading).await);
        let last = heard.last().unwrap();
        if last == "done" || last == "never" || last.starts_with("thrown") {
            return heard.join(" ");
        }
    }
}

/// A listener that writes down the messages it hears.
fn listener() -> (Function, Array) {
    let heard = Array::new();
    let function =
        Function::new_with_args("list", "return (event) => list.push(event.message ?? event.type)")
            .call1(&JsValue::NULL, &heard)
            .unwrap();
    (function.unchecked_into(), heard)
}

fn joined(heard: &Array) -> String {
    heard.join(" ").into()
}

#[wasm_bindgen_test]
async fn the_iterator_gets_everything_and_ends() {
    let hub = hub(10);
    warn(&hub, &["one", "two"]);
    close(&hub, None);
    let reading = iterate(&hub);
    assert_eq!(all(&reading).await, "one two closed done");
    assert_eq!(next(&reading).await, "done");
}

#[wasm_bindgen_test]
async fn an_iterator_throws_a_failure_once() {
    let hub = hub(10);
    let reading = iterate(&hub);
    close(&hub, Some(Error::new(Code::Network, "gone")));
    assert_eq!(all(&reading).await, "closed thrown network");
    assert_eq!(next(&reading).await, "done");
}

#[wasm_bindgen_test]
async fn iterators_each_have_their_own_way_and_all_end() {
    let hub = hub(10);
    warn(&hub, &["one"]);
    let (first, second) = (iterate(&hub), iterate(&hub));
    assert_eq!(next(&first).await, "one");
    // Turns of the event loop later there is nothing left from before.
    sleep(5).await;
    let late = iterate(&hub);
    warn(&hub, &["two"]);
    let waiting = late.next();
    close(&hub, None);
    assert_eq!(settled(waiting).await, "two");
    assert_eq!(all(&first).await, "two closed done");
    assert_eq!(all(&second).await, "one two closed done");
    assert_eq!(all(&late).await, "closed done");
}

#[wasm_bindgen_test]
async fn answers_that_are_waited_for_together_come_in_order_and_none_hangs() {
    let hub = hub(10);
    let reading = iterate(&hub);
    let asked: Vec<Promise> = (0..5).map(|_| reading.next()).collect();
    sleep(1).await;
    warn(&hub, &["one", "two"]);
    close(&hub, None);
    let mut heard = Vec::new();
    for promise in asked {
        heard.push(settled(promise).await);
    }
    assert_eq!(heard, ["one", "two", "closed", "done", "done"]);
}

#[wasm_bindgen_test]
async fn a_loop_that_is_left_gives_up_what_it_did_not_take() {
    let hub = hub(3);
    let reading = iterate(&hub);
    warn(&hub, &["one"]);
    assert_eq!(next(&reading).await, "one");
    let asked = reading.next();
    reading.leave();
    assert_eq!(settled(asked).await, "done");
    sleep(5).await;
    let (function, heard) = listener();
    let listeners = Listeners::new(3);
    listeners.add(&hub, "*".into(), function);
    sleep(1).await;
    for _ in 0..10 {
        warn(&hub, &["more"]);
    }
    assert!(!hub.life().is_over());
    assert_eq!(heard.length(), 10, "it follows, and nobody else has to");
}

#[wasm_bindgen_test]
async fn a_loop_that_follows_another_at_once_goes_on_where_that_was_left() {
    let hub = hub(10);
    warn(&hub, &["one", "two", "three"]);
    let reading = iterate(&hub);
    sleep(5).await;
    assert_eq!(next(&reading).await, "one");
    reading.leave();
    let following = iterate(&hub);
    close(&hub, None);
    assert_eq!(all(&following).await, "two three closed done");
}

#[wasm_bindgen_test]
async fn an_application_that_does_not_take_its_events_is_told_so() {
    let hub = hub(2);
    warn(&hub, &["one", "two", "three", "four"]);
    // What the driver answers to that.
    close(&hub, Some(Error::new(Code::EventOverflow, "full")));
    assert_eq!(all(&iterate(&hub)).await, "one two closed thrown event-overflow");
}

#[wasm_bindgen_test]
async fn the_first_listeners_hear_what_happened_before_and_a_later_one_does_not() {
    let hub = hub(3);
    let listeners = Listeners::new(3);
    warn(&hub, &["early"]);
    let (function, heard) = listener();
    let off = listeners.add(&hub, "*".into(), function);
    let (function, others) = listener();
    listeners.add(&hub, "warning".into(), function);
    warn(&hub, &["late"]);
    sleep(5).await;
    let (function, latest) = listener();
    listeners.add(&hub, "*".into(), function);
    sleep(1).await;
    assert_eq!((joined(&heard), joined(&latest)), ("early late".into(), "".into()));
    for _ in 0..10 {
        warn(&hub, &["more"]);
    }
    off.call0(&JsValue::NULL).unwrap();
    off.call0(&JsValue::NULL).unwrap();
    close(&hub, None);
    assert_eq!(heard.length(), 12);
    assert_eq!(others.length(), 12, "no closed event: it listens to warnings");
    assert_eq!(latest.length(), 11);
}

#[wasm_bindgen_test]
async fn a_listener_is_never_told_again_what_an_iterator_was_given() {
    let hub = hub(10);
    let reading = iterate(&hub);
    warn(&hub, &["given", "waiting"]);
    assert_eq!(next(&reading).await, "given");
    let listeners = Listeners::new(10);
    let (function, heard) = listener();
    listeners.add(&hub, "*".into(), function);
    sleep(5).await;
    warn(&hub, &["new"]);
    close(&hub, None);
    assert!(!joined(&heard).contains("given"), "{}", joined(&heard));
    assert!(joined(&heard).ends_with("new closed"), "{}", joined(&heard));
}

#[wasm_bindgen_test]
async fn the_end_is_heard_once_whatever_follows() {
    let hub = hub(1);
    let listeners = Listeners::new(1);
    let (function, heard) = listener();
    listeners.add(&hub, "*".into(), function);
    sleep(1).await;
    close(&hub, Some(Error::new(Code::Internal, "crashed")));
    close(&hub, Some(Error::new(Code::Internal, "crashed again")));
    warn(&hub, &["after"]);
    assert_eq!(joined(&heard), "closed");
}

#[wasm_bindgen_test]
async fn a_listener_that_comes_after_the_end_hears_it_if_nobody_did() {
    let hub = hub(2);
    warn(&hub, &["one", "two", "three"]);
    close(&hub, None);
    let listeners = Listeners::new(2);
    let (function, heard) = listener();
    listeners.add(&hub, "closed".into(), function);
    sleep(1).await;
    assert_eq!(joined(&heard), "closed");
}

#[wasm_bindgen_test]
async fn nothing_is_held_for_listeners_once_the_session_is_over() {
    let hub = hub(10);
    let listeners = Listeners::new(10);
    let (function, _) = listener();
    listeners.add(&hub, "*".into(), function);
    sleep(1).await;
    assert_eq!(listeners.count(), 1);
    close(&hub, None);
    assert_eq!(listeners.count(), 0);
    let (function, _) = listener();
    listeners.add(&hub, "*".into(), function);
    assert_eq!(listeners.count(), 0, "nor for one that comes later");
}

#[wasm_bindgen_test]
async fn what_a_listener_causes_is_heard_after_its_cause() {
    let hub = hub(10);
    let listeners = Listeners::new(10);
    let inner = hub.clone();
    let cause: Closure<dyn FnMut(JsValue)> = Closure::new(move |event: JsValue| {
        if Reflect::get(&event, &"message".into()).unwrap() == "cause" {
            warn(&inner, &["effect"]);
        }
    });
    listeners.add(&hub, "*".into(), cause.as_ref().unchecked_ref::<Function>().clone());
    let (function, heard) = listener();
    listeners.add(&hub, "*".into(), function);
    sleep(1).await;
    warn(&hub, &["cause"]);
    assert_eq!(joined(&heard), "cause effect");
}

#[wasm_bindgen_test]
async fn the_events_own_words_move_the_life() {
    let hub = hub(10);
    hub.tell(&LocalEvent::StateChange { state: crate::event::State::Open }.into());
    assert_eq!(hub.life().state().as_str(), "open");
    hub.hear(JsValue::NULL, Meaning::Closed(None));
    assert_eq!(hub.life().state().as_str(), "closed");
    assert_eq!(hub.opened().take().await.unwrap().unwrap_err().code, Code::Aborted);
}
