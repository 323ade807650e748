//! Fields moved out of a message: what has the expected type is taken and leaves `null` behind, which
//! says nothing; the rest stays where it was.

use crate::protocol::{
    json::{Map, Value},
    schema::names::camel_case,
};

/// What is left of a message once its known fields are taken.
pub(super) fn rest(fields: Map) -> Map {
    let mut left = Map::new();
    for (name, value) in fields {
        if !value.is_null() {
            // It would hide the event's own.
            left.insert(if name == "type" { "type_".to_owned() } else { name }, value);
        }
    }
    left
}

pub(super) fn take_some(fields: &mut Map, key: &str) -> Option<Value> {
    fields.get_mut(key).map(Value::take).filter(|value| !value.is_null())
}

pub(super) fn take_object(fields: &mut Map, key: &str) -> Option<Map> {
    match fields.get_mut(key)? {
        value @ Value::Object(_) => match value.take() {
            Value::Object(object) => Some(camel_keys(object)),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn take_list(fields: &mut Map, key: &str) -> Option<Vec<Value>> {
    let value = fields.get_mut(key)?;
    let list = std::mem::take(value.as_array_mut()?);
    *value = Value::Null;
    Some(list)
}

pub(super) fn take_text(fields: &mut Map, key: &str) -> Option<String> {
    let value = fields.get_mut(key)?;
    let Value::String(text) = value else { return None };
    let text = std::mem::take(text);
    *value = Value::Null;
    Some(text)
}

pub(super) fn take_flag(fields: &mut Map, key: &str) -> Option<bool> {
    let value = fields.get_mut(key)?;
    let flag = value.as_bool()?;
    *value = Value::Null;
    Some(flag)
}

pub(super) fn take_count(fields: &mut Map, key: &str) -> Option<u64> {
    let value = fields.get_mut(key)?;
    let count = value.as_u64()?;
    *value = Value::Null;
    Some(count)
}

/// The same object with `snake_case` keys written as `camelCase`.
pub(super) fn camel_keys(fields: Map) -> Map {
    if !fields.keys().any(|key| key.contains('_')) {
        return fields;
    }
    let mut camel = Map::new();
    for (key, value) in fields {
        camel.insert(camel_case(&key), value);
    }
    camel
}
