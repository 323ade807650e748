//! Typed words, history, images.

use super::*;

fn content(text: &str, turn_complete: bool) -> Value {
    let turn = json!({"role": "user", "parts": [{"text": text}]});
    json!({"clientContent": {"turns": [turn], "turnComplete": turn_complete}})
}

#[test]
fn typed_words_are_answered_aloud() {
    for message in [text("good morning"), content("good morning", true)] {
        let mut talk = Talk::open("sim-parrot", json!({"outputAudioTranscription": {}}));
        talk.say(&message);
        talk.wait_seconds(10.0);
        let messages = talk.take();
        assert_eq!(transcript(&messages), "You wrote: good morning");
        assert!(samples(&messages).len() > 12_000);
        assert_eq!(messages.last().unwrap()["serverContent"]["turnComplete"], true);
    }
}

#[test]
fn a_voice_is_brought_to_the_wires_rate() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    let message = text("hello").to_string();
    talk.conversation.handle(Input::Message(message.as_bytes()), &mut talk.service, talk.now);
    let Some(Action::Speak { id, text }) = std::iter::from_fn(|| talk.conversation.poll()).last() else {
        panic!()
    };
    assert_eq!(text, "You wrote: hello");
    talk.feed(Input::Voice { id, sound: Some((&voice(1.0, 22_050), 22_050)) });
    talk.wait_seconds(5.0);
    assert_eq!(samples(&talk.take()).len(), 24_000);
}

#[test]
fn a_voice_is_waited_for_however_far_the_clock_was_put_forward() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    for sound in [None, Some((&[7_i16; 24_000][..], 24_000))] {
        let message = text("hello").to_string();
        talk.conversation.handle(Input::Message(message.as_bytes()), &mut talk.service, talk.now);
        let actions: Vec<_> = std::iter::from_fn(|| talk.conversation.poll()).collect();
        let asked = actions.iter().find_map(|action| match action {
            Action::Speak { id, .. } => Some(*id),
            _ => None,
        });
        talk.take();
        talk.wait_seconds(60.0);
        assert!(talk.take().is_empty());
        talk.feed(Input::Voice { id: asked.unwrap(), sound });
        talk.wait_seconds(20.0);
        let answer = samples(&talk.take());
        assert!(!answer.is_empty(), "the built-in one, where there is none");
        assert_eq!(answer == [7; 24_000], sound.is_some());
    }
}

#[test]
fn words_interrupt_an_answer() {
    let mut talk = Talk::open("sim-parrot", json!({"outputAudioTranscription": {}}));
    talk.say(&text("one two three four five six seven eight"));
    talk.wait_seconds(0.5);
    talk.take();
    talk.say(&content("stop", true));
    talk.wait_seconds(10.0);
    let messages = talk.take();
    assert_eq!(messages[0], json!({"serverContent": {"interrupted": true}}));
    assert_eq!(messages[1]["serverContent"], json!({"turnComplete": true}));
    assert_eq!(transcript(&messages), "You wrote: stop");
}

#[test]
fn content_that_completes_no_turn_is_context_only() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    talk.say(&content("twelve letters or so, for the bill", false));
    talk.wait_seconds(5.0);
    assert_eq!(talk.take_kinds(), ["setupComplete"]);
    talk.say(&text("hm"));
    talk.wait_seconds(10.0);
    let usage = talk.take().last().unwrap()["usageMetadata"].clone();
    assert_eq!(usage["promptTokenCount"], 9 + 1);
}

#[test]
fn initial_history_is_not_answered() {
    let mut talk = Talk::open(
        "gemini-3.1-flash-live-preview",
        json!({"historyConfig": {"initialHistoryInClientContent": true}}),
    );
    talk.say(&content("the first", false));
    talk.say(&content("the last", true));
    talk.wait_seconds(5.0);
    assert_eq!(talk.take_kinds(), ["setupComplete", "sessionResumptionUpdate"]);
    talk.say(&text("and now?"));
    talk.wait_seconds(10.0);
    assert!(talk.take_kinds().contains(&"turnComplete".to_owned()));
    talk.say(&content("one more", true));
    assert_eq!(talk.close_reason(), (1007, "Request contains an invalid argument."));
}

#[test]
fn a_text_session_answers_in_text() {
    let generation = json!({"responseModalities": ["TEXT"], "thinkingConfig": {"includeThoughts": true}});
    let mut talk = Talk::open("sim-text", json!({"generationConfig": generation}));
    talk.say(&text("good morning to you all"));
    talk.wait_seconds(2.0);
    let messages = talk.take();
    assert_eq!(messages[1]["serverContent"]["modelTurn"]["parts"][0]["thought"], true);
    assert_eq!(written(&messages[2..]), "You wrote: good morning to you all");
    let usage = &messages.last().unwrap()["usageMetadata"];
    assert_eq!(usage["responseTokensDetails"][0]["modality"], "TEXT");
    assert!(usage["thoughtsTokenCount"].as_u64().unwrap() > 0);
}

#[test]
fn an_image_is_billed_and_anything_else_is_no_video() {
    let video =
        |mime_type: &str| json!({"realtimeInput": {"video": {"data": "AAAA", "mimeType": mime_type}}});
    let mut talk = Talk::open("sim-parrot", json!({}));
    talk.say(&video("image/jpeg"));
    talk.say(&text("what is this?"));
    talk.wait_seconds(10.0);
    let usage = talk.take().last().unwrap()["usageMetadata"].clone();
    assert_eq!(usage["promptTokensDetails"][1], json!({"modality": "IMAGE", "tokenCount": 258}));
    talk.say(&video("video/mp4"));
    assert_eq!(talk.close_reason().0, 1007);
}
