//! A voice of the simulator's own: a sound per letter, as a source behind three resonances. It says no words that anybody
//! understands, but it lies where speech lies, pauses where speech pauses, and the same text always sounds the same.

use std::f32::consts::TAU;

use super::OUTPUT_HZ;

/// The sound of a text, 24 kHz. A text without a letter is one short sound: an answer is never silent.
pub(crate) fn speak(text: &str) -> Vec<i16> {
    let mut mouth = Mouth::default();
    for word in text.split_whitespace().take(MOST_WORDS) {
        for letter in word.chars().take(MOST_LETTERS) {
            mouth.say(sound_of(letter));
        }
        mouth.say(if word.ends_with(['.', '!', '?', ',', ';', ':']) { LONG_PAUSE } else { PAUSE });
    }
    if !mouth.has_spoken() {
        mouth.say(sound_of('m'));
        mouth.say(PAUSE);
    }
    mouth.finish()
}

/// What a mouth does for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sound {
    /// Of the vocal folds, and of the breath: 0 to 1.
    voice: f32,
    breath: f32,
    /// The resonances in Hz.
    formants: [f32; 3],
    seconds: f32,
}

const PAUSE: Sound = Sound { voice: 0.0, breath: 0.0, formants: [500.0, 1500.0, 2500.0], seconds: 0.06 };
const LONG_PAUSE: Sound = Sound { seconds: 0.2, ..PAUSE };

/// Every letter has one; what is no Latin letter has that of a vowel, by its number.
fn sound_of(letter: char) -> Sound {
    let vowel = |f1: f32, f2: f32| Sound {
        voice: 1.0,
        breath: 0.0,
        formants: [f1, f2, f2.max(1800.0) + 700.0],
        seconds: 0.1,
    };
    let hum = |f1: f32, f2: f32| Sound { voice: 0.5, seconds: 0.07, ..vowel(f1, f2) };
    let hiss = |at: f32| Sound { voice: 0.0, breath: 0.5, formants: [at * 0.6, at, at * 1.3], seconds: 0.08 };
    let burst = |at: f32| Sound { breath: 0.8, seconds: 0.04, ..hiss(at) };
    match letter.to_ascii_lowercase() {
        'a' => vowel(730.0, 1200.0),
        'e' => vowel(530.0, 1840.0),
        'i' => vowel(300.0, 2250.0),
        'o' => vowel(520.0, 900.0),
        'u' => vowel(320.0, 800.0),
        'y' => hum(280.0, 2100.0),
        'b' => hum(250.0, 850.0),
        'd' => hum(260.0, 1700.0),
        'g' => hum(270.0, 2000.0),
        'j' => hum(300.0, 1950.0),
        'l' => hum(380.0, 1050.0),
        'm' => hum(290.0, 1000.0),
        'n' => hum(300.0, 1500.0),
        'r' => hum(420.0, 1300.0),
        'v' => hum(350.0, 1100.0),
        'w' => hum(330.0, 700.0),
        'z' => hum(400.0, 1600.0),
        'f' => hiss(2200.0),
        'h' => hiss(1400.0),
        's' => hiss(3300.0),
        'x' => hiss(2900.0),
        'c' => burst(2600.0),
        'k' => burst(1900.0),
        'p' => burst(1000.0),
        'q' => burst(1700.0),
        't' => burst(3000.0),
        // An apostrophe, a comma: the mouth stays shut.
        other if other.is_ascii_punctuation() => Sound { seconds: 0.0, ..PAUSE },
        other => {
            let number = u32::from(other);
            vowel(300.0 + 60.0 * (number % 8) as f32, 900.0 + 150.0 * (number / 8 % 9) as f32)
        }
    }
}

/// What the sounds are made with. It glides from one to the next: a voice does not jump.
#[derive(Debug)]
struct Mouth {
    samples: Vec<f32>,
    now: Sound,
    /// Of the vocal folds, 0 to 1.
    phase: f32,
    noise: u32,
    resonances: [Resonance; 3],
}

impl Default for Mouth {
    fn default() -> Self {
        Self {
            samples: Vec::new(),
            now: PAUSE,
            phase: 0.0,
            noise: 1,
            resonances: [(); 3].map(|()| Resonance::default()),
        }
    }
}

impl Mouth {
    fn has_spoken(&self) -> bool {
        self.samples.iter().any(|sample| sample.abs() > 1e-6)
    }

    fn say(&mut self, next: Sound) {
        let length = (next.seconds * RATE) as usize;
        self.samples.reserve(length);
        for _ in 0..length {
            self.glide(next);
            let source = self.folds() * self.now.voice + self.breath() * self.now.breath;
            let resonances = self.resonances.iter_mut().zip(self.now.formants);
            let sound = resonances.map(|(resonance, hz)| resonance.pass(source, hz)).sum();
            self.samples.push(sound);
        }
    }

    fn glide(&mut self, next: Sound) {
        let step = 1.0 / (0.012 * RATE);
        let towards = |now: &mut f32, next: f32| *now += (next - *now) * step;
        towards(&mut self.now.voice, next.voice);
        towards(&mut self.now.breath, next.breath);
        for (now, next) in self.now.formants.iter_mut().zip(next.formants) {
            towards(now, next);
        }
    }

