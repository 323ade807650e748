//! `cargo xtask demo`: the demo page for a user, or for a headless browser that plays one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use crate::package;
use crate::process;
use crate::server::{Isolation, PublicUrl, RecordingOptions, Server, Settings, Upstream, demo_mounts};
use crate::setup;
use crate::workspace::{Workspace, fresh_directory};

/// Options of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// The port to listen on, at 127.0.0.1; 0 takes any that is free [default: 8080, with --check 0]
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Whether the page gets the headers that allow SharedArrayBuffer; it works without as well
    #[arg(long, value_enum, default_value_t = Isolation::Isolated)]
    pub(crate) headers: Isolation,
    /// Hold one exchange in headless Chromium instead, with this WAV file as its microphone; writes target/demo-check
    #[arg(long, value_name = "FILE.wav")]
    pub(crate) check: Option<PathBuf>,
    /// The address of a tunnel that ends here, by which a telephone reaches the page
    #[arg(long, value_name = "https://HOST", conflicts_with = "check")]
    pub(crate) public_url: Option<PublicUrl>,
    #[command(flatten)]
    pub(crate) recordings: RecordingOptions,
}

/// Builds the package, serves the demo, and then waits for a user or runs the check.
pub(crate) fn run(workspace: &Workspace, options: &DemoOptions) -> Result<ExitCode> {
    // What can be wrong at once is said before anything is built.
    let recording = options.check.as_deref().map(checked_recording).transpose()?;
    let mut upstream = Upstream::playing(options.recordings.played()?)?;
    if recording.is_some() {
        setup::ensure_npm_packages(workspace)?;
        if upstream.is_google() {
            println!(
                "  the check needs the simulator, which tells what it heard: GEMINI_API_KEY is not used"
            );
            upstream = Upstream::simulator();
        }
    }
    let usual_port = if recording.is_some() { 0 } else { DEFAULT_PORT };
    let is_simulated = matches!(upstream, Upstream::Simulator { .. });
    let settings = Settings {
        port: options.port.unwrap_or(usual_port),
        isolation: options.headers,
        mounts: demo_mounts(workspace).to_vec(),
        upstream,
        recordings: options.recordings.clone(),
        public: options.public_url.clone(),
    };
    // A taken port or a bad key is noticed here. Nobody knows the address yet.
    let server = Server::start(settings)?;
    if is_simulated {
        setup::want_speech(workspace);
    }
    // Who only looks needs none of what makes the package small; the check is of what is published.
    let profile = if recording.is_some() { package::Profile::Release } else { package::Profile::Served };
    package::build(workspace, profile)?;
    if let Some(recording) = recording {
        return check(workspace, &server, &recording);
    }
    println!("\n  {}\n", server.url());
    if is_simulated {
        println!("  talks to the simulator; set GEMINI_API_KEY to talk to the service");
    } else {
        println!("  talks to the service, at the expense of GEMINI_API_KEY");
    }
    if options.public_url.is_some() && !is_simulated {
        println!("  whoever knows the public address can do so too, until you end it");
    }
    println!("  {}/check.html measures a device", server.url());
    println!("  Ctrl-C ends it");
    server.join()
}

/// One exchange in headless Chromium, with a recording as its microphone. The script's exit code is the verdict.
fn check(workspace: &Workspace, server: &Server, recording: &Path) -> Result<ExitCode> {
    let script = workspace.path("tests/e2e/check.mjs");
    if !script.is_file() {
        return Err(anyhow!("tests/e2e/check.mjs is missing: restore it from the repository"));
    }
    let browser = setup::find_or_install(workspace)?;
    let results = workspace.made("demo-check");
    fresh_directory(&results)?;
    let mut node = setup::node_command(workspace);
    node.arg(script)
        .env("DEMO_URL", server.url())
        .env("WAV", recording)
        .env("OUT_DIR", &results)
        .env("CHROMIUM", &browser.chromium);
    let (_, succeeded) = process::watch(&mut node)?;
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The absolute path of a recording, once it is seen to be one: Chromium plays silence for anything else.
fn checked_recording(path: &Path) -> Result<PathBuf> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}: name a WAV file", path.display()))?;
    if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
        return Err(anyhow!("{} is not a WAV file: convert it to 16-bit PCM WAV", path.display()));
    }
    std::path::absolute(path).with_context(|| format!("{} has no absolute path", path.display()))
}

const DEFAULT_PORT: u16 = 8080;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_wav_file_can_be_a_microphone() {
        let directory = std::env::temp_dir();
        let good = directory.join(format!("xtask-good-{}.wav", std::process::id()));
        let bad = directory.join(format!("xtask-bad-{}.wav", std::process::id()));
        fs::write(&good, b"RIFF\0\0\0\0WAVEfmt ").expect("written");
        fs::write(&bad, b"ID3").expect("written");
        assert!(checked_recording(&good).is_ok_and(|path| path.is_absolute()));
        assert!(checked_recording(&bad).is_err_and(|error| error.to_string().contains("not a WAV")));
        assert!(checked_recording(Path::new("/nowhere.wav")).is_err());
        fs::remove_file(good).and_then(|()| fs::remove_file(bad)).expect("cleared");
    }
}
