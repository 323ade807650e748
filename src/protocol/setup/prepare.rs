//! From the configuration that users of `@google/genai` know to the setup it becomes.

use super::{GenerationConfig, LiveConfig, Setup};
use crate::{
    error::{Code, Error, Warning},
    protocol::{
        json::{Map, Value},
        schema::{Validated, Validator, names::holds},
    },
};

/// A configuration that can be sent, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The setup.
    pub setup: Setup,
    /// What is not sent, or looks wrong; the rest works without it.
    pub warnings: Vec<Warning>,
}

/// Makes the setup of a session with `model` from `config`, a [`LiveConfig`] or an object as `@google/genai`
/// takes it.
///
/// `extra_setup` is laid over the result as it is, object into object; it is for fields newer than this
/// library. No option vanishes silently: what is not sent has a warning. Nothing is added either: without a
/// config, the setup is the model alone.
///
/// # Errors
///
/// When the model's name or an option cannot be used, or two options contradict each other; the error
/// names the field.
pub fn prepare(model: &str, config: impl Into<Value>, extra_setup: Option<Value>) -> Result<Prepared, Error> {
    prepare_json(model, config.into(), extra_setup)
}

fn prepare_json(model: &str, config: Value, extra_setup: Option<Value>) -> Result<Prepared, Error> {
    let name = model_name(model)?;
    let (mut fields, warnings) = convert(config)?;
    fields.set("model", Value::String(name));
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
pub(crate) fn convert(mut config: Value) -> Result<(Map, Vec<Warning>), Error> {
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
                value if GenerationConfig::TABLE.find(&name).is_some() => {
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
        fields.set(GENERATION, Value::Object(generation));
    }
    Ok((fields, validator.warnings))
}

/// The model's full name.
pub(crate) fn model_name(model: &str) -> Result<String, Error> {
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
fn merge(validator: &mut Validator, nested: &mut Map, flat: Map) -> Validated {
    for (name, value) in flat {
        match (nested.get_mut(&name), value) {
            (Some(Value::Object(inner)), Value::Object(outer)) => {
                let mark = validator.enter(&name);
                merge(validator, inner, outer)?;
                validator.leave(mark);
            }
            (Some(set), value) if *set != value => {
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
fn one_modality(validator: &mut Validator, generation: &Map) -> Validated {
    let Some(Value::Array(list)) = generation.get("responseModalities") else { return Ok(()) };
    let names = || list.iter().filter_map(Value::as_str);
    let first = names().next();
    if names().all(|name| Some(name) == first) || names().any(|name| name == "VIDEO") {
        return Ok(());
    }
    Err(validator.error_at("responseModalities", ONE_MODALITY))
}

/// Lays `extra` over `fields`, object into object.
pub(super) fn lay_over(fields: &mut Map, extra: Map) {
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
