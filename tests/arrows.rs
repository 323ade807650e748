//! Who imports whom: arrows between the shell's folders, and between files of the wire, close no circle.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, missing_docs)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

type Arrows = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Every Rust file below a directory, without those of tests.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory of this repository").flatten() {
        let path = entry.path();
        let is_test = path.file_stem().is_some_and(|name| name == "tests");
        match path.is_dir() {
            _ if is_test => {}
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

/// Every path that the `use` lines of a text name, written out.
fn imports(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect::<Vec<_>>();
    let text = lines.join(" ");
    let mut paths = Vec::new();
    for statement in text.split("use ").skip(1) {
        let tree = statement.split(';').next().unwrap_or_default();
        spread("", &tree.replace(' ', ""), &mut paths);
    }
    paths
}

/// `a::{b, c::d}` is `a::b` and `a::c::d`.
fn spread(before: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((head, rest)) = tree.split_once('{') else {
        return paths.push([before, tree].concat());
    };
    let before = [before, head].concat();
    let (mut depth, mut branch) = (0, String::new());
    for letter in rest.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                spread(&before, &std::mem::take(&mut branch), paths);
                continue;
            }
            _ => {}
        }
        branch.push(letter);
    }
    if !branch.is_empty() {
        spread(&before, &branch, paths);
    }
}

/// The names on the way from one back to itself, if there is such a way.
fn circle(arrows: &Arrows) -> Option<Vec<String>> {
    fn follow(arrows: &Arrows, way: &mut Vec<String>) -> bool {
        let last = way.last().cloned().unwrap_or_default();
        for next in arrows.get(&last).into_iter().flatten() {
            let is_closed = way.first() == Some(next);
            if way.contains(next) && !is_closed {
                continue;
            }
            way.push(next.clone());
            if is_closed || follow(arrows, way) {
                return true;
            }
            way.pop();
        }
        false
    }
    arrows.keys().find_map(|start| {
        let mut way = vec![start.clone()];
        follow(arrows, &mut way).then_some(way)
    })
}

/// Which folder of the shell imports which.
fn folders() -> Arrows {
    let web = root().join("src/web");
    let mut arrows = Arrows::new();
    for file in files(&web) {
        let below = file.strip_prefix(&web).expect("below").to_string_lossy().into_owned();
        let Some((folder, _)) = below.split_once('/') else { continue };
        let text = fs::read_to_string(&file).expect("a file of this repository");
        // Written out in the text as well: `crate::web::page::…`.
        let inline = text.split("crate::web::").skip(1).map(|rest| ["crate::web::", rest].concat());
        let imported = imports(&text).into_iter().chain(inline);
        for path in imported {
            let Some(name) = path.strip_prefix("crate::web::") else { continue };
            let name: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
            if !name.is_empty() && name != folder && web.join(&name).is_dir() {
                arrows.entry(folder.to_owned()).or_default().insert(name);
            }
        }
    }
    arrows
}

#[test]
fn no_folder_of_the_shell_imports_one_that_imports_it() {
    let arrows = folders();
    assert!(arrows.len() >= 4, "the folders are found: {arrows:?}");
    assert_eq!(circle(&arrows), None, "{arrows:?}");
}

/// Which file of a folder imports which. What is imported of the folder itself is its `mod.rs`'s.
fn files_among(folder: &str) -> Arrows {
    let folder = root().join(folder);
    let mut arrows = Arrows::new();
    for file in files(&folder) {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).expect("a file of this repository");
        for path in imports(&text) {
            let Some(path) = path.strip_prefix(if name == "mod" { "self::" } else { "super::" }) else {
                continue;
            };
            let first = path.split("::").next().unwrap_or_default();
            let is_file = folder.join([first, ".rs"].concat()).is_file();
            let imported = if is_file { first } else { "mod" };
            if imported != name {
                arrows.entry(name.clone()).or_default().insert(imported.to_owned());
            }
        }
    }
    arrows
}

#[test]
fn no_file_that_reads_the_server_imports_one_that_imports_it() {
    let arrows = files_among("src/protocol/server");
    assert!(arrows["mod"].contains("decoder") && arrows["parts"].contains("decoder"), "{arrows:?}");
    assert_eq!(circle(&arrows), None, "{arrows:?}");
}

#[test]
fn the_drawing_shows_every_arrow_of_the_shell() {
    let drawn = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the drawing");
    for (folder, imported) in folders() {
        let row = ["`", &folder, "` → "].concat();
        let row = drawn.lines().find_map(|line| line.split_once(&row)).expect("a row for each folder").1;
        let named: BTreeSet<_> = row.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert_eq!(named, imported, "{folder}");
    }
}

#[test]
fn a_circle_is_found_and_imports_are_read() {
    let text = "use crate::{\n    a::b,\n    web::{c::{d, e}, // why\n        f},\n};\nuse super::g;";
    let wanted = ["crate::a::b", "crate::web::c::d", "crate::web::c::e", "crate::web::f", "super::g"];
    assert_eq!(imports(&text.replace("// why", "")), wanted);
    let arrows = |pairs: &[(&str, &str)]| {
        let mut arrows = Arrows::new();
        for (from, to) in pairs {
            arrows.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        arrows
    };
    assert_eq!(circle(&arrows(&[("a", "b"), ("a", "c"), ("b", "c")])), None);
    assert!(circle(&arrows(&[("z", "a"), ("a", "b"), ("b", "c"), ("c", "b")])).is_some());
}
