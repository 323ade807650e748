//! What the client says in an open session.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::call::{Answered, sentence};
use super::dialogue::{Dialogue, Stimulus};
use super::session::Stage;
use crate::audio::pcm;
use crate::behaviour::{LateAnswer, StreamEnd};
use crate::refusal::Refusal;
use crate::schema::base64_bytes;
use crate::settings::{Tools, content_text, text_tokens};
use crate::usage::Context;

impl Dialogue {
    /// A message, read and of a known kind.
    pub(super) fn on_message(
        &mut self,
        kind: &str,
        body: &Value,
        stage: &mut Stage<'_>,
    ) -> Result<(), Refusal> {
        match kind {
            "realtimeInput" => self.on_realtime_input(body, stage),
            "clientContent" => self.on_client_content(body, stage),
            "toolResponse" => self.on_tool_response(body, stage),
            "contextUpdate" => self.on_context_update(body, stage),
            _ => Ok(()),
        }
    }

    fn on_realtime_input(&mut self, input: &Value, stage: &mut Stage<'_>) -> Result<(), Refusal> {
        if input.get("activityStart").is_some() {
            count(stage, "realtimeInput.activityStart");
            self.check_manual()?;
            self.ear.begin().into_iter().for_each(|heard| self.on_heard(heard, stage));
        }
        if let Some(chunks) = input["mediaChunks"].as_array() {
            count(stage, "realtimeInput.mediaChunks");
            if !self.settings.family.reads_media_chunks {
                return Err(Refusal::media_chunks());
            }
            // All but the first are ignored, says the reference.
            chunks.first().map_or(Ok(()), |chunk| self.on_media(chunk, stage))?;
        }
        if let Some(audio) = input.get("audio") {
            count(stage, "realtimeInput.audio");
            self.on_audio(audio, stage)?;
        }
        if let Some(video) = input.get("video") {
            count(stage, "realtimeInput.video");
            self.on_image(video)?;
        }
        if let Some(text) = input["text"].as_str() {
            count(stage, "realtimeInput.text");
            self.on_text(text, stage);
        }
        if input["audioStreamEnd"] == true {
            count(stage, "realtimeInput.audioStreamEnd");
            if self.settings.detection.is_some() && self.ways.stream_end == StreamEnd::LeavesOpen {
                self.ear.leave_open();
            } else if self.settings.detection.is_some() {
                self.ear.end().into_iter().for_each(|heard| self.on_heard(heard, stage));
            }
        }
        if input.get("activityEnd").is_some() {
            count(stage, "realtimeInput.activityEnd");
            self.check_manual()?;
            self.ear.end().into_iter().for_each(|heard| self.on_heard(heard, stage));
        }
        Ok(())
    }

    fn check_manual(&self) -> Result<(), Refusal> {
        match self.settings.detection {
            None => Ok(()),
            Some(_) => {
                Err(Refusal::invalid_argument("activity signals need automaticActivityDetection.disabled"))
            }
        }
    }

    fn on_media(&mut self, blob: &Value, stage: &mut Stage<'_>) -> Result<(), Refusal> {
        if blob["mimeType"].as_str().is_some_and(|mime_type| mime_type.starts_with("image/")) {
            self.on_image(blob)
        } else {
            self.on_audio(blob, stage)
        }
    }

    fn on_audio(&mut self, blob: &Value, stage: &mut Stage<'_>) -> Result<(), Refusal> {
        let mime_type = blob["mimeType"].as_str().unwrap_or_default();
        let Some(rate_hz) = pcm::rate_hz(mime_type) else {
            return Err(Refusal::invalid_argument(format!("not audio that can be read: {mime_type}")));
        };
        // What was under way when the call was sent, its sender could not hold back.
        let has_crossed = stage.now < self.called_at + CROSSING_TIME;
        if self.calls.is_blocked() && !self.settings.family.hears_during_calls && !has_crossed {
            return Err(Refusal::not_supported("audio came while a function call was pending"));
        }
        let bytes = blob["data"].as_str().and_then(base64_bytes).unwrap_or_default();
        let samples = pcm::samples(&bytes);
        let count = samples.len();
        let samples = self.ear.at_16_khz(samples, rate_hz);
        stage.heard(count, mime_type, &samples);
        for heard in self.ear.listen(&samples) {
            self.on_heard(heard, stage);
        }
        self.tell_interim(stage);
        Ok(())
    }

