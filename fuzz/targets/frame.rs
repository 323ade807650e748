//! Any bytes as a frame of the server: understood or refused, and written for JavaScript, without a panic.

#![no_main]

use gemini_live_web::{
    audio::pcm,
    protocol::server::{self, Item},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(items) = server::decode(bytes) else { return };
    for item in items {
        match item {
            Item::Audio(audio) => drop(pcm::from_base64(&audio.data, audio.rate_hz)),
            Item::Event(event) => {
                let json = event.to_json();
                assert!(json.starts_with("{\"type\":"), "an event that JavaScript could not read: {json}");
            }
        }
    }
});
