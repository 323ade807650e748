//! Fields moved out of a message: what has the expected type is taken, the rest stays where it was.

use serde_json::{Map, Value};

/// What is left of a message once its known fields are taken.
pub(super) fn rest(mut fields: Map<String, Value>) -> Map<String, Value> {
    fields.retain(|_, value| !value.is_null());
    if let Some(value) = fields.remove("type") {
        fields.insert("type_".to_owned(), value);
    }
    fields
}

pub(super) fn take_some(fields: &mut Map<String, Value>, key: &str) -> Option<Value> {
    fields.remove(key).filter(|value| !value.is_null())
}

pub(super) fn take_object(fields: &mut Map<String, Value>, key: &str) -> Option<Map<String, Value>> {
    match fields.get_mut(key)? {
        Value::Object(object) => {
            let object = std::mem::take(object);
            fields.remove(key);
            Some(camel_keys(object))
        }
        _ => None,
    }
}

pub(super) fn take_list(fields: &mut Map<String, Value>, key: &str) -> Option<Vec<Value>> {
    let list = std::mem::take(fields.get_mut(key)?.as_array_mut()?);
    fields.remove(key);
    Some(list)
}

pub(super) fn take_text(fields: &mut Map<String, Value>, key: &str) -> Option<String> {
    match fields.get_mut(key)? {
        Value::String(text) => {
            let text = std::mem::take(text);
            fields.remove(key);
            Some(text)
        }
        _ => None,
    }
}

pub(super) fn take_flag(fields: &mut Map<String, Value>, key: &str) -> Option<bool> {
    let flag = fields.get(key)?.as_bool()?;
    fields.remove(key);
    Some(flag)
}

pub(super) fn take_count(fields: &mut Map<String, Value>, key: &str) -> Option<u64> {
    let count = fields.get(key)?.as_u64()?;
    fields.remove(key);
    Some(count)
}

/// The same object with `snake_case` keys written as `camelCase`.
pub(super) fn camel_keys(fields: Map<String, Value>) -> Map<String, Value> {
    if !fields.keys().any(|key| key.contains('_')) {
        return fields;
    }
    fields.into_iter().map(|(key, value)| (super::camel_case(&key), value)).collect()
}
