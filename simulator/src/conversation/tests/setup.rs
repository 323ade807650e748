//! Getting in: setups, credentials, tokens, handles.

use super::*;
use crate::behaviour::LockedHandle;

const NO_ARGUMENT: (u16, &str) = (1007, "Request contains an invalid argument.");

#[test]
fn a_setup_is_answered_at_once() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    assert_eq!(talk.take(), [json!({"setupComplete": {}})]);
}

#[test]
fn nothing_may_come_before_the_setup_and_no_setup_after_it() {
    let mut early = Talk::with_key();
    early.say(&text("hello"));
    assert_eq!(early.close_reason(), NO_ARGUMENT);
    let mut twice = Talk::open("sim-parrot", json!({}));
    twice.say(&setup("sim-parrot", json!({})));
    assert_eq!(twice.close_reason(), NO_ARGUMENT);
}

#[test]
fn a_message_has_one_kind_of_content() {
    for message in [json!({}), json!({"realtimeInput": {}, "clientContent": {}}), json!([]), json!("setup")] {
        let mut talk = Talk::open("sim-parrot", json!({}));
        talk.say(&message);
        assert_eq!(talk.close_reason(), NO_ARGUMENT, "{message}");
    }
}

#[test]
fn what_is_not_json_or_not_known_is_refused_by_name() {
    let mut talk = Talk::with_key();
    talk.feed(Input::Message(b"{\"setup\": "));
    assert_eq!(talk.closed.unwrap().code, 1007);
    let talk = Talk::open("sim-parrot", json!({"audioConfig": {"targetSampleRate": 16_000}}));
    let reason = "Invalid JSON payload received. Unknown name \"audioConfig\": Cannot find field.";
    assert_eq!(talk.close_reason(), (1007, reason));
}

#[test]
fn nothing_changes_after_the_end() {
    let mut talk = Talk::open("sim-refuse-1007", json!({}));
    assert_eq!(talk.close_reason(), NO_ARGUMENT);
    talk.closed = None;
    talk.say(&setup("sim-parrot", json!({})));
    talk.wait_seconds(1000.0);
    assert!(talk.take().is_empty() && talk.closed.is_none() && talk.conversation.is_over());
}

#[test]
fn a_client_without_a_setup_is_not_kept() {
    let mut talk = Talk::with_key();
    talk.wait_seconds(60.0);
    assert_eq!(talk.close_reason(), (1008, "The operation was aborted."));
}

#[test]
fn a_bad_credential_is_refused_after_the_handshake() {
    let refused = |method, query| Talk::knock(Service::new(1), method, query, START).closed.unwrap();
    assert_eq!(
        refused("BidiGenerateContent", "key=bad-key").reason,
        "API key not valid. Please pass a valid API key."
    );
    assert_eq!(
        refused("BidiGenerateContent", "key=expired-key").reason,
        "API key expired. Please renew the API key."
    );
    assert!(
        refused("BidiGenerateContent", "").reason.starts_with("Method doesn't allow unregistered callers")
    );
    let unknown = refused("BidiGenerateContentConstrained", "access_token=auth_tokens/x");
    assert!(unknown.reason.starts_with("Request had invalid authentication credentials"));
}

fn token(service: &mut Service, body: Value) -> String {
    let token = service.create_token(Some("k"), body.to_string().as_bytes(), START).unwrap();
    format!("access_token={}", token["name"].as_str().unwrap())
}

#[test]
fn a_token_is_used_up_by_a_session_not_by_a_resumption() {
    let mut service = Service::new(1);
    let query = token(&mut service, json!({}));
    let mut talk = Talk::knock(service, "BidiGenerateContentConstrained", &query, START);
    talk.say(&setup("sim-parrot", json!({"sessionResumption": {}})));
    let handle = talk.take()[1]["sessionResumptionUpdate"]["newHandle"].clone();
    let mut resumed = talk.again("BidiGenerateContentConstrained", &query);
    resumed.say(&setup("sim-parrot", json!({"sessionResumption": {"handle": handle}})));
    assert_eq!(resumed.take()[0], json!({"setupComplete": {}}));
    let mut another = resumed.again("BidiGenerateContentConstrained", &query);
    another.say(&setup("sim-parrot", json!({})));
    assert_eq!(another.close_reason(), (1011, "Token has been used too many times"));
}

#[test]
fn a_token_that_holds_the_setup_resumes_or_does_not_as_was_chosen() {
    for (locked, kept) in [(LockedHandle::Honoured, true), (LockedHandle::Ignored, false)] {
        let own = json!({"model": "models/sim-parrot", "generationConfig": {"responseModalities": ["AUDIO"]},
            "outputAudioTranscription": {}, "sessionResumption": {}});
        let mut service = Service::new(1);
        let query = token(&mut service, json!({"uses": 2, "bidiGenerateContentSetup": own}));
        let mut talk = Talk::knock(service, "BidiGenerateContentConstrained", &query, START);
        talk.say(&setup("sim-parrot", json!({})));
        talk.say(&text("the lamp is green"));
        talk.wait_seconds(20.0);
        let handle = talk.handle();
        let mut next = talk.again("BidiGenerateContentConstrained", &query);
        next.behaves(|ways| ways.locked_handle = locked);
        next.say(&resuming("sim-parrot", &handle, json!({})));
        next.say(&text("recall"));
        next.wait_seconds(20.0);
        assert_eq!(transcript(&next.take()).contains("green"), kept);
        let mut third = next.again("BidiGenerateContentConstrained", &query);
        third.say(&setup("sim-parrot", json!({})));
        assert_eq!(third.closed.is_none(), kept, "a session that begins anew costs a use");
    }
}

