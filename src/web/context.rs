//! The page's audio context: one for microphone and speaker, at the device's own rate.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Float32Array, Object, SharedArrayBuffer};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AnalyserNode, AudioContext, AudioContextState, AudioNode, AudioWorkletNode, AudioWorkletNodeOptions,
};

use super::{alarm::within, value::object};
use crate::{
    audio::filter::{self, Polyphase},
    error::{Code, Error},
};

/// The context that a session's devices share, made for the first and closed after the last.
#[derive(Debug, Default)]
pub(super) struct Graph {
    context: RefCell<Option<AudioContext>>,
    users: Cell<u32>,
}

/// A device's hold on a context.
#[derive(Debug)]
pub(super) struct Lease {
    pub(super) context: AudioContext,
    /// Absent for a context of the application's own, which stays open.
    graph: Option<Rc<Graph>>,
}

impl Graph {
    /// The application's own context, or the shared one.
    pub(super) fn lease(self: &Rc<Self>, own: Option<AudioContext>) -> Result<Lease, Error> {
        if let Some(context) = own {
            return Ok(Lease { context, graph: None });
        }
        let mut shared = self.context.borrow_mut();
        let context = match &*shared {
            Some(context) => context.clone(),
            // No rate is asked for: the device's own has the lowest latency, and works in every browser.
            None => AudioContext::new().map_err(|_| no_context())?,
        };
        *shared = Some(context.clone());
        self.users.set(self.users.get() + 1);
        Ok(Lease { context, graph: Some(self.clone()) })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(graph) = &self.graph else { return };
        graph.users.set(graph.users.get().saturating_sub(1));
        if graph.users.get() == 0
            && let Some(context) = graph.context.take()
        {
            let _ = context.close();
        }
    }
}

impl Lease {
    /// The context's rate in hertz.
    pub(super) fn rate_hz(&self) -> u32 {
        self.context.sample_rate() as u32
    }

    /// Asks for sound while the person's gesture still counts. Await the answer with [`Lease::start`].
    pub(super) fn ask(&self) -> Option<js_sys::Promise> {
        self.context.resume().ok()
    }

    /// Waits until the context runs.
    pub(super) async fn start(&self, asked: Option<js_sys::Promise>) -> Result<(), Error> {
        if self.context.state() == AudioContextState::Running {
            return Ok(());
        }
        let asked = asked.or_else(|| self.ask()).ok_or_else(no_context)?;
        match within(RESUME_MS, JsFuture::from(asked)).await {
            Some(Ok(_)) => Ok(()),
            Some(Err(_)) => Err(no_context()),
            None => Err(Error::new(Code::AutoplayBlocked, "The browser does not start audio yet.")
                .with_remedy("Call this from a click or key press, then it will.")),
        }
    }

    /// Loads the worklets' script. Loading it again costs nothing.
    pub(super) async fn load(&self, url: Option<String>) -> Result<(), Error> {
        let url = url.unwrap_or_else(worklet_url);
        let worklet = self.context.audio_worklet().map_err(|_| no_worklet())?;
        let loading = worklet.add_module(&url).map_err(|_| not_loaded())?;
        match within(LOAD_MS, JsFuture::from(loading)).await {
            Some(Ok(_)) => Ok(()),
            _ => Err(not_loaded()),
        }
    }

    /// A worklet node. That the script ran does not mean that it registered anything: this finds out.
    pub(super) fn node(&self, name: &str, options: &WorkletOptions) -> Result<AudioWorkletNode, Error> {
        let settings = AudioWorkletNodeOptions::new();
        settings.set_number_of_outputs(options.outputs);
        settings.set_processor_options(Some(&options.to_js(self.rate_hz())?));
        AudioWorkletNode::new_with_options(&self.context, name, &settings).map_err(|_| not_loaded())
    }

    /// A meter on what `node` puts out.
    pub(super) fn meter(&self, node: &AudioNode) -> Result<Meter, Error> {
        let analyser = self.context.create_analyser().map_err(|_| no_context())?;
        analyser.set_fft_size(METER_SAMPLES);
        node.connect_with_audio_node(&analyser).map_err(|_| no_context())?;
        Ok(Meter { analyser })
    }
}

/// What a worklet is told when it is made.
pub(super) struct WorkletOptions {
    pub(super) outputs: u32,
    pub(super) ring: Option<SharedArrayBuffer>,
    pub(super) capacity: usize,
    /// From and to which rate it converts; `None` stands for the context's.
    pub(super) rates: (Option<u32>, Option<u32>),
    /// One more number, by name.
    pub(super) extra: (&'static str, f64),
}

impl WorkletOptions {
    fn to_js(&self, context_hz: u32) -> Result<Object, Error> {
        let (from, to) = self.rates;
        let (from, to) = (from.unwrap_or(context_hz), to.unwrap_or(context_hz));
        let ring = self.ring.as_ref().map_or(JsValue::NULL, |ring| ring.clone().into());
        let filter = filter::design(from, to)?.map_or(JsValue::NULL, |filter| filter_to_js(&filter));
        let (name, value) = self.extra;
        Ok(object(&[
            ("ring", ring),
            ("capacity", (self.capacity as u32).into()),
            ("filter", filter),
            (name, value.into()),
        ]))
    }
}

/// The level of a signal, measured when asked.
#[derive(Debug)]
pub(super) struct Meter {
    analyser: AnalyserNode,
}

impl Meter {
    /// Root mean square of the last 20 ms or so, 0 to 1.
    pub(super) fn level(&self) -> f64 {
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

fn no_worklet() -> Error {
    Error::new(Code::Unsupported, "This page may not use audio worklets.")
        .with_remedy("Serve it over https: or from localhost.")
}

fn not_loaded() -> Error {
    Error::new(Code::WorkletUnavailable, "The audio worklet's script could not be loaded or did not start.")
        .with_remedy("Check that live-audio.js is served, and allowed by the content security policy; or set workletUrl.")
        .with_field("workletUrl")
}

const RESUME_MS: u32 = 5_000;
const LOAD_MS: u32 = 15_000;
const METER_SAMPLES: u32 = 1024;
