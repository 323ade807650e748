//! What waits to be sent: microphone audio held back while the network cannot take it.

use std::collections::VecDeque;

use super::policy::Policy;
use crate::time::Instant;

/// Microphone frames between the worklet and the socket.
///
/// Speech that arrives seconds late is worse than speech that is missing, so audio waits only for a
/// bounded while and the oldest goes first. Everything else is sent at once and in order.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    held: VecDeque<String>,
    backlog: u32,
    is_dropping: bool,
    /// When audio was last sent, if the server has not been told of a pause since.
    streaming: Option<Instant>,
}

/// What became of a frame.
#[derive(Debug, PartialEq)]
pub(super) enum Admission {
    Taken,
    /// The oldest frame was dropped for it. `is_first` at the beginning of such a time.
    DroppedOldest {
        is_first: bool,
    },
}

impl Outbox {
    pub(super) fn set_backlog(&mut self, bytes: u32) {
        self.backlog = bytes;
    }

    pub(super) fn backlog(&self) -> u32 {
        self.backlog
    }

    pub(super) fn push(&mut self, message: String, policy: &Policy) -> Admission {
        self.held.push_back(message);
        if self.held.len() <= policy.held_frames {
            return Admission::Taken;
        }
        self.held.pop_front();
        let is_first = !self.is_dropping;
        self.is_dropping = true;
        Admission::DroppedOldest { is_first }
    }

    /// The next frame that may go out now.
    pub(super) fn next(&mut self, policy: &Policy, now: Instant) -> Option<String> {
        if self.backlog > policy.backlog_bytes {
            return None;
        }
        let message = self.held.pop_front()?;
        self.is_dropping = false;
        self.streaming = Some(now);
        self.backlog = self.backlog.saturating_add(u32::try_from(message.len()).unwrap_or(u32::MAX));
        Some(message)
    }

    pub(super) fn clear(&mut self) {
        self.held.clear();
    }

    /// Whether audio has paused for so long that the server should know. Says so once.
    pub(super) fn take_pause(&mut self, policy: &Policy, now: Instant) -> bool {
        let is_due = self.held.is_empty() && self.pause_deadline(policy).is_some_and(|due| now >= due);
        if is_due {
            self.streaming = None;
        }
        is_due
    }

    /// When to look again: held frames are retried soon, a pause is noticed when it is due.
    pub(super) fn deadline(&self, policy: &Policy, now: Instant) -> Option<Instant> {
        if self.held.is_empty() { self.pause_deadline(policy) } else { Some(now + RETRY) }
    }

    fn pause_deadline(&self, policy: &Policy) -> Option<Instant> {
        self.streaming.map(|sent| sent + policy.audio_pause)
    }
}

const RETRY: std::time::Duration = std::time::Duration::from_millis(20);
