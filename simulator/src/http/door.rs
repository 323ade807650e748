//! Requests for a connection: which script it goes through, and whether it becomes a WebSocket at all.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::time::sleep;

use super::line::Line;
use super::{Simulator, socket};
use crate::credential::{Knock, parameter};
use crate::script::{Fault, RefuseUpgrade, Span};

/// A request for a connection, but for its path.
pub(super) struct Asked {
    query: String,
    key: Option<String>,
    line: Line,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let key = parts.headers.get("x-goog-api-key").and_then(|key| key.to_str().ok());
        let line = parts.extensions.get::<ConnectInfo<Line>>().map(|ConnectInfo(line)| line.clone());
        Ok(Self {
            query: parts.uri.query().unwrap_or_default().to_owned(),
            key: key.map(str::to_owned),
            line: line.unwrap_or_default(),
        })
    }
}

/// A connection by the plain path: the model chooses what it goes through, unless one script is for all.
pub(super) async fn open(
    State(simulator): State<Simulator>,
    Path(service): Path<String>,
    asked: Asked,
    upgrade: WebSocketUpgrade,
) -> Response {
    enter(simulator, None, &service, asked, upgrade).await
}

/// A connection by `/s/{script}`, or `/s/{script}@{run}`.
pub(super) async fn open_by_script(
    State(simulator): State<Simulator>,
    Path((script, service)): Path<(String, String)>,
    asked: Asked,
    upgrade: WebSocketUpgrade,
) -> Response {
    enter(simulator, Some(&script), &service, asked, upgrade).await
}

/// The handshake succeeds where there is a service at all, unless a script refuses it: refusals are close frames.
async fn enter(
    simulator: Simulator,
    script: Option<&str>,
    service: &str,
    asked: Asked,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Some(mut knock) = Knock::read(service, &asked.query, asked.key.as_deref()) else {
        return not_found("no such service");
    };
    let by_query = parameter(&asked.query, "run").unwrap_or_default();
    let (name, run) = match script.map(|script| script.split_once('@').unwrap_or((script, &by_query))) {
        Some((name, run)) => (Some(name), run),
        None => (None, by_query.as_str()),
    };
    let now = simulator.now();
    let entered = simulator.service().enter(name, run);
    let Some((door, fault)) = entered else {
        return not_found("no such script; GET /_simulator/scripts lists them");
    };
    knock.door = door;
    if let Some(fault) = fault {
        simulator.service().turned_away(&knock, &fault, now);
        simulator.tell_of_change();
        return refuse(&fault, &asked.line).await;
    }
    upgrade
        .max_message_size(MOST_BYTES)
        .max_frame_size(MOST_BYTES)
        .on_upgrade(async move |socket| socket::serve(socket, asked.line, knock, simulator).await)
}

/// Answers a request for a connection with something else.
async fn refuse(fault: &Fault, line: &Line) -> Response {
    match fault {
        Fault::RefuseUpgrade(RefuseUpgrade { status, retry_after }) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            let mut response = (status, "the script refuses the connection\n").into_response();
            if let Some(Span(after)) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs()));
            }
            response
        }
        // What is answered then has no way to go.
        Fault::Cut => {
            line.end();
            StatusCode::BAD_GATEWAY.into_response()
        }
        _ => {
            // Not for ever: clients give up much earlier.
            sleep(LONGEST_UPGRADE).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
    }
}

fn not_found(message: &str) -> Response {
    (StatusCode::NOT_FOUND, format!("{message}\n")).into_response()
}

/// A message of a client's, at most.
const MOST_BYTES: usize = 8 << 20;

/// How long a request for a connection is kept that is not answered.
const LONGEST_UPGRADE: Duration = Duration::from_secs(120);
