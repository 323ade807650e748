//! What the speaker reports, and what follows from it.

use super::{Playback, Session, Stage, turn::Heard};
use crate::{
    error::{Code, Error, Warning, WarningCode},
    event::Event,
};

impl Session {
    pub(super) fn on_speaker(&mut self, is_open: bool) {
        self.has_speaker = is_open;
        if !is_open && self.stage != Stage::Closed {
            let heard = self.turn.on_speaker_closed();
            self.on_heard(heard);
        }
    }

    pub(super) fn on_played(&mut self, playback: Playback) {
        self.stats.playback_samples_played = playback.played;
        self.stats.underruns = playback.concealment_events;
        self.stats.concealed_samples = playback.concealed_samples;
        let heard = self.turn.on_played(playback, self.now);
        self.on_heard(heard);
    }

    pub(super) fn on_heard(&mut self, heard: Heard) {
        match heard {
            Heard::Nothing => {}
            Heard::Started(latency_ms) => {
                self.stats.turn_latency_ms = latency_ms.or(self.stats.turn_latency_ms);
                self.emit(Event::PlaybackStarted { latency_ms });
            }
            Heard::Ended { heard_ms } => self.emit(Event::PlaybackEnded { heard_ms }),
        }
    }

    /// Says each kind of failure once per answer: it meets every chunk alike, and a frame may hold thousands of them.
    pub(super) fn on_playback_failed(&mut self, error: &Error) {
        if self.playback_failures.contains(&error.code) {
            return;
        }
        self.playback_failures.push(error.code);
        let code = match error.code {
            Code::PlaybackOverflow => WarningCode::PlaybackOverflow,
            _ => WarningCode::MalformedAudio,
        };
        self.warn(Warning::new(code, error.to_string()));
    }
}
