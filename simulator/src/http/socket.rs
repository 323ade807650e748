//! One WebSocket: the machine's inputs read from it, the machine's actions done on it.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Simulator, voice};
use crate::conversation::{Action, Conversation, Frame, Input};
use crate::credential::Knock;
use crate::refusal::Refusal;

/// The handshake always succeeds where there is a service at all: refusals are close frames.
pub(super) async fn open(
    State(simulator): State<Simulator>,
    Path(service): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let key = headers.get("x-goog-api-key").and_then(|key| key.to_str().ok());
    let Some(knock) = Knock::read(&service, &query.unwrap_or_default(), key) else {
        return (StatusCode::NOT_FOUND, "no such service\n").into_response();
    };
    upgrade
        .max_message_size(MOST_BYTES)
        .max_frame_size(MOST_BYTES)
        .on_upgrade(async move |socket| serve(socket, knock, simulator).await)
}

/// What comes next.
enum Event {
    Received(Option<Result<Message, axum::Error>>),
    Spoken(voice::Spoken),
    DeadlineCame,
    Stopped,
}

async fn serve(mut socket: WebSocket, knock: Knock, simulator: Simulator) {
    let Ok(_place) = simulator.shared.sessions.try_acquire() else {
        let reason = "RESOURCE_EXHAUSTED: Maximum concurrent sessions exceeded";
        return close(socket, Refusal::server(reason, "")).await;
    };
    let mut stopped = simulator.shared.stopped.subscribe();
    let (speaker, mut spoken) = mpsc::channel(MOST_VOICES);
    // Aborted, and with it every voice that still speaks, when the connection ends.
    let mut voices = JoinSet::new();
    let now = simulator.now();
    let mut conversation = Conversation::open(knock, &mut simulator.service(), now);
    loop {
        while let Some(action) = conversation.poll() {
            match action {
                Action::Send(frame) => {
                    if !send(&mut socket, frame).await {
                        let now = simulator.now();
                        return conversation.handle(Input::Lost, &mut simulator.service(), now);
                    }
                }
                Action::Speak { id, text } => {
                    // Only the latest is waited for.
                    voices.abort_all();
                    voices.spawn(voice::speak(simulator.shared.options.voice, id, text, speaker.clone()));
                }
                Action::Close(refusal) => return close(socket, refusal).await,
                Action::Drop => return,
            }
        }
        if conversation.is_over() {
            return;
        }
        let wait = conversation.deadline().map(|deadline| deadline.saturating_sub(simulator.now()));
        let event = tokio::select! {
            message = socket.recv() => Event::Received(message),
            Some(sound) = spoken.recv() => Event::Spoken(sound),
            () = sleep(wait.unwrap_or(LONGEST_WAIT)) => Event::DeadlineCame,
            _ = stopped.wait_for(|stopped| *stopped) => Event::Stopped,
        };
        while voices.try_join_next().is_some() {}
        feed(&mut conversation, event, &simulator);
    }
}

fn feed(conversation: &mut Conversation, event: Event, simulator: &Simulator) {
    let now = simulator.now();
    let mut service = simulator.service();
    let mut handle = |input| conversation.handle(input, &mut service, now);
    match event {
        Event::Received(Some(Ok(Message::Text(text)))) => handle(Input::Message(text.as_bytes())),
        Event::Received(Some(Ok(Message::Binary(bytes)))) => handle(Input::Message(&bytes)),
        Event::Received(Some(Ok(Message::Close(frame)))) => {
            let (code, reason) =
                frame.as_ref().map_or((1005, ""), |frame| (frame.code, frame.reason.as_str()));
            handle(Input::Closed { code, reason });
        }
        Event::Received(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
        Event::Received(None | Some(Err(_))) => handle(Input::Lost),
        Event::Spoken(voice::Spoken { id, sound }) => {
            let sound = sound.as_ref().map(|(samples, rate_hz)| (samples.as_slice(), *rate_hz));
            handle(Input::Voice { id, sound });
        }
        Event::DeadlineCame => handle(Input::Tick),
        Event::Stopped => handle(Input::Stopping),
    }
}

/// Whether the client took the frame in time.
async fn send(socket: &mut WebSocket, frame: Frame) -> bool {
    let message = match frame {
        Frame::Binary(json) => Message::Binary(json.into()),
        Frame::Text(json) => Message::Text(json.into()),
    };
    matches!(timeout(SEND_TIME, socket.send(message)).await, Ok(Ok(())))
}

async fn close(mut socket: WebSocket, refusal: Refusal) {
    let frame = CloseFrame { code: refusal.code, reason: refusal.reason.into() };
    let farewell = async {
        // The client answers with a close frame of its own. Leaving before that would reset the connection,
        // and it might never read ours.
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    // A client that does not answer in time is left.
    let _ = timeout(FAREWELL_TIME, farewell).await;
}

/// A message of a client's, at most.
const MOST_BYTES: usize = 8 << 20;

/// What voices have to say and nobody has taken yet.
const MOST_VOICES: usize = 4;

const SEND_TIME: Duration = Duration::from_secs(10);
const FAREWELL_TIME: Duration = Duration::from_secs(3);
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
