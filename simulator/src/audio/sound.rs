//! Sounds of the simulator's own: a chime before each answer, and tones in place of a voice.

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

/// A tone per word, its pitch made from the word's letters: the same text always sounds the same.
pub(crate) fn tones(text: &str) -> Vec<i16> {
    text.split_whitespace().take(WORDS).flat_map(word).collect()
}

fn word(word: &str) -> impl Iterator<Item = i16> {
    let sum = word.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let hz = 180.0 + (sum % 24) as f32 * 15.0;
    let length = OUTPUT_HZ as usize / 100 * (10 + 2 * word.len().min(10));
    let tone = (0..length).map(move |index| {
        let angle = TAU * hz * index as f32 / OUTPUT_HZ as f32;
        ((angle.sin() + 0.3 * (3.0 * angle).sin()) * 5_000.0 * fade(index, length)) as i16
    });
    tone.chain(std::iter::repeat_n(0, PAUSE_SAMPLES))
}

/// Rises and falls over 10 ms, so that nothing clicks.
fn fade(index: usize, length: usize) -> f32 {
    let ramp = OUTPUT_HZ as usize / 100;
    (index.min(length - index) as f32 / ramp as f32).min(1.0)
}

const CHIME_SAMPLES: usize = OUTPUT_HZ as usize / 1000 * 200;
const PAUSE_SAMPLES: usize = OUTPUT_HZ as usize / 1000 * 50;

/// Longer texts are cut: this is a stand-in for a voice, not a voice.
const WORDS: usize = 60;
