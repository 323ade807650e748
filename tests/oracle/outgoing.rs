//! What is sent: the URL, the setup, the client's messages.

use gemini_live_web::protocol::{
    client::{self, Outgoing},
    endpoint::{Credential, Endpoint, url},
    setup::prepare,
};
use serde_json::{Value, json};

use crate::{
    refusals::{may_refuse, names_the_same, refusal, unanswerable},
    rules::{Comparison, hoisted},
};

pub(crate) fn setup(case: &Value) -> Result<(), String> {
    let input = &case["input"];
    let config = input.get("config").cloned().unwrap_or_default();
    let prepared = prepare(input["model"].as_str().unwrap_or_default(), config.clone(), None);
    let expect = &case["expect"];
    let refused = refusal(&config);
    match (prepared, refused, expect["outcome"].as_str()) {
        (Err(error), _, Some("error")) => names_the_same(&expect["error"], &config, &error),
        (Err(error), Some(refusal), _) => refusal.is_met_by(&error),
        (Ok(_), _, Some("error")) => Err(format!("must be refused as the SDK does: {}", expect["error"])),
        (Ok(_), Some(refusal), _) => Err(format!("must be refused: {}", refusal.why)),
        (Err(error), None, _) => may_refuse(case, &config, &error),
        (Ok(prepared), None, _) => {
            let ours: Value = serde_json::from_str(&prepared.setup.to_message()).expect("our own JSON");
            let sent = message_of(&ours, "setup")?;
            let expected = message_of(&expect["message"], "setup")?;
            Comparison::new(case, "Setup", &config, &prepared.warnings).check(expected, sent)?;
            if expect["request"].is_object() { target(case) } else { Ok(()) }
        }
    }
}

/// The path as recorded, with single slashes; the parameter decodes to the credential itself.
fn target(case: &Value) -> Result<(), String> {
    let secret = case["auth"]["value"].as_str().expect("a credential");
    let version = case["api_version"].as_str();
    let base = format!("ws://127.0.0.1:8080{}", case["base_path"].as_str().unwrap_or_default());
    let mut endpoint = Endpoint::from(base);
    endpoint.version = version.map(str::to_owned);
    let credential = Credential::detect(secret);
    let is_token = case["auth"]["kind"] == "ephemeral_token";
    if is_token == credential.is_api_key() {
        return Err("the credential is taken for the other kind".to_owned());
    }
    let ours = url(&endpoint, &credential).map_err(|error| error.to_string())?;
    let (path, query) = ours.split_once('?').ok_or("no query")?;
    let path = path.strip_prefix("ws://127.0.0.1:8080").ok_or("another host")?;
    let mut expected = case["expect"]["request"]["path"].as_str().expect("a path").to_owned();
    if is_token && version.is_none() {
        // Rule "default version".
        expected = expected.replace(".v1beta.", ".v1alpha.");
    }
    let (name, value) = query.split_once('=').ok_or("no parameter")?;
    let wanted = if is_token { "access_token" } else { "key" };
    match path == expected && name == wanted && percent_decoded(value) == secret {
        true => Ok(()),
        false => Err(format!("{ours} instead of {expected}")),
    }
}

fn percent_decoded(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).expect("two hexadecimal digits"));
        bytes.extend(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).expect("UTF-8")
}

pub(crate) fn client_message(case: &Value) -> Result<(), String> {
    let argument = case["args"].get(0).cloned().unwrap_or_default();
    let expect = &case["expect"];
    let outgoing = match case["call"].as_str() {
        Some("sendClientContent") => client::client_content(argument.clone()),
        Some("sendRealtimeInput") => client::realtime_input(argument.clone()),
        Some("sendToolResponse") => client::tool_response(argument.clone()),
        Some("sendContextUpdate") => client::context_update(argument.clone()),
        // The session closes with 1000, "meant so", where the SDK gives no code; no message is involved.
        Some("close") if expect["outcome"] == "closed" => return Ok(()),
        other => return Err(format!("an unknown call {other:?}")),
    };
    let refused = match case["call"].as_str() {
        Some("sendToolResponse") => unanswerable(&argument),
        _ => refusal(&json!({ "tools": argument["tools"]["tools"] })),
    };
    match (outgoing, refused, expect["outcome"].as_str()) {
        (Err(error), _, Some("error")) => names_the_same(&expect["error"], &argument, &error),
        (Err(error), Some(refusal), _) => refusal.is_met_by(&error),
        (Ok(_), _, Some("error")) => Err(format!("must be refused as the SDK does: {}", expect["error"])),
        (Ok(_), Some(refusal), _) => Err(format!("must be refused: {}", refusal.why)),
        (Err(error), ..) => may_refuse(case, &argument, &error),
        (Ok(Outgoing { text, warnings, .. }), ..) => {
            let ours: Value = serde_json::from_str(&text).expect("our own JSON");
            let expected = hoisted(&expect["message"]);
            let (name, message) = sent_as(case);
            let (expected, ours) = (message_of(&expected, name)?, message_of(&ours, name)?);
            Comparison::new(case, message, &argument, &warnings).check(expected, ours)
        }
    }
}

/// The name that a call's argument is sent under, and the message it is.
fn sent_as(case: &Value) -> (&'static str, &'static str) {
    match case["call"].as_str() {
        Some("sendClientContent") => ("clientContent", "ClientContent"),
        Some("sendRealtimeInput") => ("realtimeInput", "RealtimeInput"),
        Some("sendToolResponse") => ("toolResponse", "ToolResponse"),
        _ => ("contextUpdate", "ContextUpdate"),
    }
}

/// What a message says, which says one thing alone.
fn message_of<'a>(message: &'a Value, name: &str) -> Result<&'a Value, String> {
    match message.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.get(name)) {
        Some(inner) => Ok(inner),
        None => Err(format!("no `{name}` alone: {message}")),
    }
}
