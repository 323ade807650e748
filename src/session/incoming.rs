//! What the server says, and what follows from it.

use super::{Action, Session, Stage};
use crate::{
    error::{Code, Error, Warning, WarningCode},
    event::Event,
    protocol::server::{self, AudioChunk, Item},
};

impl Session {
    pub(super) fn on_frame(&mut self, bytes: &[u8]) {
        if !matches!(self.stage, Stage::SettingUp { .. } | Stage::Open | Stage::Closing { .. }) {
            return;
        }
        self.stats.messages_received = self.stats.messages_received.saturating_add(1);
        self.stats.bytes_received += bytes.len() as f64;
        if bytes.len() > self.policy.frame_bytes {
            return self.fail(frame_too_large(bytes.len(), self.policy.frame_bytes));
        }
        match server::decode(bytes) {
            Ok(items) => items.into_iter().for_each(|item| self.on_item(item)),
            Err(error) => {
                self.stats.malformed_messages = self.stats.malformed_messages.saturating_add(1);
                self.warn(Warning::new(WarningCode::MalformedFrame, malformed_text(&error.0)));
            }
        }
    }

    fn on_item(&mut self, item: Item) {
        let event = match item {
            Item::Audio(audio) => return self.on_answer_audio(audio),
            Item::Event(event) => event,
        };
        let diagnosis = self.diagnosis.on_event(&event);
        self.on_server_event(event);
        if let Some(diagnosis) = diagnosis {
            self.emit(diagnosis);
        }
    }

    fn on_server_event(&mut self, event: Event) {
        match event {
            Event::SetupComplete { .. } => self.on_setup_complete(event),
            Event::Interrupted { .. } => {
                self.playback_failures.clear();
                let heard_ms = self.turn.on_interrupted();
                self.actions.push_back(Action::Void { generation: self.turn.generation() });
                self.emit(Event::Interrupted { heard_ms });
            }
            Event::GenerationComplete { .. } => {
                self.actions.push_back(Action::Finish);
                self.emit(event);
            }
            Event::TurnComplete { .. } => {
                self.actions.push_back(Action::Finish);
                self.emit(event);
                self.playback_failures.clear();
                let heard = self.turn.on_complete();
                self.on_heard(heard);
            }
            other => self.emit(other),
        }
    }

    fn on_setup_complete(&mut self, event: Event) {
        if matches!(self.stage, Stage::SettingUp { .. }) {
            self.enter(Stage::Open);
            self.emit(event);
        }
    }

    fn on_answer_audio(&mut self, audio: AudioChunk) {
        let samples = audio.samples_at_24_khz();
        self.stats.playback_samples_received += samples;
        self.diagnosis.on_answer_audio(samples);
        if self.has_speaker {
            self.turn.on_audio(samples);
            return self.actions.push_back(Action::Play { generation: self.turn.generation(), audio });
        }
        self.stats.playback_samples_unheard += samples;
        if !self.is_unheard_reported {
            self.is_unheard_reported = true;
            self.warn(Warning::new(
                WarningCode::NoSpeaker,
                "Audio arrives and no speaker is open: call openSpeaker().",
            ));
        }
    }
}

fn malformed_text(detail: &str) -> String {
    ["A message from the server was not understood and left out: ", detail].concat()
}

/// The failure of a session whose server sends more in one message than is taken: for shells that can tell how long a
/// message is before they copy it.
#[must_use]
pub fn frame_too_large(bytes: usize, bound: usize) -> Error {
    Error::new(
        Code::FrameTooLarge,
        [
            "The server sent a message of ",
            &bytes.to_string(),
            " bytes; the bound is ",
            &bound.to_string(),
            ".",
        ]
        .concat(),
    )
    .with_remedy("Check that the endpoint is the Live API.")
}
