//! The page's audio context: one for microphone and speaker, at the device's own rate.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{AudioContext, AudioContextState};

use crate::error::{Code, Error, Warning};
use crate::event::{AudioState, SessionEvent};
use crate::web::{
    page::running::{PLAYBACK, Watch, is_touched, started},
    sys::{
        channel::{Latch, Oneshot, observed, within},
        task::spawn_local,
        timer::now,
        value::{field, object},
    },
};

/// The context that a session's devices share, made for the first and closed after the last; another one for those that are opened when the
/// machine has been too slow for it.
#[derive(Default)]
pub(in crate::web) struct Graph {
    /// Ours that devices are opened in.
    ours: RefCell<Weak<Ours>>,
    /// The contexts in use, the application's own included, each watched once.
    pub(super) watched: RefCell<Vec<Weak<Watch>>>,
    /// The audio state as it was told last.
    pub(super) told: Cell<AudioState>,
    /// Whether the system was told what the page's sound is for.
    pub(super) is_claimed: Cell<bool>,
    /// How many devices there are, those in a context of the application's own included.
    devices: Cell<u32>,
    last_id: Cell<u32>,
    /// The contexts that are being closed.
    closing: RefCell<Vec<Promise>>,
    waiting: RefCell<Vec<Rc<Latch>>>,
    /// The worklets' address, where the application has its own.
    worklet_url: Option<String>,
    /// Samples of one frame of the microphone's.
    pub(in crate::web) frame_samples: usize,
    /// What the shared context is made with.
    hints: Vec<(&'static str, JsValue)>,
    tell: RefCell<Option<Tell>>,
}

type Tell = Rc<dyn Fn(&SessionEvent)>;

/// What the browser will answer.
pub(super) type Answer = Rc<Oneshot<Result<JsValue, JsValue>>>;

/// What a context was asked for: sound, and the worklets' script.
pub(in crate::web) struct Asked {
    sound: Option<Answer>,
    script: Answer,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph").field("devices", &self.devices.get()).finish_non_exhaustive()
    }
}

/// A context that is not the application's: its last device closes it.
#[derive(Debug)]
struct Ours {
    context: AudioContext,
    /// How calm it is: from 0, which is the browser's own choice, to [`CALMEST`]; which is what counts for the application's choice as well.
    calm: u32,
}

impl Ours {
    /// Whether the output ran out of samples again and again, where the browser says so. The next context of this page is a calmer one then.
    fn is_outrun(&self) -> bool {
        let stats = field(&self.context, "playbackStats");
        let number = |name| field(&stats, name).as_f64().unwrap_or_default();
        let holes = number("underrunEvents");
        let is_seldom = holes < LEAST_HOLES || holes * SECONDS_PER_HOLE < number("totalDuration");
        let is_outrun = self.calm < CALMEST && !is_seldom;
        if is_outrun {
            CALM.set(CALM.get().max(self.calm + 1));
        }
        is_outrun
    }
}

/// A device's hold on a context.
#[derive(Debug)]
pub(in crate::web) struct Lease {
    pub(in crate::web) context: AudioContext,
    graph: Rc<Graph>,
    /// Names the device to the driver.
    pub(in crate::web) id: u32,
    /// None of a context of the application's own, which stays open.
    ours: Option<Rc<Ours>>,
    watch: Rc<Watch>,
}

