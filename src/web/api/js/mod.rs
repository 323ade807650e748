//! The classes that JavaScript sees. They hold no logic.

mod devices;

use std::{pin::Pin, rc::Rc};

use js_sys::{Array, Function, JSON, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use devices::device;

use crate::web::{
    api::{
        convert::{Failures, JsOptions, end_with, json, live_error, microphone_options, speaker_options},
        events::{Listeners, Reading, done},
    },
    driver::command::Command,
    page::{connect, device::Wish, handle::Handle, hub::Hub, recording::Recorder},
    sys::value::{self, object},
};
use crate::{
    error::Error,
    protocol::client::{self, Outgoing},
};

#[wasm_bindgen(typescript_custom_section)]
const PROTOCOL_TYPES: &str = include_str!("../../../protocol/types.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("../types.d.ts");

/// A conversation with the Live API. It lives until it is closed, by either side, whoever forgets it.
///
/// End it with `close()`, or `await using`; `free()` and `using` do the same and do not wait.
#[wasm_bindgen(js_name = LiveSession)]
#[derive(Clone)]
pub struct JsSession {
    handle: Rc<Handle>,
    hub: Rc<Hub<JsValue>>,
    listeners: Rc<Listeners>,
    failures: Failures,
}

impl std::fmt::Debug for JsSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveSession").finish_non_exhaustive()
    }
}

#[wasm_bindgen(js_class = LiveSession)]
impl JsSession {
    /// Opens a session. Settles once: when the service has accepted the setup, or with a `LiveError` when it
    /// refused, when the time is over, or when the signal aborts.
    #[wasm_bindgen(unchecked_return_type = "Promise<LiveSession>")]
    pub fn connect(#[wasm_bindgen(unchecked_param_type = "ConnectOptions")] options: JsValue) -> Promise {
        boxed(async move {
            let JsOptions { options, wants_worker, failures } =
                JsOptions::from_js(&options).map_err(|error| live_error(&error))?;
            let hub = Hub::new(options.event_queue_limit, options.turns, value::event);
            let listeners = Listeners::new(options.event_queue_limit);
            let parse: fn(&str) -> JsValue = |json| JSON::parse(json).unwrap_or_default();
            let recorder = options.recorder.clone();
            let opened = connect::for_js(options, wants_worker, &hub, parse).await;
            let handle = opened.map_err(|error| {
                let error = failures.error(&error);
                // What the service said last is in it, and there is no session to ask for it.
                if let Some(recorder) = recorder {
                    // Where nothing was dialled no driver says so.
                    recorder.end();
                    let _ = Reflect::set(&error, &"recording".into(), &recorder.recording());
                }
                error
            })?;
            Ok(ending(Self { handle, hub, listeners, failures }, "close"))
        })
    }

    /// Where the session is in its life.
    #[wasm_bindgen(getter, unchecked_return_type = "LiveState")]
    pub fn state(&self) -> String {
        self.handle.state().as_str().to_owned()
    }

    /// Where the connection really lives: in a Worker, or on the page.
    #[wasm_bindgen(getter, js_name = runsIn, unchecked_return_type = "\"worker\" | \"page\"")]
    pub fn runs_in(&self) -> String {
        self.handle.host().name().to_owned()
    }

    /// The turns of the conversation, oldest first, each as the latest `turn` event had it.
    #[wasm_bindgen(getter, unchecked_return_type = "readonly LiveTurn[]")]
    pub fn turns(&self) -> Array {
        self.hub.turns().iter().map(|event| value::field(event, "turn")).collect()
    }

    /// The conversation as turns of client content: what was said and heard. To store, or to begin another session with.
    #[wasm_bindgen(unchecked_return_type = "Content[]")]
    pub fn history(&self) -> Array {
        self.turns().iter().filter_map(|turn| content(&turn)).collect()
    }

    /// The tokens that the session has used, and their cost where `prices` were given; nothing before the first turn's.
    #[wasm_bindgen(getter, unchecked_return_type = "LiveUsage | undefined")]
    pub fn usage(&self) -> JsValue {
        self.hub.usage().map_or(JsValue::UNDEFINED, |event| value::field(&event, "usage"))
    }

    /// Silences the answer at once. Nothing more of it is heard; the next one is.
    pub fn interrupt(&self) -> Result<(), JsValue> {
        self.wish(Command::Interrupt)
    }

    /// Push-to-talk: the user begins to talk. From the first time on the microphone is heard only until `stopTalking()`.
    #[wasm_bindgen(js_name = startTalking)]
    pub fn start_talking(&self) -> Result<(), JsValue> {
        self.wish(Command::Talk(true))
    }

