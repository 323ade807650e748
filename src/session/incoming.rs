//! What the server says, and what follows from it.

use super::{Action, ConnId, Session, life::Life, link::Stage};
use crate::{
    audio::pcm::{self, Pcm},
    error::{Code, Error, Warning, WarningCode},
    event::LocalEvent,
    json::{Map, Number, Value, digits},
    protocol::server::{self, AudioChunk, EventKind, Item, ServerEvent},
};

impl Session {
    pub(super) fn on_frame(&mut self, conn: ConnId, bytes: &[u8]) {
        if !self.link(conn).is_some_and(|link| link.stage.is_offered()) {
            return;
        }
        self.on_sign_of_life(conn);
        self.stats.messages_received = self.stats.messages_received.saturating_add(1);
        self.stats.bytes_received += bytes.len() as f64;
        if bytes.len() > self.policy.frame_bytes {
            return self.fail(frame_too_large(bytes.len(), self.policy.frame_bytes));
        }
        match server::decode(bytes) {
            Ok(items) => {
                items.into_iter().for_each(|item| self.on_item(conn, item));
                self.keep_budget();
            }
            Err(error) => self.on_malformed(conn, &error.0),
        }
    }

    fn on_malformed(&mut self, conn: ConnId, detail: &str) {
        self.stats.malformed_messages = self.stats.malformed_messages.saturating_add(1);
        if let Some(link) = self.link(conn)
            && let Stage::Offering { is_garbled } = &mut link.stage
        {
            *is_garbled = true;
        }
        let message = ["A message from the server was not understood and left out: ", detail].concat();
        self.warn(Warning::new(WarningCode::MalformedFrame, message));
    }

    fn on_item(&mut self, conn: ConnId, item: Item) {
        let event = match item {
            Item::Audio(audio) => return self.on_answer_audio(audio),
            Item::Event(event) => event,
        };
        let Some(event) = self.ledger.news(conn, event) else { return };
        let diagnosis = self.diagnosis.on_event(event.kind, self.now);
        self.hear_turn(&event);
        self.on_server_event(conn, event);
        if let Some(diagnosis) = diagnosis {
            self.emit(diagnosis);
        }
    }

    fn on_server_event(&mut self, conn: ConnId, event: ServerEvent) {
        if event.kind == EventKind::InputTranscription {
            self.turn.on_heard();
        }
        // Late words open no turn: nothing would complete it.
        let is_late = event.kind == EventKind::OutputTranscription && self.turn.is_just_complete(self.now);
        if is_content(&event) && !is_late {
            self.on_content();
        }
        if ends_answer(event.kind) {
            self.liveness.on_answered();
        }
        match event.kind {
            EventKind::SetupComplete => self.on_setup_complete(conn, event),
            EventKind::Interrupted => self.on_interrupted(),
            EventKind::GenerationComplete => {
                self.turn.on_generated();
                self.finish_playback();
                self.emit(event);
            }
            EventKind::ToolCall => {
                self.ledger.on_calls(conn, event.calls(), self.now);
                // The model says no more before it has the answer: that is a pause, and no fault of the network.
                self.finish_playback();
                self.emit(event);
            }
            EventKind::ToolCallCancellation => {
                self.ledger.on_cancelled(event.ids());
                self.emit(event);
                self.send_waiting();
            }
            EventKind::TurnComplete => {
                self.has_begun = true;
                self.on_turn_complete(event);
            }
            EventKind::GoAway => {
                let time_left = event.text("timeLeft").map(str::to_owned);
                self.emit(event);
                self.on_go_away(conn, time_left.as_deref());
            }
            EventKind::SessionResumptionUpdate => {
                if self.resumption.on_update(&event) {
                    let Self { ledger, links, .. } = self;
                    ledger.on_handle(|message| links.iter().any(|link| link.unsent.holds(message)));
                }
                self.emit(event);
            }
            EventKind::OutputTranscription => {
                let mut event = event;
                if let Some(ms) = self.turns.audio_ms() {
                    event.fields.insert("audioMs".to_owned(), Number::from_thousandths(ms).into());
                }
                self.emit(event);
            }
            EventKind::UsageMetadata => {
                let usage = event.fields.clone();
                self.emit(event);
                self.on_usage(&usage);
            }
            _ => self.emit(event),
        }
    }

    /// The model says something, in whatever form.
    fn on_content(&mut self) {
        self.turn.on_content();
        // Models that complete no turn owe nothing, and a link that is being left does not any more.
        let is_owed = !self.turns.is_endless() && !self.turn.is_condemned(self.now);
        self.liveness.on_content(is_owed && self.life == Life::Open, self.now);
        self.trust.on_content();
    }

