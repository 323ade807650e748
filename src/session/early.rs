//! What the service says while no speaker is open: a greeting, the rest of a resumed answer.

use std::time::Duration;

use super::Session;
use crate::{
    audio::pcm::Pcm,
    error::{Warning, WarningCode},
    queue::Queue,
    time::Instant,
};

/// Audio that waits for a speaker: for so long as one may be on its way, and no longer. Who opens a speaker minutes
/// later does not want to hear the answers of then.
#[derive(Debug, Default)]
pub(super) struct Early {
    chunks: Queue<(Instant, Pcm)>,
    samples: f64,
}

impl Early {
    pub(super) fn push(&mut self, audio: Pcm, now: Instant) {
        self.samples += audio.samples_at_24_khz();
        self.chunks.push_back((now, audio));
    }

    /// Drops what has waited for longer than `keep`, or is too much. Returns how many samples that was.
    pub(super) fn drop_stale(&mut self, keep: Duration, now: Instant) -> f64 {
        let before = self.samples;
        while let Some((since, audio)) = self.chunks.front()
            && (*since + keep <= now || self.samples > MOST_SAMPLES)
        {
            self.samples -= audio.samples_at_24_khz();
            self.chunks.pop_front();
        }
        before - self.samples
    }

    /// Takes everything out.
    pub(super) fn take(&mut self) -> (Queue<(Instant, Pcm)>, f64) {
        (std::mem::take(&mut self.chunks), std::mem::take(&mut self.samples))
    }

    pub(super) fn deadline(&self, keep: Duration) -> Option<Instant> {
        self.chunks.front().map(|(since, _)| *since + keep)
    }
}

impl Session {
    /// A speaker is there: what was said in the meantime is played.
    pub(super) fn play_early_audio(&mut self) {
        self.drop_early_audio();
        self.is_loss_told = false;
        let (mut chunks, _) = self.early.take();
        let is_any = !chunks.is_empty();
        while let Some((_, audio)) = chunks.pop_front() {
            self.play(audio);
        }
        if is_any && self.turn.is_complete() {
            self.finish_playback();
        }
    }

    /// Gives up what has waited in vain.
    pub(super) fn drop_early_audio(&mut self) {
        let dropped = self.early.drop_stale(self.policy.keep_answers, self.now);
        if dropped == 0.0 {
            return;
        }
        self.stats.playback_samples_discarded += dropped;
        self.tell_loss();
    }

    /// Audio was dropped that nobody has heard.
    pub(super) fn tell_loss(&mut self) {
        if !self.is_loss_told {
            self.is_loss_told = true;
            self.warn(Warning::new(WarningCode::NoSpeaker, NO_SPEAKER));
        }
    }

    /// Nobody will hear what waits.
    pub(super) fn discard_early_audio(&mut self) {
        let (_, samples) = self.early.take();
        self.stats.playback_samples_discarded += samples;
    }
}

/// One minute. The service may say it in a few seconds.
const MOST_SAMPLES: f64 = 60.0 * 24_000.0;
const NO_SPEAKER: &str = "Audio of the service was dropped: no speaker was open, or the browser did not let it play. Call \
    openSpeaker(), or resumeAudio() from a click.";
