//! What the application holds of a session: the host, and the devices that are open on the page.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::{
    alarm::within,
    context::Graph,
    host::Host,
    microphone::{Capturing, MicrophoneOptions},
    queue::Slot,
    speaker::{Playing, SpeakerOptions},
};
use crate::{
    error::{Code, Error, Warning},
    event::State,
    protocol::client::Outgoing,
};

/// Shared by the Rust handle and the JavaScript class.
#[derive(Debug)]
pub(super) struct Handle {
    host: Rc<Host>,
    life: Rc<Life>,
    graph: Rc<Graph>,
    // Held here too: in JavaScript a device runs on when its object is forgotten.
    microphone: RefCell<Option<Rc<Capturing>>>,
    speaker: RefCell<Option<Rc<Playing>>>,
    abort: RefCell<Option<Abort>>,
}

/// What the page knows of the session's life, told by its events.
#[derive(Debug)]
pub(super) struct Life {
    state: Cell<State>,
    is_over: Cell<bool>,
    waiting: RefCell<Vec<Rc<Slot<()>>>>,
}

impl Default for Life {
    fn default() -> Self {
        Self { state: Cell::new(State::Connecting), is_over: Cell::default(), waiting: RefCell::default() }
    }
}

impl Life {
    pub(super) fn state(&self) -> State {
        self.state.get()
    }

    pub(super) fn on_state(&self, state: State) {
        self.state.set(state);
    }

    /// The last event came.
    pub(super) fn on_closed(&self) {
        self.state.set(State::Closed);
        self.is_over.set(true);
        self.waiting.take().iter().for_each(|slot| slot.put(()));
    }

    /// Waits for the last event.
    pub(super) async fn closed(&self) {
        if self.is_over.get() {
            return;
        }
        let slot: Rc<Slot<()>> = Rc::default();
        self.waiting.borrow_mut().push(slot.clone());
        slot.take().await;
    }
}

impl Handle {
    pub(super) fn new(host: Host, life: Rc<Life>) -> Rc<Self> {
        Rc::new(Self {
            host: Rc::new(host),
            life,
            graph: Rc::default(),
            microphone: RefCell::default(),
            speaker: RefCell::default(),
            abort: RefCell::default(),
        })
    }

    /// Lets `signal` end the session, pending or open.
    pub(super) fn obey(self: &Rc<Self>, signal: AbortSignal) {
        let host = self.host.clone();
        self.abort.replace(Some(Abort::new(signal, move || host.abort())));
    }

    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    pub(super) fn state(&self) -> State {
        self.life.state()
    }

    /// Sends what was validated, and returns what it warns of.
    pub(super) fn send(&self, message: Result<Outgoing, Error>) -> Result<Vec<Warning>, Error> {
        self.require_open()?;
        let Outgoing { text, warnings } = message?;
        self.host.message(text);
        Ok(warnings)
    }

    pub(super) async fn open_microphone(&self, options: MicrophoneOptions) -> Result<Rc<Capturing>, Error> {
        self.require_open()?;
        stop(&self.microphone, Capturing::stop);
        let capturing = Capturing::open(&self.graph, &self.host, options).await?;
        self.require_open().inspect_err(|_| capturing.stop())?;
        self.microphone.replace(Some(capturing.clone()));
        Ok(capturing)
    }

    pub(super) async fn open_speaker(&self, options: SpeakerOptions) -> Result<Rc<Playing>, Error> {
        self.require_open()?;
        stop(&self.speaker, Playing::stop);
        let playing = Playing::open(&self.graph, &self.host, options).await?;
        self.require_open().inspect_err(|_| playing.stop())?;
        self.speaker.replace(Some(playing.clone()));
        Ok(playing)
    }

    /// Closes the session and waits for its end.
    pub(super) async fn close(&self) {
        self.host.close();
        // The session's own deadline is shorter; this one is for a Worker that is gone.
        let _ = within(CLOSE_MS, self.life.closed()).await;
        self.release();
    }

    /// Gives the devices back: the session is over.
    pub(super) fn release(&self) {
        stop(&self.microphone, Capturing::stop);
        stop(&self.speaker, Playing::stop);
        self.abort.replace(None);
        if let Host::Worker(link) = self.host() {
            link.end();
        }
    }

    fn require_open(&self) -> Result<(), Error> {
        if self.state() == State::Open {
            return Ok(());
        }
        Err(Error::new(Code::NotOpen, "The session is not open.")
            .with_remedy("Connect again; an event `closed` tells when a session ends."))
    }
}

fn stop<T>(device: &RefCell<Option<Rc<T>>>, stop: impl Fn(&T)) {
    let device = device.take();
    if let Some(device) = device {
        stop(&device);
    }
}

/// A listener on the application's signal, taken off when dropped.
#[derive(Debug)]
struct Abort {
    signal: AbortSignal,
    on_abort: Closure<dyn FnMut()>,
}

impl Abort {
    fn new(signal: AbortSignal, act: impl FnMut() + 'static) -> Self {
        let on_abort = Closure::new(act);
        // Fails for no signal.
        let _ = signal.add_event_listener_with_callback("abort", on_abort.as_ref().unchecked_ref());
        Self { signal, on_abort }
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        let _ =
            self.signal.remove_event_listener_with_callback("abort", self.on_abort.as_ref().unchecked_ref());
    }
}

/// The session ended before the service accepted it, and nothing had failed.
pub(super) fn closed_early() -> Error {
    Error::new(Code::Aborted, "The session was closed before it was open.")
}

const CLOSE_MS: u32 = 5_000;
