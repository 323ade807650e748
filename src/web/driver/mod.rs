//! The driver: gives the machine what happened and does what it says. It works on a page and in a Worker.

mod capture;
pub(in crate::web) mod command;
mod links;
pub(in crate::web) mod meaning;
mod pcm;
pub(in crate::web) mod plan;
mod playback;
pub(in crate::web) mod ring;
pub(in crate::web) mod socket;
pub(in crate::web) mod surroundings;
pub(in crate::web) mod tap;
pub(in crate::web) mod token;
mod track;

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use crate::web::{
    driver::{
        capture::CapturePort,
        command::{Attachment, Command},
        links::Links,
        plan::Plan,
        playback::PlaybackPort,
        socket::{Socket, SocketEvent},
        surroundings::Surroundings,
        tap::{Tap, Told},
        token::{AccessToken, Asking, TokenSource},
    },
    sys::timer::{Alarm, now},
};
use crate::{
    error::Error,
    event::{LocalEvent, SessionEvent},
    protocol::{
        endpoint::{self, Endpoint},
        message::{Kind, Message},
    },
    session::{Action, ConnId, Input, Session, Stats},
    time::Instant,
};

pub(in crate::web) struct Driver {
    me: Weak<Self>,
    core: RefCell<Session>,
    /// Whether actions are being performed: what they cause is heard then, and performed after them.
    is_performing: Cell<bool>,
    endpoint: Endpoint,
    tokens: TokenSource,
    allows_api_key: bool,
    frame_limit: u32,
    /// Samples of one frame of the microphone's.
    frame_samples: usize,
    links: Links,
    alarm: Alarm,
    /// From the first attempt to the end.
    surroundings: RefCell<Option<Surroundings>>,
    // Each under the id of its attachment.
    capture: RefCell<Option<(u32, CapturePort)>>,
    speech: RefCell<Option<(u32, Rc<PlaybackPort>)>>,
    outlet: Box<dyn Fn(SessionEvent)>,
    tap: Tap,
    is_over: Cell<bool>,
}

impl Driver {
    /// A driver that tells its session's events to `outlet`, and while it is recorded what goes over the wire to `wire`.
    pub(in crate::web) fn new(
        plan: Plan,
        tokens: TokenSource,
        outlet: impl Fn(SessionEvent) + 'static,
        wire: impl Fn(Told) + 'static,
    ) -> Rc<Self> {
        let Plan { setup, policy, endpoint, token_url: _, allows_api_key } = plan;
        Rc::new_cyclic(|me: &Weak<Self>| {
            let ringing = me.clone();
            Self {
                me: me.clone(),
                core: RefCell::new(Session::new(setup, policy)),
                is_performing: Cell::new(false),
                endpoint,
                tokens,
                allows_api_key,
                frame_limit: u32::try_from(policy.frame_bytes).unwrap_or(u32::MAX),
                frame_samples: policy.frame_samples(),
                links: Links::default(),
                alarm: Alarm::new(move || {
                    if let Some(driver) = ringing.upgrade() {
                        driver.alarm.rang();
                        driver.feed(Input::Tick);
                    }
                }),
                surroundings: RefCell::new(None),
                capture: RefCell::new(None),
                speech: RefCell::new(None),
                outlet: Box::new(outlet),
                tap: Tap::new(wire),
                is_over: Cell::new(false),
            }
        })
    }

    /// Tells the machine what happened, and does what it says.
    ///
    /// An action may cause an input before it is done: audio that cannot be played, a listener that sends. The machine
    /// hears of it at once, and what it wants done about it lines up behind what it wanted before. Were it performed here
    /// and now, actions would overtake each other, and a frame of many bad parts would nest as deep as it has parts.
    pub(in crate::web) fn feed(&self, input: Input<'_>) {
        let now = now();
        let mut at = 0;
        while let Some((conn, socket)) = self.links.at(at) {
            at += 1;
            socket.iter().for_each(|socket| self.look_at(conn, socket, now));
        }
        // How far an answer is, while its end may be in what comes.
        if matches!(input, Input::Frame(..) | Input::Interrupt)
            && let Some((epoch, played)) = self.speech().and_then(|speech| speech.position())
        {
            self.core.borrow_mut().handle(Input::Position(epoch, played.into()), now);
        }
        self.core.borrow_mut().handle(input, now);
        if self.is_performing.replace(true) {
            return;
        }
        while let Some(action) = self.next_action() {
            self.perform(action);
        }
        self.is_performing.set(false);
        let deadline = self.core.borrow().deadline();
        self.alarm.set(deadline);
    }

