//! Model checks: what is known of the models, looked at before connecting. They warn and never refuse.
//!
//! Models change faster than libraries: a rule here is a row of a table, and a warning may be wrong.
//!
//! | rules | from |
//! |---|---|
//! | modalities, affective dialog, proactivity, API version, tools, language codes | the service's Live API guides of 2025 and 2026 |
//! | shut-down dates, client content on 3.1 | its skill for developers of the Live API, 2026 |
//! | thinking, function behavior, 3.8 | public reports of what the service refuses |
//! | fields of the generation config | the WebSockets API reference |

use super::Setup;
use crate::{
    error::{Warning, WarningCode},
    protocol::{json::Value, schema::names::holds},
};

/// What is likely to go wrong with this setup, by the rules of the model's family and of the API version,
/// which is `v1alpha` where none is named.
#[must_use]
pub fn check(setup: &Setup, api_version: Option<&str>) -> Vec<Warning> {
    let version = api_version.unwrap_or(ALPHA);
    let applies = |rule: &&Rule| rule.family.includes(setup.model()) && rule.when.holds(setup, version);
    RULES
        .iter()
        .filter(applies)
        .map(|rule| Warning::new(WarningCode::ModelRule, rule.message).with_field(rule.when.field()))
        .collect()
}

/// What is likely to go wrong with client content that is sent now. `has_begun` says whether the conversation
/// has: whether the user has spoken, typed or been answered.
#[must_use]
pub fn check_client_content(setup: &Setup, has_begun: bool) -> Option<Warning> {
    if !V3_1.includes(setup.model()) {
        return None;
    }
    let message = match (setup.takes_history(), has_begun) {
        (true, false) => return None,
        (true, true) => {
            "3.1 models take clientContent as history alone, before the conversation: send realtimeInput."
        }
        (false, _) => NO_CONVERSATION,
    };
    Some(Warning::new(WarningCode::ModelRule, message).with_field("clientContent"))
}

struct Rule {
    family: Family,
    when: When,
    message: &'static str,
}

