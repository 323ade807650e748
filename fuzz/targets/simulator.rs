//! Any messages to the simulator, one a line: answered or refused, and its own are JSON that the client reads.

#![no_main]

use std::time::Duration;

use gemini_live_simulator::{Action, Conversation, Frame, Input, Knock, Service};
use gemini_live_web::protocol::server;
use libfuzzer_sys::fuzz_target;

const NOW: Duration = Duration::from_secs(1_795_177_815);
const PATH: &str = "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
const SETUP: &[u8] = br#"{"setup":{"model":"models/m","generationConfig":{"responseModalities":["TEXT"]}}}"#;

fuzz_target!(|bytes: &[u8]| {
    let mut service = Service::new(1);
    let Some(knock) = Knock::read(PATH, "key=k", None) else { return };
    let mut conversation = Conversation::open(knock, &mut service, NOW);
    let mut now = NOW;
    let mut lines = bytes.split(|byte| *byte == b'\n').take(50);
    // Half of them are let in, or none would get past the door.
    if bytes.len() % 2 == 0 {
        conversation.handle(Input::Message(SETUP), &mut service, now);
    }
    loop {
        let mut actions = 0;
        while let Some(action) = conversation.poll() {
            actions += 1;
            assert!(actions < 10_000, "one message never causes so much");
            if let Action::Send(Frame::Binary(text) | Frame::Text(text)) = action {
                assert!(server::decode(text.as_bytes()).is_ok(), "{text}");
            }
        }
        if conversation.is_over() {
            break;
        }
        let Some(line) = lines.next() else { break };
        now += Duration::from_millis(line.len() as u64);
        match line {
            [] => conversation.handle(Input::Tick, &mut service, now),
            line => conversation.handle(Input::Message(line), &mut service, now),
        }
    }
    let _ = service.create_token(Some("k"), bytes, now);
});
