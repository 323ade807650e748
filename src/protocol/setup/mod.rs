//! The setup: what a session is to be like, as applications write it and as the wire has it.

mod conditions;
mod config;
pub(in crate::protocol) mod content;
mod enums;
pub(in crate::protocol) mod function_schema;
mod generation;
mod message;
mod tools;

pub mod model_checks;

pub use self::{
    conditions::*, config::*, content::*, enums::*, function_schema::Schema, generation::*, message::Setup,
    tools::*,
};
