//! The server as its clients meet it: over real sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use futures_util::SinkExt as _;
use gemini_live_simulator::{Capacity, Options, Recording, Refusal, Voice};
use serde_json::{Value, json};
use support::{DEADLINE, SERVICE, Server, next, say, turn};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_session_is_held_and_can_be_inspected() {
    let server = Server::start().await;
    let mut socket = server.session("sim-parrot").await;
    let speech: Vec<u8> =
        (0..16_000).flat_map(|index| (((index as f32 * 0.2).sin() * 9000.0) as i16).to_le_bytes()).collect();
    for bytes in [speech, vec![0; 32_000]] {
        use base64::Engine as _;
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        say(
            &mut socket,
            json!({"realtimeInput": {"audio": {"data": data, "mimeType": "audio/pcm;rate=16000"}}}),
        )
        .await;
    }
    let messages = turn(&mut socket).await;
    assert!(messages.iter().any(|message| message["serverContent"]["generationComplete"] == true));
    socket.close(None).await.unwrap();

    let connections = server.json("/_simulator/connections").await;
    assert_eq!(connections[0]["received"]["audio"]["samples"], 32_000);
    assert_eq!(connections[0]["received"]["audio"]["rate"], 16_000);
    assert_eq!(connections[0]["setup"]["effective"]["model"], "models/sim-parrot");
    assert_eq!(connections, server.simulator.connections());
    let log = server.json("/_simulator/connections/1/log.json").await;
    assert_eq!(log["messages"][0]["from"], "client");
    let (_, received) = server.http("GET /_simulator/connections/1/received.wav HTTP/1.1", "").await;
    assert_eq!((&received[..4], received.len()), (b"RIFF".as_slice(), 44 + 64_000));
    let (_, sent) = server.http("GET /_simulator/connections/1/sent.wav HTTP/1.1", "").await;
    assert_eq!(sent.len() as u64 - 44, connections[0]["sent"]["audio"]["samples"].as_u64().unwrap() * 2);
    assert!(server.http("GET /_simulator/connections/2/log.json HTTP/1.1", "").await.0.contains("404"));
}

#[tokio::test]
async fn a_refusal_is_a_close_frame_after_a_good_handshake() {
    let server = Server::start().await;
    let mut socket = server.connect(&format!("/{SERVICE}?key=bad-key")).await;
    let refused = next(&mut socket).await;
    assert_eq!(refused, Err((1007, "API key not valid. Please pass a valid API key.".to_owned())));
    let mut socket = server.session("sim-close-1011").await;
    assert_eq!(next(&mut socket).await, Err((1011, "Internal error encountered.".to_owned())));
}

#[tokio::test]
async fn one_session_too_many_is_refused_in_the_words_that_scripts_use() {
    let capacity = Capacity { sessions: 1, ..Capacity::default() };
    let server = Server::start_with(Options { capacity, ..Options::default() }).await;
    let _first = server.session("sim-parrot").await;
    let mut second = server.connect(&format!("{SERVICE}?key=k")).await;
    let refusal = Refusal::named("concurrentSessions").unwrap();
    assert_eq!(next(&mut second).await, Err((refusal.code, refusal.reason)));
}

#[tokio::test]
async fn what_is_recorded_is_for_pages_of_this_machine() {
    let server = Server::start().await;
    let mut socket = server.session("sim-text").await;
    socket.close(None).await.unwrap();
    let ask = async |origin: &str| {
        let head = format!("GET /_simulator/connections/1/received.wav HTTP/1.1\r\norigin: {origin}");
        server.http(&head, "").await.0
    };
    for origin in ["http://localhost:5173", "http://127.0.0.1:8080", "https://localhost", "http://[::1]:3000"]
    {
        let answer = ask(origin).await;
        assert!(answer.contains(&format!("access-control-allow-origin: {origin}\r\n")), "{answer}");
    }
    for origin in [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example:80",
        "http://192.168.0.1:8080",
        "null",
    ] {
        let answer = ask(origin).await;
        assert!(answer.starts_with("HTTP/1.1 403") && !answer.contains("access-control"), "{answer}");
    }
}

