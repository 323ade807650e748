//! Listening: from PCM at any rate to utterances at 16 kHz.

use std::collections::VecDeque;
use std::time::Duration;

use crate::audio::INPUT_HZ;
use crate::audio::detector::{Change, Detector, FRAME_SAMPLES, Sensitivity};
use crate::audio::resampler::Resampler;

/// What was heard.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// Somebody began to speak, so far into the stream.
    Started(Duration),
    /// Somebody has finished, so far into the stream.
    Utterance(Vec<i16>, Duration),
}

/// The stream of audio that comes in. Its time is the audio's own: silence is silence that was sent.
#[derive(Debug)]
pub(super) struct Ear {
    /// `None`: the client says when somebody speaks.
    detection: Option<(Sensitivity, Detector)>,
    resampler: Option<(u32, Resampler)>,
    /// The beginning of a frame that is not complete yet.
    partial: Vec<i16>,
    /// The moment before speech is recognised: it belongs to the utterance.
    recent: VecDeque<i16>,
    utterance: Option<Vec<i16>>,
    samples: u64,
    /// The turn stays open until so many samples have come, silence or not.
    open_until: u64,
    /// Speech is over, but the turn stays open: so many samples are what was said.
    said: Option<usize>,
}

impl Ear {
    pub(super) fn new(detection: Option<Sensitivity>) -> Self {
        Self {
            detection: detection.map(|sensitivity| (sensitivity, Detector::new(sensitivity))),
            resampler: None,
            partial: Vec::new(),
            recent: VecDeque::new(),
            utterance: None,
            samples: 0,
            open_until: 0,
            said: None,
        }
    }

    /// The samples at 16 kHz, whatever their rate.
    pub(super) fn at_16_khz(&mut self, samples: Vec<i16>, rate_hz: u32) -> Vec<i16> {
        if rate_hz == INPUT_HZ {
            return samples;
        }
        // Rates that have little in common with 16 kHz need huge filters: 25 Hz more or less cannot be heard.
        let rate_hz = (rate_hz + 12) / 25 * 25;
        match &mut self.resampler {
            Some((rate, resampler)) if *rate == rate_hz => resampler.push(&samples),
            stale => stale.insert((rate_hz, Resampler::new(rate_hz, INPUT_HZ))).1.push(&samples),
        }
    }

    /// Listens to samples at 16 kHz.
    pub(super) fn listen(&mut self, samples: &[i16]) -> Vec<Heard> {
        let mut heard = Vec::new();
        self.partial.extend(samples);
        let partial = std::mem::take(&mut self.partial);
        let mut frames = partial.chunks_exact(FRAME_SAMPLES);
        for frame in frames.by_ref() {
            heard.extend(self.frame(frame));
        }
        self.partial = frames.remainder().to_vec();
        heard
    }

    /// The client says that somebody begins to speak.
    pub(super) fn begin(&mut self) -> Option<Heard> {
        if self.utterance.is_some() {
            return None;
        }
        self.utterance = Some(Vec::new());
        Some(Heard::Started(self.position()))
    }

    /// The client says that somebody has finished, or that the stream pauses.
    pub(super) fn end(&mut self) -> Option<Heard> {
        let mut utterance = self.utterance.take()?;
        self.said = None;
        utterance.append(&mut self.partial);
        if let Some((_, detector)) = &mut self.detection {
            detector.flush();
        }
        Some(Heard::Utterance(utterance, self.position()))
    }

    /// The client says that the stream pauses, and that is not taken for an end: silence has to come.
    pub(super) fn leave_open(&mut self) {
        if self.utterance.is_some() {
            self.open_until = self.samples + samples_of(OPEN) as u64;
        }
    }

    /// How much of an utterance was heard so far, in samples; 0 when nobody speaks.
    pub(super) fn heard_so_far(&self) -> usize {
        self.utterance.as_ref().map_or(0, Vec::len)
    }

    fn frame(&mut self, frame: &[i16]) -> Option<Heard> {
        self.samples += frame.len() as u64;
        if let Some(utterance) = &mut self.utterance {
            utterance.extend(frame);
            if utterance.len() >= LONGEST_SAMPLES {
                return self.end();
            }
        }
        let (sensitivity, detector) = self.detection.as_mut()?;
        match detector.frame(frame) {
            Some(Change::Started) if self.utterance.is_some() => {
                self.said = None;
                None
            }
            Some(Change::Started) => {
                self.recent.extend(frame);
                self.utterance = Some(self.recent.drain(..).collect());
                Some(Heard::Started(self.position()))
            }
            Some(Change::Ended) => {
                // Of the silence that proved the end, a little is kept.
                let excess = sensitivity.silence.saturating_sub(TAIL);
                self.said = Some(self.utterance.as_ref()?.len().saturating_sub(samples_of(excess)));
                self.finish()
            }
            None if self.said.is_some() => self.finish(),
            None => {
                if self.utterance.is_none() {
                    self.recent.extend(frame);
                    let excess = self
                        .recent
                        .len()
                        .saturating_sub(samples_of(PRE_ROLL + sensitivity.prefix.min(LONGEST_PREFIX)));
                    self.recent.drain(..excess);
                }
                None
            }
        }
    }

