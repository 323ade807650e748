//! What a record does not show: credentials, handles, and what is long.

use serde_json::Value;

use crate::random::Random;

/// The message without what is long or secret: base64 becomes its length, credentials vanish.
pub(super) fn redacted(mut value: Value) -> Value {
    redact(&mut value);
    value
}

fn redact(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with("auth_tokens/") => *text = "auth_tokens/…".to_owned(),
        Value::String(text) if text.len() > LONGEST_TEXT => *text = shortened(text),
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), &value) {
                    ("data" | "voiceSampleAudio" | "consentAudio" | "imageData", Value::String(data)) => {
                        *value = Value::from(format!("<{} bytes>", data.trim_end_matches('=').len() * 3 / 4));
                    }
                    (
                        "sessionResumption" | "session_resumption" | "sessionResumptionUpdate",
                        Value::Object(_),
                    ) => redact_handles(value),
                    (name, _) if is_secret(name) => *value = Value::from("…"),
                    _ => redact(value),
                }
            }
        }
        _ => {}
    }
}

/// Whether a field holds a credential of the application's.
pub(crate) fn is_secret(field: &str) -> bool {
    let plain: String = field.chars().filter(|letter| !matches!(letter, '-' | '_')).collect();
    SECRETS.contains(&plain.to_ascii_lowercase().as_str())
}

/// A handle opens a conversation to whoever has it. What stands for it is the same wherever it comes, so that one sees which
/// connection was resumed with which.
fn redact_handles(resumption: &mut Value) {
    for name in ["handle", "newHandle", "new_handle"] {
        if let Some(Value::String(handle)) = resumption.get_mut(name)
            && !handle.is_empty()
        {
            *handle = veiled(handle);
        }
    }
}

/// The message, or the beginning of its text when it is too long to keep.
pub(super) fn bounded(message: Value, most_bytes: usize) -> Value {
    let text = message.to_string();
    if text.len() > most_bytes { Value::from(shortened(&text)) } else { message }
}

pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn veiled(handle: &str) -> String {
    let mut random = Random::of(0, &[handle], 0);
    format!("handle-{:08x}", random.number() >> 32)
}

/// Without dashes and capitals. The clients' recorder has the same.
const SECRETS: [&str; 12] = [
    "apikey",
    "apikeystring",
    "xgoogapikey",
    "xapikey",
    "authconfig",
    "authorization",
    "accesstoken",
    "refreshtoken",
    "clientsecret",
    "password",
    "cookie",
    "headers",
];

const LONGEST_TEXT: usize = 2_000;
