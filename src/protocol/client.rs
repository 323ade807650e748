//! What the client says once the session is open.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use crate::error::{Code, Error, Warning};

/// A message that can be sent, and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The text frame: compact JSON.
    pub text: String,
    /// What was left out or looks wrong; the rest is sent.
    pub warnings: Vec<Warning>,
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

/// Turns to add to the conversation, and whether the model is to answer.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn client_content(content: Value) -> Result<Outgoing, Error> {
    wrap("clientContent", content)
}

/// Audio, pictures, text or activity marks, taken in as they come.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn realtime_input(input: Value) -> Result<Outgoing, Error> {
    wrap("realtimeInput", input)
}

/// What called functions returned.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn tool_response(response: Value) -> Result<Outgoing, Error> {
    wrap("toolResponse", response)
}

/// A new system instruction or other tools for the running session.
///
/// # Errors
///
/// When the argument cannot be sent; the error names the field.
pub fn context_update(update: Value) -> Result<Outgoing, Error> {
    wrap("contextUpdate", update)
}

fn wrap(name: &str, value: Value) -> Result<Outgoing, Error> {
    let Value::Object(_) = value else {
        return Err(Error::new(Code::InvalidMessage, "The argument is not an object."));
    };
    let message = Map::from_iter([(name.to_owned(), value)]);
    Ok(Outgoing { text: Value::Object(message).to_string(), warnings: Vec::new() })
}
