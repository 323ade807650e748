use std::fs;
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use crate::process;
use crate::toolbox;
use crate::workspace::Workspace;

/// Sees to it that Node.js is there and new enough.
pub(crate) fn ensure_node(workspace: &Workspace) -> Result<()> {
    let answer = process::ask(node_command(workspace).arg("--version"))
        .with_context(|| format!("`node` is not in PATH: {INSTALL_NODE}"))?;
    check(&answer)
}

/// Whether the version that Node.js tells is new enough.
fn check(answer: &str) -> Result<()> {
    if major(answer).is_none_or(|major| major < OLDEST_NODE) {
        return Err(anyhow!("Node.js {} is too old: {INSTALL_NODE}", answer.trim()));
    }
    Ok(())
}

/// `node`, to be run in the tests' directory, where its packages are.
pub(crate) fn node_command(workspace: &Workspace) -> Command {
    let mut command = process::command("node", &workspace.path("tests"));
    // The browser is the machine's own.
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    command
}

/// `npm` in the tests' directory.
pub(crate) fn npm_command(workspace: &Workspace) -> Result<Command> {
    let program = toolbox::find(&["npm"]).with_context(|| format!("`npm` is not in PATH: {INSTALL_NODE}"))?;
    let mut command = process::command(program, &workspace.path("tests"));
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").env("npm_config_update_notifier", "false");
    Ok(command)
}

/// Installs the packages that the tests use, when their lock file has changed since the last time.
pub(crate) fn ensure_npm_packages(workspace: &Workspace) -> Result<()> {
    ensure_npm_packages_in(workspace, "tests")
}

/// The same in another directory that has a lock file.
pub(crate) fn ensure_npm_packages_in(workspace: &Workspace, directory: &str) -> Result<()> {
    ensure_node(workspace)?;
    let directory = workspace.path(directory);
    let lock = directory.join("package-lock.json");
    let lock = fs::read(&lock).with_context(|| format!("{} is missing", lock.display()))?;
    // Beside the packages: whoever removes them removes this too.
    let installed = directory.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|known| known == lock) {
        return Ok(());
    }
    let mut command = npm_command(workspace)?;
    command.current_dir(&directory);
    process::run(command.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
        .context("the tests' npm packages could not be installed")?;
    fs::write(&installed, lock).with_context(|| format!("cannot write {}", installed.display()))
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// The oldest Node.js that every package of the tests runs on.
const OLDEST_NODE: u32 = 20;

const INSTALL_NODE: &str =
    "install Node.js 20 or newer with npm (https://nodejs.org, on Debian 13 `apt install nodejs npm`)";

#[cfg(test)]
mod tests {
    use super::{check, major};

    #[test]
    fn an_old_node_is_one_line_with_what_to_do() {
        assert!(check("v20.0.0\n").is_ok() && check("v26.1.0").is_ok());
        for answer in ["v18.20.4\n", "v0.12.0", ""] {
            let error = check(answer).expect_err(answer).to_string();
            assert!(error.lines().count() == 1 && error.contains("install Node.js 20"), "{error}");
        }
    }

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20.20.2"), None);
    }
}
