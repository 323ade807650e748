//! Plays one connection of a recording: what the server said then, when it is its turn.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use super::Recorded;
use super::line::{Line, What};
use crate::Time;

/// A connection that is played. The server says what it said, as long after the client's latest words as then. It waits for
/// what the client said before, by its kind: for audio, until as much of it has come.
#[derive(Debug)]
pub(crate) struct Player {
    lines: Vec<Line>,
    /// When each line of the client's was met.
    met: Vec<Option<Time>>,
    /// The next line that is not the client's.
    next: usize,
    heard: Duration,
    /// When the latest line was played or met.
    latest: Time,
    divergences: VecDeque<String>,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Played {
    Say(Value),
    Raw(String),
    Close { code: u16, reason: String },
    Break,
}

impl Player {
    /// Begins with a connection whose setup has just come.
    pub(crate) fn new(recorded: &Recorded, now: Time) -> Self {
        let lines = recorded.lines.clone();
        let mut met = vec![None; lines.len()];
        met.first_mut().into_iter().for_each(|first| *first = Some(now));
        Self { lines, met, next: 0, heard: Duration::ZERO, latest: now, divergences: VecDeque::new() }
    }

    /// The client sent a message.
    pub(crate) fn asked(&mut self, kind: &str, now: Time) {
        let expected: Vec<usize> = self.unmet().collect();
        let is_it = |index: &usize| self.lines.get(*index).is_some_and(|line| line.asks(kind));
        let Some(found) = expected.iter().position(is_it) else {
            return self.diverged(format!("{kind} came, which the recording has not here"));
        };
        for (place, index) in expected.into_iter().take(found + 1).enumerate() {
            if place < found {
                self.missed(index, &format!("{kind} came before it"));
            }
            self.meet(index, now);
        }
    }

    /// The client sent audio.
    pub(crate) fn heard(&mut self, length: Duration, now: Time) {
        self.heard += length;
        let mut until = Duration::ZERO;
        for index in 0..self.lines.len() {
            let Some(What::Heard(length)) = self.lines.get(index).map(|line| &line.what) else { continue };
            until += *length;
            if until > self.heard {
                break;
            }
            if self.met.get(index).is_some_and(Option::is_none) {
                self.meet(index, now);
            }
        }
    }

    /// What is to be done now.
    pub(crate) fn due(&mut self, now: Time) -> Option<Played> {
        loop {
            let (at, waits_for) = self.appointment()?;
            if at > now {
                return None;
            }
            if let Some(index) = waits_for {
                self.missed(index, "it was waited for in vain");
                self.meet(index, now);
                continue;
            }
            let line = self.lines.get(self.next)?;
            let played = match &line.what {
                What::Said(message) => Played::Say(message.clone()),
                What::Raw(text) => Played::Raw(text.clone()),
                What::Closed { code, reason } => Played::Close { code: *code, reason: reason.clone() },
                What::Broke => Played::Break,
                What::Asked { .. } | What::Heard(_) | What::Left => return None,
            };
            self.next += 1;
            self.latest = self.latest.max(at);
            return Some(played);
        }
    }

    /// When something is to be done, unless the client says something before.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let mut rest = self.lines.iter().skip(self.next);
        let next = self.next + rest.position(|line| !line.is_the_clients())?;
        self.appointment_of(next).map(|(at, _)| at)
    }

    /// Where the client did not do as it did then, since this was last asked.
    pub(crate) fn divergences(&mut self) -> impl Iterator<Item = String> {
        std::mem::take(&mut self.divergences).into_iter()
    }

    fn appointment(&mut self) -> Option<(Time, Option<usize>)> {
        while self.lines.get(self.next)?.is_the_clients() {
            self.next += 1;
        }
        self.appointment_of(self.next)
    }

    /// When a line of the server's is to be played; or when its client's line before it is waited for no longer, and which
    /// that is.
    fn appointment_of(&self, index: usize) -> Option<(Time, Option<usize>)> {
        let line = self.lines.get(index)?;
        let mut before =
            (0..index).rev().filter(|before| self.lines.get(*before).is_some_and(Line::is_the_clients));
        let anchor = before.next()?;
        let since = line.at.saturating_sub(self.lines.get(anchor)?.at);
        match self.met.get(anchor)? {
            Some(met) => Some(((*met + since).max(self.latest), None)),
            None => {
                let known = (0..index).rev().find(|before| *before != anchor && self.is_past(*before));
                let known = known.and_then(|known| self.lines.get(known)).map_or(line.at, |known| known.at);
                Some((self.latest + line.at.saturating_sub(known) + PATIENCE, Some(anchor)))
            }
        }
    }

    /// Whether a line was played or met.
    fn is_past(&self, index: usize) -> bool {
        index < self.next || self.met.get(index).is_some_and(Option::is_some)
    }

    /// The messages of the client's that have not come, audio left out.
    fn unmet(&self) -> impl Iterator<Item = usize> {
        let lines = self.lines.iter().zip(&self.met).enumerate();
        lines
            .filter(|(_, (line, met))| matches!(line.what, What::Asked { .. }) && met.is_none())
            .map(|(index, _)| index)
    }

    fn meet(&mut self, index: usize, now: Time) {
        self.met.get_mut(index).into_iter().for_each(|met| *met = Some(now));
        self.latest = self.latest.max(now);
    }

    fn missed(&mut self, index: usize, why: &str) {
        let Some(line) = self.lines.get(index) else { return };
        let what = match &line.what {
            What::Asked { kind, .. } => kind.as_str(),
            _ => "realtimeInput.audio",
        };
        self.diverged(format!("{what} of line {} did not come: {why}", line.number));
    }

    fn diverged(&mut self, how: String) {
        if self.divergences.len() < MOST_DIVERGENCES {
            self.divergences.push_back(how);
        }
    }
}

impl Line {
    fn is_the_clients(&self) -> bool {
        matches!(self.what, What::Asked { .. } | What::Heard(_) | What::Left)
    }

    fn asks(&self, wanted: &str) -> bool {
        matches!(&self.what, What::Asked { kind, .. } if kind == wanted)
    }
}

/// How much longer than then something of the client's is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

const MOST_DIVERGENCES: usize = 100;
