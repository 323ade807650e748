//! The nodes whose processors run on the audio thread: how they are made, and how they end.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use js_sys::{Array, Float32Array, Object, Promise, SharedArrayBuffer};
use wasm_bindgen::prelude::*;
use web_sys::{
    AudioNode, AudioWorkletNode, AudioWorkletNodeOptions, MessageChannel, MessageEvent, MessagePort,
};

use crate::{
    audio::filter::{self, Polyphase},
    error::{Error, Warning, WarningCode},
    web::{
        page::context::{Graph, Lease, no_context, not_loaded},
        sys::{
            channel::{Latch, observed, within},
            listener::Listener,
            task::spawn_local,
            value::object,
        },
    },
};

#[wasm_bindgen(module = "/src/web/page/devices.js")]
extern "C" {
    fn revive(
        node: &AudioWorkletNode,
        name: &str,
        settings: &AudioWorkletNodeOptions,
        neighbour: &AudioNode,
    ) -> Promise;
}

/// A node whose processor runs until it is told to stop. Dropping it tells that, and takes it out of the graph.
///
/// A processor that fails is rebuilt once, with its way to the driver and with what was queued.
#[derive(Debug)]
pub(in crate::web) struct Worklet(Rc<Place>);

/// Where the node stands, and another when its processor has failed.
struct Place {
    name: &'static str,
    settings: AudioWorkletNodeOptions,
    node: RefCell<AudioWorkletNode>,
    /// What it plays into, or hears.
    neighbour: AudioNode,
    graph: Weak<Graph>,
    on_error: RefCell<Option<(Listener, Listener)>>,
    has_failed: Cell<bool>,
    is_left: Cell<bool>,
    /// It has failed for good.
    on_end: RefCell<Option<Rc<dyn Fn()>>>,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Worklet {
    /// One of the context of `lease`, that plays into `neighbour`, or hears it. That the script ran does not mean that it registered
    /// anything: this finds out.
    pub(in crate::web) fn new(
        lease: &Lease,
        name: &'static str,
        options: &WorkletOptions,
        neighbour: &AudioNode,
    ) -> Result<Self, Error> {
        let settings = AudioWorkletNodeOptions::new();
        settings.set_number_of_outputs(options.outputs);
        settings.set_processor_options(Some(&options.to_js(lease.rate_hz())?));
        let node = AudioWorkletNode::new_with_options(&lease.context, name, &settings);
        let node = node.map_err(|_| not_loaded())?;
        let joined = if options.outputs > 0 {
            node.connect_with_audio_node(neighbour)
        } else {
            neighbour.connect_with_audio_node(&node)
        };
        joined.map_err(|_| no_context())?;
        let place = Rc::new(Place {
            name,
            settings,
            node: RefCell::new(node),
            neighbour: neighbour.clone(),
            graph: Rc::downgrade(lease.graph()),
            on_error: RefCell::default(),
            has_failed: Cell::default(),
            is_left: Cell::default(),
            on_end: RefCell::default(),
        });
        place.watch();
        Ok(Self(place))
    }

    /// What is done when it has failed for good.
    pub(in crate::web) fn on_end(&self, act: impl Fn() + 'static) {
        self.0.on_end.replace(Some(Rc::new(act)));
    }

    pub(in crate::web) fn node(&self) -> AudioWorkletNode {
        self.0.node.borrow().clone()
    }

    /// Gives the processor its end of a new channel to the driver; answers the driver's end.
    pub(in crate::web) fn join(&self) -> Option<MessagePort> {
        let channel = MessageChannel::new().ok()?;
        let end = channel.port1();
        let message = object(&[("port", end.clone().into())]);
        self.node().port().ok()?.post_message_with_transferable(&message, &Array::of1(&end)).ok()?;
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
            end(&self.node(), "stop", END_MS).await;
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

impl Place {
    fn watch(self: &Rc<Self>) {
        let node = self.node.borrow().clone();
        // Chromium sends an event "error" where the specification has "processorerror", as Firefox sends it.
        let on_error = |kind| {
            let me = Rc::downgrade(self);
            Listener::new(&node, kind, move || me.upgrade().iter().for_each(Self::on_error))
        };
        self.on_error.replace(Some((on_error("processorerror"), on_error("error"))));
    }

    fn on_error(self: &Rc<Self>) {
        // One failure is told once.
        drop(self.on_error.take());
        let is_first = !self.has_failed.replace(true);
        if let Some(graph) = self.graph.upgrade() {
            let message = if is_first { WORKLET_REBUILT } else { WORKLET_FAILED };
            graph.warn(Warning::new(WarningCode::WorkletFailed, message));
        }
        if !is_first {
            return self.end();
        }
        let node = self.node.borrow().clone();
        let revived = observed(revive(&node, self.name, &self.settings, &self.neighbour));
        let me = self.clone();
        spawn_local(async move {
            let in_time = revived.take_within(REVIVE_MS).await;
            if !matches!(in_time, Some(Ok(_))) {
                me.end();
            }
            // What comes too late would run for ever in a context of the application's own.
            let next = if in_time.is_some() { in_time } else { revived.take().await };
            let Some(Ok(next)) = next else { return };
            me.node.replace(next.unchecked_into());
            if me.is_left.get() { me.leave() } else { me.watch() }
        });
    }

    fn end(&self) {
        let on_end = self.on_end.borrow().clone();
        if let Some(on_end) = on_end {
            on_end();
        }
    }

    fn leave(&self) {
        self.is_left.set(true);
        let node = self.node.borrow().clone();
        // In a context of the application's own a processor that nobody stops runs for ever.
        if let Ok(port) = node.port() {
            let _ = port.post_message(&"stop".into());
        }
        let _ = node.disconnect();
    }
}

impl Drop for Worklet {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// What a worklet is told when it is made.
pub(in crate::web) struct WorkletOptions {
    pub(in crate::web) outputs: u32,
    pub(in crate::web) ring: Option<SharedArrayBuffer>,
    pub(in crate::web) capacity: usize,
    /// Samples of one frame: a microphone's.
    pub(in crate::web) frame: usize,
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
            ("frame", (self.frame as u32).into()),
            ("filter", filter),
            ("jitterMs", self.jitter_ms.into()),
            ("timeStretch", self.time_stretch.into()),
        ]))
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

const WORKLET_REBUILT: &str = "An audio processor has failed: another takes its place.";
const WORKLET_FAILED: &str = "An audio processor has failed again: its device is stopped. Open it again.";
/// Longer than it takes to load what rebuilds it.
const REVIVE_MS: u32 = 5_000;
/// A processor ends with its next few blocks, if its context runs at all.
const END_MS: u32 = 100;
/// Longer than what the ring can hold. What waits in front of it is moved there as soon as half of it is free.
const DRAIN_MS: u32 = 6_000;
