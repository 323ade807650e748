//! What JavaScript gives, parsed once into this library's types; and errors on their way back.

use std::{cell::RefCell, rc::Rc, time::Duration};

use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Url};

use crate::web::{
    driver::token::{self, Source, TokenFuture, TokenSource, unavailable},
    page::{microphone::MicrophoneOptions, options::ConnectOptions, speaker::SpeakerOptions},
    sys::value::{self, object},
};
use crate::{
    error::{Code, Error},
    json::{Value, parse},
    protocol::endpoint::Endpoint,
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
            // What was thrown is not repeated: it may hold a secret.
            unavailable("The token provider failed.")
                .with_remedy("Look at what your `token` function throws: it is the `cause`.")
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
        let given = Options::new(given, CONNECT_OPTIONS)?;
        let model = given.text("model")?.ok_or_else(|| option_error("model", "`model` is missing."))?;
        let failures = Failures::default();
        let mut options = ConnectOptions::new(model, token_source(&given.get("token"), &failures)?);
        options.config = json(&given.get("config"), "config")?;
        let extra_setup = given.get("extraSetup");
        if !extra_setup.is_undefined() {
            options.extra_setup = Some(json(&extra_setup, "extraSetup")?);
        }
        options.signal = given.object("signal")?;
        options.speaker = given.device("speaker", speaker_options)?;
        options.microphone = given.device("microphone", microphone_options)?;
        options.endpoint = Endpoint {
            base: given.text("endpoint")?.unwrap_or_else(|| Endpoint::default().base),
            version: given.text("apiVersion")?,
        };
        let timeout_ms = given.whole("connectTimeoutMs", 600_000)?;
        options.connect_timeout = timeout_ms.map(|ms| Duration::from_millis(ms.into()));
        options.dangerously_allow_api_key = given.flag("dangerouslyAllowApiKey")?.unwrap_or(false);
        options.model_checks = given.flag("modelChecks")?.unwrap_or(true);
        if let Some(limit) = given.whole("eventQueueLimit", 1_000_000)? {
            options.event_queue_limit = limit as usize;
        }
        options.worklet_url = given.address("workletUrl")?;
        let wants_worker = match given.text("runIn")?.as_deref() {
            None | Some("worker") => true,
            Some("page") => false,
            Some(_) => return Err(option_error("runIn", "`runIn` is neither \"worker\" nor \"page\".")),
        };
        Ok(Self { options, wants_worker, failures })
    }
}

/// Options of `openMicrophone`.
pub(in crate::web) fn microphone_options(given: &JsValue) -> Result<MicrophoneOptions, Error> {
    let given = Options::new(given, MICROPHONE_OPTIONS)?;
    Ok(MicrophoneOptions {
        device_id: given.text("deviceId")?,
        echo_cancellation: given.flag("echoCancellation")?,
        noise_suppression: given.flag("noiseSuppression")?,
        auto_gain_control: given.flag("autoGainControl")?,
        stream: given.object("stream")?,
        context: given.object("context")?,
        worklet_url: given.address("workletUrl")?,
    })
}

/// Options of `openSpeaker`.
pub(in crate::web) fn speaker_options(given: &JsValue) -> Result<SpeakerOptions, Error> {
    let given = Options::new(given, SPEAKER_OPTIONS)?;
    Ok(SpeakerOptions {
        context: given.object("context")?,
        destination: given.object("destination")?,
        volume: given.number("volume")?.map(|volume| volume as f32),
        jitter_ms: given.number("jitterMs")?,
        worklet_url: given.address("workletUrl")?,
    })
}

/// An object of options that are read one by one. Whatever it does not know is refused: it may be a slip of the pen.
struct Options(Object);

impl Options {
    fn new(options: &JsValue, known: &[&str]) -> Result<Self, Error> {
        if options.is_undefined() {
            return Ok(Self(Object::new()));
        }
        let Some(object) = options.dyn_ref::<Object>() else {
            return Err(option_error("options", "The options are not an object."));
        };
        for key in Object::keys(object).iter() {
            let key = key.as_string().unwrap_or_default();
            if !known.contains(&key.as_str()) {
                return Err(unknown_option(&key, known));
            }
        }
        Ok(Self(object.clone()))
    }

    fn get(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &name.into()).unwrap_or_default()
    }

    fn read<T>(
        &self,
        name: &str,
        kind: &str,
        read: impl FnOnce(JsValue) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let value = self.get(name);
        if value.is_undefined() {
            return Ok(None);
        }
        read(value).map(Some).ok_or_else(|| option_error(name, &["`", name, "` is not ", kind, "."].concat()))
    }

    fn text(&self, name: &str) -> Result<Option<String>, Error> {
        self.read(name, "a string", |value| value.as_string())
    }

    fn address(&self, name: &str) -> Result<Option<String>, Error> {
        self.read(name, "a URL", |value| value.as_string().or_else(|| value.dyn_ref::<Url>().map(Url::href)))
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        self.read(name, "true or false", |value| value.as_bool())
    }

    fn number(&self, name: &str) -> Result<Option<f64>, Error> {
        self.read(name, "a number", |value| value.as_f64().filter(|number| number.is_finite()))
    }

    fn whole(&self, name: &str, most: u32) -> Result<Option<u32>, Error> {
        let kind = ["a number from 1 to ", &most.to_string()].concat();
        let range = 1.0..=f64::from(most);
        self.read(name, &kind, |value| {
            value.as_f64().filter(|number| range.contains(number)).map(|number| number as u32)
        })
    }

    /// `true`, or an object of options; `false` stands for nothing.
    fn device<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&JsValue) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let value = self.get(name);
        match value.as_bool() {
            Some(false) => Ok(None),
            Some(true) => parse(&JsValue::UNDEFINED).map(Some),
            None if value.is_undefined() => Ok(None),
            None if value.is_object() => parse(&value).map(Some),
            None => {
                Err(option_error(name, &["`", name, "` is neither true nor an object of options."].concat()))
            }
        }
    }

    fn object<T: JsCast>(&self, name: &str) -> Result<Option<T>, Error> {
        self.read(name, "an object of the right class", |value| value.dyn_into().ok())
    }
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

fn unknown_option(key: &str, known: &[&str]) -> Error {
    let message = ["There is no option `", key, "`; there are: ", &known.join(", "), "."].concat();
    let error = option_error(key, &message);
    // What code that comes from @google/genai has.
    if key == "callbacks" {
        return error.with_remedy("Listen with session.on(type, listener), or iterate over the session.");
    }
    error
}

fn option_error(field: &str, message: &str) -> Error {
    Error::new(Code::InvalidOption, message).with_field(field)
}

const CONNECT_OPTIONS: &[&str] = &[
    "model",
    "token",
    "config",
    "extraSetup",
    "signal",
    "endpoint",
    "apiVersion",
    "connectTimeoutMs",
    "dangerouslyAllowApiKey",
    "modelChecks",
    "runIn",
    "speaker",
    "microphone",
    "workletUrl",
    "eventQueueLimit",
    // The npm package's entry reads these.
    "wasmUrl",
    "workerUrl",
];
const MICROPHONE_OPTIONS: &[&str] = &[
    "deviceId",
    "echoCancellation",
    "noiseSuppression",
    "autoGainControl",
    "stream",
    "context",
    "workletUrl",
];
const SPEAKER_OPTIONS: &[&str] = &["context", "destination", "volume", "jitterMs", "workletUrl"];
