use std::fs;

use anyhow::Result;

use super::Tally;
use crate::process;
use crate::server::simulator;
use crate::setup;
use crate::workspace::{Workspace, files_below};

/// The worklets under Node's test runner, beside the Rust half of their ring, what starts the simulator from npm, and what of
/// the bench is no measurement.
pub(super) fn run_worklet(workspace: &Workspace) -> Result<Tally> {
    setup::ensure_node(workspace)?;
    super::ring::build(workspace, super::ring::Build::Checked)?;
    let mut tally = test(workspace, "tests/worklet", None)?;
    tally += test(workspace, "simulator/npm", None)?;
    for part in ["measures", "report", "sound"] {
        tally += test(workspace, &format!("tests/bench/{part}"), None)?;
    }
    Ok(tally)
}

/// The official SDK, which knows nothing of us, against the simulator.
pub(super) fn run_sdk(workspace: &Workspace) -> Result<Tally> {
    setup::ensure_npm_packages(workspace)?;
    let simulator = simulator::Running::start()?;
    test(workspace, "tests/sdk", Some(&simulator))
}

/// The tests in a directory; where there is a simulator, they find it in `SIMULATOR_URL`.
pub(super) fn test(
    workspace: &Workspace,
    directory: &str,
    simulator: Option<&simulator::Running>,
) -> Result<Tally> {
    let mut files = files_below(&workspace.path(directory));
    files.retain(|file| {
        file.to_string_lossy().ends_with(".test.mjs") || file.to_string_lossy().ends_with(".test.js")
    });
    if files.is_empty() {
        return Ok(Tally::default());
    }
    let mut node = setup::node_command(workspace);
    if let Some(simulator) = simulator {
        node.env("SIMULATOR_URL", simulator.url());
    }
    let report = workspace.made("node-tests.json");
    let _ = fs::remove_file(&report);
    node.args(["--test", "--test-reporter=spec", "--test-reporter-destination=stdout"]);
    node.args(["--test-reporter=./tally.mjs", "--test-reporter-destination"]).arg(&report).args(files);
    let (_, succeeded) = process::watch(&mut node)?;
    Ok(Tally::of_node(&fs::read_to_string(&report).unwrap_or_default(), succeeded))
}
