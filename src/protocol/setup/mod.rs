//! The setup: what a session is to be like, as applications write it and as the wire has it.

mod config;
mod content;
mod context;
mod enums;
mod function_response;
mod function_schema;
mod generation;
mod lasting;
mod media;
mod message;
mod output;
mod prepare;
mod realtime_input;
mod reseeding;
mod tools;
mod transcription;
mod turn_detection;
mod voices;

pub mod model_checks;

#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) use self::content::CONTENT_UNION;
#[cfg(all(target_arch = "wasm32", feature = "js"))]
pub(crate) use self::tools::CALLABLE_TOOL;
pub use self::{
    config::{GenerationConfig, LiveConfig},
    content::{
        CodeExecutionResult, Content, ExecutableCode, FunctionCallPart, Part, PartMediaResolution,
        ServerToolCall, ServerToolResponse, VideoMetadata,
    },
    context::*,
    enums::*,
    function_response::{FunctionResponse, FunctionResponsePart},
    function_schema::{Schema, SchemaType},
    generation::*,
    lasting::{Lasting, lasting},
    media::{Blob, FileData},
    message::Setup,
    output::*,
    prepare::{Prepared, prepare},
    realtime_input::*,
    reseeding::{Reseeding, reseeding},
    tools::*,
    transcription::*,
    turn_detection::TurnDetection,
    voices::{LanguageCode, VoiceName},
};
pub(crate) use self::{
    content::turns,
    prepare::{convert, model_name},
};
