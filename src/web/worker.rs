//! The driver in a dedicated Worker: both ends of the way there.

use std::{cell::RefCell, rc::Rc, time::Duration};

use js_sys::{Array, SharedArrayBuffer};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, MessageChannel, MessageEvent, MessagePort, Worker};

use super::{
    alarm::within,
    driver::{Driver, Plan},
    host::{Said, WorkerLink, message},
    queue::Slot,
    token::{AccessToken, TokenFuture, TokenSource, unavailable},
    value::{object, to_js},
};
use crate::{
    error::Error,
    event::Event,
    json::{Map, Value, parse},
    protocol::{endpoint::Endpoint, setup::Setup},
    session::{Input, Policy},
};

#[wasm_bindgen(module = "/www/worker/spawn.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn spawn() -> Result<Worker, JsValue>;
}

/// Starts a Worker with the page's own wasm. `None` where that cannot be done: the page is the fallback then.
pub(super) async fn start(on_said: Rc<dyn Fn(Said)>) -> Option<WorkerLink> {
    // Shipped beside the script that starts it, under the name by which that script knows it.
    let _ = wasm_bindgen::link_to!(module = "/www/worker/worker.js");
    let worker = spawn().ok()?;
    let channel = MessageChannel::new().ok()?;
    let ready: Rc<Slot<bool>> = Rc::default();
    let failed = ready.clone();
    let on_error: Closure<dyn FnMut()> = Closure::new(move || failed.put(false));
    let answered = ready.clone();
    let on_message: Closure<dyn FnMut(MessageEvent)> = Closure::new(move |event: MessageEvent| {
        let message: Array = event.data().unchecked_into();
        answered.put(message.get(0).as_string().as_deref() == Some("ready"));
    });
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    let port = channel.port1();
    port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let far = channel.port2();
    let start = object(&[("module", wasm_bindgen::module()), ("port", far.clone().into())]);
    let posted = worker.post_message_with_transfer(&start, &Array::of1(&far));
    let is_ready = posted.is_ok() && within(START_MS, ready.take()).await == Some(true);
    worker.set_onerror(None);
    port.set_onmessage(None);
    if !is_ready {
        worker.terminate();
        return None;
    }
    Some(WorkerLink::new(worker, port, on_said))
}

impl WorkerLink {
    /// Gives the driver what it needs and begins the session.
    pub(super) fn connect(&self, plan: &Plan) {
        let text = |text: Option<&str>| text.map_or(JsValue::NULL, JsValue::from_str);
        let token_url = match &plan.tokens {
            TokenSource::Url(url) => Some(url.as_str()),
            TokenSource::Provider(_) => None,
        };
        self.post(
            "connect",
            &[
                plan.setup.as_value().to_json().into(),
                plan.endpoint.base.as_str().into(),
                text(plan.endpoint.version.as_deref()),
                text(token_url),
                plan.allows_api_key.into(),
                (plan.policy.connect.as_millis() as f64).into(),
            ],
        );
    }

    /// Answers a request for a token.
    pub(super) fn answer(&self, request: f64, token: &Result<AccessToken, Error>) {
        let (token, error) = match token {
            Ok(token) => (JsValue::from(token.as_str()), JsValue::NULL),
            Err(error) => (JsValue::NULL, JsValue::from(error.to_string())),
        };
        self.post("token", &[request.into(), token, error]);
    }
}

/// Runs a driver in this Worker, for the page at the other end of `port`.
#[wasm_bindgen(skip_typescript)]
#[allow(unreachable_pub, reason = "wasm-bindgen exports only what is pub")]
pub fn drive(port: MessagePort) {
    let worker =
        Rc::new(Inside { port: port.clone(), driver: RefCell::default(), tokens: RefCell::default() });
    let on_message: Closure<dyn FnMut(MessageEvent)> = Closure::new(move |event: MessageEvent| {
        worker.on_command(&event.data().unchecked_into());
    });
    // The garbage collector owns it from here on; the Worker ends as a whole.
    port.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
    let _ = port.post_message(&message("ready", &[]));
}

/// The driver's side of the port.
struct Inside {
    port: MessagePort,
    driver: RefCell<Option<Rc<Driver>>>,
    tokens: RefCell<Tokens>,
}

