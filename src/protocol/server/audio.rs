//! Audio of the answer, as the service sends it.

use std::fmt;

/// Audio of the answer: 16-bit little-endian PCM, mono.
#[derive(Clone, PartialEq, Eq)]
pub struct AudioChunk {
    /// The samples in base64, as the service sent them.
    pub data: String,
    /// Samples per second; 24 000 unless the service says otherwise.
    pub rate_hz: u32,
}

impl fmt::Debug for AudioChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioChunk")
            .field("base64", &self.data.len())
            .field("rate_hz", &self.rate_hz)
            .finish()
    }
}

/// The rate of `audio/pcm;rate=24000` and its like; `None` if it is not PCM.
pub(super) fn pcm_rate(mime_type: &str) -> Option<u32> {
    let mut pieces = mime_type.split(';').map(str::trim);
    let kind = pieces.next()?;
    if !kind.eq_ignore_ascii_case("audio/pcm") && !kind.eq_ignore_ascii_case("audio/l16") {
        return None;
    }
    let stated = pieces.find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        name.trim().eq_ignore_ascii_case("rate").then(|| value.trim().parse().ok())?
    });
    Some(stated.filter(|rate| RATES_HZ.contains(rate)).unwrap_or(DEFAULT_RATE_HZ))
}

const DEFAULT_RATE_HZ: u32 = 24_000;
/// Rates that speech may have; another is taken for a slip of the service.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=192_000;
