use std::fs;

use anyhow::Result;

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

/// Installs Debian packages and nothing that they merely recommend.
pub(super) fn install(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    for arguments in
        [vec!["update", "-qq"], [&["install", "-y", "-qq", "--no-install-recommends"], packages].concat()]
    {
        let mut command = process::command("apt-get", workspace.root());
        command.env("DEBIAN_FRONTEND", "noninteractive");
        process::run(command.args(arguments))?;
    }
    Ok(())
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
