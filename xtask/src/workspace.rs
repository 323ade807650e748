//! Where things are.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

/// The paths of this workspace. What a person looks for lies under `target/` of the repository; what cargo builds lies
/// in cargo's target directory, which is the same one unless `CARGO_TARGET_DIR` says otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    cargo_target: PathBuf,
}

impl Workspace {
    /// The workspace this program was built from.
    pub(crate) fn find() -> Result<Self> {
        let member = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = member.parent().unwrap_or(member).to_path_buf();
        if !root.join("Cargo.lock").is_file() {
            return Err(anyhow!(
                "{} is no longer the workspace: run `cargo xtask` again from it",
                root.display()
            ));
        }
        let cargo_target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(directory) => {
                std::path::absolute(directory).context("CARGO_TARGET_DIR is not a usable path")?
            }
            None => root.join("target"),
        };
        Ok(Self { root, cargo_target })
    }

    /// The same tree at another place, built elsewhere.
    pub(crate) fn at(root: PathBuf, cargo_target: PathBuf) -> Self {
        Self { root, cargo_target }
    }

    /// The root of the repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path in the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path among the things that are made: under `target/` of the repository.
    pub(crate) fn made(&self, relative: &str) -> PathBuf {
        self.root.join("target").join(relative)
    }

    /// A path in cargo's target directory.
    pub(crate) fn built(&self, relative: &str) -> PathBuf {
        self.cargo_target.join(relative)
    }

    /// The unpacked npm package, which the demo is served from.
    pub(crate) fn package(&self) -> PathBuf {
        self.made("npm/package")
    }

    /// The packed npm package of this version.
    pub(crate) fn tarball(&self) -> PathBuf {
        self.made(&format!("npm/{}-{}.tgz", PACKAGE_NAME, version()))
    }
}

/// The name of the crate and of the npm package.
pub(crate) const PACKAGE_NAME: &str = "gemini-live-web";

/// The version of every package here: they share one.
pub(crate) fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Makes `directory` anew, empty.
pub(crate) fn fresh_directory(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(|| format!("cannot empty {}", directory.display()))?;
    }
    fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))
}

/// Writes `text` to `path`, making the directories above it.
pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Whether a directory holds a file, at any depth, whose name ends in `ending`.
pub(crate) fn holds(directory: &Path, ending: &str) -> bool {
    files_below(directory).iter().any(|file| file.to_string_lossy().ends_with(ending))
}

/// The files below a directory, at any depth, sorted; none when there is no such directory.
pub(crate) fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(directory) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => waiting.push(entry.path()),
                Ok(_) => found.push(entry.path()),
                Err(_) => {}
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The version of `name` in the workspace's lock file.
    fn locked_version(lock: &str, name: &str) -> Option<String> {
        let mut lines = lock.lines();
        lines.find(|line| *line == format!("name = \"{name}\""))?;
        Some(lines.next()?.strip_prefix("version = \"")?.trim_end_matches('"').to_owned())
    }

    #[test]
    fn the_tool_is_of_the_same_version_as_the_crate_it_works_on() {
        let workspace = Workspace::find().expect("a workspace");
        let lock = fs::read_to_string(workspace.path("Cargo.lock")).expect("a lock file");
        let library = locked_version(&lock, "wasm-bindgen");
        assert!(library.is_some());
        assert_eq!(library, locked_version(&lock, "wasm-bindgen-cli"));
        assert_eq!(library, locked_version(&lock, "wasm-bindgen-cli-support"));
    }

    #[test]
    fn the_packages_share_one_version() {
        let workspace = Workspace::find().expect("a workspace");
        let lock = fs::read_to_string(workspace.path("Cargo.lock")).expect("a lock file");
        assert_eq!(locked_version(&lock, PACKAGE_NAME).as_deref(), Some(version()));
    }
}
