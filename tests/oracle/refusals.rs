//! What this library refuses, and which field it names.

use std::collections::BTreeSet;

use gemini_live_web::error::Error;
use serde_json::{Map, Value};

use crate::{
    rules::{any_object, camel_case, has_tag},
    table::SERVICE,
};

/// Why this library refuses what the SDK sends, and the fields of which it names one.
pub(crate) struct Refusal {
    pub(crate) why: &'static str,
    fields: Vec<String>,
}

impl Refusal {
    pub(crate) fn of<const N: usize>(why: &'static str, fields: [&str; N]) -> Self {
        Self { why, fields: fields.map(str::to_owned).to_vec() }
    }

    /// Whether the error names one of the fields.
    pub(crate) fn is_met_by(&self, error: &Error) -> Result<(), String> {
        is_typed(error)?;
        match steps(error).iter().any(|step| self.fields.contains(step)) {
            true => Ok(()),
            false => Err(format!("{}: it names {:?} instead of {:?}", self.why, error.field, self.fields)),
        }
    }
}

/// By the rules "contradiction" and "unusable", of a configuration.
pub(crate) fn refusal(config: &Value) -> Option<Refusal> {
    let generation = &config["generationConfig"];
    let mut fields = Vec::new();
    contradictions(config, generation, &mut fields);
    if !fields.is_empty() {
        return Some(Refusal { why: "flat option and generationConfig differ", fields });
    }
    if generation["speechConfig"].get("multiSpeakerVoiceConfig").is_some() {
        return Some(Refusal::of("several speakers", ["multiSpeakerVoiceConfig"]));
    }
    if modalities(config).len().max(modalities(generation).len()) > 1 {
        return Some(Refusal::of("several modalities", ["responseModalities"]));
    }
    let declarations = config["tools"].as_array().into_iter().flatten();
    let declarations =
        declarations.flat_map(|tool| tool["functionDeclarations"].as_array().into_iter().flatten());
    for item in declarations {
        for (one, other) in [("parameters", "parametersJsonSchema"), ("response", "responseJsonSchema")] {
            if !item[one].is_null() && !item[other].is_null() {
                return Some(Refusal::of("two schemas for one thing", [one, other]));
            }
            if is_unusable(&item[one]) {
                return Some(Refusal::of("a schema that the service cannot take", [one]));
            }
        }
    }
    None
}

/// A schema that is of type null alone, or has values that are not texts where the service has texts.
fn is_unusable(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    schema.get("$schema").is_none()
        && any_object(schema, &|object| {
            let types = object.get("type").and_then(Value::as_array);
            let values = object.get("enum").and_then(Value::as_array);
            types.is_some_and(|types| types.iter().all(is_null))
                || values.is_some_and(|values| !values.iter().all(Value::is_string))
        })
}

/// The fields that two objects both have, with different values.
fn contradictions(flat: &Value, nested: &Value, found: &mut Vec<String>) {
    let (Some(flat), Some(nested)) = (flat.as_object(), nested.as_object()) else { return };
    for (name, value) in flat {
        match (value, nested.get(name)) {
            (Value::Null, _) | (_, None | Some(Value::Null)) => {}
            (Value::Object(_), Some(inner @ Value::Object(_))) => contradictions(value, inner, found),
            (value, Some(inner)) if value != inner => found.push(name.clone()),
            _ => {}
        }
    }
}

fn modalities(config: &Value) -> BTreeSet<String> {
    let list = config["responseModalities"].as_array().into_iter().flatten();
    let names: BTreeSet<String> = list.filter_map(Value::as_str).map(str::to_ascii_uppercase).collect();
    if names.contains("VIDEO") { BTreeSet::new() } else { names }
}

/// Why this library refuses a tool response that the SDK sends.
pub(crate) fn unanswerable(argument: &Value) -> Option<Refusal> {
    let responses = &argument["functionResponses"];
    let list = match responses {
        Value::Array(list) => list.iter().collect(),
        single => vec![single],
    };
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    list.iter().find_map(|item| {
        let checks = [
            ("id", is_text(&item["id"])),
            ("name", is_text(&item["name"])),
            ("response", item["response"].is_object()),
        ];
        let (name, _) = checks.into_iter().find(|(_, is_right)| !is_right)?;
        Some(Refusal::of("the service takes no such answer", [name]))
    })
}

/// Rule "wrong type": where the recording says that JavaScript let a value of another type pass, a refusal that names
/// a field of the input, whose value is none that the service could read there.
pub(crate) fn may_refuse(case: &Value, input: &Value, error: &Error) -> Result<(), String> {
    is_typed(error)?;
    let name = steps(error).pop().unwrap_or_default();
    let is_wrong = places(input, error).any(|value| !value.is_null() && !SERVICE.may_be(&name, value));
    match has_tag(case, &["js_dynamic_type"]) && is_wrong {
        true => Ok(()),
        false => Err(format!("refused: {error:?}")),
    }
}

