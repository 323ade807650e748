//! Where the driver runs: on this page, or in a Worker behind a port. The same commands go to both.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

use js_sys::{Array, SharedArrayBuffer};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort, Worker};

use super::{alarm::within, driver::Driver, queue::Slot, value::to_js};
use crate::{
    error::{Code, Error},
    session::Input,
};

pub(super) enum Host {
    Page(Rc<Driver>),
    Worker(WorkerLink),
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Host {
    /// `page` or `worker`.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Page(_) => "page",
            Self::Worker(_) => "worker",
        }
    }

    pub(super) fn message(&self, text: String) {
        match self {
            Self::Page(driver) => driver.feed(Input::Message(text)),
            Self::Worker(link) => link.post("message", &[text.into()]),
        }
    }

    pub(super) fn mute(&self, is_muted: bool) {
        match self {
            Self::Page(driver) => driver.feed(Input::Mute(is_muted)),
            Self::Worker(link) => link.post("mute", &[is_muted.into()]),
        }
    }

    pub(super) fn attach_microphone(&self, port: MessagePort, ring: Option<SharedArrayBuffer>) {
        match self {
            Self::Page(driver) => driver.attach_microphone(port, ring),
            Self::Worker(link) => link.post_device("microphone", port, ring),
        }
    }

    pub(super) fn detach_microphone(&self) {
        match self {
            Self::Page(driver) => driver.detach_microphone(),
            Self::Worker(link) => link.post("microphone", &[]),
        }
    }

    pub(super) fn attach_speaker(&self, port: MessagePort, ring: Option<SharedArrayBuffer>) {
        match self {
            Self::Page(driver) => driver.attach_speaker(port, ring),
            Self::Worker(link) => link.post_device("speaker", port, ring),
        }
    }

    pub(super) fn detach_speaker(&self) {
        match self {
            Self::Page(driver) => driver.detach_speaker(),
            Self::Worker(link) => link.post("speaker", &[]),
        }
    }

    pub(super) fn abort(&self) {
        match self {
            Self::Page(driver) => driver.feed(Input::Abort),
            Self::Worker(link) => link.post("abort", &[]),
        }
    }

    pub(super) fn close(&self) {
        match self {
            Self::Page(driver) => driver.feed(Input::Close),
            Self::Worker(link) => link.post("close", &[]),
        }
    }

    /// Ends the session because the application cannot follow its events.
    pub(super) fn fail(&self, error: Error) {
        match self {
            Self::Page(driver) => driver.feed(Input::Fail(error)),
            // The page has said why already; the Worker has only to stop.
            Self::Worker(link) => link.post("close", &[]),
        }
    }

    /// The counters, as an object.
    pub(super) async fn stats(&self) -> Result<JsValue, Error> {
        match self {
            Self::Page(driver) => Ok(to_js(&driver.stats())),
            Self::Worker(link) => link.stats().await,
        }
    }
}

/// The page's end of the port to the driver in a Worker. Dropping it ends the Worker.
pub(super) struct WorkerLink {
    worker: Worker,
    port: MessagePort,
    /// Answers are in the order of the questions.
    stats: Rc<RefCell<VecDeque<Rc<Slot<JsValue>>>>>,
    last_stats: Rc<RefCell<Option<JsValue>>>,
    is_over: Cell<bool>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut()>,
}

/// What a driver in a Worker says.
pub(super) enum Said {
    /// An event, as JSON.
    Event(String),
    /// It needs a token, and calls the request by this number.
    Token(f64),
    /// The Worker has crashed.
    Gone,
}

impl WorkerLink {
    /// Takes over a Worker that has said that it is ready.
    pub(super) fn new(worker: Worker, port: MessagePort, on_said: Rc<dyn Fn(Said)>) -> Self {
        let gone = on_said.clone();
        let on_error = Closure::new(move || gone(Said::Gone));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let stats: Rc<RefCell<VecDeque<Rc<Slot<JsValue>>>>> = Rc::default();
        let waiting = stats.clone();
        let last_stats: Rc<RefCell<Option<JsValue>>> = Rc::default();
        let last = last_stats.clone();
        let on_message = Closure::new(move |event: MessageEvent| {
            let message: Array = event.data().unchecked_into();
            let argument = message.get(1);
            match message.get(0).as_string().as_deref() {
                Some("event") => on_said(Said::Event(argument.as_string().unwrap_or_default())),
                Some("token") => on_said(Said::Token(argument.as_f64().unwrap_or_default())),
                Some("stats") => {
                    last.replace(Some(argument.clone()));
                    let slot = waiting.borrow_mut().pop_front();
                    if let Some(slot) = slot {
                        slot.put(argument);
                    }
                }
                _ => {}
            }
        });
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Self {
            worker,
            port,
            stats,
            last_stats,
            is_over: Cell::default(),
            _on_message: on_message,
            _on_error: on_error,
        }
    }

    pub(super) fn post(&self, kind: &str, arguments: &[JsValue]) {
        let message = message(kind, arguments);
        let _ = self.port.post_message(&message);
    }

    /// The driver is done: nothing more is asked of it, and the Worker ends.
    pub(super) fn end(&self) {
        self.is_over.set(true);
        self.worker.terminate();
    }

    fn post_device(&self, kind: &str, port: MessagePort, ring: Option<SharedArrayBuffer>) {
        let ring = ring.map_or(JsValue::NULL, Into::into);
        let message = message(kind, &[port.clone().into(), ring]);
        let _ = self.port.post_message_with_transferable(&message, &Array::of1(&port));
    }

    async fn stats(&self) -> Result<JsValue, Error> {
        if self.is_over.get() {
            return self.last_stats.borrow().clone().ok_or_else(no_stats);
        }
        let slot: Rc<Slot<JsValue>> = Rc::default();
        self.stats.borrow_mut().push_back(slot.clone());
        self.post("stats", &[]);
        within(STATS_MS, slot.take()).await.ok_or_else(no_stats)
    }
}

impl Drop for WorkerLink {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.worker.terminate();
    }
}

pub(super) fn message(kind: &str, arguments: &[JsValue]) -> Array {
    let message = Array::of1(&kind.into());
    for argument in arguments {
        message.push(argument);
    }
    message
}

fn no_stats() -> Error {
    Error::new(Code::Timeout, "The session's Worker did not give its statistics.")
        .with_remedy("Ask while the session is open.")
}

const STATS_MS: u32 = 2_000;
