//! The model's turn, as the server tells it.

use std::time::Duration;

use crate::{error::Code, protocol::message::Kind, time::Instant};

/// Follows the turn by what the server says, and by nothing else: a turn has no less of a course where no speaker is
/// open, or where the answer is text. What of it is heard is [`Player`](super::playback::Player)'s.
#[derive(Debug, Default)]
pub(super) struct Turn {
    is_complete: bool,
    /// When the user spoke over it. From there on it is condemned: nothing more of it is to be heard.
    condemned: Option<Instant>,
    /// The application wants to hear no more of it: condemned for as long as it lasts.
    is_silenced: bool,
    /// Something of it has come, and more may.
    is_under_way: bool,
    /// The interrupted turn has not been completed yet.
    owes_completion: bool,
    /// The model says something, and has not completed its turn.
    is_open: bool,
    /// When the user last said something that nothing has followed.
    asked: Option<Instant>,
    /// When the present one was completed, if nothing has been said since.
    completed: Option<Instant>,
    /// Why its audio could not be played, as far as that has been said.
    failures: Vec<Code>,
}

impl Turn {
    /// The user said something. An answer may follow.
    pub(super) fn on_asked(&mut self, now: Instant) {
        self.asked = Some(now);
        self.completed = None;
    }

    /// The model says something.
    pub(super) fn on_content(&mut self) {
        self.is_open = true;
        self.is_under_way = true;
        self.asked = None;
        self.completed = None;
    }

    /// The link is gone, and with it whatever would have completed the turn.
    pub(super) fn on_link_lost(&mut self) {
        *self = Self { is_complete: true, ..Self::default() };
    }

    /// Whether nobody says anything, and no answer is to be expected.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        !self.is_open && self.asked.is_none_or(|asked| asked + PATIENCE <= now)
    }

    /// When it will be, if nothing happens.
    pub(super) fn idle_at(&self) -> Option<Instant> {
        self.asked.filter(|_| !self.is_open).map(|asked| asked + PATIENCE)
    }

    /// Audio of the model's. Says whether it is to be heard.
    pub(super) fn on_audio(&mut self, now: Instant) -> bool {
        // Some models complete no turn, and an interrupted one may be forgotten: what comes this late is a new answer.
        self.is_under_way = true;
        let is_heard = !self.is_condemned(now);
        if is_heard {
            self.condemned = None;
            self.is_complete = false;
        }
        is_heard
    }

    /// The application said something that the model answers: the turn that was interrupted before is past.
    pub(super) fn on_message(&mut self, kind: &Kind, now: Instant) {
        if kind.begins_turn() || matches!(kind, Kind::Mark(_)) {
            // The service has not interrupted the silenced one: it does when it hears of this.
            self.condemned = std::mem::take(&mut self.is_silenced).then_some(now);
        }
    }

    /// The application wants to hear no more of this turn. One of which nothing is to come is not condemned: the next would be.
    pub(super) fn on_silenced(&mut self, is_endless: bool, now: Instant) {
        if is_endless {
            self.condemned = Some(now);
        } else {
            self.is_silenced = self.is_under_way;
        }
    }

    pub(super) fn on_interrupted(&mut self, now: Instant) {
        self.condemned = Some(now);
        self.is_open = false;
        self.is_silenced = false;
        self.is_under_way = false;
        self.owes_completion = true;
        self.is_complete = false;
        self.failures.clear();
    }

    /// The answer is generated. An interrupted one never is: from here on a completion is that of another.
    pub(super) fn on_generated(&mut self) {
        self.owes_completion = false;
        self.lift();
    }

    /// A turn is complete. Says whether it is the present one: it may be the interrupted one's, come late.
    pub(super) fn on_complete(&mut self, now: Instant) -> bool {
        self.lift();
        self.failures.clear();
        self.is_complete = !std::mem::take(&mut self.owes_completion);
        self.is_open &= !self.is_complete;
        self.completed = self.is_complete.then_some(now);
        self.is_complete
    }

    /// Words of the user's came: what follows is about those.
    pub(super) fn on_heard(&mut self) {
        self.completed = None;
    }

    /// Whether words that come now are the last of a turn that is complete: the service sends transcriptions in no order relative to
    /// anything else.
    pub(super) fn is_just_complete(&self, now: Instant) -> bool {
        self.completed.is_some_and(|completed| completed + LATE > now)
    }

    /// Nothing more of the turn comes.
    fn lift(&mut self) {
        self.condemned = None;
        self.is_silenced = false;
        self.is_under_way = false;
    }

    /// Whether what comes now still belongs to the turn that was interrupted.
    pub(super) fn is_condemned(&self, now: Instant) -> bool {
        self.is_silenced || self.condemned.is_some_and(|since| since + AFTERMATH > now)
    }

    /// Whether the next completion is that of the interrupted turn.
    pub(super) fn owes_completion(&self) -> bool {
        self.owes_completion
    }

    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Audio could not be played. Says whether that is new: it meets every chunk alike, and a frame may hold thousands.
    pub(super) fn is_new_failure(&mut self, code: Code) -> bool {
        let is_new = !self.failures.contains(&code);
        if is_new {
            self.failures.push(code);
        }
        is_new
    }
}

/// How long after `interrupted` audio of the interrupted turn may still come. The service needs longer than this to
/// hear the user out and begin anew; where it does not, it completes the old turn first.
const AFTERMATH: Duration = Duration::from_secs(1);
/// How long after the end of a turn the last words of it may come. Whoever answers something else needs longer, or begins with sound.
const LATE: Duration = Duration::from_secs(1);
/// How long an answer is waited for before it is taken that there will be none.
const PATIENCE: Duration = Duration::from_secs(5);
