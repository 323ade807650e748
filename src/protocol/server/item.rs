//! What a frame said, thing by thing.

use std::fmt;

use super::{audio::AudioChunk, rows::EventKind};
use crate::json::{Map, Value};

/// One thing that a frame said.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Audio to play. It takes its own way, past the application's events.
    Audio(AudioChunk),
    /// Something for the application, and perhaps for the session.
    Event(ServerEvent),
}

/// An event of the server, as JSON: what it is, and the fields it has.
#[derive(Clone, PartialEq)]
pub struct ServerEvent {
    /// What it is.
    pub kind: EventKind,
    /// Its fields, by their names on the wire.
    pub fields: Map,
}

impl ServerEvent {
    /// The text in a field.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// Id and name of each function call; those without an id cannot be answered.
    pub(crate) fn calls(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list("functionCalls").filter_map(|call| {
            let name = call.get("name").and_then(Value::as_str).unwrap_or_default();
            Some((call.get("id")?.as_str()?, name))
        })
    }

    /// The ids of cancelled calls.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.list("ids").filter_map(Value::as_str)
    }

    /// The handle with which the conversation can go on now. What is not `resumable`, and what has no handle, is none: the
    /// one before stays good.
    #[must_use]
    pub fn handle(&self) -> Option<&str> {
        let is_good = self.kind == EventKind::SessionResumptionUpdate
            && self.fields.get("resumable").and_then(Value::as_bool) == Some(true);
        self.text("newHandle").filter(|handle| is_good && !handle.is_empty())
    }

    pub(crate) fn list(&self, field: &str) -> impl Iterator<Item = &Value> {
        self.fields.get(field).and_then(Value::as_array).into_iter().flatten()
    }

    /// The object that JavaScript gets: the fields and the `type`.
    #[must_use]
    pub fn to_json(&self) -> String {
        object_of(self.kind.as_str(), &self.fields)
    }
}

/// The JSON text of an event: its `type`, and its fields.
pub(crate) fn object_of(kind: &str, fields: &Map) -> String {
    let rest = fields.to_json();
    let comma = if fields.is_empty() { "" } else { "," };
    ["{\"type\":\"", kind, "\"", comma, rest.strip_prefix('{').unwrap_or_default()].concat()
}

impl fmt::Debug for ServerEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A handle lets whoever has it go on with the conversation.
        let is_secret = self.kind == EventKind::SessionResumptionUpdate;
        let fields: &dyn fmt::Debug = if is_secret { &"…" } else { &self.fields };
        f.debug_struct("ServerEvent").field("kind", &self.kind).field("fields", fields).finish()
    }
}
