//! The way in of a microphone, whichever device it is at the time. How it is opened and replaced is in `input.js`.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, AudioContext, AudioNode, MediaStreamTrack, MessagePort};

use crate::{
    error::Error,
    web::{
        page::microphone::{MicrophoneOptions, not_connected},
        sys::{
            channel::{Oneshot, observed},
            listener::Over,
            task::spawn_local,
            value::{self, error_from, object},
        },
    },
};

#[wasm_bindgen(module = "/src/web/page/input.js")]
extern "C" {
    // Neither throws. By `catch` they are called through the glue, which has them loaded when they are first called; else the wasm
    // would import them itself.
    #[wasm_bindgen(catch, js_name = openInput)]
    fn open_input(options: &JsValue, device: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_name = watchPermission)]
    fn watch_permission(tell: &JsValue, signal: &AbortSignal) -> Result<Promise, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// An input, which whoever has this can talk to, but does not own.
    #[derive(Clone, Debug)]
    pub(in crate::web) type MicrophoneInput;

    #[wasm_bindgen(method, catch, js_name = open)]
    async fn open_device(this: &MicrophoneInput, device: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = join)]
    fn join_context(this: &MicrophoneInput, context: &AudioContext) -> Result<AudioNode, JsValue>;

    #[wasm_bindgen(method)]
    fn watch(this: &MicrophoneInput, tell: &JsValue);

    #[wasm_bindgen(method)]
    fn end(this: &MicrophoneInput);

    /// What is heard now.
    #[wasm_bindgen(method, getter)]
    pub(in crate::web) fn track(this: &MicrophoneInput) -> MediaStreamTrack;
}

impl MicrophoneInput {
    /// Opens this device and hears it instead of the one before, which stays if this one cannot be had.
    pub(in crate::web) async fn open(&self, device: JsValue) -> Result<(), Error> {
        self.open_device(&device).await.map(drop).map_err(|thrown| failure(&thrown))
    }

    /// Lets `hear` be told what becomes of it.
    pub(in crate::web) fn tell(&self, hear: impl Fn(JsValue) + 'static) {
        self.watch(&function(hear));
    }
}

/// What a microphone hears. Its devices are given back when it is dropped, but for those that are the application's.
#[derive(Debug)]
pub(in crate::web) struct Input(MicrophoneInput);

impl Input {
    /// Opens the device that these options name.
    pub(in crate::web) async fn open(options: &MicrophoneOptions) -> Result<Self, Error> {
        let given = object(&[
            ("echoCancellation", options.echo_cancellation.into()),
            ("noiseSuppression", options.noise_suppression.into()),
            ("autoGainControl", options.auto_gain_control.into()),
            ("voiceIsolation", options.voice_isolation.into()),
            ("followDefault", options.follow_default.into()),
            ("capturePath", options.capture_path.as_str().into()),
        ]);
        let asked = open_input(&given, &options.device()).map_err(|thrown| failure(&thrown))?;
        let answer: Rc<Oneshot<Result<Self, Error>>> = Rc::default();
        let answering = answer.clone();
        // Not awaited here: the user may answer when nobody waits any more, and then the input is dropped with the answer.
        spawn_local(async move {
            let opened = JsFuture::from(asked).await;
            answering
                .put(opened.map(|input| Self(input.unchecked_into())).map_err(|thrown| failure(&thrown)));
        });
        answer.take_within(OPEN_MS).await.unwrap_or_else(|| Err(not_connected()))
    }

    /// The same, to be talked to while nothing is borrowed.
    pub(in crate::web) fn handle(&self) -> MicrophoneInput {
        Clone::clone(&self.0)
    }

    /// The node behind which it is heard in this context.
    pub(in crate::web) fn join(&self, context: &AudioContext) -> Result<AudioNode, Error> {
        self.0.join_context(context).map_err(|thrown| failure(&thrown))
    }

    /// The driver's end of its way past the audio thread, where that is wished and the browser has it: once it is joined.
    pub(in crate::web) fn port(&self) -> Option<MessagePort> {
        value::field(&self.0, "port").dyn_into().ok()
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The user's permission for microphones, of whose changes is told until this is dropped.
#[derive(Debug)]
pub(in crate::web) struct Permission {
    _over: Over,
}

impl Permission {
    pub(in crate::web) fn watch(hear: impl Fn(String) + 'static) -> Self {
        let hear = function(move |state| hear(state.as_string().unwrap_or_default()));
        let over = Over::default();
        // Where it cannot be loaded nothing is told.
        let _ = over.signal().map(|over| watch_permission(&hear, &over).map(observed));
        Self { _over: over }
    }
}

/// A function that the garbage collector owns.
fn function(act: impl Fn(JsValue) + 'static) -> JsValue {
    let act: Closure<dyn Fn(JsValue)> = Closure::new(act);
    act.into_js_value()
}

fn failure(thrown: &JsValue) -> Error {
    // What is thrown there has the fields of a failure. Anything else is the browser's, of which nothing is known.
    let Some(mut error) = error_from(thrown) else { return not_connected() };
    if error.remedy.is_none() {
        error.remedy = Some(error.code.remedy().to_owned());
    }
    error
}

/// The user has two minutes to answer, and loading a part of one.
const OPEN_MS: u32 = 150_000;
