//! The page's end of the port to a session's Worker.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageChannel, MessageEvent, MessagePort, Worker};

use super::{message::Notice, tokens::Requests};
use crate::{
    error::{Code, Error},
    web::{driver::command::Command, sys::channel::Oneshot},
};

#[wasm_bindgen(module = "/www/worker/spawn.js")]
extern "C" {
    /// Starts the Worker and hands it this end of the channel.
    #[wasm_bindgen(catch)]
    fn spawn(port: &MessagePort) -> Result<Worker, JsValue>;
}

/// A Worker that is ended when nobody holds it any more.
struct Spawned {
    worker: Worker,
    port: MessagePort,
}

impl Drop for Spawned {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Starts a Worker. `None` where that cannot be done in time: the page is the fallback then.
pub(in crate::web) async fn start(most_ms: u32) -> Option<Started> {
    // Shipped beside the script that starts it, under the name by which that script knows it.
    let _ = wasm_bindgen::link_to!(module = "/www/worker/worker.js");
    let channel = MessageChannel::new().ok()?;
    let spawned = Spawned { worker: spawn(&channel.port2()).ok()?, port: channel.port1() };
    let ready: Rc<Oneshot<bool>> = Rc::default();
    let failed = ready.clone();
    let on_error: Closure<dyn FnMut()> = Closure::new(move || failed.put(false));
    let answered = ready.clone();
    let on_message: Closure<dyn FnMut(MessageEvent)> = Closure::new(move |event: MessageEvent| {
        answered.put(Notice::decode(&event.data()) == Some(Notice::Ready));
    });
    spawned.worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    spawned.port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let is_ready = ready.take_within(most_ms).await == Some(true);
    is_ready.then_some(Started { spawned, _on_message: on_message, _on_error: on_error })
}

/// A Worker that takes commands.
pub(in crate::web) struct Started {
    spawned: Spawned,
    // The Worker's until there is a link.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut()>,
}

impl Started {
    pub(in crate::web) fn port(&self) -> &MessagePort {
        &self.spawned.port
    }
}

/// Gives a command to the driver in a Worker.
pub(in crate::web) fn post(port: &MessagePort, command: Command) {
    let (message, moved) = command.encode();
    // Fails only for a port that was handed over before, which none is.
    let _ = port.post_message_with_transferable(&message, &moved);
}

/// The way to the driver in a Worker. Dropping it ends the Worker.
pub(in crate::web) struct WorkerLink {
    spawned: Spawned,
    requests: Rc<Requests>,
    asked: Rc<Asked>,
    is_over: Cell<bool>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

/// Questions for the counters.
#[derive(Default)]
struct Asked {
    last_request: Cell<u32>,
    waiting: RefCell<Vec<(u32, Rc<Oneshot<JsValue>>)>>,
    last_stats: RefCell<Option<JsValue>>,
}

impl WorkerLink {
    /// `on_notice` hears what the Worker says, `on_end` that it has crashed. The tokens it has requested are given up when it
    /// ends, however it does.
    pub(in crate::web) fn new(
        started: Started,
        requests: Rc<Requests>,
        on_notice: impl Fn(Notice) + 'static,
        on_end: impl Fn(Error) + 'static,
    ) -> Self {
        let Started { spawned, .. } = started;
        let on_error = Closure::new(move |event: ErrorEvent| on_end(crashed(&event.message())));
        spawned.worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let asked: Rc<Asked> = Rc::default();
        let answered = asked.clone();
        let on_message = Closure::new(move |event: MessageEvent| match Notice::decode(&event.data()) {
            Some(Notice::Stats(request, stats)) => answered.answer(request, stats),
            Some(notice) => on_notice(notice),
            // Both ends are of one build: it says nothing else.
            None => {}
        });
        spawned.port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let is_over = Cell::default();
        Self { spawned, requests, asked, is_over, _on_message: on_message, _on_error: on_error }
    }

    pub(in crate::web) fn post(&self, command: Command) {
        if !self.is_over.get() {
            post(&self.spawned.port, command);
        }
    }

    /// The driver is done: nothing more is asked of it, and the Worker ends.
    pub(in crate::web) fn end(&self) {
        self.is_over.set(true);
        self.spawned.port.set_onmessage(None);
        self.spawned.worker.terminate();
        self.asked.end();
        // Last: it runs the application's listeners.
        self.requests.give_up_all();
    }

    /// The counters; those it told last when it is over.
    pub(in crate::web) async fn stats(&self) -> Result<JsValue, Error> {
        if self.is_over.get() {
            return self.asked.last_stats.borrow().clone().ok_or_else(no_stats);
        }
        let (request, answer) = self.asked.ask();
        self.post(Command::Stats(request));
        let stats = answer.take_within(STATS_MS).await;
        self.asked.forget(request);
        stats.filter(|stats| stats.is_object()).ok_or_else(no_stats)
    }
}

impl Asked {
    fn ask(&self) -> (u32, Rc<Oneshot<JsValue>>) {
        // 0 is what it tells unasked.
        let request = self.last_request.get().wrapping_add(1).max(1);
        self.last_request.set(request);
        let answer: Rc<Oneshot<JsValue>> = Rc::default();
        self.waiting.borrow_mut().push((request, answer.clone()));
        (request, answer)
    }

    fn answer(&self, request: u32, stats: JsValue) {
        self.last_stats.replace(Some(stats.clone()));
        if let Some((_, answer)) = self.waiting.borrow().iter().find(|(number, _)| *number == request) {
            answer.put(stats);
        }
    }

    fn forget(&self, request: u32) {
        self.waiting.borrow_mut().retain(|(number, _)| *number != request);
    }

    /// Nothing more will come.
    fn end(&self) {
        let last = self.last_stats.borrow().clone().unwrap_or_default();
        self.waiting.take().into_iter().for_each(|(_, answer)| answer.put(last.clone()));
    }
}

/// The session is over without the Worker's word.
pub(in crate::web) fn crashed(why: &str) -> Error {
    let message = ["The session's Worker has crashed: ", why].concat();
    Error::new(Code::Internal, message)
        .with_remedy("Connect again; `runIn: \"page\"` does without a Worker. Please report it.")
}

fn no_stats() -> Error {
    Error::new(Code::Timeout, "The session's Worker did not give its statistics.")
        .with_remedy("Ask while the session is open.")
}

const STATS_MS: u32 = 2_000;
