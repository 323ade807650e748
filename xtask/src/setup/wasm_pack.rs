use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::Browser;
use super::tool::Tool;
use crate::process;
use crate::toolbox;
use crate::workspace::Workspace;

/// The wasm-pack that people who embed the crate are known to be served by.
const WASM_PACK: Tool = Tool { name: "wasm-pack", version: "0.15.1" };

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

/// Sees to it that wasm-pack is there.
pub(crate) fn ensure_wasm_pack(workspace: &Workspace) -> Result<WasmPack> {
    Ok(WasmPack { program: WASM_PACK.ensure(workspace)? })
}
