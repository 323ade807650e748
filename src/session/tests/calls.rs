//! Function calls: what may be answered, and what waits meanwhile.

use super::*;

const NATIVE_25: &str = "gemini-2.5-flash-native-audio-preview-12-2025";

pub(super) fn call(ids: &[&str]) -> serde_json::Value {
    let calls: Vec<_> = ids.iter().map(|id| json!({ "id": id, "name": "look" })).collect();
    json!({ "toolCall": { "functionCalls": calls } })
}

pub(super) fn response(id: &str) -> serde_json::Value {
    json!({ "id": id, "name": "look", "response": {} })
}

#[test]
fn an_answer_to_a_call_is_sent_and_needs_no_word() {
    let mut talk = Talk::open();
    talk.frame(call(&["1"]));
    let actions = talk.answer(json!([response("1")]));
    assert_eq!((outline(&actions), actions.len()), ("toolResponse".to_owned(), 1));
}

#[test]
fn an_answer_to_a_cancelled_call_is_withheld_and_said() {
    let mut talk = Talk::open();
    talk.frame(call(&["1", "2"]));
    talk.frame(json!({ "toolCallCancellation": { "ids": ["1"] } }));
    for _ in 0..2 {
        let actions = talk.answer(json!([response("1")]));
        assert_eq!((outline(&actions), warning_codes(actions)), (String::new(), vec!["cancelled-call"]));
    }
    let actions = talk.answer(json!([response("1"), response("2")]));
    let text = sent(&actions).concat();
    assert!(text.contains("\"2\"") && !text.contains("\"1\""), "{text}");
}

#[test]
fn a_call_that_is_cancelled_while_its_answer_waits_is_not_answered() {
    let mut talk = Talk::open();
    talk.frame(call(&["1"]));
    talk.fill(1 << 20);
    talk.stream(1);
    assert!(talk.answer(json!([response("1")])).is_empty());
    talk.frame(json!({ "toolCallCancellation": { "ids": ["1"] } }));
    talk.fill(0);
    assert_eq!(outline(&talk.wait_for_deadline()), "audio");
}

#[test]
fn an_answer_to_no_call_is_sent_and_warned_of() {
    let mut talk = Talk::open();
    let actions = talk.answer(json!([response("9")]));
    assert_eq!(
        (outline(&actions), warning_codes(actions)),
        ("toolResponse".to_owned(), vec!["unknown-call"])
    );
    talk.frame(call(&["1"]));
    assert!(warning_codes(talk.answer(json!([response("1")]))).is_empty());
    // A conversation that goes on may have asked before.
    let mut talk = Talk::open_with("sim-parrot", json!({ "sessionResumption": { "handle": "h" } }));
    assert!(warning_codes(talk.answer(json!([response("9")]))).is_empty());
}

#[test]
fn an_answer_that_is_to_be_continued_leaves_the_call_open() {
    let mut talk = Talk::open();
    talk.frame(call(&["1"]));
    for is_more in [true, true, false] {
        let mut answer = response("1");
        answer["willContinue"] = json!(is_more);
        assert!(warning_codes(talk.answer(json!([answer]))).is_empty());
    }
    assert_eq!(warning_codes(talk.answer(json!([response("1")]))), ["answered-call"]);
}

#[test]
fn a_second_answer_to_a_call_is_withheld_and_said() {
    let mut talk = Talk::open();
    talk.frame(call(&["1", "2"]));
    talk.answer(json!([response("1")]));
    let actions = talk.answer(json!([response("1")]));
    assert_eq!((outline(&actions), warning_codes(actions)), (String::new(), vec!["answered-call"]));
    let actions = talk.answer(json!([response("1"), response("2")]));
    let text = sent(&actions).concat();
    assert!(text.contains("\"2\"") && !text.contains("\"1\""), "{text}");
    talk.frame(call(&["3"]));
    let actions = talk.answer(json!([response("3"), response("3")]));
    assert_eq!(
        (sent(&actions).concat().matches("\"3\"").count(), warning_codes(actions)),
        (1, vec!["answered-call"])
    );
    // Nor is a conversation that goes on given one, nor a call that was taken back after its answer.
    let mut talk = Talk::open_with("sim-parrot", json!({ "sessionResumption": { "handle": "h" } }));
    assert_eq!(outline(&talk.answer(json!([response("9")]))), "toolResponse");
    assert_eq!(warning_codes(talk.answer(json!([response("9")]))), ["answered-call"]);
    talk.frame(json!({ "toolCallCancellation": { "ids": ["9"] } }));
    assert_eq!(warning_codes(talk.answer(json!([response("9")]))), ["cancelled-call"]);
}

#[test]
fn a_call_that_is_made_again_may_be_answered_again() {
    let mut talk = Talk::open();
    for _ in 0..2 {
        talk.frame(call(&["1"]));
        let actions = talk.answer(json!([response("1")]));
        assert_eq!((outline(&actions), actions.len()), ("toolResponse".to_owned(), 1));
    }
}

#[test]
fn an_answer_that_the_socket_did_not_take_may_be_given_again() {
    let mut talk = Talk::open_for_once();
    talk.frame(call(&["1"]));
    let Some(Action::Send(conn, message)) = talk.answer(json!([response("1")])).pop() else {
        panic!("it was not sent")
    };
    assert_eq!(warning_codes(talk.feed(Input::Unsent(conn, message))), ["not-sent"]);
    let actions = talk.answer(json!([response("1")]));
    assert_eq!((outline(&actions), actions.len()), ("toolResponse".to_owned(), 1));
}

