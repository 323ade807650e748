//! What tests ask about connections.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::Simulator;
use crate::audio::{INPUT_HZ, OUTPUT_HZ, pcm};
use crate::record::Record;

pub(super) async fn connections(State(simulator): State<Simulator>) -> Json<Value> {
    Json(simulator.connections())
}

pub(super) async fn connection(State(simulator): State<Simulator>, Path(id): Path<u64>) -> Response {
    answer(&simulator, id, |record| Json(record.summary()).into_response())
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
        None => (StatusCode::NOT_FOUND, Json(json!({"error": format!("no connection {id} is remembered")})))
            .into_response(),
    }
}

fn wav(samples: &[i16], rate_hz: u32) -> Response {
    ([(header::CONTENT_TYPE, "audio/wav")], pcm::wav(samples, rate_hz)).into_response()
}
