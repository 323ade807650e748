//! Any frames, in any order, between anything else that may happen: the session answers each and ends once.
//!
//! A line is a step: its first byte says what happens and how long after the one before, the rest what it is about.

#![no_main]

use std::time::Duration;

use gemini_live_web::{
    error::CloseFrame,
    event::{LocalEvent, SessionEvent},
    protocol::{client, message::Message, setup},
    session::{Action, ConnId, Input, Playback, Policy, Session},
    time::Instant,
};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|bytes: &[u8]| {
    let steps: Vec<_> = bytes.split(|byte| *byte == b'\n').filter_map(<[u8]>::split_first).collect();
    // Every other session is of a kind that holds the microphone back and has its own ways to end a turn.
    let is_other = steps.len() % 2 == 1;
    let config = json!({
        "responseModalities": ["AUDIO"],
        "outputAudioTranscription": {},
        "sessionResumption": {},
        "realtimeInputConfig": { "automaticActivityDetection": { "disabled": is_other } },
    });
    let model = if is_other { "gemini-2.5-flash-native-audio-latest" } else { "m" };
    let Ok(prepared) = setup::prepare(model, config, None) else { return };
    let mut session = Session::new(prepared.setup, Policy::default());
    let mut now = Instant::ZERO;
    let mut ends = 0;
    for (step, bytes) in steps.into_iter().map(|(step, bytes)| (*step, bytes)) {
        now = now + Duration::from_millis(u64::from(step));
        session.handle(input(step, bytes), now);
        let mut actions = 0;
        while let Some(action) = session.poll() {
            assert_eq!(ends, 0, "nothing follows the end: {action:?}");
            ends += u32::from(matches!(action, Action::Emit(SessionEvent::Local(LocalEvent::Closed { .. }))));
            actions += 1;
            assert!(actions < 100_000, "one input never causes so much");
        }
        meet_deadlines(&mut session, now);
    }
});

/// Whoever sleeps until the deadline and then ticks must get somewhere: one that stays would be met for ever.
fn meet_deadlines(session: &mut Session, now: Instant) {
    for _ in 0..1000 {
        let Some(due) = session.deadline().filter(|due| *due <= now) else { return };
        session.handle(Input::Tick, now);
        assert!(session.deadline() != Some(due), "a deadline that was met stays");
        // What it caused is performed with the next input's.
    }
    panic!("a thousand deadlines at one time");
}

fn message(bytes: &[u8]) -> Option<Message> {
    let text = String::from_utf8_lossy(bytes);
    let id = text.clone().into_owned();
    let outgoing = match bytes.len() % 8 {
        0 => client::realtime_input(json!({ "text": text })),
        1 => client::realtime_input(json!({ "activityStart": {} })),
        2 => client::realtime_input(json!({ "activityEnd": {} })),
        3 => client::realtime_input(json!({ "audioStreamEnd": true })),
        4 => client::realtime_input(json!({ "video": { "mimeType": "image/png", "data": "AAAA" } })),
        5 => client::client_content(json!({ "turns": text, "turnComplete": bytes.len() > 20 })),
        6 => client::realtime_input(json!({ "audio": { "mimeType": "audio/pcm", "data": "AAAA" } })),
        _ => client::tool_response(json!({ "functionResponses": { "id": id, "name": "f", "response": {} } })),
    };
    outgoing.ok().map(Message::from)
}

fn input(step: u8, bytes: &[u8]) -> Input<'_> {
    let conn = ConnId(1);
    let number = f64::from(bytes.len() as u32);
    match step % 24 {
        0 => Input::Connect,
        1 => Input::Opened(conn),
        2 => Input::SocketClosed(
            conn,
            CloseFrame { code: 1011, reason: String::from_utf8_lossy(bytes).into_owned() },
        ),
        3 => message(bytes).map_or(Input::Tick, Input::Send),
        4 => Input::Audio(&[1000; 320]),
        5 => Input::Mute(bytes.len() % 2 == 0),
        6 => Input::Speaker(bytes.len() % 2 == 0),
        7 => Input::Backlog(ConnId(1), bytes.len() as u32 * 1024),
        8 => Input::Played(Playback {
            epoch: bytes.len() as u32 % 3,
            played: number,
            epoch_played: number,
            waiting: number,
            is_playing: number > 3.0,
            ..Playback::default()
        }),
        9 => Input::Close,
        10 => Input::Tick,
        11 => Input::Frame(conn, br#"{"setupComplete":{}}"#),
        12 => Input::Microphone(bytes.len() % 2 == 0),
        13 => message(bytes).map_or(Input::Tick, |message| Input::Unsent(conn, message)),
        14 => Input::TokenReady(conn),
        15 => Input::Frame(conn, br#"{"serverContent":{"interrupted":true}}"#),
        16 => Input::Frame(conn, br#"{"serverContent":{"turnComplete":true}}"#),
        17 => Input::Frame(
            conn,
            br#"{"toolCall":{"functionCalls":[{"id":"","name":"f"},{"id":"a","name":"f"}]}}"#,
        ),
        18 => Input::Frame(conn, br#"{"toolCallCancellation":{"ids":["a"]}}"#),
        _ => Input::Frame(conn, bytes),
    }
}
