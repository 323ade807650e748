//! The machine in simulated time: nothing here waits.

mod answers;
mod bargein;
mod calls;
pub(crate) mod grammar;
mod life;
mod microphone;
mod sending;
#[cfg(not(target_arch = "wasm32"))]
mod settling;
mod stage;
mod stale;
mod talking;
mod turns;

use serde_json::json;

use super::*;
use crate::error::CloseFrame;
use crate::event::Event;
use crate::protocol::{
    client::{self, AUDIO_STREAM_END},
    setup,
};

/// A session, the time, and everything it has said.
struct Talk {
    session: Session,
    now: Instant,
    /// Bytes that wait in the socket, which tells of them before anything else.
    backlog: u32,
    place: grammar::Place,
}

impl Talk {
    fn new(config: serde_json::Value) -> Self {
        Self::by(quiet(), "sim-parrot", config)
    }

    fn by(policy: Policy, model: &str, config: serde_json::Value) -> Self {
        let setup = setup::prepare(model, config, None).expect("the config is usable").setup;
        let session = Session::new(setup, policy);
        Self { session, now: Instant::from_ms(1000.0), backlog: 0, place: grammar::Place::default() }
    }

    /// A session that the service has accepted.
    fn open() -> Self {
        Self::open_with("sim-parrot", json!({ "responseModalities": ["AUDIO"] }))
    }

    /// One that ends with its connection.
    fn open_for_once() -> Self {
        Self::open_by(Policy { resumption: false, ..quiet() }, "sim-parrot", json!({}))
    }

    fn open_with(model: &str, config: serde_json::Value) -> Self {
        Self::open_by(quiet(), model, config)
    }

    fn open_by(policy: Policy, model: &str, config: serde_json::Value) -> Self {
        let mut talk = Self::by(policy, model, config);
        talk.feed(Input::Connect);
        talk.feed(Input::Opened(ConnId(1)));
        talk.frame(json!({ "setupComplete": {} }));
        talk
    }

    fn feed(&mut self, input: Input<'_>) -> Vec<Action> {
        self.session.handle(Input::Backlog(ConnId(1), self.backlog), self.now);
        self.session.handle(input, self.now);
        let actions: Vec<_> = std::iter::from_fn(|| self.session.poll()).collect();
        for action in &actions {
            if let Action::Emit(event) = action {
                self.place.hear(&Event::from(event.clone()));
            }
        }
        actions
    }

    fn frame(&mut self, message: serde_json::Value) -> Vec<Action> {
        self.feed(Input::Frame(ConnId(1), message.to_string().as_bytes()))
    }

    fn wait(&mut self, ms: u64) -> Vec<Action> {
        self.now = self.now + std::time::Duration::from_millis(ms);
        self.feed(Input::Tick)
    }

    /// Lets the time run to the next deadline.
    fn wait_for_deadline(&mut self) -> Vec<Action> {
        self.now = self.session.deadline().expect("there is a deadline");
        self.feed(Input::Tick)
    }

    /// So many frames that are no voice, at once.
    fn stream(&mut self, frames: usize) -> Vec<Action> {
        (0..frames).flat_map(|_| self.feed(Input::Audio(&[1; 320]))).collect()
    }

    /// So many frames of a voice, as they come: one every 20 ms.
    fn speak(&mut self, frames: usize) -> Vec<Action> {
        let voice = std::array::from_fn::<i16, 320, _>(|i| if i % 2 == 0 { 8000 } else { -8000 });
        let mut actions = Vec::new();
        for _ in 0..frames {
            actions.extend(self.wait(20));
            actions.extend(self.feed(Input::Audio(&voice)));
        }
        actions
    }

    /// Lets `ms` pass, with every deadline on the way.
    fn pass(&mut self, ms: u64) -> Vec<Action> {
        let end = self.now + std::time::Duration::from_millis(ms);
        let mut actions = Vec::new();
        while let Some(due) = self.session.deadline().filter(|due| *due <= end) {
            assert!(self.now <= due, "a deadline in the past: nobody would ever sleep");
            self.now = due;
            actions.extend(self.feed(Input::Tick));
            assert!(self.session.deadline().is_none_or(|next| next > due), "a deadline that was met stays");
        }
        self.now = end;
        actions
    }

