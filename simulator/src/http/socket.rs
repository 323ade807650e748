//! One WebSocket: the machine's inputs read from it, the machine's actions done on it.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Simulator;
use super::levers::{Order, Place};
use super::line::{Line, Watch};
use super::voice::{self, Spoken};
use crate::conversation::{Action, Conversation, Frame, Input};
use crate::credential::Knock;
use crate::refusal::Refusal;

/// Serves a connection until its end.
pub(super) async fn serve(socket: WebSocket, line: Line, knock: Knock, simulator: Simulator) {
    let shared = simulator.shared.clone();
    let Ok(_seat) = shared.sessions.try_acquire() else {
        return close(socket, Refusal::concurrent_sessions(""), |_| {}).await;
    };
    let run = knock.door.run.clone();
    let now = simulator.now();
    let conversation = Conversation::open(knock, &mut simulator.service(), now);
    simulator.tell_of_change();
    let place = simulator.shared.live.enter(conversation.id(), &run);
    let (speaker, spoken) = mpsc::channel(MOST_VOICES);
    let voices = Voices { at_work: JoinSet::new(), speaker, spoken };
    let mut connection = Connection { socket, line, conversation, simulator, place, voices, unread: None };
    while let Some(end) = connection.go_on().await {
        match end {
            Step::On => {}
            Step::Close(refusal) => {
                let late = connection.late();
                drop(connection.place);
                return close(connection.socket, refusal, late).await;
            }
            Step::Cut => {
                let late = connection.late();
                return cut(connection.socket, &connection.line, late).await;
            }
            Step::Reset => return connection.line.reset(),
        }
    }
}

/// A connection that is served.
struct Connection {
    socket: WebSocket,
    line: Line,
    conversation: Conversation,
    simulator: Simulator,
    place: Place,
    voices: Voices,
    /// What comes is not read any more: this sees whether anybody is there.
    unread: Option<Watch>,
}

/// What is being said, in tasks of their own; they end with the connection.
struct Voices {
    at_work: JoinSet<()>,
    speaker: mpsc::Sender<Spoken>,
    spoken: mpsc::Receiver<Spoken>,
}

/// What comes next.
enum Event {
    Received(Option<Result<Message, axum::Error>>),
    Spoken(Spoken),
    Ordered(Order),
    DeadlineCame,
    Stopped,
}

/// Where a connection has come to.
enum Step {
    On,
    Close(Refusal),
    Cut,
    Reset,
}

impl Connection {
    /// Does what is to be done, then waits for what comes; `None` when the connection is over.
    async fn go_on(&mut self) -> Option<Step> {
        while let Some(action) = self.conversation.poll() {
            match self.act(action).await {
                Step::On => {}
                end => return Some(end),
            }
        }
        if self.conversation.is_over() {
            return None;
        }
        let event = self.event().await;
        while self.voices.at_work.try_join_next().is_some() {}
        self.feed(event);
        Some(Step::On)
    }

    async fn act(&mut self, action: Action) -> Step {
        match action {
            Action::Send(frame) => {
                let patience = self.simulator.shared.options.send_time.unwrap_or(SEND_TIME);
                if !send(&mut self.socket, frame, patience).await {
                    self.handle(Input::Lost);
                }
            }
            Action::Speak { id, text } => {
                let voice = self.simulator.shared.options.voice;
                self.voices.only(voice::speak(voice, id, text, self.voices.speaker.clone()));
            }
            Action::Resample { id, samples, rate_hz, to_hz } => {
                let speaker = self.voices.speaker.clone();
                self.voices.only(voice::resample(id, samples, (rate_hz, to_hz), speaker));
            }
            Action::StopReading => self.unread = Some(self.line.watch()),
            Action::Close(refusal) => return Step::Close(refusal),
            Action::Cut => return Step::Cut,
            Action::Reset => return Step::Reset,
        }
        Step::On
    }

    async fn event(&mut self) -> Event {
        let clock = &self.simulator.shared.clock;
        let deadline = self.conversation.deadline();
        let mut stopped = self.simulator.shared.stopped.subscribe();
        tokio::select! {
            message = self.socket.recv(), if self.unread.is_none() => Event::Received(message),
            () = hung_up(self.unread.as_ref()), if self.unread.is_some() => Event::Received(None),
            Some(sound) = self.voices.spoken.recv() => Event::Spoken(sound),
            order = self.place.order() => Event::Ordered(order),
            () = clock.reaches(deadline.unwrap_or_default()), if deadline.is_some() => Event::DeadlineCame,
            _ = stopped.wait_for(|stopped| *stopped) => Event::Stopped,
        }
    }

