use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::playwright::Report;
use super::{Choice, Engine, Tally, types};
use crate::package::Profile;
use crate::process;
use crate::server::{Isolation, Mount, RecordingOptions, Server, Settings, Upstream};
use crate::setup;
use crate::workspace::{PACKAGE_NAME, Workspace, holds};

/// Playwright on the packed package, served as the demo serves it, with the headers and without.
pub(super) fn run(workspace: &Workspace, choice: Choice<'_>) -> Result<Tally> {
    if !holds(&workspace.path("tests/e2e"), ".spec.mjs") {
        return Ok(Tally::default());
    }
    types::ready_package(workspace, if choice.is_quick { Profile::Dev } else { Profile::Release })?;
    setup::want_speech(workspace);
    let stage = Stage::set(workspace, choice.engines)?;
    // What compares sounds comes last: by then nothing is left of the others.
    let mut tally = stage.play(workspace, choice, ("loose", LOOSE))?;
    if !choice.is_quick {
        tally += stage.play(workspace, choice, ("exact", EXACT))?;
    }
    Ok(tally)
}

/// How many tests run at once: they wait more than they work, but each has a browser.
const LOOSE: usize = 4;

/// How many of those run at once that compare sounds: no more than the smallest machine has cores.
const EXACT: usize = 2;

/// What the tests need: browsers, and for each test that runs at once servers of its own.
struct Stage {
    isolated: Vec<Server>,
    plain: Vec<Server>,
    engines: Vec<Engine>,
    chromium: Option<PathBuf>,
    firefox: Option<PathBuf>,
}

impl Stage {
    fn set(workspace: &Workspace, engines: &[Engine]) -> Result<Self> {
        let serve_all = |isolation| (0..LOOSE).map(|_| serve(workspace, isolation)).collect::<Result<_>>();
        let mut stage = Self {
            isolated: serve_all(Isolation::Isolated)?,
            plain: serve_all(Isolation::Plain)?,
            engines: engines.to_vec(),
            chromium: None,
            firefox: None,
        };
        for engine in engines {
            match engine {
                Engine::Chromium => stage.chromium = Some(setup::find_or_install(workspace)?.chromium),
                Engine::Firefox => stage.firefox = Some(setup::find_or_install_firefox(workspace)?),
            }
        }
        Ok(stage)
    }

    /// Runs the tests of one kind, so many at once. Which is which says `tests/e2e/support/browsers.mjs`.
    fn play(
        &self,
        workspace: &Workspace,
        choice: Choice<'_>,
        (which, together): (&str, usize),
    ) -> Result<Tally> {
        let report = workspace.made(&format!("e2e/{which}.json"));
        let _ = fs::remove_file(&report);
        let mut playwright = setup::node_command(workspace);
        playwright
            .args(["node_modules/@playwright/test/cli.js", "test", "--config", "e2e"])
            .args(["--reporter=list,json", "--forbid-only"])
            .env("WHICH", which)
            .env("TOGETHER", together.to_string())
            .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
            .env("DEMO_URL", words(self.isolated.iter().map(Server::url)))
            .env("DEMO_PLAIN_URL", words(self.plain.iter().map(Server::url)))
            .env("PACKAGE_DIR", workspace.path("tests/node_modules").join(PACKAGE_NAME))
            .env("OUT_DIR", workspace.made("e2e"))
            // For what tests need of their own: `$XTASK serve`, `$XTASK sound`.
            .env("XTASK", std::env::current_exe().context("cannot find this program's own file")?);
        if !choice.only.is_empty() {
            // One of the two kinds may have none of them.
            playwright.args(["--pass-with-no-tests", "--grep", &choice.only.join("|")]);
        }
        if choice.is_quick {
            playwright.args(["--max-failures=1", "--retries=0"]);
        }
        self.give_browsers(&mut playwright);
        let (_, succeeded) = process::watch(&mut playwright)?;
        Ok(Report::read(&report)?.tally(succeeded))
    }

    fn give_browsers(&self, playwright: &mut Command) {
        playwright.env_remove("FIREFOX");
        for engine in &self.engines {
            playwright.args(["--project", engine.name()]);
        }
        if let Some(chromium) = &self.chromium {
            playwright.env("CHROMIUM", chromium);
        }
        if let Some(firefox) = &self.firefox {
            playwright.env("FIREFOX", firefox);
        }
    }
}

fn words(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join(" ")
}

/// The demo, with the package as it comes out of the tarball, and the tests' own pages beside it.
pub(super) fn serve(workspace: &Workspace, isolation: Isolation) -> Result<Server> {
    let mounts = vec![
        Mount::new("/pkg/", workspace.path("tests/node_modules").join(PACKAGE_NAME)),
        Mount::new("/tests/", workspace.path("tests/e2e")),
        Mount::new("/", workspace.path("www/demo")),
    ];
    Server::start(Settings {
        port: 0,
        isolation,
        mounts,
        upstream: Upstream::simulator(),
        recordings: RecordingOptions::default(),
    })
}
