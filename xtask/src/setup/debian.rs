use std::fs;

use anyhow::{Result, anyhow};

use crate::process;
use crate::toolbox;
use crate::workspace::Workspace;

/// Whether packages can be installed without asking anybody: Debian, as root.
pub(super) fn is_ours_to_install() -> bool {
    is_debian() && is_root() && toolbox::find(&["apt-get"]).is_some()
}

/// Whether this is Debian itself: on its descendants the package `chromium` can be something else.
pub(super) fn is_debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian")
}

/// What somebody else has to do.
pub(super) fn command_line(packages: &[&str]) -> String {
    format!("run `apt-get install --no-install-recommends {}` as root", packages.join(" "))
}

/// Installs Debian packages and nothing that they merely recommend.
pub(super) fn install(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    let apt = |words: &[&str]| {
        let mut command = process::command("apt-get", workspace.root());
        // A machine that has just been started installs its own updates first.
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["-o", "DPkg::Lock::Timeout=300", "-qq"]);
        process::run(command.args(words))
    };
    // What cannot be refreshed may be fresh enough. If it is not, installing says so.
    let _ = apt(&["update"]);
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

/// Sees to it that there is a C++ compiler, which libFuzzer is built with.
pub(crate) fn ensure_cxx(workspace: &Workspace) -> Result<()> {
    let is_there =
        || std::env::var_os("CXX").is_some() || toolbox::find(&["c++", "g++", "clang++"]).is_some();
    if !is_there() && is_ours_to_install() {
        install(workspace, &["g++"])?;
    }
    if is_there() {
        return Ok(());
    }
    let what =
        if is_debian() { command_line(&["g++"]) } else { "install one, such as g++ or clang++".to_owned() };
    Err(anyhow!("no C++ compiler found, which fuzzing needs: {what}"))
}

/// Sees to it, where that is ours to do, that the simulator can speak typed text. It does without: then it answers
/// in tones.
pub(crate) fn want_speech(workspace: &Workspace) {
    if toolbox::find(&["espeak-ng"]).is_some() {
        return;
    }
    let installed = is_ours_to_install() && install(workspace, &["espeak-ng"]).is_ok();
    if !installed {
        println!("  espeak-ng is not installed: the simulator answers typed text in tones");
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
