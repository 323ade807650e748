//! Attempts to make a lost connection again: their pauses, their number and their end.

use super::policy::RetryPolicy;
use crate::{
    error::{CloseFrame, Error},
    event::Cause,
    protocol::close::Verdict,
    time::Instant,
};

/// The attempts of one loss, and what is remembered from one loss to the next.
#[derive(Debug)]
pub(super) struct Retry {
    policy: RetryPolicy,
    random: u32,
    /// The number of the attempt that was announced last.
    attempt: u32,
    /// The next pause in milliseconds, before chance has its share of it.
    pause_ms: f64,
    give_up: Instant,
    /// When there was a link at last.
    opened: Option<Instant>,
    /// Tokens that were refused, one after the other.
    refusals: u32,
    /// The last link was closed for something that the service does not know.
    is_suspect: bool,
    pub(super) stage: Attempt,
    pub(super) cause: Cause,
    /// The browser says that the device is offline.
    pub(super) is_offline: bool,
    /// Why the connection is gone, or could not be made.
    pub(super) failure: Option<(Option<CloseFrame>, Error)>,
}

/// How far the attempt is that was announced last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Attempt {
    None,
    /// It is made when the network is back.
    Waiting,
    /// It is made then.
    Due(Instant),
    /// It is under way, until then.
    Made(Instant),
}

impl Retry {
    pub(super) fn new(policy: RetryPolicy, seed: u32) -> Self {
        Self {
            policy,
            // Zero has no successor.
            random: seed.wrapping_mul(2).wrapping_add(1),
            attempt: 0,
            pause_ms: ms(policy.first),
            give_up: Instant::ZERO,
            opened: None,
            refusals: 0,
            is_suspect: false,
            stage: Attempt::None,
            cause: Cause::Network,
            is_offline: false,
            failure: None,
        }
    }

    /// A connection is lost, or left.
    pub(super) fn on_loss(&mut self, cause: Cause, now: Instant) {
        self.attempt = 0;
        self.refusals = 0;
        self.stage = Attempt::None;
        self.failure = None;
        if !self.is_flapping(cause, now) {
            self.give_up = self.end(now);
        }
        if !self.is_unsteady(now) {
            self.pause_ms = ms(self.policy.first);
        }
    }

    /// Somebody knows that it is worth trying: the pauses begin anew, and so does the time in which it has to succeed.
    pub(super) fn renew(&mut self, now: Instant) {
        self.pause_ms = ms(self.policy.first);
        self.give_up = self.end(now);
    }

    fn end(&self, now: Instant) -> Instant {
        now + self.policy.give_up
    }

    pub(super) fn on_open(&mut self, now: Instant) {
        self.opened = Some(now);
        self.stage = Attempt::None;
        self.failure = None;
        // Whatever the browser says.
        self.is_offline = false;
    }

    /// Whether the connection was made again only just now. A service that takes every connection and drops it at once
    /// must not be dialled without pauses.
    pub(super) fn is_unsteady(&self, now: Instant) -> bool {
        self.is_younger(ms(self.policy.longest), now)
    }

    /// Whether the connection was lost as soon as it was made again. That has not succeeded: it goes on being the loss of before.
    fn is_flapping(&self, cause: Cause, now: Instant) -> bool {
        let is_fault = matches!(cause, Cause::Network | Cause::Service | Cause::Token);
        is_fault && self.is_younger(MOST_BRIEF_MS, now)
    }

    /// Whether there has been another link for less than this.
    pub(super) fn is_younger(&self, ms: f64, now: Instant) -> bool {
        self.opened.is_some_and(|opened| now.ms_since(opened) < ms)
    }

    /// Whether so many attempts were made for this loss.
    pub(super) fn has_tried(&self, attempts: u32) -> bool {
        self.attempt >= attempts
    }

    /// Whether it has been so for too long.
    pub(super) fn is_hopeless(&self, cause: Cause, now: Instant) -> bool {
        self.is_flapping(cause, now) && self.is_over(now)
    }

    /// An open link was closed with this verdict. Says whether it is the conversation that the service does not know: what it does
    /// not know in the middle of one is the call that an answer was for. But closed again at once, it is.
    pub(super) fn is_unknown(&mut self, verdict: Verdict, now: Instant) -> bool {
        let is_again = std::mem::replace(&mut self.is_suspect, verdict == Verdict::Fresh);
        is_again && verdict == Verdict::Fresh && self.is_flapping(Cause::Service, now)
    }

    /// The next pause, in milliseconds.
    pub(super) fn pause(&mut self) -> f64 {
        // Nobody else on this side has a use for chance: Marsaglia's xorshift does.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        let chance = f64::from(self.random) / (f64::from(u32::MAX) + 1.0);
        let pause = self.pause_ms.min(ms(self.policy.longest));
        self.pause_ms = pause * self.policy.factor;
        (pause * (1.0 - self.policy.jitter * chance)).max(0.0)
    }

    /// The pause as far as there is time for it: the last attempt is made at the end of that. `None` behind it. Where there is no
    /// time at all, one is made all the same: an end is told of nothing that was not begun.
    pub(super) fn within(&self, pause_ms: f64, now: Instant) -> Option<f64> {
        (self.is_first() || !self.is_over(now)).then(|| pause_ms.min(self.give_up.ms_since(now)))
    }

    /// Whether it has been tried for long enough.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.give_up <= now
    }

    /// Whether no attempt was made yet.
    pub(super) fn is_first(&self) -> bool {
        self.attempt == 0
    }

    /// The number of the attempt that is to be announced: one that waits keeps its own.
    pub(super) fn announce(&mut self) -> u32 {
        if matches!(self.stage, Attempt::None | Attempt::Made(_)) {
            self.attempt = self.attempt.saturating_add(1);
        }
        self.attempt
    }

    /// A token was refused. Says how many that are in a row.
    pub(super) fn on_refusal(&mut self) -> u32 {
        self.refusals += 1;
        self.refusals
    }

    pub(super) fn on_other_failure(&mut self) {
        self.refusals = 0;
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.stage.deadline()
    }
}

impl Attempt {
    pub(super) fn deadline(self) -> Option<Instant> {
        match self {
            Self::Due(at) | Self::Made(at) => Some(at),
            Self::None | Self::Waiting => None,
        }
    }
}

fn ms(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// A connection that was shorter was none.
const MOST_BRIEF_MS: f64 = 5000.0;
/// Tokens that are refused in a row before it is the application's turn.
pub(super) const MOST_REFUSALS: u32 = 3;
