//! The session's configuration: the shape that users of `@google/genai` know, and the setup it becomes.

use std::fmt;

use serde_json::{Map, Value};

use crate::error::{Code, Error, Warning};

/// A configuration that can be sent, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The setup.
    pub setup: Setup,
    /// What was left out or looks wrong; the session works without it.
    pub warnings: Vec<Warning>,
}

/// The first message of a session, in the form of the wire.
#[derive(Clone, PartialEq)]
pub struct Setup {
    fields: Map<String, Value>,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("model", &self.model()).finish_non_exhaustive()
    }
}

/// Makes the setup of a session with `model` from `config`, an object as `@google/genai` takes it.
///
/// # Errors
///
/// When the model's name or an option cannot be used; the error names the field.
pub fn prepare(model: &str, config: Value, extra_setup: Option<Value>) -> Result<Prepared, Error> {
    let mut fields = match config {
        Value::Object(fields) => fields,
        Value::Null => Map::new(),
        _ => return Err(Error::new(Code::InvalidConfig, "The config is not an object.").with_field("config")),
    };
    let mut generation = Map::new();
    for name in FLAT {
        if let Some(value) = fields.remove(*name) {
            generation.insert((*name).to_owned(), value);
        }
    }
    if !generation.is_empty() {
        fields.insert("generationConfig".to_owned(), Value::Object(generation));
    }
    if let Some(Value::Object(mut extra)) = extra_setup {
        fields.append(&mut extra);
    }
    fields
        .insert("model".to_owned(), Value::String(["models/", model.trim_start_matches("models/")].concat()));
    Ok(Prepared { setup: Setup { fields }, warnings: Vec::new() })
}

impl Setup {
    /// The message that offers this setup, as compact JSON.
    #[must_use]
    pub fn to_message(&self) -> String {
        ["{\"setup\":", &Value::Object(self.fields.clone()).to_string(), "}"].concat()
    }

    /// The model's full name, such as `models/gemini-3.1-flash-live-preview`.
    #[must_use]
    pub fn model(&self) -> &str {
        self.fields.get("model").and_then(Value::as_str).unwrap_or_default()
    }

    /// What the answer is made of, as asked for: `AUDIO`, `TEXT`. Empty leaves it to the service.
    #[must_use]
    pub fn modalities(&self) -> Vec<&str> {
        let list = self.fields.get("generationConfig").and_then(|config| config.get("responseModalities"));
        list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Whether the person's words are asked for as text.
    #[must_use]
    pub fn wants_input_transcription(&self) -> bool {
        self.fields.contains_key("inputAudioTranscription")
    }

    /// Whether the model's words are asked for as text.
    #[must_use]
    pub fn wants_output_transcription(&self) -> bool {
        self.fields.contains_key("outputAudioTranscription")
    }

    /// Whether handles for resuming are asked for.
    #[must_use]
    pub fn wants_resumption(&self) -> bool {
        self.fields.contains_key("sessionResumption")
    }

    /// Whether the application says itself when the person speaks (`activityStart`, `activityEnd`).
    #[must_use]
    pub fn is_manual_activity(&self) -> bool {
        let detection =
            self.fields.get("realtimeInputConfig").and_then(|c| c.get("automaticActivityDetection"));
        detection.and_then(|detection| detection.get("disabled")) == Some(&Value::Bool(true))
    }

    /// The same setup, resuming the conversation that `handle` names.
    #[must_use]
    pub fn with_handle(&self, handle: &str) -> Self {
        let mut fields = self.fields.clone();
        let resumption = fields.entry("sessionResumption").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(resumption) = resumption {
            resumption.insert("handle".to_owned(), Value::String(handle.to_owned()));
        }
        Self { fields }
    }

    /// The setup's fields, in the form of the wire.
    #[must_use]
    pub const fn as_value(&self) -> &Map<String, Value> {
        &self.fields
    }
}

/// Options that `@google/genai` takes flat and the wire has in `generationConfig`.
const FLAT: &[&str] = &[
    "responseModalities",
    "temperature",
    "topP",
    "topK",
    "maxOutputTokens",
    "mediaResolution",
    "seed",
    "speechConfig",
    "thinkingConfig",
    "enableAffectiveDialog",
    "translationConfig",
];
