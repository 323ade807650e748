//! Function calls.

use super::*;
use crate::behaviour::{Behaviour, UnansweredCall};

fn tools(behavior: &str) -> Value {
    let weather = json!({"name": "get_weather", "behavior": behavior});
    json!({"tools": [{"functionDeclarations": [weather, {"name": "lamp"}]}], "outputAudioTranscription": {}})
}

fn call_id(talk: &mut Talk) -> String {
    let messages = talk.take();
    let call = messages.iter().find_map(|message| message["toolCall"]["functionCalls"][0]["id"].as_str());
    call.unwrap().to_owned()
}

fn answer(id: &str, response: Value) -> Value {
    json!({"toolResponse": {"functionResponses": [{"id": id, "name": "get_weather", "response": response}]}})
}

#[test]
fn a_blocking_call_waits_for_its_answer_and_is_spoken_of() {
    let mut talk = Talk::open("sim-parrot", tools("BLOCKING"));
    talk.say(&text("How is the weather?"));
    let id = call_id(&mut talk);
    talk.wait_seconds(60.0);
    assert!(talk.take().is_empty());
    talk.say(&answer(&id, json!({"celsius": 21, "sky": "clear"})));
    talk.wait_seconds(20.0);
    let messages = talk.take();
    assert_eq!(transcript(&messages), "get_weather says: celsius 21, sky clear.");
    assert_eq!(messages.iter().filter(|message| message["serverContent"]["turnComplete"] == true).count(), 1);
}

#[test]
fn an_interruption_cancels_a_blocking_call() {
    let mut talk = Talk::open("sim-parrot", tools("BLOCKING"));
    talk.say(&text("How is the weather?"));
    let id = call_id(&mut talk);
    talk.speak(&voice(0.2, 16_000));
    let messages = talk.take();
    assert_eq!(messages[1], json!({"toolCallCancellation": {"ids": [id]}}));
    assert_eq!(messages[2], json!({"serverContent": {"interrupted": true}}));
    assert_eq!(messages[3]["serverContent"], json!({"turnComplete": true}));
    talk.say(&answer(&id, json!({})));
    assert!(talk.closed.is_none(), "the answer crossed the cancellation");
}

#[test]
fn a_call_that_does_not_block_is_reported_as_scheduled() {
    let spoken_after = |scheduling: &str| {
        let mut talk = Talk::open("sim-parrot", tools("NON_BLOCKING"));
        talk.say(&text("How is the weather?"));
        let id = call_id(&mut talk);
        talk.wait_seconds(0.5);
        talk.take();
        talk.say(&answer(&id, json!({"sky": "clear", "scheduling": scheduling})));
        talk.wait_seconds(20.0);
        let messages = talk.take();
        let interrupted = messages.iter().any(|message| message["serverContent"]["interrupted"] == true);
        (transcript(&messages).contains("sky clear"), interrupted)
    };
    assert_eq!(spoken_after("SILENT"), (false, false));
    assert_eq!(spoken_after("WHEN_IDLE"), (true, false));
    assert_eq!(spoken_after("INTERRUPT"), (true, true));
}

#[test]
fn a_named_function_is_called_by_its_name() {
    let mut talk = Talk::open("sim-parrot", tools("BLOCKING"));
    talk.say(&text("please call lamp"));
    let messages = talk.take();
    let call = &messages.iter().find(|message| message.get("toolCall").is_some()).unwrap()["toolCall"]["functionCalls"]
        [0];
    assert_eq!((&call["name"], &call["args"]), (&json!("lamp"), &json!({})));
}

#[test]
fn no_session_can_be_resumed_in_the_middle_of_a_call() {
    let mut config = tools("BLOCKING");
    config["sessionResumption"] = json!({});
    let mut talk = Talk::open("sim-parrot", config);
    talk.take();
    talk.say(&text("How is the weather?"));
    let messages = talk.take();
    assert_eq!(messages[0], json!({"sessionResumptionUpdate": {}}));
    talk.wait_seconds(30.0);
    assert!(talk.take().is_empty());
}

#[test]
fn a_bad_answer_ends_the_session() {
    let refused = |message: Value| {
        let mut talk = Talk::open("sim-parrot", tools("BLOCKING"));
        talk.say(&text("How is the weather?"));
        talk.say(&message);
        talk.closed.map(|refusal| refusal.code)
    };
    assert_eq!(
        refused(json!({"toolResponse": {"functionResponses": [{"name": "f", "response": {}}]}})),
        Some(1007)
    );
    assert_eq!(refused(answer("x", json!("sunny"))), Some(1007));
    assert_eq!(refused(answer("x", json!(["sunny"]))), Some(1007));
    assert_eq!(refused(json!({"toolResponse": {}})), Some(1007));
    assert_eq!(refused(answer("made up", json!({}))), Some(1008));
}

/// Somebody types while a call is unanswered.
fn typed_over(model: &str, choose: impl FnOnce(&mut Behaviour)) -> (Talk, String) {
    let mut talk = Talk::with_key();
    talk.behaves(choose);
    talk.say(&setup(model, tools("BLOCKING")));
    talk.say(&text("How is the weather?"));
    let id = call_id(&mut talk);
    talk.say(&text("never mind"));
    talk.wait_seconds(60.0);
    (talk, id)
}

