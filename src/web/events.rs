//! Events on their way to JavaScript: a bounded queue for the iterator, and listeners.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    rc::Rc,
};

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

use super::{
    convert::{live_error, live_error_of},
    handle::{Handle, Life, closed_early},
    queue::{Queue, Slot},
    value::{self, object},
};
use crate::{
    error::{Code, Error, Warning},
    event::{Event, State},
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = reportError)]
    fn report_error(error: &JsValue);
}

/// Takes each event once and hands it to whoever listens.
///
/// | consumer | gets |
/// |---|---|
/// | listeners | every event; the first ones to come also get what happened before, one microtask later |
/// | the iterator | every event since the session began, within the queue's bound |
///
/// When the queue is full the session fails with `event-overflow`, unless there are listeners and nobody
/// ever iterated: then nobody misses the queue, and it is dropped.
pub(super) struct Events {
    life: Rc<Life>,
    /// Keeps an open session alive though the application forgets it: its listeners are still called.
    handle: RefCell<Option<Rc<Handle>>>,
    opened: Slot<Result<(), JsValue>>,
    queue: Queue<JsValue>,
    is_iterated: Cell<bool>,
    failure: RefCell<Option<JsValue>>,
    listeners: RefCell<Vec<Rc<Listener>>>,
    /// Events on their way to the listeners: an event that a listener causes is heard after its cause.
    pending: Queue<JsValue>,
    delivery: Cell<Delivery>,
}

struct Listener {
    kind: String,
    function: Function,
    is_off: Cell<bool>,
}

/// Whether listeners are told at once.
#[derive(Clone, Copy, PartialEq)]
enum Delivery {
    /// Nobody listens yet: what happens is kept for the first.
    Unclaimed,
    /// Somebody is telling them.
    Busy,
    Idle,
}

impl Events {
    pub(super) fn new(life: Rc<Life>, limit: usize) -> Rc<Self> {
        Rc::new(Self {
            life,
            handle: RefCell::default(),
            opened: Slot::default(),
            queue: Queue::new(limit),
            is_iterated: Cell::new(false),
            failure: RefCell::default(),
            listeners: RefCell::default(),
            pending: Queue::new(limit),
            delivery: Cell::new(Delivery::Unclaimed),
        })
    }

    /// The handle whose session fails when the application cannot follow.
    pub(super) fn set_handle(&self, handle: &Rc<Handle>) {
        self.handle.replace(Some(handle.clone()));
    }

    pub(super) fn handle(&self) -> Option<Rc<Handle>> {
        self.handle.borrow().clone()
    }

    pub(super) fn life(&self) -> Rc<Life> {
        self.life.clone()
    }

    /// Tells of what this side noticed.
    pub(super) fn warn(&self, warnings: Vec<Warning>) {
        for warning in warnings {
            self.on_event(value::event(&Event::Warning(warning)));
        }
    }

    /// Settles when the session is open or has failed; the session has a deadline for that.
    pub(super) async fn opened(&self) -> Result<(), JsValue> {
        self.opened.take().await
    }

    /// An event came.
    pub(super) fn on_event(&self, event: JsValue) {
        let field = |name: &str| Reflect::get(&event, &name.into()).unwrap_or_default();
        let kind = field("type").as_string().unwrap_or_default();
        match kind.as_str() {
            "stateChange" => self.on_state(&field("state")),
            "setupComplete" => self.opened.put(Ok(())),
            "closed" => self.on_closed(&field("error")),
            _ => {}
        }
        let is_last = kind == "closed";
        self.enqueue(event.clone(), is_last);
        if self.pending.push(event) || is_last {
            self.deliver();
        }
        if is_last {
            self.queue.end();
            self.life.on_closed();
        }
    }

    fn on_state(&self, state: &JsValue) {
        self.life.on_state(match state.as_string().as_deref() {
            Some("open") => State::Open,
            Some("closing") => State::Closing,
            Some("closed") => State::Closed,
            _ => State::Connecting,
        });
    }

