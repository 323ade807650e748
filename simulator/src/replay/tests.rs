//! Recordings, read and played in virtual time.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Time;

fn lines(lines: &[Value]) -> String {
    std::iter::once(header()).chain(lines.iter().cloned()).map(|line| format!("{line}\n")).collect()
}

fn read(written: &[Value]) -> Result<Recording, RecordingError> {
    Recording::from_json_lines(&lines(written))
}

fn error(written: &[Value]) -> String {
    read(written).unwrap_err().to_string()
}

fn client(ms: u64, message: Value) -> Value {
    json!({"ms": ms, "connection": 1, "from": "client", "message": message})
}

fn server(ms: u64, message: Value) -> Value {
    json!({"ms": ms, "connection": 1, "from": "server", "message": message})
}

fn setup() -> Value {
    client(1_000, json!({"setup": {"model": "models/m", "sessionResumption": {}}}))
}

fn text(ms: u64) -> Value {
    client(ms, json!({"realtimeInput": {"text": "hello"}}))
}

fn audio(ms: u64, samples: u64) -> Value {
    let data = json!({"samples": samples, "rate": 16_000});
    client(ms, json!({"realtimeInput": {"audio": {"data": data, "mimeType": "audio/pcm;rate=16000"}}}))
}

fn said(ms: u64, number: u64) -> Value {
    server(ms, json!({ "said": number }))
}

const START: Time = Duration::from_secs(1_000);

fn at(ms: u64) -> Time {
    START + Duration::from_millis(ms)
}

fn player(written: &[Value]) -> Player {
    let recording = read(written).unwrap();
    Player::new(recording.connection(None, 0).unwrap(), START)
}

/// What is said until `ms`, each with its time.
fn played(player: &mut Player, ms: u64) -> Vec<(u64, Played)> {
    let mut all = Vec::new();
    while let Some(deadline) = player.deadline().filter(|deadline| *deadline <= at(ms)) {
        while let Some(played) = player.due(deadline) {
            all.push(((deadline - START).as_millis() as u64, played));
        }
    }
    all
}

fn say(number: u64) -> Played {
    Played::Say(json!({ "said": number }))
}

#[test]
fn a_line_that_is_wrong_is_named() {
    assert_eq!(Recording::from_json_lines("").unwrap_err().to_string(), "line 1: it is empty");
    assert!(
        Recording::from_json_lines("{}").unwrap_err().to_string().starts_with("line 1: the first line is")
    );
    let newer = r#"{"format": "gemini-live-recording", "version": 2}"#;
    assert_eq!(
        Recording::from_json_lines(newer).unwrap_err().to_string(),
        "line 1: version 2 is not known here, only 1"
    );
    assert!(error(&[setup(), json!({"ms": 1})]).starts_with("line 3: missing field"));
    assert!(
        error(&[setup(), json!({"ms": 1, "connection": 1, "from": "network", "message": {}})])
            .starts_with("line 3: it has either")
    );
    assert_eq!(error(&[said(1, 1)]), "line 1: no connection begins with a setup");
    let no_length =
        json!({"serverContent": {"modelTurn": {"parts": [{"inlineData": {"data": {"samples": -1}}}]}}});
    assert!(error(&[setup(), server(2, no_length)]).starts_with("line 3: `data` that was left out"));
}

#[test]
fn a_recording_with_a_secret_in_it_is_not_played() {
    for (message, what) in [
        (json!({"setup": {"labels": {"a": "auth_tokens/1234"}}}), "a token"),
        (json!({"setup": {"url": "wss://x?access_token=1"}}), "a token"),
        (
            json!({"setup": {"tools": [{"googleMaps": {"authConfig": {"apiKeyConfig": {"apiKeyString": "x"}}}}]}}),
            "a key",
        ),
        (json!({"setup": {"sessionResumption": {"handle": "CihSecret"}}}), "a handle"),
    ] {
        let error = error(&[client(1, message)]);
        assert!(error.contains(what) && !error.contains("1234") && !error.contains("Secret"), "{error}");
    }
    let update = json!({"sessionResumptionUpdate": {"newHandle": "CihSecret", "resumable": true}});
    assert!(error(&[setup(), server(2, update)]).contains("a handle"));
    let hidden = json!({"setup": {"a": "auth_tokens/…", "apiKey": "…"}});
    assert!(read(&[client(1, hidden)]).is_ok(), "that is none");
    let veiled = json!({"sessionResumptionUpdate": {"newHandle": "handle-1", "resumable": true}});
    assert!(read(&[setup(), server(2, veiled)]).is_ok());
}

