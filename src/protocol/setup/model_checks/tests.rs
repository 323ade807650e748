use crate::json::{Value, json};

use super::*;
use crate::protocol::setup::prepare;

const NATIVE: &str = "gemini-2.5-flash-native-audio-latest";

fn setup(model: &str, config: Value) -> Setup {
    prepare(model, config, None).unwrap_or_else(|error| panic!("{error}")).setup
}

/// The config with AUDIO, which every live model takes.
fn audio(mut config: Value) -> Value {
    if let Value::Object(fields) = &mut config {
        fields.insert("responseModalities".to_owned(), json!(["AUDIO"]));
    }
    config
}

/// The rules that speak, by their place in the table.
fn speaking(model: &str, config: Value, version: Option<&str>) -> Vec<usize> {
    let setup = setup(model, config);
    let speaks = |rule: &Rule| {
        rule.family.includes(setup.model()) && rule.when.holds(&setup, version.unwrap_or(ALPHA))
    };
    (0..RULES.len()).filter(|&at| speaks(&RULES[at])).collect()
}

/// A setup that breaks a rule, the field that is named, and the same setup mended.
type Pair = ((&'static str, Value), &'static str, (&'static str, Value));

fn pairs() -> Vec<Pair> {
    let thinking = |config: Value| audio(json!({ "thinkingConfig": config }));
    let budget = || thinking(json!({ "thinkingBudget": 100 }));
    let level = || thinking(json!({ "thinkingLevel": "LOW" }));
    let tool = |tool: Value| audio(json!({ "tools": [tool] }));
    let function =
        |behavior: &str| tool(json!({ "functionDeclarations": [{ "name": "f", "behavior": behavior }] }));
    let generation = |name: &str, value: Value| audio(json!({ "generationConfig": { name: value } }));
    let plain = || audio(json!({}));
    let new = "gemini-3.1-flash-live-preview";
    let translate = "gemini-3.5-live-translate-preview";
    let thinker = "gemini-3.8-live-extended-thinking";
    let target = || audio(json!({ "translationConfig": { "targetLanguageCode": "fr" } }));
    let proactive = |is_on: bool| audio(json!({ "proactivity": { "proactiveAudio": is_on } }));
    let affective = || audio(json!({ "enableAffectiveDialog": true }));
    let resumed =
        |other: Value| audio(json!({ "sessionResumption": { "handle": "h" }, "historyConfig": other }));
    vec![
        (("gemini-2.0-flash-live-001", plain()), "model", (new, plain())),
        (("gemini-live-2.5-flash-preview", plain()), "model", (NATIVE, plain())),
        (("gemini-2.5-flash-native-audio-preview-12-2025", plain()), "model", (NATIVE, plain())),
        (("gemini-3-pro", plain()), "model", ("gemini-3.8-live", plain())),
        (
            ("gemini-3.8-live", json!({ "responseModalities": ["TEXT"] })),
            MODALITIES,
            ("gemini-3.8-live", plain()),
        ),
        ((new, json!({})), MODALITIES, (new, plain())),
        ((new, json!({ "responseModalities": ["IMAGE"] })), MODALITIES, (new, plain())),
        (("gemini-2.0-flash-live-001", budget()), THINKING, (NATIVE, budget())),
        (("gemini-2.0-flash-live-001", proactive(true)), "proactivity", (NATIVE, proactive(true))),
        (("gemini-2.0-flash-live-001", affective()), AFFECTIVE, (NATIVE, affective())),
        ((NATIVE, level()), "generationConfig.thinkingConfig.thinkingLevel", (NATIVE, budget())),
        ((new, budget()), "generationConfig.thinkingConfig.thinkingBudget", (new, level())),
        ((new, function("NON_BLOCKING")), "tools", (new, function("BLOCKING"))),
        ((new, affective()), AFFECTIVE, (NATIVE, affective())),
        ((new, proactive(true)), "proactivity", ("gemini-3.8-live", proactive(true))),
        (("gemini-live-2.5-flash-preview", affective()), AFFECTIVE, (NATIVE, affective())),
        (("gemini-live-2.5-flash-preview", proactive(true)), "proactivity", (NATIVE, proactive(true))),
        (
            (NATIVE, tool(json!({ "codeExecution": {} }))),
            "tools",
            (NATIVE, tool(json!({ "googleSearch": {} }))),
        ),
        (
            (NATIVE, tool(json!({ "urlContext": {} }))),
            "tools",
            ("sim-parrot", tool(json!({ "urlContext": {} }))),
        ),
        ((new, tool(json!({ "googleMaps": {} }))), "tools", (new, function("BLOCKING"))),
        (
            ("gemini-2.5-flash-exp-native-audio-thinking-dialog", function("BLOCKING")),
            "tools",
            ("gemini-2.5-flash-preview-native-audio-dialog", function("BLOCKING")),
        ),
        (
            ("gemini-3.8-live", proactive(false)),
            "proactivity.proactiveAudio",
            ("gemini-3.8-live", proactive(true)),
        ),
        (("gemini-3.8-live", level()), THINKING, (thinker, level())),
        (
            (thinker, thinking(json!({ "thinkingLevel": "LOW", "thinkingBudget": 5 }))),
            "generationConfig.thinkingConfig.thinkingLevel",
            (thinker, budget()),
        ),
        ((thinker, plain()), "model", (thinker, level())),
        ((thinker, function("BLOCKING")), "tools", (thinker, function("NON_BLOCKING"))),
        ((translate, plain()), TRANSLATION, (translate, target())),
        ((new, target()), TRANSLATION, (translate, target())),
        (
            (NATIVE, audio(json!({ "speechConfig": { "languageCode": "de-DE" } }))),
            "generationConfig.speechConfig.languageCode",
            (NATIVE, plain()),
        ),
        (
            (new, generation("stopSequences", json!(["END"]))),
            "generationConfig.stopSequences",
            (new, plain()),
        ),
        (
            (new, generation("responseMimeType", json!("a/b"))),
            "generationConfig.responseMimeType",
            (new, plain()),
        ),
        ((new, generation("responseSchema", json!({}))), "generationConfig.responseSchema", (new, plain())),
        (
            (new, generation("responseJsonSchema", json!({}))),
            "generationConfig.responseJsonSchema",
            (new, plain()),
        ),
        (
            (new, generation("responseLogprobs", json!(true))),
            "generationConfig.responseLogprobs",
            (new, plain()),
        ),
        ((new, generation("logprobs", json!(3))), "generationConfig.logprobs", (new, plain())),
        ((new, generation("routingConfig", json!({}))), "generationConfig.routingConfig", (new, plain())),
        ((new, generation("audioTimestamp", json!(true))), "generationConfig.audioTimestamp", (new, plain())),
        ((new, resumed(json!({}))), "sessionResumption.handle", (new, resumed(Value::Null))),
    ]
}

#[test]
fn every_rule_speaks_where_it_is_broken_and_nowhere_else() {
    let mut seen = Vec::new();
    for ((model, config), field, (mended_model, mended)) in pairs() {
        let broken = speaking(model, config.clone(), None);
        let kept = speaking(mended_model, mended, None);
        let rules: Vec<usize> = broken.into_iter().filter(|at| !kept.contains(at)).collect();
        let named = rules.iter().any(|&at| RULES[at].when.field() == field);
        assert!(named, "{model} {config}: no rule names {field}");
        seen.extend(rules);
    }
    // These two look at the version, and are tested below.
    let by_version = |at: &usize| matches!(RULES[*at].when, When::NeedsAlpha(_));
    let silent: Vec<&str> = (0..RULES.len())
        .filter(|at| !seen.contains(at) && !by_version(at))
        .map(|at| RULES[at].message)
        .collect();
    assert_eq!(silent, Vec::<&str>::new());
}

#[test]
fn a_feature_of_v1alpha_is_warned_of_in_other_versions() {
    for (config, field) in
        [(json!({ "enableAffectiveDialog": true }), AFFECTIVE), (json!({ "proactivity": {} }), "proactivity")]
    {
        let setup = setup(NATIVE, audio(config));
        let fields =
            |version| check(&setup, version).into_iter().filter_map(|warning| warning.field).collect();
        let (beta, alpha): (Vec<String>, Vec<String>) = (fields(Some("v1beta")), fields(Some("v1alpha")));
        assert_eq!((beta, alpha), (vec![field.to_owned()], Vec::new()));
        assert_eq!(check(&setup, None), []);
    }
}

#[test]
fn client_content_on_3_1_is_history_alone() {
    let seeded = || audio(json!({ "historyConfig": { "initialHistoryInClientContent": true } }));
    let warns = |model: &str, config: Value, has_begun| {
        check_client_content(&setup(model, config), has_begun).is_some()
    };
    let new = "gemini-3.1-flash-live-preview";
    assert!(warns(new, audio(json!({})), false) && warns(new, seeded(), true));
    assert!(!warns(new, seeded(), false));
    assert!(!warns("gemini-3.8-live", audio(json!({})), true));
}

#[test]
fn an_ordinary_setup_gives_no_warning() {
    for model in
        [NATIVE, "gemini-3.1-flash-live-preview", "models/gemini-3.8-live", "sim-parrot", "tunedModels/mine"]
    {
        let config = audio(json!({
            "systemInstruction": "Be brief.",
            "outputAudioTranscription": {},
            "inputAudioTranscription": {},
            "sessionResumption": {},
            "contextWindowCompression": { "slidingWindow": {} },
            "tools": [{ "googleSearch": {} }, { "functionDeclarations": [{ "name": "f" }] }],
        }));
        assert_eq!(check(&setup(model, config), None), [], "{model}");
    }
}
