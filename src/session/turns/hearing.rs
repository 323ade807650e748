//! How the turns hear of what happens.

use super::{Turns, record::Record, text::words_before};
use crate::{
    event::{LiveTurn, LocalEvent},
    json::{Map, Value, parse},
    protocol::{
        message::{Kind, Mark, Message},
        server::{EventKind, ServerEvent},
        setup::{Content, Role},
    },
    session::Session,
    time::Instant,
};

impl Session {
    /// The turns of the conversation, for another session to begin with: what was said and heard, in order.
    #[must_use]
    pub fn history(&self) -> Vec<Content> {
        self.turns.all().filter_map(|turn| turn.to_content()).collect()
    }

    /// Lets the turns hear what the service says, before anything is made of it.
    pub(in crate::session) fn hear_turn(&mut self, event: &ServerEvent) {
        let is_present = !self.turn.owes_completion();
        let is_condemned = self.turn.is_condemned(self.now);
        match event.kind {
            EventKind::TurnComplete => self.turns.complete(is_present),
            EventKind::Interrupted => self.turns.interrupt(self.heard_position()),
            _ => self.turns.on_event(event, is_condemned, self.turn.is_just_complete(self.now), self.now),
        }
    }

    /// Tells which turns have changed.
    pub(in crate::session) fn tell_turns(&mut self) {
        for turn in self.turns.news() {
            self.emit(LocalEvent::Turn { turn: Box::new(turn) });
        }
    }
}

impl Turns {
    /// With `is_late` words are the last of the turn that was completed a moment ago.
    fn on_event(&mut self, event: &ServerEvent, is_condemned: bool, is_late: bool, now: Instant) {
        // One frame may hold more than a whole conversation says.
        let text = words_before(event.text("text").unwrap_or_default(), self.longest);
        match event.kind {
            EventKind::InputTranscription => self.on_heard_words(event, text, now),
            EventKind::InterimInputTranscription => {
                if let Some(record) = self.of_user(now) {
                    text.trim_start().clone_into(&mut record.turn.interim);
                }
            }
            EventKind::VoiceActivity | EventKind::VoiceActivityDetectionSignal => {
                let is_start = |value: &Value| value == "ACTIVITY_START" || value == "VAD_SIGNAL_TYPE_SOS";
                if event.fields.values().any(is_start) {
                    self.end_user();
                }
            }
            EventKind::GenerationComplete => {
                if let Some(record) = self.model.and_then(|id| self.touch(Some(id))) {
                    record.turn.is_final = true;
                }
            }
            EventKind::UsageMetadata => self.on_usage(&event.fields),
            EventKind::OutputTranscription if text.is_empty() => {}
            EventKind::OutputTranscription => {
                let record = if is_late { self.touch_latest() } else { self.of_model(is_condemned, now) };
                if let Some(record) = record {
                    record.mark();
                    record.add_transcription(text);
                }
            }
            EventKind::Text => self.on_text(|turn| &mut turn.text, text, is_condemned, now),
            EventKind::Thought => self.on_text(|turn| &mut turn.thoughts, text, is_condemned, now),
            EventKind::ToolCall => self.on_calls(event, is_condemned, now),
            EventKind::GroundingMetadata | EventKind::UrlContextMetadata => {
                if let Some(LiveTurn { grounding_metadata, url_context_metadata, .. }) =
                    self.of_model(is_condemned, now).map(|record| &mut record.turn)
                {
                    for (name, metadata) in [
                        ("groundingMetadata", grounding_metadata),
                        ("urlContextMetadata", url_context_metadata),
                    ] {
                        if let Some(found) = event.fields.get(name) {
                            *metadata =
                                Some(found).filter(|found| found.to_json().len() <= MOST_BYTES).cloned();
                        }
                    }
                }
            }
            EventKind::InlineData
            | EventKind::ExecutableCode
            | EventKind::CodeExecutionResult
            | EventKind::Part => {
                self.of_model(is_condemned, now);
            }
            // Told apart already, or of no turn.
            EventKind::TurnComplete
            | EventKind::Interrupted
            | EventKind::SetupComplete
            | EventKind::ToolCallCancellation
            | EventKind::TurnStatus
            | EventKind::GoAway
            | EventKind::SessionResumptionUpdate
            | EventKind::ServerError
            | EventKind::Unknown => {}
        }
    }

    fn on_heard_words(&mut self, event: &ServerEvent, text: &str, now: Instant) {
        if !text.is_empty()
            && let Some(record) = self.of_user(now)
        {
            record.add_transcription(text);
            record.turn.interim.clear();
        }
        if event.fields.get("finished").and_then(Value::as_bool) == Some(true) {
            self.end_user();
        }
    }

    fn on_text(
        &mut self,
        of: fn(&mut LiveTurn) -> &mut String,
        text: &str,
        is_condemned: bool,
        now: Instant,
    ) {
        if let Some(record) = self.of_model(is_condemned, now) {
            of(&mut record.turn).push_str(text);
        }
    }

    fn on_calls(&mut self, event: &ServerEvent, is_condemned: bool, now: Instant) {
        let longest = self.longest;
        let Some(record) = self.of_model(is_condemned, now) else { return };
        let room = MOST_CALLS.saturating_sub(record.turn.function_calls.len());
        let calls = event.list("functionCalls").filter(|call| call.to_json().len() <= longest);
        record.turn.function_calls.extend(calls.take(room).cloned());
    }

