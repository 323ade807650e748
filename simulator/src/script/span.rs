//! Durations as people write them: `900ms`, `1.5s`, `9m50s`, `2h`.

use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de};

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
