//! Whether a frame holds a voice: by its energy, against the room's noise.

/// Tells speech from the room, frame by frame, for figures such as the time from end of speech to answer.
///
/// It reacts within one frame in both directions and holds nothing over: who wants to bridge the pauses between words keeps the time of
/// the last voiced frame. It is not the service's voice activity detection and decides nothing about what is sent.
#[derive(Clone, Debug)]
pub struct Vad {
    /// Mean square of the room's noise, where full scale is 1.
    noise: f32,
    /// Sum of the squares of the frame that is not complete, and how many samples it has.
    energy: i64,
    filled: usize,
}

impl Vad {
    /// A detector that assumes a quiet room until it has heard one.
    pub const fn new() -> Self {
        Self { noise: QUIET, energy: 0, filled: 0 }
    }

    /// Takes of `samples` what completes a frame of 20 ms, and says whether that holds a voice; takes all where they do not. However
    /// long what a microphone gives at a time is, it is heard alike.
    pub fn hear(&mut self, samples: &mut &[i16]) -> Option<bool> {
        let (head, tail) = samples.split_at(samples.len().min(FRAME_SAMPLES - self.filled));
        *samples = tail;
        self.energy += head.iter().map(|&sample| i64::from(sample) * i64::from(sample)).sum::<i64>();
        self.filled += head.len();
        if self.filled < FRAME_SAMPLES {
            return None;
        }
        self.filled = 0;
        let energy = std::mem::take(&mut self.energy) as f32 / FRAME_SAMPLES as f32 / (32768.0 * 32768.0);
        Some(self.judge(energy))
    }

    fn judge(&mut self, energy: f32) -> bool {
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

/// Samples of 20 ms.
pub const FRAME_SAMPLES: usize = 320;
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
        (0..frames).filter(|&seed| vad.hear(&mut noise(seed, peak).as_slice()) == Some(true)).count()
    }

    #[test]
    fn portions_of_any_length_are_heard_alike() {
        let sound: Vec<i16> =
            (0..60).flat_map(|seed| noise(seed, if seed % 20 < 10 { 30 } else { 3000 })).collect();
        let heard = |portion: usize| {
            let (mut vad, mut heard) = (Vad::new(), Vec::new());
            for mut samples in sound.chunks(portion) {
                while let Some(is_voice) = vad.hear(&mut samples) {
                    heard.push(is_voice);
                }
            }
            heard
        };
        let usual = heard(FRAME_SAMPLES);
        assert_eq!(usual.iter().filter(|is_voice| **is_voice).count(), 30);
        for portion in [1, 160, 400, 1600, 5000] {
            assert_eq!(heard(portion), usual, "{portion}");
        }
    }

    #[test]
    fn silence_is_no_voice() {
        let mut vad = Vad::new();
        assert_eq!(vad.hear(&mut [].as_slice()), None);
        assert!((0..100).all(|_| vad.hear(&mut [0; 320].as_slice()) == Some(false)));
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
