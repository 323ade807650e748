//! An answer on its way: what is said, piece by piece, and when.

use std::collections::VecDeque;
use std::time::Duration;

use crate::Time;
use crate::audio::OUTPUT_HZ;
use crate::script::{Pacing, Span};

/// A piece of an answer.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Thought(&'static str),
    Audio(Vec<i16>),
    Text(String),
    Transcript(String),
    /// Everything was generated.
    Generated,
}

/// Pieces and their times, faster than they can be played; and the time when a listener has heard them all.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pieces: VecDeque<(Time, Piece)>,
    complete: Time,
}

/// What shapes an answer besides its words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) transcript: bool,
    pub(super) thought: bool,
    pub(super) pace: Pace,
}

/// How audio comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How much is in a part.
    part: Duration,
    /// Between one part and the next.
    every: Duration,
    /// How late a part may be.
    jitter: Duration,
    /// Parts that come at one moment.
    burst: u32,
}

impl Default for Pace {
    /// Faster than it is played.
    fn default() -> Self {
        Self { part: PART, every: PACE, jitter: Duration::ZERO, burst: 1 }
    }
}

impl Pace {
    /// The pace after a script has changed it.
    pub(super) fn changed(self, pacing: &Pacing) -> Self {
        let time = |span: Option<Span>, now: Duration| span.map_or(now, |Span(time)| time);
        Self {
            part: time(pacing.part, self.part),
            every: time(pacing.every, self.every),
            jitter: time(pacing.jitter, self.jitter),
            burst: pacing.burst.unwrap_or(self.burst).max(1),
        }
    }

    fn part_samples(self) -> usize {
        (self.part.as_micros() as usize * OUTPUT_HZ as usize / 1_000_000).max(1)
    }

    /// How long after the first the part with this index comes; `random` decides how late it is.
    fn time(self, index: usize, random: u32) -> Duration {
        let in_time = self.every * (index as u32 / self.burst * self.burst);
        in_time + self.jitter.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }
}

impl Answer {
    /// Speech, with what it says.
    pub(super) fn spoken(samples: &[i16], words: &str, manner: Manner, now: Time) -> Self {
        let pace = manner.pace;
        let parts: Vec<&[i16]> = samples.chunks(pace.part_samples()).collect();
        let mut words = fragments(words, if manner.transcript { parts.len() } else { 0 }).into_iter();
        let mut answer = Self::thinking(manner, now);
        let first = now + THINKING;
        let mut at = first;
        for (index, part) in parts.into_iter().enumerate() {
            // Late or not, nothing overtakes what was sent before it.
            at = at.max(first + pace.time(index, scattered(samples.len() + index)));
            answer.pieces.extend(words.next().map(|text| (at, Piece::Transcript(text))));
            answer.pieces.push_back((at, Piece::Audio(part.to_vec())));
        }
        answer.pieces.push_back((at + pace.every, Piece::Generated));
        let duration = Duration::from_micros(samples.len() as u64 * 1_000_000 / u64::from(OUTPUT_HZ));
        answer.complete = (first + duration).max(at + pace.every);
        answer
    }

    /// Text. Nobody has to play it, so it is complete as soon as it is generated.
    pub(super) fn written(text: &str, manner: Manner, now: Time) -> Self {
        let words = text.split_whitespace().count();
        let mut answer = Self::thinking(manner, now);
        let mut at = now + THINKING;
        for text in fragments(text, words.div_ceil(WORDS_PER_PART)) {
            at += PACE;
            answer.pieces.push_back((at, Piece::Text(text)));
        }
        answer.pieces.push_back((at, Piece::Generated));
        answer.complete = at;
        answer
    }

    /// The next piece whose time has come.
    pub(super) fn due(&mut self, now: Time) -> Option<Piece> {
        let is_due = self.pieces.front().is_some_and(|(at, _)| *at <= now);
        if is_due { self.pieces.pop_front().map(|(_, piece)| piece) } else { None }
    }

    /// Whether everything was sent and could have been heard.
    pub(super) fn is_complete(&self, now: Time) -> bool {
        self.pieces.is_empty() && now >= self.complete
    }

    pub(super) fn deadline(&self) -> Time {
        self.pieces.front().map_or(self.complete, |(at, _)| *at)
    }

    fn thinking(manner: Manner, now: Time) -> Self {
        let thought = manner.thought.then_some((now, Piece::Thought(THOUGHT)));
        Self { pieces: thought.into_iter().collect(), complete: now }
    }
}

/// The words in at most `count` pieces; all but the first begin with a space.
fn fragments(text: &str, count: usize) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if count == 0 || words.is_empty() {
        return Vec::new();
    }
    let fragments = words.chunks(words.len().div_ceil(count)).enumerate();
    let spaced = |(index, words): (usize, &[&str])| {
        format!("{}{}", if index == 0 { "" } else { " " }, words.join(" "))
    };
    fragments.map(spaced).collect()
}

/// A number that looks random and is the same every time: no two runs differ.
fn scattered(number: usize) -> u32 {
    let mixed = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32) as u32
}

/// Audio in a part, as the service sends.
const PART: Duration = Duration::from_millis(220);

