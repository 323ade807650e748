//! The wire, and nothing but the wire: what is sent, what is received, where to, and what a close means.
//!
//! # Where the fields come from
//!
//! | source | what is from there |
//! |---|---|
//! | the [WebSockets API reference](https://ai.google.dev/api/live) | whatever is not named below |
//! | the published protos of `google.ai.generativelanguage.v1beta` | `thinkingConfig`, `waitingForInput`, the tools, [`Schema`](setup::Schema) |
//! | the types of `@google/genai` 2.32 and 3.1 | `avatarConfig`, `translationConfig`, `safetySettings`, `labels`, `proactiveVideo`, `thinkingLevel`, the fields of `AudioTranscriptionConfig` and `Transcription`, `contextUpdate`, `turnCompleteReason`, `interactionStatus`, `interimInputTranscription`, `voiceActivity`, `serviceTier` |
//! | the reference of June 2026 and the Python SDK | `historyConfig` |
//!
//! Where a default is named it is the service's, as the reference has it; this library adds none.

mod schema;

pub mod client;
pub mod close;
pub mod endpoint;
pub mod server;
pub mod setup;
pub mod token;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

pub use self::{schema::Int64, token::unix_ms};

/// Why a field is refused that the Gemini API does not have.
const VERTEX_ONLY: &str = "Only Vertex AI has this; the Gemini API refuses it. Leave it out.";

/// An object with one field.
fn object(name: &str, value: Value) -> Value {
    let mut fields = Map::new();
    fields.insert(name.to_owned(), value);
    Value::Object(fields)
}

/// Compact JSON. Its one serializer: `Display` would be another, and pretty besides.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Whether one text holds another. `str::contains` is built for long texts, and its code is long too.
fn holds(text: &str, piece: &str) -> bool {
    text.as_bytes().windows(piece.len().max(1)).any(|window| window == piece.as_bytes())
}

/// `snake_case` as `camelCase`; what is not snake_case stays as it is.
fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut is_next_upper = false;
    for letter in name.chars() {
        if letter == '_' && !camel.is_empty() {
            is_next_upper = true;
        } else if is_next_upper {
            camel.push(letter.to_ascii_uppercase());
            is_next_upper = false;
        } else {
            camel.push(letter);
        }
    }
    camel
}
