use std::process::Command;

use anyhow::Result;

use super::tool::Tool;
use crate::process;
use crate::workspace::Workspace;

const CARGO_MUTANTS: Tool = Tool { name: "cargo-mutants", version: "27.1.0" };

/// A command of cargo-mutants in the root of the workspace, once it is there.
pub(crate) fn cargo_mutants(workspace: &Workspace) -> Result<Command> {
    let mut command = process::command(CARGO_MUTANTS.ensure(workspace)?, workspace.root());
    command.arg("mutants");
    Ok(command)
}
