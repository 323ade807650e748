//! What a connection goes through besides conversation, as data: a list of steps, `{on: …, do: …}`.
//!
//! The format is described in `docs/scripts.md`.

mod answer;
mod condition;
mod fault;
mod library;
mod plot;
mod span;
#[cfg(test)]
mod tests;

use std::fmt;
use std::iter::repeat_n;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

pub(crate) use answer::{Call, Scripted};
pub(crate) use fault::{
    Close, ExpireHandles, Fault, FrameType, GoAway, NewHandle, Pacing, RefuseUpgrade, Update, Which,
};
pub(crate) use library::{Library, Source, path};
pub(crate) use plot::Plot;
pub(crate) use span::Span;

use condition::{On, Position};

use crate::behaviour::Behaviour;
use crate::random::Random;

/// A script: what its connections go through. The plain one is empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    name: String,
    #[serde(default)]
    summary: String,
    /// How the service behaves where that is not known for certain.
    #[serde(default)]
    pub(crate) behaviour: Behaviour,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    answers: Vec<Scripted>,
}

/// Something that happens to a connection.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default)]
    on: On,
    #[serde(rename = "do")]
    fault: Fault,
    /// How often, at one moment.
    times: Option<u32>,
}

/// Something that is done to a live connection: what a script does in a step.
#[derive(Clone, Debug)]
pub struct Lever(pub(crate) Fault);

/// What is wrong with a script, and where: `steps[0].do.goAway.timeLeft: …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    message: String,
}

impl Lever {
    /// Reads one by its name and what it takes: `goAway` or `go-away`, and `{"timeLeft": "2s"}`.
    ///
    /// # Errors
    ///
    /// When there is none of this name, it takes something else, or it is nothing for an open connection.
    pub fn read(name: &str, takes: Option<Value>) -> Result<Self, ScriptError> {
        let fault = Fault::named(name, takes).map_err(ScriptError::new)?;
        if fault.suits_a_session() {
            Ok(Self(fault))
        } else {
            Err(ScriptError::new(format!("{name}: this cannot be done to an open connection")))
        }
    }
}

impl Lever {
    /// Closes the connection.
    pub(crate) fn close(code: u16, reason: &str) -> Self {
        Self(Fault::Close(Close { code, reason: reason.to_owned() }))
    }
}

impl ScriptError {
    fn new(message: String) -> Self {
        Self { message }
    }
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    ///
    /// When it is not JSON, not a script, or too large.
    pub fn from_json(json: &str) -> Result<Self, ScriptError> {
        if json.len() > MOST_BYTES {
            return Err(ScriptError::new(format!("a script has at most {MOST_BYTES} bytes")));
        }
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let script: Self = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| ScriptError::new(located(error)))?;
        deserializer.end().map_err(|error| ScriptError::new(error.to_string()))?;
        script.check().map_err(ScriptError::new)?;
        Ok(script)
    }

    /// The simulator's own scripts.
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        library::own().iter().map(|script| Self::clone(script)).collect()
    }

    /// Its name: the model `sim-NAME` chooses it, and the path `/s/NAME`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its users will see, in a sentence.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// What answers the `attempt`th request for a connection, in place of a WebSocket.
    pub(crate) fn at_upgrade(&self, attempt: u32) -> Option<&Fault> {
        let position = Position { attempt, connection: 1, restarted: false };
        let step = self.steps.iter().find(|step| step.on.upgrade && step.on.is_about(position))?;
        Some(&step.fault)
    }

    /// What answers the `turn`th turn of a connection, in which this was typed.
    pub(crate) fn answer(&self, typed: Option<&str>, turn: u32) -> Option<&Scripted> {
        self.answers.iter().find(|answer| answer.answers(typed, turn))
    }

    fn check(&self) -> Result<(), String> {
        let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if self.name.is_empty() || self.name.len() > LONGEST_NAME || !self.name.chars().all(letter) {
            return Err(format!("name: up to {LONGEST_NAME} of a-z, 0-9 and -, not {:?}", self.name));
        }
        if self.name.starts_with("sim-") {
            return Err("name: sim- is put in front of it to make a model's name".to_owned());
        }
        if self.steps.len() > MOST_STEPS {
            return Err(format!("steps: at most {MOST_STEPS}"));
        }
        if self.answers.len() > MOST_ANSWERS {
            return Err(format!("answers: at most {MOST_ANSWERS}"));
        }
        let mut numbered = self.steps.iter().enumerate();
        numbered.try_for_each(|(index, step)| step.check().map_err(|error| format!("steps[{index}]{error}")))
    }
}