#[test]
fn what_only_sounds_like_a_secret_is_none() {
    for message in [
        json!({"setup": {"tools": [{"functionDeclarations": [{"name": "get_api_key"}]}]}}),
        json!({"setup": {"systemInstruction": "An access_token is no apiKey, and AIza is how some begin: auth_tokens/"}}),
        json!({"setup": {"url": "wss://x?…&a=b", "headers": {"a": "…", "b": 1, "c": ""}}}),
    ] {
        assert!(read(&[client(1, message)]).is_ok());
    }
    for (message, what) in [
        (json!({"setup": {"headers": {"a": ["b"]}}}), "a key"),
        (json!({"setup": {"a": format!("AIza{}", "x".repeat(35))}}), "a key"),
        (json!({"setup": {"auth_tokens/abc": 1}}), "a token"),
        (json!({"setup": {"session_resumption": {"handle": "CihSecret"}}}), "a handle"),
    ] {
        assert!(error(&[client(1, message)]).contains(what));
    }
    let closed = json!({"ms": 2, "connection": 1, "from": "server",
        "close": {"code": 1008, "reason": "auth_tokens/abc has expired"}});
    assert!(error(&[setup(), closed]).contains("a token"));
}

#[test]
fn nobody_waits_for_what_was_left_out() {
    let written = [setup(), said(1_200, 1), json!({"leftOut": {"ms": 60_000, "lines": 7}}), said(61_300, 2)];
    let mut player = player(&written);
    assert_eq!(played(&mut player, 2_000), [(200, say(1)), (300, say(2))]);
}

#[test]
fn a_recording_that_began_later_begins_with_its_first_connection() {
    let setup = json!({"setup": {"model": "models/m", "sessionResumption": {"handle": "handle-1"}}});
    let recording = read(&[client(0, setup), said(100, 1)]).unwrap();
    for fresh in 0..3 {
        assert_eq!(recording.connection(None, fresh).unwrap().number, 1);
    }
}

#[test]
fn the_server_says_what_it_said_as_long_after_the_clients_words_as_then() {
    let written = [setup(), said(1_200, 1), text(5_000), said(5_300, 2), said(6_000, 3)];
    let mut player = player(&written);
    assert_eq!(played(&mut player, 2_000), [(200, say(1))]);
    player.asked("realtimeInput.text", at(2_000));
    assert_eq!(played(&mut player, 60_000), [(2_300, say(2)), (3_000, say(3))]);
    assert_eq!(player.deadline(), None);
    assert_eq!(player.divergences().count(), 0);
}

#[test]
fn audio_is_waited_for_by_its_length_however_it_is_cut() {
    let written = [setup(), audio(2_000, 8_000), audio(2_500, 8_000), said(2_600, 1)];
    let mut player = player(&written);
    assert!(played(&mut player, 5_000).is_empty());
    for part in 0..3 {
        player.heard(Duration::from_millis(300), at(5_000 + part));
    }
    assert!(played(&mut player, 9_000).is_empty(), "a tenth of a second is missing");
    player.heard(Duration::from_millis(100), at(9_000));
    assert_eq!(played(&mut player, 10_000), [(9_100, say(1))]);
}

