//! Gemini Live API for the browser.

pub mod audio;
pub mod error;
pub mod event;
pub mod protocol;
pub mod session;
pub mod time;
#[cfg(target_arch = "wasm32")]
pub mod web;
