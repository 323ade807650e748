//! What the server says: one frame becomes audio and events, in a fixed order.
//!
//! An event stays what it was on the wire, JSON, until somebody wants a type: pages get the object, Rust
//! applications the [`Event`](crate::event::Event) that is made of it.

mod audio;
mod decoder;
mod enums;
mod events;
mod item;
mod metadata;
mod parts;
mod rows;
mod sift;

use std::fmt;

#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) use self::rows::typescript;
pub use self::{
    audio::AudioChunk,
    enums::*,
    events::*,
    item::{Item, ServerEvent},
    metadata::*,
    rows::EventKind,
};
use self::{
    decoder::{CONTENT, Decoder, one, take_flag, take_object},
    rows::{ROWS, Row, Source},
};
pub(crate) use self::{events::server_events, item::object_of};
use crate::json::{Map, Value, parse};

/// A frame that is not the JSON text of an object. The session goes on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameError(pub String);

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FrameError {}

/// Everything that one frame, text or binary, says, in the order of the rows.
///
/// Missing, unknown and odd fields are no failure. A field that is not known stays in its event, or is found
/// in an event of the kind `unknown`, and so is one whose content has another type than it should; `null` and
/// flags that are false say nothing. A field named `type`, which would hide the event's own, is found as
/// `type_`. Keys in snake_case are understood as well.
///
/// # Errors
///
/// When the frame is not JSON, or is JSON but not an object.
pub fn decode(frame: &[u8]) -> Result<Vec<Item>, FrameError> {
    let value = parse(frame).map_err(|error| FrameError(error.in_words()))?;
    let Value::Object(mut message) = value else {
        return Err(FrameError("the message is not a JSON object".to_owned()));
    };
    sift::rename(&mut message);
    let mut content = take_object(&mut message, CONTENT).unwrap_or_default();
    sift::rename(&mut content);
    let mut decoder = Decoder::default();
    for row in ROWS {
        match row.path.strip_prefix(IN_CONTENT) {
            Some(name) => decoder.row(row, &mut content, name),
            None => decoder.row(row, &mut message, row.path),
        }
    }
    decoder.odd.add(CONTENT, content);
    decoder.odd.merge(message);
    if !decoder.odd.fields.is_empty() {
        let fields = std::mem::take(&mut decoder.odd.fields);
        decoder.emit(EventKind::Unknown, one("fields", Value::Object(fields)));
    }
    Ok(decoder.items)
}

impl Decoder {
    fn row(&mut self, row: &Row, scope: &mut Map, name: &'static str) {
        match row.source {
            Source::Object => {
                if let Some(fields) = take_object(scope, name) {
                    self.object(row, fields);
                }
            }
            Source::Wrapped => {
                if let Some(fields) = take_object(scope, name) {
                    self.object(row, one(name, Value::Object(fields)));
                }
            }
            Source::Flag => {
                if take_flag(scope, name) == Some(true) {
                    self.emit(row.kind, Map::new());
                }
            }
            Source::Parts => {
                if let Some(turn) = take_object(scope, name) {
                    self.model_turn(turn);
                }
            }
            Source::Turn => self.turn(row, scope, name),
            Source::Error => match scope.get_mut(name).map(Value::take) {
                Some(Value::Object(fields)) => self.object(row, fields),
                Some(text @ Value::String(_)) => self.emit(row.kind, one("message", text)),
                Some(other) => self.odd.put(name, other),
                None => {}
            },
            Source::Within => {}
        }
    }

    fn object(&mut self, row: &Row, mut fields: Map) {
        sift::rename(&mut fields);
        if row.kind == EventKind::VoiceActivity && !fields.contains_key("voiceActivityType") {
            // Its older name.
            if let Some(kind) = fields.remove("type") {
                fields.set("voiceActivityType", kind);
            }
        }
        let odd = sift::message(row.table, &mut fields);
        // Mirrored where the frame had it. What is wrapped bears its path in it.
        match (row.source, row.path.strip_prefix(IN_CONTENT)) {
            (Source::Wrapped, _) => self.odd.add(CONTENT, odd),
            (_, Some(name)) if !odd.is_empty() => self.odd.add(CONTENT, one(name, Value::Object(odd))),
            (_, Some(_)) => {}
            (_, None) => self.odd.add(row.path, odd),
        }
        self.emit(row.kind, fields);
    }

    fn turn(&mut self, row: &Row, scope: &mut Map, name: &str) {
        let is_complete = take_flag(scope, name) == Some(true);
        let mut fields = Map::new();
        for (name, _) in row.table.fields() {
            if let Some(value) = scope.remove(name) {
                fields.set(name, value);
            }
        }
        let odd = sift::message(row.table, &mut fields);
        self.odd.add(CONTENT, odd);
        if is_complete || !fields.is_empty() {
            self.emit(if is_complete { row.kind } else { EventKind::TurnStatus }, fields);
        }
    }
}

const IN_CONTENT: &str = "serverContent.";
