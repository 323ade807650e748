//! Static files: which directory a path means, and what must not leave it.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use percent_encoding::percent_decode_str;
use tower::ServiceExt;
use tower_http::services::ServeDir;

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

    /// Whether a file lies at a path of the directory. [`ServeDir`] keeps paths inside, but it serves hidden files and
    /// follows links out, which this does not.
    fn holds(&self, path: &str) -> bool {
        let Ok(path) = percent_decode_str(path).decode_utf8() else { return false };
        if path.split('/').any(|segment| segment.starts_with('.')) {
            return false;
        }
        let is_directory = path.is_empty() || path.ends_with('/');
        let file = [path.trim_start_matches('/'), if is_directory { "index.html" } else { "" }].concat();
        let (file, directory) = (self.directory.join(file).canonicalize(), self.directory.canonicalize());
        matches!((file, directory), (Ok(file), Ok(directory)) if file.is_file() && file.starts_with(&directory))
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

/// The file that the request asks for, of the first mount that has it. None when no page of ours could ask for it: when it
/// is none of a mount's, or hidden.
pub(crate) async fn answer(mounts: &[Mount], asked: &Parts) -> Option<Response> {
    for mount in mounts {
        let Some(path) = asked.uri.path().strip_prefix(&mount.prefix).filter(|path| mount.holds(path)) else {
            continue;
        };
        let mut question = Request::builder().method(&asked.method).uri(format!("/{path}"));
        question.headers_mut()?.clone_from(&asked.headers);
        let Ok(answer) = ServeDir::new(&mount.directory).oneshot(question.body(Body::empty()).ok()?).await;
        return Some(with_charset(answer.map(Body::new)));
    }
    None
}

/// The project's texts are UTF-8, and their types say so; scripts are all of the one type that is not obsolete.
fn with_charset(mut answer: Response) -> Response {
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.map(|kind| kind.replace("application/javascript", "text/javascript"));
    let kind = kind.filter(|kind| kind.starts_with("text/")).map(|kind| kind + "; charset=utf-8");
    if let Some(kind) = kind.and_then(|kind| HeaderValue::try_from(kind).ok()) {
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    answer
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    /// A directory of a test's own, with these files, each holding its own path.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[&str]) -> Self {
            let root = std::env::temp_dir().join(format!("xtask-files-{name}-{}", std::process::id()));
            for file in files {
                let path = root.join(file);
                std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
                std::fs::write(path, file).expect("a file");
            }
            Self(root)
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.join(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    /// The type and the text of what is served at a path.
    fn served(mounts: &[Mount], path: &str) -> Option<(String, String)> {
        let (asked, ()) = Request::builder().uri(path).body(()).ok()?.into_parts();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let answer = answer(mounts, &asked).await?;
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            let kind = answer.headers()[header::CONTENT_TYPE].to_str().expect("text").to_owned();
            let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
            Some((kind, String::from_utf8(body.to_vec()).expect("text")))
        })
    }

    fn text(mounts: &[Mount], path: &str) -> Option<String> {
        served(mounts, path).map(|(_, text)| text)
    }

    #[test]
    fn a_directory_means_its_index() {
        let folder = Folder::new("index", &["index.html", "help/index.html", "empty/a.js"]);
        let mounts = [Mount::new("/", folder.at(""))];
        assert_eq!(text(&mounts, "/").as_deref(), Some("index.html"));
        assert_eq!(text(&mounts, "/help/").as_deref(), Some("help/index.html"));
        assert_eq!((text(&mounts, "/help"), text(&mounts, "/empty/")), (None, None));
    }

    #[test]
    fn the_first_mount_that_has_a_file_answers() {
        let folder =
            Folder::new("first", &["npm/a.js", "demo/pkg/a.js", "demo/pkg/b.js", "demo/style sheet.css"]);
        let mounts = [Mount::new("/pkg/", folder.at("npm")), Mount::new("/", folder.at("demo"))];
        assert_eq!(text(&mounts, "/pkg/a.js").as_deref(), Some("npm/a.js"));
        assert_eq!(text(&mounts, "/pkg/b.js").as_deref(), Some("demo/pkg/b.js"));
        assert_eq!(text(&mounts, "/style%20sheet.css").as_deref(), Some("demo/style sheet.css"));
    }

    #[test]
    fn a_path_does_not_leave_its_directory() {
        let folder = Folder::new("inside", &["secret", "demo/a/page.html", "demo/pkg/a.js"]);
        let mounts = [Mount::new("/pkg/", folder.at("demo/pkg")), Mount::new("/", folder.at("demo"))];
        for path in [
            "/../secret",
            "/a/../../secret",
            "/%2e%2e/secret",
            "/..%2fsecret",
            "/..%5csecret",
            "/a\\..\\..\\secret",
            "/pkg/../../secret",
            "/pkg/..%2f..%2fsecret",
            "/c:/windows",
            "/%00",
            "/%",
            "/%zz",
            "/%ff",
            "//etc/passwd",
            "/pkg//etc/passwd",
            "/%2fetc/passwd",
        ] {
            assert_eq!(served(&mounts, path), None, "{path}");
        }
    }

    #[test]
    fn hidden_files_are_not_served() {
        let folder = Folder::new("hidden", &[".git/config", ".env", "a/.b/c"]);
        let mounts = [Mount::new("/", folder.at(""))];
        for path in ["/.git/config", "/.env", "/%2eenv", "/a/.b/c", "/a/%2eb/c"] {
            assert_eq!(served(&mounts, path), None, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_directory_is_not_followed() {
        let folder = Folder::new("links", &["secret", "index/index.html", "inside/page.html"]);
        std::os::unix::fs::symlink(folder.at("secret"), folder.at("inside/link")).expect("a link");
        std::os::unix::fs::symlink(folder.at("index"), folder.at("inside/folder")).expect("a link");
        let mounts = [Mount::new("/", folder.at("inside"))];
        assert!(served(&mounts, "/page.html").is_some());
        assert_eq!((served(&mounts, "/link"), served(&mounts, "/folder/")), (None, None));
    }

    #[test]
    fn wasm_has_the_type_that_streaming_compilation_needs() {
        let folder =
            Folder::new("types", &["a_bg.wasm", "a.mjs", "a.js", "a.css", "a.html", "a.svg", "noextension"]);
        let mounts = [Mount::new("/", folder.at(""))];
        let kind = |path: &str| served(&mounts, path).expect(path).0;
        assert_eq!(kind("/a_bg.wasm"), "application/wasm");
        for script in ["/a.mjs", "/a.js"] {
            assert_eq!(kind(script), "text/javascript; charset=utf-8");
        }
        assert_eq!(
            (kind("/a.css"), kind("/a.html")),
            ("text/css; charset=utf-8".into(), "text/html; charset=utf-8".into())
        );
        assert_eq!(
            (kind("/a.svg"), kind("/noextension")),
            ("image/svg+xml".into(), "application/octet-stream".into())
        );
    }
}
