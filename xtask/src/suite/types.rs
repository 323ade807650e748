use anyhow::{Result, anyhow};

use super::{Tally, node};
use crate::package::{self, Profile};
use crate::process;
use crate::setup;
use crate::workspace::{Workspace, holds};

/// `tsc --strict` on programs that use the packed package, tests of its declarations and of its scripts under Node, and
/// what the package weighs.
pub(super) fn run(workspace: &Workspace) -> Result<Tally> {
    if !holds(&workspace.path("tests/types"), ".ts") {
        return Ok(Tally::default());
    }
    ready_package(workspace, Profile::Release)?;
    package::check_size(workspace)?;
    let mut tsc = setup::node_command(workspace);
    tsc.args(["node_modules/typescript/bin/tsc", "--project", "types", "--noEmit", "--pretty", "false"]);
    process::run(&mut tsc).map_err(|_| anyhow!("tsc found errors; they are above"))?;
    let mut tally = node::test(workspace, "tests/types", None)?;
    tally += node::test(workspace, "tests/package", None)?;
    tally += Tally::CHECK;
    // The package's weight.
    tally += Tally::CHECK;
    Ok(tally)
}

/// Builds and packs the package, and installs it and the tests' own packages.
pub(super) fn ready_package(workspace: &Workspace, profile: Profile) -> Result<()> {
    setup::ensure_npm_packages(workspace)?;
    package::build(workspace, profile)?;
    package::pack(workspace)?;
    package::install_for_tests(workspace)
}
