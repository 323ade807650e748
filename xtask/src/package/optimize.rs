//! Binaryen's optimiser on the package's wasm: smaller to fetch, and less for the browser to compile.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::{order, unused};
use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// Optimises the file, which was made of the compiler's, in its place. What came of it with the functions' names is kept
/// beside the package.
pub(super) fn optimize(workspace: &Workspace, compiled: &Path, wasm: &Path) -> Result<()> {
    let named = named(workspace);
    let mut node = setup::node_command(workspace);
    node.arg("node_modules/binaryen/bin/wasm-opt").args([
        wasm.as_os_str(),
        OsStr::new("-o"),
        named.as_os_str(),
    ]);
    process::ask_within(LONGEST, node.args(FEATURES).args(OPTIONS))
        .context("wasm-opt cannot optimise the package's wasm")?;
    unused::blank(compiled, &named)?;
    order::order(&named, wasm)
}

/// Where the optimised wasm lies that still has the functions' names.
pub(super) fn named(workspace: &Workspace) -> PathBuf {
    workspace.made("npm/named.wasm")
}

/// Half a minute of an idle machine; where others work, several times that.
const LONGEST: Duration = Duration::from_secs(10 * 60);
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
    // What it finds twice and keeps in a variable, brotli finds as well, and that costs no variable.
    "--skip-pass=local-cse",
    // Zeros in the data are next to nothing compressed; the three hundred pieces between them have an address each.
    "--skip-pass=memory-packing",
    // No engine asks how an address is aligned, and every access says it.
    "--dealign",
    // The names.
    "--debuginfo",
];
