//! A driver and its sockets, which are the test's own: what is dialled, sent, and sent again.

use std::{cell::Cell, time::Duration};

use super::*;
use crate::{
    event::{LocalEvent, SessionEvent},
    json,
    protocol::client,
    web::{
        driver::{
            Driver,
            command::Command,
            token::{AccessToken, TokenSource},
        },
        sys::timer::now,
    },
};

/// In the place of the browser's WebSocket. It is opened, spoken and closed by the test.
const SOCKET: &str = "
    globalThis.sockets = [];
    return class {
        readyState = 0; bufferedAmount = 0; sent = [];
        constructor() { sockets.push(this); }
        send(text) { this.sent.push(text); this.bufferedAmount += text.length; }
        close() { this.closedIn ??= this.readyState; this.readyState = 3; }
        open() { this.readyState = 1; this.onopen(); }
        say(text) { this.bufferedAmount = 0; this.onmessage({ data: text }); }
        end() { this.readyState = 3; this.onclose({ code: 1006, reason: '' }); }
    };";

/// The browser's own WebSocket, which comes back when this is dropped.
struct Theirs(JsValue);

impl Theirs {
    fn replace() -> Self {
        let own = Function::new_no_args(SOCKET).call0(&JsValue::UNDEFINED).unwrap();
        let theirs = Reflect::get(&js_sys::global(), &"WebSocket".into()).unwrap();
        Reflect::set(&js_sys::global(), &"WebSocket".into(), &own).unwrap();
        Self(theirs)
    }
}

impl Drop for Theirs {
    fn drop(&mut self) {
        Reflect::set(&js_sys::global(), &"WebSocket".into(), &self.0).unwrap();
    }
}

fn run(script: &str) -> JsValue {
    Function::new_no_args(script).call0(&JsValue::UNDEFINED).unwrap()
}

fn dialled() -> u32 {
    run("return sockets.length").as_f64().unwrap() as u32
}

/// Waits for so many sockets, the last of which opens.
async fn open(count: u32) {
    // The test's own deadline ends this if it is not so.
    while dialled() < count {
        sleep(5).await;
    }
    run("sockets.at(-1).open()");
}

const BEGIN: &str = "
    sockets.at(-1).say('{\"setupComplete\":{}}');
    sockets.at(-1).say('{\"sessionResumptionUpdate\":{\"newHandle\":\"h\",\"resumable\":true}}');";

fn plan() -> Plan {
    let retry = object(&[("firstMs", 10.into()), ("longestMs", 10.into())]);
    let fields = [("model", "m".into()), ("token", "/token".into()), ("retry", retry.into())];
    options(&fields).unwrap()
}

fn say(driver: &Driver, text: &str) {
    let message = client::realtime_input(json::json!({ "text": text })).unwrap();
    driver.command(Command::Message(message.into()));
}

/// How often the last socket was given a message with this text.
fn given(text: &str) -> u32 {
    let script = ["return sockets.at(-1).sent.filter((it) => it.includes('", text, "')).length"].concat();
    run(&script).as_f64().unwrap() as u32
}

#[wasm_bindgen_test]
async fn what_has_left_before_the_connection_was_lost_is_not_sent_again() {
    let _theirs = Theirs::replace();
    let driver = Driver::new(plan(), "auth_tokens/x".into(), |_| {}, |_| {});
    driver.command(Command::Connect);
    open(1).await;
    run(BEGIN);
    say(&driver, "this left");
    say(&driver, "this did not");
    let both = "return sockets.at(-1).sent.length";
    assert_eq!(run(both).as_f64(), Some(3.0), "the setup, and these");
    run("const last = sockets.at(-1); last.bufferedAmount = last.sent.at(-1).length; last.end();");
    open(2).await;
    run(BEGIN);
    assert_eq!((given("this left"), given("this did not")), (0, 1));
    driver.command(Command::Close);
    run("sockets.at(-1).end()");
}

