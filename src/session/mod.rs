//! The session as a machine: it is told what happened and says what to do.
//!
//! It has no clock, no socket, no log and no queue but that of its actions. Feed one [`Input`] with the
//! current time, then [`poll`](Session::poll) until `None` and perform each [`Action`], then wait for
//! I/O or for [`deadline`](Session::deadline).

mod ahead;
mod bargein;
mod diagnosis;
mod early;
mod ending;
mod incoming;
mod io;
mod ledger;
mod life;
mod link;
mod liveness;
mod memory;
mod microphone;
mod muted;
mod outbox;
mod pace;
mod playback;
mod policy;
mod reconnecting;
mod resumption;
mod retry;
mod rotation;
mod sending;
mod stats;
mod talk;
mod turn;
mod turns;
mod unsent;
mod usage;
mod waits;

use self::{
    bargein::BargeIn,
    diagnosis::Diagnosis,
    early::Early,
    ledger::Ledger,
    life::Life,
    link::{Link, NORMAL_CLOSURE},
    liveness::Liveness,
    memory::Trust,
    microphone::Microphone,
    muted::Unheard,
    outbox::Outbox,
    pace::Pace,
    playback::Player,
    resumption::Resumption,
    retry::Retry,
    rotation::Rotation,
    talk::{Speech, Talk},
    turn::Turn,
    turns::Turns,
    usage::Usage,
};
pub use self::{
    incoming::frame_too_large,
    io::{Action, ConnId, Input, Playback},
    policy::{BargeInPolicy, Policy, RetryPolicy},
    stats::Stats,
    usage::{Budget, Prices},
};
use crate::{
    error::{Code, Error, Warning},
    event::{LocalEvent, SessionEvent, State},
    protocol::{message::Kind, setup::Setup},
    queue::Queue,
    time::Instant,
};

/// A conversation with the Live API, without the I/O.
///
/// # Rules of use
///
/// | question | answer |
/// |---|---|
/// | When is an input fed? | When it happens; also between two calls of `poll`, and while an action is performed. What it causes lines up behind the actions that wait. |
/// | May an action be left out? | No. Each is performed once, in order, before the next wait. |
/// | May time go back? | No. What is fed with an earlier time is taken as happening at the latest one. |
/// | When does `deadline` change? | With every input. It is a wish: a tick that comes early does nothing, and one that comes late does then what was due. |
/// | What if a socket speaks that was given up? | Feed it. Inputs of a name that the session does not hold any more are ignored. |
/// | What comes after [`LocalEvent::Closed`]? | Nothing: no action, no deadline, whatever is fed. `stats` and `state` still answer. |
///
/// # Grammar of its events
///
/// Events that are not in this table may come where it says so, in any number; those that are come nowhere else. What a page notices
/// of its devices may come anywhere before `closed`: `audioStateChange`, `deviceChange`, `deviceMute` and `permissionChange`.
///
/// | after | comes | other events meanwhile |
/// |---|---|---|
/// | – | `stateChange` connecting, or closed | `warning` |
/// | `stateChange` connecting | `stateChange` open, or closed | yes |
/// | the first `stateChange` open | `setupComplete`, which comes this once | no |
/// | `setupComplete` | `restarted`, if a handle was not taken that no application chose | no |
/// | `setupComplete`, `resumed`, `restarted` | `stateChange` reconnecting, closing or closed | yes |
/// | `stateChange` reconnecting | `reconnecting` with attempt 1, or `stateChange` closed | no |
/// | `reconnecting` | `reconnecting` with the same attempt or the next, `stateChange` open or closed | yes |
/// | a later `stateChange` open | `resumed` or `restarted` | no |
/// | `stateChange` closing | `stateChange` closed | yes |
/// | `stateChange` closed | `closed` | no |
/// | `playbackStarted` | `interrupted` or `playbackEnded` before another, or `stateChange` closing or closed | yes |
/// | `userSpeechStart` | `userSpeechEnd`, which comes then alone, or `stateChange` closed | yes |
/// | `playbackPaused`, while the state is open | `playbackResumed`, which comes then alone, `interrupted`, `playbackEnded`, `stateChange` closing or closed | yes |
#[derive(Debug)]
pub struct Session {
    setup: Setup,
    policy: Policy,
    life: Life,
    /// The link of the session, or the one that is being left; and the one that comes next.
    links: Vec<Link>,
    last_conn: ConnId,
    now: Instant,
    actions: Queue<Action>,
    /// Bytes of the message that is being sent: the action that was polled last.
    performing: Option<(ConnId, usize)>,
    outbox: Outbox,
    pace: Pace,
    ledger: Ledger,
    microphone: Microphone,
    turn: Turn,
    turns: Turns,
    talk: Talk,
    speech: Speech,
    unheard: Unheard,
    barge_in: BargeIn,
    usage: Usage,
    player: Player,
    early: Early,
    resumption: Resumption,
    rotation: Rotation,
    retry: Retry,
    liveness: Liveness,
    trust: Trust,
    /// What was given up, and is still to be told of.
    undelivered: Vec<Kind>,
    diagnosis: Diagnosis,
    stats: Stats,
    ahead_failure: Option<ahead::Failure>,
    has_speaker: bool,
    /// The user has spoken, typed or been answered.
    has_begun: bool,
    is_loss_told: bool,
    is_audio_drop_told: bool,
    is_video_drop_told: bool,
}

