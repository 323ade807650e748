//! What takes hours at the service, over real sockets with a clock that runs fast or was put forward.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use support::{SERVICE, Server, Socket, next, say};

const MODEL: &str = "models/gemini-2.5-flash-native-audio-latest";

/// A session that is not asked to leave after ten minutes.
async fn session(server: &Server, extra: Value) -> Socket {
    let stays = json!({"name": "stays", "steps": [{"do": {"goAway": {"then": "nothing"}}}]}).to_string();
    server.http("POST /_simulator/scripts HTTP/1.1", &stays).await;
    let mut socket = server.connect(&format!("/s/stays{SERVICE}?key=k")).await;
    let mut setup = json!({"model": MODEL, "generationConfig": {"responseModalities": ["AUDIO"]}});
    setup.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    say(&mut socket, json!({ "setup": setup })).await;
    assert_eq!(next(&mut socket).await.unwrap(), json!({"setupComplete": {}}));
    assert_eq!(next(&mut socket).await.unwrap(), json!({"goAway": {}}));
    socket
}

async fn clock(server: &Server, change: Value) {
    let (head, _) = server.http("POST /_simulator/clock HTTP/1.1", &change.to_string()).await;
    assert!(head.contains(" 200 "), "{head}");
}

const DEADLINE: (u16, &str) = (1011, "Deadline expired before operation could complete.");

async fn is_warned_and_closed(socket: &mut Socket) {
    assert_eq!(next(socket).await.unwrap(), json!({"goAway": {"timeLeft": "50s"}}));
    assert_eq!(next(socket).await, Err((DEADLINE.0, DEADLINE.1.to_owned())));
}

#[tokio::test]
async fn a_session_of_audio_lasts_fifteen_minutes_and_a_compressed_one_longer() {
    let server = Server::start().await;
    let mut plain = session(&server, json!({})).await;
    let mut compressed = session(&server, json!({"contextWindowCompression": {"slidingWindow": {}}})).await;
    clock(&server, json!({"speed": 3_000})).await;
    is_warned_and_closed(&mut plain).await;
    let record = server.json("/_simulator/connections/1").await;
    let lasted = record["close"]["ms"].as_u64().unwrap();
    assert!((899_000..1_000_000).contains(&lasted), "{lasted}");
    clock(&server, json!({"speed": 1, "advance": "15m"})).await;
    say(&mut compressed, json!({"realtimeInput": {"text": "still here?"}})).await;
    assert!(next(&mut compressed).await.is_ok());
}

#[tokio::test]
async fn a_session_with_images_lasts_two_minutes() {
    let server = Server::start().await;
    let mut socket = session(&server, json!({})).await;
    let image = json!({"data": "AAAA", "mimeType": "image/jpeg"});
    say(&mut socket, json!({"realtimeInput": {"video": image}})).await;
    while server.json("/_simulator/connections/1").await["received"]["counts"]["realtimeInput.video"] != 1 {
        server.json("/_simulator/connections?since=0&wait=1s").await;
    }
    clock(&server, json!({"advance": "1m40s"})).await;
    assert!(next(&mut socket).await.unwrap()["goAway"]["timeLeft"].as_str().unwrap().ends_with('s'));
    clock(&server, json!({"advance": "20s"})).await;
    assert_eq!(next(&mut socket).await, Err((DEADLINE.0, DEADLINE.1.to_owned())));
}

#[tokio::test]
async fn a_handle_is_good_for_two_hours() {
    let server = Server::start().await;
    let mut socket = session(&server, json!({"sessionResumption": {}})).await;
    let handle = next(&mut socket).await.unwrap()["sessionResumptionUpdate"]["newHandle"].clone();
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
    clock(&server, json!({"advance": "1h59m"})).await;
    let resuming = json!({"sessionResumption": {"handle": handle}});
    let mut resumed = session(&server, resuming.clone()).await;
    resumed.close(None).await.unwrap();
    while resumed.next().await.is_some() {}
    clock(&server, json!({"advance": "2m"})).await;
    let mut late = server.connect(&format!("/s/stays{SERVICE}?key=k")).await;
    let mut setup = resuming;
    setup["model"] = json!(MODEL);
    setup["generationConfig"] = json!({"responseModalities": ["AUDIO"]});
    say(&mut late, json!({ "setup": setup })).await;
    assert_eq!(next(&mut late).await, Err((1008, "BidiGenerateContent session not found".to_owned())));
}
