//! Binaryen's optimiser on the package's wasm: smaller to fetch, and less for the browser to compile.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// Optimises the file in its place.
pub(super) fn optimize(workspace: &Workspace, wasm: &Path) -> Result<()> {
    let smaller = wasm.with_extension("smaller");
    let mut node = setup::node_command(workspace);
    node.arg("node_modules/binaryen/bin/wasm-opt").args([
        wasm.as_os_str(),
        OsStr::new("-o"),
        smaller.as_os_str(),
    ]);
    process::ask(node.args(FEATURES).args(OPTIONS)).context("wasm-opt cannot optimise the package's wasm")?;
    fs::rename(&smaller, wasm).context("the optimised wasm cannot be put in its place")
}

/// What rustc uses without being asked to. A feature that is missing here is an error of wasm-opt's, not a larger package.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];
/// Functions that are called once stay functions: inlined, they are other code at each place, and compress worse.
const OPTIONS: &[&str] = &[
    "-Oz",
    "--converge",
    // Only a stack that is about to overflow reaches so far down: the linker puts it below everything.
    "--low-memory-unused",
    "--always-inline-max-function-size=1",
    "--flexible-inline-max-function-size=0",
    "--one-caller-inline-max-function-size=10",
    // Copies of one generic function stand side by side, and compress. The names themselves are not written.
    "--reorder-functions-by-name",
];
