//! The session as a machine: it is told what happened and says what to do.
//!
//! It has no clock, no socket, no log and no queue but that of its actions. Feed one [`Input`] with the
//! current time, then [`poll`](Session::poll) until `None` and perform each [`Action`], then wait for
//! I/O or for [`deadline`](Session::deadline).

mod diagnosis;
mod incoming;
mod io;
mod outbox;
mod playing;
mod policy;
mod stats;
mod turn;

use std::collections::VecDeque;

use self::{
    diagnosis::Diagnosis,
    outbox::{Admission, Outbox},
    turn::Turn,
};
pub use self::{
    incoming::frame_too_large,
    io::{Action, ConnId, Input, Playback},
    policy::Policy,
    stats::Stats,
};
use crate::{
    audio::vad::Vad,
    error::{CloseFrame, Code, Error, Warning, WarningCode},
    event::{Event, State},
    json::Number,
    protocol::{
        client,
        close::{self, Phase},
        setup::Setup,
    },
    time::Instant,
};

/// A conversation with the Live API, without the I/O.
#[derive(Debug)]
pub struct Session {
    setup: Setup,
    policy: Policy,
    stage: Stage,
    conn: ConnId,
    now: Instant,
    actions: VecDeque<Action>,
    outbox: Outbox,
    turn: Turn,
    diagnosis: Diagnosis,
    vad: Vad,
    stats: Stats,
    is_muted: bool,
    has_speaker: bool,
    is_unheard_reported: bool,
    has_token: bool,
    /// Why audio of the present answer could not be played, as far as that has been said.
    playback_failures: Vec<Code>,
}

/// Where the connection is, with the deadline that only this stage has.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Idle,
    /// A token is fetched and a socket opened.
    Opening {
        deadline: Instant,
    },
    /// The setup is sent and not answered yet.
    SettingUp {
        deadline: Instant,
    },
    Open,
    Closing {
        deadline: Instant,
    },
    Closed,
}

impl Session {
    /// A session that will offer `setup`. It does nothing before [`Input::Connect`].
    pub fn new(setup: Setup, policy: Policy) -> Self {
        Self {
            diagnosis: Diagnosis::new(&setup),
            setup,
            policy,
            stage: Stage::Idle,
            conn: ConnId::default(),
            now: Instant::ZERO,
            actions: VecDeque::new(),
            outbox: Outbox::default(),
            turn: Turn::default(),
            vad: Vad::default(),
            stats: Stats::default(),
            is_muted: false,
            has_speaker: false,
            is_unheard_reported: false,
            has_token: false,
            playback_failures: Vec::new(),
        }
    }

    /// Takes in what happened at `now`.
    pub fn handle(&mut self, input: Input<'_>, now: Instant) {
        self.now = now;
        match input {
            Input::Connect => self.on_connect(),
            Input::Opened(conn) if conn == self.conn => self.on_opened(),
            Input::Frame(conn, bytes) if conn == self.conn => self.on_frame(bytes),
            Input::SocketClosed(conn, close) if conn == self.conn => self.on_socket_closed(close),
            Input::TokenReady(conn) if conn == self.conn => self.has_token = true,
            Input::LinkFailed(conn, error) if conn == self.conn => self.fail(error),
            Input::Backlog(conn, bytes) if conn == self.conn => self.outbox.set_backlog(bytes),
            Input::Unsent(conn) if conn == self.conn => {
                self.warn(Warning::new(WarningCode::NotSent, NOT_SENT))
            }
            // A socket that was replaced or given up may still speak; nobody listens.
            Input::TokenReady(_)
            | Input::Opened(_)
            | Input::Frame(..)
            | Input::SocketClosed(..)
            | Input::LinkFailed(..)
            | Input::Backlog(..)
            | Input::Unsent(_) => {}
            Input::Message(text) => self.on_message(text),
            Input::Audio(samples) => self.on_audio(samples),
            Input::CaptureLost(samples) => {
                self.stats.capture_samples_lost = self.stats.capture_samples_lost.saturating_add(samples);
            }
            Input::Mute(is_muted) => self.is_muted = is_muted,
            Input::Speaker(is_open) => self.on_speaker(is_open),
            Input::Played(playback) if self.stage != Stage::Closed => self.on_played(playback),
            Input::Played(_) => {}
            Input::PlaybackFailed(error) if self.stage != Stage::Closed => self.on_playback_failed(&error),
            Input::PlaybackFailed(_) => {}
            Input::Abort => self.on_abort(),
            Input::Close => self.on_close(),
            Input::Fail(error) => self.fail(error),
            Input::Tick => self.on_tick(),
        }
    }

