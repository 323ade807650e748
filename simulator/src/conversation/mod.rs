//! A connection, from the handshake to the close frame, as a machine: inputs and the time in, actions out.

mod act;
mod answer;
pub(crate) mod call;
mod client;
mod dialogue;
mod ear;
mod findings;
mod limits;
mod outbox;
mod patience;
mod recall;
mod replay;
mod reply;
mod resumption;
mod session;
mod shape;
mod tell;
#[cfg(test)]
mod tests;
mod transcript;

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use crate::Time;
use crate::behaviour::Behaviour;
use crate::credential::{Credential, Knock};
use crate::handle::Chain;
use crate::record::{Ending, Record};
use crate::refusal::Refusal;
use crate::schema;
use crate::script::{Fault, Lever, Plot};
use crate::service::Service;
use crate::settings::{Settings, resumption_handle};
use dialogue::Dialogue;
use outbox::Outbox;
use replay::Replaying;
use session::{Session, Stage};

pub use outbox::Frame;

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// A frame came in; text and binary frames are read alike.
    Message(&'a [u8]),
    /// What [`Action::Speak`] or [`Action::Resample`] asked for: mono samples and their rate in Hz, or nothing where there is no
    /// voice.
    Voice {
        /// The id of the action.
        id: u64,
        /// Samples and rate.
        sound: Option<(&'a [i16], u32)>,
    },
    /// The client has closed the connection.
    Closed {
        /// Close code.
        code: u16,
        /// Reason text.
        reason: &'a str,
    },
    /// The connection is gone, without a close frame.
    Lost,
    /// Somebody pulls a lever.
    Lever(&'a Lever),
    /// The server is about to stop.
    Stopping,
    /// The deadline has come.
    Tick,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send this frame.
    Send(Frame),
    /// Have this text spoken, and give the sound back as [`Input::Voice`], or nothing where there is no voice: the turn
    /// waits for one of both, however long that takes.
    Speak {
        /// Names the request.
        id: u64,
        /// The text, in English.
        text: String,
    },
    /// Send this close frame. Nothing follows.
    Close(Refusal),
    /// Bring this sound to another rate and give it back as [`Input::Voice`]. That takes long enough to delay others: it is
    /// done where nobody waits for it.
    Resample {
        /// Names the request.
        id: u64,
        /// Mono samples.
        samples: Vec<i16>,
        /// Their rate in Hz.
        rate_hz: u32,
        /// The rate that is wanted.
        to_hz: u32,
    },
    /// End the TCP connection without a close frame (FIN). Nothing follows.
    Cut,
    /// Reset the TCP connection (RST). Nothing follows.
    Reset,
    /// Leave unread what the client sends from now on. That it hangs up is to be seen all the same.
    StopReading,
}

/// One connection.
///
/// Call [`Conversation::handle`] for everything that happens, then [`Conversation::poll`] until it has
/// nothing more, then wait until something happens or [`Conversation::deadline`] comes.
#[derive(Debug)]
pub struct Conversation {
    id: u64,
    knock: Knock,
    credential: Option<Credential>,
    state: State,
    out: Outbox,
    plot: Plot,
    /// Nothing is sent any more, no close frame either, and then the connection is gone.
    stalled_until: Option<Time>,
    /// Nothing is read any more, and then the connection is gone.
    unread_until: Option<Time>,
    /// How the service behaves, if not as the script says.
    behaviour: Option<Behaviour>,
    actions: VecDeque<Action>,
}

#[derive(Debug)]
enum State {
    /// The setup has not come yet.
    Knocking {
        until: Time,
    },
    /// The setup is accepted, but not answered yet; what comes meanwhile waits.
    Starting {
        ready: Time,
        connection: u32,
        session: Box<Session>,
        early: Vec<Vec<u8>>,
    },
    /// The setup will never be answered.
    Deaf {
        until: Time,
    },
    Open(Box<Session>),
    /// What is said was recorded.
    Replaying(Box<Replaying>),
    Over,
}

impl Conversation {
    /// The connection is open; nothing was said yet. The credential decides at once, as far as it can.
    #[must_use]
    pub fn open(knock: Knock, service: &mut Service, now: Time) -> Self {
        let id = service.records.open(&knock, now);
        let state = State::Knocking { until: now + SETUP_TIME };
        let (script, attempt) = knock.door.script.clone().unwrap_or_default();
        let mut conversation = Self {
            id,
            knock,
            credential: None,
            state,
            out: Outbox::default(),
            plot: Plot::new(script, attempt),
            stalled_until: None,
            unread_until: None,
            behaviour: None,
            actions: VecDeque::new(),
        };
        conversation.note_place(Chain::default(), service);
        let credential = conversation.knock.credential().and_then(|credential| match &credential {
            Credential::Token(name) => service.tokens.check(name, now).map(|()| credential),
            Credential::Key => Ok(credential),
        });
        match credential {
            Ok(credential) => conversation.credential = Some(credential),
            Err(refusal) => conversation.close(refusal, service, now),
        }
        conversation
    }

    /// The connection's number in `/_simulator/connections`.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Something happened at `now`.
    pub fn handle(&mut self, input: Input<'_>, service: &mut Service, now: Time) {
        let outcome = match input {
            Input::Message(bytes) => self.on_message(bytes, service, now),
            Input::Voice { id, sound } => {
                self.with_session(service, now, |session, stage| session.dialogue.on_voice(id, sound, stage));
                Ok(())
            }
            Input::Closed { code, reason } => {
                self.end(Ending::Left { code, reason }, service, now);
                Ok(())
            }
            Input::Lost => {
                self.end(Ending::Lost, service, now);
                Ok(())
            }
            Input::Lever(_) if self.is_over() => Ok(()),
            Input::Lever(Lever(fault)) => self.act(fault, service, now),
            Input::Stopping if !self.is_over() => {
                self.stalled_until = None;
                Err(Refusal::new(1001, "the simulator stops", ""))
            }
            Input::Stopping | Input::Tick => Ok(()),
        };
        let outcome = outcome.and_then(|()| self.play(service, now));
        let outcome = outcome.and_then(|()| self.on_time(service, now));
        // What was sent may be what the script waits for.
        let outcome = outcome.and_then(|()| self.play(service, now));
        self.flush(service, now);
        let Err(refusal) = outcome else { return };
        match self.stalled_until {
            None => self.close(refusal, service, now),
            Some(until) if now < until => self.state = State::Deaf { until },
            Some(_) => self.break_off(Action::Cut, service, now),
        }
    }

    /// What to do next, if anything.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to feed [`Input::Tick`], unless something else happens first.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let of_state = match &self.state {
            State::Knocking { until } | State::Deaf { until } => Some(*until),
            State::Starting { ready, .. } => Some(*ready),
            State::Open(session) => [session.deadline(), self.plot.deadline()].into_iter().flatten().min(),
            State::Replaying(replaying) => replaying.deadline(),
            State::Over => return None,
        };
        of_state.into_iter().chain(self.unread_until).min()
    }

    /// Whether the connection is over: no input changes anything any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    fn on_message(&mut self, bytes: &[u8], service: &mut Service, now: Time) -> Result<(), Refusal> {
        match &mut self.state {
            State::Over => return Ok(()),
            State::Starting { early, .. } => {
                if early.iter().map(|message| message.len() + 1).sum::<usize>() > MOST_EARLY_BYTES {
                    return Err(Refusal::invalid_argument("too many messages before setupComplete"));
                }
                early.push(bytes.to_vec());
                return Ok(());
            }
            State::Knocking { .. } | State::Deaf { .. } | State::Open(_) | State::Replaying(_) => {}
        }
        let parsed: Result<Value, _> = serde_json::from_slice(bytes);
        let logged =
            parsed.as_ref().map_or_else(|_| Value::from(String::from_utf8_lossy(bytes)), Value::clone);
        self.record(service, |record| record.log("client", logged, now));
        let message = parsed.map_err(|error| Refusal::not_json(error.to_string()))?;
        let message = schema::read("ClientMessage", &message)?;
        if let State::Replaying(_) = &self.state {
            self.replay_message(&message, service, now);
            return Ok(());
        }
        let (kind, body) = only_field(message)?;
        match (&self.state, kind.as_str()) {
            (State::Knocking { .. }, "setup") => self.on_setup(body, service, now),
            (State::Knocking { .. }, _) => {
                Err(Refusal::invalid_argument(format!("{kind} came before setup")))
            }
            (_, "setup") => Err(Refusal::invalid_argument("a second setup")),
            _ => self
                .with_session(service, now, |session, stage| session.dialogue.on_message(&kind, &body, stage))
                .unwrap_or(Ok(())),
        }
    }

    fn on_setup(&mut self, received: Value, service: &mut Service, now: Time) -> Result<(), Refusal> {
        if self.begin_replay(&received, service, now)? {
            return Ok(());
        }
        let (setup, expires) = match &self.credential {
            Some(Credential::Token(name)) => {
                let locked = self.locked_handle(&received, service);
                let grant = service.tokens.admit(name, &received, locked, now)?;
                (grant.setup, Some(grant.expires))
            }
            _ => (received.clone(), None),
        };
        let model = setup["model"].as_str().unwrap_or_default();
        let chain = self.take_place(model, resumption_handle(&setup), service);
        self.record(service, |record| {
            record.received("setup");
            record.setup(received, &setup);
        });
        let Some(ready) = self.meet_setup(model, chain, service, now)? else { return Ok(()) };
        let settings = Settings::read(&setup)?;
        let memory = self.take_seat(&settings, service, now)?;
        let script = self.plot.script().clone();
        let dialogue = Dialogue::new(settings, script, self.ways().clone(), chain, memory);
        let session = Box::new(Session::new(dialogue, expires, ready));
        self.state = State::Starting { ready, connection: chain.connection, session, early: Vec::new() };
        Ok(())
    }

    /// How the service behaves towards this connection.
    fn ways(&self) -> &Behaviour {
        self.behaviour.as_ref().unwrap_or_else(|| &self.plot.script().behaviour)
    }

    fn on_time(&mut self, service: &mut Service, now: Time) -> Result<(), Refusal> {
        if self.unread_until.is_some_and(|until| until <= now) && !self.is_over() {
            self.break_off(Action::Cut, service, now);
        }
        match &self.state {
            State::Knocking { until } if *until <= now => Err(Refusal::aborted("no setup came")),
            State::Deaf { until } if *until <= now => {
                Err(Refusal::aborted("the script has waited long enough"))
            }
            State::Starting { ready, .. } if *ready <= now => self.start(service, now),
            State::Open(_) => {
                match self.with_session(service, now, Session::on_time).transpose()?.flatten() {
                    Some(Fault::Close(close)) => Err(close.refusal()),
                    Some(end) => self.act(&end, service, now),
                    None => Ok(()),
                }
            }
            State::Replaying(_) => self.replay_on_time(service, now),
            State::Knocking { .. } | State::Deaf { .. } | State::Starting { .. } | State::Over => Ok(()),
        }
    }

    fn start(&mut self, service: &mut Service, now: Time) -> Result<(), Refusal> {
        let state = std::mem::replace(&mut self.state, State::Over);
        let State::Starting { session, early, connection, .. } = state else { return Ok(()) };
        self.out.send(session.dialogue.setup_complete());
        self.state = State::Open(session);
        self.plot.open(connection, (service.seed, &self.knock.door.run), now);
        self.play(service, now)?;
        self.with_session(service, now, |session, stage| session.dialogue.greet(stage));
        early.iter().try_for_each(|bytes| self.on_message(bytes, service, now))?;
        self.on_time(service, now)
    }

    fn with_session<T>(
        &mut self,
        service: &mut Service,
        now: Time,
        act: impl FnOnce(&mut Session, &mut Stage<'_>) -> T,
    ) -> Option<T> {
        let State::Open(session) = &mut self.state else { return None };
        let Self { id, out, plot, actions, .. } = self;
        let mut stage = Stage { id: *id, now, service, out, plot, actions };
        Some(act(session, &mut stage))
    }

    fn flush(&mut self, service: &mut Service, now: Time) {
        let in_snake_case =
            matches!(&self.state, State::Open(session) if session.dialogue.ways.messages.snake_case);
        for (frame, message) in self.out.take() {
            let frame = if in_snake_case { shape::in_snake_case(frame, &message) } else { frame };
            self.record(service, |record| record.log("server", message, now));
            self.actions.push_back(Action::Send(frame));
        }
    }

    fn close(&mut self, refusal: Refusal, service: &mut Service, now: Time) {
        self.end(Ending::Refused(&refusal), service, now);
        self.actions.push_back(Action::Close(refusal));
    }

    fn end(&mut self, ending: Ending<'_>, service: &mut Service, now: Time) {
        service.records.ended(self.id, ending, now);
        service.handles.leave(self.id);
        self.state = State::Over;
    }

    fn record(&self, service: &mut Service, note: impl FnOnce(&mut Record)) {
        if let Some(record) = service.records.get_mut(self.id) {
            note(record);
        }
    }
}

/// The one field a message may have, and its value.
fn only_field(message: Value) -> Result<(String, Value), Refusal> {
    let Value::Object(fields) = message else { return Err(Refusal::invalid_argument("not an object")) };
    let mut fields = fields.into_iter();
    match (fields.next(), fields.next()) {
        (Some(field), None) => Ok(field),
        (None, _) => Err(Refusal::invalid_argument("a message without content")),
        _ => Err(Refusal::invalid_argument("a message with more than one kind of content")),
    }
}

/// How long a client may take to send its setup.
const SETUP_TIME: Duration = Duration::from_secs(60);

/// How long an unanswered client is kept: as long as any connection.
const DEAF_TIME: Duration = Duration::from_secs(650);

/// How long a client is kept that nobody reads. It cannot say that it goes where its last words find no room, and its
/// session cannot be resumed while it is thought to be here.
const UNREAD_TIME: Duration = Duration::from_secs(15);

/// What may wait for `setupComplete`, and one message more.
const MOST_EARLY_BYTES: usize = 8 << 20;