    /// Push-to-talk: the user has said it.
    #[wasm_bindgen(js_name = stopTalking)]
    pub fn stop_talking(&self) -> Result<(), JsValue> {
        self.wish(Command::Talk(false))
    }

    /// Sends text, audio, video or activity marks as they happen.
    #[wasm_bindgen(js_name = sendRealtimeInput)]
    pub fn send_realtime_input(
        &self,
        #[wasm_bindgen(unchecked_param_type = "RealtimeInput")] input: JsValue,
    ) -> Result<(), JsValue> {
        self.send(&input, "input", client::realtime_input)
    }

    /// Sends turns of the conversation, such as its history.
    #[wasm_bindgen(js_name = sendClientContent)]
    pub fn send_client_content(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ClientContent")] content: JsValue,
    ) -> Result<(), JsValue> {
        self.send(&content, "content", client::client_content)
    }

    /// Answers tool calls.
    #[wasm_bindgen(js_name = sendToolResponse)]
    pub fn send_tool_response(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ToolResponse")] response: JsValue,
    ) -> Result<(), JsValue> {
        self.send(&response, "response", client::tool_response)
    }

    /// Changes instructions or tools of the open session.
    #[wasm_bindgen(js_name = sendContextUpdate)]
    pub fn send_context_update(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ContextUpdate")] update: JsValue,
    ) -> Result<(), JsValue> {
        self.send(&update, "update", client::context_update)
    }

    /// The microphone that is open.
    #[wasm_bindgen(getter, unchecked_return_type = "Microphone | undefined")]
    pub fn microphone(&self) -> JsValue {
        self.handle.microphone().map_or(JsValue::UNDEFINED, device)
    }

    /// The speaker that is open.
    #[wasm_bindgen(getter, unchecked_return_type = "Speaker | undefined")]
    pub fn speaker(&self) -> JsValue {
        self.handle.speaker().map_or(JsValue::UNDEFINED, device)
    }

    /// Whether the browser lets the devices sound and hear; nothing as long as there are none, or they start.
    #[wasm_bindgen(getter, js_name = audioState, unchecked_return_type = "LiveAudioState | undefined")]
    pub fn audio_state(&self) -> Option<String> {
        self.handle.graph().audio_state().map(|state| state.as_str().to_owned())
    }

    /// Has the devices sound and hear again where `audioState` is not `"running"`. Call it from a click or key press.
    #[wasm_bindgen(js_name = resumeAudio, unchecked_return_type = "Promise<void>")]
    pub fn resume_audio(&self) -> Promise {
        let resumed = self.handle.graph().resume();
        boxed(async move { resumed.await.map(|()| JsValue::UNDEFINED).map_err(|error| live_error(&error)) })
    }