#[test]
fn what_does_not_come_is_waited_for_so_long_and_told() {
    let written = [setup(), said(1_100, 1), text(3_000), said(3_500, 2), audio(4_000, 1_600), said(4_100, 3)];
    let mut player = player(&written);
    let all = played(&mut player, 60_000);
    assert_eq!(all, [(100, say(1)), (13_000, say(2)), (23_700, say(3))].map(|(ms, played)| (ms, played)));
    let told: Vec<String> = player.divergences().collect();
    assert_eq!(
        told,
        [
            "realtimeInput.text of line 4 did not come: it was waited for in vain",
            "realtimeInput.audio of line 6 did not come: it was waited for in vain",
        ]
    );
}

#[test]
fn what_comes_in_another_order_and_what_comes_besides_is_told() {
    let answer = client(4_000, json!({"toolResponse": {"functionResponses": []}}));
    let mut player = player(&[setup(), text(2_000), answer, said(4_200, 1)]);
    player.asked("clientContent", at(500));
    player.asked("toolResponse", at(1_000));
    assert_eq!(played(&mut player, 2_000), [(1_200, say(1))]);
    player.asked("realtimeInput.text", at(2_000));
    let told: Vec<String> = player.divergences().collect();
    assert_eq!(
        told,
        [
            "clientContent came, which the recording has not here",
            "realtimeInput.text of line 3 did not come: toolResponse came before it",
            "realtimeInput.text came, which the recording has not here",
        ]
    );
}

#[test]
fn ends_are_played_as_they_were() {
    let close =
        json!({"ms": 2_000, "connection": 1, "from": "server", "close": {"code": 1008, "reason": "why"}});
    let raw = json!({"ms": 1_500, "connection": 1, "from": "server", "text": "{"});
    let mut one = player(&[setup(), raw, close]);
    let closed = Played::Close { code: 1008, reason: "why".to_owned() };
    assert_eq!(played(&mut one, 9_000), [(500, Played::Raw("{".to_owned())), (1_000, closed)]);
    let broken = json!({"ms": 2_000, "connection": 1, "from": "network", "close": {"code": 1006}});
    assert_eq!(played(&mut player(&[setup(), broken]), 9_000), [(1_000, Played::Break)]);
    let left = json!({"ms": 2_000, "connection": 1, "from": "client", "close": {"code": 1000}});
    assert_eq!(played(&mut player(&[setup(), left]), 9_000), []);
}

#[test]
fn a_handle_leads_to_the_connection_that_had_it_and_beginnings_take_turns() {
    let begins = |connection: u64, resumption: Value| {
        let setup = json!({"setup": {"sessionResumption": resumption}});
        json!({"ms": connection, "connection": connection, "from": "client", "message": setup})
    };
    let written = [begins(1, json!({})), begins(2, json!({"handle": "handle-1"})), begins(5, json!({}))];
    let recording = read(&written).unwrap();
    let number = |handle, fresh| recording.connection(handle, fresh).map(|recorded| recorded.number);
    assert_eq!(number(Some("handle-1"), 1), Some(2));
    assert_eq!(number(Some("handle-2"), 1), None);
    assert_eq!([0, 1, 2].map(|fresh| number(None, fresh)), [Some(1), Some(5), Some(1)]);
}

#[test]
fn attempts_with_one_handle_take_turns_and_the_last_stays() {
    let begins = |connection: u64| {
        let setup = json!({"setup": {"sessionResumption": {"handle": "handle-1"}}});
        json!({"ms": connection, "connection": connection, "from": "client", "message": setup})
    };
    let recording = read(&[begins(1), begins(3), begins(4)]).unwrap();
    let mut beginnings = Beginnings::default();
    let numbers = [(); 5].map(|()| {
        let turn = beginnings.of(Some("handle-1"));
        beginnings.begin(Some("handle-1"));
        beginnings.begin(None);
        recording.connection(Some("handle-1"), turn).map(|recorded| recorded.number)
    });
    assert_eq!(numbers, [1, 3, 4, 4, 4].map(Some));
}

#[test]
fn data_that_is_no_audio_stays_what_it_is() {
    let call = |data: Value| json!({"toolCall": {"functionCalls": [{"name": "f", "args": {"data": data}}]}});
    for data in [json!({"rows": [1, 2]}), json!({"data": {"data": {}}}), json!({})] {
        let mut player = player(&[setup(), server(1_000, call(data.clone()))]);
        assert_eq!(played(&mut player, 1_000), [(0, Played::Say(call(data)))]);
    }
}

