//! What the server says: one frame becomes audio and events, in a fixed order.

mod fields;
pub mod metadata;

use std::fmt;

use self::fields::{camel_keys, rest, take_count, take_flag, take_list, take_object, take_some, take_text};
use crate::{
    event::{Event, FunctionCall, Transcription},
    json::{Map, Value, parse},
};

/// Audio of the answer: 16-bit little-endian PCM, mono.
#[derive(Clone, PartialEq, Eq)]
pub struct AudioChunk {
    /// The samples in base64, as the service sent them.
    pub data: String,
    /// Samples per second; 24 000 unless the service says otherwise.
    pub rate_hz: u32,
}

impl AudioChunk {
    /// How many samples this is at 24 kHz, judged by the length of the base64 text; none if it is no base64.
    #[must_use]
    pub fn samples_at_24_khz(&self) -> f64 {
        let is_letter =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
        if !self.data.bytes().all(is_letter) {
            return 0.0;
        }
        let padding = self.data.bytes().rev().take(2).take_while(|&byte| byte == b'=').count();
        let bytes = (self.data.len() - padding) / 4 * 3 + [0, 0, 1, 2][(self.data.len() - padding) % 4];
        (bytes / 2) as f64 * f64::from(DEFAULT_RATE_HZ) / f64::from(self.rate_hz.max(1))
    }
}

impl fmt::Debug for AudioChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioChunk")
            .field("base64", &self.data.len())
            .field("rate_hz", &self.rate_hz)
            .finish()
    }
}

/// One thing that a frame said.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Audio to play. It takes its own way, past the application's events.
    Audio(AudioChunk),
    /// Something for the application, and perhaps for the session.
    Event(Event),
}

/// A frame that is not the JSON text of an object. The session goes on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameError(pub String);

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FrameError {}

/// Everything that one frame, text or binary, says.
///
/// The order is fixed and does not depend on the order of the keys: setup, what the person said, the
/// answer's parts, what the model said, sources, tool calls and cancellations, `interrupted`,
/// `generationComplete`, usage, the end of the turn, `goAway`, resumption, an error, and last what this
/// library does not know. Audio that shares a frame with `interrupted` comes before it, since it
/// belongs to the answer that is void.
///
/// Missing, unknown and odd fields are no failure. A field whose content has another type than it
/// should, and a field that is not known, is found in the event's `extra`, or else in
/// [`Event::Unknown`]; `null` and flags that are false say nothing. A field named `type`, which would
/// hide the event's own, is found as `type_`. Keys in snake_case are understood as well.
///
/// # Errors
///
/// When the frame is not JSON, or is JSON but not an object.
pub fn decode(frame: &[u8]) -> Result<Vec<Item>, FrameError> {
    let value = parse(frame).map_err(|error| FrameError(error.to_string()))?;
    let Value::Object(message) = value else {
        return Err(FrameError("the message is not a JSON object".to_owned()));
    };
    let mut decoder = Decoder::default();
    decoder.message(camel_keys(message));
    Ok(decoder.items)
}

#[derive(Default)]
struct Decoder {
    items: Vec<Item>,
    odd: Map,
}

impl Decoder {
    fn message(&mut self, mut message: Map) {
        let mut content = take_object(&mut message, "serverContent").unwrap_or_default();
        if let Some(mut fields) = take_object(&mut message, "setupComplete") {
            let session_id = take_text(&mut fields, "sessionId");
            self.emit(Event::SetupComplete { session_id, extra: rest(fields) });
        }
        self.input(&mut content, &mut message);
        self.model_turn(&mut content);
        self.output(&mut content);
        self.tools(&mut message);
        self.progress(&mut content, &mut message);
        self.connection(&mut message);
        self.set_aside("serverContent", rest(content));
        let mut fields = rest(message);
        for (name, value) in std::mem::take(&mut self.odd) {
            fields.insert(name, value);
        }
        if !fields.is_empty() {
            self.emit(Event::Unknown { fields });
        }
    }

    fn input(&mut self, content: &mut Map, message: &mut Map) {
        if let Some(heard) = self.transcription(content, "inputTranscription") {
            self.emit(Event::InputTranscription(heard));
        }
        if let Some(heard) = self.transcription(content, "interimInputTranscription") {
            self.emit(Event::InterimInputTranscription(heard));
        }
        if let Some(mut fields) = take_object(message, "voiceActivity") {
            let voice_activity_type =
                take_text(&mut fields, "voiceActivityType").or_else(|| take_text(&mut fields, "type"));
            let audio_offset = take_text(&mut fields, "audioOffset");
            self.emit(Event::VoiceActivity { voice_activity_type, audio_offset, extra: rest(fields) });
        }
        if let Some(mut fields) = take_object(message, "voiceActivityDetectionSignal") {
            let vad_signal_type = take_text(&mut fields, "vadSignalType");
            self.emit(Event::VoiceActivityDetectionSignal { vad_signal_type, extra: rest(fields) });
        }
    }