    fn on_setup_complete(&mut self, conn: ConnId, event: ServerEvent) {
        let Some(link) = self.link(conn).filter(|link| matches!(link.stage, Stage::Offering { .. })) else {
            return;
        };
        link.stage = Stage::Ready;
        if self.life == Life::Reconnecting {
            return self.on_rotated();
        }
        self.retry.is_offline = false;
        self.enter(Life::Open);
        self.emit(event);
        if self.policy.fresh_if_stale && self.rotation.is_fresh {
            self.emit(self.restarted(None, 0.0, 0.0));
        }
    }

    fn on_interrupted(&mut self) {
        self.turn.on_interrupted(self.now);
        self.on_barge_in_confirmed();
        self.discard_early_audio();
        let mut fields = Map::new();
        if let Some(played_ms) = self.flush_playback() {
            fields.set("playedMs", Number::from_thousandths(played_ms).into());
        }
        self.emit(ServerEvent { kind: EventKind::Interrupted, fields });
    }

    /// The application wants to hear no more of the answer. No message of the wire says so: it is told nobody, and what comes of
    /// it is dropped.
    pub(super) fn on_interrupt(&mut self) {
        if !self.life.is_live() {
            return;
        }
        self.turn.on_silenced(self.turns.is_endless(), self.now);
        self.turns.interrupt(self.heard_position());
        self.discard_early_audio();
        if let Some(played_ms) = self.flush_playback() {
            self.emit(LocalEvent::PlaybackEnded { played_ms });
        }
    }

    fn on_turn_complete(&mut self, event: ServerEvent) {
        // The completion of an interrupted turn may come when the next answer has begun, and must not end that.
        let is_present = self.turn.on_complete(self.now);
        if is_present {
            self.finish_playback();
        }
        self.emit(event);
        if is_present {
            let heard = self.player.on_time(true, self.now);
            self.on_heard(heard);
        }
    }

    fn on_answer_audio(&mut self, AudioChunk { data, rate_hz }: AudioChunk) {
        // Once, and whether or not it is wanted: how much it is says only who reads it.
        let audio = pcm::from_base64(&data, rate_hz);
        let samples = audio.as_ref().map_or(0.0, Pcm::samples_at_24_khz);
        self.has_begun = true;
        self.on_content();
        self.stats.playback_samples_received += samples;
        self.diagnosis.on_answer_audio(samples);
        let is_heard = self.turn.on_audio(self.now);
        self.turns.on_audio(samples, !is_heard, self.now);
        let is_wanted = is_heard && self.life.is_live();
        match audio {
            _ if !is_wanted => self.stats.playback_samples_discarded += samples,
            Err(error) => self.warn_of_audio(&error),
            Ok(audio) if self.has_speaker => self.play(audio),
            Ok(audio) => {
                self.early.push(audio, self.now);
                self.drop_early_audio();
            }
        }
    }

    pub(super) fn play(&mut self, audio: Pcm) {
        let samples = audio.samples_at_24_khz();
        self.player.on_audio(samples, self.now);
        let place = self.turns.on_queued(samples);
        self.actions.push_back(Action::Play { epoch: self.player.epoch(), place, audio });
    }

    pub(super) fn finish_playback(&mut self) {
        self.actions.push_back(Action::Finish);
    }

    /// Where playback ends if it is flushed now.
    pub(super) fn heard_position(&self) -> f64 {
        self.player.end(self.barge_in.heard_until(self.now), self.barge_in.is_paused())
    }

    /// Silences the speaker. Returns what of the answer was played.
    pub(super) fn flush_playback(&mut self) -> Option<f64> {
        let until = self.barge_in.heard_until(self.now);
        let position = self.heard_position();
        self.turns.on_played(position);
        self.turns.on_flush(self.player.epoch());
        let played_ms = self.player.on_flush(position, until);
        self.actions.push_back(Action::Flush { epoch: self.player.epoch() });
        // Behind the flush, or a word of what is void would be heard.
        self.end_pause();
        played_ms
    }
}

/// Transcriptions without words come behind the end of their answer, too.
fn is_content(event: &ServerEvent) -> bool {
    let is_said = || event.fields.get("text").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    matches!(
        event.kind,
        EventKind::Text
            | EventKind::Thought
            | EventKind::InlineData
            | EventKind::ExecutableCode
            | EventKind::CodeExecutionResult
            | EventKind::Part
            | EventKind::ToolCall
    ) || event.kind == EventKind::OutputTranscription && is_said()
}

fn ends_answer(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::ToolCall
            | EventKind::GenerationComplete
            | EventKind::TurnComplete
            | EventKind::Interrupted
    )
}

/// The failure of a session whose server sends more in one message than is taken: for shells that can tell how long a
/// message is before they copy it.
#[must_use]
pub fn frame_too_large(bytes: usize, bound: usize) -> Error {
    Error::new(
        Code::FrameTooLarge,
        ["The server sent a message of ", &digits(bytes), " bytes; the bound is ", &digits(bound), "."]
            .concat(),
    )
    .with_remedy("Check that the endpoint is the Live API.")
}
