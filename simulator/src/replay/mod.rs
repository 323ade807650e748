//! A conversation that was recorded, served again: the format it is written in, and its player.
//!
//! A recording is JSON lines: a header, then a line for each frame and each end of a connection, in the order in which they
//! went by. The format is described in `docs/recordings.md`.

mod line;
mod player;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

pub(crate) use line::header;
use line::{Header, Line};

pub(crate) use player::{Played, Player};

/// A conversation that was recorded, perhaps over several connections.
#[derive(Clone, Debug)]
pub struct Recording {
    connections: Vec<Recorded>,
}

/// What is wrong with a recording, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingError {
    line: usize,
    message: String,
}

/// A connection that was recorded.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) number: u32,
    /// The handle in its setup.
    handle: Option<String>,
    lines: Vec<Line>,
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    ///
    /// When a line is not of the format, holds a token, a key or a handle that is not veiled, or no connection has a setup.
    pub fn from_json_lines(text: &str) -> Result<Self, RecordingError> {
        let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let (number, header) = lines.next().ok_or_else(|| RecordingError::new(1, "it is empty"))?;
        Header::read(header).map_err(|message| RecordingError::new(number, message))?;
        let mut recording = Self { connections: Vec::new() };
        let mut missing = Duration::ZERO;
        for (number, text) in lines {
            if let Some(left_out) = Line::left_out(text) {
                missing += left_out;
                continue;
            }
            let mut line =
                Line::read(text, number).map_err(|message| RecordingError::new(number, message))?;
            // Nobody waits for what is not there.
            line.at = line.at.saturating_sub(missing);
            recording.add(line);
        }
        recording.connections.retain(|connection| connection.lines.first().is_some_and(Line::is_setup));
        if recording.connections.is_empty() {
            return Err(RecordingError::new(number, "no connection begins with a setup"));
        }
        Ok(recording)
    }

    fn add(&mut self, line: Line) {
        match self.connections.iter_mut().find(|connection| connection.number == line.connection) {
            Some(connection) => connection.lines.push(line),
            None => {
                let handle = line.handle().map(str::to_owned);
                self.connections.push(Recorded { number: line.connection, handle, lines: vec![line] });
            }
        }
    }

    /// The connection that a setup with this handle begins; `turn` is how many setups with it, or without any, there were. Those
    /// without one take turns. Those with the same one were attempts, of which the last was the one that lasted.
    pub(crate) fn connection(&self, handle: Option<&str>, turn: usize) -> Option<&Recorded> {
        let same: Vec<_> =
            self.connections.iter().filter(|connection| connection.handle.as_deref() == handle).collect();
        let last = same.len().checked_sub(1);
        match (handle, last) {
            (Some(_), last) => same.get(turn.min(last?)).copied(),
            (None, Some(last)) => same.get(turn % (last + 1)).copied(),
            // Of a session that was recorded only later, the first that is there.
            (None, None) => self.connections.first(),
        }
    }
}

/// How many setups there were, by their handles. As many handles as the recording has, since no other begins anything.
#[derive(Debug, Default)]
pub(crate) struct Beginnings(HashMap<Option<String>, usize>);

impl Beginnings {
    pub(crate) fn of(&self, handle: Option<&str>) -> usize {
        self.0.get(&handle.map(str::to_owned)).copied().unwrap_or_default()
    }

    pub(crate) fn begin(&mut self, handle: Option<&str>) {
        *self.0.entry(handle.map(str::to_owned)).or_default() += 1;
    }
}

impl RecordingError {
    fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for RecordingError {}

/// What a message of the client's is, as far as it is waited for: `setup`, `realtimeInput.text`.
pub(crate) fn kind_of(message: &Value) -> String {
    let first = |value: &Value| {
        let fields = value.as_object()?;
        fields.iter().next().map(|(name, inner)| (crate::schema::camel_case(name), inner.clone()))
    };
    match first(message) {
        Some((name, inner)) if name == "realtimeInput" => {
            first(&inner).map_or_else(|| name.clone(), |(field, _)| format!("{name}.{field}"))
        }
        Some((name, _)) => name,
        None => "nothing".to_owned(),
    }
}
