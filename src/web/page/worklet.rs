//! The nodes whose processors run on the audio thread: how they are made, and how they end.

use std::{cell::Cell, rc::Rc};

use js_sys::{Array, Float32Array, Object, SharedArrayBuffer};
use wasm_bindgen::prelude::*;
use web_sys::{AudioWorkletNode, AudioWorkletNodeOptions, MessageChannel, MessageEvent, MessagePort};

use crate::{
    audio::filter::{self, Polyphase},
    error::{Error, Warning, WarningCode},
    web::{
        page::context::{Lease, not_loaded},
        sys::{
            channel::{Latch, within},
            listener::Listener,
            task::spawn_local,
            value::object,
        },
    },
};

/// A node whose processor runs until it is told to stop. Dropping it tells that, and takes it out of the graph.
#[derive(Debug)]
pub(in crate::web) struct Worklet {
    pub(in crate::web) node: AudioWorkletNode,
    _on_error: (Listener, Listener),
}

impl Worklet {
    /// One of the context of `lease`. That the script ran does not mean that it registered anything: this finds out.
    pub(in crate::web) fn new(lease: &Lease, name: &str, options: &WorkletOptions) -> Result<Self, Error> {
        let settings = AudioWorkletNodeOptions::new();
        settings.set_number_of_outputs(options.outputs);
        settings.set_processor_options(Some(&options.to_js(lease.rate_hz())?));
        let node =
            AudioWorkletNode::new_with_options(&lease.context, name, &settings).map_err(|_| not_loaded())?;
        // Chromium sends an event "error" where the specification has "processorerror", as Firefox sends it.
        let on_error = |kind| {
            let graph = Rc::downgrade(lease.graph());
            Listener::new(&node, kind, move || {
                if let Some(graph) = graph.upgrade() {
                    graph.warn(Warning::new(WarningCode::WorkletFailed, WORKLET_FAILED));
                }
            })
        };
        let _on_error = (on_error("processorerror"), on_error("error"));
        Ok(Self { node, _on_error })
    }

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

const WORKLET_FAILED: &str = "An audio processor has failed and is silent: open the device again.";
/// A processor ends with its next few blocks, if its context runs at all.
const END_MS: u32 = 100;
/// Longer than what the ring can hold. What waits in front of it is moved there as soon as half of it is free.
const DRAIN_MS: u32 = 6_000;
