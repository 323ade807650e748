//! Scripts, levers and the clock over real sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use futures_util::StreamExt as _;
use gemini_live_simulator::{Capacity, Options, Script};
use serde_json::{Value, json};
use support::{DEADLINE, SERVICE, Server, Socket, next, say, turn};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;

const MODEL: &str = "models/gemini-2.5-flash-native-audio-latest";

/// A session by the path of a script.
async fn session(server: &Server, script: &str, extra: Value) -> Socket {
    let mut socket = server.connect(&format!("/s/{script}{SERVICE}?key=k")).await;
    let mut setup = json!({"model": MODEL, "generationConfig": {"responseModalities": ["AUDIO"]}});
    setup.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    say(&mut socket, json!({ "setup": setup })).await;
    assert!(next(&mut socket).await.unwrap().get("setupComplete").is_some());
    socket
}

async fn post(server: &Server, path: &str, body: &Value) -> (String, Value) {
    let (head, body) = server.http(&format!("POST {path} HTTP/1.1"), &body.to_string()).await;
    (status(&head), serde_json::from_slice(&body).unwrap_or_default())
}

fn status(head: &str) -> String {
    head.split_whitespace().nth(1).unwrap().to_owned()
}

/// How a socket ended that was not closed.
async fn broken(socket: &mut Socket) -> String {
    loop {
        match tokio::time::timeout(DEADLINE, socket.next()).await.expect("no end in time") {
            Some(Ok(message)) if message.is_close() => panic!("a close frame"),
            Some(Ok(_)) => {}
            Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => {
                return "cut".to_owned();
            }
            Some(Err(Error::Io(error))) => return error.kind().to_string(),
            other => panic!("{other:?}"),
        }
    }
}

async fn upgrade(server: &Server, script: &str) -> Option<u16> {
    match connect_async(format!("ws://{}/s/{script}{SERVICE}?key=k", server.address)).await {
        Ok(_) => None,
        Err(Error::Http(answer)) => Some(answer.status().as_u16()),
        Err(_) => Some(0),
    }
}

#[tokio::test]
async fn a_path_chooses_the_script_and_the_model_its_family() {
    let server = Server::start().await;
    let mut socket = session(&server, "close-1011", json!({})).await;
    assert_eq!(next(&mut socket).await, Err((1011, "Internal error encountered.".to_owned())));
    let record = &server.json("/_simulator/connections").await[0];
    assert_eq!((&record["script"], &record["model"]), (&json!("close-1011"), &json!(MODEL)));
    assert_eq!(upgrade(&server, "no-such-script").await, Some(404));
}

#[tokio::test]
async fn a_refused_upgrade_is_http_and_counted_by_run() {
    let server = Server::start().await;
    let mut statuses = Vec::new();
    for run in ["a", "b", "a", "a"] {
        statuses.push(upgrade(&server, &format!("unavailable-twice-then-up@{run}")).await);
    }
    assert_eq!(statuses, [Some(503), Some(503), Some(503), None]);
    let of_a = server.json("/_simulator/connections?run=a").await;
    let attempts: Vec<_> = of_a.as_array().unwrap().iter().map(|record| record["attempt"].clone()).collect();
    assert_eq!(attempts, [1, 2, 3]);
    assert_eq!(of_a[0]["close"]["status"], 503);
}

#[tokio::test]
async fn a_cut_is_an_end_and_a_reset_is_a_reset() {
    let server = Server::start().await;
    for (what, how) in [("cut", "cut"), ("reset", "connection reset")] {
        let mut socket = session(&server, "parrot", json!({})).await;
        let id = server.json("/_simulator/connections").await.as_array().unwrap().len();
        let path = format!("/_simulator/connections/{id}/{what}");
        assert_eq!(post(&server, &path, &Value::Null).await.0, "200");
        assert_eq!(broken(&mut socket).await, how);
    }
}

#[tokio::test]
async fn a_cut_at_the_upgrade_answers_nothing() {
    let server = Server::start().await;
    let script = json!({"name": "shut", "steps": [{"on": {"upgrade": true}, "do": "cut"}]});
    assert_eq!(post(&server, "/_simulator/scripts", &script).await.0, "201");
    assert_eq!(upgrade(&server, "shut").await, Some(0));
}

