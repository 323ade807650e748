//! What a script has the model say.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

use super::condition::Numbers;

/// An entry of `answers`: the first whose conditions hold answers a turn.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scripted {
    #[serde(default)]
    when: When,
    /// What a spoken turn is transcribed as; nobody listens to its words.
    pub(crate) hears: Option<String>,
    /// What is said, after the call if there is one.
    pub(crate) say: Option<String>,
    /// What is called, in one message.
    #[serde(default, deserialize_with = "calls")]
    pub(crate) call: Vec<Call>,
}

/// `when`: everything given must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct When {
    /// These words are in what was typed, in capitals or not. What was spoken has no words.
    says: Option<String>,
    /// The turn's number in its session.
    turn: Option<Numbers>,
}

/// `call`: a function of the setup's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Call {
    /// The first one declared unless given.
    pub(crate) name: Option<String>,
    /// Made from the declaration unless given.
    pub(crate) args: Option<Map<String, Value>>,
}

impl Scripted {
    /// Whether it answers the `turn`th turn, in which this was typed.
    pub(crate) fn answers(&self, typed: Option<&str>, turn: u32) -> bool {
        let says =
            |words: &String| typed.is_some_and(|typed| typed.to_lowercase().contains(&words.to_lowercase()));
        self.when.says.as_ref().is_none_or(says) && self.when.turn.is_none_or(|turns| turns.contain(turn))
    }
}

/// One call, or a list of them.
fn calls<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Call>, D::Error> {
    deserializer.deserialize_any(CallsVisitor)
}

struct CallsVisitor;

impl<'de> de::Visitor<'de> for CallsVisitor {
    type Value = Vec<Call>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a call such as {\"name\": …, \"args\": …}, or a list of calls")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Vec<Call>, A::Error> {
        Call::deserialize(MapAccessDeserializer::new(map)).map(|call| vec![call])
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<Vec<Call>, A::Error> {
        let calls = Vec::<Call>::deserialize(SeqAccessDeserializer::new(list))?;
        if (1..=MOST_CALLS).contains(&calls.len()) {
            Ok(calls)
        } else {
            Err(de::Error::custom(format!("from 1 to {MOST_CALLS} calls, not {}", calls.len())))
        }
    }
}

/// Calls in one message.
const MOST_CALLS: usize = 32;
