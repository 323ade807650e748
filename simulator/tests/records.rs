//! What is remembered, over real sockets: as soon as it is there, and over all connections of a session.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use base64::Engine as _;
use futures_util::{SinkExt as _, StreamExt as _};
use gemini_live_simulator::{Options, Recording, Refusal, Voice};
use serde_json::{Value, json};
use support::{SERVICE, Server, Socket, next, say, turn};

fn setup(extra: Value) -> Value {
    let mut setup = json!({
        "model": "models/gemini-2.5-flash-native-audio-latest",
        "generationConfig": {"responseModalities": ["AUDIO"]},
    });
    setup.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    json!({ "setup": setup })
}

async fn session(server: &Server, script: &str, extra: Value) -> Socket {
    let mut socket = server.connect(&format!("/s/{script}{SERVICE}?key=k")).await;
    say(&mut socket, setup(extra)).await;
    assert_eq!(next(&mut socket).await.unwrap(), json!({"setupComplete": {}}));
    socket
}

fn audio(samples: &[i16]) -> Value {
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let data = base64::engine::general_purpose::STANDARD.encode(bytes);
    json!({"realtimeInput": {"audio": {"data": data, "mimeType": "audio/pcm;rate=16000"}}})
}

/// What a poll for what has changed finds, and the revision to go on from.
async fn poll(server: &Server, since: u64) -> (Value, u64) {
    let found = server.json(&format!("/_simulator/connections?since={since}&wait=20s")).await;
    let record = found[0].clone();
    let revision = record["revision"].as_u64().expect("it was woken");
    assert!(revision > since);
    (record, revision)
}

#[tokio::test]
async fn a_poll_wakes_at_the_setup_at_a_message_and_at_a_call() {
    let server = Server::start().await;
    let mut socket = server.connect(&format!("{SERVICE}?key=k")).await;
    let (mut record, mut revision) = poll(&server, 0).await;
    assert!(record["model"].is_null(), "nothing was said yet");
    let tools = json!({"tools": [{"functionDeclarations": [{"name": "lamp"}]}]});
    let messages = [
        (setup(tools), "/setup/effective/model"),
        (audio(&[1; 160]), "/received/counts/realtimeInput.audio"),
        (json!({"realtimeInput": {"text": "call lamp"}}), "/sent/counts/toolCall"),
    ];
    for (message, what) in messages {
        let (_, saying) = tokio::join!(
            async {
                while record.pointer(what).is_none_or(Value::is_null) {
                    (record, revision) = poll(&server, revision).await;
                }
            },
            say(&mut socket, message),
        );
        let () = saying;
    }
    assert_eq!(server.json(&format!("/_simulator/connections?since={revision}")).await, json!([]));
}

#[tokio::test]
async fn the_messages_of_a_connection_come_as_soon_as_there_are_more() {
    let server = Server::start().await;
    let mut socket = session(&server, "parrot", json!({})).await;
    let log = server.json("/_simulator/connections/1/log.json").await;
    let known = log["next"].as_u64().unwrap();
    assert_eq!((known, log["messages"].as_array().unwrap().len()), (2, 2));
    let path = format!("/_simulator/connections/1/log.json?after={known}&wait=20s");
    let (more, ()) =
        tokio::join!(server.json(&path), say(&mut socket, json!({"realtimeInput": {"text": "hello"}})));
    assert_eq!(more["messages"][0]["message"]["realtimeInput"]["text"], "hello");
}

