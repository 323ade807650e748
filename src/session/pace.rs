//! How fast the microphone's audio leaves.

use std::time::Duration;

use crate::time::Instant;

/// Some speech leaves as fast as the socket takes it, and what is more than that at some times the speed of speech. Where it was
/// held for another connection, a browser takes all of it at once and says that it has left, long before it has: should that
/// connection be lost in the same moment, so would be everything, and nobody could say how much.
#[derive(Debug)]
pub(super) struct Pace {
    /// Milliseconds of audio that may leave now.
    credit_ms: f64,
    at: Instant,
}

impl Default for Pace {
    fn default() -> Self {
        Self { credit_ms: MOST_CREDIT_MS, at: Instant::ZERO }
    }
}

impl Pace {
    /// Whether any may leave now.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        let earned = now.ms_since(self.at) * SPEED;
        (self.credit_ms, self.at) = ((self.credit_ms + earned).min(MOST_CREDIT_MS), now);
        self.credit_ms > 0.0
    }

    pub(super) fn on_sent(&mut self, audio_ms: f64) {
        self.credit_ms -= audio_ms;
    }
}

/// How long so many milliseconds of audio take to leave.
pub(super) fn leaving(audio_ms: f64) -> Duration {
    Duration::from_micros((audio_ms * 1000.0 / SPEED) as u64)
}

/// What a page that was busy has kept back is no more than that, and leaves at once.
const MOST_CREDIT_MS: f64 = 1000.0;
/// Times the speed of speech.
const SPEED: f64 = 4.0;
