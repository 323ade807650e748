//! What each family of models allows, as data.

use serde_json::Value;

use crate::behaviour::InputTranscripts;
use crate::refusal::Refusal;

/// The rules of a family of models.
#[derive(Debug)]
pub(crate) struct Family {
    /// The model's name contains this.
    mark: &'static str,
    /// Answers in text when asked to.
    pub(crate) answers_text: bool,
    /// Answers in audio.
    answers_audio: bool,
    /// Says when a turn is over.
    pub(crate) completes_turns: bool,
    /// In which pieces the user's words come.
    pub(crate) transcripts: InputTranscripts,
    /// Still reads `realtimeInput.mediaChunks`.
    pub(crate) reads_media_chunks: bool,
    /// Takes `clientContent` after the conversation has begun, not only as initial history.
    pub(crate) takes_later_content: bool,
    /// `clientContent` cuts the current answer even when it does not complete a turn.
    pub(crate) any_content_interrupts: bool,
    /// Goes on listening while a function call is pending.
    pub(crate) hears_during_calls: bool,
    /// Function calls do not block unless their declaration says `BLOCKING`.
    pub(crate) calls_in_background: bool,
    /// New input cancels a blocking call that is unanswered; otherwise it waits with it.
    pub(crate) cancels_calls: bool,
    /// A function whose answer holds nothing is called again.
    pub(crate) repeats_calls: bool,
    /// Tokens of the context window.
    pub(crate) window_tokens: u64,
    /// Milliseconds between resumption updates that nobody asked for; 0: none.
    pub(crate) updates_every_ms: u64,
    /// What `thinkingConfig` may hold.
    thinking: Thinking,
    /// Knows `enableAffectiveDialog`.
    affective: bool,
    /// `proactiveAudio: false` is an error, because it is always on.
    always_proactive: bool,
}

/// Which of `thinkingBudget` and `thinkingLevel` a family knows.
#[derive(Clone, Copy, Debug)]
enum Thinking {
    Nothing,
    Budget,
    Either,
    ExactlyOne,
}

/// The rules for a model, by its name.
pub(crate) fn family(model: &str) -> &'static Family {
    FAMILIES.iter().find(|family| model.contains(family.mark)).unwrap_or(&NEWEST)
}

impl Family {
    /// Whether the family can do what `setup` asks for.
    pub(crate) fn check(&self, setup: &Value) -> Result<(), Refusal> {
        self.check_modalities(setup)?;
        self.check_thinking(setup)?;
        let generation = &setup["generationConfig"];
        if !self.affective && generation["enableAffectiveDialog"] == true {
            return Err(Refusal::invalid_argument("enableAffectiveDialog is not known to this model"));
        }
        if self.always_proactive && setup["proactivity"]["proactiveAudio"] == false {
            return Err(Refusal::invalid_argument("proactive audio cannot be turned off for this model"));
        }
        for field in UNSUPPORTED {
            if generation.get(field).is_some() {
                return Err(Refusal::invalid_argument(format!(
                    "generationConfig.{field} is not for live sessions"
                )));
            }
        }
        Ok(())
    }

    fn check_modalities(&self, setup: &Value) -> Result<(), Refusal> {
        let asked: Vec<&str> = match setup["generationConfig"]["responseModalities"].as_array() {
            Some(asked) if !asked.is_empty() => asked.iter().filter_map(Value::as_str).collect(),
            _ => vec!["TEXT"],
        };
        match asked[..] {
            ["AUDIO"] if self.answers_audio => Ok(()),
            ["TEXT"] if self.answers_text => Ok(()),
            ["TEXT"] if setup["generationConfig"].get("speechConfig").is_some() => Err(Refusal::new(
                1007,
                "Cannot extract voices from a non-audio request",
                "TEXT with a speechConfig",
            )),
            _ => Err(Refusal::modalities(&asked.join(", "))),
        }
    }

    fn check_thinking(&self, setup: &Value) -> Result<(), Refusal> {
        let config = &setup["generationConfig"]["thinkingConfig"];
        let (budget, level) = (config.get("thinkingBudget").is_some(), config.get("thinkingLevel").is_some());
        match self.thinking {
            Thinking::Nothing if config.is_object() => Err(Refusal::new(
                1007,
                "thinking_config is not supported",
                "this model takes no thinkingConfig",
            )),
            Thinking::Budget if level => Err(Refusal::new(
                1007,
                "Thinking level is not supported for this model.",
                "give thinkingBudget",
            )),
            Thinking::Either if budget && level => {
                Err(Refusal::invalid_argument("thinkingBudget and thinkingLevel exclude each other"))
            }
            Thinking::ExactlyOne if budget == level => {
                Err(Refusal::invalid_argument("exactly one of thinkingBudget and thinkingLevel is needed"))
            }
            _ => Ok(()),
        }
    }
}

/// Parts of a generation config that the reference declares unsupported in live sessions.
const UNSUPPORTED: [&str; 7] = [
    "stopSequences",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "responseLogprobs",
    "logprobs",
    "audioTimestamp",
];

