//! What a setup that is in effect means, read once out of its JSON.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::audio::detector::Sensitivity;
use crate::model::{self, Family};
use crate::refusal::Refusal;

/// The setup in effect.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) model: String,
    pub(crate) family: &'static Family,
    /// Answers are text, not speech.
    pub(crate) answers_text: bool,
    /// `None`: the client marks activity itself.
    pub(crate) detection: Option<Sensitivity>,
    /// Activity cuts an answer short.
    pub(crate) interruptible: bool,
    pub(crate) transcribes_input: bool,
    /// With the times of the user's words.
    pub(crate) times_words: bool,
    pub(crate) transcribes_output: bool,
    pub(crate) shows_thoughts: bool,
    /// Handles are sent; and the one to resume with, if any.
    pub(crate) resumption: bool,
    pub(crate) handle: Option<String>,
    /// The first `clientContent`s are history, until one completes a turn.
    pub(crate) history_first: bool,
    /// `None`: the setup names no tools.
    pub(crate) tools: Option<Arc<Tools>>,
    pub(crate) compression: Option<Compression>,
    /// Tokens of the system instruction, billed with every turn.
    pub(crate) instruction_tokens: u64,
}

/// What the model may call, search and run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tools {
    pub(crate) functions: Vec<Function>,
    pub(crate) searches: bool,
    pub(crate) runs_code: bool,
    pub(crate) reads_urls: bool,
}

/// A function the model may call.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The call holds up the conversation until it is answered.
    pub(crate) blocks: bool,
    /// Its parameters' schema, `null` when there is none.
    pub(crate) parameters: Value,
}

/// When the context is cut, and to what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compression {
    pub(crate) trigger_tokens: u64,
    pub(crate) target_tokens: u64,
}

impl Settings {
    /// Reads a setup that [`crate::schema::read`] has passed, or says why the service refuses it.
    pub(crate) fn read(setup: &Value) -> Result<Self, Refusal> {
        let Some(model) = setup["model"].as_str().filter(|model| model.starts_with("models/")) else {
            return Err(Refusal::invalid_argument("setup.model is missing or does not begin with models/"));
        };
        let family = model::family(model);
        family.check(setup)?;
        let generation = &setup["generationConfig"];
        let realtime = &setup["realtimeInputConfig"];
        Ok(Self {
            model: model.to_owned(),
            family,
            answers_text: generation["responseModalities"][0] != "AUDIO",
            detection: sensitivity(&realtime["automaticActivityDetection"])?,
            interruptible: realtime["activityHandling"] != "NO_INTERRUPTION",
            transcribes_input: setup["inputAudioTranscription"].is_object(),
            times_words: setup["inputAudioTranscription"]["wordTimestamp"] == true,
            transcribes_output: setup["outputAudioTranscription"].is_object(),
            shows_thoughts: generation["thinkingConfig"]["includeThoughts"] == true,
            resumption: setup["sessionResumption"].is_object(),
            handle: resumption_handle(setup).map(str::to_owned),
            history_first: setup["historyConfig"]["initialHistoryInClientContent"] == true,
            tools: setup.get("tools").map(|_| Tools::read(setup, family)).transpose()?.map(Arc::new),
            compression: compression(&setup["contextWindowCompression"], family.window_tokens),
            instruction_tokens: text_tokens(&content_text(&setup["systemInstruction"])),
        })
    }
}

/// The handle a setup wants to resume with.
pub(crate) fn resumption_handle(setup: &Value) -> Option<&str> {
    setup["sessionResumption"]["handle"].as_str().filter(|handle| !handle.is_empty())
}