    /// A saw without its steepest part: every harmonic, the high ones softer. Its pitch falls within each second.
    fn folds(&mut self) -> f32 {
        let second = self.samples.len() as f32 / RATE;
        self.phase = (self.phase + (135.0 - 25.0 * second.fract()) / RATE).fract();
        let saw = 1.0 - 2.0 * self.phase;
        saw * (TAU * 0.5 * self.phase).sin()
    }

    /// The same hiss each time.
    fn breath(&mut self) -> f32 {
        self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.noise >> 16) as f32 / 32_768.0 - 1.0
    }

    /// As loud as speech is, whatever the letters were.
    fn finish(self) -> Vec<i16> {
        let voiced: Vec<f32> = self.samples.iter().map(|sample| sample * sample).collect();
        let energy = voiced.iter().sum::<f32>() / voiced.len().max(1) as f32;
        let gain = LEVEL_RMS / energy.sqrt().max(1e-9);
        self.samples.into_iter().map(|sample| (sample * gain).clamp(-30_000.0, 30_000.0) as i16).collect()
    }
}

/// A filter of two poles.
#[derive(Debug, Default)]
struct Resonance {
    past: [f32; 2],
}

impl Resonance {
    fn pass(&mut self, source: f32, hz: f32) -> f32 {
        let radius = (-std::f32::consts::PI * BANDWIDTH_HZ / RATE).exp();
        let [last, before] = self.past;
        let sound = source * (1.0 - radius) + 2.0 * radius * (TAU * hz / RATE).cos() * last
            - radius * radius * before;
        self.past = [sound, last];
        sound
    }
}

const RATE: f32 = OUTPUT_HZ as f32;
const BANDWIDTH_HZ: f32 = 110.0;

/// What espeak-ng's voice has, pauses included: 2519 in a sentence of seven words.
const LEVEL_RMS: f32 = 2_500.0;

/// Longer texts are cut: this is a stand-in for a voice, not a voice.
const MOST_WORDS: usize = 60;
const MOST_LETTERS: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::INPUT_HZ;
    use crate::audio::detector::{Change, Detector, FRAME_SAMPLES, Sensitivity};
    use crate::audio::resampler::Resampler;

    fn rms(samples: &[i16]) -> f32 {
        (samples.iter().map(|sample| f32::from(*sample).powi(2)).sum::<f32>() / samples.len() as f32).sqrt()
    }

    /// How much of the sound is left by a resampler that takes away what is above half of `to_hz`.
    fn share_below(samples: &[i16], to_hz: u32) -> f32 {
        rms(&Resampler::convert(samples, OUTPUT_HZ, to_hz)) / rms(samples)
    }

    #[test]
    fn the_same_text_sounds_the_same_and_every_word_is_another() {
        let words = ["cat", "act", "dog", "god", "seven", "saven", "日本", "本日", "12", "21"];
        for (index, word) in words.iter().enumerate() {
            assert_eq!(speak(word), speak(word));
            for other in &words[index + 1..] {
                assert_ne!(speak(word), speak(other), "{word} and {other}");
            }
        }
    }

    #[test]
    fn it_is_as_loud_as_speech_and_lies_where_speech_lies() {
        for text in ["hello there, how are you?", "sss", "mmm", "тест", "1 2 3", "a"] {
            let sound = speak(text);
            let level = rms(&sound);
            assert!((2_000.0..3_000.0).contains(&level), "{text}: {level}");
            assert!(share_below(&sound, 8_000) > 0.7, "{text}: {}", share_below(&sound, 8_000));
        }
    }

    #[test]
    fn it_begins_and_ends_without_a_click() {
        for text in ["hello", "tap", "", "?!"] {
            let sound = speak(text);
            let ends = sound.iter().take(5).chain(sound.iter().rev().take(50));
            assert!(ends.clone().all(|sample| sample.abs() < 400), "{text}: {:?}", ends.collect::<Vec<_>>());
            assert!(rms(&sound) > 500.0, "an answer is never silent");
        }
    }

    #[test]
    fn a_listener_hears_one_utterance() {
        let sensitivity = Sensitivity {
            least_rms: 120.0,
            ratio: 3.0,
            prefix: std::time::Duration::from_millis(60),
            silence: std::time::Duration::from_millis(400),
        };
        let mut detector = Detector::new(sensitivity);
        let mut sound =
            Resampler::convert(&speak("could you tell me, please, what time it is?"), OUTPUT_HZ, INPUT_HZ);
        sound.resize(sound.len() + INPUT_HZ as usize, 0);
        let changes: Vec<_> =
            sound.chunks_exact(FRAME_SAMPLES).filter_map(|frame| detector.frame(frame)).collect();
        assert_eq!(changes, [Change::Started, Change::Ended]);
    }

    #[test]
    fn a_long_text_is_cut() {
        let long = speak(&"word ".repeat(10_000));
        assert_eq!(long.len(), speak(&"word ".repeat(MOST_WORDS)).len());
        assert!(speak(&"a".repeat(100_000)).len() < 4 * OUTPUT_HZ as usize);
    }
}