#[tokio::test]
async fn what_comes_over_a_connection_that_has_ended_is_counted_and_not_heard() {
    for script in ["drop", "close-1011"] {
        let server = Server::start().await;
        let mut socket = session(&server, script, json!({})).await;
        say(&mut socket, audio(&[1; 160])).await;
        let over = "/_simulator/connections?closed=true&wait=20s";
        assert_eq!(server.json(over).await[0]["late"], json!({"counts": {}, "audioBytes": 0}));
        say(&mut socket, audio(&[2; 320])).await;
        say(&mut socket, json!({"clientContent": {"turnComplete": true}})).await;
        let mut record = Value::Null;
        let mut revision = 0;
        while record["late"]["counts"]["clientContent"].is_null() {
            (record, revision) = poll(&server, revision).await;
        }
        assert_eq!(record["late"]["counts"], json!({"clientContent": 1, "realtimeInput": 1}), "{script}");
        assert_eq!(record["late"]["audioBytes"], 640);
        assert_eq!(record["received"]["audio"]["samples"], 160);
    }
}

/// Samples of a WAV file.
fn samples(wav: &[u8]) -> Vec<i16> {
    wav[44..].chunks_exact(2).map(|bytes| i16::from_le_bytes([bytes[0], bytes[1]])).collect()
}

#[tokio::test]
async fn a_session_is_heard_sample_by_sample_over_all_its_connections() {
    let server = Server::start().await;
    let mut wishes = json!({"sessionResumption": {}});
    let mut said: Vec<i16> = Vec::new();
    let mut answered = 0;
    for connection in 0..3_i16 {
        let mut socket = session(&server, "parrot@mine", wishes).await;
        let update = next(&mut socket).await.unwrap();
        wishes = json!({"sessionResumption": {"handle": update["sessionResumptionUpdate"]["newHandle"]}});
        // Held while there was no connection: it comes in one go.
        for frame in 0..5_i16 {
            let frame: Vec<i16> = (0..320).map(|index| connection * 10 + frame + index % 3).collect();
            say(&mut socket, audio(&frame)).await;
            said.extend(frame);
        }
        say(&mut socket, json!({"realtimeInput": {"text": "hi"}})).await;
        let messages = turn(&mut socket).await;
        let parts =
            messages.iter().filter_map(|message| message["serverContent"]["modelTurn"]["parts"].as_array());
        let data = parts.flatten().filter_map(|part| part["inlineData"]["data"].as_str());
        let bytes = data.map(|data| base64::engine::general_purpose::STANDARD.decode(data).unwrap().len());
        answered += bytes.sum::<usize>() / 2;
        socket.close(None).await.unwrap();
        while socket.next().await.is_some() {}
    }
    let mut another = session(&server, "parrot@other", json!({})).await;
    say(&mut another, audio(&[9; 320])).await;

    let session = server.json("/_simulator/sessions?run=mine").await[0].clone();
    assert_eq!((&session["session"], &session["connections"]), (&json!(1), &json!([1, 2, 3])));
    assert_eq!((&session["isComplete"], &session["isOpen"]), (&json!(true), &json!(false)));
    let heard = json!({"samples": said.len(), "kept": {"samples": said.len(), "rate": 16_000}});
    assert_eq!(session["received"]["audio"], heard);
    assert_eq!(session["sent"]["audio"]["samples"], answered);
    assert_eq!(session, server.json("/_simulator/sessions/1").await);

    let (_, received) = server.http("GET /_simulator/sessions/1/received.wav HTTP/1.1", "").await;
    assert_eq!(samples(&received), said);
    let (_, sent) = server.http("GET /_simulator/sessions/1/sent.wav HTTP/1.1", "").await;
    assert_eq!(samples(&sent).len(), answered);
    let frames = server.json("/_simulator/sessions/1/audio.json").await;
    let frames = frames["received"]["frames"].as_array().unwrap();
    let places: Vec<_> =
        frames.iter().map(|frame| (frame[1].clone(), frame[2].clone(), frame[3].clone())).collect();
    let wanted = (0..15).map(|index| (json!(index * 320), json!(320), json!(1 + index / 5)));
    assert_eq!(places, wanted.collect::<Vec<_>>());
    assert!(frames.is_sorted_by_key(|frame| frame[0].as_u64()));
    assert_eq!(
        server.json("/_simulator/sessions/2").await["error"].as_str().unwrap().split(';').next(),
        Some("no session 2 is remembered")
    );
}

