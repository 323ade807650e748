//! Events as JavaScript takes them: listeners, and the iterator.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::web::{
    api::{convert::Failures, js::boxed},
    page::hub::{Cursor, Hub, Taken},
    sys::{task::spawn_local, value::object},
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = reportError)]
    fn report_error(error: &JsValue);
}

/// The functions that hear a session's events, each event at once and in order.
///
/// The first to come is also told what happened before, one microtask later, so that it has its way off by then.
#[derive(Default)]
pub(in crate::web) struct Listeners {
    all: RefCell<Vec<Rc<Listener>>>,
    /// Events on their way: one that a listener causes is heard after its cause.
    pending: RefCell<VecDeque<JsValue>>,
    /// Whether the newest of them is the session's last.
    is_ending: Cell<bool>,
    limit: usize,
    stage: Cell<Stage>,
}

struct Listener {
    kind: String,
    function: Function,
    is_off: Cell<bool>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Stage {
    /// Nobody has ever listened: the hub keeps what happens.
    #[default]
    Unclaimed,
    /// Somebody is telling them.
    Busy,
    Idle,
    /// The last event was told, and what listened to it forgotten: a listener may hold all of an application.
    Over,
}

impl Listeners {
    pub(in crate::web) fn new(limit: usize) -> Rc<Self> {
        Rc::new(Self { limit, ..Self::default() })
    }

    /// Adds a listener. Returns the function that removes it.
    pub(in crate::web) fn add(
        self: &Rc<Self>,
        hub: &Rc<Hub<JsValue>>,
        kind: String,
        function: Function,
    ) -> Function {
        let listener = Rc::new(Listener { kind, function, is_off: Cell::new(false) });
        if self.stage.get() != Stage::Over {
            self.all.borrow_mut().push(listener.clone());
        }
        if self.stage.get() == Stage::Unclaimed {
            self.claim(hub);
        }
        let me = Rc::downgrade(self);
        let off: Closure<dyn FnMut()> = Closure::new(move || {
            listener.is_off.set(true);
            if let Some(listeners) = me.upgrade() {
                listeners.all.borrow_mut().retain(|other| !Rc::ptr_eq(other, &listener));
            }
        });
        // The garbage collector owns it from here on.
        off.into_js_value().unchecked_into()
    }

    fn claim(self: &Rc<Self>, hub: &Rc<Hub<JsValue>>) {
        self.stage.set(Stage::Busy);
        let me = self.clone();
        let past = hub.listen(move |event, is_last| me.hear(event, is_last));
        past.into_iter().for_each(|event| self.pending.borrow_mut().push_back(event));
        self.is_ending.set(hub.life().is_over());
        let me = self.clone();
        spawn_local(async move { me.deliver() });
    }

    fn hear(&self, event: &JsValue, is_last: bool) -> bool {
        let has_room = is_last || self.pending.borrow().len() < self.limit;
        if has_room {
            self.pending.borrow_mut().push_back(event.clone());
        }
        self.is_ending.set(is_last);
        if self.stage.get() == Stage::Idle {
            self.deliver();
        }
        has_room
    }

    fn deliver(&self) {
        self.stage.set(Stage::Busy);
        while let Some(event) = self.next() {
            self.tell(&event);
        }
        if self.is_ending.get() {
            self.stage.set(Stage::Over);
            self.all.take();
        } else {
            self.stage.set(Stage::Idle);
        }
    }

    /// How many listen.
    #[cfg(test)]
    pub(in crate::web) fn count(&self) -> usize {
        self.all.borrow().len()
    }

    // Not inlined: in `while let`, the `RefMut` would live as long as the loop's body.
    fn next(&self) -> Option<JsValue> {
        self.pending.borrow_mut().pop_front()
    }

    fn tell(&self, event: &JsValue) {
        let kind = Reflect::get(event, &"type".into()).ok().and_then(|kind| kind.as_string());
        let kind = kind.unwrap_or_default();
        // A listener may add or remove listeners.
        let listeners = self.all.borrow().clone();
        for listener in listeners.iter().filter(|listener| listener.wants(&kind)) {
            if let Err(error) = listener.function.call1(&JsValue::UNDEFINED, event) {
                report_error(&error);
            }
        }
    }
}

impl Listener {
    fn wants(&self, kind: &str) -> bool {
        !self.is_off.get() && (self.kind == "*" || self.kind == kind)
    }
}

/// One loop over a session's events.
pub(in crate::web) struct Reading {
    cursor: Cursor<JsValue>,
    failures: Failures,
    /// The answer that was promised last: what is asked for meanwhile comes after it, in order.
    last: RefCell<Option<Promise>>,
}

impl Reading {
    pub(in crate::web) fn new(hub: &Rc<Hub<JsValue>>, failures: Failures) -> Rc<Self> {
        Rc::new(Self { cursor: hub.consume(), failures, last: RefCell::default() })
    }

    /// The next event, as an `IteratorResult`.
    pub(in crate::web) fn next(self: &Rc<Self>) -> Promise {
        let me = self.clone();
        let before = self.last.take();
        let promise = boxed(async move {
            if let Some(before) = before {
                // How it went is its own affair.
                let _ = JsFuture::from(before).await;
            }
            match me.cursor.next().await {
                Taken::Event(event) => Ok(object(&[("value", event), ("done", false.into())]).into()),
                Taken::Failure(error) => Err(me.failures.error(&error)),
                Taken::Nothing => Ok(done()),
            }
        });
        self.last.replace(Some(promise.clone()));
        promise
    }

    /// The loop was left: what it did not take is not kept for it.
    pub(in crate::web) fn leave(&self) {
        self.cursor.leave();
    }
}

pub(in crate::web) fn done() -> JsValue {
    object(&[("value", JsValue::UNDEFINED), ("done", true.into())]).into()
}
