//! When the user talks: push-to-talk, and what this side hears of it.

use std::time::Duration;

use super::{Session, policy::Policy};
use crate::{
    event::LocalEvent,
    protocol::{
        client::ACTIVITY_START,
        message::{Kind, Mark, Message},
    },
    time::Instant,
};

/// Push-to-talk. Who presses the button has often begun to speak already: what came right before is kept for it.
#[derive(Debug, Default)]
pub(super) struct Talk {
    /// The microphone is heard only while the user is said to talk.
    is_wanted: bool,
    is_talking: bool,
    /// Samples, the latest last, and when those came.
    before: Vec<i16>,
    latest: Instant,
}

impl Talk {
    pub(super) fn new(policy: &Policy) -> Self {
        Self { is_wanted: policy.push_to_talk, ..Self::default() }
    }

    /// What was said so far was said before a mute, to another microphone or to nobody: no press may bring it out.
    pub(super) fn forget(&mut self) {
        self.before.clear();
    }

    /// What nothing followed for longer than is kept was said too long ago.
    fn forget_old(&mut self, longest: Duration, now: Instant) {
        if self.latest + longest < now {
            self.forget();
        }
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
    /// An answer was paused for it: that is done once.
    has_paused: bool,
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
        self.begin_activity();
        self.talk.forget_old(self.policy.pre_roll, self.now);
        for frame in std::mem::take(&mut self.talk.before).chunks(self.policy.frame_samples()) {
            self.hear(frame);
        }
    }

    /// The microphone is heard again, while the user is said to talk: the activity ended when it fell silent.
    pub(super) fn resume_talk(&mut self) {
        if self.talk.is_talking && self.life.is_live() {
            self.begin_activity();
        }
    }

    fn begin_activity(&mut self) {
        // Nothing could be heard in it: it would only interrupt.
        let is_heard = !self.microphone.is_muted();
        if is_heard && self.microphone.is_manual() && !self.microphone.is_activity_open() {
            let kind = Kind::Mark(Mark::ActivityStart);
            self.on_send(Message { kind, text: ACTIVITY_START.to_owned() });
        }
    }

    /// Keeps what is said while nobody is said to talk. Says whether it did.
    pub(super) fn keeps_for_talk(&mut self, samples: &[i16]) -> bool {
        if !self.talk.is_wanted || self.talk.is_talking {
            return false;
        }
        let longest = self.policy.pre_roll;
        let talk = &mut self.talk;
        talk.forget_old(longest, self.now);
        talk.latest = self.now;
        talk.before.extend_from_slice(samples);
        // By samples, not by frames: what a busy page takes in late comes as one.
        let most = longest.as_millis() as usize * SAMPLES_PER_MS;
        talk.before.drain(..talk.before.len().saturating_sub(most));
        true
    }

    /// A frame was heard. One frame alone is a click.
    pub(super) fn on_speech(&mut self, is_voice: bool) {
        let (now, end) = (self.now, self.speech_end());
        let speech = &mut self.speech;
        if !is_voice {
            speech.voiced = 0;
            if end <= now {
                self.end_speech();
            }
            return;
        }
        speech.voiced += 1;
        if !speech.is_told && speech.voiced == 1 {
            speech.began = now;
        }
        speech.last = now;
        let (lasted, has_paused) = (FRAME * speech.voiced, speech.has_paused);
        if !speech.is_told && speech.voiced >= LEAST_VOICED && !self.policy.speech_pause.is_zero() {
            speech.is_told = true;
            self.emit(LocalEvent::UserSpeechStart {});
        }
        self.speech.has_paused = has_paused || self.on_voice_over_answer(lasted);
    }

    /// When the user is taken to have stopped speaking, unless a voice is heard until then.
    pub(super) fn speech_end(&self) -> Instant {
        self.speech.last + self.policy.speech_pause
    }

    /// When a voice is over of whose microphone nothing comes any more, not even silence: a tab that was frozen, a stream that ended.
    pub(super) fn speech_deadline(&self) -> Option<Instant> {
        let pause = self.policy.speech_pause;
        // Frames that are only late have the first pause for themselves.
        self.speech.is_told.then_some(self.speech.last + pause + pause)
    }

    pub(super) fn end_speech_on_time(&mut self) {
        if self.speech_deadline().is_some_and(|due| due <= self.now) {
            self.end_speech();
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

const SAMPLES_PER_MS: usize = 16;
const FRAME: Duration = Duration::from_millis(20);
/// 60 ms.
const LEAST_VOICED: u32 = 3;
