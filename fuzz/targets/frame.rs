//! Any bytes as a frame of the server: understood or refused, and written for JavaScript, without a panic.

#![no_main]

use gemini_live_web::protocol::server::{self, Item};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(items) = server::decode(bytes) else { return };
    for item in items {
        match item {
            Item::Audio(audio) => assert!(audio.samples_at_24_khz() >= 0.0),
            Item::Event(event) => {
                let json = event.to_json();
                assert!(json.starts_with("{\"type\":"), "an event that JavaScript could not read: {json}");
            }
        }
    }
});
