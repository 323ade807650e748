//! What was said, written down.

use super::*;
use crate::behaviour::{Finished, InputTranscripts, Transcripts};

/// What is sent for 1.4 s of speech and its answer, with the times.
fn spoken(model: &str, ways: Transcripts) -> Vec<(Time, Value)> {
    let mut talk = Talk::with_key();
    talk.behaves(|behaviour| {
        behaviour.transcripts = ways;
        behaviour.updates.every_ms = Some(0);
    });
    talk.say(&setup(model, json!({"inputAudioTranscription": {}, "outputAudioTranscription": {}})));
    talk.speak(&[voice(1.2, 16_000), silence(0.8)].concat());
    talk.wait_seconds(10.0);
    talk.sent
}

fn transcriptions(sent: &[(Time, Value)], kind: &str) -> Vec<Value> {
    sent.iter().filter_map(|(_, message)| message["serverContent"].get(kind).cloned()).collect()
}

fn text(pieces: &[Value]) -> String {
    pieces.iter().filter_map(|piece| piece["text"].as_str()).collect()
}

fn first(sent: &[(Time, Value)], kind: &str) -> Time {
    sent.iter().find(|(_, message)| message["serverContent"].get(kind).is_some()).unwrap().0
}

#[test]
fn each_family_has_its_pieces() {
    for model in ["gemini-3.1-flash-live-preview", "gemini-3.8-live", "sim-parrot"] {
        let pieces = transcriptions(&spoken(model, Transcripts::default()), "inputTranscription");
        assert!(pieces.len() == 1 && pieces[0]["finished"] == true, "{model}: {pieces:?}");
    }
    for model in ["gemini-2.5-flash-native-audio-latest", "gemini-2.0-flash-live-001"] {
        let sent = spoken(model, Transcripts::default());
        let pieces = transcriptions(&sent, "inputTranscription");
        assert_eq!(pieces.len(), 4, "{model}");
        assert!(pieces.iter().all(|piece| piece.get("finished").is_none()), "{model}: {pieces:?}");
        assert!(text(&pieces).ends_with(" s of speech)"), "{}", text(&pieces));
        let last = sent
            .iter()
            .rposition(|(_, message)| message["serverContent"].get("inputTranscription").is_some());
        let voice = sent.iter().position(|(_, message)| message["serverContent"].get("modelTurn").is_some());
        assert!(last > voice, "{model}: the model does not wait for them");
    }
}

#[test]
fn interim_transcripts_come_while_somebody_speaks() {
    let sent = spoken(
        "sim-parrot",
        Transcripts { input: Some(InputTranscripts::Interim), ..Transcripts::default() },
    );
    let interim = transcriptions(&sent, "interimInputTranscription");
    assert!(interim.len() >= 3, "{interim:?}");
    assert_eq!(interim[0]["text"], "(0.4 s of speech)");
    assert!(first(&sent, "interimInputTranscription") - START < Duration::from_millis(700));
    let whole = transcriptions(&sent, "inputTranscription");
    assert!(whole.len() == 1 && whole[0]["finished"] == true);
}

#[test]
fn a_late_transcript_comes_after_the_answer_has_begun() {
    let sent = spoken("sim-parrot", Transcripts { late: true, ..Transcripts::default() });
    assert!(first(&sent, "inputTranscription") > first(&sent, "modelTurn"));
    let sent = spoken("sim-parrot", Transcripts::default());
    assert!(first(&sent, "inputTranscription") <= first(&sent, "modelTurn"));
}

#[test]
fn the_end_of_a_transcript_is_told_where_that_was_chosen() {
    let pieces = |finished, input| {
        let ways = Transcripts { finished: Some(finished), input: Some(input), ..Transcripts::default() };
        let sent = spoken("sim-parrot", ways);
        (transcriptions(&sent, "inputTranscription"), transcriptions(&sent, "outputTranscription"))
    };
    let (never, _) = pieces(Finished::Never, InputTranscripts::Whole);
    assert!(never[0].get("finished").is_none());
    let (last, _) = pieces(Finished::InLast, InputTranscripts::Fragments);
    assert_eq!(
        last.iter().map(|piece| piece["finished"] == true).collect::<Vec<_>>(),
        [false, false, false, true]
    );
    let (input, output) = pieces(Finished::Alone, InputTranscripts::Fragments);
    assert_eq!(input.last(), Some(&json!({"finished": true})));
    assert_eq!(output.last(), Some(&json!({"finished": true})));
}

#[test]
fn markers_foreign_letters_and_empty_pieces_come_where_they_were_chosen() {
    let ways = Transcripts { markers: true, cjk: true, empty: true, ..Transcripts::default() };
    let sent = spoken("sim-parrot", ways);
    let heard = text(&transcriptions(&sent, "inputTranscription"));
    assert!(heard.starts_with("说 了 1.") && heard.ends_with(" <noise>"), "{heard}");
    let said = transcriptions(&sent, "outputTranscription");
    assert!(text(&said).starts_with("<ctrl46>("), "{said:?}");
    assert_eq!(said.last(), Some(&json!({})));
}

#[test]
fn words_have_their_times_and_pieces_their_language() {
    let ways = Transcripts { words: true, language_code: Some("en-US".to_owned()), ..Transcripts::default() };
    let pieces = transcriptions(&spoken("sim-parrot", ways), "inputTranscription");
    assert_eq!(pieces[0]["languageCode"], "en-US");
    let words = pieces[0]["words"].as_array().unwrap();
    let heard: Vec<_> = words.iter().map(|word| word["word"].as_str().unwrap()).collect();
    assert_eq!(heard[1..], ["s", "of", "speech)"]);
    assert_eq!(words[0]["startOffset"], "0s");
    assert_eq!(words[1]["startOffset"], words[0]["endOffset"]);

    let asked = json!({"inputAudioTranscription": {"wordTimestamp": true}});
    let mut talk = Talk::open("sim-parrot", asked);
    talk.speak(&[voice(1.2, 16_000), silence(0.8)].concat());
    let pieces = transcriptions(&talk.sent, "inputTranscription");
    assert_eq!(pieces[0]["words"].as_array().unwrap().len(), 4);
}
