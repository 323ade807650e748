//! Any frames, in any order, between anything else that may happen: the session answers each and ends once.

#![no_main]

use std::time::Duration;

use gemini_live_web::{
    error::CloseFrame,
    event::Event,
    protocol::setup,
    session::{Action, ConnId, Input, Playback, Policy, Session},
    time::Instant,
};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|steps: Vec<(u8, Vec<u8>)>| {
    let config =
        json!({ "responseModalities": ["AUDIO"], "outputAudioTranscription": {}, "sessionResumption": {} });
    let Ok(prepared) = setup::prepare("m", config, None) else { return };
    let mut session = Session::new(prepared.setup, Policy::default());
    let mut now = Instant::ZERO;
    let mut ends = 0;
    for (step, bytes) in steps {
        now = now + Duration::from_millis(u64::from(step));
        session.handle(input(step, &bytes), now);
        let mut actions = 0;
        while let Some(action) = session.poll() {
            assert_eq!(ends, 0, "nothing follows the end: {action:?}");
            ends += u32::from(matches!(action, Action::Emit(Event::Closed { .. })));
            actions += 1;
            assert!(actions < 100_000, "one input never causes so much");
        }
    }
});

fn input(step: u8, bytes: &[u8]) -> Input<'_> {
    let conn = ConnId(1);
    let number = f64::from(bytes.len() as u32);
    match step % 16 {
        0 => Input::Connect,
        1 => Input::Opened(conn),
        2 => Input::SocketClosed(
            conn,
            CloseFrame { code: 1011, reason: String::from_utf8_lossy(bytes).into_owned() },
        ),
        3 => Input::Message(String::from_utf8_lossy(bytes).into_owned()),
        4 => Input::Audio(&[1000; 320]),
        5 => Input::Mute(bytes.len() % 2 == 0),
        6 => Input::Speaker(bytes.len() % 2 == 0),
        7 => Input::Backlog(ConnId(1), bytes.len() as u32 * 1024),
        8 => Input::Played(Playback {
            played: number,
            waiting: number,
            is_playing: number > 3.0,
            ..Playback::default()
        }),
        9 => Input::Close,
        10 => Input::Tick,
        11 => Input::Frame(conn, br#"{"setupComplete":{}}"#),
        _ => Input::Frame(conn, bytes),
    }
}