    fn model_turn(&mut self, content: &mut Map) {
        let Some(mut turn) = take_object(content, "modelTurn") else { return };
        // It is always "model", and only some backends say so.
        take_text(&mut turn, "role");
        for part in take_list(&mut turn, "parts").unwrap_or_default() {
            match part {
                Value::Object(part) => self.part(camel_keys(part)),
                Value::Null => {}
                other => self.keep("part", other),
            }
        }
        self.set_aside("modelTurn", rest(turn));
    }

    fn part(&mut self, mut part: Map) {
        let text = take_text(&mut part, "text");
        let code = take_object(&mut part, "executableCode");
        let result = take_object(&mut part, "codeExecutionResult");
        let inline = take_inline(&mut part);
        if let Some(text) = text {
            let is_thought = take_flag(&mut part, "thought") == Some(true);
            let extra = rest(std::mem::take(&mut part));
            self.emit(if is_thought { Event::Thought { text, extra } } else { Event::Text { text, extra } });
        }
        if let Some((data, fields)) = inline {
            self.inline(data, fields);
        }
        if let Some(mut fields) = code {
            let code = self.needed_text(&mut fields, "code");
            let language = take_text(&mut fields, "language");
            self.emit(Event::ExecutableCode { code, language, extra: rest(fields) });
        }
        if let Some(mut fields) = result {
            let outcome = take_text(&mut fields, "outcome");
            let output = take_text(&mut fields, "output");
            self.emit(Event::CodeExecutionResult { outcome, output, extra: rest(fields) });
        }
        let part = rest(part);
        if !part.is_empty() {
            self.emit(Event::Part { part });
        }
    }

    fn inline(&mut self, data: String, mut fields: Map) {
        let mime_type = take_text(&mut fields, "mimeType");
        let Some(rate_hz) = mime_type.as_deref().and_then(pcm_rate) else {
            return self.emit(Event::InlineData { mime_type, data, extra: rest(fields) });
        };
        if !data.is_empty() {
            self.items.push(Item::Audio(AudioChunk { data, rate_hz }));
        }
        let extra = rest(fields);
        if !extra.is_empty() {
            let mut part = Map::new();
            part.insert("inlineData".to_owned(), Value::Object(extra));
            self.emit(Event::Part { part });
        }
    }

    fn output(&mut self, content: &mut Map) {
        if let Some(said) = self.transcription(content, "outputTranscription") {
            self.emit(Event::OutputTranscription(said));
        }
        if let Some(grounding_metadata) = take_some(content, "groundingMetadata") {
            self.emit(Event::GroundingMetadata { grounding_metadata });
        }
        if let Some(url_context_metadata) = take_some(content, "urlContextMetadata") {
            self.emit(Event::UrlContextMetadata { url_context_metadata });
        }
    }

    fn tools(&mut self, message: &mut Map) {
        if let Some(mut fields) = take_object(message, "toolCall") {
            let calls = take_list(&mut fields, "functionCalls").unwrap_or_default();
            let mut function_calls = Vec::with_capacity(calls.len());
            for call in calls {
                function_calls.extend(self.function_call(call));
            }
            self.no_twin(&mut fields, "functionCalls");
            self.emit(Event::ToolCall { function_calls, extra: rest(fields) });
        }
        if let Some(mut fields) = take_object(message, "toolCallCancellation") {
            let mut ids = Vec::new();
            for id in take_list(&mut fields, "ids").unwrap_or_default() {
                match id {
                    Value::String(id) => ids.push(id),
                    other => self.keep("toolCallCancellation", other),
                }
            }
            self.no_twin(&mut fields, "ids");
            self.emit(Event::ToolCallCancellation { ids, extra: rest(fields) });
        }
    }

    fn function_call(&mut self, call: Value) -> Option<FunctionCall> {
        let Value::Object(fields) = call else {
            self.keep("toolCall", call);
            return None;
        };
        let mut fields = camel_keys(fields);
        let name = self.needed_text(&mut fields, "name");
        // The names of arguments are the application's own: they are not touched.
        let args = match fields.get_mut("args").map(Value::take) {
            Some(Value::Object(args)) => args,
            Some(Value::Null) | None => Map::new(),
            Some(other) => {
                self.keep("args", other);
                Map::new()
            }
        };
        Some(FunctionCall { id: take_text(&mut fields, "id"), name, args, extra: rest(fields) })
    }

