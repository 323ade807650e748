//! The driver: gives the machine what happened and does what it says. It works on a page and in a Worker.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use js_sys::SharedArrayBuffer;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, MessagePort};

use super::{
    alarm::{Alarm, now},
    capture::Capture,
    playback::Speech,
    socket::{Socket, SocketEvent},
    token::{self, TokenSource},
};
use crate::{
    error::Error,
    event::Event,
    protocol::{
        endpoint::{self, Endpoint},
        setup::Setup,
    },
    session::{Action, ConnId, Input, Policy, Session, Stats},
    time::Instant,
};

/// What a driver needs to know of a session.
pub(super) struct Plan {
    pub(super) setup: Setup,
    pub(super) policy: Policy,
    pub(super) endpoint: Endpoint,
    pub(super) tokens: TokenSource,
    pub(super) allows_api_key: bool,
}

pub(super) struct Driver {
    me: Weak<Self>,
    core: RefCell<Session>,
    endpoint: Endpoint,
    tokens: TokenSource,
    allows_api_key: bool,
    dialing: RefCell<Option<Dialing>>,
    socket: RefCell<Option<Rc<Socket>>>,
    alarm: Alarm,
    capture: RefCell<Option<Capture>>,
    speech: RefCell<Option<Rc<Speech>>>,
    outlet: Box<dyn Fn(Event)>,
    is_over: Cell<bool>,
}

/// A token being fetched. Dropping it aborts the fetch.
struct Dialing {
    conn: ConnId,
    controller: Option<AbortController>,
}

impl Drop for Dialing {
    fn drop(&mut self) {
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}

impl Driver {
    pub(super) fn new(plan: Plan, outlet: impl Fn(Event) + 'static) -> Rc<Self> {
        let Plan { setup, policy, endpoint, tokens, allows_api_key } = plan;
        Rc::new_cyclic(|me: &Weak<Self>| {
            let ringing = me.clone();
            Self {
                me: me.clone(),
                core: RefCell::new(Session::new(setup, policy)),
                endpoint,
                tokens,
                allows_api_key,
                dialing: RefCell::new(None),
                socket: RefCell::new(None),
                alarm: Alarm::new(move || {
                    if let Some(driver) = ringing.upgrade() {
                        driver.alarm.rang();
                        driver.feed(Input::Tick);
                    }
                }),
                capture: RefCell::new(None),
                speech: RefCell::new(None),
                outlet: Box::new(outlet),
                is_over: Cell::new(false),
            }
        })
    }

    pub(super) fn feed(&self, input: Input<'_>) {
        let now = now();
        if matches!(input, Input::Audio(_) | Input::Message(_) | Input::Tick) {
            self.measure_backlog(now);
        }
        self.core.borrow_mut().handle(input, now);
        while let Some(action) = self.next_action() {
            self.perform(action);
        }
        let deadline = self.core.borrow().deadline();
        self.alarm.set(deadline);
    }

    pub(super) fn stats(&self) -> Stats {
        self.measure_backlog(now());
        self.core.borrow().stats()
    }

    fn measure_backlog(&self, now: Instant) {
        let backlog = self.socket().map_or(0, |socket| socket.buffered_amount());
        self.core.borrow_mut().handle(Input::Backlog(backlog), now);
    }

    /// Joins a capture worklet to the session; the one before is stopped.
    pub(super) fn attach_microphone(&self, port: MessagePort, ring: Option<SharedArrayBuffer>) {
        if self.is_over.get() {
            return;
        }
        self.capture.replace(Some(Capture::new(port, ring, self.feeding())));
    }

    pub(super) fn detach_microphone(&self) {
        self.capture.replace(None);
    }

    /// Joins a playback worklet to the session; the one before is stopped.
    pub(super) fn attach_speaker(&self, port: MessagePort, ring: Option<SharedArrayBuffer>) {
        if self.is_over.get() {
            return;
        }
        self.speech.replace(Some(Speech::new(port, ring, self.feeding())));
        self.feed(Input::Speaker(true));
    }

