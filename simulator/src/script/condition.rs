//! When a step of a script happens.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};

use super::span::{Span, Spread};
use crate::random::Random;

/// `on`: everything given must hold. With nothing given, it holds as soon as the session is open.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct On {
    /// The HTTP request that wants to become a WebSocket.
    pub(crate) upgrade: bool,
    /// The setup that came.
    pub(crate) setup: bool,
    /// The connection's number in its session: 1 without a handle, one more with each handle that is taken.
    pub(crate) connection: Option<Numbers>,
    /// The number of the request for a connection, in its script and run.
    pub(crate) attempt: Option<Numbers>,
    /// Whether the session takes the place of one whose handle was refused.
    pub(crate) restarted: Option<bool>,
    /// Time since `setupComplete`.
    pub(crate) after: Option<Spread>,
    /// Again and again, whenever this time has passed.
    pub(crate) every: Option<Span>,
    /// So many turns of the model's have begun.
    pub(crate) turn_start: Option<u32>,
    /// So many audio parts were sent on this connection.
    pub(crate) audio_part: Option<u32>,
    /// So many audio parts of the present answer were sent.
    pub(crate) answer_part: Option<u32>,
    /// So many functions were called.
    pub(crate) tool_call: Option<u32>,
    /// The user was heard to begin to speak so many times.
    pub(crate) speech_start: Option<u32>,
    /// So many milliseconds of audio were received.
    pub(crate) received_ms: Option<u64>,
    /// So many resumption handles were given out on this connection.
    pub(crate) handle_given: Option<u32>,
    /// Time between all of that and what is done.
    pub(crate) delay: Option<Span>,
}

/// What went by on a connection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) turns: u32,
    pub(crate) audio_parts: u32,
    pub(crate) answer_parts: u32,
    pub(crate) calls: u32,
    pub(crate) handles: u32,
    pub(crate) speeches: u32,
    pub(crate) received_samples: u64,
}

/// Where a connection stands, as far as scripts ask for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    /// Its number among the requests of its script and run.
    pub(crate) attempt: u32,
    /// Its number in its session.
    pub(crate) connection: u32,
    /// Its session takes the place of one whose handle was refused.
    pub(crate) restarted: bool,
}

/// Which numbers are meant: `3`, or `{"from": 2}`, `{"to": 2}`, `{"from": 2, "to": 4}`, `{"from": 1, "every": 2}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    from: u32,
    to: u32,
    every: u32,
}

impl On {
    /// Whether it is about a connection that stands there.
    pub(crate) fn is_about(&self, position: Position) -> bool {
        self.attempt.is_none_or(|numbers| numbers.contain(position.attempt))
            && self.connection.is_none_or(|numbers| numbers.contain(position.connection))
            && self.restarted.is_none_or(|restarted| restarted == position.restarted)
    }

    /// The same, with times drawn that are given as from and to.
    pub(crate) fn drawn(&self, random: &mut Random) -> Self {
        Self { after: self.after.map(|after| after.drawn(random)), ..self.clone() }
    }

    /// Whether all that has to be seen was seen; time is another matter.
    pub(crate) fn was_seen(&self, seen: &Seen) -> bool {
        let reached = |wanted: Option<u32>, count: u32| wanted.is_none_or(|wanted| count >= wanted);
        reached(self.turn_start, seen.turns)
            && reached(self.audio_part, seen.audio_parts)
            && reached(self.answer_part, seen.answer_parts)
            && reached(self.tool_call, seen.calls)
            && reached(self.handle_given, seen.handles)
            && reached(self.speech_start, seen.speeches)
            && self
                .received_ms
                .is_none_or(|wanted| seen.received_samples >= wanted.saturating_mul(SAMPLES_PER_MS))
    }

    /// The first condition that only an open session can meet.
    pub(super) fn needs_a_session(&self) -> Option<&'static str> {
        let given = [
            ("after", self.after.is_some()),
            ("every", self.every.is_some()),
            ("turnStart", self.turn_start.is_some()),
            ("audioPart", self.audio_part.is_some()),
            ("answerPart", self.answer_part.is_some()),
            ("toolCall", self.tool_call.is_some()),
            ("speechStart", self.speech_start.is_some()),
            ("receivedMs", self.received_ms.is_some()),
            ("handleGiven", self.handle_given.is_some()),
            ("delay", self.delay.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }
}

impl Numbers {
    pub(crate) fn contain(self, number: u32) -> bool {
        (self.from..=self.to).contains(&number) && (number - self.from).is_multiple_of(self.every)
    }
}

const SAMPLES_PER_MS: u64 = crate::audio::INPUT_HZ as u64 / 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    #[serde(default = "one")]
    from: u32,
    #[serde(default = "no_end")]
    to: u32,
    #[serde(default = "one")]
    every: u32,
}

fn one() -> u32 {
    1
}

fn no_end() -> u32 {
    u32::MAX
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumbersVisitor)
    }
}

struct NumbersVisitor;

impl<'de> de::Visitor<'de> for NumbersVisitor {
    type Value = Numbers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 1, or {\"from\": 2, \"to\": 4, \"every\": 2}")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Numbers, E> {
        match u32::try_from(number) {
            Ok(number @ 1..) => Ok(Numbers { from: number, to: number, every: 1 }),
            _ => Err(E::invalid_value(de::Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Numbers, A::Error> {
        match Range::deserialize(MapAccessDeserializer::new(map))? {
            Range { every: 0, .. } => Err(de::Error::custom("every: from 1")),
            Range { from, to, every } if 0 < from && from <= to => Ok(Numbers { from, to, every }),
            Range { from, to, .. } => {
                Err(de::Error::custom(format!("from {from} to {to} there is no number from 1")))
            }
        }
    }
}