/// Models that are not named below, the simulator's own included, are taken for the newest.
const NEWEST: Family = Family {
    mark: "",
    answers_text: false,
    answers_audio: true,
    completes_turns: true,
    transcripts: InputTranscripts::Whole,
    reads_media_chunks: false,
    takes_later_content: true,
    any_content_interrupts: false,
    hears_during_calls: true,
    calls_in_background: false,
    cancels_calls: true,
    repeats_calls: false,
    window_tokens: 128_000,
    updates_every_ms: 0,
    thinking: Thinking::Either,
    affective: true,
    always_proactive: false,
};

/// Models that put text into a separate voice: they also answer in text.
const HALF_CASCADE: Family = Family {
    answers_text: true,
    transcripts: InputTranscripts::Fragments,
    reads_media_chunks: true,
    any_content_interrupts: true,
    cancels_calls: false,
    window_tokens: 32_000,
    thinking: Thinking::Budget,
    ..NEWEST
};

/// The first family whose mark is in the model's name counts.
const FAMILIES: [Family; 9] = [
    Family { mark: "sim-text", answers_text: true, ..NEWEST },
    // Reported to exist; that it answers in text alone is what its name promises.
    Family { mark: "transcribe-live", answers_text: true, answers_audio: false, ..NEWEST },
    Family { mark: "live-translate", completes_turns: false, ..NEWEST },
    Family {
        mark: "gemini-3.8-live-extended-thinking",
        calls_in_background: true,
        repeats_calls: true,
        thinking: Thinking::ExactlyOne,
        affective: false,
        always_proactive: true,
        ..NEWEST
    },
    Family {
        mark: "gemini-3.8-live",
        calls_in_background: true,
        repeats_calls: true,
        thinking: Thinking::Nothing,
        affective: false,
        always_proactive: true,
        ..NEWEST
    },
    Family {
        mark: "gemini-3.1-flash-live",
        takes_later_content: false,
        cancels_calls: false,
        updates_every_ms: 1200,
        affective: false,
        ..NEWEST
    },
    Family {
        mark: "native-audio",
        transcripts: InputTranscripts::Fragments,
        reads_media_chunks: true,
        any_content_interrupts: true,
        hears_during_calls: false,
        cancels_calls: false,
        thinking: Thinking::Budget,
        ..NEWEST
    },
    Family { mark: "gemini-2.0", ..HALF_CASCADE },
    Family { mark: "gemini-live-2.5", ..HALF_CASCADE },
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reason(model: &str, generation: Value) -> String {
        let setup = json!({ "generationConfig": generation });
        family(model).check(&setup).err().map(|refusal| refusal.reason).unwrap_or_default()
    }

    #[test]
    fn a_setup_without_modalities_asks_for_text() {
        let text = "The requested combination of response modalities (TEXT) is not supported by the model";
        assert_eq!(reason("models/sim-parrot", json!({})), text);
        assert_eq!(reason("models/gemini-9.9-live", json!({"responseModalities": []})), text);
        assert_eq!(reason("models/sim-text", json!({})), "");
        assert_eq!(reason("models/gemini-2.0-flash-live-001", json!({"responseModalities": ["TEXT"]})), "");
    }

    #[test]
    fn a_model_for_text_gives_no_audio() {
        let model = "models/gemini-3.5-transcribe-live";
        assert_eq!(reason(model, json!({"responseModalities": ["TEXT"]})), "");
        let audio = reason(model, json!({"responseModalities": ["AUDIO"]}));
        assert_eq!(
            audio,
            "The requested combination of response modalities (AUDIO) is not supported by the model"
        );
    }

    #[test]
    fn two_modalities_are_refused_by_every_model() {
        for model in ["models/sim-parrot", "models/sim-text", "models/gemini-2.0-flash-live-001"] {
            let reason = reason(model, json!({"responseModalities": ["TEXT", "AUDIO"]}));
            assert!(reason.contains("(TEXT, AUDIO) is not supported"), "{model}: {reason}");
        }
    }

    #[test]
    fn a_voice_needs_audio() {
        let config = json!({"responseModalities": ["TEXT"], "speechConfig": {}});
        assert_eq!(
            reason("models/gemini-3.1-flash-live-preview", config),
            "Cannot extract voices from a non-audio request"
        );
    }

    #[test]
    fn thinking_follows_the_family() {
        let audio = |thinking: Value| json!({"responseModalities": ["AUDIO"], "thinkingConfig": thinking});
        let level = || audio(json!({"thinkingLevel": "LOW"}));
        assert_eq!(reason("models/gemini-3.8-live", level()), "thinking_config is not supported");
        assert_eq!(reason("models/gemini-3.8-live-extended-thinking", level()), "");
        assert_ne!(reason("models/gemini-3.8-live-extended-thinking", audio(json!({}))), "");
        let native = "models/gemini-2.5-flash-native-audio-latest";
        assert_eq!(reason(native, level()), "Thinking level is not supported for this model.");
        assert_eq!(reason(native, audio(json!({"thinkingBudget": 0}))), "");
    }
}
