//! One answer: what is queued of it, what was heard of it, when it is over.

use super::io::Playback;
use crate::time::Instant;

/// Samples in a millisecond of the wire's output rate.
const SAMPLES_PER_MS: f64 = 24.0;

/// Follows the answer that is being given.
///
/// An answer has a generation. The server's `interrupted` starts the next one, and whatever still
/// carries the old number is void wherever it is found.
#[derive(Debug, Default)]
pub(super) struct Turn {
    generation: u32,
    last: Playback,
    /// `played` when this answer began.
    baseline: f64,
    has_audio: bool,
    is_playing: bool,
    is_complete: bool,
    /// The person was last heard to speak here.
    voice: Option<Instant>,
}

/// What a report from the speaker meant.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    Nothing,
    /// The first sample came out; milliseconds since the person stopped speaking.
    Started(Option<f64>),
    /// The answer was heard to its end.
    Ended {
        heard_ms: f64,
    },
}

impl Turn {
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    pub(super) fn on_voice(&mut self, now: Instant) {
        self.voice = Some(now);
    }

    /// So many samples of the answer are queued. The first of a new answer start the count; one that
    /// follows while the last is still heard continues it.
    pub(super) fn on_audio(&mut self, samples: f64) {
        self.is_complete = false;
        // Until the speaker reports again, it cannot have run dry.
        self.last.waiting += samples;
        if !self.has_audio {
            self.has_audio = true;
            self.baseline = self.last.played;
        }
    }

    /// The server ended the turn. Returns the end if the speaker is silent already.
    pub(super) fn on_complete(&mut self) -> Heard {
        self.is_complete = true;
        self.end_if_drained()
    }

    /// The person spoke over the answer. Returns what was heard of it, if it had audio.
    pub(super) fn on_interrupted(&mut self) -> Option<f64> {
        let heard = self.has_audio.then(|| self.heard_ms());
        self.generation = self.generation.wrapping_add(1);
        self.has_audio = false;
        self.is_playing = false;
        heard
    }

    /// The speaker is gone: nothing more will be heard.
    pub(super) fn on_speaker_closed(&mut self) -> Heard {
        let heard = if self.has_audio && self.is_playing {
            Heard::Ended { heard_ms: self.heard_ms() }
        } else {
            Heard::Nothing
        };
        self.has_audio = false;
        self.is_playing = false;
        self.last = Playback::default();
        self.baseline = 0.0;
        heard
    }

    pub(super) fn on_played(&mut self, playback: Playback, now: Instant) -> Heard {
        self.last = playback;
        if playback.is_playing && self.has_audio && !self.is_playing {
            self.is_playing = true;
            return Heard::Started(self.voice.take().map(|voice| now.ms_since(voice)));
        }
        self.end_if_drained()
    }

    fn end_if_drained(&mut self) -> Heard {
        let is_drained = self.last.waiting <= 0.0 && !self.last.is_playing;
        if !(self.is_complete && self.has_audio && self.is_playing && is_drained) {
            return Heard::Nothing;
        }
        let heard_ms = self.heard_ms();
        self.has_audio = false;
        self.is_playing = false;
        Heard::Ended { heard_ms }
    }

    fn heard_ms(&self) -> f64 {
        (self.last.played - self.baseline).max(0.0) / SAMPLES_PER_MS
    }
}
