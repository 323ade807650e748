//! The page's audio context: one for microphone and speaker, at the device's own rate.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use js_sys::{Array, Float32Array, Object, Promise, SharedArrayBuffer};
use wasm_bindgen::prelude::*;
use web_sys::{
    AnalyserNode, AudioContext, AudioContextState, AudioNode, AudioWorkletNode, AudioWorkletNodeOptions,
    MessageChannel, MessageEvent, MessagePort,
};

use crate::web::sys::{
    channel::{Latch, Oneshot, observed, within},
    listener::Listener,
    task::spawn_local,
    timer::now,
    value::object,
};
use crate::{
    audio::filter::{self, Polyphase},
    error::{Code, Error, Warning, WarningCode},
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

    /// A worklet node. That the script ran does not mean that it registered anything: this finds out.
    pub(in crate::web) fn worklet(&self, name: &str, options: &WorkletOptions) -> Result<Worklet, Error> {
        let settings = AudioWorkletNodeOptions::new();
        settings.set_number_of_outputs(options.outputs);
        settings.set_processor_options(Some(&options.to_js(self.rate_hz())?));
        let node =
            AudioWorkletNode::new_with_options(&self.context, name, &settings).map_err(|_| not_loaded())?;
        // Chromium sends an event "error" where the specification has "processorerror", as Firefox sends it.
        let on_error = |kind| {
            let graph = Rc::downgrade(&self.graph);
            Listener::new(&node, kind, move || {
                if let Some(graph) = graph.upgrade() {
                    graph.warn(Warning::new(WarningCode::WorkletFailed, WORKLET_FAILED));
                }
            })
        };
        let _on_error = (on_error("processorerror"), on_error("error"));
        Ok(Worklet { node, _on_error })
    }

    /// A meter on what `node` puts out.
    pub(in crate::web) fn meter(&self, node: &AudioNode) -> Result<Meter, Error> {
        let analyser = self.context.create_analyser().map_err(|_| no_context())?;
        analyser.set_fft_size(METER_SAMPLES);
        node.connect_with_audio_node(&analyser).map_err(|_| no_context())?;
        Ok(Meter { analyser })
    }
}

/// A node whose processor runs until it is told to stop. Dropping it tells that, and takes it out of the graph.
#[derive(Debug)]
pub(in crate::web) struct Worklet {
    pub(in crate::web) node: AudioWorkletNode,
    _on_error: (Listener, Listener),
}

impl Worklet {
    /// Gives the processor its end of a new channel to the driver; answers the driver's end.
    pub(in crate::web) fn join(&self) -> Option<MessagePort> {
        let channel = MessageChannel::new().ok()?;
        let end = channel.port1();
        let message = object(&[("port", end.clone().into())]);
        self.node.port().ok()?.post_message_with_transferable(&message, &Array::of1(&end)).ok()?;
        Some(channel.port2())
    }

    /// Lets the processor play what it has, and waits until it has ended.
    pub(in crate::web) async fn drained(node: AudioWorkletNode) {
        end(&node, "drain", DRAIN_MS).await;
    }

    /// Lets the processor fall silent and end before `rest` is dropped, and with it perhaps the context: a speaker that is
    /// cut off clicks, and Chromium never frees a context that was closed while its processors ran.
    pub(in crate::web) fn retire(self, rest: impl Sized + 'static) {
        spawn_local(async move {
            end(&self.node, "stop", END_MS).await;
            drop(self);
            drop(rest);
        });
    }
}

/// Tells a processor how to end, and waits until it has: no longer than `most_ms` since it last said that it goes on.
async fn end(node: &AudioWorkletNode, how: &str, most_ms: u32) {
    let Ok(port) = node.port() else { return };
    let (ended, goes_on): (Rc<Latch>, Rc<Cell<bool>>) = Default::default();
    let (ending, going_on) = (ended.clone(), goes_on.clone());
    let on_message: Closure<dyn FnMut(MessageEvent)> = Closure::new(move |event: MessageEvent| {
        // Else "more": it goes on, with what its ring had no room for.
        let has_ended = event.data() == "ended";
        ending.set_if(has_ended);
        going_on.set(!has_ended);
    });
    port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let _ = port.post_message(&how.into());
    while !within(most_ms, &ended).await && goes_on.take() {}
    port.set_onmessage(None);
}

