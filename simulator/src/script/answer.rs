//! What a script has the model say.

use serde::Deserialize;
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
    pub(crate) call: Option<Call>,
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
