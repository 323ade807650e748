//! What a service is told that has forgotten the conversation: its history, as far as there are words for it.

use super::{Session, outbox::Parcel};
use crate::{
    event::LocalEvent,
    protocol::{
        client,
        close::Verdict,
        message::{Kind, Message},
        setup::{Reseeding, Role, Setup, reseeding},
    },
};

/// The history of a conversation, ready to be told.
#[derive(Debug)]
pub(super) struct Memory {
    message: Message,
    turns: u32,
}

/// Whether the service takes a history. What is known of its models may be wrong, and a token may carry another setup: a session that
/// would end for its history goes on without.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Trust {
    #[default]
    Whole,
    /// It was told one over this link, and has said nothing since.
    OnTrial,
    /// It has refused one.
    Gone,
}

impl Trust {
    /// The model says something.
    pub(super) fn on_content(&mut self) {
        if *self == Self::OnTrial {
            *self = Self::Whole;
        }
    }
}

impl Session {
    /// What a fresh conversation is to be told, if it is one and takes that.
    pub(super) fn memory(&self) -> Option<Memory> {
        let way = reseeding(&self.setup).filter(|_| self.rotation.is_fresh && self.trust != Trust::Gone)?;
        let (told, _) = self.retold();
        let turns = u32::try_from(told.len()).unwrap_or(u32::MAX);
        let completes_turn = way == Reseeding::Declared;
        let text = client::history(told, completes_turn);
        let message = Message { kind: Kind::Content { completes_turn }, text };
        (turns > 0).then_some(Memory { message, turns })
    }

    /// Whether a history is announced by the setup that it follows.
    fn declares_history(&self) -> bool {
        reseeding(&self.setup) == Some(Reseeding::Declared)
    }

    fn retold(&self) -> (Vec<(&Role, &str)>, u32) {
        self.turns.retold(&self.outbox.words(), self.policy.reseed_bytes as usize)
    }

    /// The setup but for its handle: it says whether client content is history.
    pub(super) fn setup_to_offer(&self) -> Setup {
        if self.declares_history() && self.rotation.memory.is_some() {
            self.setup.with_history(true)
        } else if self.has_begun && !(self.rotation.is_fresh && self.policy.reseed_bytes == 0) {
            // The conversation has its history, or there is none to tell; who wants no help tells it again. A service that was
            // promised one would wait for that, and answer nothing before.
            self.setup.with_history(false)
        } else {
            self.setup.clone()
        }
    }

    /// How to go on where a setup was refused that a history was to follow. Only one that declares it can be at fault, and a service
    /// that is in trouble refuses any: it has some attempts to recover in.
    pub(super) fn verdict_on_declaration(&mut self, verdict: Verdict) -> Verdict {
        let is_suspect = verdict == Verdict::Fatal || self.retry.has_tried(PATIENCE);
        if self.declares_history() && is_suspect { self.verdict_with_memory(verdict) } else { verdict }
    }

    /// How to go on where the link was closed that was told a history, and nothing was heard over it: if that was soon.
    pub(super) fn verdict_on_trial(&mut self, verdict: Verdict) -> Verdict {
        let is_suspect = self.trust == Trust::OnTrial && self.retry.is_younger(TRIAL_MS, self.now);
        if is_suspect { self.verdict_with_memory(verdict) } else { verdict }
    }

    /// How to go on where that may be the history's fault: without.
    fn verdict_with_memory(&mut self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Fatal | Verdict::BackOff => {
                self.trust = Trust::Gone;
                // Nobody knows what that conversation has heard.
                self.resumption.forget();
                Verdict::BackOff
            }
            Verdict::Resume | Verdict::Fresh | Verdict::NewToken => verdict,
        }
    }

    /// There is a fresh conversation.
    pub(super) fn restarted(&self, memory: Option<&Memory>, held_ms: f64, lost_ms: f64) -> LocalEvent {
        let (told, dropped) = self.retold();
        let reseeded_turns = memory.map_or(0, |memory| memory.turns);
        // What is not told after all is dropped.
        let all = dropped.saturating_add(u32::try_from(told.len()).unwrap_or(u32::MAX));
        let dropped_turns = all.saturating_sub(reseeded_turns);
        LocalEvent::Restarted {
            reseeded: reseeded_turns > 0,
            reseeded_turns,
            dropped_turns,
            held_ms,
            lost_ms,
        }
    }

    /// Tells a fresh conversation of the one before, ahead of all that waits.
    pub(super) fn remind(&mut self, memory: Option<Memory>) {
        if self.rotation.is_fresh {
            self.outbox.drop_history();
            self.has_begun = memory.is_some();
        }
        self.trust = match (self.trust, &memory) {
            (Trust::Gone, _) => Trust::Gone,
            (_, Some(_)) => Trust::OnTrial,
            (_, None) => Trust::Whole,
        };
        if let Some(Memory { message, .. }) = memory {
            self.outbox.push_front(Parcel::History(message).into(), self.now);
        }
    }
}

/// Attempts with a history before it is taken to be what the service refuses.
const PATIENCE: u32 = 3;
/// A service that ends a session for its history does so at once.
const TRIAL_MS: f64 = 30_000.0;
