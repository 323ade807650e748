//! Time in the browser: the clock, the one timer, and deadlines for what is awaited.

use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

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
pub(super) fn now() -> Instant {
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
pub(super) struct Alarm {
    ring: Closure<dyn FnMut()>,
    armed: RefCell<Option<JsValue>>,
    due: Cell<Option<Instant>>,
}

impl Alarm {
    pub(super) fn new(ring: impl FnMut() + 'static) -> Self {
        Self { ring: Closure::new(ring), armed: RefCell::new(None), due: Cell::new(None) }
    }

    pub(super) fn set(&self, due: Option<Instant>) {
        if self.due.get() == due && self.armed.borrow().is_some() == due.is_some() {
            return;
        }
        self.clear();
        self.due.set(due);
        let Some(due) = due else { return };
        // Browsers cut fractions off; a timer that rings early would only be set again.
        let ms = due.ms_since(now()).ceil();
        self.armed.replace(Some(set_timeout(self.ring.as_ref().unchecked_ref(), ms)));
    }

    /// The timer rang: it is not armed any more.
    pub(super) fn rang(&self) {
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

/// Waits so many milliseconds. Dropping the future cancels the wait.
async fn sleep(ms: u32) {
    struct Pending(JsValue);
    impl Drop for Pending {
        fn drop(&mut self) {
            clear_timeout(&self.0);
        }
    }
    let mut pending = None;
    let promise =
        Promise::new(&mut |resolve, _| pending = Some(Pending(set_timeout(&resolve, f64::from(ms)))));
    // The promise never rejects.
    let _ = JsFuture::from(promise).await;
    drop(pending);
}

/// What `future` gives, or `None` if it takes longer than `ms`.
pub(super) async fn within<T>(ms: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut deadline = pin!(sleep(ms));
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        deadline.as_mut().poll(context).map(|()| None)
    })
    .await
}