    pub(super) fn detach_speaker(&self) {
        self.speech.replace(None);
        self.feed(Input::Speaker(false));
    }

    /// What a device feeds its news to.
    fn feeding(&self) -> impl Fn(Input<'_>) + 'static {
        let me = self.me.clone();
        move |input: Input<'_>| {
            if let Some(driver) = me.upgrade() {
                driver.feed(input);
            }
        }
    }

    // Not inlined: in `while let`, the `RefMut` would live as long as the loop's body.
    fn next_action(&self) -> Option<Action> {
        self.core.borrow_mut().poll()
    }

    fn socket(&self) -> Option<Rc<Socket>> {
        self.socket.borrow().clone()
    }

    fn speech(&self) -> Option<Rc<Speech>> {
        self.speech.borrow().clone()
    }

    fn perform(&self, action: Action) {
        match action {
            Action::Open(conn) => self.open(conn),
            Action::Send(_, text) => {
                if let Some(socket) = self.socket() {
                    socket.send(&text);
                }
            }
            Action::CloseSocket(_, code) => {
                self.dialing.replace(None);
                if let Some(socket) = self.socket() {
                    socket.close(code);
                }
            }
            Action::Play { generation, audio } => {
                if let Some(Err(error)) = self.speech().map(|speech| speech.play(generation, &audio)) {
                    self.feed(Input::PlaybackFailed(error));
                }
            }
            Action::Finish => self.with_speech(Speech::finish),
            Action::Void { generation } => self.with_speech(|speech| speech.void(generation)),
            Action::Emit(event) => self.emit(event),
        }
    }

    fn with_speech(&self, act: impl FnOnce(&Speech)) {
        if let Some(speech) = self.speech() {
            act(&speech);
        }
    }

    fn emit(&self, event: Event) {
        let is_last = matches!(event, Event::Closed { .. });
        if is_last {
            // Given up before the application hears of it: it may start the next session at once.
            self.is_over.set(true);
            self.dialing.replace(None);
            self.socket.replace(None);
            self.capture.replace(None);
            self.speech.replace(None);
        }
        (self.outlet)(event);
    }

    fn open(&self, conn: ConnId) {
        let Some(driver) = self.me.upgrade() else { return };
        let controller = match token::controller() {
            Ok(controller) => controller,
            Err(error) => return self.feed(Input::OpenFailed(conn, error)),
        };
        let signal = controller.signal();
        self.dialing.replace(Some(Dialing { conn, controller: Some(controller) }));
        let tokens = self.tokens.clone();
        spawn_local(async move {
            let token = tokens.get(signal).await;
            if !driver.take_dialing(conn) {
                return;
            }
            let socket = token.and_then(|token| driver.dial(conn, &token));
            match socket {
                Ok(socket) => {
                    driver.socket.replace(Some(Rc::new(socket)));
                }
                Err(error) => driver.feed(Input::OpenFailed(conn, error)),
            }
        });
    }

    /// Whether the token that came is the one that is waited for.
    fn take_dialing(&self, conn: ConnId) -> bool {
        let mut dialing = self.dialing.borrow_mut();
        let is_current = dialing.as_ref().is_some_and(|dialing| dialing.conn == conn);
        if is_current && let Some(mut done) = dialing.take() {
            // Done, not given up: what the token's fetch left behind need not be aborted.
            done.controller = None;
        }
        is_current
    }

    fn dial(&self, conn: ConnId, token: &token::AccessToken) -> Result<Socket, Error> {
        let credential = token::credential(token, self.allows_api_key)?;
        let url = endpoint::url(&self.endpoint, &credential)?;
        let me = self.me.clone();
        Socket::open(&url, move |event| {
            let Some(driver) = me.upgrade() else { return };
            match event {
                SocketEvent::Opened => driver.feed(Input::Opened(conn)),
                SocketEvent::Message(bytes) => driver.feed(Input::Frame(conn, &bytes)),
                SocketEvent::Closed(close) => driver.feed(Input::SocketClosed(conn, close)),
            }
        })
    }
}
