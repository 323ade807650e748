//! What the page holds of a session: the way to its driver, its life, and the devices that are open.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use web_sys::AbortSignal;

#[cfg(feature = "js")]
use crate::web::worker::crashed;
use crate::web::{
    driver::{command::Command, meaning, tap::Told},
    page::{
        context::Graph,
        device::{Device, Wish},
        host::Host,
        hub::Hub,
        input::Permission,
        keepsake::Keepsake,
        life::Life,
        recording::Recorder,
        seat::Seat,
        tools::Tools,
        wake_lock::WakeLock,
    },
    sys::{
        channel::within,
        listener::{Listener, on_abort},
        task::spawn_local,
    },
};
use crate::{
    error::{Code, Error, Warning},
    event::{LocalEvent, SessionEvent, State},
    protocol::client::Outgoing,
    session::aborted,
};

/// Where the page itself can tell an event of the session.
pub(in crate::web) trait Outlet {
    /// An event that the page noticed.
    fn tell(&self, event: &SessionEvent);

    /// The session is over without the word of its driver.
    fn tell_end(&self, error: Option<Error>);

    /// The session does not open any more: whoever waits for it need not wait for its end.
    fn give_up(&self, error: Error);
}

impl<E: Clone + 'static> Outlet for Hub<E> {
    fn tell(&self, event: &SessionEvent) {
        Self::tell(self, event);
    }

    fn tell_end(&self, error: Option<Error>) {
        Self::tell_end(self, error);
    }

    fn give_up(&self, error: Error) {
        Self::give_up(self, error);
    }
}

/// A session as its page has it: shared by what Rust and JavaScript applications hold. It owns what it opened.
pub(in crate::web) struct Handle {
    host: Rc<Host>,
    life: Rc<Life>,
    graph: Rc<Graph>,
    microphone: Seat,
    speaker: Seat,
    /// Told of as soon as a microphone was wanted.
    permission: RefCell<Option<Permission>>,
    tools: Option<Tools>,
    /// The latest recording, which may be over.
    recorder: RefCell<Option<Recorder>>,
    wake_lock: RefCell<Option<WakeLock>>,
    on_abort: RefCell<Vec<Listener>>,
    /// Where the conversation is kept for the next page; until the application ends it.
    keepsake: RefCell<Option<Rc<Keepsake>>>,
    /// The end was wished. A Worker says so itself only later, and until then nothing may be opened any more.
    is_ending: Cell<bool>,
    outlet: Weak<dyn Outlet>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Handle {
    /// The session behind `host`, which `hub` hears of and holds until it is over.
    pub(in crate::web) fn new<E: Clone + 'static>(
        host: Host,
        graph: Rc<Graph>,
        tools: Option<Tools>,
        hub: &Rc<Hub<E>>,
    ) -> Rc<Self> {
        let weak: Weak<Hub<E>> = Rc::downgrade(hub);
        let outlet: Weak<dyn Outlet> = weak;
        let telling = outlet.clone();
        graph.set_tell(move |event| {
            if let Some(outlet) = telling.upgrade() {
                outlet.tell(event);
            }
        });
        let handle = Rc::new(Self {
            host: Rc::new(host),
            life: hub.life().clone(),
            graph,
            microphone: Seat::default(),
            speaker: Seat::default(),
            tools,
            permission: RefCell::default(),
            recorder: RefCell::default(),
            wake_lock: RefCell::default(),
            on_abort: RefCell::default(),
            keepsake: RefCell::default(),
            is_ending: Cell::default(),
            outlet,
        });
        if let Some(tools) = &handle.tools {
            tools.answer_for(&handle);
        }
        hub.set_session(&handle);
        handle
    }

    /// Lets `signal` end the session, pending or open. Of several signals each does.
    pub(in crate::web) fn abort_on(self: &Rc<Self>, signal: AbortSignal) {
        if signal.aborted() {
            return self.abort();
        }
        let me = Rc::downgrade(self);
        self.on_abort.borrow_mut().push(on_abort(&signal, move || {
            if let Some(handle) = me.upgrade() {
                handle.abort();
            }
        }));
    }

    pub(in crate::web) fn keep_in(&self, keepsake: Option<Keepsake>) {
        self.keepsake.replace(keepsake.map(Rc::new));
    }

    /// The conversation can be resumed by this handle from now on, or by none.
    pub(in crate::web) fn keep(&self, handle: Option<&meaning::Handle>) {
        let keepsake = self.keepsake.borrow().clone();
        if let Some(keepsake) = keepsake {
            keepsake.keep(handle.map(|meaning::Handle(text)| text.as_str()));
        }
    }

    /// What the devices hang on.
    pub(in crate::web) fn graph(&self) -> &Rc<Graph> {
        &self.graph
    }