    fn on_image(&mut self, blob: &Value) -> Result<(), Refusal> {
        match blob["mimeType"].as_str() {
            Some(mime_type) if mime_type.starts_with("image/") => {
                self.memory.saw_images = true;
                self.memory.context.add(Context::image());
                self.memory.context.compress(self.settings.compression);
                Ok(())
            }
            _ => Err(Refusal::invalid_argument("realtimeInput.video takes images")),
        }
    }

    /// Text counts as activity.
    fn on_text(&mut self, text: &str, stage: &mut Stage<'_>) {
        self.memory.context.add(Context::text(text_tokens(text)));
        if self.settings.interruptible {
            self.interrupt(stage);
        }
        self.ask(Stimulus::Typed(text.to_owned()));
    }

    fn on_client_content(&mut self, content: &Value, stage: &mut Stage<'_>) -> Result<(), Refusal> {
        count(stage, "clientContent");
        let family = self.settings.family;
        if !self.memory.history_open && !family.takes_later_content {
            return Err(Refusal::invalid_argument(
                "this model takes clientContent as initial history only (historyConfig)",
            ));
        }
        let turns = content["turns"].as_array().map(Vec::as_slice).unwrap_or_default();
        for turn in turns {
            self.memory.context.add(Context::text(text_tokens(&content_text(turn))));
        }
        let said = turns.iter().rfind(|turn| turn["role"] != "model").map(content_text);
        said.iter().for_each(|words| self.note_words(words));
        let completes = content["turnComplete"] == true;
        if self.memory.history_open {
            self.memory.history_open = !completes;
            return Ok(());
        }
        if completes || family.any_content_interrupts {
            self.interrupt(stage);
        }
        if completes {
            let asked = said.or_else(|| self.memory.open_turn.take());
            self.memory.open_turn = None;
            self.ask(Stimulus::Typed(asked.unwrap_or_default()));
        } else if said.is_some() {
            self.memory.open_turn = said;
        }
        Ok(())
    }

    fn on_tool_response(&mut self, body: &Value, stage: &mut Stage<'_>) -> Result<(), Refusal> {
        count(stage, "toolResponse");
        let responses = body["functionResponses"].as_array().map(Vec::as_slice).unwrap_or_default();
        if responses.is_empty() {
            return Err(Refusal::invalid_argument("a tool response without functionResponses"));
        }
        let (late, known): (Vec<&Value>, Vec<&Value>) =
            responses.iter().partition(|response| self.is_late(response, stage));
        let answers = known.into_iter().filter_map(|response| self.calls.answer(response).transpose());
        let answers: Vec<Answered> = answers.collect::<Result<_, _>>()?;
        self.on_answers(answers, stage);
        for response in late {
            self.on_late_answer(response);
        }
        Ok(())
    }

    /// Whether an answer is to a call that the session has made and does not remember: it was taken up where it had not been
    /// made yet.
    fn is_late(&self, response: &Value, stage: &Stage<'_>) -> bool {
        let is_the_sessions = |id| stage.service.handles.has_called(self.chain.session, id);
        self.ways.late_answer != LateAnswer::Refused
            && response["id"].as_str().is_some_and(|id| !self.calls.knows(id) && is_the_sessions(id))
    }

    fn on_late_answer(&mut self, response: &Value) {
        if self.ways.late_answer == LateAnswer::Taken {
            let name = response["name"].as_str().unwrap_or("a function");
            let result = response["response"].as_object().cloned().unwrap_or_default();
            self.ask(Stimulus::Answered(sentence(name, &result)));
        }
    }

    fn on_context_update(&mut self, update: &Value, stage: &mut Stage<'_>) -> Result<(), Refusal> {
        count(stage, "contextUpdate");
        if update.get("systemInstruction").is_some() {
            self.settings.instruction_tokens = text_tokens(&content_text(&update["systemInstruction"]));
        }
        if update.get("tools").is_some() {
            self.memory.tools = Arc::new(Tools::read(&update["tools"], self.settings.family)?);
        }
        Ok(())
    }
}

fn count(stage: &mut Stage<'_>, kind: &'static str) {
    stage.record(|record| record.received(kind));
}

/// How long after a call audio may come that was sent before the call was heard of. Assumed: what is reported is that audio
/// ends the session, not how soon.
const CROSSING_TIME: Duration = Duration::from_millis(500);