/// Models by what their names contain.
pub(super) enum Family {
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
    /// A function has this behavior.
    Behaves(&'static str),
    /// A tool of this kind is there.
    HasTool(&'static str),
    /// The field is there, and the API version is another than `v1alpha`.
    NeedsAlpha(&'static str),
}

impl Family {
    pub(super) fn includes(&self, model: &str) -> bool {
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
    fn holds(&self, setup: &Setup, version: &str) -> bool {
        let at = |path: &str| setup.at(path);
        match *self {
            Self::Has(path) => at(path).is_some(),
            Self::Lacks(path) => at(path).is_none(),
            Self::HasBoth(one, other) => at(one).is_some() && at(other).is_some(),
            Self::HasWithout(one, other) => at(one).is_some() && at(other).is_none(),
            Self::IsFlag(path, flag) => at(path).and_then(Value::as_bool) == Some(flag),
            Self::Names(path, text) => at(path).is_some_and(|value| contains(value, text)),
            Self::HasTool(kind) => tools(setup).any(|tool| tool.get(kind).is_some()),
            Self::NeedsAlpha(path) => version != ALPHA && at(path).is_some(),
            Self::Behaves(behavior) => tools(setup)
                .filter_map(|tool| tool.get("functionDeclarations").and_then(Value::as_array))
                .flatten()
                .any(|function| function.get("behavior").and_then(Value::as_str) == Some(behavior)),
        }
    }

    const fn field(&self) -> &'static str {
        match self {
            Self::Has(path) | Self::Lacks(path) | Self::IsFlag(path, _) | Self::Names(path, _) => path,
            Self::HasBoth(path, _) | Self::HasWithout(path, _) | Self::NeedsAlpha(path) => path,
            Self::Behaves(_) | Self::HasTool(_) => "tools",
        }
    }
}

fn tools(setup: &Setup) -> impl Iterator<Item = &Value> {
    setup.at("tools").and_then(Value::as_array).into_iter().flatten()
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

/// Models without a conversation: what they heard before means nothing to them. Nothing can be resumed, or compressed.
pub(super) const FLEETING: Family = Family::Named(&["-translate", "-transcribe"], &[]);
const NATIVE_AUDIO: Family = Family::Named(
    &["native-audio", "3.1-flash-live", "3.8-live", "3.5-live-translate"],
    &["live-2.5-flash-preview"],
);
/// Models that hear and think natively, and speak through a synthesizer.
const HALF_CASCADE: Family = Family::Named(&["live-2.5-flash-preview"], &["native-audio"]);
const THINKING_DIALOG: Family = Family::Named(&["native-audio-thinking-dialog"], &[]);
const NATIVE_PREVIEW: Family = Family::Named(&["2.5-flash-native-audio-preview-12-2025"], &[]);
const V2_0: Family = Family::Named(&["2.0-flash-live"], &[]);
const V2_5: Family = Family::Named(&["2.5-flash"], &[]);
pub(super) const V3_1: Family = Family::Named(&["3.1-flash-live"], &[]);
const V3_8: Family = Family::Named(&["3.8-live"], &["extended-thinking"]);
const V3_8_THINKING: Family = Family::Named(&["3.8-live-extended-thinking"], &[]);
const V3_8_ALL: Family = Family::Named(&["3.8-live"], &[]);
const V3: Family = Family::Named(&["3.1-flash-live", "3.8-live"], &[]);
const TRANSLATE: Family = Family::Named(&["live-translate"], &[]);
const NOT_3_8: Family = Family::Named(&["-"], &["3.8-live"]);
const NOT_TRANSLATE: Family = Family::Named(&["-"], &["live-translate"]);
const NOT_LIVE: Family = Family::Named(&["gemini-"], &["live", "native-audio", "audio-dialog"]);

static RULES: &[Rule] = &[
    rule(V2_0, When::Has("model"), SHUT_DOWN),
    rule(HALF_CASCADE, When::Has("model"), SHUT_DOWN),
    rule(
        NATIVE_PREVIEW,
        When::Has("model"),
        "This model is deprecated and will be shut down: use gemini-3.1-flash-live-preview or a newer one.",
    ),
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
    rule(HALF_CASCADE, When::Has(AFFECTIVE), "Only native-audio models have affective dialog."),
    rule(HALF_CASCADE, When::Has("proactivity"), "Only native-audio models have proactivity."),
    rule(NOT_3_8, When::NeedsAlpha(AFFECTIVE), "Affective dialog needs apiVersion \"v1alpha\"."),
    rule(NOT_3_8, When::NeedsAlpha("proactivity"), "Proactivity needs apiVersion \"v1alpha\"."),
    rule(NATIVE_AUDIO, When::HasTool("codeExecution"), "Native-audio models do not execute code."),
    rule(NATIVE_AUDIO, When::HasTool("urlContext"), "Native-audio models have no URL context."),
    rule(Family::Any, When::HasTool("googleMaps"), "Live models have no Google Maps."),
    rule(THINKING_DIALOG, When::HasTool("functionDeclarations"), "This model calls no functions."),
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

const ALPHA: &str = "v1alpha";
const SHUT_DOWN: &str =
    "This model was to be shut down on 9 December 2025: use gemini-3.1-flash-live-preview or a newer one.";
const NO_CONVERSATION: &str = "3.1 models take clientContent as history alone: send realtimeInput, or set \
    historyConfig.initialHistoryInClientContent and send it before the conversation.";
const MODALITIES: &str = "generationConfig.responseModalities";
const THINKING: &str = "generationConfig.thinkingConfig";
const AFFECTIVE: &str = "generationConfig.enableAffectiveDialog";
const TRANSLATION: &str = "generationConfig.translationConfig";
const UNSUPPORTED: &str = "By the reference, live sessions do not support this; the service may refuse it.";

#[cfg(test)]
mod tests;
