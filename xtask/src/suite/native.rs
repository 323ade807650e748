use anyhow::Result;

use super::Tally;
use crate::process;
use crate::setup;
use crate::workspace::{PACKAGE_NAME, Workspace};

/// `cargo test`: the crate with its documentation's examples, then the tools with the profile that they are built with.
pub(super) fn run(workspace: &Workspace) -> Result<Tally> {
    let mut tally = Tally::default();
    for words in [
        vec!["test", "--no-fail-fast", "--package", PACKAGE_NAME],
        vec![
            "test",
            "--no-fail-fast",
            "--profile",
            "xtask",
            "--package",
            "gemini-live-simulator",
            "--package",
            "xtask",
        ],
    ] {
        let (output, succeeded) = process::watch(setup::cargo(workspace).args(words))?;
        tally += Tally::of_cargo(&output, succeeded);
    }
    Ok(tally)
}