#[wasm_bindgen_test]
async fn a_socket_that_connects_is_closed_when_it_has_or_takes_too_long() {
    let _theirs = Theirs::replace();
    for opens in [true, false] {
        let driver = Driver::new(plan(), "auth_tokens/x".into(), |_| {}, |_| {});
        driver.command(Command::Dial);
        let count = if opens { 1 } else { 2 };
        while dialled() < count {
            sleep(5).await;
        }
        driver.command(Command::Abort);
        drop(driver);
        sleep(50).await;
        assert_eq!(
            run("return sockets.at(-1).readyState").as_f64(),
            Some(0.0),
            "its address would be printed"
        );
        if opens {
            run("sockets.at(-1).readyState = 1");
        }
        while run("return sockets.at(-1).readyState < 3").is_truthy() {
            sleep(20).await;
        }
        let state = if opens { 1.0 } else { 0.0 };
        assert_eq!(run("return sockets.at(-1).closedIn").as_f64(), Some(state));
    }
}

#[wasm_bindgen_test]
async fn no_socket_is_opened_for_a_session_that_ended_when_the_token_came() {
    let _theirs = Theirs::replace();
    let asked = Cell::new(0);
    let tokens = TokenSource::provider(async move || {
        asked.set(asked.get() + 1);
        // Meanwhile the connection is to be left: the session tells of that when it hears of the token.
        let until = now() + Duration::from_millis(if asked.get() == 1 { 0 } else { 400 });
        while until.ms_since(now()) > 0.0 {}
        Ok(AccessToken::new("auth_tokens/x"))
    });
    let session: Rc<RefCell<Option<Rc<Driver>>>> = Rc::default();
    let is_over: Rc<Cell<bool>> = Rc::default();
    let (closing, over) = (session.clone(), is_over.clone());
    let outlet = move |event| match event {
        SessionEvent::Local(LocalEvent::Reconnecting { .. }) => {
            let driver = closing.borrow().clone();
            driver.unwrap().command(Command::Close);
        }
        SessionEvent::Local(LocalEvent::Closed { .. }) => over.set(true),
        _ => {}
    };
    let driver = Driver::new(plan(), tokens, outlet, |_| {});
    session.replace(Some(driver.clone()));
    driver.command(Command::Connect);
    open(1).await;
    run(BEGIN);
    run("sockets[0].say('{\"goAway\":{\"timeLeft\":\"0.4s\"}}')");
    while !is_over.get() {
        sleep(5).await;
    }
    sleep(50).await;
    assert_eq!(dialled(), 1);
    session.take();
}

#[wasm_bindgen_test]
async fn a_provider_that_fails_after_a_loss_is_asked_again() {
    let _theirs = Theirs::replace();
    let asked: Rc<Cell<u32>> = Rc::default();
    let counting = asked.clone();
    let tokens = TokenSource::provider(async move || {
        counting.set(counting.get() + 1);
        match counting.get() {
            2 | 3 => Err(Error::new(Code::TokenUnavailable, "no network")),
            5 => Err(Error::new(Code::TokenRefused, "nobody is signed in")),
            _ => Ok("auth_tokens/x"),
        }
    });
    let end: Rc<RefCell<Option<Error>>> = Rc::default();
    let ended = end.clone();
    let outlet = move |event| {
        if let SessionEvent::Local(LocalEvent::Closed { error, .. }) = event {
            ended.replace(error);
        }
    };
    let driver = Driver::new(plan(), tokens, outlet, |_| {});
    driver.command(Command::Connect);
    open(1).await;
    run(BEGIN);
    run("sockets[0].end()");
    open(2).await;
    run(BEGIN);
    assert_eq!((asked.get(), end.borrow().is_none()), (4, true));
    run("sockets[1].end()");
    while end.borrow().is_none() {
        sleep(5).await;
    }
    assert_eq!((asked.get(), end.take().unwrap().code), (5, Code::TokenRefused));
}
