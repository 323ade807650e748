//! What the protocol needs of [`crate::json`] besides values.

pub(crate) use crate::json::{Map, Value};

/// An object with one field.
pub(crate) fn object(name: &str, value: Value) -> Value {
    let mut fields = Map::new();
    fields.set(name, value);
    Value::Object(fields)
}

/// A typed message as JSON. Typed messages are a Rust application's: no page links what serde derives.
pub(crate) fn to_value(message: &impl serde::Serialize) -> Value {
    serde_json::to_value(message).map(Value::from).unwrap_or_default()
}
