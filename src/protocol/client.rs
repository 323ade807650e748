//! What the client says once the session is open.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use super::{
    object,
    schema::{
        Table, message,
        validator::{Validated, Validator},
    },
    setup::{Blob, Content, FunctionResponse, Tool},
};
use crate::error::{Code, Error, Warning};

/// A message that can be sent, and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The text frame: compact JSON.
    pub text: String,
    /// What is not sent, or looks wrong; the rest is sent.
    pub warnings: Vec<Warning>,
}

message! {
    /// Turns to add to the conversation, in order.
    ClientContent {
        /// The turns. In JSON also a text, a part, a content, or a list of them.
        turns "turns": Vec<Content>,
        /// Whether the model is to answer now. Default `true`.
        turn_complete "turnComplete": bool,
    }
    adjust default_turn
}

message! {
    /// What the model hears and sees as it happens. Several fields may be set at once.
    RealtimeInput {
        /// Sound; its type begins with `audio/`.
        audio "audio": Blob,
        /// A picture; its type begins with `image/`.
        video "video": Blob,
        /// Typed text. It counts as the person being active.
        text "text": String,
        /// The microphone pauses: what is held back is taken as complete.
        audio_stream_end "audioStreamEnd": bool,
        /// The person begins to speak; only with automatic detection switched off.
        activity_start "activityStart": Map<String, Value>,
        /// The person has stopped speaking; only with automatic detection switched off.
        activity_end "activityEnd": Map<String, Value>,
        /// Deprecated form of `audio` and `video`; newer models refuse it.
        media_chunks "mediaChunks": Vec<Blob>,
    }
    adjust media
}

message! {
    /// What called functions returned.
    ToolResponse {
        /// One entry per call. In JSON also a single one.
        function_responses "functionResponses": Vec<FunctionResponse>,
    }
    adjust single_response
}

message! {
    /// A new system instruction or other tools for the running session. Undocumented by the service.
    ContextUpdate {
        /// Who the model is from now on. In JSON also a text, a part or a list of them.
        system_instruction "systemInstruction": Content,
        /// What the model may use from now on. In JSON also the list alone.
        tools "tools": ToolUpdate,
    }
    adjust tool_list
}

message! {
    /// What the model may use from now on.
    ToolUpdate {
        /// The tools.
        tools "tools": Vec<Tool>,
    }
}

/// Microphone audio pauses: the service hands over what it still holds back.
pub const AUDIO_STREAM_END: &str = r#"{"realtimeInput":{"audioStreamEnd":true}}"#;
/// The person begins to speak; for sessions whose automatic detection is off.
pub const ACTIVITY_START: &str = r#"{"realtimeInput":{"activityStart":{}}}"#;
/// The person has stopped speaking; for sessions whose automatic detection is off.
pub const ACTIVITY_END: &str = r#"{"realtimeInput":{"activityEnd":{}}}"#;

/// The message that carries microphone audio: 16-bit samples at 16 kHz, mono.
#[must_use]
pub fn audio(pcm: &[i16]) -> String {
    const HEAD: &str = r#"{"realtimeInput":{"audio":{"data":""#;
    const TAIL: &str = r#"","mimeType":"audio/pcm;rate=16000"}}}"#;
    let bytes: Vec<u8> = pcm.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let mut text = String::with_capacity(HEAD.len() + bytes.len().div_ceil(3) * 4 + TAIL.len());
    text.push_str(HEAD);
    STANDARD.encode_string(&bytes, &mut text);
    text.push_str(TAIL);
    text
}

/// Turns to add to the conversation: the argument of `sendClientContent`, or [`ClientContent`] as JSON.
/// `null` stands for no argument, which completes the turn.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn client_content(content: Value) -> Result<Outgoing, Error> {
    outgoing("clientContent", ClientContent::TABLE, content)
}

/// Audio, pictures, text or activity marks: the argument of `sendRealtimeInput`, or [`RealtimeInput`] as JSON.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn realtime_input(input: Value) -> Result<Outgoing, Error> {
    outgoing("realtimeInput", RealtimeInput::TABLE, input)
}

