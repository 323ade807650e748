//! `POST auth_tokens`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::Simulator;

pub(super) async fn create(State(simulator): State<Simulator>, headers: HeaderMap, body: Bytes) -> Response {
    let key = headers.get("x-goog-api-key").and_then(|key| key.to_str().ok());
    let now = simulator.now();
    match simulator.service().create_token(key, &body, now) {
        Ok(token) => Json(token).into_response(),
        Err(fault) => {
            let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_REQUEST);
            (status, Json(fault.to_json())).into_response()
        }
    }
}
