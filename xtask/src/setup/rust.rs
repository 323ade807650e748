use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use crate::process;
use crate::workspace::Workspace;

/// The target of everything that runs in a browser.
const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The cargo that started this program, in the root of the workspace.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    process::command(program, workspace.root())
}

/// Sees to it that the compiler can build for the browser. `rustup` may be told not to install anything by itself
/// (`RUSTUP_AUTO_INSTALL=0`), so it is asked by name.
pub(crate) fn ensure_wasm_target(workspace: &Workspace) -> Result<()> {
    let mut question = process::command("rustc", workspace.root());
    question.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    let library = process::ask(&mut question)
        .context("`rustc` does not answer: install Rust from https://rustup.rs")?;
    if Path::new(library.trim()).is_dir() {
        return Ok(());
    }
    rustup(workspace, &["target", "add", WASM_TARGET]).with_context(|| {
        format!("the compiler cannot build for {WASM_TARGET}; run `rustup target add {WASM_TARGET}`")
    })
}

/// Sees to it that `cargo fmt` and `cargo clippy` are there.
pub(crate) fn ensure_components(workspace: &Workspace) -> Result<()> {
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if process::ask(cargo(workspace).args([tool, "--version"])).is_none() {
            rustup(workspace, &["component", "add", component]).with_context(|| {
                format!("`cargo {tool}` is missing; run `rustup component add {component}`")
            })?;
        }
    }
    Ok(())
}

fn rustup(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let mut command = process::command("rustup", workspace.root());
    process::run(command.args(arguments)).map_err(|error| anyhow!("rustup could not help: {error:#}"))
}
