//! What is gathered of a frame while it is read: things that were said, and what fits nowhere.

use super::{
    item::{Item, ServerEvent},
    rows::EventKind,
};
use crate::json::{Map, Value};

#[derive(Default)]
pub(super) struct Decoder {
    pub(super) items: Vec<Item>,
    pub(super) odd: Odd,
    pub(super) odd_parts: Vec<Value>,
}

impl Decoder {
    pub(super) fn emit(&mut self, kind: EventKind, mut fields: Map) {
        if let Some(hidden) = fields.remove("type") {
            fields.set("type_", hidden);
        }
        self.items.push(Item::Event(ServerEvent { kind, fields }));
    }
}

/// What fits nowhere, where the frame had it.
#[derive(Default)]
pub(super) struct Odd {
    pub(super) fields: Map,
}

impl Odd {
    pub(super) fn put(&mut self, name: &str, value: Value) {
        if !value.is_null() {
            self.fields.set(name, value);
        }
    }

    pub(super) fn merge(&mut self, fields: Map) {
        for (name, value) in fields {
            match value {
                Value::Object(inner) if !inner.is_empty() => self.add(&name, inner),
                value => self.put(&name, value),
            }
        }
    }

    /// Adds to what is kept under `name`.
    pub(super) fn add(&mut self, name: &str, fields: Map) {
        let mut place = match self.fields.remove(name) {
            Some(Value::Object(place)) => place,
            Some(other) => one("value", other),
            None => Map::new(),
        };
        place.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        if !place.is_empty() {
            self.fields.set(name, Value::Object(place));
        }
    }
}

pub(super) fn take_object(fields: &mut Map, name: &str) -> Option<Map> {
    match fields.get_mut(name)?.take() {
        Value::Object(object) => Some(object),
        other => {
            fields.set(name, other);
            None
        }
    }
}

pub(super) fn take_flag(fields: &mut Map, name: &str) -> Option<bool> {
    let value = fields.get_mut(name)?;
    let flag = value.as_bool()?;
    value.take();
    Some(flag)
}

/// An object with one field.
pub(super) fn one(name: &str, value: Value) -> Map {
    let mut fields = Map::new();
    fields.set(name, value);
    fields
}

/// Where in a frame most of what is said stands.
pub(super) const CONTENT: &str = "serverContent";