/// What called functions returned: the argument of `sendToolResponse`, or [`ToolResponse`] as JSON.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn tool_response(response: Value) -> Result<Outgoing, Error> {
    outgoing("toolResponse", ToolResponse::TABLE, response)
}

/// Another instruction or other tools: the argument of `sendContextUpdate`, or [`ContextUpdate`] as JSON.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn context_update(update: Value) -> Result<Outgoing, Error> {
    outgoing("contextUpdate", ContextUpdate::TABLE, update)
}

fn outgoing(name: &str, table: &'static Table, mut argument: Value) -> Result<Outgoing, Error> {
    let mut validator = Validator::new(Code::InvalidMessage);
    if argument.is_null() {
        argument = Value::Object(Map::new());
    }
    if !argument.is_object() {
        return Err(validator.mismatch("an object", &argument).with_field(name));
    }
    validator.message(table, &mut argument).map_err(|error| *error)?;
    let text = ["{\"", name, "\":", &super::json(&argument), "}"].concat();
    Ok(Outgoing { text, warnings: validator.warnings })
}

fn default_turn(_: &mut Validator, fields: &mut Map<String, Value>) -> Validated {
    if fields.get("turnComplete").is_none_or(Value::is_null) {
        fields.insert("turnComplete".to_owned(), Value::Bool(true));
    }
    Ok(())
}

/// `media`, the older form, takes one medium or a list and has no rule for its type.
fn media(validator: &mut Validator, fields: &mut Map<String, Value>) -> Validated {
    if let Some(media) = fields.get_mut("media").filter(|media| !media.is_null()) {
        let media = media.take();
        let chunks = if media.is_array() { media } else { Value::Array(vec![media]) };
        validator.warn_at("media", "deprecated", MEDIA_IS_OLD.to_owned());
        fields.insert("mediaChunks".to_owned(), chunks);
    }
    for (name, kind) in [("audio", "audio/"), ("video", "image/")] {
        let Some(medium @ Value::Object(_)) = fields.get(name) else { continue };
        let mime_type = medium.get("mimeType").or_else(|| medium.get("mime_type")).and_then(Value::as_str);
        if !mime_type.is_some_and(|mime_type| mime_type.starts_with(kind)) {
            return Err(validator.error_at(name, &["`mimeType` must begin with \"", kind, "\"."].concat()));
        }
    }
    Ok(())
}

fn single_response(validator: &mut Validator, fields: &mut Map<String, Value>) -> Validated {
    let responses = fields.get_mut("functionResponses").map(Value::take).unwrap_or_default();
    let list = match responses {
        Value::Array(list) => list,
        single @ Value::Object(_) => vec![single],
        _ => Vec::new(),
    };
    let mark = validator.enter("functionResponses");
    if list.is_empty() {
        return Err(validator.error("At least one function response is needed: { id, name, response }."));
    }
    for (index, response) in list.iter().enumerate() {
        let mark = validator.enter_entry(index);
        answerable(validator, response)?;
        validator.leave(mark);
    }
    validator.leave(mark);
    fields.insert("functionResponses".to_owned(), Value::Array(list));
    Ok(())
}

/// Without its call's id, its name and an object the service takes no answer.
fn answerable(validator: &mut Validator, response: &Value) -> Validated {
    for name in ["id", "name"] {
        if response.get(name).and_then(Value::as_str).unwrap_or_default().is_empty() {
            return Err(validator.error_at(name, "This is needed: repeat it from the tool call."));
        }
    }
    if response.get("response").is_some_and(Value::is_object) {
        return Ok(());
    }
    Err(validator.error_at(
        "response",
        "This must be an object: write { result: … } or { error: … } around the value.",
    ))
}

fn tool_list(_: &mut Validator, fields: &mut Map<String, Value>) -> Validated {
    if let Some(list @ Value::Array(_)) = fields.get_mut("tools") {
        *list = object("tools", list.take());
    }
    Ok(())
}

const MEDIA_IS_OLD: &str = "`media` is deprecated and refused by newer models: use `audio` or `video`.";
