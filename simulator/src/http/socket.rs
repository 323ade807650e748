//! One WebSocket: the machine's inputs read from it, the machine's actions done on it.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{Simulator, voice};
use crate::Time;
use crate::conversation::{Action, Conversation, Frame, Input};
use crate::credential::Knock;
use crate::refusal::Refusal;
use crate::script::{Fault, RefuseUpgrade, Span};

/// A connection by the plain path: the model chooses what it goes through, unless one script is for all.
pub(super) async fn open(
    State(simulator): State<Simulator>,
    Path(service): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    enter(&simulator, None, knock(&service, query, &headers), upgrade).await
}

/// A connection by `/s/{script}`, or `/s/{script}@{run}`.
pub(super) async fn open_by_script(
    State(simulator): State<Simulator>,
    Path((script, service)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    enter(&simulator, Some(&script), knock(&service, query, &headers), upgrade).await
}

fn knock(service: &str, query: Option<String>, headers: &HeaderMap) -> Option<Knock> {
    let key = headers.get("x-goog-api-key").and_then(|key| key.to_str().ok());
    Knock::read(service, &query.unwrap_or_default(), key)
}

/// The handshake succeeds where there is a service at all, unless a script refuses it: refusals are close frames.
async fn enter(
    simulator: &Simulator,
    script: Option<&str>,
    knock: Option<Knock>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Some(mut knock) = knock else { return not_found("no such service") };
    let (name, run) = match script.map(|script| script.split_once('@').unwrap_or((script, ""))) {
        Some((name, run)) => (Some(name), run),
        None => (None, ""),
    };
    let now = simulator.now();
    let Some((door, fault)) = simulator.service().enter(name, run) else {
        return not_found("no such script; GET /_simulator/scripts lists them");
    };
    knock.door = door;
    if let Some(fault) = fault {
        return refuse(&fault, &knock, simulator, now).await;
    }
    let simulator = simulator.clone();
    upgrade
        .max_message_size(MOST_BYTES)
        .max_frame_size(MOST_BYTES)
        .on_upgrade(async move |socket| serve(socket, knock, simulator).await)
}

/// Answers a request for a connection with something else.
async fn refuse(fault: &Fault, knock: &Knock, simulator: &Simulator, now: Time) -> Response {
    simulator.service().turned_away(knock, fault, now);
    let Fault::RefuseUpgrade(RefuseUpgrade { status, retry_after }) = fault else {
        // Not for ever: clients give up much earlier.
        sleep(LONGEST_UPGRADE).await;
        return StatusCode::GATEWAY_TIMEOUT.into_response();
    };
    let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut response = (status, "the script refuses the connection\n").into_response();
    if let Some(Span(after)) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs()));
    }
    response
}

fn not_found(message: &str) -> Response {
    (StatusCode::NOT_FOUND, format!("{message}\n")).into_response()
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
    let mut reads = true;
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
                Action::Cut | Action::Reset => return,
                Action::StopReading => reads = false,
            }
        }
        if conversation.is_over() {
            return;
        }
        let wait = conversation.deadline().map(|deadline| deadline.saturating_sub(simulator.now()));
        let event = tokio::select! {
            message = socket.recv(), if reads => Event::Received(message),
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
/// How long a request for a connection is kept that is not answered.
const LONGEST_UPGRADE: Duration = Duration::from_secs(120);
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
