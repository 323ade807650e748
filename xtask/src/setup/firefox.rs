use std::env;
use std::path::PathBuf;

use anyhow::{Result, anyhow};

use super::browser::{overridden, warn_of_quarantine};
use super::debian;
use super::tool::Tool;
use crate::toolbox;
use crate::workspace::Workspace;

/// What drives Firefox for `wasm-bindgen-test`. Playwright does without.
const GECKODRIVER: Tool = Tool { name: "geckodriver", version: "0.37.1" };

/// What the tests in Firefox need: programs, and the Debian packages that hold them. Firefox plays nothing where there
/// is no sound card, so they bring one.
const NEEDED: [(&[&str], &str); 4] = [
    (&["firefox-esr", "firefox"], "firefox-esr"),
    (&["pulseaudio"], "pulseaudio"),
    (&["pactl"], "pulseaudio-utils"),
    (&["paplay"], "pulseaudio-utils"),
];

/// Finds Firefox (`FIREFOX` when set) and PulseAudio, installing them where that is ours to do.
pub(crate) fn find_or_install_firefox(workspace: &Workspace) -> Result<PathBuf> {
    let named = overridden("FIREFOX")?;
    let is_missing = |names: &[&str]| match &named {
        Some(_) if names.contains(&"firefox") => false,
        _ => toolbox::find(names).is_none(),
    };
    let missing = || -> Vec<&str> {
        let mut packages: Vec<_> =
            NEEDED.iter().filter(|(names, _)| is_missing(names)).map(|(_, package)| *package).collect();
        packages.dedup();
        packages
    };
    if !missing().is_empty() && debian::is_ours_to_install() {
        debian::install(workspace, &missing())?;
    }
    match named.clone().or_else(|| toolbox::find(NEEDED[0].0)) {
        Some(firefox) if missing().is_empty() => Ok(firefox),
        _ => Err(anyhow!("the tests in Firefox miss {}: {}", missing().join(", "), instructions(&missing()))),
    }
}

/// Finds geckodriver (`GECKODRIVER` when set), or builds it.
pub(crate) fn ensure_geckodriver(workspace: &Workspace) -> Result<PathBuf> {
    match overridden("GECKODRIVER")?.or_else(|| toolbox::find(&["geckodriver"])) {
        Some(driver) => {
            warn_of_quarantine(workspace, &driver);
            Ok(driver)
        }
        None => GECKODRIVER.ensure(workspace),
    }
}

fn instructions(packages: &[&str]) -> String {
    let leave_out = "or leave Firefox out with `--browser chromium`";
    if debian::is_debian() {
        return debian::command_line(packages) + ", " + leave_out;
    }
    match env::consts::OS {
        "linux" => format!("install Firefox and PulseAudio (pulseaudio, pactl, paplay), {leave_out}"),
        _ => format!("they need PulseAudio for a sound card, which Linux has; {leave_out}"),
    }
}