impl Drop for Worklet {
    fn drop(&mut self) {
        // In a context of the application's own a processor that nobody stops runs for ever.
        if let Ok(port) = self.node.port() {
            let _ = port.post_message(&"stop".into());
        }
        let _ = self.node.disconnect();
    }
}

/// What a worklet is told when it is made.
pub(in crate::web) struct WorkletOptions {
    pub(in crate::web) outputs: u32,
    pub(in crate::web) ring: Option<SharedArrayBuffer>,
    pub(in crate::web) capacity: usize,
    /// From and to which rate it converts; `None` stands for the context's.
    pub(in crate::web) rates: (Option<u32>, Option<u32>),
    /// How late audio may come without a gap: a speaker's.
    pub(in crate::web) jitter_ms: Option<f64>,
    /// Whether it may play slower instead of running dry: a speaker's.
    pub(in crate::web) time_stretch: bool,
}

impl WorkletOptions {
    fn to_js(&self, context_hz: u32) -> Result<Object, Error> {
        let (from, to) = self.rates;
        let (from, to) = (from.unwrap_or(context_hz), to.unwrap_or(context_hz));
        let ring = self.ring.as_ref().map_or(JsValue::NULL, |ring| ring.clone().into());
        let filter = filter::design(from, to)?.map_or(JsValue::NULL, |filter| filter_to_js(&filter));
        Ok(object(&[
            ("ring", ring),
            ("capacity", (self.capacity as u32).into()),
            ("filter", filter),
            ("jitterMs", self.jitter_ms.into()),
            ("timeStretch", self.time_stretch.into()),
        ]))
    }
}

/// The level of a signal, measured when asked.
#[derive(Debug)]
pub(in crate::web) struct Meter {
    analyser: AnalyserNode,
}

impl Meter {
    /// Root mean square of the last 20 ms or so, 0 to 1.
    pub(in crate::web) fn level(&self) -> f64 {
        let mut samples = [0.0_f32; METER_SAMPLES as usize];
        self.analyser.get_float_time_domain_data(&mut samples);
        let energy: f32 = samples.iter().map(|sample| sample * sample).sum();
        f64::from(energy / METER_SAMPLES as f32).sqrt()
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let _ = self.analyser.disconnect();
    }
}

fn filter_to_js(filter: &Polyphase) -> JsValue {
    let coefficients = Float32Array::from(filter.coefficients.as_slice());
    object(&[
        ("up", filter.up.into()),
        ("down", filter.down.into()),
        ("taps", filter.taps.into()),
        ("coefficients", coefficients.into()),
    ])
    .into()
}

fn worklet_url() -> String {
    wasm_bindgen::link_to!(module = "/www/worklets/live-audio.js")
}

fn no_context() -> Error {
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

fn not_loaded() -> Error {
    Error::new(Code::WorkletUnavailable, "The audio worklet's script could not be loaded or did not start.")
        .with_remedy("Check that live-audio.js is served, and allowed by the content security policy; or set workletUrl.")
        .with_field("workletUrl")
}

const AUDIO_INTERRUPTED: &str = "The browser has paused audio: nothing is heard or said until it goes on. Open the device again from a click.";
const WORKLET_FAILED: &str = "An audio processor has failed and is silent: open the device again.";
/// A processor ends with its next few blocks, if its context runs at all.
const END_MS: u32 = 100;
/// Longer than what the ring can hold. What waits in front of it is moved there as soon as half of it is free.
const DRAIN_MS: u32 = 6_000;
const RESUME_MS: u32 = 5_000;
const LOAD_MS: u32 = 15_000;
const METER_SAMPLES: u32 = 1024;