/// The text of a content's parts, thoughts excluded.
pub(crate) fn content_text(content: &Value) -> String {
    let parts = content["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = parts.iter().filter(|part| part["thought"] != true).filter_map(|part| part["text"].as_str());
    texts.collect::<Vec<_>>().join(" ")
}

/// About how many tokens a text is.
pub(crate) fn text_tokens(text: &str) -> u64 {
    text.chars().count().div_ceil(4) as u64
}

fn sensitivity(detection: &Value) -> Result<Option<Sensitivity>, Refusal> {
    if detection["disabled"] == true {
        return Ok(None);
    }
    let (least_rms, ratio) = match detection["startOfSpeechSensitivity"].as_str() {
        Some("START_SENSITIVITY_LOW") => (400.0, 5.0),
        _ => (120.0, 3.0),
    };
    let silence_ms = match detection["endOfSpeechSensitivity"].as_str() {
        Some("END_SENSITIVITY_LOW") => 900,
        _ => 500,
    };
    Ok(Some(Sensitivity {
        least_rms,
        ratio,
        prefix: milliseconds(&detection["prefixPaddingMs"], 60)?,
        silence: milliseconds(&detection["silenceDurationMs"], silence_ms)?,
    }))
}

fn milliseconds(value: &Value, default: u64) -> Result<Duration, Refusal> {
    match value.as_i64() {
        None => Ok(Duration::from_millis(default)),
        Some(number) => u64::try_from(number)
            .map(Duration::from_millis)
            .map_err(|_| Refusal::invalid_argument("a duration in automaticActivityDetection is negative")),
    }
}

impl Tools {
    /// Reads the `tools` of a setup or an update.
    pub(crate) fn read(of: &Value, family: &Family) -> Result<Self, Refusal> {
        let tools = of["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
        let declarations = tools.iter().filter_map(|tool| tool["functionDeclarations"].as_array()).flatten();
        let has = |name: &str| tools.iter().any(|tool| tool.get(name).is_some());
        Ok(Self {
            functions: declarations.map(|declared| function(declared, family)).collect::<Result<_, _>>()?,
            searches: has("googleSearch") || has("googleSearchRetrieval"),
            runs_code: has("codeExecution"),
            reads_urls: has("urlContext"),
        })
    }
}

fn function(declaration: &Value, family: &Family) -> Result<Function, Refusal> {
    let name = declaration["name"].as_str().filter(|name| is_function_name(name));
    let name = name.ok_or_else(|| Refusal::invalid_argument("a function has no name, or no usable one"))?;
    let blocks = match declaration["behavior"].as_str() {
        Some("BLOCKING") => true,
        Some("NON_BLOCKING") => false,
        _ => !family.calls_in_background,
    };
    let schema = ["parameters", "parametersJsonSchema"].iter().find_map(|key| declaration.get(*key));
    Ok(Function { name: name.to_owned(), blocks, parameters: schema.cloned().unwrap_or_default() })
}

fn is_function_name(name: &str) -> bool {
    let usable = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | ':' | '-');
    name.len() <= 128
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(usable)
}

fn compression(config: &Value, window_tokens: u64) -> Option<Compression> {
    config.is_object().then(|| {
        let trigger_tokens = config["triggerTokens"].as_u64().unwrap_or(window_tokens * 8 / 10);
        let target_tokens = config["slidingWindow"]["targetTokens"].as_u64().unwrap_or(trigger_tokens / 2);
        Compression { trigger_tokens, target_tokens: target_tokens.min(trigger_tokens) }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn audio(mut setup: Value) -> Value {
        setup["model"] = json!("models/sim-parrot");
        setup["generationConfig"]["responseModalities"] = json!(["AUDIO"]);
        setup
    }

    #[test]
    fn the_detection_fields_are_honoured() {
        let mut detection = json!({"prefixPaddingMs": 20, "silenceDurationMs": 100});
        detection["startOfSpeechSensitivity"] = json!("START_SENSITIVITY_LOW");
        let setup = audio(json!({"realtimeInputConfig": {"automaticActivityDetection": detection}}));
        let sensitivity = Settings::read(&setup).unwrap().detection.unwrap();
        assert_eq!(sensitivity.prefix, Duration::from_millis(20));
        assert_eq!(sensitivity.silence, Duration::from_millis(100));
        assert!(sensitivity.ratio > 3.0);
        let manual =
            audio(json!({"realtimeInputConfig": {"automaticActivityDetection": {"disabled": true}}}));
        assert!(Settings::read(&manual).unwrap().detection.is_none());
    }

    #[test]
    fn a_model_must_be_named_in_full() {
        for model in [json!("sim-parrot"), json!(null)] {
            let mut setup = audio(json!({}));
            setup["model"] = model;
            assert_eq!(Settings::read(&setup).unwrap_err().code, 1007);
        }
    }

    #[test]
    fn a_function_needs_a_name() {
        let setup = audio(json!({"tools": [{"functionDeclarations": [{"name": "get weather"}]}]}));
        assert_eq!(Settings::read(&setup).unwrap_err().code, 1007);
    }
}
