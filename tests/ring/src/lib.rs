//! The ring's Rust halves, the memory that the Worker gives them, and the way of an answer there, for Node: nothing here is written anew.
#![cfg(target_arch = "wasm32")]

mod audio {
    pub(crate) use gemini_live_web::audio::ring;
}

mod web;
