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

use gemini_live_web::error::Warning;
use serde_json::{Map, Value};

use crate::{kept, table::SERVICE};

/// Whether the case has one of these tags.
pub(crate) fn has_tag(case: &Value, tags: &[&str]) -> bool {
    case["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).any(|tag| tags.contains(&tag))
}

/// Cases in which the recording shows an oddity of the SDK, or of the input.
const ODD: &[&str] =
    &["sdk_quirk", "js_dynamic_type", "unknown_field", "null", "python_sdk_only", "vertex_only"];

/// Whether a rule may apply to the case: it is tagged so, or its input has a null. What the library
/// itself says of the input decides nothing: a field that it forgot would excuse itself.
fn is_odd(case: &Value, input: &Value) -> bool {
    has_tag(case, ODD) || any_object(input, &|object| object.values().any(Value::is_null))
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
    /// Which message of the service the input is.
    pub(crate) message: &'static str,
    pub(crate) input: &'a Value,
    pub(crate) warnings: &'a [Warning],
    /// Whether the rules apply; otherwise the values must be equal.
    pub(crate) is_odd: bool,
    /// Whether the input has fields that the service does not know, by the recording's own word.
    pub(crate) has_unknown: bool,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(
        case: &Value,
        message: &'static str,
        input: &'a Value,
        warnings: &'a [Warning],
    ) -> Self {
        let has_unknown = has_tag(case, &["unknown_field"]);
        Self { message, input, warnings, is_odd: is_odd(case, input), has_unknown }
    }

    /// `ours` is what the SDK sent, or better by the rules. In no case does an option vanish silently.
    pub(crate) fn check(&self, expected: &Value, ours: &Value) -> Result<(), String> {
        if ours != expected && !(self.is_odd || self.keeps_siblings()) {
            return Err(format!("expected {expected}\n   got {ours}"));
        }
        self.explain("", expected, ours)
            .and_then(|()| kept::check(self.message, self.input, ours, self.has_unknown, self.warnings))
            .map_err(|why| format!("{why}\n   expected {expected}\n   got {ours}"))
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
                None if value.is_null() || self.has_unknown && self.is_unknown(key) => {}
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

    /// Whether no message of the service has such a field; and then a warning must have named it.
    fn is_unknown(&self, key: &str) -> bool {
        !SERVICE.knows(&camel_case(key))
            && self.warnings.iter().any(|warning| kept::names(warning, &camel_case(key)))
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
}

/// What this library puts around a value that is written in short.
const WRAPPERS: &[&str] =
    &["generationConfig", "parts", "text", "role", "tools", "nullable", "type", "anyOf"];

fn same_model(expected: &str, ours: &str) -> bool {
    expected.split_whitespace().collect::<String>() == ours
}

pub(crate) fn any_object(value: &Value, test: &dyn Fn(&Map<String, Value>) -> bool) -> bool {
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
