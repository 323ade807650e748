//! The page's audio context: one for microphone and speaker, at the device's own rate.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{AudioContext, AudioContextState};

use crate::error::{Code, Error, Warning, WarningCode};
use crate::web::sys::{
    channel::{Latch, Oneshot, observed, within},
    listener::Listener,
    timer::now,
};

/// The context that a session's devices share, made for the first and closed after the last.
#[derive(Default)]
pub(in crate::web) struct Graph {
    context: RefCell<Option<AudioContext>>,
    /// The contexts in use, the application's own included, each watched once.
    watched: RefCell<Vec<Weak<Watch>>>,
    /// How many devices share it.
    users: Cell<u32>,
    /// How many devices there are, those in a context of the application's own included.
    devices: Cell<u32>,
    last_id: Cell<u32>,
    /// The context that is being closed.
    closing: RefCell<Option<Promise>>,
    waiting: RefCell<Vec<Rc<Latch>>>,
    /// The worklets' address, where the application has its own.
    worklet_url: Option<String>,
    warn: RefCell<Option<Warn>>,
}

type Warn = Rc<dyn Fn(Warning)>;

/// What the browser answers to a context that asks for sound.
type Asked = Rc<Oneshot<Result<JsValue, JsValue>>>;

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph").field("devices", &self.devices.get()).finish_non_exhaustive()
    }
}

/// A device's hold on a context.
#[derive(Debug)]
pub(in crate::web) struct Lease {
    pub(in crate::web) context: AudioContext,
    graph: Rc<Graph>,
    /// Names the device to the driver.
    pub(in crate::web) id: u32,
    /// A context of the application's own stays open.
    is_shared: bool,
    _watch: Rc<Watch>,
}

/// A context that is listened to for as long as a device uses it.
#[derive(Debug)]
struct Watch {
    context: AudioContext,
    _listener: Listener,
}

impl Graph {
    pub(in crate::web) fn new(worklet_url: Option<String>) -> Rc<Self> {
        Rc::new(Self { worklet_url, ..Self::default() })
    }

    /// Who hears that something is wrong with a device.
    pub(in crate::web) fn set_warn(&self, warn: impl Fn(Warning) + 'static) {
        self.warn.replace(Some(Rc::new(warn)));
    }

    pub(in crate::web) fn warn(&self, warning: Warning) {
        let warn = self.warn.borrow().clone();
        if let Some(warn) = warn {
            warn(warning);
        }
    }

    /// The application's own context, or the shared one.
    pub(in crate::web) fn lease(self: &Rc<Self>, own: Option<AudioContext>) -> Result<Lease, Error> {
        let is_shared = own.is_none();
        let context = match own {
            Some(context) => context,
            None => self.shared()?,
        };
        self.users.set(self.users.get() + u32::from(is_shared));
        self.devices.set(self.devices.get() + 1);
        self.last_id.set(self.last_id.get().wrapping_add(1));
        let watch = self.watch(&context);
        Ok(Lease { context, graph: self.clone(), id: self.last_id.get(), is_shared, _watch: watch })
    }

    fn shared(self: &Rc<Self>) -> Result<AudioContext, Error> {
        if let Some(context) = &*self.context.borrow() {
            return Ok(context.clone());
        }
        // No rate is asked for: the device's own has the lowest latency, and works in every browser.
        let context = AudioContext::new().map_err(|_| no_context())?;
        self.context.replace(Some(context.clone()));
        Ok(context)
    }

    /// Tells when the browser or the page takes a running context's sound away: a phone call on a telephone, say.
    /// One listener for all devices of a context: they are interrupted at once.
    fn watch(self: &Rc<Self>, context: &AudioContext) -> Rc<Watch> {
        let known = self.known(context);
        // Outside the borrow: what the page put in the place of `addEventListener` may open a device itself.
        known.unwrap_or_else(|| {
            let watch = Rc::new(Watch { context: context.clone(), _listener: self.listener(context) });
            self.watched.borrow_mut().push(Rc::downgrade(&watch));
            watch
        })
    }

    fn known(&self, context: &AudioContext) -> Option<Rc<Watch>> {
        let mut watched = self.watched.borrow_mut();
        watched.retain(|watch| watch.strong_count() > 0);
        watched.iter().filter_map(Weak::upgrade).find(|watch| watch.context == *context)
    }

