//! "I asked for it and it never came": finds what of the setup demonstrably had no effect.
//!
//! A token that carries a setup makes the service ignore the connection's own, and the service says nothing
//! about it. What can be known is whether the things asked for show up in the first turn that was not
//! interrupted.

use crate::{event::Event, protocol::setup::Setup};

/// Milliseconds of speech, either way, below which a missing transcript proves nothing.
const SPEECH_MS: f64 = 500.0;
const SAMPLES_PER_MS: f64 = 24.0;
const FRAME_MS: f64 = 20.0;

/// What the first turn has shown so far.
#[derive(Debug)]
pub(super) struct Diagnosis {
    asked: Asked,
    /// 24 kHz samples of the answer.
    answer_samples: f64,
    has_text: bool,
    has_output_transcript: bool,
    has_input_transcript: bool,
    has_resumption_update: bool,
    has_foreign_activity: bool,
    /// Milliseconds of the person's voice that were sent.
    voice_ms: f64,
    /// The application sent something that can begin a turn without a voice.
    has_written: bool,
    was_interrupted: bool,
    is_done: bool,
}

/// What of the setup can be recognised in a conversation.
#[derive(Debug)]
struct Asked {
    audio: bool,
    text: bool,
    input_transcription: bool,
    output_transcription: bool,
    resumption: bool,
    manual_activity: bool,
}

impl Diagnosis {
    pub(super) fn new(setup: &Setup) -> Self {
        let modalities = setup.modalities();
        let asked = Asked {
            audio: modalities == ["AUDIO"],
            text: modalities == ["TEXT"],
            input_transcription: setup.wants_input_transcription(),
            output_transcription: setup.wants_output_transcription(),
            resumption: setup.wants_resumption(),
            manual_activity: setup.is_manual_activity(),
        };
        Self {
            asked,
            answer_samples: 0.0,
            has_text: false,
            has_output_transcript: false,
            has_input_transcript: false,
            has_resumption_update: false,
            has_foreign_activity: false,
            voice_ms: 0.0,
            has_written: false,
            was_interrupted: false,
            is_done: false,
        }
    }

    pub(super) fn on_voice(&mut self) {
        self.voice_ms += FRAME_MS;
    }

    /// The application sent a message.
    pub(super) fn on_message(&mut self, text: &str) {
        let is_mark = ["{\"realtimeInput\":{\"activity", "{\"realtimeInput\":{\"audioStreamEnd"]
            .iter()
            .any(|mark| text.starts_with(mark));
        self.has_written |= !is_mark;
    }

    pub(super) fn on_answer_audio(&mut self, samples: f64) {
        self.answer_samples += samples;
    }

    /// Looks at what came. At the end of the first whole turn it says what is missing, once.
    pub(super) fn on_event(&mut self, event: &Event) -> Option<Event> {
        match event {
            Event::Text { .. } => self.has_text = true,
            Event::OutputTranscription(_) => self.has_output_transcript = true,
            Event::InputTranscription(_) | Event::InterimInputTranscription(_) => {
                self.has_input_transcript = true
            }
            Event::SessionResumptionUpdate { .. } => self.has_resumption_update = true,
            // With detection off the service has no activity of its own to tell of.
            Event::VoiceActivity { .. } => self.has_foreign_activity |= self.asked.manual_activity,
            Event::Interrupted { .. } => self.was_interrupted = true,
            Event::TurnComplete { .. } => return self.on_turn_complete(),
            _ => {}
        }
        None
    }

    fn on_turn_complete(&mut self) -> Option<Event> {
        if std::mem::take(&mut self.was_interrupted) || self.is_done {
            // An interrupted turn may lack anything.
            self.answer_samples = 0.0;
            self.voice_ms = 0.0;
            self.has_text = false;
            return None;
        }
        self.is_done = true;
        let missing = self.missing();
        if missing.is_empty() {
            None
        } else {
            Some(Event::Diagnosis { missing, message: MESSAGE, remedy: REMEDY })
        }
    }

    fn missing(&self) -> Vec<&'static str> {
        let asked = &self.asked;
        let has_spoken = self.answer_samples / SAMPLES_PER_MS >= SPEECH_MS;
        let was_spoken_to = self.voice_ms >= SPEECH_MS && !self.has_written;
        let wrong_modality = asked.audio && self.answer_samples == 0.0 && self.has_text
            || asked.text && self.answer_samples > 0.0 && !self.has_text;
        let findings = [
            (
                "inputAudioTranscription",
                asked.input_transcription && was_spoken_to && !self.has_input_transcript,
            ),
            (
                "outputAudioTranscription",
                asked.output_transcription && has_spoken && !self.has_output_transcript,
            ),
            ("sessionResumption", asked.resumption && !self.has_resumption_update),
            ("generationConfig.responseModalities", wrong_modality),
            ("realtimeInputConfig.automaticActivityDetection", self.has_foreign_activity),
        ];
        findings.into_iter().filter_map(|(field, is_missing)| is_missing.then_some(field)).collect()
    }
}

const MESSAGE: &str = "What the config asked for had no effect by the end of the first turn. Most likely the \
    ephemeral token carries a setup of its own: the service then ignores the connection's, without a word.";
const REMEDY: &str = "Put the whole setup into the token (bidiGenerateContentSetup, under its wire names), or \
    make the token without one. If the token has no setup, the model does not support the field.";