#[tokio::test]
async fn a_lever_is_pulled_on_a_live_connection() {
    let server = Server::start().await;
    let mut socket = session(&server, "parrot", json!({})).await;
    let lever = "/_simulator/connections/1/go-away";
    assert_eq!(post(&server, lever, &json!({"timeLeft": "1.5s", "then": "nothing"})).await.0, "200");
    assert_eq!(next(&mut socket).await.unwrap(), json!({"goAway": {"timeLeft": "1.5s"}}));
    let (refused, why) = post(&server, lever, &json!({"timeLeft": "soon"})).await;
    assert_eq!(refused, "400");
    assert!(why["error"].as_str().unwrap().starts_with("goAway.timeLeft: \"soon\""), "{why}");
    assert_eq!(post(&server, "/_simulator/connections/9/cut", &Value::Null).await.0, "404");
}

#[tokio::test]
async fn a_clock_that_is_put_forward_meets_every_deadline_in_its_order() {
    let server = Server::start().await;
    let mut socket = session(&server, "parrot", json!({})).await;
    post(&server, "/_simulator/clock", &json!({"advance": "9m59s"})).await;
    post(&server, "/_simulator/clock", &json!({"advance": "1m"})).await;
    assert_eq!(next(&mut socket).await.unwrap(), json!({"goAway": {"timeLeft": "50s"}}));
    assert_eq!(next(&mut socket).await, Err((1008, "The operation was aborted.".to_owned())));
}

#[tokio::test]
async fn a_clock_that_runs_fast_brings_what_is_far() {
    let server = Server::start().await;
    let mut socket = session(&server, "parrot", json!({})).await;
    let (_, clock) = post(&server, "/_simulator/clock", &json!({"speed": 5_000})).await;
    assert_eq!(clock["speed"], 5_000.0);
    assert_eq!(next(&mut socket).await.unwrap(), json!({"goAway": {"timeLeft": "50s"}}));
    assert_eq!(next(&mut socket).await.unwrap_err().0, 1008);
    assert_eq!(post(&server, "/_simulator/clock", &json!({"speed": 0})).await.0, "400");
    assert_eq!(post(&server, "/_simulator/clock", &json!({"back": "1s"})).await.0, "400");
}

