use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Once;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::process;
use crate::toolbox;
use crate::workspace::{Workspace, write};

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
    // What cannot be refreshed may be fresh enough. If it is not, installing says so. Once: it takes seconds, and without
    // a network half a minute.
    static UPDATED: Once = Once::new();
    UPDATED.call_once(|| {
        let _ = process::run(&mut apt(workspace, &["update"]));
    });
    let words = [&["install", "-y", "--no-install-recommends"], packages].concat();
    process::run(&mut apt(workspace, &words)).with_context(|| not_installed(packages))
}

fn apt(workspace: &Workspace, words: &[&str]) -> Command {
    let mut command = process::command("apt-get", workspace.root());
    // A machine that has just been started installs its own updates first: apt says whom it waits for, and not for ever.
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["-o", "DPkg::Lock::Timeout=300", "-qq"])
        .args(words);
    command
}

fn not_installed(packages: &[&str]) -> String {
    let what = packages.join(" ");
    format!(
        "{what} could not be installed, for the reason above; if that is a lock, try again when its holder is done"
    )
}

/// Sees to it that there is a C++ compiler, which libFuzzer is built with.
pub(crate) fn ensure_cxx(workspace: &Workspace) -> Result<()> {
    if cfg!(target_env = "msvc") {
        // Visual Studio's is in no PATH. The build script knows where it is looked for, and says so where there is none.
        return Ok(());
    }
    let is_there =
        || std::env::var_os("CXX").is_some() || toolbox::find(&["c++", "g++", "clang++"]).is_some();
    if !is_there() && is_ours_to_install() {
        install(workspace, &["g++"])?;
    }
    if is_there() { Ok(()) } else { Err(no_compiler(is_debian())) }
}

fn no_compiler(is_debian: bool) -> anyhow::Error {
    let what =
        if is_debian { command_line(&["g++"]) } else { "install one, such as g++ or clang++".to_owned() };
    anyhow!("no C++ compiler found, which fuzzing needs: {what}")
}

/// Sees to it, where that is ours to do, that the simulator can speak words. It does without: then it has a voice of its
/// own, which says none.
pub(crate) fn want_speech(workspace: &Workspace) {
    if toolbox::find(&["espeak-ng"]).is_some() {
        return;
    }
    // What failed is not tried again at each start: without a network that is a wait each time.
    let failed = workspace.made("espeak-ng-not-installed");
    let is_tried = is_ours_to_install() && !is_younger(&failed, A_DAY);
    if is_tried && install(workspace, &[ESPEAK]).is_ok() {
        return;
    }
    if is_tried {
        // What cannot be noted is tried again.
        let _ = write(&failed, "");
    }
    println!("  {ESPEAK} is not installed: the simulator speaks with a voice of its own");
    if is_ours_to_install() {
        println!(
            "  installing it failed and is tried again after a day; sooner, {}",
            command_line(&[ESPEAK])
        );
    }
}

/// Whether a file was written within the last `most`.
fn is_younger(file: &Path, most: Duration) -> bool {
    let written = fs::metadata(file).and_then(|facts| facts.modified());
    written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < most))
}

const ESPEAK: &str = "espeak-ng";
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apt_asks_nothing_and_waits_for_its_lock_but_not_for_ever() {
        let workspace = Workspace::find().expect("a workspace");
        let command = apt(&workspace, &["update"]);
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        assert_eq!(words, ["-o", "DPkg::Lock::Timeout=300", "-qq", "update"]);
        assert!(command.get_envs().any(|(name, value)| name == "DEBIAN_FRONTEND" && value.is_some()));
    }

    #[test]
    fn what_failed_today_is_not_tried_again() {
        let file = std::env::temp_dir().join(format!("xtask-failed-{}", std::process::id()));
        assert!(!is_younger(&file, A_DAY), "it never failed");
        write(&file, "").expect("written");
        assert!(is_younger(&file, A_DAY));
        let yesterday = std::time::SystemTime::now() - A_DAY - Duration::from_secs(1);
        fs::File::options()
            .write(true)
            .open(&file)
            .and_then(|file| file.set_modified(yesterday))
            .expect("aged");
        assert!(!is_younger(&file, A_DAY));
        fs::remove_file(file).expect("cleared");
    }

    #[test]
    fn what_is_missing_is_asked_for_in_one_line() {
        for text in [
            not_installed(&["chromium", "g++"]),
            no_compiler(true).to_string(),
            no_compiler(false).to_string(),
        ] {
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(text.contains("g++"), "{text}");
        }
        assert!(not_installed(&["g++"]).contains("lock"));
        assert!(no_compiler(true).to_string().contains("apt-get install"));
    }
}
