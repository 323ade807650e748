//! Events as JSON text, written by hand.
//!
//! What serde derives for the same says the same, and a test holds the two together; but it is some
//! kilobytes of code in every page, and this is not.

use super::{Event, FunctionCall, Transcription};
use crate::{
    error::{Error, Warning},
    json::{Map, Number, Value, write_string},
};

/// An object that is being written.
pub(super) struct Writer {
    text: String,
    is_first: bool,
}

/// The event as JSON text.
pub(super) fn write(event: &Event) -> String {
    let mut writer = Writer { text: String::from("{"), is_first: true };
    writer.server_event(event);
    writer.text.push('}');
    writer.text
}

impl Writer {
    fn server_event(&mut self, event: &Event) {
        match event {
            Event::SetupComplete { session_id, extra } => {
                self.kind("setupComplete").option("sessionId", session_id).rest(extra)
            }
            Event::InputTranscription(heard) => self.kind("inputTranscription").transcription(heard),
            Event::InterimInputTranscription(heard) => {
                self.kind("interimInputTranscription").transcription(heard)
            }
            Event::OutputTranscription(said) => self.kind("outputTranscription").transcription(said),
            Event::VoiceActivity { voice_activity_type, audio_offset, extra } => self
                .kind("voiceActivity")
                .option("voiceActivityType", voice_activity_type)
                .option("audioOffset", audio_offset)
                .rest(extra),
            Event::VoiceActivityDetectionSignal { vad_signal_type, extra } => {
                self.kind("voiceActivityDetectionSignal").option("vadSignalType", vad_signal_type).rest(extra)
            }
            Event::Text { text, extra } => self.kind("text").string("text", text).rest(extra),
            Event::Thought { text, extra } => self.kind("thought").string("text", text).rest(extra),
            Event::InlineData { mime_type, data, extra } => {
                self.kind("inlineData").option("mimeType", mime_type).string("data", data).rest(extra)
            }
            Event::ExecutableCode { code, language, extra } => self
                .kind("executableCode")
                .string("code", code.as_str())
                .option("language", language)
                .rest(extra),
            Event::CodeExecutionResult { outcome, output, extra } => self
                .kind("codeExecutionResult")
                .option("outcome", outcome)
                .option("output", output)
                .rest(extra),
            Event::Part { part } => self.kind("part").object("part", part),
            Event::GroundingMetadata { grounding_metadata: value } => {
                self.kind("groundingMetadata").value("groundingMetadata", value)
            }
            Event::UrlContextMetadata { url_context_metadata: value } => {
                self.kind("urlContextMetadata").value("urlContextMetadata", value)
            }
            Event::ToolCall { function_calls, extra } => {
                self.kind("toolCall").calls(function_calls).rest(extra)
            }
            Event::ToolCallCancellation { ids, extra } => {
                self.kind("toolCallCancellation").strings("ids", ids.iter().map(String::as_str)).rest(extra)
            }
            progress => self.progress(progress),
        };
    }

    fn progress(&mut self, event: &Event) -> &mut Self {
        match event {
            Event::Interrupted { heard_ms } => self.kind("interrupted").number("heardMs", *heard_ms),
            Event::GenerationComplete {} => self.kind("generationComplete"),
            Event::UsageMetadata { prompt_token_count, response_token_count, total_token_count, extra } => {
                self.kind("usageMetadata")
                    .count("promptTokenCount", *prompt_token_count)
                    .count("responseTokenCount", *response_token_count)
                    .count("totalTokenCount", *total_token_count)
                    .rest(extra)
            }
            Event::TurnComplete { turn_complete_reason, waiting_for_input, interaction_status } => {
                self.kind("turnComplete").turn(turn_complete_reason, *waiting_for_input, interaction_status)
            }
            Event::TurnStatus { turn_complete_reason, waiting_for_input, interaction_status } => {
                self.kind("turnStatus").turn(turn_complete_reason, *waiting_for_input, interaction_status)
            }
            Event::GoAway { time_left, extra } => {
                self.kind("goAway").option("timeLeft", time_left).rest(extra)
            }
            Event::SessionResumptionUpdate { new_handle, resumable, extra } => self
                .kind("sessionResumptionUpdate")
                .option("newHandle", new_handle)
                .flag("resumable", *resumable)
                .rest(extra),
            Event::ServerError { message, status, extra } => {
                self.kind("serverError").option("message", message).option("status", status).rest(extra)
            }
            Event::Unknown { fields } => self.kind("unknown").object("fields", fields),
            local => self.local_event(local),
        }
    }

    fn local_event(&mut self, event: &Event) -> &mut Self {
        match event {
            Event::StateChange { state } => self.kind("stateChange").string("state", state.as_str()),
            Event::PlaybackStarted { latency_ms } => {
                self.kind("playbackStarted").number("latencyMs", *latency_ms)
            }
            Event::PlaybackEnded { heard_ms } => {
                self.kind("playbackEnded").number("heardMs", Some(*heard_ms))
            }
            Event::Diagnosis { missing, message, remedy } => self
                .kind("diagnosis")
                .strings("missing", missing.iter().copied())
                .string("message", message)
                .string("remedy", remedy),
            Event::Warning(Warning { code, message, field }) => self
                .kind("warning")
                .string("code", code.as_str())
                .string("message", message)
                .option("field", field),
            Event::Closed { close, error } => {
                self.kind("closed");
                if let Some(close) = close {
                    self.raw("close", &closed(close.code, &close.reason));
                }
                if let Some(error) = error {
                    self.raw("error", &failure(error));
                }
                self
            }
            // All others are written before; there is nothing to say of them here.
            _ => self,
        }
    }

