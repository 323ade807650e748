//! How long audio waits to be played.

use super::playback::SAMPLES_PER_MS;
use crate::{queue::Queue, time::Instant};

/// What of an epoch is queued, and since when; and how long all that was played had waited.
///
/// A speaker reports now and then how far it is. Between two reports it plays on: each sample was played as long before the report
/// as what lies between them lasts.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// Up to which sample of the epoch each chunk reaches, and when it came.
    chunks: Queue<(f64, Instant)>,
    queued: f64,
    played: f64,
    /// Milliseconds of all samples together.
    sum: f64,
}

impl Waits {
    pub(super) fn on_queued(&mut self, samples: f64, now: Instant) {
        self.queued += samples;
        if self.chunks.len() >= MOST_CHUNKS {
            // Its samples count as those of the next.
            self.chunks.pop_front();
        }
        self.chunks.push_back((self.queued, now));
    }

    /// So many samples of the epoch are played by now.
    pub(super) fn on_played(&mut self, position: f64, now: Instant) {
        while self.played < position
            && let Some(&(end, came)) = self.chunks.front()
        {
            let until = end.min(position);
            let ago_ms = (position - (self.played + until) / 2.0) / SAMPLES_PER_MS;
            self.sum += (until - self.played) * (now.ms_since(came) - ago_ms).max(0.0);
            self.played = until;
            if until == end {
                self.chunks.pop_front();
            }
        }
    }

    /// What is queued is not played any more.
    pub(super) fn on_flush(&mut self) {
        *self = Self { sum: self.sum, ..Self::default() };
    }

    /// Seconds of all samples that were played, together.
    pub(super) fn seconds(&self) -> f64 {
        self.sum / 1000.0
    }
}

/// An answer of five minutes, the most that waits, comes in fewer.
const MOST_CHUNKS: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(ms: f64) -> Instant {
        Instant::from_ms(ms)
    }

    #[test]
    fn each_sample_has_waited_from_its_coming_to_its_being_played() {
        let mut waits = Waits::default();
        // 100 ms come at once, as much again 50 ms later; playback starts at 20 ms.
        waits.on_queued(2_400.0, at(0.0));
        waits.on_queued(2_400.0, at(50.0));
        waits.on_played(0.0, at(20.0));
        waits.on_played(1_920.0, at(100.0));
        waits.on_played(4_800.0, at(220.0));
        // 20 to 120 ms after they came, and played at 120 to 220, 70 to 170 ms after: 70 ms on average.
        assert!((waits.seconds() - (2_400.0 * 0.070 + 2_400.0 * 0.120)).abs() < 1e-6, "{}", waits.seconds());
    }

    #[test]
    fn what_is_flushed_was_not_played() {
        let mut waits = Waits::default();
        waits.on_queued(24_000.0, at(0.0));
        waits.on_played(2_400.0, at(110.0));
        waits.on_flush();
        let seconds = waits.seconds();
        assert!((seconds - 2_400.0 * 0.060).abs() < 1e-6, "{seconds}");
        waits.on_played(2_400.0, at(500.0));
        assert_eq!(waits.seconds(), seconds, "nothing is queued");
        waits.on_queued(240.0, at(500.0));
        waits.on_played(240.0, at(520.0));
        assert!((waits.seconds() - seconds - 240.0 * 0.015).abs() < 1e-6);
    }

    #[test]
    fn no_more_chunks_are_kept_than_can_wait() {
        let mut waits = Waits::default();
        (0..MOST_CHUNKS + 10).for_each(|_| waits.on_queued(1.0, at(0.0)));
        assert_eq!(waits.chunks.len(), MOST_CHUNKS);
        let all = (MOST_CHUNKS + 10) as f64;
        waits.on_played(all, at(all / SAMPLES_PER_MS));
        assert!((waits.seconds() * 1000.0 - all * all / 2.0 / SAMPLES_PER_MS).abs() < 1.0);
    }
}
