//! What JavaScript gives, parsed once into this library's types; and errors on their way back.

use std::{cell::RefCell, rc::Rc, time::Duration};

use js_sys::{Array, Function, JSON, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use super::given::{Options, option_error};
use crate::web::{
    driver::token::{self, Source, TokenFuture, TokenSource, retryable, unavailable},
    page::{
        microphone::{CapturePath, MicrophoneOptions},
        options::{ConnectOptions, ContextHint},
        recording::Recorder,
        speaker::SpeakerOptions,
        tools::Tools,
    },
    sys::value::{self, object},
};
use crate::{
    error::{Code, Error},
    json::{Value, parse},
    protocol::setup::{CALLABLE_TOOL, TurnDetection},
    session::{BargeInPolicy, RetryPolicy},
};

#[wasm_bindgen(module = "/src/web/api/live_error.js")]
extern "C" {
    /// The error class of the package.
    type LiveError;

    // The class once more, to be exported: as a function, because only a function's type can be left to types.d.ts.
    #[allow(dead_code, reason = "exported, and never called")]
    #[wasm_bindgen(reexport, skip_typescript, js_name = LiveError)]
    fn live_error_class();

    #[wasm_bindgen(constructor)]
    fn new(details: &JsValue, options: &JsValue) -> LiveError;

    /// Lets `free()` and `using` call this method.
    #[wasm_bindgen(js_name = endWith)]
    pub(in crate::web) fn end_with(object: &JsValue, method: &str);
}

/// The failure as an instance of the package's `LiveError`.
pub(in crate::web) fn live_error(error: &Error) -> JsValue {
    LiveError::new(&value::error(error), &JsValue::UNDEFINED).into()
}

/// What the application's own functions threw: the `cause` of the failure that came of it.
#[derive(Clone, Default)]
pub(in crate::web) struct Failures(Rc<RefCell<Option<(Error, JsValue)>>>);

impl Failures {
    /// The failure that `thrown` means: its own, if the application threw a `LiveError`.
    fn thrown(&self, thrown: JsValue) -> Error {
        let own = thrown.is_instance_of::<LiveError>().then(|| value::error_from(&thrown)).flatten();
        let error = own.unwrap_or_else(|| {
            // What was thrown is not repeated: it may hold a secret. It may pass: most throw because `fetch` does.
            let error = unavailable("The token provider failed.")
                .with_remedy("Look at what your `token` function throws: it is the `cause`.");
            retryable(error)
        });
        self.0.replace(Some((error.clone(), thrown)));
        error
    }

    /// The failure as a `LiveError`, with its cause if there is one.
    pub(in crate::web) fn error(&self, error: &Error) -> JsValue {
        match &*self.0.borrow() {
            Some((of, cause)) if of == error => {
                let options = object(&[("cause", cause.clone())]);
                LiveError::new(&value::error(error), &options).into()
            }
            _ => live_error(error),
        }
    }
}

/// Options of `connect` in JavaScript, parsed.
pub(in crate::web) struct JsOptions {
    pub(in crate::web) options: ConnectOptions,
    pub(in crate::web) wants_worker: bool,
    pub(in crate::web) failures: Failures,
}

impl JsOptions {
    pub(in crate::web) fn from_js(given: &JsValue) -> Result<Self, Error> {
        let given = Options::new(given, CONNECT_OPTIONS);
        let model = given.text("model").unwrap_or_else(|| {
            given.refuse(option_error("model", "`model` is missing."));
            String::new()
        });
        let failures = Failures::default();
        let token = given.taken(token_source(&given.get("token"), &failures)).unwrap_or_else(|| "".into());
        let mut options = ConnectOptions::new(model, token);
        let mut config = given.get("config");
        let tools = given.get("tools");
        if !tools.is_undefined() {
            options.served = given.taken(read_tools(&tools));
        }
        if let Some(tools) = &options.served {
            config = tools.declare(&config);
        }
        options.config = given.taken(config_json(&config)).unwrap_or(Value::Null);
        let record = given.get("record");
        if record.as_bool() != Some(false) && !record.is_undefined() {
            options.recorder = given.taken(Recorder::with(&record));
        }
        let extra_setup = given.get("extraSetup");
        if !extra_setup.is_undefined() {
            options.extra_setup = given.taken(json(&extra_setup, "extraSetup"));
        }
        options.resumption = given.flag("resumption").unwrap_or(true);
        options.reseed = given.flag("reseed").unwrap_or(true);
        options.retry = retry_policy(&given);
        let duration = |ms: Option<u32>, usual| ms.map_or(usual, |ms| Duration::from_millis(ms.into()));
        options.silence = duration(given.whole("silenceMs", HOUR_MS), options.silence);
        options.hold = duration(given.whole("holdMs", 120_000), options.hold);
        options.persist = given.text("persist");
        options.signal = given.object("signal");
        options.speaker = given.device("speaker", speaker_options);
        options.microphone = given.device("microphone", microphone_options);
        if let Some(base) = given.text("endpoint") {
            options.endpoint.base = base;
        }
        options.endpoint.version = given.text("apiVersion");
        let timeout_ms = given.whole("connectTimeoutMs", 600_000);
        options.connect_timeout = timeout_ms.map(|ms| Duration::from_millis(ms.into()));
        options.dangerously_allow_api_key = given.flag("dangerouslyAllowApiKey").unwrap_or(false);
        options.model_checks = given.flag("modelChecks").unwrap_or(true);
        if let Some(limit) = given.whole("eventQueueLimit", 1_000_000) {
            options.event_queue_limit = limit as usize;
        }
        if let Some(turns) = given.number("turns") {
            options.turns = turns.clamp(0.0, 100_000.0) as u32;
        }
        options.push_to_talk = given.flag("pushToTalk").unwrap_or(false);
        if let Some(pre_roll_ms) = given.number("preRollMs") {
            options.pre_roll = Duration::from_millis(pre_roll_ms.max(0.0) as u64);
        }
        if let Some(frame_ms) = given.number("frameMs") {
            options.frame = Duration::from_millis(frame_ms.max(0.0) as u64);
        }
        options.half_duplex = given.flag("halfDuplex").unwrap_or(false);
        let gate_ms = given.within("echoGateMs", "a number from 0 to 10 000", 0.0..=10_000.0);
        options.echo_gate = gate_ms.map(|ms| Duration::from_millis(ms as u64));
        options.turn_detection =
            given.read("turnDetection", TURN_DETECTIONS, |value| TurnDetection::named(&value.as_string()?));
        options.barge_in = given.device("bargeIn", barge_in_policy);
        options.wake_lock = given.flag("wakeLock").unwrap_or(false);
        read_prices(&given, &mut options);
        read_budget(&given, &mut options);
        let hint = |name| {
            let is_hint = |value: &JsValue| value.is_string() || value.as_f64().is_some();
            given.read(name, "a text or a number", |value| is_hint(value).then(|| ContextHint(value.clone())))
        };
        options.latency_hint = hint("latencyHint");
        options.render_size_hint = hint("renderSizeHint");
        options.worklet_url = given.address("workletUrl");
        let wants_worker = match given.text("runIn").as_deref() {
            None | Some("worker") => true,
            Some("page") => false,
            Some(_) => {
                given.refuse(option_error("runIn", "`runIn` is neither \"worker\" nor \"page\"."));
                false
            }
        };
        given.done(Self { options, wants_worker, failures })
    }
}

/// The pauses between attempts to connect again.
fn retry_policy(options: &Options) -> RetryPolicy {
    let given = options.inner("retry", RETRY_OPTIONS);
    let mut policy = RetryPolicy::default();
    let ms = |name: &str, usual: Duration| {
        given.whole(name, DAY_MS).map_or(usual, |ms| Duration::from_millis(ms.into()))
    };
    policy.first = ms("firstMs", policy.first);
    policy.longest = ms("longestMs", policy.longest);
    let give_up_ms = given.within("giveUpMs", "a number from 0", 0.0..=f64::MAX);
    policy.give_up = give_up_ms.map_or(policy.give_up, |ms| Duration::from_millis(ms as u64));
    policy.factor = given.within("factor", "a number from 1 to 10", 1.0..=10.0).unwrap_or(policy.factor);
    policy.jitter = given.within("jitter", "a number from 0 to 1", 0.0..=1.0).unwrap_or(policy.jitter);
    options.take_refused(&given);
    policy
}

/// When an answer is paused because the user began to speak.
fn barge_in_policy(given: &JsValue) -> Result<BargeInPolicy, Error> {
    let given = Options::new(given, &["speechMs", "confirmMs"]);
    let mut policy = BargeInPolicy::default();
    let ms = |name, usual| given.whole(name, 60_000).map_or(usual, |ms| Duration::from_millis(ms.into()));
    policy.speech = ms("speechMs", policy.speech);
    policy.confirm = ms("confirmMs", policy.confirm);
    given.done(policy)
}

fn read_prices(given: &Options, options: &mut ConnectOptions) {
    let prices = given.inner("prices", &["prompt", "response"]);
    let prompt = prices.inner("prompt", &["TEXT", "AUDIO", "VIDEO"]);
    let response = prices.inner("response", &["TEXT", "AUDIO"]);
    let price = |of: &Options, name| of.number(name).unwrap_or_default();
    options.prices.prompt_text = price(&prompt, "TEXT");
    options.prices.prompt_audio = price(&prompt, "AUDIO");
    options.prices.prompt_video = price(&prompt, "VIDEO");
    options.prices.response_text = price(&response, "TEXT");
    options.prices.response_audio = price(&response, "AUDIO");
    prices.take_refused(&prompt);
    prices.take_refused(&response);
    given.take_refused(&prices);
}

fn read_budget(given: &Options, options: &mut ConnectOptions) {
    let budget = given.inner("budget", &["tokens", "cost", "warnAt"]);
    options.budget.tokens = budget.number("tokens").unwrap_or(options.budget.tokens);
    options.budget.cost = budget.number("cost").unwrap_or(options.budget.cost);
    options.budget.warn_at = budget.number("warnAt").unwrap_or(options.budget.warn_at);
    given.take_refused(&budget);
}

/// Options of `openMicrophone`.
pub(in crate::web) fn microphone_options(given: &JsValue) -> Result<MicrophoneOptions, Error> {
    let given = Options::new(given, MICROPHONE_OPTIONS);
    let options = MicrophoneOptions {
        device_id: given.text("deviceId"),
        echo_cancellation: given.flag("echoCancellation"),
        noise_suppression: given.flag("noiseSuppression"),
        auto_gain_control: given.flag("autoGainControl"),
        voice_isolation: given.flag("voiceIsolation"),
        follow_default: given.flag("followDefault"),
        stream: given.object("stream"),
        track: given.object("track"),
        context: given.object("context"),
        worklet_url: given.address("workletUrl"),
        capture_path: capture_path(&given),
    };
    given.done(options)
}

fn capture_path(given: &Options) -> CapturePath {
    match given.text("capturePath").as_deref() {
        Some("track-processor") => return CapturePath::TrackProcessor,
        None | Some("worklet") => {}
        Some(_) => {
            let message = "`capturePath` is neither \"worklet\" nor \"track-processor\".";
            given.refuse(option_error("capturePath", message));
        }
    }
    CapturePath::Worklet
}

/// Options of `openSpeaker`.
pub(in crate::web) fn speaker_options(given: &JsValue) -> Result<SpeakerOptions, Error> {
    let given = Options::new(given, SPEAKER_OPTIONS);
    let options = SpeakerOptions {
        context: given.object("context"),
        destination: given.object("destination"),
        sink_id: given.text("sinkId"),
        volume: given.number("volume").map(|volume| volume as f32),
        jitter_ms: given.number("jitterMs"),
        time_stretch: given.flag("timeStretch"),
        worklet_url: given.address("workletUrl"),
    };
    given.done(options)
}

/// The config as JSON. A tool with functions in it is named before JSON leaves them out, and nothing of the tool is left.
fn config_json(config: &JsValue) -> Result<Value, Error> {
    let tools = value::field(config, "tools");
    for tool in tools.dyn_ref::<Array>().map(Array::to_vec).unwrap_or_default() {
        if value::field(&tool, "callTool").is_function() {
            return Err(Error::new(Code::InvalidConfig, CALLABLE_TOOL).with_field("config.tools"));
        }
    }
    json(config, "config")
}

/// A JavaScript value as JSON. What JSON leaves out (functions and `undefined` in an object) is left out, and half of a
/// character (`"👍".slice(0, 1)`) is U+FFFD.
pub(in crate::web) fn json(value: &JsValue, field: &str) -> Result<Value, Error> {
    if value.is_undefined() {
        return Ok(Value::Null);
    }
    // There is no text, and no exception either, for a function or a symbol.
    let text = JSON::stringify(value).ok().and_then(|text| JsValue::from(text).as_string());
    text.and_then(|text| parse(text.as_bytes()).ok()).ok_or_else(|| {
        Error::new(Code::InvalidOption, ["`", field, "` cannot be written as JSON."].concat())
            .with_remedy("Give plain data: no function, no cycles, no BigInt.")
            .with_field(field)
    })
}

fn read_tools(given: &JsValue) -> Result<Tools, Error> {
    Tools::new(given).map_err(|thrown| value::refused(&thrown, "tools"))
}

fn token_source(token: &JsValue, failures: &Failures) -> Result<TokenSource, Error> {
    if let Some(function) = token.dyn_ref::<Function>() {
        return Ok(TokenSource(Source::Provider(provider(function.clone(), failures.clone()))));
    }
    match token.as_string() {
        Some(text) => Ok(text.into()),
        None => Err(option_error("token", "`token` is neither a string nor a function.")),
    }
}

/// Asks the application's function.
fn provider(function: Function, failures: Failures) -> Rc<dyn Fn(AbortSignal) -> TokenFuture> {
    Rc::new(move |signal| {
        let (function, failures) = (function.clone(), failures.clone());
        Box::pin(async move {
            let answer = match function.call1(&JsValue::UNDEFINED, &signal) {
                Ok(answer) => JsFuture::from(Promise::resolve(&answer)).await,
                Err(thrown) => Err(thrown),
            };
            token::from_js(&answer.map_err(|thrown| failures.thrown(thrown))?)
        })
    })
}

const TURN_DETECTIONS: &str = "\"quick\", \"balanced\", \"patient\" or \"noisy\"";
const CONNECT_OPTIONS: &[&str] = &[
    "model",
    "token",
    "config",
    "tools",
    "record",
    "extraSetup",
    "signal",
    "endpoint",
    "apiVersion",
    "connectTimeoutMs",
    "dangerouslyAllowApiKey",
    "modelChecks",
    "resumption",
    "reseed",
    "retry",
    "silenceMs",
    "holdMs",
    "persist",
    "runIn",
    "speaker",
    "microphone",
    "latencyHint",
    "renderSizeHint",
    "workletUrl",
    "eventQueueLimit",
    "turns",
    "pushToTalk",
    "preRollMs",
    "frameMs",
    "halfDuplex",
    "echoGateMs",
    "turnDetection",
    "bargeIn",
    "prices",
    "budget",
    "wakeLock",
    // The npm package's entry reads these.
    "wasmUrl",
    "workerUrl",
];
const RETRY_OPTIONS: &[&str] = &["firstMs", "factor", "longestMs", "jitter", "giveUpMs"];
const HOUR_MS: u32 = 3_600_000;
const DAY_MS: u32 = 86_400_000;
const MICROPHONE_OPTIONS: &[&str] = &[
    "deviceId",
    "echoCancellation",
    "noiseSuppression",
    "autoGainControl",
    "voiceIsolation",
    "followDefault",
    "stream",
    "track",
    "context",
    "workletUrl",
    "capturePath",
];
const SPEAKER_OPTIONS: &[&str] =
    &["context", "destination", "sinkId", "volume", "jitterMs", "timeStretch", "workletUrl"];
