use anyhow::{Result, anyhow};

use super::Tally;
use crate::process;
use crate::setup;
use crate::workspace::{PACKAGE_NAME, Workspace};

/// Format, clippy and documentation. All of them are run, so that one look shows everything.
pub(super) fn run(workspace: &Workspace) -> Result<Tally> {
    setup::ensure_components(workspace)?;
    setup::ensure_wasm_target(workspace)?;
    let mut failed = Vec::new();
    for (name, words) in CHECKS {
        let mut cargo = setup::cargo(workspace);
        cargo.args(words.split_whitespace().map(|word| if word == "CRATE" { PACKAGE_NAME } else { word }));
        if words.starts_with("doc ") {
            cargo.env("RUSTDOCFLAGS", "-D warnings");
        }
        if process::run(&mut cargo).is_err() {
            failed.push(name);
        }
    }
    if failed.is_empty() {
        return Ok(Tally { checks: CHECKS.len() as u64, ..Tally::default() });
    }
    Err(anyhow!("{}: the reasons are above", failed.join(", ")))
}

/// The crate's own tests are linted for both: half of them are compiled for one only. The tools use the profile that
/// they are built with, which saves compiling what they depend on twice.
const CHECKS: [(&str, &str); 7] = [
    ("format", "fmt --all --check"),
    ("clippy", "clippy --package CRATE --all-targets -- -D warnings"),
    (
        "clippy for wasm32",
        "clippy --package CRATE --all-targets --target wasm32-unknown-unknown -- -D warnings",
    ),
    (
        "clippy of the tools",
        "clippy --profile xtask --package gemini-live-simulator --package xtask --all-targets -- -D warnings",
    ),
    ("documentation", "doc --package CRATE --no-deps"),
    ("documentation of the simulator", "doc --profile xtask --package gemini-live-simulator --no-deps"),
    ("documentation for wasm32", "doc --package CRATE --no-deps --target wasm32-unknown-unknown"),
];