    fn send(&mut self, input: serde_json::Value) -> Vec<Action> {
        let outgoing = client::realtime_input(input).expect("the input is usable");
        self.feed(Input::Send(outgoing.into()))
    }

    fn say(&mut self, text: &str) -> Vec<Action> {
        self.send(json!({ "text": text }))
    }

    fn answer(&mut self, responses: serde_json::Value) -> Vec<Action> {
        let outgoing = client::tool_response(json!({ "functionResponses": responses })).expect("usable");
        self.feed(Input::Send(outgoing.into()))
    }

    /// Lets `ms` pass over a network that is slow, but does not stand still.
    fn trickle(&mut self, ms: u32) -> Vec<Action> {
        let full = self.backlog;
        let mut actions = Vec::new();
        for step in 1..=ms / 20 {
            self.fill(full - step);
            actions.extend(self.pass(20));
        }
        actions
    }

    /// So many bytes wait in the socket from here on.
    fn fill(&mut self, bytes: u32) {
        self.backlog = bytes;
    }
}

/// No turns are told of but in their own tests: the others say every action that a rule has.
fn quiet() -> Policy {
    Policy { turns: 0, speech_pause: std::time::Duration::ZERO, ..Policy::default() }
}

fn events(actions: Vec<Action>) -> Vec<Event> {
    let event = |action| if let Action::Emit(event) = action { Some(Event::from(event)) } else { None };
    actions.into_iter().filter_map(event).collect()
}

fn sent(actions: &[Action]) -> Vec<&str> {
    let mut texts = Vec::new();
    for action in actions {
        if let Action::Send(_, message) = action {
            texts.push(message.text.as_str());
        }
    }
    texts
}

fn closing_error(actions: Vec<Action>) -> Error {
    match events(actions).pop() {
        Some(Event::Closed { error: Some(error), .. }) => error,
        other => panic!("not closed by a failure: {other:?}"),
    }
}

fn warning_codes(actions: Vec<Action>) -> Vec<&'static str> {
    let code = |event| if let Event::Warning { code, .. } = event { Some(code.as_str()) } else { None };
    events(actions).into_iter().filter_map(code).collect()
}

fn audio(samples: usize) -> serde_json::Value {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let data = STANDARD.encode(vec![0; 2 * samples]);
    json!({ "serverContent": { "modelTurn": { "parts": [
        { "inlineData": { "mimeType": "audio/pcm;rate=24000", "data": data } }
    ] } } })
}

fn playing(played: f64, waiting: f64) -> Input<'static> {
    playing_in(0, played, waiting)
}

fn playing_in(epoch: u32, played: f64, waiting: f64) -> Input<'static> {
    let is_playing = waiting > 0.0;
    Input::Played(Playback {
        epoch,
        played,
        epoch_played: played,
        waiting,
        is_playing,
        ..Playback::default()
    })
}

/// What each message is, in short: the name of its field, and how many of the same came in a row.
fn outline(actions: &[Action]) -> String {
    let mut kinds: Vec<(&str, u32)> = Vec::new();
    for action in actions {
        let Action::Send(_, message) = action else { continue };
        match kinds.last_mut() {
            Some((kind, count)) if *kind == message.kind.name() => *count += 1,
            _ => kinds.push((message.kind.name(), 1)),
        }
    }
    let words = kinds
        .into_iter()
        .map(|(kind, count)| if count == 1 { kind.to_owned() } else { format!("{kind}x{count}") });
    words.collect::<Vec<_>>().join(" ")
}

fn is_ended(event: &Event) -> bool {
    matches!(event, Event::PlaybackEnded { .. })
}

fn plays(actions: &[Action]) -> usize {
    actions.iter().filter(|action| matches!(action, Action::Play { .. })).count()
}

fn manual() -> serde_json::Value {
    json!({ "realtimeInputConfig": { "automaticActivityDetection": { "disabled": true } } })
}

fn complete() -> serde_json::Value {
    json!({ "serverContent": { "turnComplete": true } })
}

fn started(actions: Vec<Action>) -> bool {
    events(actions).iter().any(|event| matches!(event, Event::PlaybackStarted { .. }))
}
