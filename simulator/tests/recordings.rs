//! What the official SDK was recorded to send, the simulator's own table can read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::time::Duration;

use gemini_live_simulator::{Action, Conversation, Input, Knock, Refusal, Service};
use serde_json::{Value, json};

const NOW: Duration = Duration::from_secs(1_795_177_815);

/// Every case of this list of the recording, if the SDK sent it.
fn cases(list: &str) -> Vec<Value> {
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/oracle/cases_open.json");
    let recording: Value = serde_json::from_slice(&std::fs::read(recording).unwrap()).unwrap();
    let cases = recording[list].as_array().unwrap().iter();
    cases.filter(|case| case["expect"]["outcome"] != "error").cloned().collect()
}

/// Cases the service itself would refuse: what they carry is not a value of the field's type, or no field at all.
fn is_wrong_on_purpose(case: &Value) -> bool {
    let tags = case["tags"].as_array().unwrap();
    tags.iter()
        .any(|tag| ["js_dynamic_type", "vertex_only", "unknown_field"].contains(&tag.as_str().unwrap()))
}

/// The refusal of the last of these messages.
fn refusal(messages: &[&Value]) -> Option<Refusal> {
    let mut service = Service::new(1);
    let path = "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
    let mut conversation = Conversation::open(Knock::read(path, "key=k", None).unwrap(), &mut service, NOW);
    for message in messages {
        conversation.handle(Input::Message(message.to_string().as_bytes()), &mut service, NOW);
    }
    std::iter::from_fn(|| conversation.poll()).find_map(|action| match action {
        Action::Close(refusal) => Some(refusal),
        _ => None,
    })
}

/// Whether the table, not a rule of the conversation, is what refused.
fn is_unreadable(refusal: &Refusal) -> bool {
    let wrong_type = [" is not a", " is not one of", " is not base64", " is not true or false"];
    refusal.reason.contains("Unknown name") || wrong_type.iter().any(|words| refusal.detail.contains(words))
}

#[test]
fn every_recorded_setup_is_readable() {
    let cases = cases("setup");
    assert!(cases.len() > 100);
    for case in cases.iter().filter(|case| !is_wrong_on_purpose(case)) {
        let refusal = refusal(&[&case["expect"]["message"]]).filter(is_unreadable);
        assert_eq!(refusal, None, "{case:#}");
    }
}

#[test]
fn every_recorded_message_is_readable() {
    let model = "models/gemini-2.5-flash-native-audio-latest";
    let setup = json!({"setup": {"model": model, "generationConfig": {"responseModalities": ["AUDIO"]}}});
    let cases = cases("client_messages");
    assert!(cases.len() > 50);
    let sent = |case: &&Value| case["expect"]["message"].is_object() && !is_wrong_on_purpose(case);
    for case in cases.iter().filter(sent) {
        let refusal = refusal(&[&setup, &case["expect"]["message"]]).filter(is_unreadable);
        assert_eq!(refusal, None, "{case:#}");
    }
}

#[test]
fn every_recorded_token_request_is_readable() {
    let cases = cases("tokens");
    assert!(cases.len() > 30);
    for case in cases.iter().filter(|case| !is_wrong_on_purpose(case)) {
        let body = case["expect"]["request"]["body"].to_string();
        let fault = Service::new(1).create_token(Some("k"), body.as_bytes(), NOW).err();
        // Recorded times are long past or far ahead, and masks may name what the service does not have.
        let unreadable = fault.filter(|fault| {
            fault.message.contains("Unknown name") || fault.message.contains("Invalid value at 'auth_token':")
        });
        assert_eq!(unreadable, None, "{case:#}");
    }
}
