//! Any frames, in any order, between anything else that may happen: the session answers each and ends once.
//!
//! A line is a step: its first byte says what happens and how long after the one before, the rest what it is about.

#![no_main]

#[path = "../../src/session/tests/grammar.rs"]
mod grammar;

use std::time::Duration;

use gemini_live_web::{
    error::{CloseFrame, Code, Error},
    event::Event,
    protocol::{
        client,
        message::{Kind, Message},
        setup,
    },
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
    let mut world = World {
        session: Session::new(prepared.setup, Policy::default()),
        now: Instant::ZERO,
        links: Vec::new(),
        place: grammar::Place::default(),
    };
    for (step, bytes) in steps.into_iter().map(|(step, bytes)| (*step, bytes)) {
        world.now = world.now + Duration::from_millis(u64::from(step));
        match step % KINDS {
            RUN => world.run(),
            LINK => world.link(),
            _ => {
                let input = world.input(step, bytes);
                world.feed(input);
            }
        }
        world.meet_deadlines();
    }
});

/// A step that lets the time run to the next deadline, one that makes the newest link, and how many kinds there are.
const RUN: u8 = 31;
const LINK: u8 = 37;
const KINDS: u8 = 48;

struct World {
    session: Session,
    now: Instant,
    /// Every socket that was asked for, the newest last, and how far it is.
    links: Vec<(ConnId, Stage)>,
    /// What may be told next.
    place: grammar::Place,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Dialled,
    Open,
    Offered,
    Gone,
}

impl World {
    fn feed(&mut self, input: Input<'_>) {
        match &input {
            Input::Opened(conn) => self.reach(*conn, Stage::Dialled, Stage::Open),
            Input::SocketClosed(conn, _) | Input::LinkFailed(conn, _) => self.leave(*conn),
            _ => {}
        }
        self.session.handle(input, self.now);
        let mut actions = 0;
        while let Some(action) = self.session.poll() {
            assert_ne!(self.place, grammar::Life::End, "nothing follows the end: {action:?}");
            actions += 1;
            assert!(actions < 100_000, "one input never causes so much");
            self.perform(action);
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Open(conn) => {
                assert!(self.stage(conn).is_none(), "a name is given once");
                self.links.push((conn, Stage::Dialled));
            }
            Action::Send(conn, Message { kind: Kind::Setup, .. }) => {
                assert!(self.stage(conn) == Some(Stage::Open), "one setup for each link, when it is open");
                self.reach(conn, Stage::Open, Stage::Offered);
            }
            Action::Send(conn, _) => {
                assert!(self.stage(conn) == Some(Stage::Offered), "sent over a link that is none");
            }
            Action::CloseSocket(conn, _) => self.leave(conn),
            Action::Emit(event) => self.place.hear(&Event::from(event)),
            Action::Play { .. } | Action::Finish | Action::Flush { .. } | Action::Pause(_) => {}
        }
    }

    fn stage(&self, conn: ConnId) -> Option<Stage> {
        self.links.iter().find(|(known, _)| *known == conn).map(|(_, stage)| *stage)
    }

    fn reach(&mut self, conn: ConnId, from: Stage, to: Stage) {
        let links = self.links.iter_mut().filter(|(known, stage)| *known == conn && *stage == from);
        links.for_each(|(_, stage)| *stage = to);
    }

    fn leave(&mut self, conn: ConnId) {
        self.links.iter_mut().filter(|(known, _)| *known == conn).for_each(|(_, stage)| *stage = Stage::Gone);
    }

    /// Whoever sleeps until the deadline and then ticks must get somewhere: one that stays would be met for ever.
    fn meet_deadlines(&mut self) {
        for _ in 0..1000 {
            let Some(due) = self.session.deadline().filter(|due| *due <= self.now) else { return };
            self.feed(Input::Tick);
            assert!(self.session.deadline() != Some(due), "a deadline that was met stays");
        }
        panic!("a thousand deadlines at one time");
    }

