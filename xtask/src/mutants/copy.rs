use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::edit::Mutant;
use crate::process;
use crate::workspace::{Workspace, files_below, write};

/// The tree once more, where it may be broken. Mutants are looked for in the copy: the tree itself may change meanwhile.
#[derive(Debug)]
pub(super) struct Copy {
    workspace: Workspace,
    tree: Workspace,
    commit: String,
}

impl Copy {
    /// The tree as it is now, with what is not committed. What has not changed since the last time is not written, so
    /// that it is not built again. Under another name it is another copy, which may be worked on at the same time.
    pub(super) fn fresh(workspace: &Workspace, name: &str) -> Result<Self> {
        let place = workspace.made("mutants").join(name);
        let root = place.join("tree");
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
        // Where cargo builds, which is not where the tree itself is built. The log lies beside it: scripts build nothing.
        let build = place.join("build");
        fs::create_dir_all(&build).with_context(|| format!("cannot make {}", build.display()))?;
        let tree = Workspace::at(root, build);
        let commit = process::ask(process::command("git", workspace.root()).args([
            "describe",
            "--always",
            "--dirty= and what is not committed",
        ]));
        let commit = commit.unwrap_or_default().trim().to_owned();
        Ok(Self { workspace: workspace.clone(), tree, commit })
    }

    /// What it is a copy of.
    pub(super) fn of(&self) -> &Workspace {
        &self.workspace
    }

    pub(super) fn tree(&self) -> &Workspace {
        &self.tree
    }

    /// The commit that it is a copy of.
    pub(super) fn commit(&self) -> &str {
        &self.commit
    }

    /// What the last trial said.
    pub(super) fn log(&self) -> PathBuf {
        self.tree.built("../last.log")
    }

    /// Does something with the mistake made, and takes it back.
    pub(super) fn with<T>(&self, mutant: &Mutant, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let path = self.tree.path(&mutant.file);
        let original = fs::read_to_string(&path).with_context(|| format!("cannot read {}", mutant.file))?;
        write(&path, mutant.applied(&original)?)?;
        let outcome = work();
        write(&path, original)?;
        outcome
    }
}

fn renew(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    write(to, bytes)
}