impl Step {
    /// What it does, as often as it does it.
    fn faults(&self) -> impl Iterator<Item = &Fault> {
        repeat_n(&self.fault, self.times.unwrap_or(1) as usize)
    }

    /// The same, with times drawn that are given as from and to.
    fn drawn(&self, random: &mut Random) -> Self {
        Self { on: self.on.drawn(random), fault: self.fault.drawn(random), times: self.times }
    }

    fn check_times(&self) -> Result<(), String> {
        let Some(times) = self.times else { return Ok(()) };
        let Some(bytes) = self.fault.length() else {
            return Err(".times: only what sends something is done several times".to_owned());
        };
        if !(1..=MOST_TIMES).contains(&times) || bytes.saturating_mul(times as usize) > MOST_AT_ONCE {
            return Err(format!(".times: from 1 to {MOST_TIMES}, and {MOST_AT_ONCE} bytes in all at most"));
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        self.fault.check().map_err(|(path, message)| format!(".do{path}: {message}"))?;
        self.check_times()?;
        let Self { on, fault, .. } = self;
        let early = if on.upgrade { "upgrade" } else { "setup" };
        match on.needs_a_session() {
            Some(name) if on.upgrade || on.setup => {
                return Err(format!(".on.{name}: no session is open yet at {early}"));
            }
            _ => {}
        }
        if on.upgrade && on.restarted.is_some() {
            return Err(".on.restarted: no session has begun yet at upgrade".to_owned());
        }
        if on.upgrade && on.connection.is_some() {
            let message = "which session it is for is not known yet at upgrade; attempt counts requests";
            return Err(format!(".on.connection: {message}"));
        }
        if on.every.is_some_and(|Span(every)| every < SHORTEST_PERIOD) {
            return Err(".on.every: at least 10 ms".to_owned());
        }
        let (suits, at) = match (on.upgrade, on.setup) {
            (true, true) => return Err(".on: upgrade and setup are two moments".to_owned()),
            (true, false) => (fault.suits_an_upgrade(), "at an upgrade"),
            (false, true) => (fault.suits_a_setup(), "at a setup"),
            (false, false) => (fault.suits_a_session(), "in an open session; say on.upgrade or on.setup"),
        };
        if suits { Ok(()) } else { Err(format!(".do: this cannot be done {at}")) }
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ScriptError {}

/// An error with its path in front, where there is one.
pub(crate) fn located(error: serde_path_to_error::Error<serde_json::Error>) -> String {
    let path = error.path().to_string();
    let message = error.into_inner().to_string();
    // What has no place in the script has one in the text.
    if matches!(path.as_str(), "." | "?") { message } else { format!("{path}: {message}") }
}

/// The way a connection came in: what it goes through, by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Door {
    /// What the path chose; otherwise the model chooses.
    pub(crate) script: Option<(Arc<Script>, u32)>,
    /// Attempts are counted apart in each run.
    pub(crate) run: String,
}

const MOST_BYTES: usize = 1 << 20;
const MOST_STEPS: usize = 200;
const MOST_ANSWERS: usize = 200;
const LONGEST_NAME: usize = 64;
/// How often one step does what it does, and what that is in bytes.
const MOST_TIMES: u32 = 10_000;
const MOST_AT_ONCE: usize = 32 << 20;
const SHORTEST_PERIOD: std::time::Duration = std::time::Duration::from_millis(10);
