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

mod json;
mod schema;

pub mod client;
pub mod close;
pub mod endpoint;
pub mod message;
pub mod server;
pub mod setup;
pub mod token;

#[cfg(test)]
mod tests;

pub(crate) use self::schema::names::holds;
#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) use self::schema::typescript::{self, Types};
pub use self::{schema::Int64, token::unix_ms};