#[test]
fn an_unanswered_call_wedges_the_models_that_do_not_cancel_it() {
    for model in
        ["gemini-3.1-flash-live-preview", "gemini-2.5-flash-native-audio-latest", "gemini-2.0-flash-live-001"]
    {
        let (mut talk, id) = typed_over(model, |ways| ways.updates.every_ms = Some(0));
        assert_eq!(talk.take_kinds(), Vec::<String>::new(), "{model}");
        talk.say(&answer(&id, json!({"sky": "clear"})));
        talk.wait_seconds(20.0);
        let heard = transcript(&talk.take());
        assert_eq!(heard, "get_weather says: sky clear.You wrote: never mind", "{model}");
    }
    for model in ["gemini-3.8-live", "sim-parrot"] {
        let (mut talk, _) = typed_over(model, |_| {});
        assert_eq!(talk.take_kinds()[..2], ["toolCallCancellation", "interrupted"], "{model}");
    }
}

#[test]
fn what_an_unanswered_call_does_can_be_chosen() {
    let (mut wedged, _) =
        typed_over("sim-parrot", |ways| ways.unanswered_call = Some(UnansweredCall::Wedges));
    assert!(wedged.take().is_empty());
    let cancelled = |ways: &mut Behaviour| ways.unanswered_call = Some(UnansweredCall::Cancelled);
    let (mut free, _) = typed_over("gemini-3.1-flash-live-preview", cancelled);
    assert!(free.take_kinds().contains(&"toolCallCancellation".to_owned()));
}

#[test]
fn several_calls_share_a_message_and_those_that_were_answered_are_not_cancelled() {
    let mut talk = Talk::open("sim-parrot", tools("BLOCKING"));
    talk.say(&text("call get_weather and lamp"));
    let messages = talk.take();
    let calls = messages.iter().find_map(|message| message["toolCall"]["functionCalls"].as_array()).unwrap();
    let names: Vec<_> = calls.iter().map(|call| call["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["get_weather", "lamp"]);
    let ids: Vec<_> = calls.iter().map(|call| call["id"].as_str().unwrap()).collect();
    talk.say(&answer(ids[0], json!({"sky": "clear"})));
    talk.wait_seconds(20.0);
    assert!(talk.take().is_empty(), "one of two");
    talk.say(&text("stop"));
    assert_eq!(talk.take()[0], json!({"toolCallCancellation": {"ids": [ids[1]]}}));

    let mut talk = Talk::open("sim-parrot", tools("BLOCKING"));
    talk.say(&text("call get_weather and lamp"));
    let messages = talk.take();
    let calls = messages.iter().find_map(|message| message["toolCall"]["functionCalls"].as_array()).unwrap();
    let both = calls.iter().map(|call| json!({"id": call["id"], "response": {"is": call["name"]}}));
    talk.say(&json!({"toolResponse": {"functionResponses": both.collect::<Vec<_>>()}}));
    talk.wait_seconds(20.0);
    assert_eq!(transcript(&talk.take()), "get_weather says: is get_weather. lamp says: is lamp.");
}

#[test]
fn a_result_that_holds_nothing_is_asked_for_again_by_models_that_do_not_believe_it() {
    let calls = |model: &str| {
        let mut talk = Talk::open(model, tools("BLOCKING"));
        talk.say(&text("How is the weather?"));
        let mut made = 0;
        loop {
            let messages = talk.take();
            let call =
                messages.iter().find_map(|message| message["toolCall"]["functionCalls"].get(0)).cloned();
            let Some(call) = call else { break };
            made += 1;
            talk.say(&answer(call["id"].as_str().unwrap(), json!({"output": ""})));
        }
        talk.wait_seconds(20.0);
        (made, talk.take_kinds().contains(&"turnComplete".to_owned()))
    };
    assert_eq!(calls("gemini-3.8-live"), (3, true), "not for ever");
    assert_eq!(calls("gemini-3.1-flash-live-preview"), (1, true));
}

#[test]
fn older_native_models_hear_nothing_while_a_call_is_pending() {
    let reason = |model, seconds| {
        let mut talk = Talk::open(model, tools("BLOCKING"));
        talk.say(&text("How is the weather?"));
        talk.wait_seconds(seconds);
        talk.say(&audio(&[0; 320], 16_000));
        talk.close_reason().1.to_owned()
    };
    let refused = "Operation is not implemented, or supported, or enabled.";
    assert_eq!(reason("gemini-2.5-flash-native-audio-latest", 0.6), refused);
    assert_eq!(reason("gemini-2.5-flash-native-audio-latest", 0.3), "", "it was under way");
    assert_eq!(reason("gemini-3.1-flash-live-preview", 0.6), "");
}

#[test]
fn an_update_of_the_tools_counts() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    let tools = json!({"tools": [{"functionDeclarations": [{"name": "lamp"}]}]});
    talk.say(&json!({"contextUpdate": {"tools": tools}}));
    talk.say(&text("call lamp"));
    assert!(talk.take_kinds().contains(&"toolCall".to_owned()));
}
