//! The request for a token and its answer.

use std::collections::BTreeSet;

use gemini_live_web::{
    error::{Error, Warning},
    protocol::{
        endpoint::Credential,
        token::{AuthToken, AuthTokenRequest, HttpRequest, TokenService},
        unix_ms,
    },
};
use serde_json::Value;

use crate::{
    refusals::{Refusal, may_refuse, names_the_same, refusal},
    rules::{Comparison, camel_case},
};

pub(crate) fn token(case: &Value) -> Result<(), String> {
    let config = case["input"].get("config").cloned().unwrap_or_default();
    let expect = &case["expect"];
    let uses = Refusal::of("no number of uses", ["uses"]);
    let refused = refusal(&config["liveConnectConstraints"]["config"])
        .or_else(|| bad_times(&config))
        .or_else(|| (config["uses"].is_number() && config["uses"].as_u64().is_none()).then_some(uses));
    match (request(case, &config), expect["request_sent"] != false, refused) {
        (Err(error), false, _) => names_the_same(&expect["error"], &config, &error),
        (Err(error), _, Some(refusal)) => refusal.is_met_by(&error),
        (Ok(_), false, _) => Err(format!("must be refused as the SDK does: {}", expect["error"])),
        (Ok(_), _, Some(refusal)) => Err(format!("must be refused: {}", refusal.why)),
        (Err(error), ..) => may_refuse(case, &config, &error),
        (Ok((request, warnings)), ..) => {
            check_request(case, &config, &request, &warnings)?;
            check_answer(&case["server_response"], expect)
        }
    }
}

/// Times are checked when the request is made; recordings have none of that.
fn now_ms(config: &Value) -> f64 {
    let times = ["expireTime", "newSessionExpireTime"].map(|name| config[name].as_str().and_then(unix_ms));
    times.into_iter().flatten().fold(f64::INFINITY, f64::min).min(4e12) - 60_000.0
}

/// Rule "unusable": no time, a start after the end, or a life of 20 hours and more.
fn bad_times(config: &Value) -> Option<Refusal> {
    let read = |name: &str| config[name].as_str().map(unix_ms);
    match (read("expireTime"), read("newSessionExpireTime")) {
        (Some(None), _) => Some(Refusal::of("no time", ["expireTime"])),
        (_, Some(None)) => Some(Refusal::of("no time", ["newSessionExpireTime"])),
        (Some(Some(end)), Some(Some(start))) if start > end => {
            Some(Refusal::of("a start after the end", ["newSessionExpireTime"]))
        }
        (Some(Some(end)), Some(Some(start))) if end - start > 19.9 * 3_600_000.0 => {
            Some(Refusal::of("too long a life", ["expireTime"]))
        }
        _ => None,
    }
}

fn request(case: &Value, config: &Value) -> Result<(HttpRequest, Vec<Warning>), Error> {
    let (request, mut warnings, stated) = AuthTokenRequest::from_genai(config.clone().into())?;
    warnings.extend(request.warnings());
    let version = stated.or_else(|| case["api_version"].as_str().map(str::to_owned));
    let base = format!("http://127.0.0.1:8080{}", case["base_path"].as_str().unwrap_or_default());
    let key = Credential::detect(case["auth"]["value"].as_str().expect("a credential"));
    let http = TokenService { base, version }.request(&key, &request, now_ms(config))?;
    Ok((http, warnings))
}