    /// Keeps the screen on until the session's end.
    pub(in crate::web) fn stay_awake(&self) {
        if !self.life.is_over() && !self.is_ending.get() {
            self.wake_lock.replace(Some(WakeLock::new()));
        }
    }

    fn end_wake_lock(&self) {
        let lock = self.wake_lock.take();
        lock.iter().for_each(WakeLock::end);
    }

    pub(in crate::web) fn host(&self) -> &Rc<Host> {
        &self.host
    }

    pub(in crate::web) fn state(&self) -> State {
        self.life.state()
    }

    /// Sends a message, which is encoded only if it can go. Returns what it warns of.
    pub(in crate::web) fn send(
        &self,
        encode: impl FnOnce() -> Result<Outgoing, Error>,
    ) -> Result<Vec<Warning>, Error> {
        self.require_open()?;
        let mut message = encode()?;
        let warnings = std::mem::take(&mut message.warnings);
        self.host.command(Command::Message(message.into()));
        Ok(warnings)
    }

    /// Tells of what this side noticed.
    pub(in crate::web) fn warn(&self, warnings: Vec<Warning>) {
        if let Some(outlet) = self.outlet.upgrade() {
            warnings.into_iter().for_each(|warning| outlet.tell(&warning.into()));
        }
    }

    /// Records from now on. A session has one recording: another that is on ends.
    pub(in crate::web) fn record(&self, recorder: Recorder) -> Result<Recorder, Error> {
        self.require_open()?;
        self.start_recording(recorder.clone());
        Ok(recorder)
    }

    /// The same for a session that is only begun.
    pub(in crate::web) fn start_recording(&self, recorder: Recorder) {
        self.end_recording();
        self.recorder.replace(Some(recorder));
        self.host.command(Command::Record(true));
    }

    pub(in crate::web) fn recorder(&self) -> Option<Recorder> {
        self.recorder.borrow().clone()
    }

    /// The driver tells what went over the wire.
    pub(in crate::web) fn recorded(&self, Told(told): &Told) {
        if !self.recorder().is_some_and(|recorder| recorder.hear(told)) {
            self.host.command(Command::Record(false));
        }
    }

    fn end_recording(&self) {
        self.recorder().iter().for_each(Recorder::end);
    }

    fn end_tools(&self) {
        if let Some(tools) = &self.tools {
            tools.end();
        }
    }

    /// Wants something of an open session at once.
    pub(in crate::web) fn wish(&self, wish: Command) -> Result<(), Error> {
        self.require_open()?;
        self.host.command(wish);
        Ok(())
    }

    pub(in crate::web) async fn open(&self, wish: Wish) -> Result<Rc<Device>, Error> {
        self.require_open()?;
        let seat = self.seat(wish.is_microphone());
        if wish.is_microphone() {
            self.watch_permission();
            // Before the next is asked for: some browsers have one microphone at a time. A speaker plays on until the next
            // one can: a wrong destination must not silence the session.
            seat.stop();
        }
        let turn = seat.begin();
        let device = Device::open(&self.graph, wish).await?;
        self.require_open().inspect_err(|_| device.stop())?;
        self.take_seat(turn, &device);
        Ok(device)
    }

    /// Takes devices that were opened ahead of the session.
    pub(in crate::web) fn take(&self, devices: Vec<Rc<Device>>) {
        for device in &devices {
            if device.is_microphone() {
                self.watch_permission();
            }
            let turn = self.seat(device.is_microphone()).begin();
            self.take_seat(turn, device);
        }
    }

    fn take_seat(&self, turn: u32, device: &Rc<Device>) {
        let seat = self.seat(device.is_microphone());
        if !seat.is_latest(turn) {
            return device.stop();
        }
        device.attach(&self.host);
        seat.take(device);
    }

    /// Tells from here on how the permission changes, whether or not a microphone is open: it may be opened again.
    fn watch_permission(&self) {
        let is_watched = self.permission.borrow().is_some();
        if !is_watched {
            let outlet = self.outlet.clone();
            let permission = Permission::watch(move |state| {
                outlet
                    .upgrade()
                    .inspect(|outlet| outlet.tell(&LocalEvent::PermissionChange { state }.into()));
            });
            self.permission.replace(Some(permission));
        }
    }

    fn seat(&self, is_microphone: bool) -> &Seat {
        if is_microphone { &self.microphone } else { &self.speaker }
    }

    /// The microphone that is open.
    pub(in crate::web) fn microphone(&self) -> Option<Rc<Device>> {
        self.microphone.current()
    }

    /// The speaker that is open.
    pub(in crate::web) fn speaker(&self) -> Option<Rc<Device>> {
        self.speaker.current()
    }

