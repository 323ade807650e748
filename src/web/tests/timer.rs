//! The one timer: what the browser cannot count is waited for all the same.

use std::{cell::Cell, rc::Rc, time::Duration};

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::web::sys::timer::{Alarm, now};

/// Lets the page's own timers run: those that are due at once have rung after it.
async fn turns() {
    let wait = Function::new_with_args("resolve", "setTimeout(resolve, 20)");
    let promise = Promise::new(&mut |resolve, _| {
        wait.call1(&JsValue::NULL, &resolve).expect("a timer");
    });
    JsFuture::from(promise).await.expect("it only resolves");
}

#[wasm_bindgen_test]
async fn a_deadline_beyond_what_a_timer_can_count_does_not_ring_at_once() {
    let rang = Rc::new(Cell::new(0));
    let ringing = rang.clone();
    let alarm = Alarm::new(move || ringing.set(ringing.get() + 1));
    // setTimeout takes 31 bits of milliseconds, 25 days, and takes what is more for nothing.
    alarm.set(Some(now() + Duration::from_secs(30 * 86_400)));
    turns().await;
    assert_eq!(rang.get(), 0);
    alarm.set(Some(now()));
    turns().await;
    assert_eq!(rang.get(), 1, "it can ring");
}