#[test]
fn a_models_name_chooses_what_a_locked_setup_makes_of_a_handle() {
    for (model, kept) in [("sim-locked-handle-honoured", true), ("sim-locked-handle-ignored", false)] {
        let own = json!({"model": format!("models/{model}"), "sessionResumption": {},
            "generationConfig": {"responseModalities": ["AUDIO"]}, "outputAudioTranscription": {}});
        let mut service = Service::new(1);
        let query = token(&mut service, json!({"uses": 2, "bidiGenerateContentSetup": own}));
        let mut talk = Talk::knock(service, "BidiGenerateContentConstrained", &query, START);
        talk.say(&setup(model, json!({})));
        talk.say(&text("the lamp is green"));
        talk.wait_seconds(20.0);
        let handle = talk.handle();
        let mut next = talk.again("BidiGenerateContentConstrained", &query);
        next.say(&resuming(model, &handle, json!({})));
        next.say(&text("recall"));
        next.wait_seconds(20.0);
        assert_eq!(transcript(&next.take()).contains("green"), kept, "{model}");
    }
}

#[test]
fn a_session_ends_with_its_token() {
    let mut service = Service::new(1);
    let query = token(&mut service, json!({"expireTime": "2026-11-20T12:31:15Z"}));
    let mut talk = Talk::knock(service, "BidiGenerateContentConstrained", &query, START);
    talk.say(&setup("sim-parrot", json!({})));
    talk.wait_seconds(59.9);
    assert!(talk.closed.is_none());
    talk.wait_seconds(0.1);
    assert_eq!(talk.close_reason(), (1011, "auth token has expired"));
    assert_eq!(
        talk.again("BidiGenerateContentConstrained", &query).close_reason(),
        (1011, "Token has expired")
    );
}

#[test]
fn a_token_with_a_setup_takes_away_what_the_client_asks_for() {
    let own = json!({"model": "models/sim-parrot", "generationConfig": {"responseModalities": ["AUDIO"]}});
    let mut service = Service::new(1);
    let query = token(&mut service, json!({"bidiGenerateContentSetup": own}));
    let mut talk = Talk::knock(service, "BidiGenerateContentConstrained", &query, START);
    let wishes = json!({"outputAudioTranscription": {}, "sessionResumption": {}});
    talk.say(&setup("sim-text", wishes));
    talk.say(&text("hello"));
    talk.wait_seconds(10.0);
    assert_eq!(
        talk.take_kinds(),
        ["setupComplete", "modelTurn", "generationComplete", "turnComplete", "usageMetadata"]
    );
}

#[test]
fn a_token_with_a_model_alone_opens_nothing() {
    let mut service = Service::new(1);
    let query = token(&mut service, json!({"bidiGenerateContentSetup": {"model": "models/sim-parrot"}}));
    let mut talk = Talk::knock(service, "BidiGenerateContentConstrained", &query, START);
    talk.say(&setup("sim-parrot", json!({})));
    let reason = "The requested combination of response modalities (TEXT) is not supported by the model";
    assert_eq!(talk.close_reason(), (1007, reason));
}

#[test]
fn a_handle_comes_when_it_is_asked_for_and_takes_up_the_context() {
    let mut talk = Talk::open("sim-parrot", json!({"sessionResumption": {}}));
    talk.say(&text("a long story, to be remembered"));
    talk.wait_seconds(10.0);
    let messages = talk.take();
    let updates: Vec<_> =
        messages.iter().filter_map(|message| message.get("sessionResumptionUpdate")).collect();
    assert_eq!(updates.len(), 3);
    assert_eq!(*updates[1], json!({}), "nothing can be resumed while something is generated");
    let first =
        messages.iter().find_map(|message| message["usageMetadata"]["totalTokenCount"].as_u64()).unwrap();
    let handle = updates[2]["newHandle"].clone();
    let mut resumed = talk.again("BidiGenerateContent", "key=k");
    resumed.say(&setup("sim-parrot", json!({"sessionResumption": {"handle": handle}})));
    resumed.say(&text("hm"));
    resumed.wait_seconds(10.0);
    let prompt =
        resumed.take().iter().find_map(|message| message["usageMetadata"]["promptTokenCount"].as_u64());
    assert_eq!(prompt, Some(first + 1));
}

#[test]
fn a_handle_that_was_never_given_out_is_refused() {
    let talk = Talk::open("sim-parrot", json!({"sessionResumption": {"handle": "made up"}}));
    assert_eq!(talk.close_reason(), (1007, "Invalid session handle"));
}
