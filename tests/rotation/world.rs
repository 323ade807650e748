//! A session in a network, with an application and a user: everything that happens goes through here and is looked at.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use gemini_live_web::{
    error::{Code, Error},
    event::{Event, State},
    protocol::{
        client,
        message::{Kind, Message},
        setup,
    },
    session::{Action, ConnId, Input, Playback, Policy, Session, Stats},
    time::Instant,
};
use serde_json::{Value, json};

use super::{
    grammar::{Life, Place},
    network::{Network, WAY},
    step::{Item, Step, items},
    traffic::Arrival,
};

pub(super) struct World {
    pub(super) session: Session,
    pub(super) now: f64,
    pub(super) network: Network,
    pub(super) place: Place,
    /// Every event, and when it was told.
    pub(super) told: Vec<(f64, Event)>,
    /// What was given to be sent, in order.
    pub(super) given: Vec<Item>,
    pub(super) sent: BTreeSet<Item>,
    /// Audio and marks that sockets took, in order.
    pub(super) spoken_over: Vec<(ConnId, Kind)>,
    /// Frames of the microphone's that came when the session did not listen.
    pub(super) unheard: u32,
    pub(super) setups: u32,
    calls: u32,
    /// The calls that the application knows of and has not answered.
    unanswered: Vec<String>,
    /// The calls that the application has heard of, that were taken back, and that it has answered in time.
    pub(super) called: BTreeSet<String>,
    pub(super) cancelled: Vec<String>,
    pub(super) answered: BTreeSet<String>,
    /// When the calls were answered last, as far as the socket.
    responded: BTreeMap<String, f64>,
    /// Whether the speaker was told to be silent.
    pub(super) is_paused: bool,
    /// When the speaker has played what it was given, of which epoch. It plays at once: what is heard is not looked at here.
    played: Option<f64>,
    epoch: u32,
    is_performing: bool,
    spoken: u32,
    /// When the next frame of the microphone is due, how many are to come, and how loud they are.
    speech: Option<(f64, u32, i16)>,
}

impl World {
    pub(super) fn new(policy: Policy, config: Value) -> Self {
        Self::of_model("m", policy, config)
    }

    fn of_model(model: &str, policy: Policy, config: Value) -> Self {
        let setup = setup::prepare(model, config, None).expect("the config is usable").setup;
        Self {
            session: Session::new(setup, policy),
            now: 1000.0,
            network: Network::at(1000.0),
            place: Place::default(),
            told: Vec::new(),
            given: Vec::new(),
            sent: BTreeSet::new(),
            spoken_over: Vec::new(),
            unheard: 0,
            setups: 0,
            calls: 0,
            unanswered: Vec::new(),
            called: BTreeSet::new(),
            cancelled: Vec::new(),
            answered: BTreeSet::new(),
            responded: BTreeMap::new(),
            is_paused: false,
            played: None,
            epoch: 0,
            is_performing: false,
            spoken: 0,
            speech: None,
        }
    }

    /// A session that is open, and has had no handle.
    pub(super) fn begun(policy: Policy, config: Value) -> Self {
        Self::begun_with("m", policy, config)
    }

    pub(super) fn begun_with(model: &str, policy: Policy, config: Value) -> Self {
        Self::of_model(model, policy, config).begin()
    }

    fn begin(self) -> Self {
        let mut world = self;
        world.feed(Input::Dial);
        // The user thinks about the microphone.
        world.pass(400.0);
        world.feed(Input::Connect);
        world.feed(Input::Speaker(true));
        world.feed(Input::Microphone(true));
        world.pass(1000.0);
        assert_eq!(world.place, Life::Begun);
        world
    }

    /// A session that is open and has had its first handle.
    pub(super) fn open(policy: Policy, config: Value) -> Self {
        Self::open_with("m", policy, config)
    }

    pub(super) fn open_with(model: &str, policy: Policy, config: Value) -> Self {
        let mut world = Self::begun_with(model, policy, config);
        world.step(Step::Handle(true));
        world.pass(1000.0);
        world
    }

    fn at(&self) -> Instant {
        Instant::from_ms(self.now)
    }

