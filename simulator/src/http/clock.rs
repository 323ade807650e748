//! The simulator's clock: the wall's, until somebody puts it forward or speeds it up.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::sleep;

use super::{Simulator, fault};
use crate::Time;
use crate::script::Span;

/// A clock that never goes back. Whoever waits by it is woken when it is changed.
#[derive(Debug)]
pub(super) struct Clock {
    pace: Mutex<Pace>,
    /// The speed it began with.
    usual: f64,
    changed: watch::Sender<()>,
}

/// How the simulator's time follows from the computer's.
#[derive(Clone, Copy, Debug)]
struct Pace {
    since: Instant,
    then: Time,
    speed: f64,
}

impl Pace {
    fn now(self) -> Time {
        self.then + self.since.elapsed().mul_f64(self.speed)
    }
}

impl Clock {
    /// The wall's time, at `speed`.
    pub(super) fn new(speed: f64) -> Self {
        let then = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let usual = possible(speed);
        let pace = Pace { since: Instant::now(), then, speed: usual };
        Self { pace: Mutex::new(pace), usual, changed: watch::Sender::new(()) }
    }

    pub(super) fn now(&self) -> Time {
        self.pace().now()
    }

    /// Puts the clock forward, and lets it run at another speed.
    fn change(&self, advance: Duration, speed: Option<f64>) {
        let mut pace = self.pace();
        let then = pace.now() + advance;
        *pace = Pace { since: Instant::now(), then, speed: speed.map_or(pace.speed, possible) };
        drop(pace);
        self.changed.send_replace(());
    }

    /// Lets it run as fast as at the beginning. What it was put forward stays: it never goes back.
    pub(super) fn reset(&self) {
        self.change(Duration::ZERO, Some(self.usual));
    }

    /// Waits until the clock shows `time`, however it gets there.
    pub(super) async fn reaches(&self, time: Time) {
        let mut changed = self.changed.subscribe();
        loop {
            let pace = *self.pace();
            let left = time.saturating_sub(pace.now());
            if left.is_zero() {
                return;
            }
            // A little more than too little: who wakes early would only wait again.
            let wait = (left.div_f64(pace.speed) + Duration::from_millis(1)).min(LONGEST_WAIT);
            tokio::select! {
                () = sleep(wait) => {}
                _ = changed.changed() => {}
            }
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What can be asked of the clock.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    advance: Option<Span>,
    speed: Option<f64>,
}

pub(super) async fn show(State(simulator): State<Simulator>) -> Json<Value> {
    Json(shown(&simulator.shared.clock))
}

pub(super) async fn change(State(simulator): State<Simulator>, body: Bytes) -> Response {
    let change: Change = match super::read(&body) {
        Ok(change) => change,
        Err(message) => return fault(StatusCode::BAD_REQUEST, &message),
    };
    if let Some(speed) = change.speed.filter(|speed| possible(*speed) != *speed) {
        return fault(StatusCode::BAD_REQUEST, &format!("speed: {speed} is not from {SLOWEST} to {FASTEST}"));
    }
    let Span(advance) = change.advance.unwrap_or(Span(Duration::ZERO));
    simulator.shared.clock.change(advance, change.speed);
    Json(shown(&simulator.shared.clock)).into_response()
}

fn shown(clock: &Clock) -> Value {
    let pace = *clock.pace();
    json!({"nowMs": pace.now().as_millis() as u64, "speed": pace.speed})
}

/// A speed that can be kept: time does not stand still, and sockets are not outrun.
fn possible(speed: f64) -> f64 {
    if speed.is_finite() { speed.clamp(SLOWEST, FASTEST) } else { 1.0 }
}

const SLOWEST: f64 = 0.01;
const FASTEST: f64 = 10_000.0;

const LONGEST_WAIT: Duration = Duration::from_secs(3600);
