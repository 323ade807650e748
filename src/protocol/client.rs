//! What the client says once the session is open.

#[cfg(all(test, not(target_arch = "wasm32")))]
use super::setup::CONTENT_UNION;
use super::{
    json::{Map, Value, object},
    message::Kind,
    schema::{Table, Validated, Validator, message},
    setup::{Blob, Content, FunctionResponse, Role, Tool, turns},
};
use crate::{
    audio::pcm,
    error::{Code, Error, Warning, WarningCode},
};

/// A message that can be sent, and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// What it is about.
    pub kind: Kind,
    /// The text frame: compact JSON.
    pub text: String,
    /// What is not sent, or looks wrong; the rest is sent.
    pub warnings: Vec<Warning>,
}

message! {
    /// Client content: turns to add to the conversation, in order.
    ClientContent {
        /// Turns. From JavaScript a list of contents; or a content, a text, a part, or a list of them, which stand for
        /// one turn of the user.
        turns "turns": Vec<Content> as "ContentUnion | readonly Content[]" => turns,
        /// Turn complete: whether the model is to answer now. Default `true`.
        turn_complete "turnComplete": bool,
    }
    adjust default_turn
}

message! {
    /// Realtime input: what the model hears and sees as it happens. Several fields may be set at once.
    RealtimeInput {
        /// Audio; its MIME type begins with `audio/`.
        audio "audio": Blob,
        /// Video: an image; its MIME type begins with `image/`.
        video "video": Blob,
        /// Text that was typed. It counts as activity of the user.
        text "text": String,
        /// Audio stream end: the microphone pauses, and what is held back is taken as complete. Only with
        /// automatic activity detection.
        audio_stream_end "audioStreamEnd": bool,
        /// Activity start: the user begins to speak. Only with automatic activity detection disabled.
        activity_start "activityStart": Map as "object",
        /// Activity end: the user has stopped speaking. Only with automatic activity detection disabled.
        activity_end "activityEnd": Map as "object",
        /// Media chunks. Deprecated form of `audio` and `video`; newer models refuse it.
        media_chunks "mediaChunks": Vec<Blob>,
    }
    forms {
        /// Media. Deprecated form of `audio` and `video`; newer models refuse it.
        "media": "Blob | readonly Blob[]",
    }
    adjust media
}

message! {
    /// Tool response: what called functions returned.
    ToolResponse {
        /// Function responses, one for each call. From JavaScript also a single one.
        function_responses "functionResponses" required: Vec<FunctionResponse>
            as "FunctionResponse | readonly FunctionResponse[]",
    }
    adjust single_response
}

message! {
    /// Context update: another system instruction or other tools for the running session. Undocumented by
    /// the service.
    ContextUpdate {
        /// System instruction: who the model is from now on. From JavaScript a content, a text, a part or a list of
        /// them.
        system_instruction "systemInstruction": Content as CONTENT_UNION,
        /// Tools that the model may use from now on. From JavaScript also the list alone.
        tools "tools": ToolUpdate as "ToolUpdate | readonly Tool[]",
    }
    adjust tool_list
}

message! {
    /// Tool update: what the model may use from now on.
    ToolUpdate {
        /// Tools.
        tools "tools": Vec<Tool>,
    }
}

impl RealtimeInput {
    /// Typed text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// A piece of audio.
    #[must_use]
    pub fn audio(audio: Blob) -> Self {
        Self { audio: Some(audio), ..Self::default() }
    }

    /// An image.
    #[must_use]
    pub fn video(image: Blob) -> Self {
        Self { video: Some(image), ..Self::default() }
    }

    /// The user begins to speak.
    #[must_use]
    pub fn activity_start() -> Self {
        Self { activity_start: Some(Map::new()), ..Self::default() }
    }

    /// The user has stopped speaking.
    #[must_use]
    pub fn activity_end() -> Self {
        Self { activity_end: Some(Map::new()), ..Self::default() }
    }

    /// The microphone pauses.
    #[must_use]
    pub fn audio_stream_end() -> Self {
        Self { audio_stream_end: Some(true), ..Self::default() }
    }
}

impl ClientContent {
    /// One turn of the user, which the model is to answer.
    #[must_use]
    pub fn user(text: impl Into<String>) -> Self {
        Self::turns([Content::user(text)])
    }

    /// Turns that the model is to answer.
    #[must_use]
    pub fn turns(turns: impl Into<Vec<Content>>) -> Self {
        Self { turns: Some(turns.into()), turn_complete: None }
    }
}

