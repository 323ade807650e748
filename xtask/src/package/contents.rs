//! What is in the package, and what each file is for.

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::Workspace;

/// The part of the package a file belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The module that an application imports, and the snippets it imports in turn.
    Glue,
    /// What starts the driver in a Worker.
    Worker,
    /// The two audio processors.
    Worklets,
    /// The compiled crate.
    Wasm,
    /// What TypeScript reads.
    Types,
    /// What people and npm read.
    Papers,
}

impl Kind {
    /// Every kind, in the order of the report.
    pub(crate) const ALL: [Self; 6] =
        [Self::Glue, Self::Worker, Self::Worklets, Self::Wasm, Self::Types, Self::Papers];

    /// The name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Glue => "glue",
            Self::Worker => "worker",
            Self::Worklets => "worklets",
            Self::Wasm => "wasm",
            Self::Types => "types",
            Self::Papers => "papers",
        }
    }

    /// Whether a page that talks downloads it: what target T1 counts.
    pub(crate) fn is_downloaded(self) -> bool {
        !matches!(self, Self::Types | Self::Papers)
    }

    /// The part a file belongs to, by its path in the package.
    pub(crate) fn of(path: &str) -> Self {
        match path {
            _ if path.ends_with(".d.ts") => Self::Types,
            _ if path.ends_with(".wasm") => Self::Wasm,
            _ if path.ends_with(".js") && path.contains("/worklets/") => Self::Worklets,
            _ if path.ends_with(".js") && path.contains("/worker/") => Self::Worker,
            _ if path.ends_with(".js") => Self::Glue,
            _ => Self::Papers,
        }
    }
}

/// The files of the repository that go into the package as they are.
pub(crate) fn sources(workspace: &Workspace) -> Vec<PathBuf> {
    let entries = fs::read_dir(workspace.root()).into_iter().flatten().flatten();
    let mut papers: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_paper(path)).collect();
    papers.sort();
    papers
}

fn is_paper(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == "README.md" || name == "CHANGELOG.md" || name.starts_with("LICENSE-")
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn a_file_counts_for_the_part_it_belongs_to() {
        assert_eq!(Kind::of("gemini_live_web.js"), Kind::Glue);
        assert_eq!(Kind::of("gemini_live_web.d.ts"), Kind::Types);
        assert_eq!(Kind::of("gemini_live_web_bg.wasm"), Kind::Wasm);
        assert_eq!(Kind::of("gemini_live_web_bg.wasm.d.ts"), Kind::Types);
        assert_eq!(Kind::of("snippets/gemini-live-web-0123/www/worklets/live-audio.js"), Kind::Worklets);
        assert_eq!(Kind::of("snippets/gemini-live-web-0123/www/worker/worker.js"), Kind::Worker);
        assert_eq!(Kind::of("snippets/gemini-live-web-0123/src/web/live_error.js"), Kind::Glue);
        assert_eq!(Kind::of("LICENSE-MIT"), Kind::Papers);
    }

    #[test]
    fn types_and_papers_are_not_downloaded_by_a_page() {
        let downloaded: Vec<_> =
            Kind::ALL.into_iter().filter(|kind| kind.is_downloaded()).map(Kind::name).collect();
        assert_eq!(downloaded, ["glue", "worker", "worklets", "wasm"]);
    }
}
