//! The turns of the conversation: who said what, and what of it was heard.

mod hearing;
mod record;
mod text;

use std::time::Duration;

use self::record::Record;
use super::{Policy, Prices};
use crate::{
    event::LiveTurn,
    protocol::{
        holds,
        setup::{Role, Setup},
    },
    time::Instant,
};

/// The latest turns, as what the service says and what the speaker reports make them.
///
/// | what | belongs to |
/// |---|---|
/// | input transcription | the user's turn that is being answered, if the answer began a moment ago: their order means nothing. Else to the next |
/// | anything of the model's | its turn, until that is complete; after an interruption to the interrupted one, as long as that is condemned |
/// | a message of the application's | a turn of its own |
///
/// A turn that grows too long goes on as another: some models complete none.
#[derive(Debug)]
pub(super) struct Turns {
    kept: Vec<Record>,
    last_id: u32,
    /// The number of the application's latest words.
    words: u32,
    /// The user's turn that may go on.
    user: Option<u32>,
    /// When the model began to answer it.
    answered: Option<Instant>,
    /// The model's turn that may go on.
    model: Option<u32>,
    /// Samples that were queued for playback since it was flushed.
    queued: f64,
    /// A voice was heard since the user's last turn began.
    has_voice: bool,
    has_news: bool,
    /// This model completes no turn: it is over when it was heard.
    is_endless: bool,
    prices: Prices,
    most: usize,
    longest: usize,
}

impl Turns {
    pub(super) fn new(setup: &Setup, policy: &Policy) -> Self {
        Self {
            kept: Vec::new(),
            last_id: 0,
            words: 0,
            user: None,
            answered: None,
            model: None,
            queued: 0.0,
            has_voice: false,
            has_news: false,
            is_endless: is_endless(setup),
            prices: policy.prices,
            most: policy.turns as usize,
            longest: policy.turn_bytes as usize,
        }
    }

    pub(super) fn is_endless(&self) -> bool {
        self.is_endless
    }

    /// What changed since this was asked last, oldest first.
    pub(super) fn news(&mut self) -> Vec<LiveTurn> {
        if !std::mem::take(&mut self.has_news) {
            return Vec::new();
        }
        let changed = self.kept.iter_mut().filter_map(|record| {
            let is_news = std::mem::take(&mut record.is_news);
            is_news.then(|| record.snapshot())
        });
        changed.collect()
    }

    /// Every turn that is kept, oldest first.
    pub(super) fn all(&self) -> impl Iterator<Item = LiveTurn> {
        self.kept.iter().map(Record::snapshot)
    }

    /// What a service is to be told that has forgotten the conversation: the latest turns that have words and, together, so many
    /// bytes at most; and how many it is not told of. What is `waiting` to be said will be.
    pub(super) fn retold(&self, waiting: &[u32], most: usize) -> (Vec<(&Role, &str)>, u32) {
        let mut bytes = 0;
        let mut is_full = false;
        let (mut told, mut dropped) = (Vec::new(), self.last_id);
        for record in self.kept.iter().rev() {
            if record.words.is_some_and(|words| waiting.contains(&words)) {
                dropped -= 1;
                continue;
            }
            let said = if record.is_given_up { "" } else { record.said() };
            bytes += said.len();
            // An older one that would have room is not told either: it would be answered by words that were about another.
            is_full |= bytes > most;
            if !said.is_empty() && !is_full {
                told.push((&record.turn.role, said));
                dropped -= 1;
            }
        }
        told.reverse();
        (told, dropped)
    }

    fn find(&mut self, id: Option<u32>) -> Option<&mut Record> {
        self.kept.iter_mut().rev().find(|record| Some(record.turn.id) == id)
    }

    /// A turn that changes: the application will hear of it.
    fn touch(&mut self, id: Option<u32>) -> Option<&mut Record> {
        self.has_news = true;
        let record = self.find(id)?;
        record.is_news = true;
        Some(record)
    }

    /// The latest turn of the model's.
    fn latest(&mut self) -> Option<&mut Record> {
        self.kept.iter_mut().rev().find(|record| record.turn.role == Role::Model)
    }

