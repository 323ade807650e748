//! What the server says: one frame becomes audio and events, in a fixed order.
//!
//! An event stays what it was on the wire, JSON, until somebody wants a type: pages get the object, Rust
//! applications the [`Event`](crate::event::Event) that is made of it.

mod audio;
mod enums;
mod events;
mod metadata;
mod parts;
mod sift;

use std::fmt;

pub(crate) use self::events::server_events;
pub use self::{audio::AudioChunk, enums::*, events::*, metadata::*};
use crate::{
    json::{Map, Value, parse},
    protocol::schema::Table,
};

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

    fn list(&self, field: &str) -> impl Iterator<Item = &Value> {
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

/// A frame that is not the JSON text of an object. The session goes on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameError(pub String);

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FrameError {}

/// Where in a frame an event is found.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// An object, whose fields are the event's.
    Object,
    /// An object, which is the event's one field.
    Wrapped,
    /// A flag that is true; the event has no fields of the frame.
    Flag,
    /// The model's turn: its parts, each of which may be several events.
    Parts,
    /// How the turn stands.
    Turn,
    /// An object, or a text.
    Error,
    /// With another row.
    Within,
}

struct Row {
    kind: EventKind,
    table: &'static Table,
    source: Source,
    path: &'static str,
}

macro_rules! declare_rows {
    (server { $(
        $(#[doc = $doc:literal])* $name:ident $kind:literal: $payload:ident from $source:ident $path:literal,
    )* }) => {
        /// What an event of the server is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum EventKind {
            $($(#[doc = $doc])* $name,)*
        }

        impl EventKind {
            /// The `type` that JavaScript sees.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $kind,)*
                }
            }

            const fn table(self) -> &'static Table {
                match self {
                    $(Self::$name => $payload::TABLE,)*
                }
            }
        }

        static ROWS: &[Row] = &[
            $(Row {
                kind: EventKind::$name,
                table: $payload::TABLE,
                source: Source::$source,
                path: $path,
            },)*
        ];

        /// The events' TypeScript, and the union of them.
        #[cfg(all(test, not(target_arch = "wasm32")))]
        pub(crate) fn typescript(types: &mut crate::protocol::Types) {
            $(types.event(stringify!($name), $kind, &[$($doc),*], $payload::typescript_fields);)*
            types.union(
                "LiveServerEvent",
                "Everything that comes from the server. Fields that this library does not know are there as well, \
                 under their own names.",
                &[$(stringify!($name)),*],
            );
        }
    };
}

server_events!(declare_rows);

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

#[derive(Default)]
struct Decoder {
    items: Vec<Item>,
    odd: Odd,
    odd_parts: Vec<Value>,
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
                fields.insert("voiceActivityType".to_owned(), kind);
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
                fields.insert(name.to_owned(), value);
            }
        }
        let odd = sift::message(row.table, &mut fields);
        self.odd.add(CONTENT, odd);
        if is_complete || !fields.is_empty() {
            self.emit(if is_complete { row.kind } else { EventKind::TurnStatus }, fields);
        }
    }

    fn emit(&mut self, kind: EventKind, mut fields: Map) {
        if let Some(hidden) = fields.remove("type") {
            fields.insert("type_".to_owned(), hidden);
        }
        self.items.push(Item::Event(ServerEvent { kind, fields }));
    }
}

/// What fits nowhere, where the frame had it.
#[derive(Default)]
struct Odd {
    fields: Map,
}

impl Odd {
    fn put(&mut self, name: &str, value: Value) {
        if !value.is_null() {
            self.fields.insert(name.to_owned(), value);
        }
    }

    fn merge(&mut self, fields: Map) {
        for (name, value) in fields {
            match value {
                Value::Object(inner) if !inner.is_empty() => self.add(&name, inner),
                value => self.put(&name, value),
            }
        }
    }

    /// Adds to what is kept under `name`.
    fn add(&mut self, name: &str, fields: Map) {
        let mut place = match self.fields.remove(name) {
            Some(Value::Object(place)) => place,
            Some(other) => one("value", other),
            None => Map::new(),
        };
        place.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        if !place.is_empty() {
            self.fields.insert(name.to_owned(), Value::Object(place));
        }
    }
}

fn take_object(fields: &mut Map, name: &str) -> Option<Map> {
    match fields.get_mut(name)?.take() {
        Value::Object(object) => Some(object),
        other => {
            fields.insert(name.to_owned(), other);
            None
        }
    }
}

fn take_flag(fields: &mut Map, name: &str) -> Option<bool> {
    let value = fields.get_mut(name)?;
    let flag = value.as_bool()?;
    value.take();
    Some(flag)
}

/// An object with one field.
fn one(name: &str, value: Value) -> Map {
    let mut fields = Map::new();
    fields.insert(name.to_owned(), value);
    fields
}

const CONTENT: &str = "serverContent";
const IN_CONTENT: &str = "serverContent.";
