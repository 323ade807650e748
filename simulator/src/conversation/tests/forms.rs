//! The forms that messages and audio can take, and what is said beside an answer.

use super::*;
use crate::behaviour::{AudioForm, Behaviour};

fn behaving(model: &str, extra: Value, choose: impl FnOnce(&mut Behaviour)) -> Talk {
    let mut talk = Talk::with_key();
    talk.behaves(choose);
    talk.say(&setup(model, extra));
    talk
}

fn told(talk: &mut Talk, words: &str) -> Vec<Value> {
    talk.say(&text(words));
    talk.wait_seconds(20.0);
    talk.take()
}

/// Where in the messages this content is.
fn position(messages: &[Value], kind: &str) -> Option<usize> {
    messages.iter().position(|message| message["serverContent"].get(kind).is_some())
}

#[test]
fn audio_comes_in_the_parts_and_at_the_rate_that_were_chosen() {
    let usual = samples(&told(&mut Talk::open("sim-parrot", json!({})), "hello there")).len();
    let form = AudioForm { parts_per_message: 3, rate_hz: 16_000, names_rate: false };
    let mut talk = behaving("sim-parrot", json!({}), |ways| ways.audio = form);
    let messages = told(&mut talk, "hello there");
    let at = position(&messages, "modelTurn").unwrap();
    let parts = messages[at]["serverContent"]["modelTurn"]["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 3);
    assert!(parts.iter().all(|part| part["inlineData"]["mimeType"] == "audio/pcm"));
    assert_eq!(samples(&messages).len(), usual * 2 / 3);
}

#[test]
fn roles_session_ids_and_snake_case_come_where_they_were_chosen() {
    let mut talk = behaving("sim-parrot", json!({}), |ways| {
        ways.messages.role = true;
        ways.messages.session_id = true;
    });
    assert!(talk.take()[0]["setupComplete"]["sessionId"].is_string());
    let messages = told(&mut talk, "hello");
    let at = position(&messages, "modelTurn").unwrap();
    assert_eq!(messages[at]["serverContent"]["modelTurn"]["role"], "model");

    let mut talk = behaving("sim-parrot", json!({}), |ways| ways.messages.snake_case = true);
    let messages = told(&mut talk, "hello");
    assert_eq!(messages[0], json!({"setup_complete": {}}));
    let last = messages.last().unwrap();
    assert_eq!(last["server_content"]["turn_complete"], true);
    assert!(last["usage_metadata"]["total_token_count"].is_u64());
}

#[test]
fn the_end_of_a_turn_says_what_was_chosen() {
    let mut talk = behaving("sim-parrot", json!({}), |ways| {
        ways.turn_end.reason = Some("NEED_MORE_INPUT".to_owned());
        ways.turn_end.waiting_for_input = Some(true);
        ways.turn_end.interaction_status = Some("IDLE".to_owned());
    });
    let messages = told(&mut talk, "hello");
    let wanted = json!({"turnComplete": true, "turnCompleteReason": "NEED_MORE_INPUT", "waitingForInput": true,
        "interactionStatus": "IDLE"});
    assert_eq!(messages.last().unwrap()["serverContent"], wanted);
}

#[test]
fn a_translation_never_ends_and_is_not_interrupted() {
    let mut talk = Talk::open("gemini-3.5-live-translate-preview", json!({}));
    talk.speak(&[voice(1.0, 16_000), silence(0.6), voice(1.0, 16_000), silence(0.6)].concat());
    talk.wait_seconds(10.0);
    let messages = talk.take();
    for kind in ["turnComplete", "generationComplete", "interrupted"] {
        assert_eq!(position(&messages, kind), None, "{kind}");
    }
    assert!(samples(&messages).len() > 48_000, "both are translated");
}

const TOOLS: &str = "tools";

#[test]
fn a_search_grounds_the_answer() {
    let mut talk = Talk::open("sim-parrot", json!({ TOOLS: [{"googleSearch": {}}] }));
    let messages = told(&mut talk, "Please search for lamps");
    let at = position(&messages, "groundingMetadata").unwrap();
    let grounding = &messages[at]["serverContent"]["groundingMetadata"];
    assert_eq!(grounding["webSearchQueries"], json!(["Please search for lamps"]));
    assert!(
        position(&messages, "modelTurn").unwrap() < at
            && at < position(&messages, "generationComplete").unwrap()
    );
    assert_eq!(position(&told(&mut talk, "hello"), "groundingMetadata"), None, "nobody asked");
    let mut without = Talk::open("sim-parrot", json!({}));
    assert_eq!(position(&told(&mut without, "search"), "groundingMetadata"), None, "nothing to search with");
}

#[test]
fn code_is_run_before_the_answer() {
    let mut talk = Talk::open("sim-parrot", json!({ TOOLS: [{"codeExecution": {}}] }));
    let messages = told(&mut talk, "Calculate six times seven");
    let parts: Vec<&Value> =
        messages.iter().map(|message| &message["serverContent"]["modelTurn"]["parts"][0]).collect();
    let code = parts.iter().position(|part| part.get("executableCode").is_some()).unwrap();
    assert_eq!(parts[code + 1]["codeExecutionResult"]["outcome"], "OUTCOME_OK");
    assert!(code < parts.iter().position(|part| part.get("inlineData").is_some()).unwrap());
}

#[test]
fn an_address_is_read() {
    let mut talk = Talk::open("sim-parrot", json!({ TOOLS: [{"urlContext": {}}] }));
    let messages = told(&mut talk, "What does https://example.com/a say?");
    let at = position(&messages, "urlContextMetadata").unwrap();
    let read = &messages[at]["serverContent"]["urlContextMetadata"]["urlMetadata"];
    let wanted = json!([{"retrievedUrl": "https://example.com/a", "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS"}]);
    assert_eq!(*read, wanted);
}