    /// The time runs to the next deadline.
    fn run(&mut self) {
        self.now = self.session.deadline().unwrap_or(self.now).max(self.now);
    }

    /// The newest link is made, and its setup accepted.
    fn link(&mut self) {
        let conn = self.newest();
        for input in
            [Input::TokenReady(conn), Input::Opened(conn), Input::Frame(conn, br#"{"setupComplete":{}}"#)]
        {
            self.feed(input);
        }
    }

    fn newest(&self) -> ConnId {
        self.links.last().map_or(ConnId(1), |(conn, _)| *conn)
    }

    /// The one before it.
    fn older(&self) -> ConnId {
        self.links.iter().rev().nth(1).map_or(ConnId(1), |(conn, _)| *conn)
    }

    fn input<'a>(&self, step: u8, bytes: &'a [u8]) -> Input<'a> {
        let (conn, older) = (self.newest(), self.older());
        let number = f64::from(bytes.len() as u32);
        let is_even = bytes.len() % 2 == 0;
        let close = |code| CloseFrame { code, reason: String::from_utf8_lossy(bytes).into_owned() };
        match step % KINDS {
            0 => Input::Connect,
            1 => Input::Opened(conn),
            2 => Input::SocketClosed(conn, close(1011)),
            3 => message(bytes).map_or(Input::Tick, Input::Send),
            4 => Input::Audio(&[1000; 320]),
            5 => Input::Mute(is_even),
            6 => Input::Speaker(is_even),
            7 => Input::Backlog(conn, bytes.len() as u32 * 1024),
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
            12 => Input::Microphone(is_even),
            13 => message(bytes).map_or(Input::Tick, |message| Input::Unsent(conn, message)),
            14 | 38 => Input::TokenReady(conn),
            15 => Input::Frame(conn, br#"{"serverContent":{"interrupted":true}}"#),
            16 => Input::Frame(conn, br#"{"serverContent":{"turnComplete":true}}"#),
            17 => Input::Frame(
                conn,
                br#"{"toolCall":{"functionCalls":[{"id":"","name":"f"},{"id":"a","name":"f"}]}}"#,
            ),
            18 => Input::Frame(conn, br#"{"toolCallCancellation":{"ids":["a"]}}"#),
            20 => Input::Frame(older, bytes),
            21 => Input::Network(is_even),
            22 => Input::Woke,
            23 => Input::Retry,
            24 => Input::LinkFailed(conn, failure(is_even)),
            25 => Input::LinkFailed(older, failure(is_even)),
            26 => Input::SocketClosed(older, close(1000)),
            27 => Input::Frame(conn, br#"{"sessionResumptionUpdate":{"newHandle":"h","resumable":true}}"#),
            28 => Input::Frame(conn, br#"{"goAway":{"timeLeft":"1.5s"}}"#),
            29 => Input::Interrupt,
            30 => Input::Talk(is_even),
            32 => message(bytes).map_or(Input::Tick, |message| Input::Unsent(older, message)),
            33 => Input::PlaybackFailed(failure(is_even)),
            34 => Input::CaptureLost(bytes.len() as u32),
            35 => Input::Abort,
            36 => Input::Fail(failure(is_even)),
            39 => Input::SocketClosed(conn, close(1006)),
            40 => Input::SocketClosed(conn, close(1007)),
            41 => Input::SocketClosed(conn, close(1008)),
            42 => Input::Backlog(older, bytes.len() as u32 * 1024),
            43 => Input::Frame(conn, br#"{"serverContent":{"outputTranscription":{"text":" one"}}}"#),
            44 => Input::Frame(conn, br#"{"serverContent":{"inputTranscription":{"text":" two"}}}"#),
            45 => Input::Dial,
            _ => Input::Frame(conn, bytes),
        }
    }
}

fn failure(is_retryable: bool) -> Error {
    let mut error = Error::new(Code::TokenUnavailable, "no token");
    error.retryable = is_retryable;
    error
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
