//! The audio of a connection in one direction.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::redaction::shortened;

/// Audio that went by: counted without end, kept up to a bound.
#[derive(Debug, Default)]
pub(super) struct Sound {
    pub(super) samples: u64,
    messages: u64,
    mime_types: BTreeMap<String, u64>,
    pub(super) kept: Vec<i16>,
    /// When each message came, and with which samples: ms, the first, how many.
    pub(super) frames: Vec<[u64; 3]>,
}

impl Sound {
    /// Audio went by: so many samples, those to keep, their rate and when it was.
    pub(super) fn add(
        &mut self,
        samples: usize,
        mime_type: &str,
        keep: &[i16],
        (rate_hz, at_ms): (u32, u64),
    ) {
        if self.frames.len() < MOST_FRAMES {
            self.frames.push([at_ms, self.samples, samples as u64]);
        }
        self.samples += samples as u64;
        self.messages += 1;
        if self.mime_types.len() < MOST_MIME_TYPES || self.mime_types.contains_key(mime_type) {
            *self.mime_types.entry(shortened(mime_type)).or_default() += 1;
        }
        let room = (rate_hz as usize * KEPT_SECONDS).saturating_sub(self.kept.len());
        self.kept.extend(keep.iter().take(room));
    }

    pub(super) fn frames(&self) -> Value {
        json!({"frames": self.frames, "dropped": self.messages - self.frames.len() as u64})
    }

    pub(super) fn summary(&self, rate_hz: u32) -> Value {
        let rates: Vec<u32> =
            self.mime_types.keys().filter_map(|mime| crate::audio::pcm::rate_hz(mime)).collect();
        let rate = match rates[..] {
            [rate] => Some(rate),
            _ => None,
        };
        json!({
            "samples": self.samples,
            "messages": self.messages,
            "rate": rate,
            "mimeTypes": self.mime_types,
            "kept": {"samples": self.kept.len(), "rate": rate_hz},
        })
    }
}

/// Ten minutes of frames of 20 ms.
const MOST_FRAMES: usize = 30_000;

const MOST_MIME_TYPES: usize = 8;

/// Ten minutes, as long as a connection lasts.
const KEPT_SECONDS: usize = 600;