#[test]
fn an_answer_has_room_where_nothing_else_finds_any_but_not_without_bound() {
    let mut talk = Talk::open();
    talk.frame(call(&["1", "2"]));
    talk.fill(20 << 20);
    assert_eq!(warning_codes(talk.say("a")), ["send-overflow"]);
    assert_eq!(outline(&talk.answer(json!([response("1")]))), "toolResponse");
    talk.fill(40 << 20);
    assert_eq!(warning_codes(talk.answer(json!([response("2")]))), ["send-overflow"]);
    talk.fill(0);
    assert_eq!(outline(&talk.answer(json!([response("2")]))), "toolResponse", "it is open still");
}

#[test]
fn a_call_that_nobody_answers_is_said_once_unless_the_model_does_not_wait_for_it() {
    let mut talk = Talk::open();
    talk.frame(call(&["1", "2", "3"]));
    talk.answer(json!([response("1")]));
    talk.frame(json!({ "toolCallCancellation": { "ids": ["2"] } }));
    assert!(talk.pass(59_999).is_empty());
    let said = events(talk.pass(1));
    assert!(matches!(&said[..], [Event::Warning { code, message, .. }]
        if code.as_str() == "unanswered-call" && message.contains("call 3")));
    assert!(talk.pass(600_000).is_empty());
    let function = json!({ "name": "look", "description": "d", "behavior": "NON_BLOCKING" });
    let mut talk =
        Talk::open_with("sim-parrot", json!({ "tools": [{ "functionDeclarations": [function] }] }));
    talk.frame(call(&["1"]));
    assert!(talk.pass(600_000).is_empty());
}

#[test]
fn a_2_5_model_is_sent_no_audio_while_it_waits_for_an_answer() {
    let mut talk = Talk::open_with(NATIVE_25, json!({}));
    talk.stream(1);
    talk.frame(call(&["1", "2"]));
    let mut actions = talk.stream(5);
    actions.extend(talk.pass(100));
    assert_eq!((outline(&actions), warning_codes(actions)), (String::new(), vec!["microphone-held"]));
    assert_eq!(
        outline(&talk.answer(json!([response("1")]))),
        "toolResponse",
        "past the audio that waits for it"
    );
    assert_eq!(outline(&talk.answer(json!([response("2")]))), "toolResponse audiox5");
    assert_eq!(outline(&talk.stream(1)), "audio");

    // What waits too long is dropped and counted; of that the application has been told.
    talk.frame(call(&["3"]));
    assert_eq!(warning_codes(talk.stream(5)), ["microphone-held"]);
    assert!(warning_codes(talk.pass(10_000)).is_empty());
    assert_eq!(talk.session.stats().audio_frames_dropped, 5);
    talk.frame(json!({ "toolCallCancellation": { "ids": ["3"] } }));
    assert_eq!(outline(&talk.stream(1)), "audio");
}

#[test]
fn only_calls_that_a_2_5_model_waits_for_hold_the_microphone() {
    let function = json!({ "name": "look", "description": "d", "behavior": "NON_BLOCKING" });
    let mut talk = Talk::open_with(NATIVE_25, json!({ "tools": [{ "functionDeclarations": [function] }] }));
    talk.frame(call(&["1"]));
    assert_eq!(outline(&talk.stream(1)), "audio");
    let mut talk = Talk::open_with("gemini-3.1-flash-live-preview", json!({}));
    talk.frame(call(&["1"]));
    assert_eq!(outline(&talk.stream(1)), "audio");
}

#[test]
fn whether_a_model_waits_is_what_the_function_says_or_else_what_the_model_does() {
    let extended = "gemini-3.8-live-extended-thinking";
    for (model, behavior, is_waited_for) in [
        (NATIVE_25, None, true),
        (NATIVE_25, Some("BLOCKING"), true),
        (NATIVE_25, Some("NON_BLOCKING"), false),
        ("gemini-3.1-flash-live-preview", None, true),
        ("models/gemini-3.8-live", None, false),
        ("models/gemini-3.8-live", Some("NON_BLOCKING"), false),
        ("models/gemini-3.8-live", Some("BLOCKING"), true),
        (extended, None, false),
    ] {
        let mut function = json!({ "name": "look", "description": "d" });
        if let Some(behavior) = behavior {
            function["behavior"] = json!(behavior);
        }
        let mut talk = Talk::open_with(model, json!({ "tools": [{ "functionDeclarations": [function] }] }));
        talk.frame(call(&["1"]));
        // Who does not wait can work for minutes, and is not called unanswered.
        let told = warning_codes(talk.pass(600_000));
        assert_eq!(told.contains(&"unanswered-call"), is_waited_for, "{model} {behavior:?}");
    }
    // What a token declares this side does not know: the model's own way is taken for it.
    for (model, is_told) in [(NATIVE_25, true), ("gemini-3.8-live", false)] {
        let mut talk = Talk::open_with(model, json!({}));
        talk.frame(call(&["1"]));
        assert_eq!(warning_codes(talk.pass(600_000)).contains(&"unanswered-call"), is_told, "{model}");
    }
}

#[test]
fn a_pause_for_a_function_is_no_gap_in_the_speech() {
    let mut talk = Talk::open();
    talk.feed(Input::Speaker(true));
    talk.frame(audio(2400));
    assert!(talk.frame(call(&["1"])).contains(&Action::Finish));
}