    fn on_usage(&mut self, usage: &Map) {
        let prices = self.prices;
        if let Some(record) = self.touch_latest() {
            record.on_usage(usage, &prices);
        }
    }

    /// The application says something: turns that are complete as they are. Answers by what number they know these words.
    pub(in crate::session) fn on_message(&mut self, message: &Message) -> Option<u32> {
        match message.kind {
            Kind::Mark(Mark::ActivityStart) => {
                self.end_user();
                None
            }
            Kind::Text | Kind::Content { .. } => {
                self.words = self.words.wrapping_add(1);
                let said = parse(message.text.as_bytes()).unwrap_or_default();
                if let Some(text) = said["realtimeInput"]["text"].as_str() {
                    self.on_typed(Role::User, text);
                }
                for content in said["clientContent"]["turns"].as_array().into_iter().flatten() {
                    let role = if content["role"] == "model" { Role::Model } else { Role::User };
                    let parts = content["parts"].as_array().into_iter().flatten();
                    let texts: Vec<&str> = parts.filter_map(|part| part["text"].as_str()).collect();
                    self.on_typed(role, &texts.concat());
                }
                Some(self.words)
            }
            Kind::Mark(_)
            | Kind::Setup
            | Kind::Audio
            | Kind::Video
            | Kind::ToolResponse(_)
            | Kind::ContextUpdate => None,
        }
    }

    /// These words were sent in vain, and are not sent again.
    pub(in crate::session) fn on_given_up(&mut self, words: Option<u32>) {
        let given_up = self.kept.iter_mut().filter(|record| words.is_some() && record.words == words);
        given_up.for_each(|record| record.is_given_up = true);
    }

    fn on_typed(&mut self, role: Role, text: &str) {
        if text.is_empty() {
            return;
        }
        self.end_user();
        self.has_voice = false;
        let id = self.begin(role);
        let words = self.words;
        if let Some(record) = id.and_then(|id| self.touch(Some(id))) {
            record.words = Some(words);
            words_before(text, MOST_BYTES).clone_into(&mut record.turn.text);
            record.complete();
        }
    }

    /// The microphone gives a voice.
    pub(in crate::session) fn on_voice(&mut self) {
        self.has_voice = true;
    }

    /// Audio of the answer came. It is news only where it begins a turn.
    pub(in crate::session) fn on_audio(&mut self, samples: f64, is_condemned: bool, now: Instant) {
        let goes_on = self.find(self.model).is_some_and(|record| !record.turn.is_complete);
        let record = if goes_on { self.find(self.model) } else { self.of_model(is_condemned, now) };
        if let Some(record) = record {
            record.on_received(samples);
        }
    }

    /// Milliseconds of audio of the model's turn that have come so far.
    pub(in crate::session) fn audio_ms(&mut self) -> Option<f64> {
        self.find(self.model).map(|record| record.received_ms())
    }

    /// Audio of the answer was queued for playback. Says of which turn it is, and how much of that was queued before.
    pub(in crate::session) fn on_queued(&mut self, samples: f64) -> (u32, f64) {
        let at = self.queued;
        self.queued += samples;
        // What waited for a speaker may be complete.
        self.latest().map_or((0, at), |record| (record.turn.id, record.on_queued(at, samples)))
    }

    /// The speaker has played so many samples since playback was flushed.
    pub(in crate::session) fn on_played(&mut self, position: f64) {
        let latest = self.latest().map(|record| record.turn.id);
        for record in &mut self.kept {
            record.on_played(position);
            // The end of playback, which tells the latest, may be far: another answer is queued behind this one.
            if record.is_played_on && Some(record.turn.id) != latest && !record.is_unheard() {
                record.is_played_on = false;
                record.is_news = true;
                self.has_news = true;
            }
        }
    }

    /// Playback was flushed, and this epoch is over with that; or the speaker is another.
    pub(in crate::session) fn on_flush(&mut self, epoch: u32) {
        self.queued = 0.0;
        self.kept.iter_mut().for_each(|record| record.settle(epoch));
        self.touch_played();
    }

    /// The speaker says how much it has played of this epoch, which is over.
    pub(in crate::session) fn on_settled(&mut self, epoch: u32, played: f64) {
        self.kept.iter_mut().for_each(|record| record.on_settled(epoch, played));
        self.touch_played();
    }

    /// The speaker will not say that any more.
    pub(in crate::session) fn on_speaker_closed(&mut self, epoch: u32) {
        self.on_flush(epoch);
        self.kept.iter_mut().for_each(Record::forget_flushed);
    }

    /// How much of them was heard is known for good.
    fn touch_played(&mut self) {
        for record in &mut self.kept {
            let is_news = std::mem::take(&mut record.is_played_on);
            record.is_news |= is_news;
            self.has_news |= is_news;
        }
    }

    /// The first sample of an answer is heard.
    pub(in crate::session) fn on_playback_started(&mut self, latency_ms: Option<f64>) {
        if let Some(record) = self.touch_latest() {
            record.turn.latency_ms = record.turn.latency_ms.or(latency_ms);
        }
    }

    /// An answer was heard to its end.
    pub(in crate::session) fn on_playback_ended(&mut self) {
        self.touch_latest();
        self.touch_played();
        if self.is_endless {
            self.complete(true);
        }
    }
}

/// Of one turn. More are a service gone wrong.
const MOST_CALLS: usize = 64;
/// Bytes of what the application says in one turn, and of its sources.
const MOST_BYTES: usize = 64 * 1024;