#[tokio::test]
async fn a_name_that_is_not_this_machines_gets_nothing() {
    let server = Server::start().await;
    for (host, status) in
        [("evil.example:80", "421"), ("localhost:80", "200"), ("127.0.0.1", "200"), ("[::1]:1", "200")]
    {
        let (answer, _) = server.http_at(host, "GET /_simulator/connections HTTP/1.1", "").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer}");
    }
}

#[tokio::test]
async fn a_name_that_the_simulator_was_given_is_its_own() {
    let server = Server::start_with(Options { names: vec!["simulator".into()], ..Options::default() }).await;
    for (host, status) in [("simulator:8090", "200"), ("Simulator", "200"), ("other:8090", "421")] {
        let (answer, _) = server.http_at(host, "GET /_simulator/connections HTTP/1.1", "").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer}");
    }
    let ask = "GET /_simulator/connections HTTP/1.1\r\norigin: http://simulator:3000";
    assert!(server.http(ask, "").await.0.contains("access-control-allow-origin: http://simulator:3000\r\n"));
}

#[tokio::test]
async fn the_same_seed_makes_the_same_names() {
    let mut names = Vec::new();
    for seed in [Some(7), Some(7), Some(8), None] {
        let server = Server::start_with(Options { seed, ..Options::default() }).await;
        let (_, body) = server.http("POST /v1alpha/auth_tokens HTTP/1.1\r\nx-goog-api-key: k", "{}").await;
        names.push(String::from_utf8(body).unwrap());
    }
    assert_eq!(names[0], names[1]);
    assert!(!names[2..].contains(&names[0]) && names[2] != names[3]);
}

#[tokio::test]
async fn the_built_in_voice_says_the_same_on_every_machine() {
    let mut said = Vec::new();
    for _ in 0..2 {
        let server = Server::start_with(Options { voice: Voice::BuiltIn, ..Options::default() }).await;
        let mut socket = server.session("sim-parrot").await;
        say(&mut socket, json!({"realtimeInput": {"text": "hi"}})).await;
        turn(&mut socket).await;
        said.push(server.http("GET /_simulator/connections/1/sent.wav HTTP/1.1", "").await.1);
    }
    assert_eq!(said[0], said[1]);
    assert!(said[0].len() > 24_000);
}

#[tokio::test]
async fn there_is_a_page_that_runs_no_script_but_its_own() {
    let server = Server::start().await;
    for path in ["/", "/_simulator/"] {
        let (head, page) = server.http(&format!("GET {path} HTTP/1.1"), "").await;
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/html"), "{head}");
        assert!(head.contains("default-src 'none'") && !head.contains("unsafe"), "{head}");
        let page = String::from_utf8(page).unwrap();
        let files: Vec<_> = page.split('"').filter(|text| text.starts_with("/_simulator/")).collect();
        assert_eq!(files.len(), 3, "{files:?}");
        for file in files {
            let (head, _) = server.http(&format!("GET {file} HTTP/1.1"), "").await;
            assert!(head.starts_with("HTTP/1.1 200") && head.contains("nosniff"), "{file}: {head}");
        }
    }
    assert_eq!(server.http("GET /_simulator/health HTTP/1.1", "").await.1, b"ok\n");
}

#[tokio::test]
async fn a_token_is_minted_and_opens_a_session() {
    let server = Server::start().await;
    let head = "POST /v1alpha/auth_tokens HTTP/1.1\r\nx-goog-api-key: k\r\ncontent-type: application/json";
    let (status, body) = server.http(head, "{}").await;
    assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    let token: Value = serde_json::from_slice(&body).unwrap();
    let name = token["name"].as_str().unwrap().replace('/', "%2F");
    let mut socket = server.connect(&format!("{SERVICE}Constrained?access_token={name}")).await;
    say(&mut socket, json!({"setup": {"model": "models/sim-text"}})).await;
    assert_eq!(next(&mut socket).await.unwrap(), json!({"setupComplete": {}}));
    let shown = server.json("/_simulator/connections").await.to_string();
    assert!(!shown.contains(token["name"].as_str().unwrap()) && !shown.contains(&name), "{shown}");
}