    /// The next thing to do, until there is none.
    #[must_use]
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to feed [`Input::Tick`], unless something else happens first.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Opening { deadline } | Stage::SettingUp { deadline } | Stage::Closing { deadline } => {
                Some(deadline)
            }
            Stage::Open => self.outbox.deadline(&self.policy, self.now),
            Stage::Idle | Stage::Closed => None,
        }
    }

    /// Where the session is in its life.
    #[must_use]
    pub fn state(&self) -> State {
        match self.stage {
            Stage::Idle | Stage::Opening { .. } | Stage::SettingUp { .. } => State::Connecting,
            Stage::Open => State::Open,
            Stage::Closing { .. } => State::Closing,
            Stage::Closed => State::Closed,
        }
    }

    /// What was counted so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats { buffered_amount: self.outbox.backlog(), ..self.stats }
    }

    fn on_connect(&mut self) {
        if self.stage != Stage::Idle {
            return;
        }
        self.conn = ConnId(self.conn.0.wrapping_add(1));
        self.enter(Stage::Opening { deadline: self.now + self.policy.connect });
        self.actions.push_back(Action::Open(self.conn));
    }

    fn on_opened(&mut self) {
        let Stage::Opening { deadline } = self.stage else { return };
        self.enter(Stage::SettingUp { deadline });
        let setup = self.setup.to_message();
        self.send(setup);
    }

    fn on_socket_closed(&mut self, close: CloseFrame) {
        let phase = match self.stage {
            Stage::Opening { .. } | Stage::SettingUp { .. } => Phase::Setup,
            Stage::Open => Phase::Open,
            Stage::Closing { .. } => return self.end(Some(close), None),
            Stage::Idle | Stage::Closed => return,
        };
        let error = close::explain(&close, phase);
        self.end(Some(close), Some(error));
    }

    fn on_message(&mut self, text: String) {
        if self.stage == Stage::Closed {
            // The application has been told already, and nothing follows that.
            return;
        }
        if self.stage != Stage::Open {
            return self.warn(Warning::new(WarningCode::NotSent, NOT_OPEN));
        }
        if self.outbox.backlog() > self.policy.send_bytes {
            return self.warn(Warning::new(WarningCode::SendOverflow, SEND_OVERFLOW));
        }
        self.diagnosis.on_message(&text);
        self.send(text);
    }

    fn on_audio(&mut self, samples: &[i16]) {
        if self.stage != Stage::Open || self.is_muted {
            return;
        }
        if self.vad.frame(samples) {
            self.turn.on_voice(self.now);
            self.diagnosis.on_voice();
        }
        let message = client::audio(samples);
        if let Admission::DroppedOldest { is_first } = self.outbox.push(message, &self.policy) {
            self.stats.audio_frames_dropped = self.stats.audio_frames_dropped.saturating_add(1);
            if is_first {
                self.warn(Warning::new(WarningCode::AudioDropped, AUDIO_DROPPED));
            }
        }
        self.send_held();
    }

    fn send_held(&mut self) {
        while let Some(message) = self.outbox.next(&self.policy, self.now) {
            self.stats.audio_frames_sent = self.stats.audio_frames_sent.saturating_add(1);
            self.send(message);
        }
    }

    fn on_abort(&mut self) {
        match self.stage {
            Stage::Idle | Stage::Opening { .. } | Stage::SettingUp { .. } => {
                self.fail(aborted());
            }
            Stage::Open => self.on_close(),
            Stage::Closing { .. } | Stage::Closed => {}
        }
    }

    fn on_close(&mut self) {
        match self.stage {
            Stage::Open => {
                self.outbox.clear();
                self.actions.push_back(Action::CloseSocket(self.conn, NORMAL_CLOSURE));
                self.enter(Stage::Closing { deadline: self.now + self.policy.close });
            }
            Stage::Idle | Stage::Opening { .. } | Stage::SettingUp { .. } => {
                self.actions.push_back(Action::CloseSocket(self.conn, NORMAL_CLOSURE));
                self.end(None, None);
            }
            Stage::Closing { .. } | Stage::Closed => {}
        }
    }

    fn on_tick(&mut self) {
        match self.stage {
            Stage::Opening { deadline } | Stage::SettingUp { deadline } if self.now >= deadline => {
                let error = self.setup_timeout();
                self.fail(error);
            }
            Stage::Closing { deadline } if self.now >= deadline => self.end(None, None),
            Stage::Open => {
                self.send_held();
                if self.outbox.take_pause(&self.policy, self.now) && !self.setup.is_manual_activity() {
                    self.send(client::AUDIO_STREAM_END.to_owned());
                }
            }
            _ => {}
        }
    }

    /// Ends the session from this side because of a failure.
    fn fail(&mut self, error: Error) {
        if self.stage == Stage::Closed {
            return;
        }
        self.actions.push_back(Action::CloseSocket(self.conn, NORMAL_CLOSURE));
        self.end(None, Some(error));
    }

    fn end(&mut self, close: Option<CloseFrame>, error: Option<Error>) {
        if self.stage == Stage::Closed {
            return;
        }
        self.outbox.clear();
        self.enter(Stage::Closed);
        self.emit(Event::Closed { close, error });
        // The socket that is left behind must not be heard.
        self.conn = ConnId(self.conn.0.wrapping_add(1));
    }

    /// Says what is really missing: a remedy for another step would be looked for in the wrong place.
    fn setup_timeout(&self) -> Error {
        // Not as the 128 bits that it has: their formatting alone is a kilobyte in every page.
        let waited = Number::from(self.policy.connect.as_millis() as u64);
        let (missing, remedy) = match self.stage {
            Stage::SettingUp { .. } if self.stats.malformed_messages > 0 => NOT_UNDERSTOOD,
            Stage::SettingUp { .. } => NOT_ANSWERED,
            _ if self.has_token => NO_SOCKET,
            _ => NO_TOKEN,
        };
        let message = ["No session after ", waited.as_str(), " ms: ", missing].concat();
        let mut error = Error::new(Code::Timeout, message).with_remedy(remedy);
        error.retryable = true;
        error
    }

    fn enter(&mut self, stage: Stage) {
        let before = self.state();
        let is_first = self.stage == Stage::Idle;
        self.stage = stage;
        if is_first || self.state() != before {
            self.emit(Event::StateChange { state: self.state() });
        }
    }

    fn send(&mut self, text: String) {
        self.stats.messages_sent = self.stats.messages_sent.saturating_add(1);
        self.stats.bytes_sent += text.len() as f64;
        self.actions.push_back(Action::Send(self.conn, text));
    }

    fn emit(&mut self, event: Event) {
        self.actions.push_back(Action::Emit(event));
    }

    fn warn(&mut self, warning: Warning) {
        self.emit(Event::Warning(warning));
    }
}

