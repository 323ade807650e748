//! What `wasm-pack build` makes of the crate, for those who do without the package.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Profile, compile};
use crate::workspace::{Workspace, fresh_directory};

/// Runs wasm-bindgen alone, for a target such as `web` or `bundler`.
pub(crate) fn lay_out(workspace: &Workspace, target: &str, directory: &Path) -> Result<()> {
    let wasm = compile(workspace, Profile::Release)?;
    fresh_directory(directory)?;
    let mut words: Vec<OsString> =
        vec!["wasm-bindgen".into(), wasm.into(), "--out-dir".into(), directory.into()];
    // The last as the crate's Cargo.toml tells wasm-pack.
    words.extend(["--target", target, "--split-linked-modules"].map(OsString::from));
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(words)
        .with_context(|| format!("wasm-bindgen failed for the target {target}"))
}