/// Two connections of a session: what the server says, times and texts of its own left out.
async fn two_connections(server: &Server) -> Vec<String> {
    let mut said = Vec::new();
    let mut handle = Value::Null;
    for words in ["one", "two"] {
        let resumption = if handle.is_null() { json!({}) } else { json!({ "handle": handle }) };
        let mut socket = server.connect(&format!("{SERVICE}?key=k")).await;
        say(&mut socket, setup(json!({"sessionResumption": resumption}))).await;
        let mut messages = vec![next(&mut socket).await.unwrap(), next(&mut socket).await.unwrap()];
        say(&mut socket, audio(&[7; 480])).await;
        say(&mut socket, json!({"realtimeInput": {"text": words}})).await;
        messages.extend(turn(&mut socket).await);
        messages.push(next(&mut socket).await.unwrap());
        let mut updates = messages.iter().map(|message| &message["sessionResumptionUpdate"]["newHandle"]);
        handle = updates.rfind(|handle| handle.is_string()).unwrap().clone();
        said.extend(messages.iter().map(|message| {
            let part = &message["serverContent"]["modelTurn"]["parts"][0]["inlineData"];
            let names = message.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
            format!("{names} {}", part["data"].as_str().map_or(0, str::len))
        }));
        socket.close(None).await.unwrap();
        while socket.next().await.is_some() {}
    }
    said
}

#[tokio::test]
async fn a_session_can_be_replayed_as_it_was() {
    let server = Server::start_with(Options { voice: Voice::BuiltIn, ..Options::default() }).await;
    let said = two_connections(&server).await;
    let (head, recorded) = server.http("GET /_simulator/sessions/1/recording.jsonl HTTP/1.1", "").await;
    assert!(head.contains(" 200 "), "{head}");
    let recorded = String::from_utf8(recorded).unwrap();
    let recording = Recording::from_json_lines(&recorded).unwrap();
    let again = Server::start_with(Options { recording: Some(recording), ..Options::default() }).await;
    assert_eq!(two_connections(&again).await, said);
    let records = again.json("/_simulator/connections").await;
    assert_eq!(records[0]["replay"], json!({"connection": 1, "divergences": []}));
    assert_eq!(records[1]["replay"], json!({"connection": 2, "divergences": []}));
}

