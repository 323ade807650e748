use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::process;
use crate::setup;
use crate::workspace::{Workspace, fresh_directory};

/// How the ring's Rust halves are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// With checks, for the worklets' tests.
    Checked,
    /// As the package is, for who measures.
    Release,
}

/// Builds the ring's Rust halves for Node. Answers in which module.
pub(crate) fn build(workspace: &Workspace, build: Build) -> Result<PathBuf> {
    setup::ensure_wasm_target(workspace)?;
    let (profile, made) = match build {
        Build::Checked => ("debug", "ring"),
        Build::Release => ("release", "ring-release"),
    };
    let mut cargo = setup::cargo(workspace);
    cargo.args(["build", "--quiet", "--package", "gemini-live-ring", "--target", "wasm32-unknown-unknown"]);
    if build == Build::Release {
        cargo.arg("--release");
    }
    process::run(&mut cargo).context("the ring does not build for Node")?;
    let wasm = workspace.built(&["wasm32-unknown-unknown/", profile, "/gemini_live_ring.wasm"].concat());
    let directory = workspace.made(made);
    fresh_directory(&directory)?;
    let mut words: Vec<OsString> =
        vec!["wasm-bindgen".into(), wasm.into(), "--out-dir".into(), directory.clone().into()];
    words.extend(["--target", "nodejs", "--no-typescript"].map(OsString::from));
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(words).context("wasm-bindgen failed for Node")?;
    Ok(directory.join("gemini_live_ring.js"))
}
