//! What tests ask about connections.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::{Simulator, fault};
use crate::audio::{INPUT_HZ, OUTPUT_HZ, pcm};
use crate::record::{Direction, Record, Wanted};
use crate::script::Span;

/// The connections that are asked for; if somebody waits, as soon as there is one.
pub(super) async fn connections(
    State(simulator): State<Simulator>,
    Query(wanted): Query<Wanted>,
) -> Json<Vec<Value>> {
    let Span(wait) = wanted.wait.unwrap_or(Span(Duration::ZERO));
    let find = || {
        let mut service = simulator.service();
        service.records.is_asked_at(simulator.now());
        service.records.find(&wanted)
    };
    wait_until(|| !find().is_empty(), wait, &simulator).await;
    Json(find())
}

/// Waits until something is there, or for so long. What changes often is looked at now and then.
async fn wait_until(mut is_there: impl FnMut() -> bool, wait: Duration, simulator: &Simulator) {
    let mut changed = simulator.shared.changed.subscribe();
    let waiting = async {
        while !is_there() && changed.changed().await.is_ok() {
            sleep(BETWEEN_LOOKS).await;
        }
    };
    // Whether it came or not: what there is is told.
    let _ = timeout(wait.min(LONGEST_POLL), waiting).await;
}

pub(super) async fn connection(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    let service = simulator.service();
    let summary = service.records.get(id).map(|record| service.records.summary(record));
    summary.map_or_else(|| unknown(id), |summary| Json(summary).into_response())
}

pub(super) async fn audio(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    answer(&simulator, id, |record| Json(record.audio_json()).into_response())
}

/// Which messages of a connection somebody asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Messages {
    /// Those after the first so many.
    after: u64,
    /// How long there may be none.
    wait: Option<Span>,
}

pub(super) async fn log(
    State(simulator): State<Simulator>,
    Path(id): Path<u64>,
    Query(Messages { after, wait }): Query<Messages>,
) -> Response {
    if let Some(Span(wait)) = wait {
        let is_there = || simulator.service().records.get(id).is_none_or(|record| record.logged() > after);
        wait_until(is_there, wait, &simulator).await;
    }
    answer(&simulator, id, |record| Json(record.log_after(after)).into_response())
}

pub(super) async fn received(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    answer(&simulator, id, |record| wav(record.received_samples(), INPUT_HZ))
}

pub(super) async fn sent(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    answer(&simulator, id, |record| wav(record.sent_samples(), OUTPUT_HZ))
}

/// Whose sessions somebody asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OfRun {
    run: Option<String>,
}

pub(super) async fn sessions(
    State(simulator): State<Simulator>,
    Query(OfRun { run }): Query<OfRun>,
) -> Json<Vec<Value>> {
    Json(simulator.service().records.sessions(run.as_deref()))
}

pub(super) async fn session(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    let session = simulator.service().records.session(id);
    session.map_or_else(|| no_session(id), |session| Json(session).into_response())
}

pub(super) async fn session_audio(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    let audio = simulator.service().records.session_audio(id);
    audio.map_or_else(|| no_session(id), |audio| Json(audio).into_response())
}

pub(super) async fn session_received(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    let samples = simulator.service().records.session_samples(id, Direction::Received);
    samples.map_or_else(|| no_session(id), |samples| wav(&samples, INPUT_HZ))
}

pub(super) async fn session_sent(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    let samples = simulator.service().records.session_samples(id, Direction::Sent);
    samples.map_or_else(|| no_session(id), |samples| wav(&samples, OUTPUT_HZ))
}

pub(super) async fn session_recording(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    let recording = simulator.service().records.session_recording(id);
    let headers = [(header::CONTENT_TYPE, "application/jsonl")];
    recording.map_or_else(|| no_session(id), |recording| (headers, recording).into_response())
}

fn no_session(id: u64) -> Response {
    fault(
        StatusCode::NOT_FOUND,
        &format!("no session {id} is remembered; its number is that of its first connection"),
    )
}

pub(super) async fn scripts(State(simulator): State<Simulator>) -> Json<Value> {
    Json(simulator.service().scripts.list())
}

fn answer(simulator: &Simulator, id: u64, show: impl FnOnce(&Record) -> Response) -> Response {
    match simulator.service().records.get(id) {
        Some(record) => show(record),
        None => unknown(id),
    }
}

fn unknown(id: u64) -> Response {
    fault(StatusCode::NOT_FOUND, &format!("no connection {id} is remembered"))
}

fn wav(samples: &[i16], rate_hz: u32) -> Response {
    ([(header::CONTENT_TYPE, "audio/wav")], pcm::wav(samples, rate_hz)).into_response()
}

/// How long a poll lets changes gather before it looks again: audio comes fifty times a second.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// How long a poll waits, at most.
const LONGEST_POLL: Duration = Duration::from_secs(30);