    pub(super) fn feed(&mut self, input: Input<'_>) {
        let at = self.at();
        for (conn, bytes) in self.network.backlogs() {
            self.session.handle(Input::Backlog(conn, bytes), at);
        }
        self.session.handle(input, at);
        if self.is_performing {
            return;
        }
        self.is_performing = true;
        let mut actions = 0;
        while let Some(action) = self.session.poll() {
            actions += 1;
            assert!(actions < 100_000, "one input never causes so much");
            assert_ne!(self.place, Life::End, "nothing follows the end: {action:?}");
            self.perform(action);
        }
        self.is_performing = false;
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Open(conn) => self.network.dial(conn),
            Action::Send(conn, message) => {
                let socket = self.network.socket(conn);
                assert!(socket.is_open && !socket.is_given_up, "sent over a link that is none");
                if message.kind == Kind::Setup {
                    assert!(!std::mem::replace(&mut socket.is_offered, true), "one setup for each link");
                    self.setups += 1;
                } else {
                    assert!(socket.is_accepted, "sent before the setup was accepted");
                }
                for item in items(&message.text) {
                    let is_void = matches!(&item, Item::Response(id) if self.cancelled.contains(id));
                    assert!(!is_void, "{item:?} is sent, and was taken back\n{:#?}", self.outline());
                }
                if self.network.send(conn, &message) {
                    if matches!(message.kind, Kind::Audio | Kind::Mark(_)) {
                        self.spoken_over.push((conn, message.kind.clone()));
                    }
                    self.sent.extend(items(&message.text));
                    let ids = items(&message.text).into_iter().filter_map(Item::response);
                    self.responded.extend(ids.map(|id| (id, self.now)));
                } else {
                    self.feed(Input::Unsent(conn, message));
                }
            }
            Action::CloseSocket(conn, code) => {
                assert_eq!(code, 1000);
                self.network.close(conn);
            }
            Action::Emit(event) => self.hear(Event::from(event)),
            Action::Play { epoch, .. } => {
                self.epoch = epoch;
                self.played.get_or_insert(self.now + 500.0);
            }
            Action::Finish | Action::Flush { .. } => {}
            Action::Pause(is_paused) => {
                assert_ne!(is_paused, self.is_paused, "said twice");
                self.is_paused = is_paused;
            }
        }
    }

    fn hear(&mut self, event: Event) {
        self.place.hear(&event);
        match &event {
            Event::ToolCall(call) => {
                let ids = || call.function_calls.iter().filter_map(|call| call.id.clone());
                self.unanswered.extend(ids());
                self.called.extend(ids());
            }
            Event::ToolCallCancellation(calls) => self.cancelled.extend(calls.ids.iter().cloned()),
            Event::PlaybackPaused {} => assert!(self.is_paused),
            Event::PlaybackResumed { .. } => assert!(!self.is_paused),
            Event::StateChange { state } => assert_eq!(*state, self.session.state(), "the state is true"),
            _ => {}
        }
        self.told.push((self.now, event));
    }

    pub(super) fn step(&mut self, step: Step) {
        match step {
            Step::Cut(after, close) => self.network.cut(after, &close),
            Step::FallSilent => self.network.fall_silent(),
            Step::Down(is_down) => self.network.is_down = is_down,
            Step::Hang(hangs) => self.network.hangs = hangs,
            Step::Tokenless(is_tokenless) => self.network.is_tokenless = is_tokenless,
            Step::Fail(is_retryable) => self.fail(is_retryable),
            Step::Slow(is_slow) => self.network.set_slow(is_slow),
            Step::Twice(is_twice) => self.network.is_twice = is_twice,
            Step::Refuse(closes) => self.network.refusals.extend(closes),
            Step::Forget => self.network.forget(),
            Step::GoAway(Some(left)) => self.network.say(json!({ "goAway": { "timeLeft": left } })),
            Step::GoAway(None) => self.network.say(json!({ "goAway": {} })),
            Step::Handle(resumable) => {
                let update = self.network.new_handle(resumable);
                self.network.say(update);
            }
            Step::Online(is_online) => self.feed(Input::Network(is_online)),
            Step::Woke => self.feed(Input::Woke),
            Step::Retry => self.feed(Input::Retry),
            Step::Speak(frames) => self.speech = Some((self.now, frames, 8000)),
            Step::Listen(frames) => self.speech = Some((self.now, frames, 1)),
            Step::Type => self.type_words(),
            Step::Heard(text) => {
                self.network.say(json!({ "serverContent": { "inputTranscription": { "text": text } } }));
            }
            Step::Said(text) => {
                self.network.say(json!({ "serverContent": { "outputTranscription": { "text": text } } }));
            }
            Step::Answer => self.network.say(answer()),
            Step::Interrupt => self.network.say(json!({ "serverContent": { "interrupted": true } })),
            Step::Complete => self.network.say(json!({ "serverContent": { "turnComplete": true } })),
            Step::Call => self.call(),
            Step::Cancel => {
                let id = format!("c{}", self.calls);
                self.network.cancel(&id);
            }
            Step::Respond => self.respond(),
            Step::Mark(name) => {
                self.give(client::realtime_input(json!({ name: {} })).expect("usable").into());
            }
            Step::Silence => self.feed(Input::Interrupt),
            Step::Mute(is_muted) => self.feed(Input::Mute(is_muted)),
            Step::Talk(is_talking) => self.feed(Input::Talk(is_talking)),
            Step::Speaker(is_open) => self.feed(Input::Speaker(is_open)),
            Step::Microphone(is_open) => self.feed(Input::Microphone(is_open)),
            Step::Sleep(ms) => self.sleep(ms),
            Step::Close => self.feed(Input::Close),
            Step::Abort => self.feed(Input::Abort),
        }
    }

    /// Nothing happens here for so long, whatever happens there.
    fn sleep(&mut self, ms: f64) {
        self.now += ms;
        self.network.now = self.now;
        self.feed(Input::Woke);
    }

    fn fail(&mut self, is_retryable: bool) {
        if let Some(conn) = self.network.fail() {
            let mut error = Error::new(Code::TokenUnavailable, "no token");
            error.retryable = is_retryable;
            self.feed(Input::LinkFailed(conn, error));
        }
    }

    /// Whether a handle came so soon after the answer to a call that the service gave it before it had the answer: nothing in it
    /// says so.
    pub(super) fn crosses_handle(&self, id: &str) -> bool {
        let Some(sent) = self.responded.get(id) else { return false };
        let handles =
            self.told.iter().filter(|(_, event)| matches!(event, Event::SessionResumptionUpdate(_)));
        handles.map(|(at, _)| at - sent).any(|ms| (0.0..LONGEST_CROSSING).contains(&ms))
    }

    fn is_live(&self) -> bool {
        matches!(self.session.state(), State::Open | State::Reconnecting)
    }

    fn give(&mut self, message: Message) {
        if self.is_live() {
            self.given.extend(items(&message.text));
        }
        self.feed(Input::Send(message));
    }

    fn type_words(&mut self) {
        self.spoken += 1;
        let text = format!("t{}", self.spoken);
        self.give(client::realtime_input(json!({ "text": text })).expect("usable").into());
    }

    fn call(&mut self) {
        self.calls += 1;
        let id = format!("c{}", self.calls);
        self.network.call(&id);
    }

    fn respond(&mut self) {
        if self.unanswered.is_empty() {
            return;
        }
        let id = self.unanswered.remove(0);
        if self.is_live() && !self.cancelled.contains(&id) {
            self.answered.insert(id.clone());
        }
        let response = json!({ "functionResponses": [{ "id": id, "name": "look", "response": {} }] });
        self.give(client::tool_response(response).expect("usable").into());
    }

    fn hear_frame(&mut self, level: i16) {
        self.spoken += 1;
        let mut samples = [level; 320];
        samples.iter_mut().step_by(2).for_each(|sample| *sample = -level);
        // Too faint to be a voice.
        (samples[0], samples[1]) = ((self.spoken % 256) as i16, (self.spoken / 256) as i16);
        if self.is_live() {
            self.given.push(Item::Frame(self.spoken));
        } else {
            self.unheard += 1;
        }
        self.feed(Input::Audio(&samples));
    }

    /// Lets so many milliseconds pass, with everything that is due meanwhile.
    pub(super) fn pass(&mut self, ms: f64) {
        let end = self.now + ms;
        let mut at_once = 0;
        loop {
            let deadline = self.session.deadline().map(Instant::as_ms);
            let speech = self.speech.map(|(at, ..)| at);
            let next =
                [deadline, speech, self.played, self.network.next()].into_iter().flatten().reduce(f64::min);
            let Some(next) = next.filter(|next| *next <= end) else { break };
            at_once = if next > self.now { 0 } else { at_once + 1 };
            assert!(at_once < 1000, "nothing goes on: {deadline:?} at {}: {:?}", self.now, self.session);
            self.now = self.now.max(next);
            self.network.now = self.now;
            self.live(deadline.is_some_and(|deadline| deadline <= self.now));
        }
        self.now = end;
        self.network.now = end;
    }

    /// Does what is due now.
    fn live(&mut self, is_deadline: bool) {
        while let Some(arrival) = self.network.take() {
            match arrival {
                Arrival::Token(conn) => self.feed(Input::TokenReady(conn)),
                Arrival::Opened(conn) => self.feed(Input::Opened(conn)),
                Arrival::Closed(conn, close) => {
                    self.feed(Input::SocketClosed(conn, close));
                    self.network.socket(conn).is_ending = false;
                }
                Arrival::Frame(conn, frame) => {
                    if frame.get("setupComplete").is_some() {
                        self.network.socket(conn).is_accepted = true;
                    }
                    self.feed(Input::Frame(conn, frame.to_string().as_bytes()));
                }
            }
        }
        if let Some((at, frames, level)) = self.speech.filter(|(at, ..)| *at <= self.now) {
            self.speech = (frames > 1).then(|| (at + 20.0, frames - 1, level));
            self.hear_frame(level);
        }
        if is_deadline {
            self.feed(Input::Tick);
        }
        if self.played.take_if(|at| *at <= self.now).is_some() || is_deadline {
            self.feed(Input::Played(Playback { epoch: self.epoch, ..Playback::default() }));
        }
    }

    /// What was told of the session's life, in short.
    pub(super) fn outline(&self) -> Vec<String> {
        self.told.iter().filter_map(|(at, event)| Some(format!("{} {}", at.round(), word(event)?))).collect()
    }

    pub(super) fn stats(&self) -> Stats {
        self.session.stats()
    }

    /// What the service got of the application and the user, in its order.
    pub(super) fn arrived(&self) -> Vec<(f64, u32, Item)> {
        let delivered = self.network.delivered.iter();
        delivered
            .flat_map(|(at, conversation, text)| {
                items(text).into_iter().map(|item| (*at, *conversation, item))
            })
            .collect()
    }

    pub(super) fn lost_on_the_way(&self) -> BTreeSet<Item> {
        self.network.lost_on_the_way.iter().flat_map(|text| items(text)).collect()
    }
}

