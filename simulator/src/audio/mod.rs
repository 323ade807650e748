//! Sample arithmetic: reading and writing PCM, changing rates, finding speech, and sounds of our own.

pub(crate) mod detector;
pub(crate) mod pcm;
pub(crate) mod resampler;
pub(crate) mod sound;
pub(crate) mod voice;

/// The rate the service listens at, in Hz.
pub(crate) const INPUT_HZ: u32 = 16_000;

/// The rate the service speaks at, in Hz.
pub(crate) const OUTPUT_HZ: u32 = 24_000;
