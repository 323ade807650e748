//! The places of the tables' fields, and values for them.

use std::{collections::BTreeSet, sync::LazyLock};

use serde_json::{Value, json};

use crate::table::{Field, LIVE, Table};

/// The API's messages.
pub(crate) static WIRE: LazyLock<Table> = LazyLock::new(|| Table::read([LIVE, include_str!("messages.txt")]));

/// A field, and the fields above it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// From the root down; the last one is the field.
    steps: Vec<(&'static str, Field)>,
    pub(crate) field: Field,
}

impl Place {
    pub(crate) fn name(&self) -> &'static str {
        self.steps.last().map(|(name, _)| *name).unwrap_or_default()
    }

    /// A value that the field may have.
    pub(crate) fn value(&self) -> Value {
        value(self.name(), self.field)
    }

    /// One value as the field has it, which may be a list.
    pub(crate) fn listed(&self, value: Value) -> Value {
        if self.field.is_list { json!([value]) } else { value }
    }

    /// The root's message, which has this field alone and what it cannot be without.
    pub(crate) fn wrap(&self, value: Value) -> Value {
        let mut inner = value;
        for at in (0..self.steps.len()).rev() {
            let (name, field) = self.steps[at];
            if at + 1 < self.steps.len() {
                inner = completed(field.kind, name, inner);
                inner = if field.is_list {
                    json!([inner])
                } else if field.is_map {
                    json!({ "k": inner })
                } else {
                    inner
                };
            }
            inner = json!({ name: inner });
        }
        inner
    }
}

/// Every field below a message, each message once.
pub(crate) fn places(root: &'static str) -> Vec<Place> {
    let mut found = Vec::new();
    below(root, &[], &mut BTreeSet::new(), &mut found);
    assert!(!found.is_empty(), "no message {root}");
    found
}

fn below(
    message: &'static str,
    above: &[(&'static str, Field)],
    seen: &mut BTreeSet<&'static str>,
    found: &mut Vec<Place>,
) {
    if !seen.insert(message) {
        return;
    }
    for (name, field) in WIRE.fields(message) {
        let steps: Vec<_> = above.iter().copied().chain([(name, field)]).collect();
        found.push(Place { steps: steps.clone(), field });
        if let Some(inner) = WIRE.name(field.kind) {
            below(inner, &steps, seen, found);
        }
    }
}

/// A message with what it is never without.
pub(crate) fn completed(message: &str, name: &str, mut value: Value) -> Value {
    let needed = match message {
        "Content" => json!({ "parts": [{ "text": "t" }] }),
        "FunctionResponse" => json!({ "id": "1", "name": "f", "response": {} }),
        "ToolResponse" => json!({ "functionResponses": [{ "id": "1", "name": "f", "response": {} }] }),
        "Blob" if name == "audio" => json!({ "mimeType": "audio/pcm" }),
        "Blob" if name == "video" => json!({ "mimeType": "image/png" }),
        _ => return value,
    };
    let (Value::Object(fields), Value::Object(needed)) = (&mut value, needed) else { return value };
    for (name, value) in needed {
        fields.entry(name).or_insert(value);
    }
    value
}

/// A value that the field of this name may have.
fn value(name: &str, field: Field) -> Value {
    let one = match field.kind {
        "bool" => json!(true),
        "int32" | "count" => json!(7),
        "int64" => json!("7"),
        "number" => json!(0.5),
        "any" => json!({ "a": [1] }),
        "object" => json!({ "k": 1 }),
        "empty" => json!({}),
        "duration" => json!("1.5s"),
        "timestamp" => json!("2030-01-01T00:00:00Z"),
        "string" => json!("audio/v"),
        "bytes" => json!("AAAA"),
        kind => match WIRE.names(kind).get(1) {
            Some(name) => json!(name),
            None => {
                assert!(WIRE.name(kind).is_some(), "no type {kind}");
                completed(kind, name, json!({}))
            }
        },
    };
    if field.is_list {
        json!([one])
    } else if field.is_map {
        json!({ "k": one })
    } else {
        one
    }
}

/// Values that it may not have.
pub(crate) fn wrong(field: Field) -> Vec<Value> {
    let one = match field.kind {
        "any" | "vertex" => return if field.is_list { vec![json!(5)] } else { Vec::new() },
        "bool" | "int32" | "int64" | "number" => json!("x"),
        "count" => json!(-1),
        _ => json!(5),
    };
    if field.is_list {
        vec![json!(5), json!([one])]
    } else if field.is_map {
        vec![json!(5), json!({ "k": one })]
    } else {
        vec![one]
    }
}
