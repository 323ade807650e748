//! When the user talks: push-to-talk, and what this side hears of it.

use super::{Session, policy::Policy};
use crate::{
    audio::uplink::FRAME_SAMPLES,
    event::LocalEvent,
    protocol::{
        client::ACTIVITY_START,
        message::{Kind, Mark, Message},
    },
    queue::Queue,
    time::Instant,
};

/// Push-to-talk. Who presses the button has often begun to speak already: what came right before is kept for it.
#[derive(Debug, Default)]
pub(super) struct Talk {
    /// The microphone is heard only while the user is said to talk.
    is_wanted: bool,
    is_talking: bool,
    before: Queue<Vec<i16>>,
}

impl Talk {
    pub(super) fn new(policy: &Policy) -> Self {
        Self { is_wanted: policy.push_to_talk, ..Self::default() }
    }
}

/// Whether a voice is heard, bridged over the pauses between words.
#[derive(Debug, Default)]
pub(super) struct Speech {
    /// Frames with a voice in a row.
    voiced: u32,
    began: Instant,
    last: Instant,
    is_told: bool,
}

impl Session {
    /// The user begins or stops to talk. From the first time on the microphone is heard only in between.
    pub(super) fn on_talk(&mut self, is_talking: bool) {
        self.talk.is_wanted = true;
        let is_new = std::mem::replace(&mut self.talk.is_talking, is_talking) != is_talking;
        if !is_new || !self.life.is_live() {
            return;
        }
        if !is_talking {
            // With automatic detection silence ends the turn, else the mark.
            return self.fall_silent();
        }
        if self.setup.is_manual_activity() {
            let kind = Kind::Mark(Mark::ActivityStart);
            self.on_send(Message { kind, text: ACTIVITY_START.to_owned() });
        }
        while let Some(samples) = self.talk.before.pop_front() {
            self.hear(&samples);
        }
    }

    /// Keeps what is said while nobody is said to talk. Says whether it did.
    pub(super) fn keeps_for_talk(&mut self, samples: &[i16]) -> bool {
        if !self.talk.is_wanted || self.talk.is_talking {
            return false;
        }
        let most = self.policy.pre_roll.as_millis() as usize * FRAME_SAMPLES / FRAME_MS;
        self.talk.before.push_back(samples.to_vec());
        while self.talk.before.len() * FRAME_SAMPLES > most {
            self.talk.before.pop_front();
        }
        true
    }

    /// A frame was heard. One frame alone is a click.
    pub(super) fn on_speech(&mut self, is_voice: bool) {
        let (now, speech) = (self.now, &mut self.speech);
        if self.policy.speech_pause.is_zero() {
            return;
        }
        if !is_voice {
            speech.voiced = 0;
            if speech.is_told && speech.last + self.policy.speech_pause <= now {
                self.end_speech();
            }
            return;
        }
        speech.voiced += 1;
        if !speech.is_told && speech.voiced == 1 {
            speech.began = now;
        }
        speech.last = now;
        if !speech.is_told && speech.voiced >= LEAST_VOICED {
            speech.is_told = true;
            self.emit(LocalEvent::UserSpeechStart {});
        }
    }

    /// The user has stopped speaking, or is not heard any more.
    pub(super) fn end_speech(&mut self) {
        let Speech { began, last, is_told, .. } = std::mem::take(&mut self.speech);
        if is_told {
            self.emit(LocalEvent::UserSpeechEnd { duration_ms: last.ms_since(began) });
        }
    }
}

const FRAME_MS: usize = 20;
/// 60 ms.
const LEAST_VOICED: u32 = 3;