#[tokio::test]
async fn the_33rd_session_is_told_so_as_the_service_does() {
    let server = Server::start().await;
    let mut sockets = Vec::new();
    for _ in 0..32 {
        sockets.push(server.session("sim-text").await);
    }
    let mut another = server.connect(&format!("{SERVICE}?key=k")).await;
    let words = "RESOURCE_EXHAUSTED: Maximum concurrent sessions exceeded.";
    assert_eq!(next(&mut another).await, Err((1011, words.to_owned())));
    assert_eq!(Refusal::named("concurrentSessions").unwrap().reason, words);
    let mut first = sockets.remove(0);
    first.close(None).await.unwrap();
    while first.next().await.is_some() {}
    server.session("sim-text").await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_taken_for_gone() {
    let send_time = Some(Duration::from_millis(200));
    let server = Server::start_with(Options { send_time, ..Options::default() }).await;
    let long = "x".repeat(1 << 19);
    let script = json!({"name": "long", "steps": [
        {"on": {"turnStart": 1}, "do": {"sendRaw": {"text": long}}, "times": 60},
    ]});
    let (head, _) = server.http("POST /_simulator/scripts HTTP/1.1", &script.to_string()).await;
    assert!(head.contains(" 201 "), "{head}");
    let mut socket = session(&server, "long", json!({})).await;
    say(&mut socket, json!({"realtimeInput": {"text": "hello"}})).await;
    let over = server.json("/_simulator/connections?closed=true&wait=20s").await;
    assert_eq!((&over[0]["close"]["by"], &over[0]["close"]["code"]), (&json!("network"), &json!(1006)));
    // It has not gone by itself.
    let _ = socket.send(tokio_tungstenite::tungstenite::Message::text("{}")).await;
}

#[tokio::test]
async fn a_page_of_this_machine_is_told_beforehand_what_it_may_do_and_no_other_is() {
    let server = Server::start().await;
    for path in [
        "/_simulator/connections",
        "/_simulator/clock",
        "/v1alpha/auth_tokens",
        "/s/parrot/v1beta/auth_tokens",
    ] {
        let ask = |origin: &str| {
            format!(
                "OPTIONS {path} HTTP/1.1\r\norigin: {origin}\r\naccess-control-request-method: POST\r\n\
                 access-control-request-headers: content-type,x-goog-api-key"
            )
        };
        let (head, _) = server.http(&ask("http://localhost:5173"), "").await;
        for line in [
            "HTTP/1.1 204",
            "access-control-allow-origin: http://localhost:5173",
            "access-control-allow-headers: *",
            "access-control-allow-methods: GET, POST, DELETE, OPTIONS",
            "vary: origin",
        ] {
            assert!(head.contains(line), "{path}: {line}: {head}");
        }
        let (head, _) = server.http(&ask("https://evil.example"), "").await;
        assert!(!head.contains("access-control-allow"), "{path}: {head}");
    }
}

#[tokio::test]
async fn a_runs_scripts_and_handles_go_with_the_run() {
    let server = Server::start().await;
    let post = async |path: &str, answer: &str| {
        let script = json!({"name": "mine", "answers": [{"say": answer}]}).to_string();
        let (head, body) = server.http(&format!("POST {path} HTTP/1.1"), &script).await;
        assert!(head.contains(" 201 "), "{head}");
        serde_json::from_slice::<Value>(&body).unwrap()["path"].as_str().unwrap().to_owned()
    };
    assert_eq!(post("/_simulator/scripts?run=one", "One.").await, "/s/mine@one");
    let said = async |run: &str| {
        let mut socket =
            session(&server, &format!("mine@{run}"), json!({"outputAudioTranscription": {}})).await;
        say(&mut socket, json!({"realtimeInput": {"text": "hello"}})).await;
        let messages = turn(&mut socket).await;
        let texts = messages
            .iter()
            .filter_map(|message| message["serverContent"]["outputTranscription"]["text"].as_str());
        texts.collect::<String>()
    };
    assert_eq!(said("one").await, "One.");
    let missing = format!(
        "GET /s/mine@two{SERVICE}?key=k HTTP/1.1\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nconnection: upgrade"
    );
    let (head, _) = server.http(&missing, "").await;
    assert!(head.contains(" 404 "), "{head}");
    assert_eq!(post("/_simulator/scripts", "All.").await, "/s/mine");
    assert_eq!((said("one").await, said("two").await), ("One.".to_owned(), "All.".to_owned()));

    let mut socket = session(&server, "parrot@one", json!({"sessionResumption": {}})).await;
    let handle = next(&mut socket).await.unwrap()["sessionResumptionUpdate"]["newHandle"].clone();
    server.http("DELETE /_simulator/connections?run=one HTTP/1.1", "").await;
    assert_eq!(said("one").await, "All.", "its own has gone");
    let mut socket = server.connect(&format!("/s/parrot@one{SERVICE}?key=k")).await;
    say(&mut socket, setup(json!({"sessionResumption": {"handle": handle}}))).await;
    assert_eq!(next(&mut socket).await, Err((1007, "Invalid session handle".to_owned())));
    server.http("DELETE /_simulator/connections HTTP/1.1", "").await;
    let names = server.json("/_simulator/scripts").await.to_string();
    assert!(!names.contains("mine"), "{names}");
}
