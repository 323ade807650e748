//! What the service can read: a table of its own, and the one walker that applies it.
//!
//! Nothing here is shared with the client library, so that a mistake in one is not hidden by the same mistake
//! in the other. [`read`] takes a JSON value as it came, refuses what the service refuses, and gives back the
//! same message in one spelling: lowerCamelCase keys, no nulls, enum names in upper case, 64-bit integers as
//! numbers.

mod scalar;
mod table;

use serde_json::{Map, Value};

use crate::refusal::Refusal;
use table::{Field, Kind, Shape};

pub(crate) use scalar::{base64_bytes, timestamp};

/// Reads `value` as the message called `message` and gives it back in one spelling, or says why the service
/// refuses it.
pub(crate) fn read(message: &str, value: &Value) -> Result<Value, Refusal> {
    let mut path = String::new();
    read_message(message, value, &mut path, 0)
}

/// Whether `path` (dotted, lowerCamelCase or snake_case) names a field inside `message`.
pub(crate) fn has_path(message: &str, path: &str) -> bool {
    let mut current = message;
    let mut segments = path.split('.').peekable();
    while let Some(segment) = segments.next() {
        let Some(field) = table::field(current, segment) else { return false };
        if segments.peek().is_none() {
            return true;
        }
        match (&field.shape, &field.kind) {
            (Shape::One, Kind::Message(inner)) => current = inner,
            // The rest is a key of the map.
            (Shape::Map, _) => return true,
            _ => return false,
        }
    }
    false
}

/// `some_name` and `someName` as `someName`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
        } else if upper {
            camel.extend(letter.to_uppercase());
            upper = false;
        } else {
            camel.push(letter);
        }
    }
    camel
}

fn read_message(message: &str, value: &Value, path: &mut String, depth: usize) -> Result<Value, Refusal> {
    let Value::Object(entries) = value else {
        return Err(Refusal::invalid_argument(format!("{} is not an object", shown(path))));
    };
    if depth > DEPTH {
        return Err(Refusal::invalid_argument(format!("{} is nested too deeply", shown(path))));
    }
    let mut read = Map::new();
    for (key, value) in entries {
        let length = path.len();
        path.push_str(if length == 0 { "" } else { "." });
        path.push_str(key);
        let Some(field) = table::field(message, key) else { return Err(Refusal::unknown_name(key, path)) };
        if !value.is_null() {
            let value = read_field(field, value, path, depth)?;
            if read.insert(field.name.clone(), value).is_some() {
                return Err(Refusal::invalid_argument(format!("{path} is given twice, in two spellings")));
            }
        }
        path.truncate(length);
    }
    Ok(Value::Object(read))
}

fn read_field(field: &Field, value: &Value, path: &mut String, depth: usize) -> Result<Value, Refusal> {
    match (&field.shape, value) {
        (Shape::One, value) => read_kind(&field.kind, value, path, depth),
        (Shape::List, Value::Array(items)) => {
            let items = items.iter().map(|item| read_kind(&field.kind, item, path, depth));
            Ok(Value::Array(items.collect::<Result<_, _>>()?))
        }
        (Shape::Map, Value::Object(entries)) => {
            let entries = entries
                .iter()
                .map(|(key, value)| Ok((key.clone(), read_kind(&field.kind, value, path, depth)?)));
            Ok(Value::Object(entries.collect::<Result<_, Refusal>>()?))
        }
        (Shape::List, _) => Err(Refusal::invalid_argument(format!("{path} is not a list"))),
        (Shape::Map, _) => Err(Refusal::invalid_argument(format!("{path} is not a map"))),
    }
}

fn read_kind(kind: &Kind, value: &Value, path: &mut String, depth: usize) -> Result<Value, Refusal> {
    let read = match kind {
        Kind::Message(inner) => return read_message(inner, value, path, depth + 1),
        Kind::Enum(values) => scalar::enum_value(values, value),
        Kind::Scalar(scalar) => scalar.read(value),
    };
    read.ok_or_else(|| Refusal::invalid_argument(format!("{path} is not {}", kind.title())))
}

fn shown(path: &str) -> &str {
    if path.is_empty() { "the message" } else { path }
}

/// How deeply messages may be nested: JSON schemas are the only ones that recur.
const DEPTH: usize = 48;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_are_read_as_one() {
        let snake = json!({"generation_config": {"response_modalities": ["audio"], "top_p": 0.5}, "model": "models/m"});
        let camel =
            json!({"generationConfig": {"responseModalities": ["AUDIO"], "topP": 0.5}, "model": "models/m"});
        assert_eq!(read("Setup", &snake).unwrap(), read("Setup", &camel).unwrap());
    }

    #[test]
    fn an_unknown_field_is_named_at_any_depth() {
        let value = json!({"setup": {"tools": [{"functionDeclarations": [{"name": "f", "colour": 1}]}]}});
        let refusal = read("ClientMessage", &value).unwrap_err();
        assert_eq!(refusal.code, 1007);
        assert_eq!(
            refusal.reason,
            "Invalid JSON payload received. Unknown name \"colour\": Cannot find field."
        );
    }

    #[test]
    fn a_null_is_an_absent_field() {
        assert_eq!(read("Setup", &json!({"model": null, "tools": null})).unwrap(), json!({}));
    }

    #[test]
    fn a_wrong_type_is_an_invalid_argument() {
        for value in [
            json!({"model": 1}),
            json!({"tools": {}}),
            json!({"labels": {"a": 1}}),
            json!({"generationConfig": {"seed": 1.5}}),
            json!({"generationConfig": {"responseModalities": ["SMELL"]}}),
            json!({"contextWindowCompression": {"triggerTokens": "many"}}),
            json!({"model": "a", "generationConfig": []}),
            json!([]),
        ] {
            let refusal = read("Setup", &value).unwrap_err();
            assert_eq!(refusal.reason, "Request contains an invalid argument.", "{value}");
        }
    }

    #[test]
    fn a_field_may_not_come_in_both_spellings() {
        assert!(read("ClientContent", &json!({"turnComplete": true, "turn_complete": true})).is_err());
    }

    #[test]
    fn a_mask_path_leads_through_messages_and_maps() {
        assert!(has_path("Setup", "generationConfig.responseModalities"));
        assert!(has_path("Setup", "generation_config.speech_config.voice_config"));
        assert!(has_path("Setup", "tools"));
        assert!(has_path("Setup", "labels.any"));
        assert!(!has_path("Setup", "tools.functionDeclarations"));
        assert!(!has_path("Setup", "temperature"));
        assert!(!has_path("Setup", ""));
    }

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        let mut value = json!({"type": "STRING"});
        for _ in 0..100 {
            value = json!({"items": value});
        }
        assert!(read("Schema", &value).is_err());
    }
}
