//! "I asked for it and it never came": finds what of the setup demonstrably had no effect.
//!
//! A token that carries a setup makes the service ignore the connection's own, and the service says nothing
//! about it. What can be known is whether the things asked for show up in a turn that was not interrupted.

use std::time::Duration;

use crate::{
    event::LocalEvent,
    protocol::{message::Kind, server::EventKind, setup::Setup},
    time::Instant,
};

/// Milliseconds of speech, either way, below which a missing transcript proves nothing.
const SPEECH_MS: f64 = 500.0;
const ANSWER_SAMPLES_PER_MS: f64 = 24.0;
const VOICE_SAMPLES_PER_MS: f64 = 16.0;

/// What the conversation has shown so far.
#[derive(Debug)]
pub(super) struct Diagnosis {
    asked: Asked,
    turn: Evidence,
    has_output_transcript: bool,
    has_input_transcript: bool,
    has_resumption_update: bool,
    has_foreign_activity: bool,
    /// When the first whole turn was complete.
    first_turn: Option<Instant>,
    /// Client content is the past, which is not answered, until one completes it.
    is_history_open: bool,
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

/// What one turn has shown.
#[derive(Debug, Default)]
struct Evidence {
    /// 24 kHz samples of the answer.
    answer_samples: f64,
    has_text: bool,
    /// Milliseconds of the user's voice.
    voice_ms: f64,
    /// The application said something that begins a turn without a voice.
    is_written: bool,
    is_interrupted: bool,
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
            turn: Evidence::default(),
            has_output_transcript: false,
            has_input_transcript: false,
            has_resumption_update: false,
            has_foreign_activity: false,
            first_turn: None,
            is_history_open: setup.takes_history(),
            is_done: false,
        }
    }

    /// So many samples of the user's voice came from the microphone.
    pub(super) fn on_voice(&mut self, samples: usize) {
        self.turn.voice_ms += samples as f64 / VOICE_SAMPLES_PER_MS;
    }

    pub(super) fn on_sent(&mut self, kind: &Kind) {
        if let Kind::Content { completes_turn } = kind
            && self.is_history_open
        {
            self.is_history_open = !completes_turn;
        } else {
            self.turn.is_written |= kind.begins_turn();
        }
    }

    pub(super) fn on_answer_audio(&mut self, samples: f64) {
        self.turn.answer_samples += samples;
    }

    /// Looks at what came. When something is missing for certain it says so, once.
    pub(super) fn on_event(&mut self, kind: EventKind, now: Instant) -> Option<LocalEvent> {
        match kind {
            EventKind::Text => self.turn.has_text = true,
            EventKind::OutputTranscription => self.has_output_transcript = true,
            EventKind::InputTranscription | EventKind::InterimInputTranscription => {
                self.has_input_transcript = true
            }
            EventKind::SessionResumptionUpdate => self.has_resumption_update = true,
            // With detection off the service has no activity of its own to tell of.
            EventKind::VoiceActivity => self.has_foreign_activity |= self.asked.manual_activity,
            EventKind::Interrupted => self.turn.is_interrupted = true,
            EventKind::TurnComplete => return self.on_turn_complete(now),
            _ => {}
        }
        None
    }

    /// A handle comes every now and then, and none while the model speaks: the first turn may be over before it.
    pub(super) fn on_time(&mut self, now: Instant) -> Option<LocalEvent> {
        let is_due = self.deadline().is_some_and(|due| due <= now);
        is_due.then(|| self.conclude(vec![RESUMPTION])).flatten()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let is_awaited = !self.is_done && self.is_resumption_missing();
        self.first_turn.filter(|_| is_awaited).map(|first| first + HANDLE_PATIENCE)
    }

    fn on_turn_complete(&mut self, now: Instant) -> Option<LocalEvent> {
        let turn = std::mem::take(&mut self.turn);
        // An interrupted turn may lack anything.
        if turn.is_interrupted || self.is_done {
            return None;
        }
        let is_first = self.first_turn.is_none();
        let missing = self.missing(&turn, is_first);
        self.first_turn.get_or_insert(now);
        self.conclude(missing)
    }

    fn conclude(&mut self, missing: Vec<&'static str>) -> Option<LocalEvent> {
        if missing.is_empty() {
            return None;
        }
        self.is_done = true;
        Some(LocalEvent::Diagnosis { missing, message: MESSAGE, remedy: REMEDY })
    }

    fn missing(&self, turn: &Evidence, is_first: bool) -> Vec<&'static str> {
        let asked = &self.asked;
        let has_spoken = turn.answer_samples / ANSWER_SAMPLES_PER_MS >= SPEECH_MS;
        let was_spoken_to = turn.voice_ms >= SPEECH_MS && !turn.is_written;
        // Later turns may be of any kind: after a function call, or of code that the model ran.
        let wrong_modality = is_first
            && (asked.audio && turn.answer_samples == 0.0 && turn.has_text
                || asked.text && turn.answer_samples > 0.0 && !turn.has_text);
        let findings = [
            (
                "inputAudioTranscription",
                asked.input_transcription && was_spoken_to && !self.has_input_transcript,
            ),
            (
                "outputAudioTranscription",
                asked.output_transcription && has_spoken && !self.has_output_transcript,
            ),
            ("generationConfig.responseModalities", wrong_modality),
            ("realtimeInputConfig.automaticActivityDetection", self.has_foreign_activity),
        ];
        let mut missing: Vec<_> =
            findings.into_iter().filter_map(|(field, is_missing)| is_missing.then_some(field)).collect();
        // By itself it proves nothing yet after one turn; beside others it does.
        if self.is_resumption_missing() && (!is_first || !missing.is_empty()) {
            missing.push(RESUMPTION);
        }
        missing
    }

    fn is_resumption_missing(&self) -> bool {
        self.asked.resumption && !self.has_resumption_update
    }
}

const RESUMPTION: &str = "sessionResumption";
/// The service gives a handle about every second.
const HANDLE_PATIENCE: Duration = Duration::from_secs(10);
const MESSAGE: &str = "What the config asked for had no effect. Most likely the \
    ephemeral token carries a setup of its own: the service then ignores the connection's, without a word.";
const REMEDY: &str = "Put the whole setup into the token (bidiGenerateContentSetup, under its wire names), or \
    make the token without one. If the token has no setup, the model does not support the field.";
