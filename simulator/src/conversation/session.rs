//! An open session: its talk, and its appointed times.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use super::Action;
use super::dialogue::Dialogue;
use super::outbox::Outbox;
use crate::Time;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::script::{Fault, GoAway, Plot};
use crate::service::Service;

/// A session and its appointed times.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) dialogue: Dialogue,
    /// When the token says so, the session ends.
    expires: Option<Time>,
    /// When the service warns, unless a script has.
    warning: Option<Time>,
    end: Option<(Time, Fault)>,
}

/// What a session needs while it handles an input.
pub(super) struct Stage<'a> {
    pub(super) id: u64,
    pub(super) now: Time,
    pub(super) service: &'a mut Service,
    pub(super) out: &'a mut Outbox,
    pub(super) plot: &'a mut Plot,
    pub(super) actions: &'a mut VecDeque<Action>,
}

impl Session {
    pub(super) fn new(dialogue: Dialogue, expires: Option<Time>, ready: Time) -> Self {
        Self { dialogue, expires, warning: Some(ready + WARNED_AFTER), end: None }
    }

    /// The token has come to its end, if the session has one.
    pub(super) fn end_with_token(&mut self, now: Time) {
        self.expires = self.expires.map(|_| now);
    }

    /// Does what is due; gives the end of the connection when that is due.
    pub(super) fn on_time(&mut self, stage: &mut Stage<'_>) -> Result<Option<Fault>, Refusal> {
        if self.expires.is_some_and(|at| at <= stage.now) {
            return Err(Refusal::server("auth token has expired", "past the token's expireTime"));
        }
        if self.warning.is_some_and(|at| at <= stage.now) {
            self.go_away(&GoAway::of_the_service(), stage);
        }
        if let Some((_, end)) = self.end.take_if(|(at, _)| *at <= stage.now) {
            return Ok(Some(end));
        }
        self.dialogue.on_time(stage)?;
        Ok(None)
    }

    /// Warns the client, and appoints the end.
    pub(super) fn go_away(&mut self, go_away: &GoAway, stage: &mut Stage<'_>) {
        self.warning = None;
        stage.send(go_away.message(seconds));
        self.end = go_away.end().map(|(after, end)| (stage.now + after, end));
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        let appointments =
            [self.expires, self.warning, self.end.as_ref().map(|(at, _)| *at), self.dialogue.deadline()];
        appointments.into_iter().flatten().min()
    }
}

impl Stage<'_> {
    pub(super) fn send(&mut self, message: Value) {
        if self.out.is_sealed() {
            return;
        }
        self.plot.sent(&message);
        self.out.send(message);
        // What else would be sent at this moment is not: a cut after the third part is not one after the fourth.
        if self.plot.is_silenced(self.now) {
            self.out.seal();
        }
    }

    pub(super) fn record(&mut self, note: impl FnOnce(&mut Record)) {
        if let Some(record) = self.service.records.get_mut(self.id) {
            note(record);
        }
    }

    /// Audio came in: as many samples as the client sent, and the same at 16 kHz.
    pub(super) fn heard(&mut self, samples: usize, mime_type: &str, at_16_khz: &[i16]) {
        self.plot.received(at_16_khz.len());
        let now = self.now;
        self.record(|record| record.heard(samples, mime_type, at_16_khz, now));
    }

    /// Audio is about to be sent, at 24 kHz.
    pub(super) fn spoke(&mut self, samples: &[i16]) {
        if !self.out.is_sealed() {
            let now = self.now;
            self.record(|record| record.spoke(samples, now));
        }
    }
}

/// A duration of proto JSON: `"50s"`, `"1.5s"`.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_millis() as f64 / 1000.0)
}

/// A connection lasts ten minutes; then the client is asked to leave.
const WARNED_AFTER: Duration = Duration::from_secs(600);