    /// Opens the microphone and sends what it hears. Call it from a click or key press: without one it may hear nothing before the next
    /// (`audioState`).
    ///
    /// A session has one: another that is open is stopped. Of two that are being opened at once the later stays; the
    /// earlier comes already `stopped`.
    #[wasm_bindgen(js_name = openMicrophone, unchecked_return_type = "Promise<Microphone>")]
    pub fn open_microphone(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "MicrophoneOptions")] options: Option<JsValue>,
    ) -> Promise {
        self.open(options, |given| microphone_options(given).map(Wish::Microphone))
    }

    /// Opens the speaker and plays the answers. Call it from a click or key press: without one it may play nothing before the next
    /// (`audioState`).
    ///
    /// A session has one: another that is open is stopped as soon as this one plays. Of two that are being opened at once
    /// the later stays; the earlier comes already `stopped`.
    #[wasm_bindgen(js_name = openSpeaker, unchecked_return_type = "Promise<Speaker>")]
    pub fn open_speaker(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "SpeakerOptions")] options: Option<JsValue>,
    ) -> Promise {
        self.open(options, |given| speaker_options(given).map(Wish::Speaker))
    }

    /// Calls `listener` for each event of a type. Returns the function that ends it.
    #[wasm_bindgen(skip_typescript)]
    pub fn on(&self, kind: String, listener: Function) -> Function {
        self.listeners.add(&self.hub, kind, listener)
    }

    /// Makes a lost connection again now: without waiting for the next attempt, or for the browser to be online. Does
    /// nothing while there is one.
    #[wasm_bindgen(js_name = retryNow)]
    pub fn retry_now(&self) {
        self.handle.retry();
    }

    /// Records from now on. In the package this is a promise, because what records is loaded first.
    #[wasm_bindgen(skip_typescript)]
    pub fn record(&self, options: JsValue) -> Result<JsValue, JsValue> {
        let begun = Recorder::with(&options).and_then(|recorder| self.handle.record(recorder));
        begun.map(|recorder| recorder.recording()).map_err(|error| live_error(&error))
    }

    /// The latest recording, which may be over.
    #[wasm_bindgen(getter, unchecked_return_type = "LiveRecording | undefined")]
    pub fn recording(&self) -> JsValue {
        self.handle.recorder().map_or(JsValue::UNDEFINED, |recorder| recorder.recording())
    }

    /// The counters since the session began.
    #[wasm_bindgen(unchecked_return_type = "Promise<LiveStats>")]
    pub fn stats(&self) -> Promise {
        let handle = self.handle.clone();
        boxed(async move { handle.host().stats().await.map_err(|error| live_error(&error)) })
    }

    /// Closes the session, the microphone and the speaker. Resolves when all are closed; never rejects.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn close(&self) -> Promise {
        let handle = self.handle.clone();
        boxed(async move {
            handle.close().await;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Iterates over the events. Ends when the session is closed; throws a `LiveError` if it failed.
    #[wasm_bindgen(
        js_name = "[Symbol.asyncIterator]",
        unchecked_return_type = "AsyncIterableIterator<LiveEvent>"
    )]
    pub fn async_iterator(&self) -> LiveEvents {
        LiveEvents(Reading::new(&self.hub, self.failures.clone()))
    }

    /// The same as `close()`, for `await using`.
    #[wasm_bindgen(js_name = "[Symbol.asyncDispose]", unchecked_return_type = "Promise<void>")]
    pub fn async_dispose(&self) -> Promise {
        self.close()
    }
}

impl JsSession {
    fn open(&self, given: Option<JsValue>, read: fn(&JsValue) -> Result<Wish, Error>) -> Promise {
        let handle = self.handle.clone();
        boxed(async move {
            // Not before: an option may be a getter, and that may free the session, which is borrowed until here.
            let opened = match read(&given.unwrap_or_default()) {
                Ok(wish) => handle.open(wish).await,
                Err(error) => Err(error),
            };
            opened.map(device).map_err(|error| live_error(&error))
        })
    }

    fn wish(&self, wish: Command) -> Result<(), JsValue> {
        self.handle.wish(wish).map_err(|error| live_error(&error))
    }

    fn send(
        &self,
        value: &JsValue,
        name: &str,
        encode: impl FnOnce(crate::json::Value) -> Result<Outgoing, Error>,
    ) -> Result<(), JsValue> {
        let sent = self.handle.send(|| json(value, name).and_then(encode));
        self.hub.warn(sent.map_err(|error| live_error(&error))?);
        Ok(())
    }
}

/// The events of a session, one at a time.
#[wasm_bindgen(skip_typescript)]
pub struct LiveEvents(Rc<Reading>);

impl std::fmt::Debug for LiveEvents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveEvents").finish_non_exhaustive()
    }
}

#[wasm_bindgen]
impl LiveEvents {
    /// The next event.
    #[wasm_bindgen(skip_typescript)]
    pub fn next(&self) -> Promise {
        self.0.next()
    }

    /// Ends the iteration. The session stays open.
    #[wasm_bindgen(js_name = return, skip_typescript)]
    pub fn end(&self) -> Promise {
        self.0.leave();
        Promise::resolve(&done())
    }

    /// Itself.
    #[wasm_bindgen(js_name = "[Symbol.asyncIterator]", skip_typescript)]
    pub fn async_iterator(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A turn as content; nothing if no word of it was heard.
fn content(turn: &JsValue) -> Option<JsValue> {
    let heard = value::field(turn, "heard");
    let text = if heard.is_undefined() { value::field(turn, "text") } else { heard };
    let role = value::field(turn, "role");
    let parts = |text| Array::of1(&object(&[("text", text)])).into();
    text.is_truthy().then(|| object(&[("role", role), ("parts", parts(text))]).into())
}

/// The object for JavaScript, whose `free()` and `using` end what it stands for.
fn ending(object: impl Into<JsValue>, method: &str) -> JsValue {
    let object = object.into();
    end_with(&object, method);
    object
}

/// The promise of what a future gives. In a box: `future_to_promise` is a kilobyte for each kind of future.
pub(in crate::web) fn boxed(work: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let work: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> = Box::pin(work);
    future_to_promise(work)
}
