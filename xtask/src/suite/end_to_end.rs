use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::playwright::{Report, TIMES_AGAIN};
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
    let browsers = Browsers::find(workspace, choice.engines)?;
    Stage::set(workspace)?.play_all(workspace, choice, TOGETHER, &|playwright| browsers.give(playwright))
}

/// How many tests run at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Together {
    /// They wait more than they work, but each has a browser.
    pub(super) loose: usize,
    /// Those that compare sounds. They wait for those more than they work, but of some the page is busy by design.
    pub(super) exact: usize,
}

const TOGETHER: Together = Together { loose: 4, exact: 3 };

/// What has Playwright run the tests in certain browsers.
type Give<'a> = &'a dyn Fn(&mut Command);

/// What the tests need beside browsers: for each that runs at once servers of its own.
pub(super) struct Stage {
    isolated: Vec<Server>,
    plain: Vec<Server>,
}

impl Stage {
    pub(super) fn set(workspace: &Workspace) -> Result<Self> {
        let serve_all =
            |isolation| (0..TOGETHER.loose).map(|_| serve(workspace, isolation)).collect::<Result<_>>();
        Ok(Self { isolated: serve_all(Isolation::Isolated)?, plain: serve_all(Isolation::Plain)? })
    }

    /// Runs the tests in the browsers given.
    pub(super) fn play_all(
        &self,
        workspace: &Workspace,
        choice: Choice<'_>,
        together: Together,
        browsers: Give<'_>,
    ) -> Result<Tally> {
        // What compares sounds comes last: by then nothing is left of the others.
        let mut tally = self.play(workspace, choice, browsers, ("loose", together.loose))?;
        if !choice.is_quick {
            tally += self.play(workspace, choice, browsers, ("exact", together.exact))?;
        }
        Ok(tally)
    }

    /// Runs the tests of one kind, so many at once. Which is which says `tests/e2e/support/browsers.mjs`.
    fn play(
        &self,
        workspace: &Workspace,
        choice: Choice<'_>,
        browsers: Give<'_>,
        (which, together): (&str, usize),
    ) -> Result<Tally> {
        let mut playwright = self.playwright(workspace, which, browsers)?;
        playwright.env("TOGETHER", together.to_string());
        if !choice.only.is_empty() {
            // One of the two kinds may have none of them.
            playwright.args(["--pass-with-no-tests", "--grep", &choice.only.join("|")]);
        }
        if choice.is_quick {
            playwright.args(["--max-failures=1", "--retries=0"]);
        }
        let (mut report, succeeded) = reported(workspace, playwright, which)?;
        if !report.doubted().is_empty() {
            report.settle(&self.try_again(workspace, browsers, which, report.doubted())?);
        }
        Ok(report.tally(succeeded))
    }

    /// Tries tests again that passed only when they were tried again, one at a time.
    fn try_again(
        &self,
        workspace: &Workspace,
        browsers: Give<'_>,
        which: &str,
        names: &[String],
    ) -> Result<Report> {
        println!(
            "\n  passed only at another try, so each is tried {TIMES_AGAIN} times more:\n  {}",
            names.join("\n  ")
        );
        let list = workspace.made(&format!("e2e/{which}-again.txt"));
        fs::write(&list, names.join("\n")).with_context(|| format!("cannot write {}", list.display()))?;
        let mut playwright = self.playwright(workspace, which, browsers)?;
        playwright.args(["--retries=0", &format!("--repeat-each={TIMES_AGAIN}"), "--test-list"]).arg(&list);
        Ok(reported(workspace, playwright, &format!("{which}-again"))?.0)
    }

    /// Playwright with the tests of one kind, in the browsers given.
    fn playwright(&self, workspace: &Workspace, which: &str, browsers: Give<'_>) -> Result<Command> {
        let mut playwright = setup::node_command(workspace);
        playwright
            .args(["node_modules/@playwright/test/cli.js", "test", "--config", "e2e"])
            .args(["--reporter=list,json", "--forbid-only"])
            .env("WHICH", which)
            .env("DEMO_URL", words(self.isolated.iter().map(Server::url)))
            .env("DEMO_PLAIN_URL", words(self.plain.iter().map(Server::url)))
            .env("PACKAGE_DIR", workspace.path("tests/node_modules").join(PACKAGE_NAME))
            .env("OUT_DIR", workspace.made("e2e"))
            // For what tests need of their own: `$XTASK serve`, `$XTASK sound`.
            .env("XTASK", std::env::current_exe().context("cannot find this program's own file")?);
        for variable in ["CHROMIUM", "FIREFOX", "WEBKIT_DRIVER", "MINI_BROWSER"] {
            playwright.env_remove(variable);
        }
        browsers(&mut playwright);
        Ok(playwright)
    }
}

/// Runs it. Answers what it reports under this name, and whether it succeeded.
fn reported(workspace: &Workspace, mut playwright: Command, name: &str) -> Result<(Report, bool)> {
    let path = workspace.made(&format!("e2e/{name}.json"));
    let _ = fs::remove_file(&path);
    let (_, succeeded) = process::watch(playwright.env("PLAYWRIGHT_JSON_OUTPUT_FILE", &path))?;
    Ok((Report::read(&path)?, succeeded))
}

/// The browsers that Playwright drives.
struct Browsers {
    engines: Vec<Engine>,
    chromium: Option<PathBuf>,
    firefox: Option<PathBuf>,
}

impl Browsers {
    fn find(workspace: &Workspace, engines: &[Engine]) -> Result<Self> {
        let mut found = Self { engines: engines.to_vec(), chromium: None, firefox: None };
        for engine in engines {
            match engine {
                Engine::Chromium => found.chromium = Some(setup::find_or_install(workspace)?.chromium),
                Engine::Firefox => found.firefox = Some(setup::find_or_install_firefox(workspace)?),
            }
        }
        Ok(found)
    }

    fn give(&self, playwright: &mut Command) {
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
        public: None,
    })
}