/// Requests for tokens that the page has not answered yet.
#[derive(Default)]
struct Tokens {
    last: u32,
    waiting: Vec<(u32, Answer)>,
}

type Answer = Rc<Slot<Result<AccessToken, Error>>>;

impl Inside {
    fn on_command(self: &Rc<Self>, command: &Array) {
        let kind = command.get(0).as_string().unwrap_or_default();
        if kind == "connect" {
            return self.connect(command);
        }
        if kind == "token" {
            return self.on_token(command);
        }
        let Some(driver) = self.driver.borrow().clone() else { return };
        let device = || {
            let port = command.get(1).dyn_into::<MessagePort>().ok()?;
            Some((port, command.get(2).dyn_into::<SharedArrayBuffer>().ok()))
        };
        match kind.as_str() {
            "message" => driver.feed(Input::Message(command.get(1).as_string().unwrap_or_default())),
            "mute" => driver.feed(Input::Mute(command.get(1).is_truthy())),
            "microphone" => match device() {
                Some((port, ring)) => driver.attach_microphone(port, ring),
                None => driver.detach_microphone(),
            },
            "speaker" => match device() {
                Some((port, ring)) => driver.attach_speaker(port, ring),
                None => driver.detach_speaker(),
            },
            "stats" => self.tell_stats(),
            "abort" => driver.feed(Input::Abort),
            "close" => driver.feed(Input::Close),
            _ => {}
        }
    }

    fn connect(self: &Rc<Self>, command: &Array) {
        let text = |index: u32| command.get(index).as_string();
        // Parsed as any value, as frames are: one instance of the parser is enough.
        let setup = match parse(text(1).unwrap_or_default().as_bytes()) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let mut policy = Policy::default();
        if let Some(ms) = command.get(6).as_f64() {
            policy.connect = Duration::from_millis(ms as u64);
        }
        let plan = Plan {
            setup: Setup::from_value(setup),
            policy,
            endpoint: Endpoint { base: text(2).unwrap_or_default(), version: text(3) },
            tokens: text(4).map_or_else(|| self.asking(), TokenSource::Url),
            allows_api_key: command.get(5).is_truthy(),
        };
        let me = Rc::downgrade(self);
        let driver = Driver::new(plan, move |event: Event| {
            if let Some(inside) = me.upgrade() {
                inside.tell(&event);
            }
        });
        self.driver.replace(Some(driver.clone()));
        driver.feed(Input::Connect);
    }

    /// Tokens that come from the application's function, which only the page can call.
    fn asking(self: &Rc<Self>) -> TokenSource {
        let me = Rc::downgrade(self);
        TokenSource::Provider(Rc::new(move |_: AbortSignal| -> TokenFuture {
            let me = me.clone();
            Box::pin(async move {
                let inside = me.upgrade().ok_or_else(|| unavailable("The Worker has ended."))?;
                let slot = inside.ask();
                // The session has a deadline for this.
                slot.take().await
            })
        }))
    }

    fn ask(&self) -> Answer {
        let slot = Answer::default();
        let mut tokens = self.tokens.borrow_mut();
        tokens.last = tokens.last.wrapping_add(1);
        let request = tokens.last;
        tokens.waiting.push((request, slot.clone()));
        drop(tokens);
        self.post("token", request.into());
        slot
    }

    fn on_token(&self, command: &Array) {
        let request = command.get(1).as_f64().unwrap_or_default() as u32;
        let token = command.get(2).as_string().map(AccessToken::new);
        let token = token.ok_or_else(|| unavailable(&command.get(3).as_string().unwrap_or_default()));
        let waiting = &mut self.tokens.borrow_mut().waiting;
        if let Some(index) = waiting.iter().position(|(number, _)| *number == request) {
            waiting.swap_remove(index).1.put(token);
        }
    }

    fn tell(&self, event: &Event) {
        if matches!(event, Event::Closed { .. }) {
            // The Worker ends with its session; the counters outlive it on the page.
            self.tell_stats();
        }
        self.post("event", event.to_json().into());
    }

    fn tell_stats(&self) {
        let driver = self.driver.borrow().clone();
        if let Some(driver) = driver {
            self.post("stats", to_js(&driver.stats()));
        }
    }

    fn post(&self, kind: &str, argument: JsValue) {
        let _ = self.port.post_message(&message(kind, &[argument]));
    }
}

const START_MS: u32 = 10_000;
