//! What JavaScript gives, parsed once into this library's types; and errors on their way back.

use std::{rc::Rc, time::Duration};

use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Url};

use super::{
    driver::Plan,
    microphone::MicrophoneOptions,
    speaker::SpeakerOptions,
    token::{self, TokenFuture, TokenSource, unavailable},
    value::to_js,
};
use crate::{
    error::{Code, Error, Warning},
    json::{Value, parse},
    protocol::{
        endpoint::Endpoint,
        setup::{self, Prepared, model_checks},
    },
    session::Policy,
};

#[wasm_bindgen(module = "/src/web/live_error.js")]
extern "C" {
    /// The error class of the package.
    type LiveError;

    // The class once more, to be exported: as a function, because only a function's type can be left to types.d.ts.
    #[allow(dead_code, reason = "exported, and never called")]
    #[wasm_bindgen(reexport, skip_typescript, js_name = LiveError)]
    fn live_error_class();

    #[wasm_bindgen(constructor)]
    fn new(details: &JsValue) -> LiveError;
}

/// The failure as an instance of the package's `LiveError`.
pub(super) fn live_error(error: &Error) -> JsValue {
    live_error_of(&to_js(error))
}

/// The plain fields of a failure as an instance of the package's `LiveError`.
pub(super) fn live_error_of(details: &JsValue) -> JsValue {
    LiveError::new(details).into()
}

/// Options of `connect`, parsed.
pub(super) struct ConnectOptions {
    pub(super) plan: Plan,
    pub(super) warnings: Vec<Warning>,
    pub(super) signal: Option<AbortSignal>,
    pub(super) wants_worker: bool,
    pub(super) event_limit: usize,
}

impl ConnectOptions {
    pub(super) fn from_js(options: &JsValue) -> Result<Self, Error> {
        let options = Options::new(options, CONNECT_OPTIONS)?;
        let model = options.text("model")?.ok_or_else(|| option_error("model", "`model` is missing."))?;
        let extra_setup = options.get("extraSetup");
        let extra_setup =
            if extra_setup.is_undefined() { None } else { Some(json(&extra_setup, "extraSetup")?) };
        let Prepared { setup, mut warnings } =
            setup::prepare(&model, json(&options.get("config"), "config")?, extra_setup)?;
        let wants_worker = match options.text("driver")?.as_deref() {
            None | Some("worker") => true,
            Some("page") => false,
            Some(_) => return Err(option_error("driver", "`driver` is neither \"worker\" nor \"page\".")),
        };
        let mut policy = Policy::default();
        if let Some(ms) = options.whole("connectTimeoutMs", 600_000)? {
            policy.connect = Duration::from_millis(ms.into());
        }
        let base = options.text("endpoint")?.unwrap_or_else(|| Endpoint::default().base);
        let endpoint = Endpoint { base, version: options.text("apiVersion")? };
        endpoint.check()?;
        if options.flag("preflight")?.unwrap_or(true) {
            warnings.extend(model_checks::check(&setup, endpoint.version.as_deref()));
        }
        let plan = Plan {
            setup,
            policy,
            endpoint,
            tokens: token_source(&options.get("token"))?,
            allows_api_key: options.flag("dangerouslyAllowApiKey")?.unwrap_or(false),
        };
        let event_limit = options.whole("eventQueueLimit", 1_000_000)?.unwrap_or(4096) as usize;
        Ok(Self { plan, warnings, signal: options.object("signal")?, wants_worker, event_limit })
    }
}

/// Options of `openMicrophone`.
pub(super) fn microphone_options(options: &JsValue) -> Result<MicrophoneOptions, Error> {
    let options = Options::new(options, MICROPHONE_OPTIONS)?;
    Ok(MicrophoneOptions {
        device_id: options.text("deviceId")?,
        echo_cancellation: options.flag("echoCancellation")?,
        noise_suppression: options.flag("noiseSuppression")?,
        auto_gain_control: options.flag("autoGainControl")?,
        stream: options.object("stream")?,
        context: options.object("context")?,
        worklet_url: options.text("workletUrl")?,
    })
}

/// Options of `openSpeaker`.
pub(super) fn speaker_options(options: &JsValue) -> Result<SpeakerOptions, Error> {
    let options = Options::new(options, SPEAKER_OPTIONS)?;
    Ok(SpeakerOptions {
        context: options.object("context")?,
        destination: options.object("destination")?,
        volume: options.number("volume")?.map(|volume| volume as f32),
        jitter_ms: options.number("jitterMs")?,
        worklet_url: options.text("workletUrl")?,
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
                let message =
                    ["There is no option `", &key, "`; there are: ", &known.join(", "), "."].concat();
                return Err(option_error(&key, &message));
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

    fn object<T: JsCast>(&self, name: &str) -> Result<Option<T>, Error> {
        self.read(name, "an object of the right class", |value| value.dyn_into().ok())
    }
}

/// A JavaScript value as JSON. What JSON leaves out (functions, `undefined`) is left out.
pub(super) fn json(value: &JsValue, field: &str) -> Result<Value, Error> {
    if value.is_undefined() {
        return Ok(Value::Null);
    }
    let text = JSON::stringify(value).ok().map(String::from);
    text.and_then(|text| parse(text.as_bytes()).ok()).ok_or_else(|| {
        Error::new(Code::InvalidOption, ["`", field, "` cannot be written as JSON."].concat())
            .with_remedy("Give plain data: no cycles, no BigInt.")
            .with_field(field)
    })
}

fn token_source(token: &JsValue) -> Result<TokenSource, Error> {
    if let Some(function) = token.dyn_ref::<Function>() {
        return Ok(TokenSource::Provider(provider(function.clone())));
    }
    let Some(text) = token.as_string() else {
        return Err(option_error("token", "`token` is neither a string nor a function."));
    };
    let is_url = ["/", "./", "../", "http:", "https:"].iter().any(|prefix| text.starts_with(prefix));
    if is_url {
        return absolute(&text).map(TokenSource::Url);
    }
    let token = token::AccessToken::new(text);
    Ok(TokenSource::Provider(Rc::new(move |_| {
        let token = token.clone();
        Box::pin(async move { Ok(token) })
    })))
}

/// The address seen from the page: a Worker's own base is another.
fn absolute(url: &str) -> Result<String, Error> {
    let base = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    Url::new_with_base(url, &base)
        .map(|url| url.href())
        .map_err(|_| option_error("token", "`token` is not a valid URL."))
}

/// Asks the application's function. What it throws is not repeated: it may hold a secret.
fn provider(function: Function) -> Rc<dyn Fn(AbortSignal) -> TokenFuture> {
    Rc::new(move |signal| {
        let function = function.clone();
        Box::pin(async move {
            let answer = function.call1(&JsValue::UNDEFINED, &signal).map_err(|_| thrown())?;
            let answer = JsFuture::from(Promise::resolve(&answer)).await.map_err(|_| thrown())?;
            token::from_js(&answer)
        })
    })
}

fn thrown() -> Error {
    unavailable("The token provider failed.").with_remedy("Look at what your `token` function throws.")
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
    "preflight",
    "driver",
    "eventQueueLimit",
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