impl ToolResponse {
    /// Responses to function calls.
    #[must_use]
    pub fn new(responses: impl Into<Vec<FunctionResponse>>) -> Self {
        Self { function_responses: Some(responses.into()) }
    }
}

/// Microphone audio pauses: the service hands over what it still holds back.
pub const AUDIO_STREAM_END: &str = r#"{"realtimeInput":{"audioStreamEnd":true}}"#;
/// The user begins to speak; for sessions whose automatic detection is off.
pub const ACTIVITY_START: &str = r#"{"realtimeInput":{"activityStart":{}}}"#;
/// The user has stopped speaking; for sessions whose automatic detection is off.
pub const ACTIVITY_END: &str = r#"{"realtimeInput":{"activityEnd":{}}}"#;

/// The message that carries microphone audio: 16-bit samples at 16 kHz, mono.
#[must_use]
pub fn audio(pcm: &[i16]) -> String {
    const HEAD: &str = r#"{"realtimeInput":{"audio":{"data":""#;
    const TAIL: &str = r#"","mimeType":"audio/pcm;rate=16000"}}}"#;
    let bytes: Vec<u8> = pcm.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let mut text = String::with_capacity(HEAD.len() + bytes.len().div_ceil(3) * 4 + TAIL.len());
    text.push_str(HEAD);
    pcm::encode_base64(&bytes, &mut text);
    text.push_str(TAIL);
    text
}

/// The message that carries a history: who said what, oldest first, and whether that completes a turn.
pub(crate) fn history(told: Vec<(&Role, &str)>, completes_turn: bool) -> String {
    let turn = |(role, said): (&Role, &str)| {
        let parts = Value::Array(vec![object("text", said.into())]);
        let fields = [("role".to_owned(), role.as_str().into()), ("parts".to_owned(), parts)];
        Value::Object(fields.into_iter().collect())
    };
    let content: Map = [
        ("turns".to_owned(), Value::Array(told.into_iter().map(turn).collect())),
        ("turnComplete".to_owned(), Value::Bool(completes_turn)),
    ]
    .into_iter()
    .collect();
    object("clientContent", content.into()).to_json()
}

/// Turns to add to the conversation: the argument of `sendClientContent`, or [`ClientContent`] as JSON.
/// `null` stands for no argument, which completes the turn.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn client_content(content: impl Into<Value>) -> Result<Outgoing, Error> {
    outgoing("clientContent", ClientContent::TABLE, content.into())
}

/// Audio, pictures, text or activity marks: the argument of `sendRealtimeInput`, or [`RealtimeInput`] as JSON.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn realtime_input(input: impl Into<Value>) -> Result<Outgoing, Error> {
    outgoing("realtimeInput", RealtimeInput::TABLE, input.into())
}

/// What called functions returned: the argument of `sendToolResponse`, or [`ToolResponse`] as JSON.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn tool_response(response: impl Into<Value>) -> Result<Outgoing, Error> {
    outgoing("toolResponse", ToolResponse::TABLE, response.into())
}

/// Another instruction or other tools: the argument of `sendContextUpdate`, or [`ContextUpdate`] as JSON.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn context_update(update: impl Into<Value>) -> Result<Outgoing, Error> {
    outgoing("contextUpdate", ContextUpdate::TABLE, update.into())
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
    let text = ["{\"", name, "\":", &argument.to_json(), "}"].concat();
    Ok(Outgoing { kind: Kind::of(name, &argument), text, warnings: validator.warnings })
}

fn default_turn(_: &mut Validator, fields: &mut Map) -> Validated {
    if fields.get("turnComplete").is_none_or(Value::is_null) {
        fields.set("turnComplete", Value::Bool(true));
    }
    Ok(())
}

/// `media`, the older form, takes one medium or a list and has no rule for its type.
fn media(validator: &mut Validator, fields: &mut Map) -> Validated {
    if let Some(media) = fields.get_mut("media").filter(|media| !media.is_null()) {
        let media = media.take();
        let chunks = if media.is_array() { media } else { Value::Array(vec![media]) };
        validator.warn_at("media", WarningCode::Deprecated, MEDIA_IS_OLD.to_owned());
        fields.set("mediaChunks", chunks);
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

fn single_response(validator: &mut Validator, fields: &mut Map) -> Validated {
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
    fields.set("functionResponses", Value::Array(list));
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

fn tool_list(_: &mut Validator, fields: &mut Map) -> Validated {
    if let Some(list @ Value::Array(_)) = fields.get_mut("tools") {
        *list = object("tools", list.take());
    }
    Ok(())
}

const MEDIA_IS_OLD: &str = "`media` is deprecated and refused by newer models: use `audio` or `video`.";