impl Session {
    /// A session that will offer `setup`. It says nothing before [`Input::Connect`].
    pub fn new(setup: Setup, policy: Policy) -> Self {
        Self {
            diagnosis: Diagnosis::new(&setup),
            ledger: Ledger::new(&setup),
            microphone: Microphone::new(&setup),
            resumption: Resumption::new(&setup),
            rotation: Rotation::default(),
            retry: Retry::new(policy.retry, policy.seed),
            liveness: Liveness::default(),
            trust: Trust::default(),
            undelivered: Vec::new(),
            talk: Talk::new(&policy),
            speech: Speech::default(),
            unheard: Unheard::default(),
            barge_in: BargeIn::default(),
            usage: Usage::default(),
            turns: Turns::new(&setup, &policy),
            setup,
            policy,
            life: Life::Idle,
            links: Vec::new(),
            last_conn: ConnId::default(),
            now: Instant::ZERO,
            actions: Queue::default(),
            performing: None,
            outbox: Outbox::default(),
            pace: Pace::default(),
            turn: Turn::default(),
            player: Player::default(),
            early: Early::default(),
            stats: Stats::default(),
            ahead_failure: None,
            has_speaker: false,
            has_begun: false,
            is_loss_told: false,
            is_audio_drop_told: false,
            is_video_drop_told: false,
        }
    }

    /// Takes in what happened at `now`.
    pub fn handle(&mut self, input: Input<'_>, now: Instant) {
        self.now = self.now.max(now);
        // A socket that was replaced or given up may still speak; nobody listens.
        if input.conn().is_some_and(|conn| self.link(conn).is_none()) {
            return;
        }
        match input {
            Input::CaptureLost(samples) => {
                self.stats.capture_samples_lost = self.stats.capture_samples_lost.saturating_add(samples);
            }
            Input::Audio(samples) => self.on_audio(samples),
            // The application has been told of the end, and nothing follows that.
            _ if self.life == Life::Closed => {}
            Input::Dial => self.on_dial(),
            Input::Connect => self.on_connect(),
            Input::TokenReady(conn) => self.on_token(conn),
            Input::Opened(conn) => self.on_opened(conn),
            Input::Frame(conn, bytes) => self.on_frame(conn, bytes),
            Input::SocketClosed(conn, close) => self.on_socket_closed(conn, close),
            Input::Backlog(conn, bytes) => self.on_backlog(conn, bytes),
            Input::Unsent(conn, message) => self.on_unsent(conn, &message),
            Input::Send(message) => self.on_send(message),
            Input::Microphone(is_open) => self.on_microphone(is_open),
            Input::Mute(is_muted) => self.on_mute(is_muted),
            Input::Interrupt => self.on_interrupt(),
            Input::Talk(is_talking) => self.on_talk(is_talking),
            Input::Speaker(is_open) => self.on_speaker(is_open),
            Input::Played(playback) => self.on_played(playback),
            Input::Position(epoch, played) => self.player.on_position(epoch, played, self.now),
            Input::PlaybackFailed(error) => self.on_playback_failed(&error),
            Input::Network(is_online) => self.on_network(is_online),
            Input::Woke => self.on_woke(),
            Input::Retry => self.on_retry(),
            Input::Abort => self.on_abort(),
            Input::Close => self.on_close(),
            Input::LinkFailed(conn, error) => self.on_link_failed(conn, error),
            Input::Fail(error) => self.fail(error),
            Input::Tick => self.on_tick(),
        }
        self.rotate_on_time();
        self.on_pause_time();
        self.tell_of_undelivered();
        self.tell_turns();
    }