    fn feed(&mut self, event: Event) {
        match event {
            Event::Received(Some(Ok(Message::Text(text)))) => self.handle(Input::Message(text.as_bytes())),
            Event::Received(Some(Ok(Message::Binary(bytes)))) => self.handle(Input::Message(&bytes)),
            Event::Received(Some(Ok(Message::Close(frame)))) => {
                let (code, reason) =
                    frame.as_ref().map_or((1005, ""), |frame| (frame.code, frame.reason.as_str()));
                self.handle(Input::Closed { code, reason });
            }
            Event::Received(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Event::Received(None | Some(Err(_))) => self.handle(Input::Lost),
            Event::Spoken(Spoken { id, sound }) => {
                let sound = sound.as_ref().map(|(samples, rate_hz)| (samples.as_slice(), *rate_hz));
                self.handle(Input::Voice { id, sound });
            }
            Event::Ordered(order) => {
                self.handle(Input::Lever(&order.lever));
                order.done();
            }
            Event::DeadlineCame => self.handle(Input::Tick),
            Event::Stopped => self.handle(Input::Stopping),
        }
    }

    /// Counts what comes when the connection has ended.
    fn late(&self) -> impl FnMut(&[u8]) + use<> {
        let (simulator, id) = (self.simulator.clone(), self.conversation.id());
        move |message| {
            simulator.service().late(id, message);
            simulator.tell_of_change();
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        let now = self.simulator.now();
        // A clock that was put forward has passed many deadlines at once: each is met at its own time.
        let now = match (input, self.conversation.deadline()) {
            (Input::Tick, Some(deadline)) => now.min(deadline),
            _ => now,
        };
        let mut service = self.simulator.service();
        let before = service.records.changes();
        self.conversation.handle(input, &mut service, now);
        let has_changed = service.records.changes() != before;
        drop(service);
        if has_changed {
            self.simulator.tell_of_change();
        }
    }
}

impl Voices {
    /// Only the latest is waited for.
    fn only(&mut self, voice: impl Future<Output = ()> + Send + 'static) {
        self.at_work.abort_all();
        self.at_work.spawn(voice);
    }
}

async fn hung_up(watch: Option<&Watch>) {
    if let Some(watch) = watch {
        watch.hung_up().await;
    }
}

/// Whether the client took the frame in time.
async fn send(socket: &mut WebSocket, frame: Frame, patience: Duration) -> bool {
    let message = match frame {
        Frame::Binary(json) => Message::Binary(json.into()),
        Frame::Text(json) => Message::Text(json.into()),
    };
    matches!(timeout(patience, socket.send(message)).await, Ok(Ok(())))
}

async fn close(mut socket: WebSocket, refusal: Refusal, late: impl FnMut(&[u8])) {
    let frame = CloseFrame { code: refusal.code, reason: refusal.reason.into() };
    let farewell = async {
        // The client answers with a close frame of its own. Leaving before that would reset the connection,
        // and it might never read ours.
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            drain(&mut socket, late).await;
        }
    };
    // A client that does not answer in time is left.
    let _ = timeout(FAREWELL_TIME, farewell).await;
}

/// Ends the connection as a network does that goes away in good order.
async fn cut(mut socket: WebSocket, line: &Line, late: impl FnMut(&[u8])) {
    line.end();
    // To leave what came unread would make a reset of it.
    let _ = timeout(FAREWELL_TIME, drain(&mut socket, late)).await;
}

/// Reads what is still on its way, up to the client's end.
async fn drain(socket: &mut WebSocket, mut late: impl FnMut(&[u8])) {
    while let Some(Ok(message)) = socket.recv().await {
        match message {
            Message::Text(text) => late(text.as_bytes()),
            Message::Binary(bytes) => late(&bytes),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {}
        }
    }
}

/// What voices have to say and nobody has taken yet.
const MOST_VOICES: usize = 4;

/// How long a client may take to read a frame.
const SEND_TIME: Duration = Duration::from_secs(10);
const FAREWELL_TIME: Duration = Duration::from_secs(3);
