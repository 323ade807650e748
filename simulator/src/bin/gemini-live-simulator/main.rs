//! `gemini-live-simulator`: a local Gemini Live API. `--help` says what it can be told.

mod arguments;
mod journal;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use gemini_live_simulator::{Simulator, serve};
use tokio::net::TcpListener;

use arguments::Arguments;
use journal::Journal;

fn main() -> ExitCode {
    match run(&Arguments::read()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let simulator = Simulator::with(arguments.options()?).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("cannot start: {error}"))?;
    let listener = runtime.block_on(listen(arguments))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("listening on http://{address}");
    if let Some(journal) = Journal::of(arguments.log) {
        runtime.spawn(journal.keep(simulator.clone()));
    }
    runtime.block_on(serve_until_told_to_end(listener, simulator))
}

async fn listen(arguments: &Arguments) -> Result<TcpListener, String> {
    let address = SocketAddr::from((arguments.host, arguments.port));
    TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}; choose another with --port, or 0 for any free one")
    })
}

async fn serve_until_told_to_end(listener: TcpListener, simulator: Simulator) -> Result<(), String> {
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let served = serve(listener, simulator, async move {
        told_to_end().await;
        stopping.send_replace(true);
    });
    let patience = async {
        let _ = stopped.wait_for(|stopped| *stopped).await;
        tokio::time::sleep(PATIENCE).await;
    };
    let outcome = tokio::select! {
        served = served => served.map_err(|error| error.to_string()),
        () = patience => Ok(()),
    };
    // Sessions say goodbye in tasks of their own.
    tokio::time::sleep(FAREWELL).await;
    outcome
}

/// Ctrl-C, what containers and test runners send, or the end of the program that started this one.
async fn told_to_end() {
    tokio::select! {
        () = interrupted() => {}
        () = terminated() => {}
        () = abandoned() => {}
    }
}

/// The starter for npm holds the other end of standard input: however it ends, that ends too.
async fn abandoned() {
    if std::env::var_os(LIFELINE).is_some() {
        let (ended, end) = tokio::sync::oneshot::channel::<()>();
        // A thread of its own: the runtime would wait for a task that reads.
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            drop(ended);
        });
        let _ = end.await;
    } else {
        std::future::pending::<()>().await;
    }
}

async fn interrupted() {
    // Where there is no signal to wait for, there is nothing to stop for either.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending::<()>().await;
}

/// What `npm/gemini-live-simulator.js` sets.
const LIFELINE: &str = "GEMINI_LIVE_SIMULATOR_STARTER";

/// How long open connections may take to end.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long the last close frames may take to leave.
const FAREWELL: Duration = Duration::from_millis(100);
