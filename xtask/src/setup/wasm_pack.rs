use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Browser, cargo};
use crate::process;
use crate::toolbox;
use crate::workspace::Workspace;

/// The wasm-pack that people who embed the crate are known to be served by.
const VERSION: &str = "0.15.1";

/// A project's own wasm-pack.
#[derive(Debug)]
pub(crate) struct WasmPack {
    program: PathBuf,
}

impl WasmPack {
    /// A command that finds our wasm-bindgen and this browser, and downloads nothing.
    pub(crate) fn command(&self, workspace: &Workspace, browser: &Browser) -> Result<Command> {
        let mut command = process::command(&self.program, workspace.root());
        toolbox::offer_to(&mut command, workspace)?;
        command.env("CHROMEDRIVER", browser.driver()?);
        Ok(command)
    }
}

/// Sees to it that wasm-pack is there: in the project, never among the user's own tools. Built without optimisation,
/// which takes a third of the time and is never noticed.
pub(crate) fn ensure_wasm_pack(workspace: &Workspace) -> Result<WasmPack> {
    let root = workspace.made("tools");
    let program = root.join("bin").join(format!("wasm-pack{}", env::consts::EXE_SUFFIX));
    let version = process::ask(process::command(&program, workspace.root()).arg("--version"));
    if version.is_some_and(|version| version.trim() == format!("wasm-pack {VERSION}")) {
        return Ok(WasmPack { program });
    }
    println!("  wasm-pack {VERSION} is built once, which takes a minute");
    let building = root.join("building");
    let mut command = cargo(workspace);
    command.args(["install", "wasm-pack", "--version", VERSION, "--locked", "--debug", "--force", "--root"]);
    command.arg(&root).arg("--target-dir").arg(&building).env("CARGO_PROFILE_DEV_DEBUG", "0");
    process::run(&mut command)
        .context("wasm-pack could not be installed; is the crate registry reachable?")?;
    // 600 MB that nobody needs again.
    let _ = std::fs::remove_dir_all(building);
    Ok(WasmPack { program })
}
