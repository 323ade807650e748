//! What tests do to the simulator while it runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Simulator, fault};
use crate::script::{ExpireHandles, Lever, Script, Source, path};

/// The sockets that are open, and a way to tell each what to do.
#[derive(Clone, Debug, Default)]
pub(super) struct Live {
    sockets: Arc<Mutex<Sockets>>,
}

/// By connection: the run, and the way to its task.
type Sockets = HashMap<u64, (String, mpsc::Sender<Order>)>;

/// An open socket's place among [`Live`] ones; it is given up with this value.
#[derive(Debug)]
pub(super) struct Place {
    live: Live,
    id: u64,
    orders: mpsc::Receiver<Order>,
}

/// Something to be done by a socket's task, which says when it is.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) lever: Lever,
    done: oneshot::Sender<()>,
}

impl Live {
    /// Takes a place for connection `id` of `run`.
    pub(super) fn enter(&self, id: u64, run: &str) -> Place {
        let (sender, orders) = mpsc::channel(MOST_ORDERS);
        self.sockets().insert(id, (run.to_owned(), sender));
        Place { live: self.clone(), id, orders }
    }

    /// Has a socket do something, and waits until it is done. Whether there is such a socket.
    async fn order(&self, id: u64, lever: Lever) -> bool {
        let Some(socket) = self.sockets().get(&id).map(|(_, socket)| socket.clone()) else { return false };
        let (done, is_done) = oneshot::channel();
        let ordered = socket.try_send(Order { lever, done }).is_ok();
        // A socket whose client takes nothing does it later; one that ends has done with everything.
        let _ = timeout(LONGEST_ORDER, is_done).await;
        ordered
    }

    fn of(&self, run: Option<&str>) -> Vec<u64> {
        let sockets = self.sockets();
        let of_run = sockets.iter().filter(|(_, (of, _))| run.is_none_or(|run| run == of));
        of_run.map(|(id, _)| *id).collect()
    }

    fn sockets(&self) -> MutexGuard<'_, Sockets> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    pub(super) async fn order(&mut self) -> Order {
        match self.orders.recv().await {
            Some(order) => order,
            // The other end is kept as long as this place is.
            None => std::future::pending().await,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.live.sockets().remove(&self.id);
    }
}

impl Order {
    pub(super) fn done(self) {
        // Who ordered it may have gone.
        let _ = self.done.send(());
    }
}

/// Does to a live connection what a script would: the path names it, the body is what it takes.
pub(super) async fn pull(
    State(simulator): State<Simulator>,
    Path((id, name)): Path<(u64, String)>,
    body: Bytes,
) -> Response {
    let takes = match body.as_ref() {
        [] => None,
        body => match serde_json::from_slice::<Value>(body) {
            Ok(takes) => Some(takes),
            Err(error) => return fault(StatusCode::BAD_REQUEST, &error.to_string()),
        },
    };
    let lever = match Lever::read(&name, takes) {
        Ok(lever) => lever,
        Err(error) => return fault(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    if simulator.shared.live.order(id, lever).await {
        Json(json!({"connection": id, "done": name})).into_response()
    } else {
        fault(StatusCode::NOT_FOUND, &format!("connection {id} is not open"))
    }
}

/// Which run is meant; all of them unless given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    run: Option<String>,
}

/// Ends every connection and forgets them all, so that the next test begins with nothing. The clock is everybody's: a run's
/// end leaves it alone.
pub(super) async fn reset(State(simulator): State<Simulator>, Query(Run { run }): Query<Run>) -> Response {
    let run = run.as_deref();
    let mut ends = JoinSet::new();
    for id in simulator.shared.live.of(run) {
        let live = simulator.shared.live.clone();
        ends.spawn(async move { live.order(id, Lever::close(1001, "the simulator was reset")).await });
    }
    ends.join_all().await;
    simulator.service().forget(run);
    if run.is_none() {
        simulator.shared.clock.reset();
    }
    simulator.tell_of_change();
    StatusCode::NO_CONTENT.into_response()
}

/// Makes the handles given out so far stale.
pub(super) async fn expire_handles(State(simulator): State<Simulator>, body: Bytes) -> Response {
    let read = if body.is_empty() { Ok(ExpireHandles::default()) } else { super::read(&body) };
    match read {
        Ok(ExpireHandles { words }) => {
            simulator.service().handles.expire(None, words);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(message) => fault(StatusCode::BAD_REQUEST, &message),
    }
}

/// Takes a script, for all connections or for those of a run; one of the same name that was posted for them before goes.
pub(super) async fn add_script(
    State(simulator): State<Simulator>,
    Query(Run { run }): Query<Run>,
    body: String,
) -> Response {
    let source = run.clone().map_or(Source::Posted, Source::Run);
    let added = Script::from_json(&body).and_then(|script| {
        let name = script.name().to_owned();
        simulator.service().scripts.add(script, source).map(|()| name)
    });
    match added {
        Ok(name) => {
            let shown = json!({"name": name, "path": path(&name, run.as_deref()), "model": format!("models/sim-{name}")});
            (StatusCode::CREATED, Json(shown)).into_response()
        }
        Err(error) => fault(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// What waits for one socket, at most.
const MOST_ORDERS: usize = 16;

/// How long the one who ordered waits.
const LONGEST_ORDER: Duration = Duration::from_secs(5);