    fn touch_latest(&mut self) -> Option<&mut Record> {
        let id = self.latest()?.turn.id;
        self.touch(Some(id))
    }

    fn begin(&mut self, role: Role) -> Option<u32> {
        if self.most == 0 {
            return None;
        }
        if self.kept.len() >= self.most {
            self.kept.remove(0);
        }
        self.last_id = self.last_id.wrapping_add(1);
        self.kept.push(Record::new(self.last_id, role));
        self.has_news = true;
        Some(self.last_id)
    }

    /// The user's turn that this moment's transcription belongs to.
    fn of_user(&mut self, now: Instant) -> Option<&mut Record> {
        let longest = self.longest;
        let is_late = self.answered.is_some_and(|since| since + LATE <= now);
        if is_late || self.find(self.user).is_none_or(|record| record.bytes() >= longest) {
            self.end_user();
            self.user = self.begin(Role::User);
            self.answered = None;
            self.has_voice = false;
        }
        self.touch(self.user)
    }

    /// The model's turn that goes on. With `is_condemned` an interrupted one does, or else what comes is another's.
    fn of_model(&mut self, is_condemned: bool, now: Instant) -> Option<&mut Record> {
        let longest = self.longest;
        let is_over = |record: &mut Record| record.turn.is_complete && !is_condemned;
        let goes_on = self.find(self.model).map(|record| !is_over(record) && record.bytes() < longest);
        if goes_on != Some(true) {
            self.end_model();
            self.answer(now);
        }
        self.touch(self.model)
    }

    /// The model begins to speak: to what it heard, if that is known.
    fn answer(&mut self, now: Instant) {
        let is_unsaid = self.kept.last().is_none_or(|record| record.turn.role == Role::Model);
        if is_unsaid && self.has_voice {
            self.end_user();
            self.user = self.begin(Role::User);
            self.has_voice = false;
            self.answered = None;
        }
        self.answered = self.answered.or(Some(now));
        self.model = self.begin(Role::Model);
    }

    /// What the user says from here on is another turn, unless nothing is known yet of what was said.
    fn end_user(&mut self) {
        if self.find(self.user).is_some_and(|record| record.bytes() > 0) {
            let ended = self.user.take();
            if let Some(record) = self.touch(ended) {
                record.complete();
            }
        }
    }

    fn end_model(&mut self) {
        let ended = self.model.take();
        if self.find(ended).is_some_and(|record| !record.turn.is_complete)
            && let Some(record) = self.touch(ended)
        {
            record.complete();
        }
    }

    /// The turn is complete; or the interrupted one before it is, if it is not the `is_present` one.
    fn complete(&mut self, is_present: bool) {
        let is_meant = |record: &mut Record| is_present || record.turn.is_interrupted;
        if self.find(self.model).is_some_and(is_meant) {
            self.end_model();
            self.end_user();
        }
    }

    /// The answer is void from here on, as far as it was not heard; and so is one before it that is heard still. The speaker has
    /// played so many samples since playback was flushed.
    pub(super) fn interrupt(&mut self, position: f64) {
        self.on_played(position);
        for record in &mut self.kept {
            if record.is_unheard() {
                record.turn.is_interrupted = true;
                record.is_news = true;
                record.complete();
            }
        }
        self.has_news = true;
        if self.answered.is_some() {
            self.end_user();
        }
    }

    /// The connection is lost, or the session over: so is what was being said, and an answer that was not generated is cut short.
    /// What of it was queued may still be heard.
    pub(super) fn end(&mut self) {
        self.end_user();
        let is_endless = self.is_endless;
        if let Some(record) = self.find(self.model).filter(|record| !record.turn.is_final) {
            // Of models that complete no turn nobody knows whether they had said all.
            record.turn.is_interrupted |= !is_endless;
        }
        self.end_model();
    }
}

/// Models that translate go on for as long as somebody speaks: they complete no turn.
fn is_endless(setup: &Setup) -> bool {
    holds(setup.model(), "-translate") || setup.at("generationConfig.translationConfig").is_some()
}

/// How long after the model began to answer the transcription of the question may still come.
const LATE: Duration = Duration::from_secs(2);
