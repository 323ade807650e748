//! The Worker's end of the port to its page.

use std::{cell::RefCell, rc::Rc};

use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, MessageEvent, MessagePort};

use super::message::Notice;
use crate::{
    error::Error,
    event::SessionEvent,
    session::aborted,
    web::{
        driver::{
            Driver,
            command::Command,
            meaning::Meaning,
            plan::Plan,
            token::{AccessToken, Source, TokenFuture, TokenSource, unavailable},
        },
        sys::{channel::Oneshot, listener::on_abort, value::to_js},
    },
};

/// Runs a driver in this Worker, for the page at the other end of `port`.
#[wasm_bindgen(skip_typescript)]
#[allow(unreachable_pub, reason = "wasm-bindgen exports only what is pub")]
pub fn drive(port: MessagePort) {
    let inside =
        Rc::new(Inside { port: port.clone(), driver: RefCell::default(), tokens: RefCell::default() });
    let hearing = inside.clone();
    let on_message: Closure<dyn FnMut(MessageEvent)> = Closure::new(move |event: MessageEvent| {
        if let Some(command) = Command::decode(&event.data()) {
            hearing.on_command(command);
        }
    });
    // The garbage collector owns it from here on; the Worker ends as a whole.
    port.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
    inside.post(Notice::Ready);
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

type Answer = Rc<Oneshot<Result<AccessToken, Error>>>;

impl Inside {
    fn on_command(self: &Rc<Self>, command: Command) {
        match command {
            Command::Plan(plan) => self.plan(*plan),
            Command::Token(request, token) => self.answer(request, token),
            Command::Stats(request) => self.tell_stats(request),
            command => {
                let driver = self.driver.borrow().clone();
                if let Some(driver) = driver {
                    driver.command(command);
                }
            }
        }
    }

    fn plan(self: &Rc<Self>, plan: Plan) {
        // The page has asked for the first already, before this was here.
        let asking = self.asking();
        let tokens = match plan.token_url.clone() {
            Some(url) => TokenSource::in_turn(asking, TokenSource(Source::Url(url))),
            None => asking,
        };
        let (me, port) = (Rc::downgrade(self), self.port.clone());
        let outlet = move |event: SessionEvent| {
            if let Some(inside) = me.upgrade() {
                inside.tell(&event);
            }
        };
        let driver = Driver::new(plan, tokens, outlet, move |told| {
            let _ = port.post_message(&Notice::Wire(told).encode());
        });
        self.driver.replace(Some(driver));
    }

    /// Tokens that come from the page: only there can the application's function be called.
    fn asking(self: &Rc<Self>) -> TokenSource {
        let me = Rc::downgrade(self);
        TokenSource(Source::Provider(Rc::new(move |signal: AbortSignal| -> TokenFuture {
            let me = me.clone();
            Box::pin(async move {
                let inside = me.upgrade().ok_or_else(|| unavailable("The Worker has ended."))?;
                let (request, answer) = inside.ask();
                let _given_up = on_abort(&signal, move || {
                    inside.post(Notice::TokenUnwanted(request));
                    inside.answer(request, Err(aborted()));
                });
                // The session has a deadline for this, and aborts then.
                answer.take().await.unwrap_or_else(|| Err(aborted()))
            })
        })))
    }

    fn ask(&self) -> (u32, Answer) {
        let answer = Answer::default();
        let mut tokens = self.tokens.borrow_mut();
        tokens.last = tokens.last.wrapping_add(1);
        let request = tokens.last;
        tokens.waiting.push((request, answer.clone()));
        drop(tokens);
        self.post(Notice::Token(request));
        (request, answer)
    }

    fn answer(&self, request: u32, token: Result<AccessToken, Error>) {
        let waiting = &mut self.tokens.borrow_mut().waiting;
        if let Some(index) = waiting.iter().position(|(number, _)| *number == request) {
            waiting.swap_remove(index).1.put(token);
        }
    }

    fn tell(&self, event: &SessionEvent) {
        let meaning = Meaning::of(event);
        if matches!(meaning, Meaning::Closed(_)) {
            // The Worker ends with its session; the counters outlive it on the page.
            self.tell_stats(0);
        }
        self.post(Notice::Event(event.to_json(), meaning));
    }

    fn tell_stats(&self, request: u32) {
        let driver = self.driver.borrow().clone();
        if let Some(driver) = driver {
            self.post(Notice::Stats(request, to_js(&driver.stats())));
        }
    }

    fn post(&self, notice: Notice) {
        let _ = self.port.post_message(&notice.encode());
    }
}