/// A typed error names what is at fault.
fn is_typed(error: &Error) -> Result<(), String> {
    match (&error.field, error.message.is_empty()) {
        (Some(field), false) if !field.is_empty() => Ok(()),
        _ => Err(format!("the error names no field: {error:?}")),
    }
}

/// The names on the way to the field that an error names.
fn steps(error: &Error) -> Vec<String> {
    let field = error.field.as_deref().unwrap_or_default();
    let names = field.split(['.', '[']).filter(|step| !step.ends_with(']'));
    names.map(str::to_owned).collect()
}

/// The values at the field that an error names: in a configuration, or in what a token's is in.
fn places<'a>(input: &'a Value, error: &Error) -> impl Iterator<Item = &'a Value> {
    let constraints = &input["liveConnectConstraints"];
    let field = error.field.clone().unwrap_or_default();
    [input, constraints, &constraints["config"]].into_iter().filter_map(move |root| at_path(root, &field))
}

/// The value at a path such as `tools[0].functionDeclarations`.
fn at_path<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split(['.', '[']).try_fold(value, |value, step| match step.strip_suffix(']') {
        Some(index) => value.get(index.parse::<usize>().ok()?),
        None => value.get(step).or_else(|| {
            value.as_object()?.iter().find(|(key, _)| camel_case(key) == step).map(|(_, value)| value)
        }),
    })
}

/// Where the SDK fails, this library refuses, and names what is at fault: the field that the SDK's error names, or
/// the one that holds what it complains of.
pub(crate) fn names_the_same(expected: &Value, input: &Value, error: &Error) -> Result<(), String> {
    is_typed(error)?;
    let message = expected["message"].as_str().unwrap_or_default();
    let steps = steps(error);
    let last = steps.last().map(String::as_str).unwrap_or_default();
    let is_right = match named(message) {
        Some(name) => steps.iter().any(|step| step == name),
        None => complaint(message, input, error).unwrap_or_else(|| {
            // It is a field of the input, or one that the service has and the input has not.
            places(input, error).next().is_some() || SERVICE.knows(last)
        }),
    };
    if is_right {
        Ok(())
    } else {
        Err(format!("the error names {:?}; the SDK's says: {message}", error.field))
    }
}

/// Whether the field that is named holds what the SDK's error complains of, where that can be told.
fn complaint(message: &str, input: &Value, error: &Error) -> Option<bool> {
    let steps = steps(error);
    let is_below = |names: &[&str]| steps.iter().any(|step| names.contains(&step.as_str()));
    let holds = |test: &dyn Fn(&Map<String, Value>) -> bool| {
        places(input, error).any(|value| value.as_object().is_some_and(test))
    };
    if let Some(kind) = message.strip_prefix("Unsupported mime type: ") {
        let is_it = |medium: &Map<String, Value>| {
            medium.get("mimeType").map_or(kind == "undefined", |found| found == kind)
        };
        return Some(is_below(&["audio", "video", "media"]) && holds(&is_it));
    }
    if let Some((_, text)) = message.split_once("Cannot use 'in' operator to search for ") {
        let text = text.split_once(" in ")?.1;
        return Some(places(input, error).any(|value| value == text));
    }
    let places: [(&str, &[&str]); 6] = [
        ("Could not parse input as Blob", &["audio", "video", "media", "mediaChunks"]),
        ("Could not parse function response", &["functionResponses"]),
        ("Tool response parameters are required", &["functionResponses"]),
        ("PartListUnion is required", &["systemInstruction", "turns"]),
        ("Unsupported part type", &["systemInstruction", "turns"]),
        ("Ephemeral tokens are only supported", &["key"]),
    ];
    if let Some((_, names)) = places.iter().find(|(start, _)| message.starts_with(start)) {
        return Some(is_below(names));
    }
    if message.starts_with("type and anyOf cannot be both") {
        return Some(holds(&|schema| schema.contains_key("type") && schema.contains_key("anyOf")));
    }
    message
        .starts_with("type: null can not be")
        .then(|| steps.last().is_some_and(|last| ["type", "anyOf"].contains(&last.as_str())))
}

/// The field that an error of the SDK names.
fn named(message: &str) -> Option<&str> {
    let forms = [
        ("", " parameter is only supported"),
        ("", " is not supported in the live API"),
        ("", " is required and must be"),
        ("", " is required."),
        ("", " is not iterable"),
        ("invalid ", " parameter"),
        ("Cannot set value for an existing key. Key: ", ""),
        ("Failed to parse client content \"", "\""),
        ("FunctionResponse request must have an `", "`"),
        ("The Live module does not support ", " at request-level"),
    ];
    forms.iter().find_map(|(before, after)| {
        let rest = message.strip_prefix(before)?;
        let name = if after.is_empty() { rest } else { rest.split_once(after)?.0 };
        (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(name)
    })
}