    /// Ends the utterance, unless it stays open.
    fn finish(&mut self) -> Option<Heard> {
        if self.samples < self.open_until {
            return None;
        }
        let mut utterance = self.utterance.take()?;
        utterance.truncate(self.said.take()?);
        Some(Heard::Utterance(utterance, self.position()))
    }

    fn position(&self) -> Duration {
        Duration::from_micros(self.samples * 1_000_000 / u64::from(INPUT_HZ))
    }
}

fn samples_of(duration: Duration) -> usize {
    (duration.as_millis() as usize).saturating_mul(INPUT_HZ as usize / 1000)
}

/// What of the time before speech belongs to the utterance.
const PRE_ROLL: Duration = Duration::from_millis(120);

const LONGEST_PREFIX: Duration = Duration::from_secs(2);

/// What of the silence after speech belongs to the utterance.
const TAIL: Duration = Duration::from_millis(120);

/// The silence after which a turn that was left open ends. *Reported*: about so much.
const OPEN: Duration = Duration::from_millis(1500);

/// Nobody is listened to for longer than a minute at a time: the answer begins, then.
const LONGEST_SAMPLES: usize = 60 * INPUT_HZ as usize;

#[cfg(test)]
mod tests {
    use super::*;

    const SENSITIVITY: Sensitivity = Sensitivity {
        least_rms: 120.0,
        ratio: 3.0,
        prefix: Duration::from_millis(60),
        silence: Duration::from_millis(500),
    };

    fn speech(seconds: f32) -> Vec<i16> {
        let length = (seconds * INPUT_HZ as f32) as usize;
        (0..length).map(|index| ((index as f32 * 0.1).sin() * 6000.0) as i16).collect()
    }

    fn silence(seconds: f32) -> Vec<i16> {
        vec![0; (seconds * INPUT_HZ as f32) as usize]
    }

    fn utterances(heard: Vec<Heard>) -> Vec<f32> {
        let seconds = |heard| match heard {
            Heard::Utterance(samples, _) => Some(samples.len() as f32 / INPUT_HZ as f32),
            Heard::Started(_) => None,
        };
        heard.into_iter().filter_map(seconds).collect()
    }

    #[test]
    fn an_utterance_holds_the_speech_and_little_else() {
        let mut ear = Ear::new(Some(SENSITIVITY));
        let heard = ear.listen(&[silence(1.0), speech(1.0), silence(1.0)].concat());
        assert!(
            matches!(heard[0], Heard::Started(at) if at == Duration::from_millis(1060)),
            "{:?}",
            heard[0]
        );
        let lengths = utterances(heard);
        assert!(lengths.len() == 1 && (1.15..1.35).contains(&lengths[0]), "{lengths:?}");
    }

    #[test]
    fn a_paused_stream_ends_the_utterance() {
        let mut ear = Ear::new(Some(SENSITIVITY));
        ear.listen(&speech(1.0));
        assert!(matches!(ear.end(), Some(Heard::Utterance(samples, _)) if samples.len() >= 16_000));
        assert_eq!(ear.end(), None);
    }

    #[test]
    fn a_turn_that_is_left_open_ends_after_a_second_and_a_half_of_silence() {
        let mut ear = Ear::new(Some(SENSITIVITY));
        ear.listen(&speech(1.0));
        ear.leave_open();
        assert!(utterances(ear.listen(&silence(1.4))).is_empty());
        let lengths = utterances(ear.listen(&silence(0.12)));
        assert!(lengths.len() == 1 && (1.0..1.2).contains(&lengths[0]), "{lengths:?}");
        let again = utterances(ear.listen(&[speech(1.0), silence(0.6)].concat()));
        assert_eq!(again.len(), 1, "the next one ends as usual");
    }

    #[test]
    fn who_goes_on_in_a_turn_that_was_left_open_is_heard_as_one() {
        let mut ear = Ear::new(Some(SENSITIVITY));
        ear.listen(&speech(1.0));
        ear.leave_open();
        let heard = ear.listen(&[silence(0.8), speech(1.0), silence(0.6)].concat());
        assert!(
            matches!(&heard[..], [Heard::Utterance(samples, _)] if samples.len() > 2 * 16_000),
            "{}",
            heard.len()
        );
    }

    #[test]
    fn without_detection_the_client_decides() {
        let mut ear = Ear::new(None);
        assert!(ear.listen(&speech(1.0)).is_empty());
        assert_eq!(ear.begin(), Some(Heard::Started(Duration::from_secs(1))));
        assert_eq!(ear.begin(), None);
        assert!(ear.listen(&[silence(2.0), speech(0.51)].concat()).is_empty());
        assert!(matches!(ear.end(), Some(Heard::Utterance(samples, _)) if samples.len() == 40_160));
    }

    #[test]
    fn nobody_speaks_for_ever() {
        let mut ear = Ear::new(None);
        ear.begin();
        let lengths = utterances(ear.listen(&speech(61.0)));
        assert_eq!(lengths, [60.0]);
    }

    #[test]
    fn the_size_of_the_pieces_makes_no_difference() {
        let stream = [silence(0.5), speech(0.7), silence(0.8)].concat();
        let mut whole = Ear::new(Some(SENSITIVITY));
        let mut pieces = Ear::new(Some(SENSITIVITY));
        let heard: Vec<_> = stream.chunks(131).flat_map(|piece| pieces.listen(piece)).collect();
        assert_eq!(heard, whole.listen(&stream));
    }
}
