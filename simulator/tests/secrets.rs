//! What the clients' recorder veils is what recordings are refused for, by the list that its own tests read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use gemini_live_simulator::Recording;
use serde_json::{Value, json};

fn list(name: &str) -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/secrets.json");
    let lists: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    lists[name].as_array().unwrap().clone()
}

/// Whether a recording with this in its setup is played.
fn is_played(content: &Value) -> bool {
    let setup = json!({"ms": 0, "connection": 1, "from": "client", "message": {"setup": content}});
    let header = json!({"format": "gemini-live-recording", "version": 1});
    Recording::from_json_lines(&format!("{header}\n{setup}\n")).is_ok()
}

#[test]
fn fields_for_credentials_are_known() {
    for field in list("fields") {
        let field = field.as_str().unwrap();
        assert!(!is_played(&json!({ field: { "a": ["abc"] } })), "{field}");
        assert!(is_played(&json!({ field: { "a": ["…"] } })), "{field}");
    }
}

#[test]
fn what_is_veiled_is_played_and_what_opens_a_session_is_not() {
    for text in list("texts") {
        assert_eq!(is_played(&json!({ "a": text[0] })), text[2] == false, "{text}");
        assert!(is_played(&json!({ "a": text[1] })), "{text}");
    }
    for text in list("ordinary") {
        assert!(is_played(&json!({ "a": text })), "{text}");
    }
}