    /// Has a lost connection made again now.
    pub(in crate::web) fn retry(&self) {
        self.host.command(Command::Retry);
    }

    /// Closes the session and its devices, and waits until they are closed.
    pub(in crate::web) async fn close(self: &Rc<Self>) {
        self.end_with(Command::Close, None);
        self.life.over().wait().await;
        self.release();
        self.speaker.stop();
        // The processors end by themselves; this is for a context that does not run.
        self.graph.given_back(DEVICES_MS).await;
    }

    /// Ends the session because of a failure of this side.
    pub(in crate::web) fn fail(self: &Rc<Self>, error: Error) {
        self.end_with(Command::Fail(error.clone()), Some(error));
    }

    pub(in crate::web) fn abort(self: &Rc<Self>) {
        let error = (self.state() == State::Connecting).then(aborted);
        if let Some((outlet, error)) = self.outlet.upgrade().zip(error.clone()) {
            // The page does not wait for a Worker that may not answer.
            outlet.give_up(error);
        }
        self.end_with(Command::Abort, error);
    }

    /// Wishes the end, and sees to it that it comes: a Worker may have died without a word. The devices end at once.
    fn end_with(self: &Rc<Self>, wish: Command, failure: Option<Error>) {
        if self.life.is_over() {
            return;
        }
        self.is_ending.set(true);
        // Now: the page may be gone before the service has answered. What did not open has left what was kept to the next.
        let keepsake = self.keepsake.take();
        if failure.is_none()
            && let Some(keepsake) = keepsake
        {
            keepsake.keep(None);
        }
        // Only an open session has a handshake to wait for.
        let most_ms = if self.state() == State::Connecting { ANSWER_MS } else { CLOSE_MS };
        // First: with a stop ahead of it, the microphone's last part of a frame would still go out.
        self.host.command(wish);
        self.end_tools();
        self.end_wake_lock();
        self.microphone.stop();
        self.speaker.stop();
        let me = self.clone();
        spawn_local(async move {
            if !within(most_ms, me.life.over()).await
                && let Some(outlet) = me.outlet.upgrade()
            {
                outlet.tell_end(failure);
            }
        });
    }

    /// Notices a Worker that has died without a word: now and then it is asked for its counters. One answer may be late,
    /// because the page or the machine slept.
    #[cfg(feature = "js")]
    pub(in crate::web) fn watch(self: &Rc<Self>) {
        let (me, life) = (Rc::downgrade(self), self.life.clone());
        spawn_local(async move {
            let mut missed = 0;
            while !within(if missed == 0 { WATCH_MS } else { AGAIN_MS }, life.over()).await {
                let Some(handle) = me.upgrade() else { return };
                missed = if handle.host.stats().await.is_ok() { 0 } else { missed + 1 };
                if missed == MOST_MISSED && !life.is_over() {
                    handle
                        .outlet
                        .upgrade()
                        .inspect(|outlet| outlet.tell_end(Some(crashed("it does not answer."))));
                }
            }
        });
    }

    /// Gives back what the session held: it is over.
    ///
    /// A connection that was lost does not cut off what had come over it; whoever wishes the end wishes silence.
    pub(in crate::web) fn release(&self) {
        self.end_tools();
        self.end_wake_lock();
        self.end_recording();
        self.microphone.stop();
        match self.speaker.current() {
            Some(speaker) if self.life.failure().is_some() => {
                self.speaker.begin();
                speaker.finish();
            }
            _ => self.speaker.stop(),
        }
        // Taken out first: a listener is dropped by what it calls.
        drop(self.on_abort.take());
        drop(self.permission.take());
        self.host.end();
    }

    fn require_open(&self) -> Result<(), Error> {
        // Without a connection what is sent waits for the next.
        let is_open = matches!(self.state(), State::Open | State::Reconnecting);
        if is_open && !self.is_ending.get() {
            return Ok(());
        }
        Err(Error::new(Code::NotOpen, "The session is not open.")
            .with_remedy("Connect again; an event `closed` tells when a session ends."))
    }
}

/// The session ended before the service accepted it, and nothing had failed.
pub(in crate::web) fn closed_early() -> Error {
    Error::new(Code::Aborted, "The session was closed before it was open.")
}

/// A little longer than the driver's own deadline for the closing handshake.
const CLOSE_MS: u32 = 3_000;
const ANSWER_MS: u32 = 1_000;
const DEVICES_MS: u32 = 1_000;
#[cfg(feature = "js")]
const WATCH_MS: u32 = 4_000;
/// Sooner where an answer was missed, so that a Worker that is dead is noticed within twelve seconds.
#[cfg(feature = "js")]
const AGAIN_MS: u32 = 1_000;
#[cfg(feature = "js")]
const MOST_MISSED: u32 = 3;