    fn on_closed(&self, error: &JsValue) {
        let failure = error.is_object().then(|| live_error_of(error));
        let refused = failure.clone().unwrap_or_else(|| live_error(&closed_early()));
        self.opened.put(Err(refused));
        if self.failure.borrow().is_none() {
            self.failure.replace(failure);
        }
        let handle = self.handle.take();
        if let Some(handle) = handle {
            // Not at once: this may be called by the very socket or port that is released.
            spawn_local(async move { handle.release() });
        }
    }

    fn enqueue(&self, event: JsValue, is_last: bool) {
        if is_last {
            return self.queue.push_last(event);
        }
        if self.failure.borrow().is_some() || self.queue.push(event) {
            return;
        }
        if !self.is_iterated.get() && self.delivery.get() != Delivery::Unclaimed {
            return self.queue.clear();
        }
        let error = overflow();
        self.failure.replace(Some(live_error(&error)));
        if let Some(handle) = self.handle() {
            handle.host().fail(error);
        }
    }

    fn deliver(&self) {
        if self.delivery.get() != Delivery::Idle {
            return;
        }
        self.delivery.set(Delivery::Busy);
        while let Some(event) = self.pending.pop() {
            self.tell(&event);
        }
        self.delivery.set(Delivery::Idle);
    }

    fn tell(&self, event: &JsValue) {
        let kind =
            Reflect::get(event, &"type".into()).ok().and_then(|kind| kind.as_string()).unwrap_or_default();
        // A listener may add or remove listeners.
        let listeners = self.listeners.borrow().clone();
        for listener in listeners.iter().filter(|listener| listener.wants(&kind)) {
            if let Err(error) = listener.function.call1(&JsValue::UNDEFINED, event) {
                report_error(&error);
            }
        }
    }

    /// Adds a listener. Returns the function that removes it.
    pub(super) fn listen(self: &Rc<Self>, kind: String, function: Function) -> Function {
        let listener = Rc::new(Listener { kind, function, is_off: Cell::new(false) });
        self.listeners.borrow_mut().push(listener.clone());
        if self.delivery.get() == Delivery::Unclaimed {
            self.delivery.set(Delivery::Busy);
            let events = self.clone();
            spawn_local(async move {
                events.delivery.set(Delivery::Idle);
                events.deliver();
            });
        }
        let events = Rc::downgrade(self);
        let off: Closure<dyn FnMut()> = Closure::new(move || {
            listener.is_off.set(true);
            if let Some(events) = events.upgrade() {
                events.listeners.borrow_mut().retain(|other| !Rc::ptr_eq(other, &listener));
            }
        });
        // The garbage collector owns it from here on.
        off.into_js_value().unchecked_into()
    }

    /// The next event for the iterator, as an `IteratorResult`.
    pub(super) fn next(self: &Rc<Self>) -> Promise {
        self.is_iterated.set(true);
        let events = self.clone();
        future_to_promise(async move {
            match poll_fn(|context| events.queue.poll_next(context)).await {
                Some(event) => Ok(object(&[("value", event), ("done", false.into())]).into()),
                // A failure is thrown once; after it, as after a wished end, the iterator is done.
                None => match events.failure.take() {
                    Some(error) => Err(error),
                    None => Ok(done()),
                },
            }
        })
    }
}

impl Listener {
    fn wants(&self, kind: &str) -> bool {
        !self.is_off.get() && (self.kind == "*" || self.kind == kind)
    }
}

pub(super) fn done() -> JsValue {
    object(&[("value", JsValue::UNDEFINED), ("done", true.into())]).into()
}

fn overflow() -> Error {
    Error::new(Code::EventOverflow, "The application did not take its events: the queue is full.")
        .with_remedy("Iterate over the session or listen with `on`, and do slow work elsewhere; or raise eventQueueLimit.")
}
