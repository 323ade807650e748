//! The session's configuration: the shape that users of `@google/genai` know, and the setup it becomes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    AudioTranscriptionConfig, AvatarConfig, Content, ContextWindowCompressionConfig, GenerationConfig,
    HistoryConfig, MediaResolution, Modality, ProactivityConfig, RealtimeInputConfig, SafetySetting,
    SessionResumptionConfig, Setup, SpeechConfig, ThinkingConfig, Tool, TranslationConfig,
};
use crate::{
    error::{Code, Error, Warning},
    protocol::{
        VERTEX_ONLY, holds, json,
        schema::{
            Kind, message,
            validator::{Validated, Validator},
        },
    },
};

message! {
    /// What a session is to be like. Everything is optional; what is left out is the service's choice.
    ///
    /// As JSON it is the `config` of `@google/genai`'s `live.connect`, and [`historyConfig`](HistoryConfig).
    LiveConfig {
        /// What the answer is made of: one of `AUDIO` and `TEXT`. Default: the service's, `AUDIO`.
        response_modalities "responseModalities": Vec<Modality>,
        /// The voice.
        speech_config "speechConfig": SpeechConfig,
        /// How much the model thinks.
        thinking_config "thinkingConfig": ThinkingConfig,
        /// How finely pictures are looked at.
        media_resolution "mediaResolution": MediaResolution,
        /// Whether the model answers to the tone of voice. 2.5 native-audio models, `v1alpha`.
        enable_affective_dialog "enableAffectiveDialog": bool,
        /// What translation models translate to.
        translation_config "translationConfig": TranslationConfig,
        /// How freely words are chosen, 0 to 2.
        temperature "temperature": f64,
        /// Only the likeliest words that together have this probability, 0 to 1.
        top_p "topP": f64,
        /// Only so many of the likeliest words.
        top_k "topK": i32,
        /// Most tokens of an answer; audio counts about 25 a second.
        max_output_tokens "maxOutputTokens": i32,
        /// Makes the choice of words repeatable, as far as it can be.
        seed "seed": i32,
        /// The rarer of these options, in the form of the wire. What is set here and above must agree.
        generation_config "generationConfig": GenerationConfig,
        /// Who the model is and how it is to behave. In JSON also a text, a part or a list of them.
        system_instruction "systemInstruction": Content,
        /// What the model may use.
        tools "tools": Vec<Tool>,
        /// When the person speaks, and what belongs to a turn.
        realtime_input_config "realtimeInputConfig": RealtimeInputConfig,
        /// Asks for handles with which the conversation survives its connection.
        session_resumption "sessionResumption": SessionResumptionConfig,
        /// Lets the session outlive the model's context window.
        context_window_compression "contextWindowCompression": ContextWindowCompressionConfig,
        /// Asks for the person's words as text.
        input_audio_transcription "inputAudioTranscription": AudioTranscriptionConfig,
        /// Asks for the model's words as text.
        output_audio_transcription "outputAudioTranscription": AudioTranscriptionConfig,
        /// Whether the model speaks unasked. `v1alpha`.
        proactivity "proactivity": ProactivityConfig,
        /// How a conversation of the past is restored. `@google/genai` drops this one.
        history_config "historyConfig": HistoryConfig,
        /// A face for the voice; avatar models.
        avatar_config "avatarConfig": AvatarConfig,
        /// What harmful content is held back.
        safety_settings "safetySettings": Vec<SafetySetting>,
        /// Notes for one's own accounting.
        labels "labels": BTreeMap<String, String>,
    }
    hidden {
        "explicitVadSignal": Kind::Unsupported(&VERTEX_ONLY),
        "httpOptions": Kind::Moved(&"Give `endpoint` and `apiVersion` to connect instead."),
        "abortSignal": Kind::Ignored(&"This has no effect here: give `signal` to connect."),
    }
}

/// A configuration that can be sent, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The setup.
    pub setup: Setup,
    /// What is not sent, or looks wrong; the rest works without it.
    pub warnings: Vec<Warning>,
}

