use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use super::end_to_end::{Stage, Together};
use super::{Choice, Tally, types};
use crate::package::Profile;
use crate::process::{self, Running};
use crate::setup::{self, WebKit};
use crate::workspace::Workspace;

/// Conversations of the packed package in WebKitGTK: what the end-to-end tests have for every browser, through its own
/// driver, since Playwright drives no WebKit but its own.
pub(super) fn run(workspace: &Workspace, choice: Choice<'_>) -> Result<Tally> {
    let webkit = setup::find_or_install_webkit(workspace)?;
    types::ready_package(workspace, if choice.is_quick { Profile::Dev } else { Profile::Release })?;
    setup::want_speech(workspace);
    let screen = Screen::start(workspace, &webkit)?;
    let stage = Stage::set(workspace)?;
    stage.play_all(workspace, choice, TOGETHER, &|playwright| screen.give(playwright, &webkit))
}

/// Why this machine cannot run it, if it cannot.
pub(super) fn why_not_here() -> Option<&'static str> {
    (!cfg!(target_os = "linux")).then_some("not run: WebKitGTK is a browser of Linux")
}

/// A screen that nobody sees. It ends with this value.
#[derive(Debug)]
struct Screen {
    name: String,
    _server: Running,
}

impl Screen {
    fn start(workspace: &Workspace, webkit: &WebKit) -> Result<Self> {
        let mut command = process::command(&webkit.screen, workspace.root());
        // It takes a number that is free, and says which. No other machine is to draw on it.
        command.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let server = process::start(&mut command)?;
        let pipe = server.stdout().context("Xvfb has no output")?;
        let (told, number) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(pipe).read_line(&mut line);
            let _ = told.send(line.trim().to_owned());
        });
        match number.recv_timeout(LONGEST_START) {
            Ok(number) if !number.is_empty() => Ok(Self { name: format!(":{number}"), _server: server }),
            _ => Err(anyhow!("Xvfb, the screen for WebKitGTK, does not start")),
        }
    }

    /// Has the tests run in WebKitGTK, on this screen and no other.
    fn give(&self, playwright: &mut Command, webkit: &WebKit) {
        playwright.args(["--project", "webkitgtk"]);
        playwright.env("WEBKIT_DRIVER", &webkit.driver).env("MINI_BROWSER", &webkit.browser);
        playwright.env("DISPLAY", &self.name).env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
    }
}

/// Its driver waits most of the time: four browsers leave a machine of two cores time to spare.
const TOGETHER: Together = Together { loose: 4, exact: 2 };

const LONGEST_START: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_there_is_no_such_browser_is_it_not_run_and_that_is_said() {
        assert_eq!(why_not_here().is_none(), cfg!(target_os = "linux"));
        assert!(why_not_here().is_none_or(|why| why.starts_with("not run")));
    }
}
