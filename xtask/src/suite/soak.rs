//! `cargo xtask soak`: sessions that go from connection to connection for a long time, each sample of them followed.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::end_to_end::serve;
use super::types;
use crate::package::Profile;
use crate::process;
use crate::server::Isolation;
use crate::setup;
use crate::workspace::Workspace;

/// Options of `soak`.
#[derive(Debug, Args)]
pub(crate) struct SoakOptions {
    /// How many sessions there are at once, in Workers and on pages by turns
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=8))]
    pub(crate) sessions: u16,
    /// How many minutes they last
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1440))]
    pub(crate) minutes: u16,
}

/// Has them live behind the simulator's script `soak`, in headless Chromium. The script's exit code is the verdict.
pub(crate) fn run(workspace: &Workspace, options: &SoakOptions) -> Result<ExitCode> {
    types::ready_package(workspace, Profile::Release)?;
    let browser = setup::find_or_install(workspace)?;
    let server = serve(workspace, Isolation::Isolated)?;
    let mut node = setup::node_command(workspace);
    node.arg("e2e/soak.mjs")
        .env("DEMO_URL", server.url())
        .env("SESSIONS", options.sessions.to_string())
        .env("MINUTES", options.minutes.to_string())
        .env("OUT_DIR", workspace.made("e2e"))
        .env("CHROMIUM", &browser.chromium);
    println!("  {} sessions for {} min", options.sessions, options.minutes);
    let minutes = Duration::from_secs(60) * u32::from(options.minutes);
    let status = process::start(&mut node)?.wait(minutes + SLACK)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A browser's start, the last answers, and a machine that has other work.
const SLACK: Duration = Duration::from_secs(5 * 60);
