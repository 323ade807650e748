//! The tools that cargo and wasm-pack look for in PATH, provided by this very program under their names.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::server::simulator;
use crate::workspace::Workspace;

/// The tool whose name this program was started under, if any.
pub(crate) fn impersonated() -> Option<Tool> {
    let name = PathBuf::from(env::args_os().next()?).file_stem()?.to_owned();
    Tool::ALL.into_iter().find(|tool| name == tool.name())
}

/// A tool that this program can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Makes a package out of a compiled crate.
    Bindgen,
    /// Runs compiled tests in a browser.
    TestRunner,
}

impl Tool {
    const ALL: [Self; 2] = [Self::Bindgen, Self::TestRunner];

    fn name(self) -> &'static str {
        match self {
            Self::Bindgen => "wasm-bindgen",
            Self::TestRunner => "wasm-bindgen-test-runner",
        }
    }

    /// Is the tool, with this program's own arguments.
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self {
            Self::Bindgen => wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(env::args_os())?,
            Self::TestRunner => {
                let _simulator = simulator::beside_browser_tests()?;
                wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(env::args_os())?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Makes the tools callable by name and puts them first in the PATH of `command`.
pub(crate) fn offer_to(command: &mut Command, workspace: &Workspace) -> Result<()> {
    let directory = workspace.made("tools/bin");
    fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    let program = env::current_exe().context("cannot find this program's own file")?;
    for tool in Tool::ALL {
        link(&program, &directory.join(format!("{}{}", tool.name(), env::consts::EXE_SUFFIX)))?;
    }
    command.env("PATH", path_with(&directory)?);
    Ok(())
}

/// PATH with `directory` before everything else.
pub(crate) fn path_with(directory: &Path) -> Result<OsString> {
    let rest = env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(directory.to_path_buf()).chain(env::split_paths(&rest));
    env::join_paths(all).context("a directory in PATH holds a separator")
}

/// The first of the named programs that is in PATH.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| which::which(name).ok())
}

#[cfg(unix)]
fn link(program: &Path, name: &Path) -> Result<()> {
    if fs::read_link(name).is_ok_and(|existing| existing == program) {
        return Ok(());
    }
    let _ = fs::remove_file(name);
    std::os::unix::fs::symlink(program, name).with_context(|| format!("cannot make {}", name.display()))
}

#[cfg(not(unix))]
fn link(program: &Path, name: &Path) -> Result<()> {
    fs::copy(program, name).with_context(|| format!("cannot make {}", name.display()))?;
    Ok(())
}
