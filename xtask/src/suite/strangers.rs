//! Rust that uses the crate as a stranger would: the example application, and the blocks of README and docs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::lint::Strictness;
use crate::process;
use crate::setup;
use crate::workspace::{Workspace, files_below, fresh_directory, write};

/// What is checked, by the name that a failure is told with.
pub(super) const CHECKS: [(&str, Check); 2] =
    [("the Rust of README and docs", check_snippets), ("the Rust example", check_example)];

type Check = fn(&Workspace, Strictness) -> Result<()>;

/// Lints the example for the browser. It is a workspace of its own, with the profile that we recommend.
fn check_example(workspace: &Workspace, strictness: Strictness) -> Result<()> {
    check(workspace, strictness, &workspace.path("examples/rust"))
}

/// Compiles every Rust block of README and docs for the browser.
fn check_snippets(workspace: &Workspace, strictness: Strictness) -> Result<()> {
    let folder = workspace.made("snippets");
    fresh_directory(&folder.join("src"))?;
    let mut library = String::new();
    for Snippet { name, code } in snippets(workspace)? {
        library.push_str(&format!("mod {name};\n"));
        write(&folder.join(format!("src/{name}.rs")), code)?;
    }
    write(&folder.join("src/lib.rs"), format!("#![allow(dead_code, unused_imports)]\n{library}"))?;
    write(&folder.join("Cargo.toml"), MANIFEST.replace("ROOT", &workspace.root().to_string_lossy()))?;
    check(workspace, strictness, &folder)
}

/// Lints a package that is no member, with the versions that the workspace has.
fn check(workspace: &Workspace, strictness: Strictness, folder: &Path) -> Result<()> {
    let lock = folder.join("Cargo.lock");
    fs::copy(workspace.path("Cargo.lock"), &lock)
        .with_context(|| format!("cannot write {}", lock.display()))?;
    let mut cargo = setup::cargo(workspace);
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", workspace.built(""));
    cargo.args(["clippy", "--target", "wasm32-unknown-unknown"]);
    strictness.apply(&mut cargo, "clippy");
    process::run(&mut cargo)
}

/// A block of Rust in prose.
#[derive(Debug, PartialEq, Eq)]
struct Snippet {
    /// The module it is compiled as: its file and the line of its first word.
    name: String,
    code: String,
}

fn snippets(workspace: &Workspace) -> Result<Vec<Snippet>> {
    let mut files = vec![workspace.path("README.md")];
    for folder in ["docs", "examples"] {
        files.extend(files_below(&workspace.path(folder)).into_iter().filter(|file| is_prose(file)));
    }
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().to_lowercase().replace('-', "_");
        found.extend(blocks(&name, &text));
    }
    Ok(found)
}

fn is_prose(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "md")
        && !file.components().any(|part| part.as_os_str() == "node_modules")
}

/// The blocks in a text. What a block takes for granted stands in a comment right above it that no reader sees:
/// `<!-- rust: fn show(_: &str) {} -->`. It is put on one line, so that the compiler's lines are the block's and one.
fn blocks(file: &str, text: &str) -> Vec<Snippet> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("```rust\n") {
        let Some((code, behind)) = after.split_once("\n```") else { break };
        let line = text[..text.len() - after.len()].lines().count() + 1;
        let given = before.rsplit_once("<!-- rust:").and_then(|(_, given)| given.strip_suffix(" -->\n"));
        let given = given.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        found.push(Snippet { name: format!("{file}_{line}"), code: format!("{given}\n{code}\n") });
        rest = behind;
    }
    found
}

const MANIFEST: &str = r#"[package]
name = "snippets"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
gemini-live-web = { path = "ROOT", default-features = false }
serde_json = { version = "1", default-features = false, features = ["alloc"] }
wasm-bindgen = "0.2"
wasm-bindgen-futures = "0.4"

[workspace]
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_with_what_it_takes_for_granted() {
        let text =
            "Words.\n\n<!-- rust: fn a() {}\nfn b() {} -->\n```rust\nfn c() {\n    a();\n}\n```\nMore.\n";
        let expected = Snippet {
            name: "guide_6".to_owned(),
            code: "fn a() {} fn b() {}\nfn c() {\n    a();\n}\n".to_owned(),
        };
        assert_eq!(blocks("guide", text), [expected]);
    }

    #[test]
    fn a_comment_belongs_to_the_block_right_below_it_alone() {
        let text = "<!-- rust: fn a() {} -->\n\n```rust\nfn b() {}\n```\n```rust\nfn c() {}\n```\n";
        let code: Vec<_> = blocks("x", text).into_iter().map(|snippet| snippet.code).collect();
        assert_eq!(code, ["\nfn b() {}\n", "\nfn c() {}\n"]);
    }

    #[test]
    fn the_readme_has_rust() {
        let workspace = Workspace::find().expect("a workspace");
        let found = snippets(&workspace).expect("the prose");
        assert!(found.iter().any(|snippet| snippet.name.starts_with("readme_")));
    }
}
