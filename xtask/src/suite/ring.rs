use std::ffi::OsString;

use anyhow::{Context, Result};

use crate::process;
use crate::setup;
use crate::workspace::{Workspace, fresh_directory};

/// Builds the ring's Rust halves for Node, where the worklets' tests look for them.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    setup::ensure_wasm_target(workspace)?;
    let mut cargo = setup::cargo(workspace);
    cargo.args(["build", "--quiet", "--package", "gemini-live-ring", "--target", "wasm32-unknown-unknown"]);
    process::run(&mut cargo).context("the ring does not build for Node")?;
    let wasm = workspace.built("wasm32-unknown-unknown/debug/gemini_live_ring.wasm");
    let directory = workspace.made("ring");
    fresh_directory(&directory)?;
    let mut words: Vec<OsString> =
        vec!["wasm-bindgen".into(), wasm.into(), "--out-dir".into(), directory.into()];
    words.extend(["--target", "nodejs", "--no-typescript"].map(OsString::from));
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(words).context("wasm-bindgen failed for Node")
}
