//! What tests ask about connections.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use tokio::time::timeout;

use super::{Simulator, fault};
use crate::audio::{INPUT_HZ, OUTPUT_HZ, pcm};
use crate::record::{Record, Wanted};
use crate::script::Span;

/// The connections that are asked for; if somebody waits, as soon as there is one.
pub(super) async fn connections(
    State(simulator): State<Simulator>,
    Query(wanted): Query<Wanted>,
) -> Json<Vec<Value>> {
    let Span(wait) = wanted.wait.unwrap_or(Span(Duration::ZERO));
    let mut changed = simulator.shared.changed.subscribe();
    let find = || {
        let mut service = simulator.service();
        service.records.is_asked_at(simulator.now());
        service.records.find(&wanted)
    };
    let waiting = async { while find().is_empty() && changed.changed().await.is_ok() {} };
    // Whether it came or not: what there is is told.
    let _ = timeout(wait.min(LONGEST_POLL), waiting).await;
    Json(find())
}

pub(super) async fn connection(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    let service = simulator.service();
    let summary = service.records.get(id).map(|record| service.records.summary(record));
    summary.map_or_else(|| unknown(id), |summary| Json(summary).into_response())
}

pub(super) async fn audio(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    answer(&simulator, id, |record| Json(record.audio_json()).into_response())
}

pub(super) async fn log(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    answer(&simulator, id, |record| Json(record.log_json()).into_response())
}

pub(super) async fn received(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    answer(&simulator, id, |record| wav(record.received_samples(), INPUT_HZ))
}

pub(super) async fn sent(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    answer(&simulator, id, |record| wav(record.sent_samples(), OUTPUT_HZ))
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

/// How long a poll waits, at most.
const LONGEST_POLL: Duration = Duration::from_secs(30);
