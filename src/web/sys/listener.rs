//! Listeners on what the browser has, taken off when dropped.

use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, EventTarget};

/// Something done at each event of a kind, until it is dropped.
#[derive(Debug)]
pub(in crate::web) struct Listener {
    target: EventTarget,
    kind: &'static str,
    act: Closure<dyn FnMut()>,
}

impl Listener {
    pub(in crate::web) fn new(target: &EventTarget, kind: &'static str, act: impl FnMut() + 'static) -> Self {
        let act = Closure::new(act);
        // Fails for no kind.
        let _ = target.add_event_listener_with_callback_and_bool(kind, act.as_ref().unchecked_ref(), CAPTURE);
        Self { target: target.clone(), kind, act }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let act = self.act.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback_and_bool(self.kind, act, CAPTURE);
    }
}

/// Something done when a signal aborts; nothing once this is dropped. One that is aborted already does nothing more.
pub(in crate::web) fn on_abort(signal: &AbortSignal, act: impl FnMut() + 'static) -> Listener {
    Listener::new(signal, "abort", act)
}

/// The page may stop an event on its way to where it happens, or back.
const CAPTURE: bool = true;
