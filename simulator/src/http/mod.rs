//! The server around the machine: sockets, the clock, a voice.

mod clock;
mod door;
mod inspection;
mod levers;
mod line;
mod page;
mod socket;
mod tokens;
mod voice;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::Time;
use crate::options::Options;
use crate::record::Record;
use crate::script::{ScriptError, located};
use crate::service::Service;
use clock::Clock;
use levers::Live;

pub use line::{Line, Lines};

/// A simulator that can be served. Clones are the same simulator.
#[derive(Clone, Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: Options,
    service: Mutex<Service>,
    clock: Clock,
    live: Live,
    /// Somebody who waits for something should look.
    changed: watch::Sender<()>,
    sessions: Semaphore,
    stopped: watch::Sender<bool>,
}

impl Default for Simulator {
    fn default() -> Self {
        Self::new()
    }
}

impl Simulator {
    /// A simulator that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let options = Options::default();
        Self::around(Service::new(options.seed()), options)
    }

    /// The same, with what was chosen about it.
    ///
    /// # Errors
    ///
    /// When a script has the name of one of the simulator's own, there are too many, or none has the name asked for.
    pub fn with(options: Options) -> Result<Self, ScriptError> {
        Ok(Self::around(Service::with(&options)?, options))
    }

    fn around(service: Service, options: Options) -> Self {
        let shared = Shared {
            service: Mutex::new(service),
            clock: Clock::new(options.speed.unwrap_or(1.0)),
            live: Live::default(),
            changed: watch::Sender::new(()),
            sessions: Semaphore::new(options.capacity.sessions),
            stopped: watch::Sender::new(false),
            options,
        };
        Self { shared: Arc::new(shared) }
    }

    /// The latest connections, as `GET /_simulator/connections` lists them.
    #[must_use]
    pub fn connections(&self) -> Value {
        self.service().connections()
    }

    /// The messages of a connection, as `GET /_simulator/connections/{id}/log.json` lists them.
    #[must_use]
    pub fn messages(&self, id: u64) -> Option<Value> {
        self.service().records.get(id).map(Record::log_json)
    }

    /// Closes every session (1001). Connections that come later are closed as well.
    pub fn stop(&self) {
        self.shared.stopped.send_replace(true);
    }

    /// Whether a host, perhaps with a port, is this simulator: this machine, or one of the names it was given.
    fn is_called(&self, authority: &str) -> bool {
        let name = without_port(authority);
        is_loopback(name) || self.shared.options.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    fn service(&self) -> MutexGuard<'_, Service> {
        // What a panicking thread left behind is still a service: every change to it is complete in itself.
        self.shared.service.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Time {
        self.shared.clock.now()
    }

    /// Something was noted that somebody may wait for.
    fn tell_of_change(&self) {
        self.shared.changed.send_replace(());
    }
}

/// The simulator's routes, to be served alone or merged into another router. They carry their own CORS headers: pages of
/// this machine may use them, at any port, and no others. What is recorded here is somebody's microphone.
pub fn router(simulator: Simulator) -> Router {
    let token = || post(tokens::create).options(async || StatusCode::NO_CONTENT);
    Router::new()
        .route("/ws/{service}", get(door::open))
        // The official SDK writes two slashes.
        .route("//ws/{service}", get(door::open))
        .route("/s/{script}/ws/{service}", get(door::open_by_script))
        .route("/s/{script}//ws/{service}", get(door::open_by_script))
        .merge(["v1alpha", "v1beta"].iter().fold(Router::new(), |router, version| {
            router
                .route(&format!("/{version}/auth_tokens"), token())
                .route(&format!("//{version}/auth_tokens"), token())
                .route(&format!("/s/{{script}}/{version}/auth_tokens"), token())
                .route(&format!("/s/{{script}}//{version}/auth_tokens"), token())
        }))
        .route("/_simulator/connections", get(inspection::connections).delete(levers::reset))
        .route("/_simulator/connections/{id}", get(inspection::connection))
        .route("/_simulator/connections/{id}/{lever}", post(levers::pull))
        .route("/_simulator/connections/{id}/audio.json", get(inspection::audio))
        .route("/_simulator/connections/{id}/log.json", get(inspection::log))
        .route("/_simulator/connections/{id}/received.wav", get(inspection::received))
        .route("/_simulator/connections/{id}/sent.wav", get(inspection::sent))
        .route("/_simulator/sessions", get(inspection::sessions))
        .route("/_simulator/sessions/{id}", get(inspection::session))
        .route("/_simulator/sessions/{id}/audio.json", get(inspection::session_audio))
        .route("/_simulator/sessions/{id}/recording.jsonl", get(inspection::session_recording))
        .route("/_simulator/sessions/{id}/received.wav", get(inspection::session_received))
        .route("/_simulator/sessions/{id}/sent.wav", get(inspection::session_sent))
        .route("/_simulator/scripts", get(inspection::scripts).post(levers::add_script))
        .route("/_simulator/handles/expire", post(levers::expire_handles))
        .route("/_simulator/clock", get(clock::show).post(clock::change))
        .merge(page::routes())
        .layer(DefaultBodyLimit::max(MOST_BODY_BYTES))
        .layer(from_fn_with_state(simulator.clone(), allow_pages_of_this_machine))
        .with_state(simulator)
}

/// Serves the simulator alone until `stop` is done, then closes its sessions.
///
/// # Errors
///
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    simulator: Simulator,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let stopping = simulator.clone();
    let stop = async move {
        stop.await;
        stopping.stop();
    };
    let router = router(simulator.clone()).layer(from_fn_with_state(simulator, refuse_other_hosts));
    axum::serve(Lines(listener), router.into_make_service_with_connect_info::<Line>())
        .with_graceful_shutdown(stop)
        .await
}

async fn allow_pages_of_this_machine(
    State(simulator): State<Simulator>,
    request: Request,
    next: Next,
) -> Response {
    let origin = request.headers().get(header::ORIGIN).filter(|origin| is_near(origin, &simulator)).cloned();
    let is_inspection = request.uri().path().starts_with("/_simulator");
    let mut response = match &origin {
        // Not even unread: a lever that is pulled is pulled.
        None if is_inspection && request.headers().contains_key(header::ORIGIN) => {
            fault(StatusCode::FORBIDDEN, "only pages of this machine may look in here")
        }
        Some(_) if is_inspection && request.method() == Method::OPTIONS => {
            StatusCode::NO_CONTENT.into_response()
        }
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let Some(origin) = origin else { return response };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*"));
    headers
        .insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE, OPTIONS"));
    // Pages that are cross-origin isolated load only what says that it may be loaded.
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// What is wrong with a request.
fn fault(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}

/// The JSON of a request, or what is wrong with it, and where.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut deserializer).map_err(located)
}

/// Whether an origin, such as `http://localhost:5173`, is a page that this machine serves.
fn is_near(origin: &HeaderValue, simulator: &Simulator) -> bool {
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    authority.is_some_and(|(_, authority)| simulator.is_called(authority))
}

/// Whether a host is this machine, without asking a name server.
fn is_loopback(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    }
}

/// Answers requests to this machine alone. A name that a stranger's name server points here is none of its names: his page
/// would be of the simulator's own origin.
async fn refuse_other_hosts(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(|host| simulator.is_called(host)) {
        return next.run(request).await;
    }
    let advice = "open the simulator as http://127.0.0.1 or http://localhost, or start it with --name\n";
    (StatusCode::MISDIRECTED_REQUEST, advice).into_response()
}

/// What a token's request may hold.
const MOST_BODY_BYTES: usize = 1 << 20;
