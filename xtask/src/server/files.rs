//! Static files: which file a path means, and what type it has.

use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A directory served under a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    /// Begins and ends with a slash.
    pub(crate) prefix: String,
    /// What is served there.
    pub(crate) directory: PathBuf,
}

impl Mount {
    /// `directory` under `prefix`.
    pub(crate) fn new(prefix: &str, directory: impl Into<PathBuf>) -> Self {
        let inner = prefix.trim_matches('/');
        let prefix = if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") };
        Self { prefix, directory: directory.into() }
    }
}

impl FromStr for Mount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (prefix, directory) = match text.split_once('=') {
            Some((prefix, directory)) if prefix.starts_with('/') => (prefix, directory),
            _ => ("/", text),
        };
        if !Path::new(directory).is_dir() {
            return Err(format!("there is no directory {directory}"));
        }
        Ok(Self::new(prefix, directory))
    }
}

/// The files that the path of a request may mean, in the order they are to be looked for. None when the path is not
/// one that a page of ours could ask for: one that leaves its directory, or names a hidden file.
pub(crate) fn candidates(mounts: &[Mount], path: &str) -> Vec<PathBuf> {
    let Some(path) = decode(path) else { return Vec::new() };
    let matching = mounts.iter().filter_map(|mount| {
        let rest = path.strip_prefix(&mount.prefix)?;
        let mut file = mount.directory.clone();
        for segment in rest.split('/') {
            file.push(checked(segment)?);
        }
        Some(if rest.is_empty() || rest.ends_with('/') { file.join("index.html") } else { file })
    });
    matching.collect()
}

/// Reads the first of the candidates that there is and that lies in the mounted directory, links followed.
pub(crate) async fn read(mounts: &[Mount], path: &str) -> Option<(PathBuf, Vec<u8>)> {
    for candidate in candidates(mounts, path) {
        let Ok(real) = tokio::fs::canonicalize(&candidate).await else { continue };
        let is_inside = mounts
            .iter()
            .filter_map(|mount| mount.directory.canonicalize().ok())
            .any(|directory| real.starts_with(directory));
        if !is_inside {
            continue;
        }
        if let Ok(bytes) = tokio::fs::read(&real).await {
            return Some((candidate, bytes));
        }
    }
    None
}

/// The media type of a file, by its name.
pub(crate) fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "wav" => "audio/wav",
        "txt" | "md" | "ts" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A segment that is safe to append: not hidden (which `.` and `..` are too) and with no separator or drive in it.
fn checked(segment: &str) -> Option<&str> {
    let is_harmless = !segment.starts_with('.') && !segment.contains(['\\', ':', '\0', '/']);
    is_harmless.then_some(segment)
}

/// Percent-decoding. An encoded slash is refused: it would be a separator that [`checked`] never saw.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = char::from(rest.next()?).to_digit(16)?;
        let low = char::from(rest.next()?).to_digit(16)?;
        let decoded = u8::try_from(high * 16 + low).ok()?;
        if decoded == b'/' {
            return None;
        }
        bytes.push(decoded);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounts() -> Vec<Mount> {
        vec![Mount::new("/pkg/", "/npm"), Mount::new("/", "/demo")]
    }

    fn meant(path: &str) -> Vec<String> {
        candidates(&mounts(), path).iter().map(|file| file.to_string_lossy().replace('\\', "/")).collect()
    }

    #[test]
    fn a_directory_means_its_index() {
        assert_eq!(meant("/"), ["/demo/index.html"]);
        assert_eq!(meant("/help/"), ["/demo/help/index.html"]);
    }

    #[test]
    fn a_longer_prefix_is_looked_in_first() {
        assert_eq!(meant("/pkg/a.js"), ["/npm/a.js", "/demo/pkg/a.js"]);
        assert_eq!(meant("/style%20sheet.css"), ["/demo/style sheet.css"]);
    }

    #[test]
    fn a_path_does_not_leave_its_directory() {
        for path in [
            "/../secret",
            "/a/../../secret",
            "/%2e%2e/secret",
            "/..%2fsecret",
            "/..%5csecret",
            "/a\\..\\..\\secret",
            "/pkg/../../secret",
            "/c:/windows",
            "/%00",
            "/%",
            "/%zz",
            "/%ff",
        ] {
            assert!(meant(path).is_empty(), "{path} means {:?}", meant(path));
        }
    }

    #[test]
    fn a_doubled_slash_does_not_reach_the_root_of_the_disk() {
        for file in meant("//etc/passwd").iter().chain(&meant("/pkg//etc/passwd")) {
            assert!(file.starts_with("/demo/") || file.starts_with("/npm/"), "{file}");
        }
    }

    #[test]
    fn hidden_files_are_not_served() {
        assert!(meant("/.git/config").is_empty());
        assert!(meant("/.env").is_empty());
    }

    #[test]
    fn a_link_out_of_the_directory_is_not_followed() {
        let served = std::env::temp_dir().join(format!("xtask-files-{}", std::process::id()));
        std::fs::create_dir_all(served.join("inside")).expect("a directory");
        std::fs::write(served.join("secret"), "no").expect("a file");
        std::fs::write(served.join("inside/page.html"), "yes").expect("a file");
        #[cfg(unix)]
        std::os::unix::fs::symlink(served.join("secret"), served.join("inside/link")).expect("a link");
        let mounts = [Mount::new("/", served.join("inside"))];
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        assert_eq!(
            runtime.block_on(read(&mounts, "/page.html")).map(|(_, bytes)| bytes).as_deref(),
            Some(&b"yes"[..])
        );
        assert!(runtime.block_on(read(&mounts, "/link")).is_none());
        std::fs::remove_dir_all(served).expect("cleared");
    }

    #[test]
    fn wasm_has_the_type_that_streaming_compilation_needs() {
        assert_eq!(media_type(Path::new("a_bg.wasm")), "application/wasm");
        assert_eq!(media_type(Path::new("a.mjs")), "text/javascript; charset=utf-8");
        assert_eq!(media_type(Path::new("noextension")), "application/octet-stream");
    }
}