/// Between parts: four times as fast as they are played.
const PACE: Duration = Duration::from_millis(55);

/// Before the first part.
const THINKING: Duration = Duration::from_millis(60);

const WORDS_PER_PART: usize = 4;

const THOUGHT: &str = "**Listening**\n\nI am working out what to say.";

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Manner = Manner {
        transcript: false,
        thought: false,
        pace: Pace { part: PART, every: PACE, jitter: Duration::ZERO, burst: 1 },
    };

    fn pieces(answer: &mut Answer, now: Time) -> Vec<Piece> {
        std::iter::from_fn(|| answer.due(now)).collect()
    }

    #[test]
    fn audio_comes_faster_than_it_is_played_and_completion_waits() {
        let mut answer = Answer::spoken(&vec![0; OUTPUT_HZ as usize * 4], "", PLAIN, Duration::ZERO);
        let generated = Duration::from_millis(60 + 55 * 19);
        assert_eq!(pieces(&mut answer, generated - Duration::from_millis(1)).len(), 19, "19 parts of 0.22 s");
        assert_eq!(pieces(&mut answer, generated), [Piece::Generated]);
        assert!(!answer.is_complete(Duration::from_millis(4059)));
        assert!(answer.is_complete(Duration::from_millis(4060)));
    }

    #[test]
    fn a_part_lasts_a_fifth_of_a_second_or_so() {
        let mut answer = Answer::spoken(&vec![7; 12_000], "", PLAIN, Duration::ZERO);
        let lengths: Vec<_> = pieces(&mut answer, Duration::from_secs(9))
            .into_iter()
            .map(|piece| if let Piece::Audio(samples) = piece { samples.len() } else { 0 })
            .collect();
        assert_eq!(lengths, [5280, 5280, 1440, 0]);
    }

    #[test]
    fn in_real_time_nothing_is_there_before_it_is_played() {
        let small = Duration::from_millis(40);
        let manner = Manner { pace: Pace { part: small, every: small, ..PLAIN.pace }, ..PLAIN };
        let mut answer = Answer::spoken(&vec![0; OUTPUT_HZ as usize], "", manner, Duration::ZERO);
        assert_eq!(pieces(&mut answer, Duration::from_millis(60 + 40 * 9)).len(), 10);
        assert_eq!(
            pieces(&mut answer, Duration::from_millis(60 + 1000)).len(),
            16,
            "and that all was generated"
        );
    }

    #[test]
    fn a_burst_comes_at_once_and_the_next_when_its_time_has_come() {
        let manner = Manner { pace: Pace { burst: 10, ..PLAIN.pace }, ..PLAIN };
        let mut answer = Answer::spoken(&vec![0; OUTPUT_HZ as usize * 4], "", manner, Duration::ZERO);
        assert_eq!(pieces(&mut answer, THINKING).len(), 10);
        assert!(pieces(&mut answer, THINKING + PACE * 10 - Duration::from_millis(1)).is_empty());
        assert_eq!(pieces(&mut answer, THINKING + PACE * 10).len(), 9, "the rest of 19");
    }

    #[test]
    fn late_parts_are_late_by_no_more_than_they_may_and_in_order() {
        let jitter = Duration::from_millis(300);
        let pace =
            Pace { part: Duration::from_millis(40), every: Duration::from_millis(40), jitter, burst: 1 };
        let manner = Manner { pace, ..PLAIN };
        let samples: Vec<i16> = (0..OUTPUT_HZ as i32 * 2).map(|index| (index % 1000) as i16).collect();
        let answer = Answer::spoken(&samples, "", manner, Duration::ZERO);
        let times: Vec<Time> = answer.pieces.iter().map(|(at, _)| *at).collect();
        assert!(times.is_sorted());
        let late = |(index, at): (usize, &Time)| *at - (THINKING + pace.every * index as u32);
        let lateness: Vec<Duration> = times.iter().take(50).enumerate().map(late).collect();
        assert!(lateness.iter().all(|late| *late <= jitter + pace.every), "{lateness:?}");
        assert!(lateness.iter().any(|late| *late > jitter / 2), "{lateness:?}");
        let sound: Vec<i16> = answer
            .pieces
            .into_iter()
            .flat_map(|(_, piece)| match piece {
                Piece::Audio(samples) => samples,
                _ => Vec::new(),
            })
            .collect();
        assert_eq!(sound, samples);
    }

    #[test]
    fn fragments_make_up_the_text() {
        for count in 1..9 {
            let fragments = fragments(" one two  three four five", count);
            assert!(fragments.len() <= count);
            assert_eq!(fragments.concat(), "one two three four five");
        }
        assert!(fragments("", 3).is_empty());
    }

    #[test]
    fn text_is_complete_when_it_is_written() {
        let mut answer = Answer::written("a b c d e", PLAIN, Duration::ZERO);
        let pieces = pieces(&mut answer, Duration::from_secs(1));
        assert_eq!(pieces, [Piece::Text("a b c".into()), Piece::Text(" d e".into()), Piece::Generated]);
        assert!(answer.is_complete(Duration::from_secs(1)));
    }
}
