//! `gemini-live-simulator --port N`: a local Gemini Live API on the loopback interface.

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use gemini_live_simulator::{Scenario, Simulator, serve};
use tokio::net::TcpListener;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(DEFAULT_PORT),
        ["--port", port] => {
            port.parse().map_err(|_| format!("--port takes a number from 0 to 65535, not {port:?}"))
        }
        ["--help" | "-h"] => {
            println!("{USAGE}\n\n{HELP}\nModels:\n{}", models());
            return ExitCode::SUCCESS;
        }
        ["--version" | "-V"] => {
            println!("gemini-live-simulator {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        _ => Err(USAGE.to_owned()),
    };
    match port.and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(port: u16) -> Result<(), String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
            format!("cannot listen on port {port}: {error}; choose another with --port, or 0 for any")
        })?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        println!("listening on http://{address}");
        let (stopping, mut stopped) = tokio::sync::watch::channel(false);
        let served = serve(listener, Simulator::new(), async move {
            // Where there is no signal to wait for, there is nothing to stop for either.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
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
    })
}

/// The models there are, one to a line.
fn models() -> String {
    let line = |scenario: Scenario| format!("  {:<16} {}\n", scenario.name, scenario.summary);
    Scenario::all().into_iter().map(line).collect()
}

const DEFAULT_PORT: u16 = 8090;

/// How long open connections may take to end after ctrl-c.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long the last close frames may take to leave.
const FAREWELL: Duration = Duration::from_millis(100);

const USAGE: &str = "usage: gemini-live-simulator [--port N]   (default 8090, 0 for any free port)";

const HELP: &str = "A local Gemini Live API, for tests and demos.

  ws://127.0.0.1:PORT                      the endpoint to give to a client
  POST /v1alpha/auth_tokens                mints a token; any x-goog-api-key but bad-key and expired-key
  GET /_simulator/connections              what the latest connections were sent and answered
  GET /_simulator/connections/ID/log.json, received.wav, sent.wav

The model's name chooses what a connection goes through; names of real models get sim-parrot
and the rules of their family.
";
