//! An open session: its talk, and its appointed times.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use super::Action;
use super::dialogue::Dialogue;
use super::outbox::Outbox;
use crate::Time;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::scenario::{End, GoAway, Scenario};
use crate::service::Service;

/// A session and its appointed times.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) dialogue: Dialogue,
    /// When the token says so, the session ends.
    expires: Option<Time>,
    go_away: Option<(Time, GoAway)>,
    end: Option<(Time, End)>,
}

/// What a session needs while it handles an input.
pub(super) struct Stage<'a> {
    pub(super) id: u64,
    pub(super) now: Time,
    pub(super) service: &'a mut Service,
    pub(super) out: &'a mut Outbox,
    pub(super) actions: &'a mut VecDeque<Action>,
}

impl Session {
    pub(super) fn new(dialogue: Dialogue, scenario: &Scenario, expires: Option<Time>, ready: Time) -> Self {
        Self {
            dialogue,
            expires,
            go_away: Some((ready + scenario.go_away.after, scenario.go_away.clone())),
            end: scenario.end.clone().map(|(after, end)| (ready + after, end)),
        }
    }

    /// Does what is due; gives the end of the connection when that is due.
    pub(super) fn on_time(&mut self, stage: &mut Stage<'_>) -> Result<Option<End>, Refusal> {
        if self.expires.is_some_and(|at| at <= stage.now) {
            return Err(Refusal::server("auth token has expired", "past the token's expireTime"));
        }
        if let Some((_, go_away)) = self.go_away.take_if(|(at, _)| *at <= stage.now) {
            stage.out.send(json!({"goAway": {"timeLeft": seconds(go_away.time_left)}}));
            self.end = Some((stage.now + go_away.time_left, End::Closed(go_away.refusal)));
        }
        if let Some((_, end)) = self.end.take_if(|(at, _)| *at <= stage.now) {
            return Ok(Some(end));
        }
        self.dialogue.on_time(stage)?;
        Ok(None)
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        let appointments = [
            self.expires,
            self.go_away.as_ref().map(|(at, _)| *at),
            self.end.as_ref().map(|(at, _)| *at),
            self.dialogue.deadline(),
        ];
        appointments.into_iter().flatten().min()
    }
}

impl Stage<'_> {
    pub(super) fn send(&mut self, message: Value) {
        self.out.send(message);
    }

    pub(super) fn record(&mut self, note: impl FnOnce(&mut Record)) {
        if let Some(record) = self.service.records.get_mut(self.id) {
            note(record);
        }
    }
}

/// A duration of proto JSON: `"50s"`, `"1.5s"`.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_millis() as f64 / 1000.0)
}