    fn look_at(&self, conn: ConnId, socket: &Socket, now: Instant) {
        // Read before the machine is borrowed: the page may have put a socket of its own in the browser's place.
        let backlog = socket.buffered_amount();
        self.core.borrow_mut().handle(Input::Backlog(conn, backlog), now);
    }

    pub(in crate::web) fn stats(&self) -> Stats {
        self.core.borrow().stats()
    }

    /// Does what the page wants: the only way in, here and in a Worker.
    pub(in crate::web) fn command(&self, command: Command) {
        match command {
            Command::Dial => self.begin_with(Input::Dial),
            Command::Connect => self.begin_with(Input::Connect),
            Command::Retry => self.feed(Input::Retry),
            Command::Message(message) => self.send(message),
            Command::Mute(is_muted) => {
                self.hear_rest();
                self.feed(Input::Mute(is_muted));
            }
            Command::Interrupt => self.feed(Input::Interrupt),
            Command::Talk(is_talking) => {
                self.hear_rest();
                self.feed(Input::Talk(is_talking));
            }
            Command::AttachMicrophone(device) => self.attach_microphone(device),
            Command::DetachMicrophone(id) => self.detach_microphone(id),
            Command::AttachSpeaker(device) => self.attach_speaker(device),
            Command::DetachSpeaker(id) => {
                if take_if(&self.speech, id).is_some() {
                    self.feed(Input::Speaker(false));
                }
            }
            Command::Pcm(id, listener) => {
                if let Some((attached, speech)) = &*self.speech.borrow()
                    && *attached == id
                {
                    speech.tell_pcm(listener);
                }
            }
            Command::Record(is_on) => {
                let handle = self.core.borrow().resumption_handle().unwrap_or_default().to_owned();
                self.tap.record(is_on, &self.links, &handle);
            }
            Command::Abort => self.feed(Input::Abort),
            Command::Close => self.feed(Input::Close),
            Command::Fail(error) => self.feed(Input::Fail(error)),
            // For whoever holds the driver: it is made of a plan, and asks for tokens by itself.
            Command::Plan(_) | Command::Token(..) | Command::Stats(_) => {}
        }
    }

    fn begin_with(&self, input: Input<'_>) {
        let surroundings = self.surroundings.take().unwrap_or_else(|| Surroundings::watch(self.feeding()));
        self.surroundings.replace(Some(surroundings));
        self.feed(input);
    }

    /// Joins a microphone to the session; the one before is stopped.
    fn attach_microphone(&self, Attachment { id, port, ring }: Attachment) {
        if self.is_over.get() {
            return;
        }
        let capture = CapturePort::new(port, ring, self.frame_samples, self.feeding());
        let before = self.capture.replace(Some((id, capture)));
        drop(before);
        self.feed(Input::Microphone(true));
    }

    fn detach_microphone(&self, id: u32) {
        if self.capture.borrow().as_ref().is_some_and(|(attached, _)| *attached == id) {
            self.hear_rest();
        }
        if take_if(&self.capture, id).is_some() {
            self.feed(Input::Microphone(false));
        }
    }

    fn send(&self, message: Message) {
        if matches!(message.kind, Kind::Mark(_)) {
            self.hear_rest();
        }
        self.feed(Input::Send(message));
    }

    /// What the microphone has given and no complete frame holds yet was said before what comes next.
    fn hear_rest(&self) {
        let rest = self.capture.borrow().as_ref().map(|(_, capture)| capture.flush()).unwrap_or_default();
        if !rest.is_empty() {
            self.feed(Input::Audio(&rest));
        }
    }