impl Graph {
    /// `hints` are fields of `AudioContextOptions`.
    pub(in crate::web) fn new(
        worklet_url: Option<String>,
        frame_samples: usize,
        hints: Vec<(&'static str, JsValue)>,
    ) -> Rc<Self> {
        Rc::new(Self { worklet_url, frame_samples, hints, ..Self::default() })
    }

    /// Who hears what happens to a device.
    pub(in crate::web) fn set_tell(&self, tell: impl Fn(&SessionEvent) + 'static) {
        self.tell.replace(Some(Rc::new(tell)));
    }

    pub(super) fn is_heard(&self) -> bool {
        self.tell.borrow().is_some()
    }

    pub(in crate::web) fn tell(&self, event: &SessionEvent) {
        let tell = self.tell.borrow().clone();
        if let Some(tell) = tell {
            tell(event);
        }
    }

    pub(in crate::web) fn warn(&self, warning: Warning) {
        self.tell(&warning.into());
    }

    /// The application's own context, or the shared one.
    pub(in crate::web) fn lease(self: &Rc<Self>, own: Option<AudioContext>) -> Result<Lease, Error> {
        let (context, ours) = match own {
            Some(context) => (context, None),
            None => self.shared().map(|ours| (ours.context.clone(), Some(ours)))?,
        };
        self.devices.set(self.devices.get() + 1);
        self.last_id.set(self.last_id.get().wrapping_add(1));
        self.claim(PLAYBACK);
        let watch = self.watch(&context, ours.is_some());
        Ok(Lease { context, graph: self.clone(), id: self.last_id.get(), ours, watch })
    }

    fn shared(&self) -> Result<Rc<Ours>, Error> {
        let known = self.ours.borrow().upgrade();
        // What is open in one that the machine cannot keep up with stays there: it would lose what it hears or says meanwhile.
        if let Some(ours) = known.filter(|ours| !ours.is_outrun()) {
            return Ok(ours);
        }
        // No rate is asked for: the device's own has the lowest latency, and works in every browser.
        let options = object(&self.hints);
        let is_chosen = !field(&options, LATENCY_HINT).is_undefined();
        let calm = if is_chosen { CALMEST } else { CALM.get() };
        if !is_chosen && calm > 0 {
            let hint = if calm < CALMEST { "balanced" } else { "playback" };
            let _ = Reflect::set(&options, &LATENCY_HINT.into(), &hint.into());
        }
        let context = AudioContext::new_with_context_options(options.unchecked_ref())
            .map_err(|_| if self.hints.is_empty() { no_context() } else { no_such_context() })?;
        let ours = Rc::new(Ours { context, calm });
        self.ours.replace(Rc::downgrade(&ours));
        Ok(ours)
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
        for closing in closing {
            let left_ms = most_ms.saturating_sub(now().ms_since(began) as u32);
            let _ = observed(closing).take_within(left_ms).await;
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let graph = &self.graph;
        graph.devices.set(graph.devices.get().saturating_sub(1));
        if let Some(ours) = self.ours.as_ref().filter(|ours| Rc::strong_count(ours) == 1) {
            ours.is_outrun();
            let closing = ours.context.close().ok();
            graph.closing.borrow_mut().extend(closing);
        }
        if graph.devices.get() == 0 {
            graph.disclaim();
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

    pub(super) fn watch(&self) -> &Rc<Watch> {
        &self.watch
    }

    /// Asks for sound while the user's gesture still counts, and for the worklets' script, which is to be there when the user
    /// has answered. Loading it again costs nothing. Await the answers with [`Lease::start`].
    ///
    /// They are observed from here on: closing the context rejects them, whether or not anybody awaits them.
    pub(in crate::web) fn ask(&self, url: Option<String>) -> Result<Asked, Error> {
        let sound = self.watch.ask();
        let url = url.or_else(|| self.graph.worklet_url.clone()).unwrap_or_else(worklet_url);
        let worklet = self.context.audio_worklet().map_err(|_| no_worklet())?;
        let script = observed(worklet.add_module(&url).map_err(|_| not_loaded())?);
        Ok(Asked { sound, script })
    }

    /// Waits until the worklets' script is loaded. The context runs when the device has started, which nobody waits for either; but where the
    /// browser has no touch of the user's yet, a little, so that whoever opens the device knows that it needs one.
    pub(in crate::web) async fn start(&self, asked: Asked) -> Result<(), Error> {
        if self.context.state() == AudioContextState::Closed {
            return Err(no_context());
        }
        if !self.watch.is_running() {
            let sound = asked.sound.ok_or_else(no_context)?;
            let (is_touched, graph, watch) =
                (is_touched(), Rc::downgrade(&self.graph), Rc::downgrade(&self.watch));
            let starting = started(graph, watch, sound, is_touched);
            if is_touched {
                spawn_local(starting);
            } else {
                starting.await;
            }
        }
        match asked.script.take_within(LOAD_MS).await {
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

fn no_such_context() -> Error {
    Error::new(Code::InvalidOption, "The browser makes no audio context with these options.")
        .with_remedy("Check `latencyHint` and `renderSizeHint`, or leave them out.")
        .with_field("latencyHint")
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

const LOAD_MS: u32 = 15_000;
const LATENCY_HINT: &str = "latencyHint";
/// Behind the browser's own `"interactive"` come `"balanced"` and `"playback"`.
const CALMEST: u32 = 2;
/// One or two are a machine that did something else for a moment.
const LEAST_HOLES: f64 = 3.0;
/// What is more seldom than that is not worth a latency.
const SECONDS_PER_HOLE: f64 = 10.0;

thread_local! {
    /// How calm contexts are to be: the machine is the same for all sessions of a page.
    static CALM: Cell<u32> = const { Cell::new(0) };
}
