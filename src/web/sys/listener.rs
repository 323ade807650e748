//! Listeners on what the browser has, taken off when dropped; and the other way round, what tells such listeners.

use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal, EventTarget};

/// Something done at each event of a kind, until it is dropped.
#[derive(Debug)]
pub(in crate::web) struct Listener {
    target: EventTarget,
    kind: &'static str,
    is_first: bool,
    act: Closure<dyn FnMut()>,
}

impl Listener {
    pub(in crate::web) fn new(target: &EventTarget, kind: &'static str, act: impl FnMut() + 'static) -> Self {
        Self::with(target, kind, act, false)
    }

    /// One that hears an event on its way to where it happens: on its way back the page may stop it.
    pub(in crate::web) fn first(
        target: &EventTarget,
        kind: &'static str,
        act: impl FnMut() + 'static,
    ) -> Self {
        Self::with(target, kind, act, true)
    }

    fn with(target: &EventTarget, kind: &'static str, act: impl FnMut() + 'static, is_first: bool) -> Self {
        let act = Closure::new(act);
        // Fails for no kind.
        let _ =
            target.add_event_listener_with_callback_and_bool(kind, act.as_ref().unchecked_ref(), is_first);
        Self { target: target.clone(), kind, is_first, act }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let act = self.act.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback_and_bool(self.kind, act, self.is_first);
    }
}

/// Something done when a signal aborts; nothing once this is dropped. One that is aborted already does nothing more.
pub(in crate::web) fn on_abort(signal: &AbortSignal, act: impl FnMut() + 'static) -> Listener {
    Listener::new(signal, "abort", act)
}

/// Tells, when it is dropped, that something is over.
#[derive(Debug)]
pub(in crate::web) struct Over(Option<AbortController>);

impl Default for Over {
    fn default() -> Self {
        Self(AbortController::new().ok())
    }
}

impl Over {
    pub(in crate::web) fn signal(&self) -> Option<AbortSignal> {
        self.0.as_ref().map(AbortController::signal)
    }
}

impl Drop for Over {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortController::abort);
    }
}
