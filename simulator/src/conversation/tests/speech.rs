//! Hearing and answering.

use super::*;
use crate::behaviour::StreamEnd;

pub(super) fn correlation(wanted: &[i16], heard: &[i16]) -> f64 {
    let at = |delay: usize| {
        let (mut product, mut wanted_power, mut heard_power) = (0.0, 0.0, 0.0);
        for (a, b) in wanted.iter().zip(&heard[delay..]).step_by(7) {
            let (a, b) = (f64::from(*a), f64::from(*b));
            product += a * b;
            wanted_power += a * a;
            heard_power += b * b;
        }
        product / f64::sqrt(wanted_power * heard_power)
    };
    (0..heard.len().saturating_sub(wanted.len())).map(at).fold(0.0, f64::max)
}

#[test]
fn speech_is_answered_with_the_speakers_own_words() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    talk.speak(&[silence(0.5), voice(1.5, 16_000), silence(0.8)].concat());
    talk.wait_seconds(5.0);
    let heard = samples(&talk.take());
    assert!(correlation(&voice(1.5, 24_000), &heard) > 0.99);
    assert!(heard.iter().take(1000).any(|sample| sample.abs() > 500), "a chime comes first");
}

#[test]
fn an_answer_has_its_order_and_its_times() {
    let config = json!({"inputAudioTranscription": {}, "outputAudioTranscription": {}});
    let mut talk = Talk::open("sim-parrot", config);
    talk.speak(&[voice(2.0, 16_000), silence(0.7)].concat());
    talk.wait_seconds(5.0);
    let sent = std::mem::take(&mut talk.sent);
    let time = |kind: &str| {
        sent.iter().find(|(_, message)| kinds(message).iter().any(|name| name == kind)).unwrap().0
    };
    let messages: Vec<Value> = sent.iter().map(|(_, message)| message.clone()).collect();
    let (first, generated, complete) = (time("modelTurn"), time("generationComplete"), time("turnComplete"));
    let duration = Duration::from_secs_f64(samples(&messages).len() as f64 / 24_000.0);
    assert!(generated - first < duration / 3, "generated faster than it is played");
    assert_eq!(
        (complete - first).as_millis(),
        duration.as_millis(),
        "the turn lasts as long as the playback"
    );
    assert!(time("inputTranscription") <= first);
    assert!(transcript(&messages).contains("s of speech"));
    let last = messages.last().unwrap();
    assert_eq!(last["serverContent"], json!({"turnComplete": true}));
    let (usage, tokens) = (&last["usageMetadata"], (duration.as_secs_f64() * 25.0) as u64);
    assert!(usage["responseTokenCount"].as_u64().unwrap().abs_diff(tokens) < 15, "{usage}");
    assert_eq!(usage["responseTokensDetails"][0]["modality"], "AUDIO");
}

#[test]
fn the_parts_of_an_answer_are_those_of_the_service() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    talk.speak(&[voice(1.0, 16_000), silence(0.7)].concat());
    talk.wait_seconds(5.0);
    let parts: Vec<Value> = talk
        .take()
        .iter()
        .map(|message| message["serverContent"]["modelTurn"]["parts"][0]["inlineData"].clone())
        .collect();
    let first = parts.iter().find(|part| part.is_object()).unwrap();
    assert_eq!(first["mimeType"], "audio/pcm;rate=24000");
    assert_eq!(first["data"].as_str().unwrap().len(), 14_080);
}

#[test]
fn speech_during_an_answer_interrupts_it() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    talk.speak(&[voice(3.0, 16_000), silence(0.6)].concat());
    talk.wait_seconds(0.2);
    talk.take();
    talk.speak(&voice(0.1, 16_000));
    let kinds = talk.take_kinds();
    let interrupted = kinds.iter().position(|kind| kind == "interrupted").unwrap();
    assert_eq!(kinds[interrupted..], ["interrupted", "turnComplete", "usageMetadata"]);
    assert!(!kinds.contains(&"generationComplete".to_owned()));
    talk.wait_seconds(5.0);
    assert!(talk.take().is_empty(), "nothing of the interrupted answer follows");
}

#[test]
fn an_answer_that_is_generated_but_not_yet_played_can_be_interrupted() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    talk.speak(&[voice(3.0, 16_000), silence(0.6)].concat());
    talk.wait_seconds(1.5);
    assert!(talk.take_kinds().contains(&"generationComplete".to_owned()));
    talk.speak(&voice(0.2, 16_000));
    assert!(talk.take_kinds().contains(&"interrupted".to_owned()));
}

#[test]
fn without_interruption_the_second_speech_is_answered_second() {
    let config = json!({"realtimeInputConfig": {"activityHandling": "NO_INTERRUPTION"}});
    let mut talk = Talk::open("sim-parrot", config);
    talk.speak(&[voice(2.0, 16_000), silence(0.6), voice(0.5, 16_000), silence(0.6)].concat());
    talk.wait_seconds(10.0);
    let kinds = talk.take_kinds();
    assert!(!kinds.contains(&"interrupted".to_owned()));
    assert_eq!(kinds.iter().filter(|kind| *kind == "turnComplete").count(), 2);
}