fn check_request(
    case: &Value,
    config: &Value,
    ours: &HttpRequest,
    warnings: &[Warning],
) -> Result<(), String> {
    let recorded = &case["expect"]["request"];
    let path = ours.url.strip_prefix("http://127.0.0.1:8080").ok_or("another host")?;
    let mut expected = recorded["path"].as_str().expect("a path").to_owned();
    if case["api_version"].is_null() && config["httpOptions"]["apiVersion"].is_null() {
        // Rule "default version".
        expected = expected.replace("/v1beta/", "/v1alpha/");
    }
    if recorded["method"] != "POST" || path != expected {
        return Err(format!("{path} instead of {expected}"));
    }
    let key = &ours.headers.iter().find(|(name, _)| *name == "x-goog-api-key").expect("the key").1;
    if case["auth"]["value"] != key.as_str() {
        return Err("the key is not in its header".to_owned());
    }
    let mut body: Value = serde_json::from_str(&ours.body).expect("our own JSON");
    let mut recorded = recorded["body"].clone();
    let mask = take(&mut body, "fieldMask");
    let recorded_mask = take(&mut recorded, "fieldMask");
    let setup = take(&mut body, "bidiGenerateContentSetup");
    let recorded_setup = take(&mut recorded, "bidiGenerateContentSetup");
    if body != recorded {
        return Err(format!("{body} instead of {recorded}"));
    }
    let input = &config["liveConnectConstraints"]["config"];
    Comparison::new(case, "Setup", input, warnings).check(&recorded_setup, &setup)?;
    check_mask(&recorded_mask, &mask, &recorded_setup, &setup)
}

/// Rule "field mask", and "lost field": what only we send is locked as well.
fn check_mask(recorded: &Value, ours: &Value, recorded_setup: &Value, setup: &Value) -> Result<(), String> {
    if recorded.is_null() != ours.is_null() {
        return Err(format!("fieldMask {ours} instead of {recorded}"));
    }
    let recorded: BTreeSet<String> = paths(recorded).iter().map(|path| path_in_setup(path)).collect();
    let own: BTreeSet<String> = paths(ours).into_iter().collect();
    let only_ours = own.difference(&recorded);
    let are_lost = only_ours.clone().all(|path| {
        let head = path.split('.').next().unwrap_or_default();
        setup.get(head).is_some() && recorded_setup.get(head) != setup.get(head)
    });
    match recorded.is_subset(&own) && are_lost && own.len() == paths(ours).len() {
        true => Ok(()),
        false => Err(format!("fieldMask {own:?} instead of {recorded:?}")),
    }
}

fn paths(mask: &Value) -> Vec<String> {
    mask.as_str().map(|mask| mask.split(',').map(str::to_owned).collect()).unwrap_or_default()
}

/// A list has no indices in a mask, and options of the generation are under `generationConfig`.
fn path_in_setup(path: &str) -> String {
    let path = camel_case(path);
    let head = path.split('.').next().unwrap_or_default();
    let is_index =
        path.split('.').nth(1).is_some_and(|piece| piece.bytes().all(|byte| byte.is_ascii_digit()));
    match GENERATION.contains(&head) {
        _ if is_index => head.to_owned(),
        true => format!("generationConfig.{path}"),
        false => path,
    }
}

/// Options that the wire has under `generationConfig`, by the list of messages and fields.
const GENERATION: &[&str] = &[
    "candidateCount",
    "stopSequences",
    "maxOutputTokens",
    "temperature",
    "topP",
    "topK",
    "seed",
    "presencePenalty",
    "frequencyPenalty",
    "responseModalities",
    "speechConfig",
    "thinkingConfig",
    "mediaResolution",
    "enableAffectiveDialog",
    "translationConfig",
    "enableEnhancedCivicAnswers",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "responseLogprobs",
    "logprobs",
    "routingConfig",
    "audioTimestamp",
    "modelSelectionConfig",
    "responseFormat",
    "audioTranscriptionConfig",
];

fn check_answer(answer: &Value, expect: &Value) -> Result<(), String> {
    let body = match &answer["body"] {
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
    // Rule "unusable": an answer without a name is no token.
    let has_name = answer["body"]["name"].as_str().is_some_and(|name| !name.is_empty());
    match (AuthToken::parse(status, &body), expect["outcome"] == "ok" && has_name) {
        (Ok(token), true) => {
            let ours = serde_json::to_value(token).expect("JSON");
            if ours == expect["result"] {
                Ok(())
            } else {
                Err(format!("{ours} instead of {}", expect["result"]))
            }
        }
        (Err(_), false) => Ok(()),
        (Ok(_), false) => Err("this answer is no token".to_owned()),
        (Err(error), true) => Err(format!("the answer is not read: {error}")),
    }
}

fn take(value: &mut Value, key: &str) -> Value {
    value.as_object_mut().and_then(|fields| fields.remove(key)).unwrap_or_default()
}