#[tokio::test]
async fn a_token_is_not_minted_without_a_key_or_with_unknown_fields() {
    let server = Server::start().await;
    let (status, body) = server.http("POST /v1beta/auth_tokens HTTP/1.1", "{}").await;
    assert!(status.starts_with("HTTP/1.1 403"), "{status}");
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["error"]["status"], "PERMISSION_DENIED");
    let head = "POST /v1beta/auth_tokens HTTP/1.1\r\nx-goog-api-key: k";
    let (status, body) = server.http(head, r#"{"liveConnectConstraints": {}}"#).await;
    assert!(status.starts_with("HTTP/1.1 400"), "{status}");
    assert!(String::from_utf8(body).unwrap().contains("Unknown name"));
}

#[tokio::test]
async fn a_frame_without_bounds_ends_the_connection() {
    let server = Server::start().await;
    let mut socket = server.session("sim-parrot").await;
    // The server may have gone before the frame has wholly left.
    let _ = socket.send(Message::binary(vec![b' '; 9 << 20])).await;
    assert!(next(&mut socket).await.is_err());
    let mut another = server.session("sim-parrot").await;
    say(&mut another, json!({"realtimeInput": {"text": "hi"}})).await;
    assert!(!turn(&mut another).await.is_empty());
}

#[tokio::test]
async fn an_unknown_service_is_not_found() {
    let server = Server::start().await;
    let url = format!(
        "ws://{}/ws/google.ai.generativelanguage.v9.GenerativeService.BidiGenerateContent",
        server.address
    );
    assert!(connect_async(url).await.is_err());
}

#[tokio::test]
async fn a_recording_is_served_in_place_of_answers() {
    let document = include_str!("../docs/recordings.md");
    let (_, rest) = document.split_once("```jsonl\n").unwrap();
    let recording = Recording::from_json_lines(rest.split_once("```").unwrap().0).unwrap();
    let server =
        Server::start_with(Options { recording: Some(recording), speed: Some(20.0), ..Options::default() })
            .await;
    for _ in 0..2 {
        let mut socket = server.session("any-model").await;
        let handle = next(&mut socket).await.unwrap()["sessionResumptionUpdate"]["newHandle"].clone();
        assert_eq!(handle, "handle-1");
        say(&mut socket, json!({"realtimeInput": {"text": "nobody said this then"}})).await;
        let audio = json!({"data": "AAAA".repeat(320), "mimeType": "audio/pcm;rate=16000"});
        say(&mut socket, json!({"realtimeInput": {"audio": audio}})).await;
        let content = next(&mut socket).await.unwrap();
        assert!(content["serverContent"]["modelTurn"]["parts"][0]["inlineData"]["data"].is_string());
        assert_eq!(next(&mut socket).await.unwrap(), json!({"goAway": {"timeLeft": "50s"}}));
        socket.close(None).await.unwrap();
        let mut resumed = server.connect(&format!("{SERVICE}?key=k")).await;
        say(&mut resumed, json!({"setup": {"model": "models/m", "sessionResumption": {"handle": handle}}}))
            .await;
        assert_eq!(next(&mut resumed).await.unwrap(), json!({"setupComplete": {}}));
        assert_eq!(next(&mut resumed).await, Err((1011, "Internal error encountered.".to_owned())));
    }
    let records = server.json("/_simulator/connections").await;
    let replays: Vec<_> =
        records.as_array().unwrap().iter().map(|record| &record["replay"]["connection"]).collect();
    assert_eq!(replays, [1, 2, 1, 2]);
    assert_eq!(
        records[0]["replay"]["divergences"],
        json!(["realtimeInput.text came, which the recording has not here"])
    );
    assert_eq!(records[0]["sent"]["audio"]["samples"], 960);
}

#[tokio::test]
async fn stopping_says_goodbye_to_every_session() {
    let server = Server::start().await;
    let mut socket = server.session("sim-parrot").await;
    server.stop.send(()).unwrap();
    assert_eq!(next(&mut socket).await, Err((1001, "the simulator stops".to_owned())));
    drop(socket);
    tokio::time::timeout(DEADLINE, server.served).await.unwrap().unwrap().unwrap();
}
