//! Barge-in: the user speaks over the answer, and it falls silent before the service has said a word.
//!
//! Only the service knows what is speech. So nothing is dropped: the answer is paused where it is, and goes on there unless the
//! service interrupts it.

use std::time::Duration;

use super::{Action, Session, life::Life};
use crate::{event::LocalEvent, protocol::message::Mark, time::Instant};

/// An answer that is paused, until it is known what for.
#[derive(Debug, Default)]
pub(super) struct BargeIn {
    paused: Option<Instant>,
    /// How often in a row the service let the answer go on. A loudspeaker that the microphone hears looks just like this, and
    /// would pause the voice again and again: each time it takes twice as long a voice, and in the end it takes the service's word.
    mistakes: u32,
}

impl BargeIn {
    /// Whether the answer is silent for now.
    pub(super) fn is_paused(&self) -> bool {
        self.paused.is_some()
    }

    /// Until when an answer is heard that has not ended: `now`, or the pause's beginning.
    pub(super) fn heard_until(&self, now: Instant) -> Instant {
        self.paused.map_or(now, |since| since.min(now))
    }

    /// How long a voice has to last, if `speech` is enough where no mistake was made.
    fn least(&self, speech: Duration) -> Option<Duration> {
        (self.mistakes < MOST_MISTAKES).then(|| speech * (1 << self.mistakes))
    }
}

impl Session {
    /// A voice is heard, and has been for so long. Says whether the answer is paused for it.
    pub(super) fn on_voice_over_answer(&mut self, lasted: Duration) -> bool {
        let least = self.policy.barge_in.and_then(|policy| self.barge_in.least(policy.speech));
        // With manual activity it is the mark that interrupts.
        let is_speech = least.is_some_and(|least| lasted >= least) && !self.microphone.is_manual();
        is_speech && self.pause_playback()
    }

    /// The application says that the user speaks.
    pub(super) fn on_mark_over_answer(&mut self, mark: Mark) {
        if mark == Mark::ActivityStart && self.microphone.is_manual() && self.policy.barge_in.is_some() {
            self.pause_playback();
        }
    }

    /// Only where the service can interrupt: it has to be there, to hear the user, and to have said less than all.
    fn pause_playback(&mut self) -> bool {
        let is_heard = self.player.is_answering() && !self.barge_in.is_paused();
        let is_listening = self.life == Life::Open && !self.ledger.holds_audio();
        if !is_heard || !is_listening || self.turn.is_complete() || !self.setup.is_interruptible() {
            return false;
        }
        // Who translates speaks while the user does.
        if self.turns.is_endless() {
            return false;
        }
        self.barge_in.paused = Some(self.now);
        self.stats.playback_pauses = self.stats.playback_pauses.saturating_add(1);
        self.actions.push_back(Action::Pause(true));
        self.emit(LocalEvent::PlaybackPaused {});
        true
    }

    /// When the answer goes on, if the service does not interrupt it.
    pub(super) fn pause_deadline(&self) -> Option<Instant> {
        let (since, policy) = (self.barge_in.paused?, self.policy.barge_in?);
        let longest = since + policy.confirm.max(LONGEST);
        let is_open = self.microphone.is_activity_open();
        let quiet = if is_open { longest } else { self.speech_end() };
        Some(quiet.max(since + policy.confirm).min(longest))
    }

    pub(super) fn on_pause_time(&mut self) {
        if self.pause_deadline().is_some_and(|due| due <= self.now) {
            self.barge_in.mistakes += 1;
            self.stats.false_interruptions = self.stats.false_interruptions.saturating_add(1);
            self.resume_playback();
        }
    }

    /// The answer goes on where it was, if it is paused.
    pub(super) fn resume_playback(&mut self) {
        if let Some(paused_ms) = self.end_pause() {
            self.emit(LocalEvent::PlaybackResumed { paused_ms });
        }
    }

    /// Nothing is paused any more: that is told by what has ended it. Returns for how long it was.
    pub(super) fn end_pause(&mut self) -> Option<f64> {
        let paused_ms = self.now.ms_since(self.barge_in.paused.take()?);
        self.player.on_pause_over(paused_ms, self.now);
        self.actions.push_back(Action::Pause(false));
        Some(paused_ms)
    }

    /// The service says itself that the user speaks.
    pub(super) fn on_barge_in_confirmed(&mut self) {
        self.barge_in.mistakes = 0;
    }
}

/// What goes on for longer, and is no speech to the service, is none.
const LONGEST: Duration = Duration::from_secs(5);
const MOST_MISTAKES: u32 = 4;
