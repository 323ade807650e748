//! The setup: what a session is to be like, as applications write it and as the wire has it.

mod config;
pub(in crate::protocol) mod content;
mod context;
mod enums;
pub(in crate::protocol) mod function_schema;
mod generation;
mod message;
mod output;
mod realtime_input;
mod tools;
mod transcription;

pub mod model_checks;

pub use self::{
    config::*, content::*, context::*, enums::*, function_schema::Schema, generation::*, message::Setup,
    output::*, realtime_input::*, tools::*, transcription::*,
};
