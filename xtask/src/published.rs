//! What the simulator's packages are when they are published: complete, and of one version.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::process;
use crate::setup;
use crate::workspace::{Workspace, version};

const CRATE: &str = "gemini-live-simulator";

/// The files of the crate, by their paths in it.
fn crate_files(workspace: &Workspace) -> Vec<String> {
    let mut cargo = setup::cargo(workspace);
    cargo.args(["package", "--list", "--allow-dirty", "--offline", "--package", CRATE]);
    let list = process::ask(&mut cargo).expect("cargo lists the package's files");
    list.lines().map(|line| line.replace('\\', "/")).collect()
}

/// The paths that a source file reads at compile time (from its folder) or in a test (from the crate's).
fn files_named_in(source: &str) -> Vec<(bool, &str)> {
    let mut named = Vec::new();
    for (start, is_from_root) in [
        ("include_str!(\"", false),
        ("include_bytes!(\"", false),
        ("env!(\"CARGO_MANIFEST_DIR\")).join(\"", true),
    ] {
        let paths = source.split(start).skip(1).filter_map(|rest| rest.split_once('"'));
        named.extend(paths.map(|(path, _)| (is_from_root, path)));
    }
    named
}

/// `src/../README.md` is `README.md`. None when it leads out of the crate.
fn resolved(path: &Path) -> Option<String> {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if !whole.pop() => return None,
            Component::ParentDir => {}
            part => whole.push(part),
        }
    }
    Some(whole.to_string_lossy().replace('\\', "/"))
}

#[test]
fn the_crate_carries_its_licence_and_every_file_that_it_reads() {
    let workspace = Workspace::find().expect("a workspace");
    let files = crate_files(&workspace);
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "tests/server.rs", "tests/program.rs"] {
        assert!(files.iter().any(|known| known == file), "{file} is not in {files:?}");
    }
    let mut read = 0;
    for file in files.iter().filter(|file| file.ends_with(".rs")) {
        let source = fs::read_to_string(workspace.path("simulator").join(file)).expect("a source file");
        for (is_from_root, path) in files_named_in(&source) {
            let folder =
                if is_from_root { Path::new("") } else { Path::new(file).parent().expect("a folder") };
            let path = resolved(&folder.join(path));
            assert!(
                path.as_ref().is_some_and(|path| files.contains(path)),
                "{file} reads {path:?}, which is not published"
            );
            read += 1;
        }
    }
    assert!(read > 4, "the pattern no longer finds what the crate reads");
}

#[test]
fn the_starter_for_npm_is_of_the_simulators_version_and_metadata() {
    let workspace = Workspace::find().expect("a workspace");
    let manifest = fs::read_to_string(workspace.path("simulator/npm/package.json")).expect("a manifest");
    let manifest: Value = serde_json::from_str(&manifest).expect("json");
    assert_eq!((&manifest["name"], &manifest["version"]), (&Value::from(CRATE), &Value::from(version())));
    assert_eq!(manifest["license"], env!("CARGO_PKG_LICENSE"));
    let repository = env!("CARGO_PKG_REPOSITORY");
    assert_eq!(manifest["repository"]["url"], format!("git+{repository}.git"));
    assert!(manifest.get("dependencies").is_none());
    for file in manifest["files"].as_array().expect("files").iter().filter_map(Value::as_str) {
        let is_there = file.contains('*') || workspace.path("simulator/npm").join(file).is_file();
        assert!(is_there, "{file} is not there");
    }
}

#[test]
fn a_path_that_leads_out_of_the_crate_is_noticed() {
    assert_eq!(resolved(Path::new("src/http/../page/a.js")).as_deref(), Some("src/page/a.js"));
    assert_eq!(resolved(Path::new("../tests/fixtures")), None);
    let source =
        "include_str!(\"../README.md\"); Path::new(env!(\"CARGO_MANIFEST_DIR\")).join(\"../tests/a.json\")";
    assert_eq!(files_named_in(source), [(false, "../README.md"), (true, "../tests/a.json")]);
}