    fn transcription(&mut self, words: &Transcription) -> &mut Self {
        let Transcription { text, finished, language_code, extra } = words;
        self.string("text", text)
            .flag("finished", *finished)
            .option("languageCode", language_code)
            .rest(extra)
    }

    fn turn(
        &mut self,
        reason: &Option<String>,
        is_waiting: Option<bool>,
        status: &Option<String>,
    ) -> &mut Self {
        self.option("turnCompleteReason", reason)
            .flag("waitingForInput", is_waiting)
            .option("interactionStatus", status)
    }

    fn calls(&mut self, calls: &[FunctionCall]) -> &mut Self {
        let mut list = String::from("[");
        for call in calls {
            let mut inner =
                Self { text: String::from(if list.len() > 1 { ",{" } else { "{" }), is_first: true };
            inner
                .option("id", &call.id)
                .string("name", &call.name)
                .object("args", &call.args)
                .rest(&call.extra);
            list.push_str(&inner.text);
            list.push('}');
        }
        list.push(']');
        self.raw("functionCalls", &list)
    }

    fn kind(&mut self, name: &str) -> &mut Self {
        self.string("type", name)
    }

    fn string(&mut self, name: &str, value: &str) -> &mut Self {
        self.raw(name, &quoted(value))
    }

    fn option(&mut self, name: &str, value: &Option<String>) -> &mut Self {
        match value {
            Some(value) => self.string(name, value),
            None => self,
        }
    }

    fn flag(&mut self, name: &str, value: Option<bool>) -> &mut Self {
        match value {
            Some(value) => self.raw(name, if value { "true" } else { "false" }),
            None => self,
        }
    }

    fn count(&mut self, name: &str, value: Option<u64>) -> &mut Self {
        match value {
            Some(value) => self.value(name, &Value::from(value)),
            None => self,
        }
    }

    /// Milliseconds. Three decimals are enough, and the shortest text of any float is kilobytes of code.
    fn number(&mut self, name: &str, value: Option<f64>) -> &mut Self {
        match value {
            Some(value) => self.raw(name, Number::from_thousandths(value).as_str()),
            None => self,
        }
    }

    fn strings<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>) -> &mut Self {
        let list: Vec<String> = values.map(quoted).collect();
        self.raw(name, &["[", &list.join(","), "]"].concat())
    }

    fn value(&mut self, name: &str, value: &Value) -> &mut Self {
        self.raw(name, &value.to_json())
    }

    fn object(&mut self, name: &str, fields: &Map) -> &mut Self {
        let mut inner = Self { text: String::from("{"), is_first: true };
        inner.rest(fields).text.push('}');
        self.raw(name, &inner.text)
    }

    /// Fields that stand beside the others.
    fn rest(&mut self, fields: &Map) -> &mut Self {
        for (name, value) in fields {
            self.value(name, value);
        }
        self
    }

    fn raw(&mut self, name: &str, json: &str) -> &mut Self {
        if !self.is_first {
            self.text.push(',');
        }
        self.is_first = false;
        self.text.push_str(&quoted(name));
        self.text.push(':');
        self.text.push_str(json);
        self
    }
}

fn closed(code: u16, reason: &str) -> String {
    let mut writer = Writer { text: String::from("{"), is_first: true };
    writer.count("code", Some(u64::from(code))).string("reason", reason).text.push('}');
    writer.text
}

fn failure(error: &Error) -> String {
    let Error { code, message, remedy, field, close, retryable } = error;
    let mut writer = Writer { text: String::from("{"), is_first: true };
    writer
        .string("code", code.as_str())
        .string("message", message)
        .option("remedy", remedy)
        .option("field", field);
    if let Some(close) = close {
        writer.raw("close", &closed(close.code, &close.reason));
    }
    writer.flag("retryable", Some(*retryable)).text.push('}');
    writer.text
}

fn quoted(text: &str) -> String {
    let mut json = String::new();
    write_string(text, &mut json);
    json
}

#[cfg(test)]
mod tests {
    use crate::json::{json, parse};

    use super::*;
    use crate::{
        error::{CloseFrame, Code},
        event::State,
    };

    fn assert_same(event: &Event) {
        let written: Value =
            parse(write(event).as_bytes()).unwrap_or_else(|error| panic!("{error}: {event:?}"));
        assert_eq!(written, serde_json::to_value(event).map(Value::from).unwrap_or_default());
    }

    #[test]
    fn local_events_are_written_as_serde_writes_them() {
        let mut error = Error::new(Code::Network, "Gone \"away\"\n").with_field("a").with_remedy("b");
        error.close = Some(CloseFrame { code: 1006, reason: "x".to_owned() });
        for event in [
            Event::StateChange { state: State::Open },
            Event::PlaybackStarted { latency_ms: Some(12.5) },
            Event::PlaybackStarted { latency_ms: None },
            Event::PlaybackEnded { heard_ms: 40.125 },
            Event::Interrupted { heard_ms: Some(1.25) },
            Event::Diagnosis { missing: vec!["a", "b"], message: "m", remedy: "r" },
            Event::Warning(Warning::new(crate::error::WarningCode::NotSent, "text").with_field("f")),
            Event::Closed { close: None, error: None },
            Event::Closed { close: error.close.clone(), error: Some(error) },
            Event::Unknown { fields: Map::from_iter([("a\"b".to_owned(), json!([null, { "c": 1e300 }]))]) },
        ] {
            assert_same(&event);
        }
    }
}
