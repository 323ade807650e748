//! What is known of the models, checked before connecting. It warns and never refuses.
//!
//! Models change faster than libraries: a rule here is a row of a table, and a warning may be wrong.

use super::Setup;
use crate::{
    error::{Warning, WarningCode},
    protocol::{json::Value, schema::names::holds},
};

/// What is likely to go wrong with this setup, by the rules of the model's family.
#[must_use]
pub fn check(setup: &Setup) -> Vec<Warning> {
    let model = setup.model();
    let applies = |rule: &&Rule| rule.family.includes(model) && rule.when.holds(setup);
    RULES
        .iter()
        .filter(applies)
        .map(|rule| Warning::new(WarningCode::ModelRule, rule.message).with_field(rule.when.field()))
        .collect()
}

struct Rule {
    family: Family,
    when: When,
    message: &'static str,
}

/// Models by what their names contain.
enum Family {
    Any,
    /// Names with one of the first, and none of the second.
    Named(&'static [&'static str], &'static [&'static str]),
}

/// What must be in the setup for a rule to speak.
enum When {
    /// The field is there.
    Has(&'static str),
    /// The field is not there.
    Lacks(&'static str),
    /// Both fields are there.
    HasBoth(&'static str, &'static str),
    /// The first field is there and the second is not.
    HasWithout(&'static str, &'static str),
    /// The field is true, or false.
    IsFlag(&'static str, bool),
    /// The field is this text, or a list that contains it.
    Names(&'static str, &'static str),
    /// A function has this behaviour.
    Behaves(&'static str),
}

impl Family {
    fn includes(&self, model: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Named(with, without) => {
                with.iter().any(|piece| holds(model, piece))
                    && !without.iter().any(|piece| holds(model, piece))
            }
        }
    }
}

impl When {
    fn holds(&self, setup: &Setup) -> bool {
        let at = |path: &str| setup.at(path);
        match *self {
            Self::Has(path) => at(path).is_some(),
            Self::Lacks(path) => at(path).is_none(),
            Self::HasBoth(one, other) => at(one).is_some() && at(other).is_some(),
            Self::HasWithout(one, other) => at(one).is_some() && at(other).is_none(),
            Self::IsFlag(path, flag) => at(path).and_then(Value::as_bool) == Some(flag),
            Self::Names(path, text) => at(path).is_some_and(|value| contains(value, text)),
            Self::Behaves(behavior) => {
                at("tools").and_then(Value::as_array).into_iter().flatten().any(|tool| {
                    let declarations = tool.get("functionDeclarations").and_then(Value::as_array);
                    declarations
                        .into_iter()
                        .flatten()
                        .any(|function| function.get("behavior").and_then(Value::as_str) == Some(behavior))
                })
            }
        }
    }

    const fn field(&self) -> &'static str {
        match self {
            Self::Has(path) | Self::Lacks(path) | Self::IsFlag(path, _) | Self::Names(path, _) => path,
            Self::HasBoth(path, _) | Self::HasWithout(path, _) => path,
            Self::Behaves(_) => "tools",
        }
    }
}

fn contains(value: &Value, text: &str) -> bool {
    match value {
        Value::Array(list) => list.iter().any(|item| item.as_str() == Some(text)),
        single => single.as_str() == Some(text),
    }
}

const fn rule(family: Family, when: When, message: &'static str) -> Rule {
    Rule { family, when, message }
}

const NATIVE_AUDIO: Family = Family::Named(
    &["native-audio", "3.1-flash-live", "3.8-live", "3.5-live-translate"],
    &["live-2.5-flash-preview"],
);
const V2_0: Family = Family::Named(&["2.0-flash-live"], &[]);
const V2_5: Family = Family::Named(&["2.5-flash"], &[]);
const V3_1: Family = Family::Named(&["3.1-flash-live"], &[]);
const V3_8: Family = Family::Named(&["3.8-live"], &["extended-thinking"]);
const V3_8_THINKING: Family = Family::Named(&["3.8-live-extended-thinking"], &[]);
const V3_8_ALL: Family = Family::Named(&["3.8-live"], &[]);
const V3: Family = Family::Named(&["3.1-flash-live", "3.8-live"], &[]);
const TRANSLATE: Family = Family::Named(&["live-translate"], &[]);
const NOT_TRANSLATE: Family = Family::Named(&["-"], &["live-translate"]);
const NOT_LIVE: Family = Family::Named(&["gemini-"], &["live", "native-audio", "audio-dialog"]);

static RULES: &[Rule] = &[
    rule(
        NOT_LIVE,
        When::Has("model"),
        "This does not look like the name of a live model; those have `live` or `native-audio` in it.",
    ),
    rule(
        NATIVE_AUDIO,
        When::Names(MODALITIES, "TEXT"),
        "This model answers in AUDIO alone; ask for outputAudioTranscription to get its text.",
    ),
    rule(
        NATIVE_AUDIO,
        When::Lacks(MODALITIES),
        "Ask for [\"AUDIO\"]: without it the service may take TEXT and refuse that. A token's setup needs it too.",
    ),
    rule(Family::Any, When::Names(MODALITIES, "IMAGE"), "Live models do not answer with pictures."),
    rule(V2_0, When::Has(THINKING), "This model does not think; the service refuses thinkingConfig."),
    rule(V2_0, When::Has("proactivity"), "This model has no proactivity."),
    rule(V2_0, When::Has(AFFECTIVE), "This model has no affective dialog."),
    rule(
        V2_5,
        When::Has("generationConfig.thinkingConfig.thinkingLevel"),
        "2.5 models take thinkingBudget; the service refuses thinkingLevel.",
    ),
    rule(
        V3_1,
        When::Has("generationConfig.thinkingConfig.thinkingBudget"),
        "3.1 models take thinkingLevel rather than thinkingBudget.",
    ),
    rule(
        V3_1,
        When::Behaves("NON_BLOCKING"),
        "3.1 models wait for each function; NON_BLOCKING has no effect or is refused.",
    ),
    rule(V3, When::Has(AFFECTIVE), "Affective dialog is gone from 3.x models."),
    rule(V3_1, When::Has("proactivity"), "3.1 models have no proactivity."),
    rule(
        V3_8_ALL,
        When::IsFlag("proactivity.proactiveAudio", false),
        "3.8 models are always proactive; the service refuses `false`.",
    ),
    rule(V3_8, When::Has(THINKING), "3.8-live takes no thinkingConfig; the extended-thinking model does."),
    rule(
        V3_8_THINKING,
        When::HasBoth(
            "generationConfig.thinkingConfig.thinkingLevel",
            "generationConfig.thinkingConfig.thinkingBudget",
        ),
        "Exactly one of thinkingLevel and thinkingBudget may be set.",
    ),
    rule(
        V3_8_THINKING,
        When::HasWithout("model", THINKING),
        "This model wants thinkingConfig with one of thinkingLevel and thinkingBudget.",
    ),
    rule(
        V3_8_THINKING,
        When::Behaves("BLOCKING"),
        "This model does not wait for functions: leave BLOCKING out.",
    ),
    rule(
        TRANSLATE,
        When::Lacks(TRANSLATION),
        "A translation model wants translationConfig.targetLanguageCode.",
    ),
    rule(
        NOT_TRANSLATE,
        When::Has(TRANSLATION),
        "Only translation models (…-live-translate…) take translationConfig.",
    ),
    rule(
        NATIVE_AUDIO,
        When::Has("generationConfig.speechConfig.languageCode"),
        "Native-audio models choose the language themselves; languageCode may have no effect.",
    ),
    rule(Family::Any, When::Has("generationConfig.stopSequences"), UNSUPPORTED),
    rule(Family::Any, When::Has("generationConfig.responseMimeType"), UNSUPPORTED),
    rule(Family::Any, When::Has("generationConfig.responseSchema"), UNSUPPORTED),
    rule(Family::Any, When::Has("generationConfig.responseJsonSchema"), UNSUPPORTED),
    rule(Family::Any, When::Has("generationConfig.responseLogprobs"), UNSUPPORTED),
    rule(Family::Any, When::Has("generationConfig.logprobs"), UNSUPPORTED),
    rule(Family::Any, When::Has("generationConfig.routingConfig"), UNSUPPORTED),
    rule(Family::Any, When::Has("generationConfig.audioTimestamp"), UNSUPPORTED),
    rule(
        Family::Any,
        When::HasBoth("sessionResumption.handle", "historyConfig"),
        "A resumed session has its history already; historyConfig is for new ones.",
    ),
];

const MODALITIES: &str = "generationConfig.responseModalities";
const THINKING: &str = "generationConfig.thinkingConfig";
const AFFECTIVE: &str = "generationConfig.enableAffectiveDialog";
const TRANSLATION: &str = "generationConfig.translationConfig";
const UNSUPPORTED: &str = "By the reference, live sessions do not support this; the service may refuse it.";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::setup::prepare;

    fn fields(model: &str, config: Value) -> Vec<String> {
        let warnings = check(&prepare(model, config, None).unwrap_or_else(|error| panic!("{error}")).setup);
        warnings.into_iter().filter_map(|warning| warning.field).collect()
    }

    #[test]
    fn an_ordinary_setup_gives_no_warning() {
        for model in [
            "gemini-2.0-flash-live-001",
            "gemini-2.5-flash-native-audio-preview-12-2025",
            "gemini-live-2.5-flash-preview",
            "gemini-3.1-flash-live-preview",
            "models/gemini-3.8-live",
            "sim-parrot",
            "tunedModels/mine",
        ] {
            let config = json!({
                "responseModalities": ["AUDIO"],
                "systemInstruction": "Be brief.",
                "outputAudioTranscription": {},
                "inputAudioTranscription": {},
                "sessionResumption": {},
                "contextWindowCompression": { "slidingWindow": {} },
            });
            assert_eq!(fields(model, config), Vec::<String>::new(), "{model}");
        }
    }

    #[test]
    fn each_family_has_its_own_rules() {
        let thinking = |config: Value| json!({ "responseModalities": ["AUDIO"], "thinkingConfig": config });
        let budget = || thinking(json!({ "thinkingBudget": 100 }));
        let level = || thinking(json!({ "thinkingLevel": "LOW" }));
        assert_eq!(fields("gemini-2.0-flash-live-001", budget()), [THINKING]);
        assert_eq!(fields("gemini-2.5-flash-native-audio-latest", budget()), Vec::<String>::new());
        assert_eq!(
            fields("gemini-2.5-flash-native-audio-latest", level()),
            [[THINKING, ".thinkingLevel"].concat()]
        );
        assert_eq!(
            fields("gemini-3.1-flash-live-preview", budget()),
            [[THINKING, ".thinkingBudget"].concat()]
        );
        assert_eq!(fields("gemini-3.1-flash-live-preview", level()), Vec::<String>::new());
        assert_eq!(fields("gemini-3.8-live", level()), [THINKING]);
        assert_eq!(fields("gemini-3.8-live-extended-thinking", level()), Vec::<String>::new());
        assert_eq!(
            fields("gemini-3.8-live-extended-thinking", json!({ "responseModalities": ["AUDIO"] })),
            ["model"]
        );
    }

    #[test]
    fn text_from_native_audio_is_warned_of() {
        let config = || json!({ "responseModalities": ["TEXT"] });
        assert_eq!(fields("gemini-3.8-live", config()), [MODALITIES]);
        assert_eq!(fields("gemini-live-2.5-flash-preview", config()), Vec::<String>::new());
    }

    #[test]
    fn a_missing_modality_is_warned_of() {
        assert_eq!(fields("gemini-3.1-flash-live-preview", json!({})), [MODALITIES]);
        assert_eq!(fields("gemini-live-2.5-flash-preview", json!({})), Vec::<String>::new());
    }

    #[test]
    fn a_switched_off_proactivity_is_warned_of_in_3_8() {
        let config = |is_on: bool| json!({ "responseModalities": ["AUDIO"], "proactivity": { "proactiveAudio": is_on } });
        assert_eq!(fields("gemini-3.8-live", config(false)), ["proactivity.proactiveAudio"]);
        assert_eq!(fields("gemini-3.8-live", config(true)), Vec::<String>::new());
    }
}
