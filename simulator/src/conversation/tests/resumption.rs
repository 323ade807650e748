//! Taking up a session where it was left.

use super::*;
use crate::behaviour::{Behaviour, HandleInUse, HistoryOnResume, StaleHandle, UpdateForm, Updates};

const ASKED: &str = "sessionResumption";

fn updates(talk: &mut Talk) -> Vec<Value> {
    talk.take().iter().filter_map(|message| message.get("sessionResumptionUpdate").cloned()).collect()
}

fn with_updates(updates: Updates) -> impl FnOnce(&mut Behaviour) {
    |ways| ways.updates = updates
}

#[test]
fn a_session_has_one_connection_at_a_time() {
    let mut talk = Talk::open("sim-parrot", json!({ ASKED: {} }));
    let handle = talk.handle();
    let (mut first, mut second) = talk.beside("BidiGenerateContent", "key=k");
    second.say(&resuming("sim-parrot", &handle, json!({})));
    assert_eq!(second.close_reason(), (1011, "Internal error encountered."));
    first.handle(Input::Message(text("still here").to_string().as_bytes()), &mut second.service, second.now);
    assert!(first.poll().is_some() && !first.is_over(), "the first goes on");

    first.handle(Input::Lost, &mut second.service, second.now);
    let mut third = second.again("BidiGenerateContent", "key=k");
    third.say(&resuming("sim-parrot", &handle, json!({})));
    assert_eq!(third.take()[0], json!({"setupComplete": {}}));
}

#[test]
fn every_handle_of_a_session_belongs_to_its_one_connection() {
    let mut talk = Talk::open("sim-parrot", json!({ ASKED: {} }));
    let first = talk.handle();
    talk.say(&text("hello"));
    talk.wait_seconds(10.0);
    let latest = talk.handle();
    let mut resumed = talk.again("BidiGenerateContent", "key=k");
    resumed.say(&resuming("sim-parrot", &first, json!({})));
    let (_, mut another) = resumed.beside("BidiGenerateContent", "key=k");
    another.say(&resuming("sim-parrot", &latest, json!({})));
    assert_eq!(another.close_reason().0, 1011);
}

#[test]
fn a_second_connection_is_welcome_where_that_was_chosen() {
    let mut talk = Talk::open("sim-parrot", json!({ ASKED: {} }));
    let handle = talk.handle();
    let (_, mut second) = talk.beside("BidiGenerateContent", "key=k");
    second.behaves(|ways| ways.handle_in_use = HandleInUse::Accepted);
    second.say(&resuming("sim-parrot", &handle, json!({})));
    assert_eq!(second.take()[0], json!({"setupComplete": {}}));
}

#[test]
fn a_handle_can_be_made_stale_from_outside() {
    let mut talk = Talk::open("sim-parrot", json!({ ASKED: {} }));
    let handle = talk.handle();
    talk.service.expire_handles();
    let mut refused = talk.again("BidiGenerateContent", "key=k");
    refused.say(&resuming("sim-parrot", &handle, json!({})));
    assert_eq!(refused.close_reason(), (1008, "BidiGenerateContent session not found"));
    let mut otherwise = refused.again("BidiGenerateContent", "key=k");
    otherwise.behaves(|ways| ways.stale_handle = Some(StaleHandle::EntityNotFound));
    otherwise.say(&resuming("sim-parrot", &handle, json!({})));
    assert_eq!(otherwise.close_reason(), (1008, "Requested entity was not found."));
    let mut fresh = otherwise.again("BidiGenerateContent", "key=k");
    fresh.say(&setup("sim-parrot", json!({ ASKED: {} })));
    assert!(!fresh.handle().is_empty(), "who begins afresh gets handles that are good");
}

#[test]
fn no_handle_is_good_in_the_middle_of_an_answer() {
    let mut talk = Talk::open("sim-handles", json!({ ASKED: {} }));
    talk.wait_seconds(0.5);
    updates(&mut talk);
    talk.say(&text("one two three four five six seven eight nine ten eleven twelve"));
    assert_eq!(updates(&mut talk), [json!({})]);
    let mut kinds = Vec::new();
    while !kinds.contains(&"turnComplete".to_owned()) {
        let before = updates(&mut talk);
        assert!(before.is_empty(), "{before:?}");
        talk.wait_seconds(0.1);
        kinds = talk.sent.iter().flat_map(|(_, message)| super::kinds(message)).collect();
    }
    assert!(
        talk.now - START > Duration::from_millis(2400),
        "it took longer than from one update to the next"
    );
    assert_eq!(updates(&mut talk).last().unwrap()["resumable"], true);
}

