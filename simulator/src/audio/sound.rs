//! The chime before each answer.

use std::f32::consts::TAU;

use super::OUTPUT_HZ;

/// A short bell of two partials and the pause after it, 24 kHz: 0.25 s in all. Its pitch depends on what it announces, by less
/// than anybody hears between two of them: whoever follows samples must not take one answer's beginning for another's.
pub(crate) fn chime(announced: &[i16]) -> Vec<i16> {
    let pitch_hz = 880.0 + 0.25 * (fingerprint(announced) % 256) as f32;
    let ring = (0..CHIME_SAMPLES).map(|index| {
        let time = index as f32 / OUTPUT_HZ as f32;
        let partials = (TAU * pitch_hz * time).sin() + 0.5 * (TAU * 1.5 * pitch_hz * time).sin();
        (partials * 3_000.0 * fade(index, CHIME_SAMPLES) * (-12.0 * time).exp()) as i16
    });
    ring.chain(std::iter::repeat_n(0, PAUSE_SAMPLES)).collect()
}

/// A number that other samples hardly share.
fn fingerprint(samples: &[i16]) -> u32 {
    samples.iter().fold(0x811C_9DC5, |hash: u32, sample| (hash ^ *sample as u32).wrapping_mul(0x0100_0193))
        >> 8
}

/// Rises and falls over 10 ms, so that nothing clicks.
fn fade(index: usize, length: usize) -> f32 {
    let ramp = OUTPUT_HZ as usize / 100;
    (index.min(length - index) as f32 / ramp as f32).min(1.0)
}

const CHIME_SAMPLES: usize = OUTPUT_HZ as usize / 1000 * 200;
const PAUSE_SAMPLES: usize = OUTPUT_HZ as usize / 1000 * 50;

#[cfg(test)]
mod tests {
    use super::chime;

    #[test]
    fn no_two_answers_begin_alike_and_the_same_always_does() {
        let announced: Vec<Vec<i16>> =
            (0..8).map(|seed| (0..500).map(|at| at * 7 + seed).collect()).collect();
        for (index, one) in announced.iter().enumerate() {
            assert_eq!(chime(one), chime(one));
            for other in &announced[index + 1..] {
                assert_ne!(chime(one)[..64], chime(other)[..64], "within three milliseconds");
            }
        }
    }
}
