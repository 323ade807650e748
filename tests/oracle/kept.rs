//! No option vanishes: every value of the input is sent at its place, whatever the SDK does with it.

use gemini_live_web::error::Warning;
use serde_json::Value;

use crate::{rules::camel_case, table::SERVICE};

/// A value and the names above it, without what only says how it was written.
#[derive(Debug, Clone, PartialEq)]
struct Leaf {
    path: Vec<String>,
    value: String,
    /// The name on its path that the service does not know, if there is one.
    unknown: Option<String>,
}

/// Fails if a value of `input`, which is a `message` of the service, is not in `ours`.
///
/// Not to be sent is allowed for what the service does not know, by its own table and by the tag of the recording; and
/// then a warning must say so. A warning alone allows nothing.
pub(crate) fn check(
    message: &str,
    input: &Value,
    ours: &Value,
    may_be_unknown: bool,
    warnings: &[Warning],
) -> Result<(), String> {
    let sent = leaves(message, ours);
    let mut flat = input.clone();
    let nested =
        flat.as_object_mut().and_then(|fields| fields.remove("generationConfig")).unwrap_or_default();
    // The same may be said flat and nested; then it is sent once.
    for given in [leaves(message, &flat), leaves("GenerationConfig", &nested)] {
        let mut sent = sent.clone();
        for leaf in given {
            if let Some(at) =
                sent.iter().position(|sent| (&sent.path, &sent.value) == (&leaf.path, &leaf.value))
            {
                sent.swap_remove(at);
                continue;
            }
            let Some(unknown) = &leaf.unknown else { return Err(format!("{leaf:?} vanished")) };
            // `false` is what generators write everywhere, and what the service does anyway.
            let is_additional = unknown == "additionalProperties";
            if is_additional && leaf.value == "false" {
                continue;
            }
            if !may_be_unknown && !is_additional {
                return Err(format!("{leaf:?} vanished, and the recording does not call it unknown"));
            }
            if !warnings.iter().any(|warning| names(warning, unknown)) {
                return Err(format!("{leaf:?} vanished without a warning"));
            }
        }
    }
    Ok(())
}

pub(crate) fn names(warning: &Warning, key: &str) -> bool {
    let last = warning.field.as_deref().unwrap_or_default().rsplit(['.', '[']).next();
    last.is_some_and(|last| camel_case(last) == key)
}

fn leaves(message: &str, value: &Value) -> Vec<Leaf> {
    let mut found = Vec::new();
    let root = Leaf { path: Vec::new(), value: String::new(), unknown: None };
    walk(At { message: SERVICE.name(message), is_map: false }, value, &root, &mut found);
    found
}

/// Which message a value is; `None` within what is the application's own.
#[derive(Clone, Copy)]
struct At {
    message: Option<&'static str>,
    /// Whether its names are the application's, and each holds such a message.
    is_map: bool,
}

fn walk(at: At, value: &Value, above: &Leaf, found: &mut Vec<Leaf>) {
    match value {
        Value::Null => {}
        Value::Array(list) if !list.is_empty() => {
            list.iter().for_each(|entry| walk(at, entry, above, found));
        }
        Value::Object(fields) if !fields.is_empty() => {
            for (key, inner) in fields {
                let (next, place) = step(at, key, above);
                walk(next, inner, &place, found);
            }
        }
        _ if above.path.is_empty() => {}
        leaf => {
            let value = plain(above.path.last().map(String::as_str), leaf);
            // A type that is null is the flag `nullable`.
            if value != "type null" {
                found.push(Leaf { value, ..above.clone() });
            }
        }
    }
}

/// One name further down.
fn step(at: At, key: &str, above: &Leaf) -> (At, Leaf) {
    let mut place = above.clone();
    let Some(message) = at.message.filter(|_| !at.is_map) else {
        place.path.push(key.to_owned());
        return (At { is_map: false, ..at }, place);
    };
    let name = camel_case(key);
    // A part may stand for the content around it, and a list of tools for the update.
    let inside = match message {
        "Content" => SERVICE.field("Part", &name),
        "ContextTools" => SERVICE.field("Tool", &name),
        _ => None,
    };
    if !WRAPPERS.contains(&name.as_str()) {
        place.path.push(renamed(&name));
    }
    match SERVICE.field(message, &name).or(inside) {
        Some(field) => (At { message: SERVICE.name(field.kind), is_map: field.is_map }, place),
        None => {
            place.unknown.get_or_insert(name);
            (At { message: None, is_map: false }, place)
        }
    }
}

/// What only says how a value is written: a text for a content, a schema for an alternative that is the only one, and
/// what the service reads beside `response`.
const WRAPPERS: &[&str] =
    &["generationConfig", "parts", "text", "tools", "anyOf", "response", "responseJsonSchema"];

fn renamed(name: &str) -> String {
    match name {
        "media" => "mediaChunks",
        "parametersJsonSchema" => "parameters",
        name => name,
    }
    .to_owned()
}

/// A value without regard to how it is written: case, and digits as text.
fn plain(name: Option<&str>, value: &Value) -> String {
    match value {
        Value::String(text) if name == Some("type") => {
            let name = text.to_uppercase();
            let is_known = SERVICE.names("Type").contains(&name.as_str());
            ["type ", if is_known { text } else { "TYPE_UNSPECIFIED" }].concat().to_lowercase()
        }
        Value::String(text) => {
            text.parse::<f64>().map_or_else(|_| text.to_lowercase(), |number| number.to_string())
        }
        Value::Number(number) => number.as_f64().unwrap_or_default().to_string(),
        other => other.to_string(),
    }
}