/// The application's signal ended a connect.
pub(crate) fn aborted() -> Error {
    Error::new(Code::Aborted, "The connect was aborted by its signal.")
}

const NO_TOKEN: (&str, &str) =
    ("the token did not come.", "Check the token endpoint or function, or raise connectTimeoutMs.");
const NO_SOCKET: (&str, &str) =
    ("the token came, but the socket did not open.", "Check the endpoint and the network.");
const NOT_ANSWERED: (&str, &str) = (
    "the socket is open, but the service did not answer the setup.",
    "Check that the endpoint is the Live API and the model is for live sessions, or raise connectTimeoutMs.",
);
const NOT_UNDERSTOOD: (&str, &str) = (
    "the service answered the setup with something that is no message of the Live API.",
    "Check that the endpoint is the Live API.",
);
const NOT_OPEN: &str = "A message was not sent: the session is not open.";
const NOT_SENT: &str = "A message was not sent: the socket is closing.";
const NORMAL_CLOSURE: u16 = 1000;
const SEND_OVERFLOW: &str = "A message was not sent: 16 MiB wait in the socket already. Send less, or wait for bufferedAmount to fall.";
const AUDIO_DROPPED: &str =
    "The network takes less than the microphone gives: the oldest audio held back is being dropped.";

#[cfg(test)]
mod tests;