    fn listener(self: &Rc<Self>, context: &AudioContext) -> Listener {
        let (graph, watched) = (Rc::downgrade(self), context.clone());
        let was_running = Cell::new(context.state() == AudioContextState::Running);
        Listener::new(context, "statechange", move || {
            let state = watched.state();
            let is_running = state == AudioContextState::Running;
            let has_stopped = was_running.replace(is_running) && !is_running;
            if has_stopped
                && state != AudioContextState::Closed
                && let Some(graph) = graph.upgrade()
            {
                graph.warn(Warning::new(WarningCode::AudioInterrupted, AUDIO_INTERRUPTED));
            }
        })
    }

    /// Waits until no device is open and the shared context is closed, for both no longer than `most_ms`.
    pub(in crate::web) async fn given_back(&self, most_ms: u32) {
        let began = now();
        if self.devices.get() > 0 {
            let latch: Rc<Latch> = Rc::default();
            self.waiting.borrow_mut().push(latch.clone());
            within(most_ms, &latch).await;
        }
        let closing = self.closing.take();
        if let Some(closing) = closing {
            let left_ms = most_ms.saturating_sub(now().ms_since(began) as u32);
            let _ = observed(closing).take_within(left_ms).await;
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let graph = &self.graph;
        graph.users.set(graph.users.get().saturating_sub(u32::from(self.is_shared)));
        graph.devices.set(graph.devices.get().saturating_sub(1));
        if graph.users.get() == 0
            && let Some(context) = graph.context.take()
        {
            graph.closing.replace(context.close().ok());
        }
        if graph.devices.get() == 0 {
            graph.waiting.take().iter().for_each(|latch| latch.set());
        }
    }
}

impl Lease {
    /// The context's rate in hertz.
    pub(in crate::web) fn rate_hz(&self) -> u32 {
        self.context.sample_rate() as u32
    }

    pub(in crate::web) fn graph(&self) -> &Rc<Graph> {
        &self.graph
    }

    /// Asks for sound while the user's gesture still counts. Await the answer with [`Lease::start`].
    ///
    /// The answer is observed from here on: closing the context rejects it, whether or not anybody awaits it.
    pub(in crate::web) fn ask(&self) -> Option<Asked> {
        self.context.resume().ok().map(observed)
    }

    /// Waits until the context runs, then until the worklets' script is loaded. Loading it again costs nothing.
    pub(in crate::web) async fn start(&self, asked: Option<Asked>, url: Option<String>) -> Result<(), Error> {
        if self.context.state() != AudioContextState::Running {
            let asked = asked.or_else(|| self.ask()).ok_or_else(no_context)?;
            match asked.take_within(RESUME_MS).await {
                Some(Ok(_)) => {}
                Some(Err(_)) => return Err(no_context()),
                None => return Err(not_started()),
            }
        }
        let url = url.or_else(|| self.graph.worklet_url.clone()).unwrap_or_else(worklet_url);
        let worklet = self.context.audio_worklet().map_err(|_| no_worklet())?;
        let loading = worklet.add_module(&url).map_err(|_| not_loaded())?;
        match observed(loading).take_within(LOAD_MS).await {
            Some(Ok(_)) => Ok(()),
            _ => Err(not_loaded()),
        }
    }
}

fn worklet_url() -> String {
    wasm_bindgen::link_to!(module = "/www/worklets/live-audio.js")
}

pub(super) fn no_context() -> Error {
    Error::new(Code::Unsupported, "The browser has no working audio output.")
        .with_remedy("Check that a sound device is present, then try again.")
}

fn not_started() -> Error {
    Error::new(Code::AutoplayBlocked, "The browser does not start audio yet.")
        .with_remedy("Call this from a click or key press, then it will.")
}

fn no_worklet() -> Error {
    Error::new(Code::Unsupported, "This page may not use audio worklets.")
        .with_remedy("Serve it over https: or from localhost.")
}

pub(super) fn not_loaded() -> Error {
    Error::new(Code::WorkletUnavailable, "The audio worklet's script could not be loaded or did not start.")
        .with_remedy("Check that live-audio.js is served, and allowed by the content security policy; or set workletUrl.")
        .with_field("workletUrl")
}

const AUDIO_INTERRUPTED: &str = "The browser has paused audio: nothing is heard or said until it goes on. Open the device again from a click.";
const RESUME_MS: u32 = 5_000;
const LOAD_MS: u32 = 15_000;
