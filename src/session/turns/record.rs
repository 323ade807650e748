//! One turn, with what only the session needs to know of it.

use super::text::{add_transcription, words_before};
use crate::{
    event::{LiveTurn, LiveUsage},
    json::{Map, Value},
    protocol::setup::Role,
    session::{Prices, usage::add},
};

#[derive(Debug)]
pub(super) struct Record {
    pub(super) turn: LiveTurn,
    pub(super) is_news: bool,
    /// The words of the application's that it is.
    pub(super) words: Option<u32>,
    /// Those never came through, and may be what the service failed on.
    pub(super) is_given_up: bool,
    /// 24 kHz samples of it that came.
    received: f64,
    /// Those that were played before playback was last flushed.
    before: f64,
    /// Where in this epoch it began, and how many samples of it were queued since.
    queued: Option<(f64, f64)>,
    /// What of it was flushed, until it is known how much of that was played.
    flushed: Option<Flushed>,
    played: f64,
    /// Of a turn that is complete more was heard than was told.
    pub(super) is_played_on: bool,
    /// How long the text was when so many samples had come. Sound and transcription come side by side.
    marks: Vec<(f64, usize)>,
}

impl Record {
    pub(super) fn new(id: u32, role: Role) -> Self {
        Self {
            turn: LiveTurn::new(id, role),
            is_news: true,
            words: None,
            is_given_up: false,
            received: 0.0,
            before: 0.0,
            queued: None,
            flushed: None,
            played: 0.0,
            is_played_on: false,
            marks: Vec::new(),
        }
    }

    /// How much was said.
    pub(super) fn bytes(&self) -> usize {
        self.turn.text.len() + self.turn.interim.len() + self.turn.thoughts.len()
    }

    /// Whether the service may say more of it, or the speaker play more.
    pub(super) fn is_unheard(&self) -> bool {
        let is_queued = self.queued.is_some_and(|(_, samples)| self.before + samples > self.played);
        self.turn.role == Role::Model && (!self.turn.is_complete || is_queued)
    }

    /// More of the text comes with the next words.
    pub(super) fn mark(&mut self) {
        let (received, length) = (self.received, self.turn.text.len());
        if self.marks.last().is_none_or(|(samples, end)| *samples < received && *end < length) {
            self.marks.push((received, length));
        }
    }

    pub(super) fn add_transcription(&mut self, text: &str) {
        let markers = add_transcription(&mut self.turn.text, text);
        let room = MOST_MARKERS.saturating_sub(self.turn.markers.len());
        self.turn.markers.extend(markers.into_iter().take(room).map(Value::from));
    }

    pub(super) fn complete(&mut self) {
        self.turn.is_final = true;
        self.turn.is_complete = true;
        self.turn.interim.clear();
    }

    pub(super) fn on_received(&mut self, samples: f64) {
        self.received += samples;
    }

    pub(super) fn received_ms(&self) -> f64 {
        self.received / SAMPLES_PER_MS
    }

    pub(super) fn on_queued(&mut self, at: f64, samples: f64) -> f64 {
        let (_, queued) = self.queued.get_or_insert((at, 0.0));
        *queued += samples;
        self.before + *queued - samples
    }

    /// The speaker is so far in its epoch.
    pub(super) fn on_played(&mut self, position: f64) {
        if let Some((from, samples)) = self.queued {
            let played = self.before + (position - from).max(0.0).min(samples);
            self.is_played_on |= self.turn.is_complete && played > self.played;
            self.played = played;
            self.turn.played_ms = Some(self.played / SAMPLES_PER_MS);
        }
    }

    /// This epoch is over: what was not played by now never is.
    pub(super) fn settle(&mut self, epoch: u32) {
        let Self { before, .. } = *self;
        let flushed = self.queued.take().map(|(from, samples)| Flushed { epoch, from, samples, before });
        // Of what is flushed before the speaker has obeyed the flush before, nothing is played.
        self.flushed = self.flushed.take().or(flushed);
        self.before = self.played;
    }

    /// The speaker has played so many samples of this epoch, which is over, and none of those behind it that are.
    pub(super) fn on_settled(&mut self, epoch: u32, played: f64) {
        let flushed = self.flushed.take().filter(|flushed| flushed.epoch == epoch);
        let Some(Flushed { from, samples, before, .. }) = flushed else { return };
        let correction = before + (played - from).max(0.0).min(samples) - self.before;
        self.before += correction;
        self.played += correction;
        self.turn.played_ms = Some(self.played / SAMPLES_PER_MS);
        self.is_played_on |= correction != 0.0;
    }

    /// How much was played of what was flushed nobody will say any more.
    pub(super) fn forget_flushed(&mut self) {
        self.flushed = None;
    }

    pub(super) fn on_usage(&mut self, usage: &Map, prices: &Prices) {
        let tokens = &mut self.turn.usage_metadata.get_or_insert_default().tokens;
        add(tokens, usage);
        let cost = prices.cost(tokens);
        self.turn.usage_metadata = Some(LiveUsage::new(std::mem::take(tokens), cost));
    }

    /// The turn as it stands.
    pub(super) fn snapshot(&self) -> LiveTurn {
        let mut turn = self.turn.clone();
        if turn.is_interrupted && self.received > 0.0 && !turn.text.is_empty() {
            turn.heard = Some(self.heard(self.played).to_owned());
        }
        turn
    }

    /// What was said, as far as it was heard or, queued for playback, will be.
    pub(super) fn said(&self) -> &str {
        let queued = self.queued.map_or(0.0, |(_, samples)| self.before + samples);
        if self.turn.is_interrupted && self.received > 0.0 {
            self.heard(self.played.max(queued))
        } else {
            &self.turn.text
        }
    }

    /// The words that are heard with so many samples: as many of those between two known places as are played between them.
    fn heard(&self, played: f64) -> &str {
        let text = &self.turn.text;
        let (mut from, mut start) = (0.0, 0);
        let known = self.marks.iter().copied().filter(|(samples, _)| *samples < self.received);
        for (to, end) in known.chain([(self.received, text.len())]) {
            if played < to {
                let share = (played - from) / (to - from);
                return words_before(text, start + (end.saturating_sub(start) as f64 * share) as usize);
            }
            (from, start) = (to, end);
        }
        text
    }
}

/// What was queued for playback in an epoch that is over.
#[derive(Debug)]
struct Flushed {
    epoch: u32,
    from: f64,
    samples: f64,
    /// What of the turn was played before that epoch.
    before: f64,
}

const SAMPLES_PER_MS: f64 = 24.0;
/// Of one turn.
const MOST_MARKERS: usize = 64;
