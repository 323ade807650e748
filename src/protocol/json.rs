//! The JSON that messages are read into and written from: one place to say whose it is.

pub(crate) use serde_json::Value;

/// The fields of an object.
pub(crate) type Map = serde_json::Map<String, Value>;

/// An object with one field.
pub(crate) fn object(name: &str, value: Value) -> Value {
    let mut fields = Map::new();
    fields.insert(name.to_owned(), value);
    Value::Object(fields)
}

/// Compact JSON. Its one serializer: `Display` would be another, and pretty besides.
pub(crate) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A typed message as JSON.
pub(crate) fn to_value(message: &impl serde::Serialize) -> Value {
    serde_json::to_value(message).unwrap_or_default()
}
