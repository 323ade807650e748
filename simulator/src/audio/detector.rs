//! Finding speech in a stream by its energy.

use std::collections::VecDeque;
use std::time::Duration;

use super::INPUT_HZ;

/// How easily speech is found, and how soon it is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sensitivity {
    /// Quieter frames are never speech (RMS of 16-bit samples).
    pub(crate) least_rms: f32,
    /// Speech is so many times louder than the background.
    pub(crate) ratio: f32,
    /// Speech is believed when it has lasted this long.
    pub(crate) prefix: Duration,
    /// Speech is over when it has been quiet this long.
    pub(crate) silence: Duration,
}

/// What a frame changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Speech is believed to have begun.
    Started,
    /// Speech is believed to be over.
    Ended,
}

/// An energy detector with an adaptive background level. Its time is the stream's: samples, not the clock.
#[derive(Debug)]
pub(crate) struct Detector {
    sensitivity: Sensitivity,
    /// Levels of the latest frames: the lowest of them is the background, for speech has its pauses.
    levels: VecDeque<f32>,
    speaking: bool,
    /// Length of the present run of frames that speak against the present state.
    contrary: Duration,
}

impl Detector {
    pub(crate) fn new(sensitivity: Sensitivity) -> Self {
        Self {
            sensitivity,
            levels: VecDeque::from([QUIET_RMS; MEMORY_FRAMES]),
            speaking: false,
            contrary: Duration::ZERO,
        }
    }

    /// Listens to one frame of [`FRAME_SAMPLES`] samples.
    pub(crate) fn frame(&mut self, samples: &[i16]) -> Option<Change> {
        let rms = rms(samples);
        let voiced = rms > self.threshold();
        self.remember(rms);
        if voiced == self.speaking {
            self.contrary = Duration::ZERO;
            return None;
        }
        self.contrary += FRAME;
        let needed = if self.speaking { self.sensitivity.silence } else { self.sensitivity.prefix };
        if self.contrary < needed.max(FRAME) {
            return None;
        }
        self.contrary = Duration::ZERO;
        self.speaking = voiced;
        Some(if voiced { Change::Started } else { Change::Ended })
    }

    /// Ends speech now: no more is to come.
    pub(crate) fn flush(&mut self) -> Option<Change> {
        self.contrary = Duration::ZERO;
        std::mem::take(&mut self.speaking).then_some(Change::Ended)
    }

    fn threshold(&self) -> f32 {
        let background = self.levels.iter().copied().fold(LOUD_RMS, f32::min).max(QUIET_RMS);
        let start = (background * self.sensitivity.ratio).max(self.sensitivity.least_rms);
        // Speech fades out below the level it is recognised at.
        if self.speaking { start * 0.5 } else { start }
    }

    fn remember(&mut self, rms: f32) {
        self.levels.pop_front();
        self.levels.push_back(rms);
    }
}

fn rms(samples: &[i16]) -> f32 {
    let energy: f32 = samples.iter().map(|sample| f32::from(*sample) * f32::from(*sample)).sum();
    (energy / samples.len().max(1) as f32).sqrt()
}

/// Samples of a frame: 20 ms at the input rate.
pub(crate) const FRAME_SAMPLES: usize = INPUT_HZ as usize / 50;

/// Time of a frame.
pub(crate) const FRAME: Duration = Duration::from_millis(20);

/// The background is never taken to be below this, or digital silence would make every rustle speech.
const QUIET_RMS: f32 = 20.0;

/// Nor above this, or a long loud tone would become background.
const LOUD_RMS: f32 = 1_500.0;

/// What the background is told from: 4 s.
const MEMORY_FRAMES: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    const SENSITIVITY: Sensitivity = Sensitivity {
        least_rms: 120.0,
        ratio: 3.0,
        prefix: Duration::from_millis(60),
        silence: Duration::from_millis(400),
    };

    fn frame(level: i16) -> Vec<i16> {
        (0..FRAME_SAMPLES).map(|index| if index % 16 < 8 { level } else { -level }).collect()
    }

    fn changes(levels: &[(i16, u32)]) -> Vec<(Change, u32)> {
        let mut detector = Detector::new(SENSITIVITY);
        let frames =
            levels.iter().flat_map(|(level, count)| std::iter::repeat_n(frame(*level), *count as usize));
        frames.zip(1..).filter_map(|(frame, at)| Some((detector.frame(&frame)?, at))).collect()
    }

    #[test]
    fn speech_starts_after_the_prefix_and_ends_after_the_silence() {
        assert_eq!(changes(&[(0, 10), (3000, 50), (0, 50)]), [(Change::Started, 13), (Change::Ended, 80)]);
    }

    #[test]
    fn a_click_is_not_speech_and_a_pause_is_not_the_end() {
        assert_eq!(changes(&[(0, 10), (3000, 2), (0, 30)]), []);
        assert_eq!(changes(&[(0, 10), (3000, 20), (0, 15), (3000, 20), (0, 19)]), [(Change::Started, 13)]);
    }

    #[test]
    fn a_steady_background_is_not_speech_for_ever() {
        let changes = changes(&[(400, 1000), (3000, 20), (400, 40)]);
        let kinds: Vec<_> = changes.iter().map(|(change, _)| *change).collect();
        assert_eq!(kinds, [Change::Started, Change::Ended, Change::Started, Change::Ended]);
        assert!(changes[1].1 < 250, "it is known for what it is within seconds: {changes:?}");
    }

    #[test]
    fn a_flush_ends_speech_once() {
        let mut detector = Detector::new(SENSITIVITY);
        for _ in 0..5 {
            detector.frame(&frame(3000));
        }
        assert_eq!(detector.flush(), Some(Change::Ended));
        assert_eq!(detector.flush(), None);
    }
}
