//! An answer on its way: what is said, piece by piece, and when.

use std::collections::VecDeque;
use std::time::Duration;

use crate::Time;
use crate::audio::OUTPUT_HZ;

/// A piece of an answer.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Thought(&'static str),
    Audio(Vec<i16>),
    Text(String),
    Transcript(String),
    /// Not JSON, on purpose.
    Broken,
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
    pub(super) broken: bool,
    /// Pieces come in pairs, at one moment.
    pub(super) pairs: bool,
    /// Small pieces come as they are played, and nothing is there before its time.
    pub(super) real_time: bool,
}

impl Manner {
    /// How many samples make a part, and the time from one part to the next.
    fn pace(self) -> (usize, Duration) {
        if self.real_time { (SMALL_PART_SAMPLES, SMALL_PART) } else { (PART_SAMPLES, PACE) }
    }
}

impl Answer {
    /// Speech, with what it says.
    pub(super) fn spoken(samples: &[i16], words: &str, manner: Manner, now: Time) -> Self {
        let (part_samples, pace) = manner.pace();
        let parts: Vec<&[i16]> = samples.chunks(part_samples).collect();
        let mut words = fragments(words, if manner.transcript { parts.len() } else { 0 }).into_iter();
        let mut answer = Self::thinking(manner, now);
        let first = now + THINKING;
        let mut at = first;
        for (index, part) in parts.into_iter().enumerate() {
            at = first + pace * if manner.pairs { index / 2 * 2 } else { index } as u32;
            answer.pieces.extend(words.next().map(|text| (at, Piece::Transcript(text))));
            answer.pieces.push_back((at, Piece::Audio(part.to_vec())));
            if index == 0 && manner.broken {
                answer.pieces.push_back((at, Piece::Broken));
            }
        }
        answer.pieces.push_back((at + pace, Piece::Generated));
        let duration = Duration::from_micros(samples.len() as u64 * 1_000_000 / u64::from(OUTPUT_HZ));
        answer.complete = (first + duration).max(at + pace);
        answer
    }

    /// Text. Nobody has to play it, so it is complete as soon as it is generated.
    pub(super) fn written(text: &str, manner: Manner, now: Time) -> Self {
        let words = text.split_whitespace().count();
        let mut answer = Self::thinking(manner, now);
        let mut at = now + THINKING;
        for (index, text) in fragments(text, words.div_ceil(WORDS_PER_PART)).into_iter().enumerate() {
            at += PACE;
            answer.pieces.push_back((at, Piece::Text(text)));
            if index == 0 && manner.broken {
                answer.pieces.push_back((at, Piece::Broken));
            }
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

/// 0.22 s of audio in a part, as the service sends.
const PART_SAMPLES: usize = OUTPUT_HZ as usize / 100 * 22;

/// Between parts: four times as fast as they are played.
const PACE: Duration = Duration::from_millis(55);

/// A part of an answer that comes as it is played.
const SMALL_PART: Duration = Duration::from_millis(40);
const SMALL_PART_SAMPLES: usize = OUTPUT_HZ as usize / 1000 * 40;

/// Before the first part.
const THINKING: Duration = Duration::from_millis(60);

const WORDS_PER_PART: usize = 4;

const THOUGHT: &str = "**Listening**\n\nI am working out what to say.";

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Manner =
        Manner { transcript: false, thought: false, broken: false, pairs: false, real_time: false };

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
        let manner = Manner { real_time: true, ..PLAIN };
        let mut answer = Answer::spoken(&vec![0; OUTPUT_HZ as usize], "", manner, Duration::ZERO);
        assert_eq!(pieces(&mut answer, Duration::from_millis(60 + 40 * 9)).len(), 10);
        assert_eq!(
            pieces(&mut answer, Duration::from_millis(60 + 1000)).len(),
            16,
            "and that all was generated"
        );
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
