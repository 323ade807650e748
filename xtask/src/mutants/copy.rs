use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use super::edit::Mutant;
use crate::process;
use crate::workspace::{Workspace, files_below, write};

/// The tree once more, where it may be broken.
#[derive(Debug)]
pub(super) struct Copy {
    workspace: Workspace,
    root: PathBuf,
}

impl Copy {
    /// The tree as it is now, with what is not committed. What has not changed since the last time is not written, so
    /// that it is not built again.
    pub(super) fn fresh(workspace: &Workspace) -> Result<Self> {
        let root = workspace.made("mutants/tree");
        let list = process::ask(process::command("git", workspace.root()).args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
        ]))
        .context("git does not say which files there are")?;
        let names: Vec<&str> = list.lines().filter(|name| workspace.path(name).is_file()).collect();
        for name in &names {
            renew(&workspace.path(name), &root.join(name))?;
        }
        for file in files_below(&root) {
            let name = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().into_owned();
            let is_made = name.starts_with("target/") || name.contains("node_modules/");
            if !is_made && !names.contains(&name.as_str()) {
                fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
            }
        }
        Ok(Self { workspace: workspace.clone(), root })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo builds, which is not where the tree itself is built.
    pub(super) fn build(&self) -> PathBuf {
        self.workspace.made("mutants/build")
    }

    /// What the last trial said.
    pub(super) fn log(&self) -> PathBuf {
        self.workspace.made("mutants/last.log")
    }

    /// Makes the mistake.
    pub(super) fn plant(&self, mutant: &Mutant) -> Result<()> {
        let source = self.original(mutant)?;
        write(&self.root.join(&mutant.file), mutant.applied(&source)?)
    }

    /// Takes it back.
    pub(super) fn heal(&self, mutant: &Mutant) -> Result<()> {
        write(&self.root.join(&mutant.file), self.original(mutant)?)
    }

    fn original(&self, mutant: &Mutant) -> Result<String> {
        fs::read_to_string(self.workspace.path(&mutant.file))
            .with_context(|| anyhow!("cannot read {}", mutant.file))
    }
}

fn renew(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    write(to, bytes)
}