#[test]
fn quiet_speech_is_heard_only_with_high_sensitivity() {
    let murmur: Vec<i16> = voice(1.0, 16_000).iter().map(|sample| sample / 30).collect();
    let answers = |sensitivity: &str| {
        let detection = json!({"startOfSpeechSensitivity": sensitivity});
        let mut talk = Talk::open(
            "sim-parrot",
            json!({"realtimeInputConfig": {"automaticActivityDetection": detection}}),
        );
        talk.speak(&[silence(0.5), murmur.clone(), silence(1.0)].concat());
        talk.take_kinds().contains(&"voiceActivity".to_owned())
    };
    assert!(answers("START_SENSITIVITY_HIGH"));
    assert!(!answers("START_SENSITIVITY_LOW"));
}

#[test]
fn the_silence_that_ends_a_turn_is_the_setups() {
    let turns = |detection: Value| {
        let input = json!({"automaticActivityDetection": detection, "activityHandling": "NO_INTERRUPTION"});
        let config = json!({ "realtimeInputConfig": input });
        let mut talk = Talk::open("sim-parrot", config);
        talk.speak(&[voice(0.5, 16_000), silence(0.3), voice(0.5, 16_000), silence(1.5)].concat());
        talk.wait_seconds(10.0);
        talk.take_kinds().iter().filter(|kind| *kind == "turnComplete").count()
    };
    assert_eq!(turns(json!({"silenceDurationMs": 200})), 2);
    assert_eq!(turns(json!({"silenceDurationMs": 600})), 1);
    assert_eq!(turns(json!({"endOfSpeechSensitivity": "END_SENSITIVITY_LOW"})), 1);
}

#[test]
fn the_end_of_the_stream_ends_the_turn() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    talk.speak(&voice(1.0, 16_000));
    talk.wait_seconds(5.0);
    assert!(!talk.take_kinds().contains(&"modelTurn".to_owned()));
    talk.say(&json!({"realtimeInput": {"audioStreamEnd": true}}));
    talk.wait_seconds(5.0);
    assert!(talk.take_kinds().contains(&"turnComplete".to_owned()));
}

#[test]
fn the_end_of_the_stream_may_leave_the_turn_open() {
    let mut talk = Talk::with_key();
    talk.behaves(|ways| ways.stream_end = StreamEnd::LeavesOpen);
    talk.say(&setup("sim-parrot", json!({})));
    talk.speak(&voice(1.0, 16_000));
    talk.say(&json!({"realtimeInput": {"audioStreamEnd": true}}));
    talk.wait_seconds(60.0);
    assert!(!talk.take_kinds().contains(&"modelTurn".to_owned()), "it hangs");
    talk.speak(&silence(1.6));
    talk.wait_seconds(5.0);
    assert!(talk.take_kinds().contains(&"turnComplete".to_owned()), "until there is silence");
}

#[test]
fn manual_activity_is_the_clients_to_mark() {
    let config = json!({"realtimeInputConfig": {"automaticActivityDetection": {"disabled": true}}});
    let mut talk = Talk::open("sim-parrot", config);
    talk.speak(&[voice(0.5, 16_000), silence(1.0)].concat());
    talk.say(&json!({"realtimeInput": {"activityStart": {}}}));
    talk.speak(&[silence(1.0), voice(0.5, 16_000)].concat());
    assert_eq!(talk.take_kinds(), ["setupComplete"]);
    talk.say(&json!({"realtimeInput": {"activityEnd": {}}}));
    talk.wait_seconds(5.0);
    let length = samples(&talk.take()).len();
    assert_eq!(length, 24_000 / 4 + 36_000, "the chime and what lay between the marks");
    let mut automatic = Talk::open("sim-parrot", json!({}));
    automatic.say(&json!({"realtimeInput": {"activityStart": {}}}));
    assert_eq!(automatic.close_reason().0, 1007);
}

#[test]
fn audio_of_another_rate_is_understood() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    let stream = [voice(1.0, 48_000), vec![0; 48_000]].concat();
    stream.chunks(960).for_each(|frame| talk.say(&audio(frame, 48_000)));
    talk.wait_seconds(5.0);
    assert!(correlation(&voice(1.0, 24_000), &samples(&talk.take())) > 0.99);
    let summary = &talk.service.connections()[0]["received"]["audio"];
    assert_eq!((&summary["samples"], &summary["rate"]), (&json!(96_000), &json!(48_000)));
}

#[test]
fn audio_that_is_not_pcm_is_refused() {
    for mime_type in ["audio/ogg", "audio/pcm;rate=1", ""] {
        let mut talk = Talk::open("sim-parrot", json!({}));
        talk.say(&json!({"realtimeInput": {"audio": {"data": "AAAA", "mimeType": mime_type}}}));
        assert_eq!(talk.close_reason().0, 1007, "{mime_type}");
    }
}

#[test]
fn media_chunks_are_for_older_models() {
    let chunk = json!({"data": "AAAA", "mimeType": "audio/pcm"});
    let message = json!({"realtimeInput": {"mediaChunks": [chunk]}});
    let mut newer = Talk::open("gemini-3.1-flash-live-preview", json!({}));
    newer.say(&message);
    assert_eq!(
        newer.close_reason().1,
        "realtime_input.media_chunks is deprecated. Use audio, video, or text instead."
    );
    let mut older = Talk::open("gemini-2.0-flash-live-001", json!({}));
    older.say(&message);
    assert!(older.closed.is_none());
}