    /// Joins a playback worklet to the session; the one before is stopped.
    fn attach_speaker(&self, Attachment { id, port, ring }: Attachment) {
        if self.is_over.get() {
            return;
        }
        let on_report = self.feeding();
        let on_report = move |report| on_report(Input::Played(report));
        let before = self.speech.replace(Some((id, PlaybackPort::new(port, ring, on_report))));
        if before.is_some() {
            drop(before);
            self.feed(Input::Speaker(false));
        }
        self.feed(Input::Speaker(true));
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

    fn speech(&self) -> Option<Rc<PlaybackPort>> {
        self.speech.borrow().as_ref().map(|(_, speech)| speech.clone())
    }

    fn perform(&self, action: Action) {
        match action {
            Action::Open(conn) => self.open(conn),
            Action::Send(conn, message) => {
                let is_taken = self.links.socket(conn).is_some_and(|socket| socket.send(&message.text));
                if is_taken {
                    self.tap.sent(conn, &message);
                } else {
                    self.feed(Input::Unsent(conn, message));
                }
            }
            Action::CloseSocket(conn, code) => self.close(conn, code),
            Action::Play { epoch, place, audio } => {
                if let Some(Err(error)) = self.speech().map(|speech| speech.play(epoch, place, audio)) {
                    self.feed(Input::PlaybackFailed(error));
                }
            }
            Action::Finish => self.with_speech(PlaybackPort::finish),
            Action::Flush { epoch } => self.with_speech(|speech| speech.flush(epoch)),
            Action::Pause(is_paused) => self.with_speech(|speech| speech.pause(is_paused)),
            Action::Emit(event) => self.emit(event),
        }
    }

    fn with_speech(&self, act: impl FnOnce(&PlaybackPort)) {
        if let Some(speech) = self.speech() {
            act(&speech);
        }
    }

    fn emit(&self, event: SessionEvent) {
        if let SessionEvent::Local(LocalEvent::Closed { error, .. }) = &event {
            // Given up before the application hears of it: it may start the next session at once.
            self.is_over.set(true);
            self.links.clear();
            self.tap.end();
            self.surroundings.replace(None);
            self.capture.replace(None);
            let speech = self.speech.take();
            // A connection that was lost in the middle of an answer lets that be heard to its end.
            if error.is_some()
                && let Some((_, speech)) = &speech
            {
                speech.hand_over();
            }
        }
        (self.outlet)(event);
    }

    fn open(&self, conn: ConnId) {
        let me = self.me.clone();
        let then = move |token| {
            if let Some(driver) = me.upgrade() {
                driver.on_token(conn, token);
            }
        };
        match Asking::begin(self.tokens.clone(), Box::new(then)) {
            Ok(asking) => self.links.dial(conn, asking),
            Err(error) => self.feed(Input::LinkFailed(conn, error)),
        }
    }

    fn on_token(&self, conn: ConnId, token: Result<AccessToken, Error>) {
        if !self.links.has_token(conn) {
            return;
        }
        if token.is_ok() {
            self.feed(Input::TokenReady(conn));
            // Something may have been due then, and who heard of it may have ended the session.
            if !self.links.holds(conn) {
                return;
            }
        }
        match token.and_then(|token| self.dial(conn, &token)) {
            Ok(socket) => self.links.connect(conn, socket),
            Err(error) => self.on_failed(conn, error),
        }
    }

    /// What is left of a link that failed is given back: it will say nothing more, and the session goes on with others.
    fn on_failed(&self, conn: ConnId, error: Error) {
        self.tap.left(conn, GIVEN_UP);
        self.remove(conn);
        self.feed(Input::LinkFailed(conn, error));
    }

    /// Gives up a link that has come to its end. Its socket is asked once more: what has left since the machine last looked
    /// must not be sent again.
    fn remove(&self, conn: ConnId) {
        if let Some(socket) = self.links.socket(conn) {
            self.look_at(conn, &socket, now());
        }
        // Now, or its unsent bytes would be counted for ever.
        drop(self.links.remove(conn));
    }

    fn dial(&self, conn: ConnId, token: &AccessToken) -> Result<Socket, Error> {
        let credential = token::credential(token, self.allows_api_key)?;
        let url = endpoint::url(&self.endpoint, &credential)?;
        let me = self.me.clone();
        let opening = Socket::open(&url, self.frame_limit, move |event| {
            let Some(driver) = me.upgrade() else { return };
            match event {
                SocketEvent::Opened => driver.feed(Input::Opened(conn)),
                SocketEvent::Message(bytes) => {
                    driver.tap.received(conn, &bytes);
                    driver.feed(Input::Frame(conn, &bytes));
                }
                SocketEvent::Failed(error) => driver.on_failed(conn, error),
                SocketEvent::Closed(close) => {
                    // What it says now is its last word on what never left.
                    if let Some(socket) = driver.links.socket(conn) {
                        driver.look_at(conn, &socket, now());
                    }
                    driver.tap.closed(conn, &close);
                    driver.remove(conn);
                    driver.feed(Input::SocketClosed(conn, close));
                }
            }
        })?;
        self.tap.dialled(&url);
        Ok(opening)
    }

    /// Closes the socket, which will say when it is closed; or gives up opening it.
    fn close(&self, conn: ConnId, code: u16) {
        match self.links.socket(conn) {
            Some(socket) => {
                self.tap.left(conn, code);
                socket.close(code);
            }
            None => drop(self.links.remove(conn)),
        }
    }
}

/// Takes what is attached under this id. What was attached since has another, and stays.
fn take_if<T>(attached: &RefCell<Option<(u32, T)>>, id: u32) -> Option<T> {
    let mut attached = attached.borrow_mut();
    attached.take_if(|(attached_id, _)| *attached_id == id).map(|(_, device)| device)
}

/// What a socket is closed with that is dropped.
const GIVEN_UP: u16 = 1000;
