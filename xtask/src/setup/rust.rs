use std::path::{Path, PathBuf};
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

/// Keeps the builder's home directory out of what `command` compiles: panics name the files of the crates below it, and
/// a package is the same wherever it is built.
pub(crate) fn without_home(command: &mut Command) {
    let Some(home) = cargo_home() else { return };
    let given = std::env::var("RUSTFLAGS").unwrap_or_default();
    let mut flags: Vec<_> = given.split_whitespace().map(str::to_owned).collect();
    flags.push(format!("--remap-path-prefix={}=/cargo", home.display()));
    // Of the two ways to pass flags the one that allows for spaces in a path.
    command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
}

fn cargo_home() -> Option<PathBuf> {
    let given = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    given.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
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
