//! Durations as people write them: `900ms`, `1.5s`, `9m50s`, `2h`.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};

use crate::random::Random;

/// A duration read from such a text. Never longer than [`LONGEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span(pub(crate) Duration);

impl Span {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let duration =
            text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
        match duration {
            Some(duration) if duration <= LONGEST => Ok(Self(duration)),
            Some(_) => Err(format!("{text:?} is longer than 48 hours")),
            None => {
                Err(format!("{text:?} is no duration: write it as \"900ms\", \"1.5s\", \"9m50s\" or \"2h\""))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// A duration, or one that is drawn between two: `2s`, or `{"from": "2s", "to": "5s"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spread {
    from: Duration,
    to: Duration,
}

impl Spread {
    /// One duration of those it stands for.
    pub(crate) fn drawn(self, random: &mut Random) -> Self {
        if self.from == self.to {
            return self;
        }
        // As people would write it: nobody wants to read nanoseconds in a goAway.
        let millis = (self.to - self.from).mul_f64(random.share()).as_millis() as u64;
        Span(self.from + Duration::from_millis(millis)).into()
    }

    /// The duration, or the shortest where none was drawn.
    pub(crate) fn least(self) -> Duration {
        self.from
    }
}

impl From<Span> for Spread {
    fn from(Span(duration): Span) -> Self {
        Self { from: duration, to: duration }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    from: Span,
    to: Span,
}

impl<'de> Deserialize<'de> for Spread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpreadVisitor)
    }
}

struct SpreadVisitor;

impl<'de> de::Visitor<'de> for SpreadVisitor {
    type Value = Spread;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"2s\", or {\"from\": \"2s\", \"to\": \"5s\"}")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Spread, E> {
        Span::parse(text).map(Spread::from).map_err(E::custom)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Spread, A::Error> {
        let Range { from: Span(from), to: Span(to) } = Range::deserialize(MapAccessDeserializer::new(map))?;
        if from <= to {
            Ok(Spread { from, to })
        } else {
            Err(de::Error::custom(format!("from {from:?} to {to:?} there is no duration")))
        }
    }
}

/// Nothing the service knows lasts longer.
const LONGEST: Duration = Duration::from_secs(48 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        let milliseconds = |text| Span::parse(text).map(|span| span.0.as_millis());
        assert_eq!(milliseconds("900ms"), Ok(900));
        assert_eq!(milliseconds("1.5s"), Ok(1_500));
        assert_eq!(milliseconds("9m50s"), Ok(590_000));
        assert_eq!(milliseconds("2h"), Ok(7_200_000));
        assert_eq!(milliseconds("0s"), Ok(0));
        for bad in ["", "5", "-1s", "soon", "49h", "99999999999999999h"] {
            assert!(milliseconds(bad).is_err(), "{bad}");
        }
    }
}