impl LiveConfig {
    /// The configuration as JSON, ready for [`prepare`].
    #[must_use]
    pub fn into_value(self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// Makes the setup of a session with `model` from `config`, an object as `@google/genai` takes it.
///
/// `extra_setup` is laid over the result as it is, object into object; it is for fields newer than this
/// library. No option vanishes silently: what is not sent has a warning. Nothing is added either: without a
/// config, the setup is the model alone.
///
/// # Errors
///
/// When the model's name or an option cannot be used, or two options contradict each other; the error
/// names the field.
pub fn prepare(model: &str, config: Value, extra_setup: Option<Value>) -> Result<Prepared, Error> {
    let name = model_name(model)?;
    let (mut fields, warnings) = convert(config)?;
    fields.insert("model".to_owned(), Value::String(name));
    match extra_setup {
        None | Some(Value::Null) => {}
        Some(Value::Object(extra)) => lay_over(&mut fields, extra),
        Some(_) => {
            return Err(
                Error::new(Code::InvalidOption, "extraSetup is not an object.").with_field("extraSetup")
            );
        }
    }
    Ok(Prepared { setup: Setup { fields }, warnings })
}

/// The setup's fields but for the model.
pub(in crate::protocol) fn convert(mut config: Value) -> Result<(Map<String, Value>, Vec<Warning>), Error> {
    let mut validator = Validator::new(Code::InvalidConfig);
    if !config.is_object() && !config.is_null() {
        return Err(validator.mismatch("an object", &config).with_field("config"));
    }
    if config.is_object() {
        validator.message(LiveConfig::TABLE, &mut config).map_err(|error| *error)?;
    }
    let mut fields = Map::new();
    let mut flat = Map::new();
    let mut generation = None;
    if let Value::Object(config) = config {
        for (name, value) in config {
            match value {
                Value::Object(nested) if name == GENERATION => generation = Some(nested),
                value if FLAT.contains(&name.as_str()) => {
                    flat.insert(name, value);
                }
                value => {
                    fields.insert(name, value);
                }
            }
        }
    }
    if generation.is_some() || !flat.is_empty() {
        let mut generation = generation.unwrap_or_default();
        merge(&mut validator, &mut generation, flat).map_err(|error| *error)?;
        one_modality(&mut validator, &generation).map_err(|error| *error)?;
        fields.insert(GENERATION.to_owned(), Value::Object(generation));
    }
    Ok((fields, validator.warnings))
}

/// The model's full name.
pub(in crate::protocol) fn model_name(model: &str) -> Result<String, Error> {
    let refuse = |message: &str| Err(Error::new(Code::InvalidOption, message).with_field("model"));
    let model = model.trim();
    if model.is_empty() {
        return refuse("The model's name is missing.");
    }
    if holds(model, "..") || model.contains(['?', '&']) || model.contains(char::is_control) {
        return refuse("The model's name has characters that no model's name has.");
    }
    let is_full = model.starts_with("models/") || model.starts_with("tunedModels/");
    Ok([if is_full { "" } else { "models/" }, model].concat())
}

/// Brings the flat options and those of `generationConfig` together.
fn merge(validator: &mut Validator, nested: &mut Map<String, Value>, flat: Map<String, Value>) -> Validated {
    for (name, value) in flat {
        match (nested.get_mut(&name), value) {
            (Some(Value::Object(inner)), Value::Object(outer)) => {
                let mark = validator.enter(&name);
                merge(validator, inner, outer)?;
                validator.leave(mark);
            }
            (Some(set), value) if json(set) != json(&value) => {
                return Err(validator.error_at(&name, "generationConfig says something else: give one."));
            }
            (_, value) => {
                nested.insert(name, value);
            }
        }
    }
    Ok(())
}

/// A session answers in one modality. Avatars are the exception: their picture comes with sound.
fn one_modality(validator: &mut Validator, generation: &Map<String, Value>) -> Validated {
    let Some(Value::Array(list)) = generation.get("responseModalities") else { return Ok(()) };
    let names = || list.iter().filter_map(Value::as_str);
    let first = names().next();
    if names().all(|name| Some(name) == first) || names().any(|name| name == "VIDEO") {
        return Ok(());
    }
    Err(validator.error_at("responseModalities", ONE_MODALITY))
}

/// Lays `extra` over `fields`, object into object.
fn lay_over(fields: &mut Map<String, Value>, extra: Map<String, Value>) {
    for (name, value) in extra {
        match (fields.get_mut(&name), value) {
            (Some(Value::Object(inner)), Value::Object(outer)) => lay_over(inner, outer),
            (_, value) => {
                fields.insert(name, value);
            }
        }
    }
}

const GENERATION: &str = "generationConfig";
const ONE_MODALITY: &str = "A session answers in one modality. Ask for AUDIO, and for outputAudioTranscription if its text is wanted too.";

/// Options that `@google/genai` takes flat and the wire has in `generationConfig`.
const FLAT: &[&str] = &[
    "responseModalities",
    "speechConfig",
    "thinkingConfig",
    "mediaResolution",
    "enableAffectiveDialog",
    "translationConfig",
    "temperature",
    "topP",
    "topK",
    "maxOutputTokens",
    "seed",
];
