//! Tools as Rust applications give them: closures, for the rules that JavaScript's handlers have as well.

use std::{fmt, pin::Pin, rc::Rc, time::Duration};

use js_sys::{Function, JSON, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortSignal;

use crate::{
    error::Error,
    json::{Map, Value, parse},
    protocol::setup::{FunctionDeclaration, FunctionResponseScheduling},
    web::{
        page::{options::ConnectOptions, tools::Tools},
        sys::{
            channel::{Latch, all_until},
            listener::on_abort,
            value::{field, object, refused},
        },
    },
};

/// A function of the application, with the handler that answers the model's calls of it.
///
/// Every call that the model makes is answered once: with what the handler returns, with its error, or, when it has taken
/// too long or was not approved of, with words that say so. A call that the model takes back is not answered.
#[derive(Clone)]
pub struct LiveTool {
    name: String,
    declaration: Option<Value>,
    timeout: Option<Duration>,
    scheduling: Option<String>,
    approve: Option<Work>,
    handler: Work,
}

type Work = Rc<dyn Fn(PendingCall) -> Working>;
type Working = Pin<Box<dyn Future<Output = Result<Value, String>>>>;

impl LiveTool {
    /// A function that is declared to the model, and what is done when the model calls it. The closure of a call that is
    /// cancelled, or takes too long, is dropped where it waits.
    pub fn new<F, T, E>(declaration: FunctionDeclaration, handler: F) -> Self
    where
        F: AsyncFn(PendingCall) -> Result<T, E> + 'static,
        T: Into<Value>,
        E: Into<String>,
    {
        let name = declaration.name.clone().unwrap_or_default();
        Self { declaration: Some(declaration.into()), ..Self::for_declared(name, handler) }
    }

    /// The same for a function that is declared elsewhere: in the config, or in the setup that a token holds.
    pub fn for_declared<F, T, E>(name: impl Into<String>, handler: F) -> Self
    where
        F: AsyncFn(PendingCall) -> Result<T, E> + 'static,
        T: Into<Value>,
        E: Into<String>,
    {
        let handler = Rc::new(handler);
        let handler = Rc::new(move |call| -> Working {
            let handler = handler.clone();
            Box::pin(async move { handler(call).await.map(Into::into).map_err(Into::into) })
        });
        let name = name.into();
        Self { name, declaration: None, timeout: None, scheduling: None, approve: None, handler }
    }

    /// The same with so much time for its handler, at most an hour. Default 30 s.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The same with answers that the model takes up so, if it does not wait for them.
    #[must_use]
    pub fn with_scheduling(mut self, scheduling: FunctionResponseScheduling) -> Self {
        self.scheduling = Some(scheduling.as_str().to_owned());
        self
    }

    /// The same for calls that the application approves of, usually by asking the user, for up to five minutes. The model
    /// is told of a refusal. The closure of a call that is cancelled, or takes too long, is dropped where it waits.
    #[must_use]
    pub fn with_approval<F>(mut self, approve: F) -> Self
    where
        F: AsyncFn(PendingCall) -> bool + 'static,
    {
        let approve = Rc::new(approve);
        self.approve = Some(Rc::new(move |call| {
            let approve = approve.clone();
            Box::pin(async move { Ok(approve(call).await.into()) })
        }));
        self
    }

    /// As JavaScript gives one. What it declares is taken from the config.
    fn to_js(&self) -> JsValue {
        let handler = self.handler.clone();
        let handle: Closure<dyn Fn(JsValue, JsValue) -> Promise> =
            Closure::new(move |args, context| begin(&handler, PendingCall::new(&args, &context)));
        let approve = self.approve.clone().map(|approve| {
            let ask: Closure<dyn Fn(JsValue) -> Promise> = Closure::new(move |call: JsValue| {
                begin(&approve, PendingCall::new(&field(&call, "args"), &call))
            });
            ask.into_js_value()
        });
        let ms = self.timeout.map(|timeout| timeout.as_secs_f64() * MS_PER_SECOND);
        let tool = object(&[("handler", handle.into_js_value())]);
        let options = [
            ("approve", approve),
            ("timeoutMs", ms.map(Into::into)),
            ("scheduling", self.scheduling.clone().map(Into::into)),
        ];
        for (name, value) in options {
            // Fails only on frozen objects.
            let _ = value.map(|value| js_sys::Reflect::set(&tool, &name.into(), &value));
        }
        tool.into()
    }
}

impl fmt::Debug for LiveTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveTool").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A function call that a handler is to answer.
#[derive(Clone)]
#[non_exhaustive]
pub struct PendingCall {
    /// Id of the call.
    pub id: String,
    /// Name of the function.
    pub name: String,
    /// Arguments.
    pub args: Map,
    /// Aborts when nobody waits for the answer any more.
    pub signal: Option<AbortSignal>,
    progress: Option<Function>,
}

impl PendingCall {
    fn new(args: &JsValue, context: &JsValue) -> Self {
        let text = |name: &str| field(context, name).as_string().unwrap_or_default();
        let args = JSON::stringify(args).ok().and_then(|text| text.as_string()).unwrap_or_default();
        Self {
            id: text("id"),
            name: text("name"),
            args: parse(args.as_bytes()).ok().and_then(|args| args.as_object().cloned()).unwrap_or_default(),
            signal: field(context, "signal").dyn_into().ok(),
            progress: field(context, "progress").dyn_into().ok(),
        }
    }

    /// Sends a part of the answer: for functions that the model does not wait for. Nothing is sent when the call is over.
    pub fn progress(&self, part: impl Into<Value>) {
        if let Some(progress) = &self.progress {
            // Throws at what is no JSON alone.
            let _ = progress.call1(&JsValue::UNDEFINED, &to_js(&part.into()));
        }
    }
}

impl fmt::Debug for PendingCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingCall").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// The promise of what a closure gives, which is dropped when nobody waits for it any more.
fn begin(work: &Work, call: PendingCall) -> Promise {
    let stop: Rc<Latch> = Rc::default();
    let stopping = stop.clone();
    let listener = call.signal.as_ref().map(|signal| on_abort(signal, move || stopping.set()));
    let working = work(call);
    future_to_promise(async move {
        let mut outcome = Ok(Value::Null);
        all_until(&stop, vec![Box::pin(async { outcome = working.await })]).await;
        drop(listener);
        outcome.map(|value| to_js(&value)).map_err(JsValue::from)
    })
}

fn to_js(value: &Value) -> JsValue {
    JSON::parse(&value.to_json()).unwrap_or_default()
}

/// The options with their tools ready to answer, and declared in the config.
pub(in crate::web) fn served(mut options: ConnectOptions) -> Result<ConnectOptions, Error> {
    if options.tools.is_empty() {
        return Ok(options);
    }
    let tools: Vec<_> = options.tools.iter().map(|tool| (tool.name.as_str(), tool.to_js())).collect();
    let served = Tools::new(&object(&tools)).map_err(|thrown| refused(&thrown, "tools"))?;
    options.served = Some(served);
    let declared: Vec<Value> = options.tools.iter().filter_map(|tool| tool.declaration.clone()).collect();
    declare(declared, &mut options.config);
    Ok(options)
}

fn declare(functions: Vec<Value>, config: &mut Value) {
    if config.is_null() {
        *config = Map::new().into();
    }
    // What is no object is refused by whoever reads it.
    let Some(config) = config.as_object_mut().filter(|_| !functions.is_empty()) else { return };
    let mut tool = Map::new();
    tool.set("functionDeclarations", functions.into());
    let mut list = match config.remove("tools") {
        Some(Value::Array(list)) => list,
        None | Some(Value::Null) => Vec::new(),
        Some(single) => vec![single],
    };
    list.push(tool.into());
    config.set("tools", list.into());
}

const MS_PER_SECOND: f64 = 1000.0;
