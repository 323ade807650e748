//! Time in the browser: the clock, and the one timer.

use std::cell::{Cell, RefCell};

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;

use crate::time::Instant;

#[wasm_bindgen]
extern "C" {
    // Bound as free functions: the same names exist on a page and in a Worker.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, ms: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
}

/// Now, on the clock of this page or Worker.
pub(in crate::web) fn now() -> Instant {
    thread_local! {
        static CLOCK: Option<web_sys::Performance> =
            Reflect::get(&js_sys::global(), &"performance".into()).ok().and_then(|value| value.dyn_into().ok());
    }
    Instant::from_ms(
        CLOCK.with(|clock| clock.as_ref().map_or_else(js_sys::Date::now, web_sys::Performance::now)),
    )
}

/// The driver's only timer: rings once at the deadline that was set last.
#[derive(Debug)]
pub(in crate::web) struct Alarm {
    ring: Closure<dyn FnMut()>,
    armed: RefCell<Option<JsValue>>,
    due: Cell<Option<Instant>>,
}

impl Alarm {
    pub(in crate::web) fn new(ring: impl FnMut() + 'static) -> Self {
        Self { ring: Closure::new(ring), armed: RefCell::new(None), due: Cell::new(None) }
    }

    pub(in crate::web) fn set(&self, due: Option<Instant>) {
        if self.due.get() == due && self.armed.borrow().is_some() == due.is_some() {
            return;
        }
        self.clear();
        self.due.set(due);
        let Some(due) = due else { return };
        // Browsers cut fractions off; a timer that rings early would only be set again.
        let ms = due.ms_since(now()).ceil().min(LONGEST_MS);
        self.armed.replace(Some(set_timeout(self.ring.as_ref().unchecked_ref(), ms)));
    }

    /// The timer rang: it is not armed any more.
    pub(in crate::web) fn rang(&self) {
        self.armed.replace(None);
        self.due.set(None);
    }

    fn clear(&self) {
        if let Some(id) = self.armed.take() {
            clear_timeout(&id);
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The longest time that `setTimeout` takes; what is longer would ring at once.
const LONGEST_MS: f64 = 2_147_483_647.0;
