//! From options to an open session: where the driver runs, and who hears it.

use std::{cell::Cell, rc::Rc};

use js_sys::JSON;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, AbortSignal};

use super::{
    convert::{ConnectOptions, live_error},
    driver::{Driver, Plan},
    events::Events,
    handle::{Handle, Life},
    host::{Host, Said},
    token::{self, TokenSource},
    value, worker,
};
use crate::{
    error::{Code, Error},
    event::Event,
    session::{Input, aborted},
};

/// Opens a session for JavaScript.
pub(super) async fn connect(options: ConnectOptions) -> Result<(Rc<Handle>, Rc<Events>), JsValue> {
    let ConnectOptions { plan, warnings, signal, wants_worker, event_limit } = options;
    let is_aborted = || signal.as_ref().is_some_and(AbortSignal::aborted);
    if is_aborted() {
        return Err(live_error(&aborted()));
    }
    let life: Rc<Life> = Rc::default();
    let events = Events::new(life.clone(), event_limit);
    let link = if wants_worker { worker::start(listening(&events, &plan)).await } else { None };
    if is_aborted() {
        return Err(live_error(&aborted()));
    }
    events.warn(warnings);
    let handle = match link {
        Some(link) => {
            let handle = Handle::new(Host::Worker(link), life);
            events.set_handle(&handle);
            if let Host::Worker(link) = handle.host() {
                link.connect(&plan);
            }
            handle
        }
        None => on_page(plan, life, &events),
    };
    if let Some(signal) = signal {
        handle.obey(signal);
    }
    events.opened().await?;
    Ok((handle, events))
}

fn on_page(plan: Plan, life: Rc<Life>, events: &Rc<Events>) -> Rc<Handle> {
    let hearing = events.clone();
    let driver = Driver::new(plan, move |event| hearing.on_event(value::event(&event)));
    let handle = Handle::new(Host::Page(driver.clone()), life);
    events.set_handle(&handle);
    driver.feed(Input::Connect);
    handle
}

/// What the page does about what the Worker says.
fn listening(events: &Rc<Events>, plan: &Plan) -> Rc<dyn Fn(Said)> {
    let events = Rc::downgrade(events);
    let tokens = plan.tokens.clone();
    Rc::new(move |said| {
        let Some(events) = events.upgrade() else { return };
        match said {
            Said::Event(json) => events.on_event(JSON::parse(&json).unwrap_or_default()),
            Said::Token(request) => answer(&events, &tokens, request),
            Said::Gone => events.on_event(value::event(&Event::Closed { close: None, error: Some(gone()) })),
        }
    })
}

/// Asks the application's function for the Worker, which cannot call it.
fn answer(events: &Rc<Events>, tokens: &TokenSource, request: f64) {
    let life = events.life();
    let events = Rc::downgrade(events);
    let tokens = tokens.clone();
    spawn_local(async move {
        let token = match token::controller() {
            Ok(controller) => {
                let is_answered = give_up_with(life, &controller);
                let token = tokens.get(controller.signal()).await;
                is_answered.set(true);
                token
            }
            Err(error) => Err(error),
        };
        if let Some(handle) = events.upgrade().and_then(|events| events.handle())
            && let Host::Worker(link) = handle.host()
        {
            link.answer(request, &token);
        }
    });
}

/// Aborts a request for a token when the session ends first. The flag says that it was answered.
fn give_up_with(life: Rc<Life>, controller: &AbortController) -> Rc<Cell<bool>> {
    let is_answered: Rc<Cell<bool>> = Rc::default();
    let (flag, controller) = (is_answered.clone(), controller.clone());
    spawn_local(async move {
        life.closed().await;
        if !flag.get() {
            controller.abort();
        }
    });
    is_answered
}

fn gone() -> Error {
    Error::new(Code::Internal, "The session's Worker has crashed.")
        .with_remedy("Connect again; `driver: \"page\"` does without a Worker. Please report it.")
}