    fn progress(&mut self, content: &mut Map, message: &mut Map) {
        if take_flag(content, "interrupted") == Some(true) {
            self.emit(Event::Interrupted { heard_ms: None });
        }
        if take_flag(content, "generationComplete") == Some(true) {
            self.emit(Event::GenerationComplete {});
        }
        if let Some(mut fields) = take_object(message, "usageMetadata") {
            self.emit(Event::UsageMetadata {
                prompt_token_count: take_count(&mut fields, "promptTokenCount"),
                response_token_count: take_count(&mut fields, "responseTokenCount"),
                total_token_count: take_count(&mut fields, "totalTokenCount"),
                extra: rest(fields),
            });
        }
        let is_complete = take_flag(content, "turnComplete") == Some(true);
        let turn_complete_reason = take_text(content, "turnCompleteReason");
        let waiting_for_input = take_flag(content, "waitingForInput");
        let interaction_status = take_text(content, "interactionStatus");
        if is_complete {
            self.emit(Event::TurnComplete { turn_complete_reason, waiting_for_input, interaction_status });
        } else if turn_complete_reason.is_some()
            || waiting_for_input.is_some()
            || interaction_status.is_some()
        {
            self.emit(Event::TurnStatus { turn_complete_reason, waiting_for_input, interaction_status });
        }
    }

    fn connection(&mut self, message: &mut Map) {
        if let Some(mut fields) = take_object(message, "goAway") {
            let time_left = take_text(&mut fields, "timeLeft");
            self.emit(Event::GoAway { time_left, extra: rest(fields) });
        }
        if let Some(mut fields) = take_object(message, "sessionResumptionUpdate") {
            let new_handle = take_text(&mut fields, "newHandle");
            let resumable = take_flag(&mut fields, "resumable");
            self.emit(Event::SessionResumptionUpdate { new_handle, resumable, extra: rest(fields) });
        }
        if let Some(mut fields) = take_object(message, "error") {
            let text = take_text(&mut fields, "message");
            let status = take_text(&mut fields, "status");
            self.emit(Event::ServerError { message: text, status, extra: rest(fields) });
        } else if let Some(text) = take_text(message, "error") {
            self.emit(Event::ServerError { message: Some(text), status: None, extra: Map::new() });
        }
    }

    fn transcription(&mut self, content: &mut Map, key: &str) -> Option<Transcription> {
        let mut fields = take_object(content, key)?;
        Some(Transcription {
            text: self.needed_text(&mut fields, "text"),
            finished: take_flag(&mut fields, "finished"),
            language_code: take_text(&mut fields, "languageCode"),
            extra: rest(fields),
        })
    }

    /// A text that the event always has.
    fn needed_text(&mut self, fields: &mut Map, key: &str) -> String {
        let text = take_text(fields, key);
        self.no_twin(fields, key);
        text.unwrap_or_default()
    }

    /// The event has a field of this name: one of another type cannot stay in `extra` beside it.
    fn no_twin(&mut self, fields: &mut Map, key: &str) {
        if let Some(value) = take_some(fields, key) {
            self.keep(key, value);
        }
    }

    fn set_aside(&mut self, place: &str, fields: Map) {
        if !fields.is_empty() {
            self.keep(place, Value::Object(fields));
        }
    }

    /// Keeps what fits nowhere for [`Event::Unknown`].
    fn keep(&mut self, name: &str, value: Value) {
        self.odd.insert(name.to_owned(), value);
    }

    fn emit(&mut self, event: Event) {
        self.items.push(Item::Event(event));
    }
}

/// The medium's base64 text, moved out, and what describes it.
fn take_inline(part: &mut Map) -> Option<(String, Map)> {
    let key = "inlineData";
    let fields = take_object(part, key)?;
    let mut remaining = fields;
    match take_text(&mut remaining, "data") {
        Some(data) => Some((data, remaining)),
        None => {
            part.insert(key.to_owned(), Value::Object(remaining));
            None
        }
    }
}

/// The rate of `audio/pcm;rate=24000` and its like; `None` if it is not PCM.
fn pcm_rate(mime_type: &str) -> Option<u32> {
    let mut pieces = mime_type.split(';').map(str::trim);
    let kind = pieces.next()?;
    if !kind.eq_ignore_ascii_case("audio/pcm") && !kind.eq_ignore_ascii_case("audio/l16") {
        return None;
    }
    let stated = pieces.find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        name.trim().eq_ignore_ascii_case("rate").then(|| value.trim().parse().ok())?
    });
    Some(stated.filter(|rate| RATES_HZ.contains(rate)).unwrap_or(DEFAULT_RATE_HZ))
}

const DEFAULT_RATE_HZ: u32 = 24_000;
/// Rates that speech may have; another is taken for a slip of the service.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=192_000;
