//! The rules by which this library differs from the SDK on purpose.
//!
//! | rule | the SDK | this library |
//! |---|---|---|
//! | contradiction | lets one of two values win, or throws | refuses, naming the field |
//! | unusable | sends what the service will refuse | refuses, naming the field |
//! | wrong type | passes it on | refuses, naming the field |
//! | unknown field | drops it, or passes it on | does not send it, and says so |
//! | lost field | drops fields the service has | sends them |
//! | null | sends it here and there | takes it as absent |
//! | spelling | drops snake_case and passes on lower-case names | sends what was meant |
//! | scheduling | leaves `scheduling` and `willContinue` inside of `response` | sends them beside it, where the service reads them |
//! | default version | `v1beta` | `v1alpha` for tokens, the documented one |
//! | credential | as it is in the URL | percent-encoded |
//! | field mask | indices of lists, names as given | paths that exist in the setup, once each |

use std::collections::BTreeSet;

use gemini_live_web::error::{Error, Warning};
use serde_json::{Map, Value};

/// Whether the case has one of these tags.
pub(crate) fn has_tag(case: &Value, tags: &[&str]) -> bool {
    case["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).any(|tag| tags.contains(&tag))
}

/// Cases in which the recording shows an oddity of the SDK, or of the input.
const ODD: &[&str] =
    &["sdk_quirk", "js_dynamic_type", "unknown_field", "null", "python_sdk_only", "vertex_only"];

/// Cases whose input has fields that the service may not know.
pub(crate) const UNKNOWN: &[&str] = &["unknown_field", "sdk_quirk", "js_dynamic_type"];

/// Whether a rule may apply to the case: it is tagged so, or its input has a null. What the library
/// itself says of the input decides nothing: a field that it forgot would excuse itself.
pub(crate) fn is_odd(case: &Value, input: &Value) -> bool {
    has_tag(case, ODD) || any_object(input, &|object| object.values().any(Value::is_null))
}

/// Why this library refuses a configuration that the SDK sends, by the rules "contradiction" and "unusable".
pub(crate) fn refusal(config: &Value) -> Option<&'static str> {
    let generation = &config["generationConfig"];
    if contradicts(config, generation) {
        return Some("flat option and generationConfig differ");
    }
    if generation["speechConfig"].get("multiSpeakerVoiceConfig").is_some() {
        return Some("several speakers");
    }
    if modalities(config).len().max(modalities(generation).len()) > 1 {
        return Some("several modalities");
    }
    let declarations = config["tools"].as_array().into_iter().flatten();
    let mut declarations =
        declarations.flat_map(|tool| tool["functionDeclarations"].as_array().into_iter().flatten());
    let both = |item: &Value, one: &str, other: &str| !item[one].is_null() && !item[other].is_null();
    if declarations.any(|item| {
        both(item, "parameters", "parametersJsonSchema") || both(item, "response", "responseJsonSchema")
    }) {
        return Some("two schemas for one thing");
    }
    let tools = &config["tools"];
    if any_object(tools, &|object| {
        ["parameters", "response"].iter().any(|name| object.get(*name).is_some_and(is_unusable))
    }) {
        return Some("a schema that the service cannot take");
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

/// Rules "wrong type" and "unusable": in a case that shows an oddity, a refusal that names a field of the input.
pub(crate) fn may_refuse(case: &Value, input: &Value, error: &Error) -> Result<(), String> {
    let field = error.field.as_deref().unwrap_or_default();
    let is_there = at_path(input, field).is_some() || !input.is_object() || field == "model";
    match has_tag(case, &["js_dynamic_type", "sdk_quirk"]) && is_there {
        true => is_typed(error),
        false => Err(format!("refused: {error}")),
    }
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

/// Where the SDK's error names a field of the input, ours names the same.
pub(crate) fn names_the_same(expected: &Value, input: &Value, error: &Error) -> Result<(), String> {
    is_typed(error)?;
    let message = expected["message"].as_str().unwrap_or_default();
    let Some(name) = named(message).filter(|name| key_set(input).contains(*name)) else { return Ok(()) };
    let field = error.field.as_deref().unwrap_or_default();
    match field.split(['.', '[']).any(|step| step == name) {
        true => Ok(()),
        false => Err(format!("the error names `{field}`; the SDK's says: {message}")),
    }
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

fn contradicts(flat: &Value, nested: &Value) -> bool {
    let (Some(flat), Some(nested)) = (flat.as_object(), nested.as_object()) else { return false };
    flat.iter().any(|(name, value)| match (value, nested.get(name)) {
        (Value::Null, _) | (_, None | Some(Value::Null)) => false,
        (Value::Object(_), Some(inner @ Value::Object(_))) => contradicts(value, inner),
        (value, Some(inner)) => value != inner,
    })
}

fn modalities(config: &Value) -> BTreeSet<String> {
    let list = config["responseModalities"].as_array().into_iter().flatten();
    let names: BTreeSet<String> = list.filter_map(Value::as_str).map(str::to_ascii_uppercase).collect();
    if names.contains("VIDEO") { BTreeSet::new() } else { names }
}

/// Why this library refuses a tool response that the SDK sends.
pub(crate) fn unanswerable(argument: &Value) -> bool {
    let responses = &argument["functionResponses"];
    let list = match responses {
        Value::Array(list) => list.iter().collect(),
        single => vec![single],
    };
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    list.iter().any(|item| !is_text(&item["id"]) || !is_text(&item["name"]) || !item["response"].is_object())
}

/// A typed error names what is at fault.
pub(crate) fn is_typed(error: &Error) -> Result<(), String> {
    match (&error.field, error.message.is_empty()) {
        (Some(field), false) if !field.is_empty() => Ok(()),
        _ => Err(format!("the error names no field: {error:?}")),
    }
}

/// Rule "scheduling": what the SDK sent, with what the service reads where the service reads it.
pub(crate) fn hoisted(message: &Value) -> Value {
    match message {
        Value::Object(fields) => {
            let mut fields: Map<String, Value> =
                fields.iter().map(|(name, value)| (name.clone(), hoisted(value))).collect();
            for name in ["scheduling", "willContinue"] {
                let is_meant = |value: &Value| match value.as_str() {
                    Some(text) => name == "scheduling" && SCHEDULING.contains(&text.to_uppercase().as_str()),
                    None => name == "willContinue" && value.is_boolean(),
                };
                let is_free = fields.get(name).is_none_or(Value::is_null) && fields.contains_key("name");
                if let Some(Value::Object(response)) = fields.get_mut("response")
                    && is_free
                    && response.get(name).is_some_and(is_meant)
                    && let Some(value) = response.remove(name)
                {
                    fields.insert(name.to_owned(), value);
                }
            }
            Value::Object(fields)
        }
        Value::Array(list) => list.iter().map(hoisted).collect(),
        scalar => scalar.clone(),
    }
}

const SCHEDULING: &[&str] = &["SCHEDULING_UNSPECIFIED", "SILENT", "WHEN_IDLE", "INTERRUPT"];

/// Compares what we send with what the SDK sent.
pub(crate) struct Comparison<'a> {
    pub(crate) input: &'a Value,
    pub(crate) warnings: &'a [Warning],
    /// Whether the rules apply; otherwise the values must be equal.
    pub(crate) is_odd: bool,
    /// Whether the input has fields that are not known, by the recording's own word.
    pub(crate) has_unknown: bool,
}

impl Comparison<'_> {
    /// `ours` is what the SDK sent, or better by the rules. In no case does an option vanish silently.
    pub(crate) fn check(&self, expected: &Value, ours: &Value) -> Result<(), String> {
        if ours != expected && !(self.is_odd || self.keeps_siblings()) {
            return Err(format!("expected {expected}\n   got {ours}"));
        }
        self.explain("", expected, ours)
            .map_err(|why| format!("{why}\n   expected {expected}\n   got {ours}"))?;
        self.nothing_vanishes(ours)
    }

    /// The SDK loses what stands beside a nullable `anyOf`; this library keeps it ("lost field").
    fn keeps_siblings(&self) -> bool {
        any_object(self.input, &|object| object.contains_key("anyOf") && object.len() > 1)
    }

    fn explain(&self, key: &str, expected: &Value, ours: &Value) -> Result<(), String> {
        match (expected, ours) {
            _ if expected == ours => Ok(()),
            (Value::Object(expected), Value::Object(ours)) => self.explain_fields(expected, ours),
            (Value::Array(expected), Value::Array(ours)) if expected.len() == ours.len() => {
                expected.iter().zip(ours).try_for_each(|(expected, ours)| self.explain(key, expected, ours))
            }
            // Rule "null".
            (Value::Null, _) => Ok(()),
            // Rule "spelling".
            (Value::String(expected), Value::String(ours)) if expected.eq_ignore_ascii_case(ours) => Ok(()),
            (Value::String(expected), Value::String(ours))
                if key == "model" && same_model(expected, ours) =>
            {
                Ok(())
            }
            _ => Err(format!("`{key}`: {ours} instead of {expected}")),
        }
    }

    fn explain_fields(&self, expected: &Map<String, Value>, ours: &Map<String, Value>) -> Result<(), String> {
        for (key, value) in expected {
            match ours.get(key) {
                Some(own) => self.explain(key, value, own)?,
                // Rules "null" and "unknown field".
                None if value.is_null() || self.has_unknown && self.is_warned(key) => {}
                None => return Err(format!("`{key}` is missing")),
            }
        }
        // Rules "lost field" and "spelling": what is more than expected was in the input.
        for (key, value) in ours.iter().filter(|(key, _)| !expected.contains_key(*key)) {
            if !self.is_from_input(key, value) {
                return Err(format!("`{key}` is invented"));
            }
        }
        Ok(())
    }

    fn is_warned(&self, key: &str) -> bool {
        let is_named = |field: &str| field == key || field.ends_with(&format!(".{key}"));
        self.warnings.iter().any(|warning| warning.field.as_deref().is_some_and(is_named))
    }

    fn is_from_input(&self, key: &str, value: &Value) -> bool {
        let known = key_set(self.input);
        let is_known = |key: &str| known.contains(key) || WRAPPERS.contains(&key);
        let mut leaves = BTreeSet::new();
        scalars(self.input, &mut leaves);
        let mut own = BTreeSet::new();
        scalars(value, &mut own);
        own.remove("\"user\"");
        is_known(key) && key_set(value).iter().all(|key| is_known(key)) && own.is_subset(&leaves)
    }

    /// Every field of the input that has a value is sent, or a warning names it.
    fn nothing_vanishes(&self, ours: &Value) -> Result<(), String> {
        let sent = key_set(ours);
        let mut missing = Vec::new();
        walk_keys(self.input, &mut |key, value| {
            let is_moved = matches!(key, "parameters" | "response" | "media" | "anyOf" | "type")
                || key == "additionalProperties" && value == &Value::Bool(false);
            if !sent.contains(&camel_case(key)) && !self.is_warned(key) && !value.is_null() && !is_moved {
                missing.push(key.to_owned());
            }
        });
        // Fields inside of one that is reported are reported with it.
        missing.retain(|key| !self.is_inside_warned(self.input, key));
        if missing.is_empty() { Ok(()) } else { Err(format!("vanished silently: {missing:?}")) }
    }

    fn is_inside_warned(&self, value: &Value, key: &str) -> bool {
        match value {
            Value::Object(fields) => fields.iter().any(|(name, inner)| {
                self.is_warned(name) && key_set(inner).contains(&camel_case(key))
                    || self.is_inside_warned(inner, key)
            }),
            Value::Array(list) => list.iter().any(|inner| self.is_inside_warned(inner, key)),
            _ => false,
        }
    }
}

/// What this library puts around a value that is written in short.
const WRAPPERS: &[&str] =
    &["generationConfig", "parts", "text", "role", "tools", "nullable", "type", "anyOf"];

fn same_model(expected: &str, ours: &str) -> bool {
    expected.split_whitespace().collect::<String>() == ours
}

fn any_object(value: &Value, test: &dyn Fn(&Map<String, Value>) -> bool) -> bool {
    match value {
        Value::Object(fields) => test(fields) || fields.values().any(|inner| any_object(inner, test)),
        Value::Array(list) => list.iter().any(|inner| any_object(inner, test)),
        _ => false,
    }
}

fn walk_keys(value: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                visit(key, inner);
                walk_keys(inner, visit);
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| walk_keys(inner, visit)),
        _ => {}
    }
}

fn key_set(value: &Value) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    walk_keys(value, &mut |key, _| {
        keys.insert(camel_case(key));
    });
    keys
}

/// All texts, numbers and flags in a value, without regard to case.
fn scalars(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|inner| scalars(inner, found)),
        Value::Array(list) => list.iter().for_each(|inner| scalars(inner, found)),
        Value::Null => {}
        scalar => {
            found.insert(scalar.to_string().to_lowercase());
        }
    }
}

/// `snake_case` as `camelCase`, written here once more so that a slip of the library does not hide itself.
pub(crate) fn camel_case(name: &str) -> String {
    let mut pieces = name.split('_');
    let mut camel = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let mut letters = piece.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}