/// Milliseconds that an answer and a handle are under way, at most.
const LONGEST_CROSSING: f64 = 2.0 * WAY + 400.0;

pub(super) fn after_ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn answer() -> Value {
    let data = STANDARD.encode(vec![0; 4800]);
    json!({ "serverContent": { "modelTurn": { "parts": [
        { "inlineData": { "mimeType": "audio/pcm;rate=24000", "data": data } }
    ] } } })
}

/// A life's event in short; none for the others.
fn word(event: &Event) -> Option<String> {
    Some(match event {
        Event::StateChange { state } => state.as_str().to_owned(),
        Event::SetupComplete(_) => "setupComplete".to_owned(),
        Event::Reconnecting { cause, attempt, retry_in_ms } => {
            let pause = retry_in_ms.map_or("-".to_owned(), |ms| format!("{ms:.0}"));
            format!("{} {attempt} {pause}", cause.as_str())
        }
        Event::Resumed { held_ms, lost_ms } => format!("resumed {held_ms} {lost_ms}"),
        Event::Restarted { held_ms, lost_ms, .. } => format!("restarted {held_ms} {lost_ms}"),
        Event::ToolCallCancellation(calls) => format!("cancelled {}", calls.ids.join(",")),
        Event::PlaybackPaused {} => "paused".to_owned(),
        Event::PlaybackResumed { paused_ms } => format!("continued {paused_ms:.0}"),
        Event::Closed { error, .. } => {
            format!("closed {}", error.as_ref().map_or("as wished", |error| error.code.as_str()))
        }
        Event::Warning { code, .. } => format!("warning {code}"),
        _ => return None,
    })
}
