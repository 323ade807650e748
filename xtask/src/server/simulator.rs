//! The simulator, in this process.

use std::path::Path;

use anyhow::Result;
use axum::Router;
use gemini_live_simulator::{Capacity, Options, Recording, Simulator};
use serde_json::json;
use tokio::runtime::Runtime;

use super::{bind, serve};
use crate::workspace::write;

/// The simulator's answers, or what was recorded in their place.
pub(super) fn router(recording: Option<Recording>) -> Router {
    // Several sessions whose connections last for seconds are looked at when their page has time.
    let capacity = Capacity { connections: REMEMBERED, with_audio: REMEMBERED, ..Capacity::default() };
    // Scripts alone can be wrong, and there are none.
    let simulator =
        Simulator::with(Options { recording, capacity, ..Options::default() }).unwrap_or_default();
    gemini_live_simulator::router(simulator)
}

/// Connections that are remembered, with their audio.
const REMEMBERED: usize = 128;

/// Whether a path is one of the simulator's. The official SDK asks for its own with two slashes in front.
pub(super) fn answers(path: &str) -> bool {
    matches!(first_of(path), "ws" | "s" | "v1alpha" | "v1beta" | "v1") || is_inspection(path)
}

/// Whether a path is for looking into it: what was said, and by what levers it is moved.
pub(super) fn is_inspection(path: &str) -> bool {
    first_of(path) == "_simulator"
}

fn first_of(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// A simulator by itself, in the background. It ends with this value.
#[derive(Debug)]
pub(crate) struct Running {
    _runtime: Runtime,
    url: String,
}

impl Running {
    /// Listens at a free port of 127.0.0.1.
    pub(crate) fn start() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(bind(0))?;
        let url = format!("http://{}", listener.local_addr()?);
        runtime.spawn(serve(listener, router(None)));
        Ok(Self { _runtime: runtime, url })
    }

    /// Where it is to be found.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// A simulator for tests compiled to wasm, which have no environment to find it in: they fetch this file from the
/// test runner, which serves the directory it runs in.
pub(crate) fn beside_browser_tests() -> Result<Running> {
    let simulator = Running::start()?;
    write(Path::new("target/browser-tests/simulator.json"), json!({ "url": simulator.url() }).to_string())?;
    Ok(simulator)
}
