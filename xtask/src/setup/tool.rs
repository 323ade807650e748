use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::cargo;
use crate::process;
use crate::workspace::Workspace;

/// A program out of the crate registry, for this project alone: never among the user's own tools.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tool {
    /// Of the crate and of its program.
    pub(super) name: &'static str,
    /// Nothing newer is taken: it was tried with this one.
    pub(super) version: &'static str,
}

impl Tool {
    /// Sees to it that the tool is there, and says where. It is built without optimisation, which takes a third of the
    /// time and is never noticed.
    pub(super) fn ensure(self, workspace: &Workspace) -> Result<PathBuf> {
        let Self { name, version } = self;
        let root = workspace.made("tools");
        let program = root.join("bin").join(format!("{name}{}", env::consts::EXE_SUFFIX));
        let mut question = process::command(&program, workspace.root());
        // A subcommand of cargo's is told its own name first.
        question.args(name.strip_prefix("cargo-")).arg("--version");
        let answer = process::ask(&mut question);
        if answer.is_some_and(|answer| self.is_named_in(&answer)) {
            return Ok(program);
        }
        println!("  {name} {version} is built once, which takes a minute");
        let building = root.join("building");
        let mut command = cargo(workspace);
        command.args(["install", name, "--version", version, "--locked", "--debug", "--force", "--root"]);
        command.arg(&root).arg("--target-dir").arg(&building).env("CARGO_PROFILE_DEV_DEBUG", "0");
        process::run(&mut command)
            .with_context(|| format!("{name} could not be installed; is the crate registry reachable?"))?;
        // 600 MB that nobody needs again.
        let _ = std::fs::remove_dir_all(building);
        Ok(program)
    }

    /// Whether a program that answers this is the tool. Some tell more than their name and version.
    fn is_named_in(self, answer: &str) -> bool {
        answer.split_whitespace().take(2).eq([self.name, self.version])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_of_another_version_is_another_tool() {
        let tool = Tool { name: "geckodriver", version: "0.37.1" };
        assert!(tool.is_named_in("geckodriver 0.37.1\n\nThe source code of this program is available"));
        assert!(tool.is_named_in("geckodriver 0.37.1 (a 2026-10-01)"));
        assert!(!tool.is_named_in("geckodriver 0.37.10"));
        assert!(!tool.is_named_in("wasm-pack 0.37.1"));
    }
}
