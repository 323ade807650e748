//! A user who speaks and is not heard: the microphone is muted, and nobody told them.

use std::time::Duration;

use super::Session;
use crate::{event::LocalEvent, time::Instant};

/// What is said into a muted microphone.
#[derive(Debug, Default)]
pub(super) struct Unheard {
    /// Frames with a voice, less those without: a cough is no speech, and a pause between words does not end it.
    spoken: u32,
    /// Not to be told before.
    due: Instant,
}

impl Session {
    /// The microphone was muted: who has just pressed the button may be at the end of a sentence.
    pub(super) fn on_muted(&mut self) {
        self.unheard = Unheard { spoken: 0, due: self.now + SENTENCE };
    }

    /// What a muted microphone gives goes no further than here.
    pub(super) fn on_unheard(&mut self, samples: &[i16]) {
        let mut rest = samples;
        while let Some(is_voice) = self.microphone.is_voice(&mut rest) {
            self.on_unheard_frame(is_voice);
        }
    }

    fn on_unheard_frame(&mut self, is_voice: bool) {
        let Unheard { spoken, due } = &mut self.unheard;
        *spoken = if is_voice { *spoken + 1 } else { spoken.saturating_sub(1) };
        if *due > self.now || self.policy.speech_pause.is_zero() {
            *spoken = 0;
        } else if *spoken >= SPOKEN {
            *due = self.now + AGAIN;
            self.emit(LocalEvent::SpeechWhileMuted {});
        }
    }
}

/// Frames of 20 ms: 300 ms of speech.
const SPOKEN: u32 = 15;
const SENTENCE: Duration = Duration::from_secs(1);
const AGAIN: Duration = Duration::from_secs(10);
