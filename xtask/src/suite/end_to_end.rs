use anyhow::{Context, Result};

use super::{Tally, types};
use crate::process;
use crate::server::{Isolation, Mount, Server, Settings, Upstream};
use crate::setup;
use crate::workspace::{PACKAGE_NAME, Workspace, holds};

/// Playwright on the packed package, served as the demo serves it, with the headers and without.
pub(super) fn run(workspace: &Workspace) -> Result<Tally> {
    if !holds(&workspace.path("tests/e2e"), ".spec.mjs") {
        return Ok(Tally::default());
    }
    types::ready_package(workspace)?;
    let browser = setup::find_or_install(workspace)?;
    setup::want_speech(workspace);
    let isolated = serve(workspace, Isolation::Isolated)?;
    let plain = serve(workspace, Isolation::Plain)?;
    let mut playwright = setup::node_command(workspace);
    playwright
        .args([
            "node_modules/@playwright/test/cli.js",
            "test",
            "--config",
            "e2e",
            "--reporter=list",
            "--forbid-only",
        ])
        .env("CHROMIUM", &browser.chromium)
        .env("DEMO_URL", isolated.url())
        .env("DEMO_PLAIN_URL", plain.url())
        .env("PACKAGE_DIR", workspace.path("tests/node_modules").join(PACKAGE_NAME))
        .env("OUT_DIR", workspace.made("e2e"))
        // For tests that need a server of their own: `$XTASK serve`.
        .env("XTASK", std::env::current_exe().context("cannot find this program's own file")?);
    let (output, succeeded) = process::watch(&mut playwright)?;
    Ok(Tally::of_playwright(&output, succeeded))
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
