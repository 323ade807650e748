//! The chime before each answer.

use std::f32::consts::TAU;

use super::OUTPUT_HZ;

/// A short bell of two partials and the pause after it, 24 kHz: 0.25 s in all.
pub(crate) fn chime() -> Vec<i16> {
    let ring = (0..CHIME_SAMPLES).map(|index| {
        let time = index as f32 / OUTPUT_HZ as f32;
        let partials = (TAU * 880.0 * time).sin() + 0.5 * (TAU * 1320.0 * time).sin();
        (partials * 3_000.0 * fade(index, CHIME_SAMPLES) * (-12.0 * time).exp()) as i16
    });
    ring.chain(std::iter::repeat_n(0, PAUSE_SAMPLES)).collect()
}

/// Rises and falls over 10 ms, so that nothing clicks.
fn fade(index: usize, length: usize) -> f32 {
    let ramp = OUTPUT_HZ as usize / 100;
    (index.min(length - index) as f32 / ramp as f32).min(1.0)
}

const CHIME_SAMPLES: usize = OUTPUT_HZ as usize / 1000 * 200;
const PAUSE_SAMPLES: usize = OUTPUT_HZ as usize / 1000 * 50;