#[test]
fn one_family_sends_updates_unasked() {
    let count = |model| {
        let mut talk = Talk::open(model, json!({}));
        talk.wait_seconds(12.0);
        updates(&mut talk).iter().filter(|update| update["resumable"] == true).count()
    };
    assert_eq!(count("gemini-3.1-flash-live-preview"), 10);
    assert_eq!(count("gemini-3.8-live"), 0);
    assert_eq!(count("gemini-2.5-flash-native-audio-latest"), 0);
}

#[test]
fn updates_take_the_forms_that_were_chosen() {
    use UpdateForm::{Empty, FlagOnly, HandleNotResumable, HandleOnly, NotResumable, Whole};
    let idle = vec![Empty, FlagOnly, HandleOnly, HandleNotResumable, NotResumable, Whole];
    let busy = vec![HandleNotResumable, UpdateForm::None];
    let mut talk = Talk::with_key();
    talk.behaves(with_updates(Updates { every_ms: Some(1000), idle, busy, ..Updates::default() }));
    talk.say(&setup("sim-parrot", json!({ ASKED: {} })));
    talk.wait_seconds(6.5);
    let sent = updates(&mut talk);
    assert_eq!(sent[..2], [json!({}), json!({"resumable": true})]);
    assert!(sent[2]["newHandle"].is_string() && sent[2].get("resumable").is_none());
    assert!(sent[3]["newHandle"].is_string() && sent[3]["resumable"] == false);
    assert_eq!(sent[4], json!({"resumable": false}));
    assert!(sent[5..].iter().all(|update| update["newHandle"].is_string() && update["resumable"] == true));
    assert_eq!(sent.len(), 7, "the last form stays");
    talk.say(&text("hello"));
    assert_eq!(updates(&mut talk)[0]["resumable"], false);

    let useless = sent[3]["newHandle"].as_str().unwrap().to_owned();
    let mut refused = talk.again("BidiGenerateContent", "key=k");
    refused.say(&resuming("sim-parrot", &useless, json!({})));
    assert_eq!(refused.close_reason(), (1007, "Invalid session handle"));
}

#[test]
fn the_first_handle_may_wait_for_the_first_turn() {
    let mut talk = Talk::with_key();
    talk.behaves(with_updates(Updates { at_start: false, ..Updates::default() }));
    talk.say(&setup("sim-parrot", json!({ ASKED: {} })));
    talk.wait_seconds(5.0);
    assert!(updates(&mut talk).is_empty());
    talk.say(&text("hello"));
    talk.wait_seconds(10.0);
    assert!(!talk.handle().is_empty());
}

#[test]
fn a_function_that_has_answered_makes_way_for_a_handle() {
    let tools = json!([{"functionDeclarations": [{"name": "lamp", "behavior": "NON_BLOCKING"}]}]);
    let mut talk = Talk::open("sim-parrot", json!({ ASKED: {}, "tools": tools }));
    talk.say(&text("call lamp"));
    talk.wait_seconds(10.0);
    let messages = talk.take();
    let last = messages.last().unwrap();
    assert_eq!(last["serverContent"]["turnComplete"], true, "no handle while the function runs");
    let id =
        messages.iter().find_map(|message| message["toolCall"]["functionCalls"][0]["id"].as_str()).unwrap();
    let answer = json!({"id": id, "name": "lamp", "response": {"on": true}, "scheduling": "SILENT"});
    talk.say(&json!({"toolResponse": {"functionResponses": [answer]}}));
    assert!(!talk.handle().is_empty());
}

const HEARD: &str = "outputAudioTranscription";

fn said(talk: &mut Talk, words: &str) -> String {
    talk.take();
    talk.say(&text(words));
    talk.wait_seconds(20.0);
    transcript(&talk.take())
}

#[test]
fn a_resumed_session_says_what_was_said_before_it() {
    let wishes = || json!({ ASKED: {}, HEARD: {} });
    let mut talk = Talk::open("sim-parrot", wishes());
    assert_eq!(said(&mut talk, "recall"), "You have said nothing yet.");
    talk.say(&text("the lamp is green"));
    talk.wait_seconds(20.0);
    let mut resumed = talk.resume("sim-parrot", wishes());
    assert_eq!(said(&mut resumed, "Please recall."), "You said: the lamp is green");
    assert_eq!(
        said(&mut resumed, "recall"),
        "You said: the lamp is green",
        "to recall is to say nothing new"
    );
    let mut fresh = resumed.again("BidiGenerateContent", "key=k");
    fresh.say(&setup("sim-parrot", wishes()));
    assert_eq!(said(&mut fresh, "recall"), "You have said nothing yet.");
}

