//! `cargo xtask bench`: the packed package beside its peers, in one browser. What is measured, and how, is in `tests/bench`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::package::{self, Profile};
use crate::process;
use crate::setup;
use crate::suite::ring;
use crate::workspace::{PACKAGE_NAME, Workspace};

/// Options of `bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchOptions {
    /// Few and short visits, without variants of our own: to see that it works, not to quote
    #[arg(long)]
    pub(crate) quick: bool,
    /// Write everything that was measured, sample by sample
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write docs/bench.md, unless the machine had something else to do
    #[arg(long)]
    pub(crate) summary: bool,
    /// Write it all the same
    #[arg(long, requires = "summary")]
    pub(crate) anyway: bool,
    /// The only measure; may be given more than once [default: all]
    #[arg(long, value_name = "MEASURE", conflicts_with = "summary")]
    pub(crate) only: Vec<String>,
    /// The only contender beside the package in its Worker; may be given more than once [default: all]
    #[arg(long, value_name = "CONTENDER", conflicts_with = "summary")]
    pub(crate) with: Vec<String>,
    /// Nothing of all that, but what a frame of the service's takes from its bytes to the ring, in Node
    #[arg(long, conflicts_with_all = ["quick", "json", "summary", "only", "with"])]
    pub(crate) decode: bool,
}

/// Builds the package, installs the peers, and measures.
pub(crate) fn run(workspace: &Workspace, options: &BenchOptions) -> Result<ExitCode> {
    if options.decode {
        return decode(workspace);
    }
    let directory = workspace.path(DIRECTORY);
    package::build(workspace, Profile::Release)?;
    package::pack(workspace)?;
    setup::ensure_npm_packages_in(workspace, DIRECTORY)?;
    let packages = directory.join("node_modules");
    package::install_into(workspace, &packages)?;
    let browser = setup::find_or_install(workspace)?;
    let mut node = setup::node_command(workspace);
    node.arg(directory.join("run.mjs"))
        .env("CHROMIUM", &browser.chromium)
        .env("PACKAGE_DIR", packages.join(PACKAGE_NAME))
        .env("OUT_DIR", workspace.made("bench"));
    if options.quick {
        node.arg("--quick");
    }
    if let Some(file) = &options.json {
        node.arg("--json").arg(std::path::absolute(file).context("the path of --json is not usable")?);
    }
    if options.summary {
        node.arg("--summary").arg(workspace.path("docs/bench.md"));
    }
    if options.anyway {
        node.arg("--anyway");
    }
    for (option, names) in [("--only", &options.only), ("--with", &options.with)] {
        for name in names {
            node.arg(option).arg(name);
        }
    }
    let (_, succeeded) = process::watch(&mut node)?;
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn decode(workspace: &Workspace) -> Result<ExitCode> {
    setup::ensure_node(workspace)?;
    let module = ring::build(workspace, ring::Build::Release)?;
    let mut node = setup::node_command(workspace);
    node.arg(workspace.path("tests/worklet/decode.mjs")).arg(module);
    let (_, succeeded) = process::watch(&mut node)?;
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const DIRECTORY: &str = "tests/bench";
