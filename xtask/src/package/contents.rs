//! What is in the package, and what each file is for.

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::{Workspace, files_below};

/// The part of the package a file belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// What an application imports: downloaded before it talks.
    Glue,
    /// What goes on with what the glue has begun to load: downloaded beside the wasm.
    Loading,
    /// What starts the session in a Worker.
    Worker,
    /// The two audio processors.
    Worklets,
    /// The compiled crate.
    Wasm,
    /// What answers function calls: downloaded by pages that give tools.
    Tools,
    /// What records a session: downloaded by pages that do.
    Recording,
    /// What tells the voice as samples: downloaded by pages that listen.
    Pcm,
    /// What chooses an output device, keeps the screen on, and rebuilds a processor that has failed: downloaded by pages that
    /// wish one of these.
    Devices,
    /// What opens and changes microphones: downloaded with the first, or ahead of it.
    Microphone,
    /// All of these as scripts, for bundlers that carry no other files. A page has either this or those.
    Inline,
    /// What TypeScript reads.
    Types,
    /// What people and npm read.
    Papers,
}

impl Kind {
    /// Every kind, in the order of the report.
    pub(crate) const ALL: [Self; 13] = [
        Self::Glue,
        Self::Loading,
        Self::Worker,
        Self::Worklets,
        Self::Wasm,
        Self::Tools,
        Self::Recording,
        Self::Pcm,
        Self::Devices,
        Self::Microphone,
        Self::Inline,
        Self::Types,
        Self::Papers,
    ];

    /// The name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Glue => "glue",
            Self::Loading => "loading",
            Self::Worker => "worker",
            Self::Worklets => "worklets",
            Self::Wasm => "wasm",
            Self::Tools => "tools",
            Self::Recording => "recording",
            Self::Pcm => "pcm",
            Self::Devices => "devices",
            Self::Microphone => "microphone",
            Self::Inline => "inline",
            Self::Types => "types",
            Self::Papers => "papers",
        }
    }

    /// Whether a page that talks downloads it: what the target counts.
    pub(crate) fn is_downloaded(self) -> bool {
        match self {
            Self::Glue | Self::Loading | Self::Worker | Self::Worklets | Self::Microphone | Self::Wasm => {
                true
            }
            Self::Tools | Self::Recording | Self::Pcm | Self::Devices => false,
            Self::Inline | Self::Types | Self::Papers => false,
        }
    }

    /// The part a file belongs to, by its path in the package.
    pub(crate) fn of(path: &str) -> Self {
        match path {
            _ if path.ends_with(".d.ts") => Self::Types,
            _ if path.ends_with(".wasm") => Self::Wasm,
            "live-audio.js" => Self::Worklets,
            "live-loading.js" => Self::Loading,
            "live-worker.js" => Self::Worker,
            "live-tools.js" => Self::Tools,
            "live-recording.js" => Self::Recording,
            "live-pcm.js" => Self::Pcm,
            "live-devices.js" => Self::Devices,
            "live-microphone.js" => Self::Microphone,
            "inline.js" | "live-inline.js" => Self::Inline,
            COPY_ASSETS => Self::Papers,
            _ if path.ends_with(".js") => Self::Glue,
            _ => Self::Papers,
        }
    }
}

/// The Worker's script with all it needs, which becomes a text in another.
pub(super) const INLINE_WORKER: &str = "inline-worker.js";

/// The program that the package brings along.
pub(super) const COPY_ASSETS: &str = "copy-assets.js";

/// The files of the repository that go into the package as they are.
pub(super) fn papers(workspace: &Workspace) -> Vec<PathBuf> {
    let entries = fs::read_dir(workspace.root()).into_iter().flatten().flatten();
    let mut papers: Vec<_> = entries.map(|entry| entry.path()).filter(|path| is_paper(path)).collect();
    papers.sort();
    papers
}

/// What lies in the package beside its scripts: the program, and types of what is no script or has no names.
pub(super) fn companions(workspace: &Workspace) -> Vec<PathBuf> {
    let names =
        [COPY_ASSETS, "inline.d.ts", "live-audio.d.ts", "live-worker.d.ts", "gemini_live_web_bg.wasm.d.ts"];
    names.into_iter().map(|name| workspace.path("www/package").join(name)).collect()
}

/// Everything of the repository, but the crate, that the package is made from.
pub(super) fn sources(workspace: &Workspace) -> Vec<PathBuf> {
    let mut sources = papers(workspace);
    sources.extend(files_below(&workspace.path("www/package")));
    sources
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
        assert_eq!(Kind::of("live-audio.js"), Kind::Worklets);
        assert_eq!(Kind::of("live-worker.js"), Kind::Worker);
        assert_eq!(Kind::of("live-core.js"), Kind::Glue);
        assert_eq!(Kind::of("live-tools.js"), Kind::Tools);
        assert_eq!(Kind::of("live-recording.js"), Kind::Recording);
        assert_eq!(Kind::of("live-pcm.js"), Kind::Pcm);
        assert_eq!(Kind::of("live-devices.js"), Kind::Devices);
        assert_eq!(Kind::of("live-loading.js"), Kind::Loading);
        assert_eq!(Kind::of("live-inline.js"), Kind::Inline);
        assert_eq!(Kind::of("copy-assets.js"), Kind::Papers);
        assert_eq!(Kind::of("LICENSE-MIT"), Kind::Papers);
    }

    #[test]
    fn a_page_downloads_what_it_runs_and_that_once() {
        let downloaded: Vec<_> =
            Kind::ALL.into_iter().filter(|kind| kind.is_downloaded()).map(Kind::name).collect();
        assert_eq!(downloaded, ["glue", "loading", "worker", "worklets", "wasm", "microphone"]);
    }
}
