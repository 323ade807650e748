//! Whether a frame holds a voice: by its energy, against the room's noise.

/// Tells speech from the room, frame by frame, for figures such as the time from end of speech to answer.
///
/// It reacts within one frame in both directions and holds nothing over: who wants to bridge the pauses between words keeps the time of
/// the last voiced frame. It is not the service's voice activity detection and decides nothing about what is sent.
#[derive(Clone, Debug)]
pub struct Vad {
    /// Mean square of the room's noise, where full scale is 1.
    noise: f32,
}

impl Vad {
    /// A detector that assumes a quiet room until it has heard one.
    pub const fn new() -> Self {
        Self { noise: QUIET }
    }

    /// Whether `frame` (20 ms; an empty one is silence) holds a voice.
    pub fn frame(&mut self, frame: &[i16]) -> bool {
        let energy = mean_square(frame);
        let is_voiced = energy > FAINT && energy > self.noise * CONTRAST;
        // Down with the quietest frames at once, up so slowly that a sentence does not become the room.
        self.noise = if energy < self.noise { (self.noise + energy) / 2.0 } else { self.noise * RISE };
        self.noise = self.noise.clamp(QUIET, LOUD);
        is_voiced
    }
}

impl Default for Vad {
    fn default() -> Self {
        Self::new()
    }
}

fn mean_square(frame: &[i16]) -> f32 {
    let sum: i64 = frame.iter().map(|&sample| i64::from(sample) * i64::from(sample)).sum();
    sum as f32 / frame.len().max(1) as f32 / (32768.0 * 32768.0)
}

/// -55 dB: no voice is fainter.
const FAINT: f32 = 3.2e-6;
/// -75 dB: no room is quieter.
const QUIET: f32 = 3.2e-8;
/// -35 dB: what is louder is not the room.
const LOUD: f32 = 3.2e-4;
/// 9 dB: how far a voice stands above the room.
const CONTRAST: f32 = 8.0;
/// Per frame of 20 ms; 1.3 dB a second.
const RISE: f32 = 1.006;

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise from a seeded generator, `peak` of full scale 32768.
    fn noise(seed: u32, peak: i32) -> Vec<i16> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) as i32 % (2 * peak + 1) - peak) as i16
        };
        (0..320).map(|_| next()).collect()
    }

    fn hear(vad: &mut Vad, frames: u32, peak: i32) -> usize {
        (0..frames).filter(|&seed| vad.frame(&noise(seed, peak))).count()
    }

    #[test]
    fn silence_is_no_voice() {
        let mut vad = Vad::new();
        assert!(!vad.frame(&[]));
        assert!((0..100).all(|_| !vad.frame(&[0; 320])));
    }

    #[test]
    fn a_voice_is_heard_from_its_first_frame_to_its_last() {
        let mut vad = Vad::default();
        assert_eq!(hear(&mut vad, 100, 30), 0);
        assert_eq!(hear(&mut vad, 100, 3000), 100);
        assert_eq!(hear(&mut vad, 100, 30), 0);
    }

    #[test]
    fn a_noisy_room_becomes_the_background() {
        let mut vad = Vad::new();
        hear(&mut vad, 2000, 600);
        assert_eq!(hear(&mut vad, 500, 600), 0);
        assert_eq!(hear(&mut vad, 50, 6000), 50);
    }

    #[test]
    fn long_speech_does_not_become_the_background() {
        let mut vad = Vad::new();
        assert_eq!(hear(&mut vad, 50 * 60, 8000), 50 * 60);
    }
}
