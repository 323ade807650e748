use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::playwright::Report;
use super::sound::SoundServer;
use super::{Engine, Tally, types};
use crate::process;
use crate::server::{Isolation, Mount, Server, Settings, Upstream};
use crate::setup;
use crate::workspace::{PACKAGE_NAME, Workspace, holds};

/// Playwright on the packed package, served as the demo serves it, with the headers and without.
pub(super) fn run(workspace: &Workspace, engines: &[Engine]) -> Result<Tally> {
    if !holds(&workspace.path("tests/e2e"), ".spec.mjs") {
        return Ok(Tally::default());
    }
    types::ready_package(workspace)?;
    setup::want_speech(workspace);
    let isolated = serve(workspace, Isolation::Isolated)?;
    let plain = serve(workspace, Isolation::Plain)?;
    let report = workspace.made("e2e/report.json");
    let _ = fs::remove_file(&report);
    let mut playwright = setup::node_command(workspace);
    playwright
        .args(["node_modules/@playwright/test/cli.js", "test", "--config", "e2e"])
        .args(["--reporter=list,json", "--forbid-only"])
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
        .env("DEMO_URL", isolated.url())
        .env("DEMO_PLAIN_URL", plain.url())
        .env("PACKAGE_DIR", workspace.path("tests/node_modules").join(PACKAGE_NAME))
        .env("OUT_DIR", workspace.made("e2e"))
        // For tests that need a server of their own: `$XTASK serve`.
        .env("XTASK", std::env::current_exe().context("cannot find this program's own file")?);
    let _sound = with_browsers(&mut playwright, workspace, engines)?;
    let (_, succeeded) = process::watch(&mut playwright)?;
    Ok(Report::read(&report)?.tally(succeeded))
}

/// Tells Playwright where the browsers are, and starts what they need.
fn with_browsers(
    playwright: &mut Command,
    workspace: &Workspace,
    engines: &[Engine],
) -> Result<Option<SoundServer>> {
    let mut sound = None;
    playwright.env_remove("FIREFOX");
    for engine in engines {
        playwright.args(["--project", engine.name()]);
        match engine {
            Engine::Chromium => {
                playwright.env("CHROMIUM", setup::find_or_install(workspace)?.chromium);
            }
            Engine::Firefox => {
                let firefox = setup::find_or_install_firefox(workspace)?;
                let server = sound.insert(SoundServer::start(workspace)?);
                // Under a name of its own: Chromium would use what is in PULSE_SERVER.
                playwright.env("FIREFOX", firefox).env("FIREFOX_PULSE_SERVER", server.address());
            }
        }
    }
    Ok(sound)
}

/// The demo, with the package as it comes out of the tarball, and the tests' own pages beside it.
fn serve(workspace: &Workspace, isolation: Isolation) -> Result<Server> {
    let mounts = vec![
        Mount::new("/pkg/", workspace.path("tests/node_modules").join(PACKAGE_NAME)),
        Mount::new("/tests/", workspace.path("tests/e2e")),
        Mount::new("/", workspace.path("www/demo")),
    ];
    Server::start(Settings { port: 0, isolation, mounts, upstream: Upstream::simulator() })
}
