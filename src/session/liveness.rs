//! Whether the link still lives: a connection may be gone without a word, and then no close ever comes.

use std::time::Duration;

use super::{ConnId, Session, life::Life, link::Stage, rotation::Leave};
use crate::{event::Cause, time::Instant};

/// Waits for the service to say anything after it was asked something. Who listens in silence waits for nothing.
#[derive(Debug, Default)]
pub(super) struct Liveness {
    /// When it was asked what nothing has followed.
    asked: Option<Instant>,
    /// When it was first asked by a message. Of a voice nobody here knows whether it was one.
    written: Option<Instant>,
    /// When audio first left that nothing has followed.
    streamed: Option<Instant>,
    /// The model has begun to say something, and owes the rest.
    is_answering: bool,
    /// How often that was answered by another connection, and by nothing else. Each time the next is waited for twice as
    /// long: a noise that is taken for a voice is never answered, and the connection is not at fault.
    doubts: u32,
}

impl Liveness {
    /// Something was sent that is answered.
    pub(super) fn on_asked(&mut self, now: Instant) {
        self.asked.get_or_insert(now);
        self.written.get_or_insert(now);
    }

    /// The user spoke. While somebody speaks nothing needs to be said; what counts is the end of the first utterance, and that
    /// nobody speaks for ever.
    pub(super) fn on_voice(&mut self, now: Instant) {
        self.on_streamed(now);
        if self.asked.is_none_or(|asked| now.ms_since(asked) < PAUSE_MS) {
            self.asked = Some(now);
        }
    }

    /// Audio left, or is about to.
    pub(super) fn on_streamed(&mut self, now: Instant) {
        self.streamed.get_or_insert(now);
    }

    /// The stream has paused: nothing flows that something could follow.
    pub(super) fn on_stream_end(&mut self) {
        self.streamed = None;
    }

    /// The link is left, or doubted: it owes nothing.
    pub(super) fn on_settled(&mut self) {
        *self = Self { doubts: self.doubts, ..Self::default() };
    }

    /// The service said something. In the middle of an answer it owes the rest, and nothing else.
    fn on_frame(&mut self, now: Instant) {
        let Self { is_answering, doubts, .. } = *self;
        *self = Self { asked: is_answering.then_some(now), is_answering, doubts, ..Self::default() };
    }

    /// The model says something, and may owe the rest of it.
    pub(super) fn on_content(&mut self, is_owed: bool, now: Instant) {
        self.doubts = 0;
        if is_owed {
            self.is_answering = true;
            self.asked = Some(now);
        }
    }

    /// What the model had to say has come, or it waits for a function.
    pub(super) fn on_answered(&mut self) {
        self.is_answering = false;
        self.asked = None;
    }

    /// Another link is there; what was said meanwhile is asked now.
    pub(super) fn on_open(&mut self, now: Instant) {
        self.asked = self.asked.map(|_| now);
        self.streamed = self.streamed.map(|_| now);
    }

    /// When the link is to be doubted. One that cannot be resumed is left for what it certainly owes alone, and late: if it
    /// lives, the conversation is lost for nothing.
    fn deadline(&self, silence: Duration, has_handle: bool) -> Option<Instant> {
        let due = |since: Option<Instant>, times: u32| {
            since.map(|since| since + silence.saturating_mul(times << self.doubts.min(MOST_DOUBTS)))
        };
        if !has_handle {
            return due(self.written, PATIENT);
        }
        due(self.asked, 1).into_iter().chain(due(self.streamed, PATIENT)).reduce(Instant::min)
    }
}

impl Session {
    /// A frame came. Over the link that is doubted, it says that this one lives.
    pub(super) fn on_sign_of_life(&mut self, conn: ConnId) {
        if !self.link(conn).is_some_and(|link| link.stage == Stage::Ready) {
            return;
        }
        self.liveness.on_frame(self.now);
        if self.rotation.is_probing() {
            self.rotation.ahead = None;
            self.give_up_next();
        }
    }

    /// Closes the link that was to be next.
    pub(super) fn give_up_next(&mut self) {
        self.give_up_links(|link, _| link.stage.is_next());
    }

    /// The service was asked, and has said nothing for too long.
    pub(super) fn on_silence(&mut self) {
        if !self.silence_deadline().is_some_and(|due| due <= self.now) {
            return;
        }
        self.liveness.on_settled();
        // While it waits for an answer of ours it has every right to say nothing.
        if !self.ledger.is_waited_for() {
            self.liveness.doubts += 1;
            self.look_ahead(Cause::Silence, Leave::After(self.now));
        }
    }

    pub(super) fn silence_deadline(&self) -> Option<Instant> {
        let is_watched = self.life == Life::Open && self.policy.resumption && self.rotation.ahead.is_none();
        self.owed_by().filter(|_| is_watched)
    }

    fn owed_by(&self) -> Option<Instant> {
        self.liveness.deadline(self.policy.silence, self.resumption.has_handle())
    }

    /// Whether the service has not said for too long what it was asked.
    pub(super) fn is_overdue(&self) -> bool {
        self.owed_by().is_some_and(|due| due <= self.now)
    }

    /// Nobody knows what became of the connection meanwhile. To find out is to leave it, unless it speaks: that must cost no
    /// conversation, and no call. In the middle of one the handle is of before it, and its answer would go to who has never asked.
    pub(super) fn on_woke(&mut self) {
        match self.life {
            Life::Open if self.policy.resumption && self.rotation.ahead.is_none() => {
                if self.resumption.has_handle() && !self.ledger.is_waited_for() {
                    self.look_ahead(Cause::Wake, Leave::After(self.now + WAKE_PATIENCE));
                }
            }
            Life::Reconnecting => self.attempt_anew(),
            Life::Idle => self.doubt_ahead(),
            Life::Connecting { .. } | Life::Open | Life::Closing | Life::Closed => {}
        }
    }
}

/// A pause that ends an utterance.
const PAUSE_MS: f64 = 2000.0;
const MOST_DOUBTS: u32 = 4;
/// How many times longer is waited where it costs more to be wrong: the conversation, or what is being said.
const PATIENT: u32 = 3;
/// How long a connection may take to show that it outlived the sleep.
const WAKE_PATIENCE: Duration = Duration::from_secs(2);
