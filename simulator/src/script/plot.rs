//! A script as it happens to one connection.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::condition::{On, Position, Seen};
use super::fault::Fault;
use super::span::{Span, Spread};
use super::{Script, Step};
use crate::Time;
use crate::random::Random;

/// Which steps are still to come, and what was seen of the connection so far.
#[derive(Debug)]
pub(crate) struct Plot {
    script: Arc<Script>,
    attempt: u32,
    /// The session takes the place of one whose handle was refused.
    restarted: bool,
    opened: Time,
    seen: Seen,
    pending: Vec<Pending>,
}

#[derive(Debug)]
struct Pending {
    step: Step,
    /// Everything holds: it happens then.
    at: Option<Time>,
}

impl Plot {
    pub(crate) fn new(script: Arc<Script>, attempt: u32) -> Self {
        Self {
            script,
            attempt,
            restarted: false,
            opened: Time::ZERO,
            seen: Seen::default(),
            pending: Vec::new(),
        }
    }

    pub(crate) fn script(&self) -> &Arc<Script> {
        &self.script
    }

    pub(crate) fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The session takes the place of one whose handle was refused, or does not.
    pub(crate) fn begin_anew(&mut self, restarted: bool) {
        self.restarted = restarted;
    }

    fn position(&self, connection: u32) -> Position {
        Position { attempt: self.attempt, connection, restarted: self.restarted }
    }

    /// What meets the setup of the `connection`th connection of a session.
    pub(crate) fn at_setup(&self, connection: u32) -> Vec<Fault> {
        let position = self.position(connection);
        let steps = self.script.steps.iter().filter(|step| step.on.setup && step.on.is_about(position));
        steps.flat_map(Step::faults).cloned().collect()
    }

    /// `setupComplete` is sent.
    ///
    /// What is drawn follows from the seed, the run and the attempt: it does not matter what others draw.
    pub(crate) fn open(&mut self, connection: u32, (seed, run): (u64, &str), now: Time) {
        let position = self.position(connection);
        let mut random = Random::of(seed, &[self.script.name(), run], self.attempt);
        let steps = self.script.steps.iter().filter(|Step { on, .. }| !on.setup && !on.upgrade);
        let steps = steps.filter(|step| step.on.is_about(position));
        self.opened = now;
        self.pending = steps.map(|step| Pending { step: step.drawn(&mut random), at: None }).collect();
    }

    /// A turn of the model's begins.
    pub(crate) fn turn_started(&mut self) {
        self.seen.turns += 1;
        self.seen.answer_parts = 0;
    }

    /// The user is heard to begin to speak.
    pub(crate) fn speech_started(&mut self) {
        self.seen.speeches += 1;
    }

    /// Audio came in.
    pub(crate) fn received(&mut self, samples_at_16_khz: usize) {
        self.seen.received_samples += samples_at_16_khz as u64;
    }

    /// A message goes out.
    pub(crate) fn sent(&mut self, message: &Value) {
        let parts =
            message["serverContent"]["modelTurn"]["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
        let audio = parts.iter().filter(|part| part["inlineData"].is_object()).count() as u32;
        self.seen.audio_parts += audio;
        self.seen.answer_parts += audio;
        self.seen.calls += message["toolCall"]["functionCalls"].as_array().map_or(0, Vec::len) as u32;
        let handle = message["sessionResumptionUpdate"]["newHandle"].as_str();
        self.seen.handles += u32::from(handle.is_some_and(|handle| !handle.is_empty()));
    }

    /// What is to be done now, in the script's order.
    pub(crate) fn due(&mut self, now: Time) -> Vec<Fault> {
        let (opened, seen) = (self.opened, self.seen);
        let mut due = Vec::new();
        self.pending.retain_mut(|pending| {
            if pending.at.is_none() && is_met(&pending.step.on, &seen, opened, now) {
                let delay = pending.step.on.delay.map_or(Duration::ZERO, |Span(delay)| delay);
                pending.at = Some(now + delay);
            }
            let Some(at) = pending.at.filter(|at| *at <= now) else { return true };
            due.extend(pending.step.faults().cloned());
            pending.at = pending.step.on.every.map(|Span(every)| at + every);
            pending.at.is_some()
        });
        due
    }

    /// When something is to be done, unless more is seen first.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let times = self.pending.iter().filter_map(|Pending { step, at }| {
            let is_waiting_for_time_alone = step.on.was_seen(&self.seen);
            at.or_else(|| is_waiting_for_time_alone.then(|| first_time(&step.on, self.opened)))
        });
        times.min()
    }

    /// Whether something is due that nothing may be sent after.
    pub(crate) fn is_silenced(&self, now: Time) -> bool {
        self.pending.iter().any(|Pending { step, at }| {
            step.fault.silences()
                && step.on.delay.is_none()
                && at.map_or_else(|| is_met(&step.on, &self.seen, self.opened, now), |at| at <= now)
        })
    }
}

fn is_met(on: &On, seen: &Seen, opened: Time, now: Time) -> bool {
    on.was_seen(seen) && first_time(on, opened) <= now
}

/// The earliest time a step can happen.
fn first_time(on: &On, opened: Time) -> Time {
    let every = on.every.map(|Span(every)| every);
    opened + on.after.map(Spread::least).or(every).unwrap_or_default()
}