#[tokio::test]
async fn a_token_grows_old_by_the_clock() {
    let server = Server::start().await;
    let head = "POST /s/parrot/v1alpha/auth_tokens HTTP/1.1\r\nx-goog-api-key: k";
    let (_, body) = server.http(head, r#"{"uses": 0}"#).await;
    let token: Value = serde_json::from_slice(&body).unwrap();
    let target = format!("/s/parrot{SERVICE}Constrained?access_token={}", token["name"].as_str().unwrap());
    let mut socket = server.connect(&target).await;
    say(
        &mut socket,
        json!({"setup": {"model": MODEL, "generationConfig": {"responseModalities": ["AUDIO"]}}}),
    )
    .await;
    next(&mut socket).await.unwrap();
    post(&server, "/_simulator/connections/1/goAway", &json!({"then": "nothing"})).await;
    next(&mut socket).await.unwrap();
    post(&server, "/_simulator/clock", &json!({"advance": "30m"})).await;
    let close = loop {
        if let Err(close) = next(&mut socket).await {
            break close;
        }
    };
    assert_eq!(close.0, 1011, "{close:?}");
    let mut again = server.connect(&target).await;
    assert_eq!(next(&mut again).await, Err((1011, "Token has expired".to_owned())));
}

#[tokio::test]
async fn handles_are_made_stale_from_outside() {
    let server = Server::start().await;
    let mut socket = session(&server, "parrot", json!({"sessionResumption": {}})).await;
    let update = next(&mut socket).await.unwrap();
    let handle = update["sessionResumptionUpdate"]["newHandle"].clone();
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
    assert_eq!(post(&server, "/_simulator/handles/expire", &json!({"as": "entityNotFound"})).await.0, "204");
    let mut socket = server.connect(&format!("{SERVICE}?key=k")).await;
    let setup = json!({
        "model": MODEL,
        "generationConfig": {"responseModalities": ["AUDIO"]},
        "sessionResumption": {"handle": handle},
    });
    say(&mut socket, json!({ "setup": setup })).await;
    assert_eq!(next(&mut socket).await, Err((1008, "Requested entity was not found.".to_owned())));
    let shown = server.json("/_simulator/connections").await.to_string();
    let log = server.json("/_simulator/connections/1/log.json").await.to_string();
    assert!(
        !format!("{shown}{log}").contains(handle.as_str().unwrap()),
        "handles are not shown: {shown} {log}"
    );
}

#[tokio::test]
async fn a_reset_ends_and_forgets_one_run_or_all() {
    let server = Server::start().await;
    let mut one = session(&server, "parrot@one", json!({})).await;
    let mut two = session(&server, "parrot@two", json!({})).await;
    assert!(server.http("DELETE /_simulator/connections?run=one HTTP/1.1", "").await.0.contains(" 204 "));
    assert_eq!(next(&mut one).await, Err((1001, "the simulator was reset".to_owned())));
    say(&mut two, json!({"realtimeInput": {"text": "hello"}})).await;
    turn(&mut two).await;
    let left = server.json("/_simulator/connections").await;
    assert_eq!(left.as_array().unwrap().len(), 1);
    server.http("DELETE /_simulator/connections HTTP/1.1", "").await;
    assert_eq!(next(&mut two).await.unwrap_err().0, 1001);
    assert_eq!(server.json("/_simulator/connections").await, json!([]));
    session(&server, "parrot@one", json!({})).await;
    let records = server.json("/_simulator/connections").await;
    assert_eq!((&records[0]["id"], &records[0]["attempt"]), (&json!(3), &json!(1)));
}

#[tokio::test]
async fn a_reset_of_all_lets_the_clock_run_as_at_the_beginning() {
    let server = Server::start_with(Options { speed: Some(2.0), ..Options::default() }).await;
    post(&server, "/_simulator/clock", &json!({"speed": 5_000})).await;
    server.http("DELETE /_simulator/connections?run=one HTTP/1.1", "").await;
    assert_eq!(server.json("/_simulator/clock").await["speed"], 5_000.0, "others use it still");
    server.http("DELETE /_simulator/connections HTTP/1.1", "").await;
    assert_eq!(server.json("/_simulator/clock").await["speed"], 2.0);
}

#[tokio::test]
async fn a_poll_waits_for_what_comes() {
    let server = Server::start().await;
    assert_eq!(server.json("/_simulator/connections?after=0&wait=0s").await, json!([]));
    let poll = server.json("/_simulator/connections?after=0&wait=20s");
    let opened = async {
        tokio::task::yield_now().await;
        session(&server, "parrot", json!({})).await
    };
    let (polled, mut socket) = tokio::join!(poll, opened);
    assert_eq!(polled[0]["id"], 1);
    let over = server.json("/_simulator/connections?closed=true&wait=20s");
    let (over, _) = tokio::join!(over, socket.close(None));
    assert_eq!((&over[0]["id"], &over[0]["close"]["by"]), (&json!(1), &json!("client")));
    let (head, _) = server.http("GET /_simulator/connections?wait=ever HTTP/1.1", "").await;
    assert_eq!(status(&head), "400");
}

#[tokio::test]
async fn a_record_has_what_accounts_for_losses() {
    let server = Server::start().await;
    let both = json!({"name": "both", "behaviour": {"handleInUse": "accepted"}});
    post(&server, "/_simulator/scripts", &both).await;
    let mut first = session(&server, "both", json!({"sessionResumption": {}})).await;
    let handle = next(&mut first).await.unwrap()["sessionResumptionUpdate"]["newHandle"].clone();
    for _ in 0..2 {
        let audio = json!({"data": "AAAAAAAA", "mimeType": "audio/pcm;rate=16000"});
        say(&mut first, json!({"realtimeInput": {"audio": audio}})).await;
    }
    say(&mut first, json!({"realtimeInput": {"text": "hello"}})).await;
    turn(&mut first).await;
    let _second = session(&server, "both", json!({"sessionResumption": {"handle": handle}})).await;
    post(&server, "/_simulator/clock", &json!({"advance": "5s"})).await;
    let records = server.json("/_simulator/connections").await;
    assert_eq!((&records[1]["resumedFrom"], &records[1]["connection"]), (&json!(1), &json!(2)));
    assert_eq!(records[0]["session"], records[1]["session"]);
    let overlaps = [0, 1].map(|index: usize| records[index]["overlapMs"].as_u64().unwrap());
    assert!(overlaps.iter().all(|overlap| (5_000..25_000).contains(overlap)), "{overlaps:?}");
    let frames = server.json("/_simulator/connections/1/audio.json").await;
    let received = frames["received"]["frames"].as_array().unwrap();
    assert_eq!((&received[0][1], &received[1][1], &received[1][2]), (&json!(0), &json!(3), &json!(3)));
    let sent = frames["sent"]["frames"].as_array().unwrap();
    assert!(sent.len() > 2 && sent.iter().is_sorted_by_key(|frame| frame[0].as_u64()));
    assert!(
        sent.windows(2).all(|pair| pair[0][1].as_u64().unwrap() + pair[0][2].as_u64().unwrap()
            == pair[1][1].as_u64().unwrap())
    );
}

#[tokio::test]
async fn pages_from_elsewhere_pull_no_lever_and_read_nothing() {
    let server = Server::start().await;
    for (head, body) in [
        ("GET /_simulator/connections", ""),
        ("POST /_simulator/clock", r#"{"advance": "1h"}"#),
        ("DELETE /_simulator/connections", ""),
        ("POST /_simulator/scripts", r#"{"name": "theirs"}"#),
    ] {
        let (answer, _) =
            server.http(&format!("{head} HTTP/1.1\r\norigin: https://evil.example"), body).await;
        assert_eq!(status(&answer), "403", "{head}");
        let (answer, _) =
            server.http(&format!("{head} HTTP/1.1\r\norigin: http://localhost:5173"), body).await;
        assert!(status(&answer).starts_with('2'), "{head}: {answer}");
    }
    let (answer, _) = server.http("GET /v1alpha/auth_tokens HTTP/1.1\r\nx-goog-api-key: k", "").await;
    assert_eq!(status(&answer), "405", "tokens are for who asks with POST");
}

#[tokio::test]
async fn options_choose_a_script_for_all_and_what_is_kept() {
    let mine = Script::from_json(
        r#"{"name": "mine", "answers": [{"say": "Yes."}], "steps": [{"do": {"send": {"mine": {}}}}]}"#,
    );
    let capacity = Capacity { connections: 2, ..Capacity::default() };
    let options = Options {
        scripts: vec![mine.unwrap()],
        script: Some("mine".to_owned()),
        capacity,
        ..Options::default()
    };
    let server = Server::start_with(options).await;
    for _ in 0..3 {
        let mut socket = server.session("sim-parrot").await;
        assert_eq!(next(&mut socket).await.unwrap(), json!({"mine": {}}));
    }
    let records = server.json("/_simulator/connections").await;
    assert_eq!(records.as_array().unwrap().len(), 2);
    assert_eq!(records[0]["script"], "mine");
    let wrong = Options { script: Some("nobodys".to_owned()), ..Options::default() };
    assert!(gemini_live_simulator::Simulator::with(wrong).is_err());
}

#[tokio::test]
async fn a_script_that_is_wrong_is_refused_with_its_place() {
    let server = Server::start().await;
    let wrong = json!({"name": "wrong", "steps": [{"do": {"goAway": {"timeleft": "1s"}}}]});
    let (refused, why) = post(&server, "/_simulator/scripts", &wrong).await;
    assert_eq!(refused, "400");
    assert!(why["error"].as_str().unwrap().starts_with("steps[0].do.goAway.timeleft: "), "{why}");
    let (refused, why) = post(&server, "/_simulator/scripts", &json!({"name": "parrot"})).await;
    assert_eq!(refused, "400");
    assert!(why["error"].as_str().unwrap().contains("the simulator's own"), "{why}");
}

#[tokio::test]
async fn what_is_not_read_backs_up_at_the_client() {
    use futures_util::SinkExt as _;
    use tokio_tungstenite::tungstenite::Message;

    let server = Server::start().await;
    let mut socket = session(&server, "parrot", json!({})).await;
    post(&server, "/_simulator/connections/1/stop-reading", &Value::Null).await;
    // More than the buffers of two sockets hold: somewhere on the way it has to wait.
    let flood = async {
        for _ in 0..64 {
            let text = json!({"realtimeInput": {"text": "x".repeat(1 << 20)}});
            socket.send(Message::text(text.to_string())).await.unwrap();
        }
    };
    let is_stuck = tokio::time::timeout(std::time::Duration::from_secs(2), flood).await.is_err();
    assert!(is_stuck);
    let counts = &server.json("/_simulator/connections/1").await["received"]["counts"];
    assert_eq!(counts["realtimeInput.text"], Value::Null);
}

#[tokio::test]
async fn who_hangs_up_unread_has_gone_and_can_come_again() {
    let server = Server::start().await;
    let mut socket = session(&server, "stops-reading", json!({"sessionResumption": {}})).await;
    let handle = next(&mut socket).await.unwrap()["sessionResumptionUpdate"]["newHandle"].clone();
    post(&server, "/_simulator/connections/1/stop-reading", &Value::Null).await;
    say(&mut socket, json!({"realtimeInput": {"text": "unread"}})).await;
    // So slow that it is not for its time that the connection ends.
    post(&server, "/_simulator/clock", &json!({"speed": 0.01})).await;
    drop(socket);
    let over = server.json("/_simulator/connections?closed=true&wait=20s").await;
    assert_eq!(
        (&over[0]["id"], &over[0]["received"]["counts"]["realtimeInput.text"]),
        (&json!(1), &Value::Null)
    );
    session(&server, "stops-reading", json!({"sessionResumption": {"handle": handle}})).await;
}