    /// The next thing to do, until there is none.
    #[must_use]
    pub fn poll(&mut self) -> Option<Action> {
        // What was polled before has been performed.
        if let Some((conn, bytes)) = self.performing.take()
            && let Some(link) = self.link(conn)
        {
            link.unsent.on_given(bytes);
        }
        let action = self.actions.pop_front();
        if let Some(Action::Send(conn, message)) = &action {
            self.performing = Some((*conn, message.text.len()));
        }
        if let Some(Action::Play { epoch, .. }) = &action {
            self.player.on_given(*epoch);
        }
        action
    }

    /// When to feed [`Input::Tick`], unless something else happens first.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let life = self.life.deadline();
        let links = self.links.iter().filter_map(Link::deadline);
        let live = self.life.is_live().then(|| self.live_deadlines()).into_iter().flatten();
        let redial = self.redial_deadline();
        life.into_iter().chain(redial).chain(links).chain(live.flatten()).reduce(Instant::min)
    }

    /// What a session waits for whose conversation goes on.
    fn live_deadlines(&self) -> [Option<Instant>; 12] {
        let is_open = self.life == Life::Open;
        [
            // Without a link nothing leaves.
            self.outbox.deadline().filter(|_| is_open),
            self.retry.deadline().filter(|_| !is_open),
            self.rotation_deadline(),
            self.silence_deadline(),
            self.microphone.deadline(self.policy.audio_pause, self.outbox.has_audio()),
            self.speech_deadline(),
            self.player.deadline(),
            self.pause_deadline(),
            self.early.deadline(self.policy.keep_answers),
            self.player.stale_at(self.policy.keep_answers),
            self.diagnosis.deadline(),
            self.ledger.deadline(),
        ]
    }

    /// Where the session is in its life.
    #[must_use]
    pub fn state(&self) -> State {
        self.life.state()
    }

    /// The handle with which the conversation would go on over another connection. Whoever has it can.
    #[must_use]
    pub fn resumption_handle(&self) -> Option<&str> {
        self.resumption.handle()
    }

    /// What was counted so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = Stats { buffered_amount: self.backlog(), ..self.stats };
        self.player.count(&mut stats);
        stats
    }

    fn on_tick(&mut self) {
        if self.life.deadline().is_some_and(|due| due <= self.now) {
            let error = self.setup_timeout();
            return self.fail(error);
        }
        self.redial_on_time();
        let now = self.now;
        let is_overdue =
            |link: &&Link| link.stage.is_leaving() && link.deadline().is_some_and(|due| due <= now);
        // Nothing else that is due waits for another tick.
        while let Some(conn) = self.links.iter().find(is_overdue).map(|link| link.conn) {
            self.on_overdue(conn);
        }
        if !self.life.is_live() {
            return;
        }
        self.links.iter_mut().for_each(|link| link.unsent.on_time(now));
        self.retry_on_time();
        if !self.life.is_live() {
            return;
        }
        self.on_silence();
        self.send_waiting();
        self.on_microphone_time();
        self.end_speech_on_time();
        self.drop_early_audio();
        self.drop_stale_playback();
        self.tell_of_unanswered();
        let heard = self.player.on_time(self.turn.is_complete(), self.now);
        self.on_heard(heard);
        if let Some(diagnosis) = self.diagnosis.on_time(self.now) {
            self.emit(diagnosis);
        }
    }

    fn enter(&mut self, life: Life) {
        let before = std::mem::replace(&mut self.life, life);
        if before == Life::Idle || before.state() != life.state() {
            self.emit(LocalEvent::StateChange { state: life.state() });
        }
    }

    fn emit(&mut self, event: impl Into<SessionEvent>) {
        self.actions.push_back(Action::Emit(event.into()));
    }

    fn warn(&mut self, warning: Warning) {
        self.emit(warning);
    }
}

/// The application's signal ended a connect.
pub(crate) fn aborted() -> Error {
    Error::new(Code::Aborted, "The connect was aborted by its signal.")
}

#[cfg(test)]
mod tests;
