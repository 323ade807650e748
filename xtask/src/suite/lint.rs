use std::process::Command;

use anyhow::{Result, anyhow};

use super::{Tally, strangers};
use crate::process;
use crate::setup;
use crate::workspace::{PACKAGE_NAME, Workspace};

/// Format, clippy and documentation. All of them are run, so that one look shows everything.
pub(super) fn run(workspace: &Workspace) -> Result<Tally> {
    setup::ensure_components(workspace)?;
    setup::ensure_wasm_target(workspace)?;
    let strictness = Strictness::of_compiler(workspace);
    let mut failed = Vec::new();
    for (name, words) in CHECKS {
        let mut cargo = setup::cargo(workspace);
        cargo.args(words.split_whitespace().map(|word| if word == "CRATE" { PACKAGE_NAME } else { word }));
        strictness.apply(&mut cargo, words);
        if process::run(&mut cargo).is_err() {
            failed.push(name);
        }
    }
    for (name, check) in strangers::CHECKS {
        if let Err(error) = check(workspace, strictness) {
            eprintln!("{error:#}");
            failed.push(name);
        }
    }
    if failed.is_empty() {
        return Ok(Tally { checks: (CHECKS.len() + strangers::CHECKS.len()) as u64, ..Tally::default() });
    }
    Err(anyhow!("{}: the reasons are above", failed.join(", ")))
}

/// Whether a warning is a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// It is.
    Deny,
    /// It is shown.
    Show,
}

impl Strictness {
    /// Lints are errors with the compiler that they were chosen with. A newer one brings new lints, which must not fail the
    /// tests of somebody who has only just cloned this; nor can `rust-toolchain.toml` ask for that one compiler, which
    /// is not found where it is installed under the name `stable`.
    fn of_compiler(workspace: &Workspace) -> Self {
        let version = process::ask(process::command("rustc", workspace.root()).arg("--version"));
        let version = version.unwrap_or_default();
        let strictness = Self::of_version(&version);
        if strictness == Self::Show {
            println!(
                "  warnings are shown and do not fail: they do with Rust {LINTED_WITH}, and this is {version}"
            );
        }
        strictness
    }

    fn of_version(version: &str) -> Self {
        let number = version.split(' ').nth(1).unwrap_or_default();
        if number.starts_with(LINTED_WITH) { Self::Deny } else { Self::Show }
    }

    /// Adds what makes `cargo clippy` and `cargo doc` fail on a warning.
    pub(super) fn apply(self, cargo: &mut Command, words: &str) {
        match (self, words.split(' ').next()) {
            (Self::Deny, Some("clippy")) => {
                cargo.args(["--", "-D", "warnings"]);
            }
            (Self::Deny, Some("doc")) => {
                cargo.env("RUSTDOCFLAGS", "-D warnings");
            }
            _ => {}
        }
    }
}

/// The series of the compiler whose lints are errors.
const LINTED_WITH: &str = "1.95.";

/// The crate's own tests are linted for both: half of them are compiled for one only. The tools use the profile that
/// they are built with, which saves compiling what they depend on twice.
const CHECKS: [(&str, &str); 8] = [
    ("format", "fmt --all --check"),
    ("clippy", "clippy --package CRATE --all-targets"),
    ("clippy for wasm32", "clippy --package CRATE --all-targets --target wasm32-unknown-unknown"),
    (
        "clippy for wasm32, for Rust alone",
        "clippy --package CRATE --all-targets --no-default-features --target wasm32-unknown-unknown",
    ),
    (
        "clippy of the tools",
        "clippy --profile xtask --package gemini-live-simulator --package xtask --all-targets",
    ),
    ("documentation", "doc --package CRATE --no-deps"),
    ("documentation of the simulator", "doc --profile xtask --package gemini-live-simulator --no-deps"),
    ("documentation for wasm32", "doc --package CRATE --no-deps --target wasm32-unknown-unknown"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lints_are_errors_with_the_compiler_they_were_chosen_with_alone() {
        assert_eq!(Strictness::of_version("rustc 1.95.0 (59807616e 2026-04-14)"), Strictness::Deny);
        assert_eq!(Strictness::of_version("rustc 1.96.0 (0123456 2026-06-01)"), Strictness::Show);
        assert_eq!(Strictness::of_version(""), Strictness::Show);
    }
}