#[test]
fn what_was_spoken_is_recalled_in_the_speakers_own_voice() {
    let mut talk = Talk::open("sim-parrot", json!({ ASKED: {} }));
    talk.speak(&[voice(1.0, 16_000), silence(0.8)].concat());
    talk.wait_seconds(5.0);
    let mut resumed = talk.resume("sim-parrot", json!({}));
    resumed.take();
    resumed.say(&text("recall"));
    resumed.wait_seconds(5.0);
    let heard = samples(&resumed.take());
    assert!(speech::correlation(&voice(1.0, 24_000), &heard) > 0.99);
}

#[test]
fn who_says_recall_is_understood_where_a_script_hears_it() {
    let script = json!({"name": "story", "answers": [
        {"when": {"turn": 1}, "hears": "the lamp is green"},
        {"when": {"turn": 2}, "hears": "recall"},
    ]});
    let mut talk = Talk::scripted(&script, json!({ HEARD: {} }));
    for _ in 0..2 {
        talk.take();
        talk.speak(&[voice(1.0, 16_000), silence(0.8)].concat());
        talk.wait_seconds(20.0);
    }
    assert_eq!(transcript(&talk.take()), "You said: the lamp is green");
}

#[test]
fn a_handle_stands_for_the_moment_it_was_given_at() {
    let mut talk = Talk::open("sim-parrot", json!({ ASKED: {}, HEARD: {} }));
    talk.say(&text("first"));
    talk.wait_seconds(20.0);
    let early = talk.handle();
    talk.say(&text("second"));
    talk.wait_seconds(20.0);
    let mut resumed = talk.again("BidiGenerateContent", "key=k");
    resumed.say(&resuming("sim-parrot", &early, json!({ HEARD: {} })));
    assert_eq!(said(&mut resumed, "recall"), "You said: first");
}

#[test]
fn tools_and_an_open_turn_go_with_the_handle() {
    let mut talk = Talk::open("sim-handles", json!({ ASKED: {} }));
    let tools = json!({"tools": [{"functionDeclarations": [{"name": "lamp"}]}]});
    talk.say(&json!({"contextUpdate": {"tools": tools}}));
    let turn = json!({"role": "user", "parts": [{"text": "call lamp"}]});
    talk.say(&json!({"clientContent": {"turns": [turn]}}));
    talk.wait_seconds(1.3);
    let mut resumed = talk.resume("sim-handles", json!({}));
    resumed.take();
    resumed.say(&json!({"clientContent": {"turnComplete": true}}));
    assert!(resumed.take_kinds().contains(&"toolCall".to_owned()));
}

fn with_history() -> Value {
    json!({ ASKED: {}, HEARD: {}, "historyConfig": {"initialHistoryInClientContent": true} })
}

fn content(words: &str) -> Value {
    let turn = json!({"role": "user", "parts": [{"text": words}]});
    json!({"clientContent": {"turns": [turn], "turnComplete": true}})
}

#[test]
fn a_resumed_session_has_its_history() {
    let mut talk = Talk::open("sim-handles", with_history());
    talk.say(&content("of old"));
    talk.wait_seconds(1.3);
    let mut resumed = talk.resume("sim-handles", with_history());
    assert_eq!(said(&mut resumed, "recall"), "You said: of old");
    resumed.say(&content("hello"));
    resumed.wait_seconds(20.0);
    assert_eq!(transcript(&resumed.take()), "You wrote: hello", "it is not taken for history again");
}

#[test]
fn history_may_be_asked_for_again_where_that_was_chosen() {
    let mut talk = Talk::open("sim-handles", with_history());
    talk.say(&content("of old"));
    talk.wait_seconds(1.3);
    let handle = talk.handle();
    let mut resumed = talk.again("BidiGenerateContent", "key=k");
    resumed.behaves(|ways| ways.history_on_resume = HistoryOnResume::Applied);
    resumed.say(&resuming("sim-handles", &handle, with_history()));
    resumed.say(&content("older still"));
    resumed.wait_seconds(20.0);
    assert!(samples(&resumed.take()).is_empty());
    assert_eq!(said(&mut resumed, "recall"), "You said: older still");
}

#[test]
fn a_history_that_was_not_given_yet_is_still_expected() {
    let talk = Talk::open("sim-parrot", with_history());
    let mut resumed = talk.resume("sim-parrot", with_history());
    resumed.say(&content("of old"));
    resumed.wait_seconds(20.0);
    assert!(samples(&resumed.take()).is_empty());
}
