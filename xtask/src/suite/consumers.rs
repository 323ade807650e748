use std::fs;
use std::path::Path;

use anyhow::Result;

use super::playwright::Report;
use super::{Tally, types};
use crate::package::{self, Profile};
use crate::process;
use crate::server::{Isolation, Mount, RecordingOptions, Server, Settings, Upstream};
use crate::setup;
use crate::workspace::Workspace;

/// Applications built with the packed package by the tools that its users have, each in a conversation.
pub(super) fn run(workspace: &Workspace) -> Result<Tally> {
    let directory = workspace.path(DIRECTORY);
    types::ready_package(workspace, Profile::Release)?;
    setup::ensure_npm_packages_in(workspace, DIRECTORY)?;
    package::install_into(workspace, &directory.join("node_modules"))?;
    let browser = setup::find_or_install(workspace)?;
    let out = workspace.made("consumers");
    fs::create_dir_all(&out)?;
    for target in ["web", "bundler"] {
        package::bare::lay_out(workspace, target, &out.join("bare").join(target))?;
    }
    // One for each test that runs at once: a server's simulator knows which of its connections is the latest.
    let servers = (0..TOGETHER).map(|_| serve(&out)).collect::<Result<Vec<_>>>()?;
    let report = out.join("report.json");
    let _ = fs::remove_file(&report);
    let mut playwright = setup::node_command(workspace);
    playwright
        .args(["node_modules/@playwright/test/cli.js", "test", "--config", "consumers"])
        .args(["--reporter=list,json", "--forbid-only"])
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
        .env("CHROMIUM", &browser.chromium)
        .env("DEMO_PLAIN_URL", servers.iter().map(Server::url).collect::<Vec<_>>().join(" "))
        .env("TOGETHER", TOGETHER.to_string())
        .env("TARBALL", workspace.tarball())
        .env("OUT_DIR", &out)
        .env("BARE", out.join("bare"));
    let (_, succeeded) = process::watch(&mut playwright)?;
    Ok(Report::read(&report)?.tally(succeeded))
}

fn serve(applications: &Path) -> Result<Server> {
    Server::start(Settings {
        port: 0,
        isolation: Isolation::Plain,
        mounts: vec![Mount::new("/", applications)],
        upstream: Upstream::simulator(),
        recordings: RecordingOptions::default(),
        public: None,
    })
}

const DIRECTORY: &str = "tests/consumers";

/// How many tests run at once: building is work, talking is waiting.
const TOGETHER: usize = 4;