#[test]
fn audio_that_was_left_out_is_a_tone_of_its_length() {
    let data = json!({"samples": 4_800, "rate": 24_000});
    let part = json!({"inlineData": {"data": data, "mimeType": "audio/pcm;rate=24000"}});
    let mut player =
        player(&[setup(), server(1_000, json!({"serverContent": {"modelTurn": {"parts": [part]}}}))]);
    let all = played(&mut player, 1_000);
    let Some((_, Played::Say(message))) = all.first() else { panic!("{all:?}") };
    let data = message["serverContent"]["modelTurn"]["parts"][0]["inlineData"]["data"].as_str().unwrap();
    let samples = crate::audio::pcm::samples(&crate::schema::base64_bytes(data).unwrap());
    assert_eq!(samples.len(), 4_800);
    assert!(samples.iter().any(|sample| *sample > 1_000));
}

#[test]
fn a_message_is_known_by_its_field_in_either_spelling() {
    assert_eq!(
        kind_of(&json!({"realtime_input": {"audio_stream_end": true}})),
        "realtimeInput.audioStreamEnd"
    );
    assert_eq!(kind_of(&json!({"toolResponse": {}})), "toolResponse");
    assert_eq!(kind_of(&json!(7)), "nothing");
}

#[test]
fn the_documents_example_can_be_played() {
    let document = include_str!("../../docs/recordings.md");
    let (_, rest) = document.split_once("```jsonl\n").unwrap();
    let recording = Recording::from_json_lines(rest.split_once("```").unwrap().0).unwrap();
    assert_eq!(recording.connections.len(), 2);
}

/// A line of any kind, at any time.
fn any_line() -> impl Strategy<Value = Value> {
    let what = prop_oneof![
        Just(json!({"from": "server", "message": {"said": 1}})),
        Just(json!({"from": "server", "text": "{"})),
        Just(json!({"from": "server", "close": {"code": 1008}})),
        Just(json!({"from": "network", "close": {"code": 1006}})),
        Just(json!({"from": "client", "close": {"code": 1000}})),
        Just(json!({"from": "client", "text": "{"})),
        Just(json!({"from": "client", "message": {"realtimeInput": {"text": "a"}}})),
        Just(json!({"from": "client", "message": {"toolResponse": {}}})),
        Just(json!({"from": "client", "message": {"realtimeInput": {"audio": {"data": {"samples": 160}}}}})),
    ];
    (what, 0..100_000_u64).prop_map(|(mut line, ms)| {
        (line["ms"], line["connection"]) = (json!(ms), json!(1));
        line
    })
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in ".*", lines in prop::collection::vec(".{0,80}", 0..5)) {
        let _ = Recording::from_json_lines(&text);
        let header = header();
        let _ = Recording::from_json_lines(&format!("{header}\n{}", lines.join("\n")));
    }

    #[test]
    fn every_recording_comes_to_its_end_whatever_the_client_does(
        mut written in prop::collection::vec(any_line(), 0..30),
        asked in prop::collection::vec(0..4_usize, 0..20),
    ) {
        written.insert(0, setup());
        let from_server = written.iter().filter(|line| line["from"] != "client").count();
        let mut player = player(&written);
        let mut asked = asked.into_iter();
        let (mut now, mut said) = (START, 0);
        for _ in 0..200 {
            match asked.next() {
                Some(0) => player.asked("realtimeInput.text", now),
                Some(1) => player.asked("toolResponse", now),
                Some(2) => player.heard(Duration::from_millis(7), now),
                Some(_) | None => {}
            }
            let Some(deadline) = player.deadline() else { break };
            now = now.max(deadline);
            said += std::iter::from_fn(|| player.due(now)).count();
        }
        prop_assert_eq!((player.deadline(), said), (None, from_server));
    }
}
