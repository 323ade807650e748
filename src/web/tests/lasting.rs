//! What lets a session last: what is asked for, what is kept, and when nothing ran.

use super::*;
use crate::{
    event::{LocalEvent, SessionEvent},
    json,
    protocol::server,
    web::{
        driver::{
            meaning::{Handle, Meaning},
            surroundings::Clocks,
        },
        page::keepsake::Keepsake,
    },
};

fn planned(more: &[(&str, JsValue)]) -> Plan {
    let least = [("model", JsValue::from("m")), ("token", "/token".into())];
    options(&[&least[..], more].concat()).unwrap()
}

fn asked_for(more: &[(&str, JsValue)]) -> String {
    planned(more).setup.to_message()
}

#[wasm_bindgen_test]
fn a_session_asks_for_what_makes_it_last_unless_it_is_told_not_to() {
    let (handles, window) =
        (r#""sessionResumption":{}"#, r#""contextWindowCompression":{"slidingWindow":{}}"#);
    let holds = |setup: &str| (setup.contains(handles), setup.contains(window));
    let config = |name: &str, value: JsValue| [("config", object(&[(name, value)]).into())];
    assert_eq!(holds(&asked_for(&[])), (true, true));
    assert_eq!(holds(&asked_for(&config("sessionResumption", JsValue::NULL))), (false, true));
    assert_eq!(holds(&asked_for(&config("contextWindowCompression", false.into()))), (true, false));
    assert_eq!(holds(&asked_for(&[("resumption", false.into())])), (false, true));
}

#[wasm_bindgen_test]
fn the_pauses_are_as_the_application_says_and_within_reason() {
    let retry = |name: &str, value: f64| [("retry", object(&[(name, value.into())]).into())];
    let policy = planned(&retry("giveUpMs", 1500.0)).policy;
    assert_eq!(policy.retry.give_up.as_millis(), 1500);
    assert_eq!(policy.retry.first.as_millis(), 500, "the rest is as it is without");
    assert!(planned(&retry("giveUpMs", 0.0)).policy.retry.give_up.is_zero(), "one attempt");
    let patient = planned(&[("silenceMs", 40_000.into()), ("holdMs", 1000.into())]).policy;
    assert_eq!((patient.silence.as_secs(), patient.hold_reconnecting.as_secs()), (40, 1));
    assert_eq!((policy.silence.as_secs(), policy.hold_reconnecting.as_secs()), (20, 20));
    assert!(policy.resumption && !policy.fresh_if_stale);
    for (name, value) in [
        ("firstMs", 0.0),
        ("longestMs", f64::INFINITY),
        ("giveUpMs", -1.0),
        ("factor", 0.5),
        ("factor", f64::NAN),
        ("jitter", 1.1),
        ("perhaps", 1.0),
    ] {
        let least = [("model", JsValue::from("m")), ("token", "/token".into())];
        let error = options(&[&least[..], &retry(name, value)].concat()).err().unwrap();
        assert_eq!((error.code, error.field.as_deref()), (Code::InvalidOption, Some(name)));
    }
}

#[wasm_bindgen_test]
fn what_is_no_object_of_options_is_refused_by_its_name() {
    let least = [("model", JsValue::from("m")), ("token", "/token".into())];
    for name in ["retry", "prices", "budget"] {
        let error = options(&[&least[..], &[(name, 5.into())]].concat()).err().unwrap();
        assert_eq!((error.code, error.field.as_deref()), (Code::InvalidOption, Some(name)));
    }
}

#[wasm_bindgen_test]
fn sessions_do_not_pause_in_step() {
    let seeds = [planned(&[]).policy.seed, planned(&[]).policy.seed, planned(&[]).policy.seed];
    assert!(seeds.iter().any(|seed| *seed != seeds[0]), "{seeds:?}");
}

#[wasm_bindgen_test]
fn what_was_kept_is_offered_unless_the_application_has_a_handle_of_its_own() {
    let kept = Keepsake::new("the key".to_owned());
    let persist = || ("persist", JsValue::from("the key"));
    let handle =
        |plan: &Plan| plan.setup.at("sessionResumption.handle").and_then(|it| it.as_str()).map(str::to_owned);
    assert_eq!(handle(&planned(&[persist()])), None);
    kept.keep(Some("kept"));
    let plan = planned(&[persist()]);
    assert_eq!((handle(&plan).as_deref(), plan.policy.fresh_if_stale), (Some("kept"), true));
    assert_eq!(handle(&planned(&[("persist", "another key".into())])), None);
    assert_eq!(handle(&planned(&[persist(), ("resumption", false.into())])), None);
    let own = object(&[("sessionResumption", object(&[("handle", "own".into())]).into())]);
    let plan = planned(&[persist(), ("config", own.into())]);
    assert_eq!((handle(&plan).as_deref(), plan.policy.fresh_if_stale), (Some("own"), false));
    kept.keep(None);
    assert_eq!(kept.handle(), None);
}

#[wasm_bindgen_test]
fn a_storage_that_cannot_be_had_keeps_nothing_and_harms_nothing() {
    let set = |getter: &str| {
        let script = [
            "Object.defineProperty(globalThis, 'sessionStorage', { configurable: true, get() { ",
            getter,
            " } })",
        ];
        js_sys::eval(&script.concat()).unwrap();
    };
    let own = js_sys::eval("Object.getOwnPropertyDescriptor(globalThis, 'sessionStorage')").unwrap();
    let kept = Keepsake::new("the key".to_owned());
    for getter in [
        "throw new DOMException('forbidden', 'SecurityError')",
        "return null",
        "return { getItem() { throw 1 }, setItem() { throw 2 }, removeItem() { throw 3 } }",
    ] {
        set(getter);
        kept.keep(Some("kept"));
        assert_eq!(kept.handle(), None, "{getter}");
        kept.keep(None);
    }
    Object::define_property(&js_sys::global(), &"sessionStorage".into(), own.unchecked_ref());
}

#[wasm_bindgen_test]
fn a_good_handle_is_known_from_what_only_looks_like_one() {
    let meaning = |update: json::Value| {
        let message = json::json!({ "sessionResumptionUpdate": update }).to_string();
        let items = server::decode(message.as_bytes()).unwrap();
        let event = items.into_iter().find_map(|item| match item {
            server::Item::Event(event) => Some(event),
            server::Item::Audio(_) => None,
        });
        Meaning::of(&SessionEvent::Server(event.expect("one event")))
    };
    let good = meaning(json::json!({ "newHandle": "good", "resumable": true }));
    assert_eq!(good, Meaning::Handle(Some(Handle("good".into()))));
    for update in [
        json::json!({}),
        json::json!({ "resumable": true }),
        json::json!({ "newHandle": "h" }),
        json::json!({ "newHandle": "", "resumable": true }),
        json::json!({ "newHandle": "h", "resumable": false }),
    ] {
        assert_eq!(meaning(update.clone()), Meaning::News, "{update}");
    }
    let restarted = LocalEvent::Restarted {
        reseeded: true,
        reseeded_turns: 2,
        dropped_turns: 0,
        held_ms: 0.0,
        lost_ms: 0.0,
    };
    assert_eq!(Meaning::of(&restarted.into()), Meaning::Handle(None), "the old one is good for nothing");
    assert!(!format!("{good:?}").contains("good"), "a handle is in no Debug");
}

#[wasm_bindgen_test]
fn a_clock_that_stood_still_and_a_timer_that_came_late_show_a_sleep() {
    let at = |steady_ms, date_ms| Clocks { steady_ms, date_ms };
    let last = at(1000.0, 50_000.0);
    let slept = |now: Clocks| now.have_slept(last, 5000.0);
    assert!(!slept(at(3000.0, 52_000.0)), "as it should be");
    assert!(!slept(at(7900.0, 56_900.0)), "a busy machine");
    assert!(slept(at(8100.0, 57_100.0)), "nothing ran for six seconds");
    assert!(slept(at(3000.0, 58_000.0)), "the steady clock slept too");
    assert!(!slept(at(3000.0, 10_000.0)), "somebody has set the date back");
}
