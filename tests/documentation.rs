//! What the documentation says about codes, against the catalogue.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, missing_docs)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use gemini_live_web::{
    error::{Code, WarningCode},
    protocol::setup::{TurnDetection, prepare},
};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file of this repository")
}

/// The rows of the table below a heading: the code in the first column, and the whole row.
fn rows<'a>(text: &'a str, heading: &str) -> Vec<(&'a str, &'a str)> {
    let section = text.split("\n## ").find(|section| section.starts_with(heading)).expect("the section");
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `"));
    cells.filter_map(|row| row.split_once("` |")).filter(|(code, _)| *code != "code").collect()
}

/// The names of a union in the declarations, which are made from the catalogue.
fn declared<'a>(types: &'a str, name: &str) -> BTreeSet<&'a str> {
    let head = ["export type ", name, " ="].concat();
    let union = types.split_once(&head).and_then(|(_, rest)| rest.split_once(';')).expect("the union").0;
    union.split('"').skip(1).step_by(2).collect()
}

#[test]
fn every_code_is_documented_once_and_no_other() {
    let (errors, types) = (read("docs/errors.md"), read("src/protocol/types.d.ts"));
    for (heading, union) in [("Errors\n", "LiveErrorCode"), ("Warnings\n", "LiveWarningCode")] {
        let rows = rows(&errors, heading);
        let documented: BTreeSet<_> = rows.iter().map(|(code, _)| *code).collect();
        assert_eq!(documented, declared(&types, union), "{union}");
        assert_eq!(documented.len(), rows.len(), "a code is documented twice");
    }
}

#[test]
fn what_to_do_is_what_the_error_itself_says() {
    let errors = read("docs/errors.md");
    for (code, row) in rows(&errors, "Errors\n") {
        let remedy = Code::parse(code).expect("a code").remedy();
        assert!(row.contains(remedy), "{code}: {remedy}");
    }
    for (code, row) in rows(&errors, "Warnings\n") {
        assert!(row.contains(WarningCode::parse(code).expect("a code").remedy()), "{code}");
    }
}

#[test]
fn a_turn_detection_stands_for_what_its_row_says() {
    let guide = read("docs/turns.md");
    let rows = rows(&guide, "When a turn is over\n");
    let rows: Vec<_> = rows.into_iter().filter(|(name, _)| *name != "turnDetection").collect();
    let names: Vec<_> = rows.iter().map(|(name, _)| *name).collect();
    let declared = ["  readonly turnDetection?: ", &names.join(" | "), ";"].concat();
    assert!(read("src/web/api/types.d.ts").contains(&declared), "{declared}");
    for (name, row) in rows {
        let detection = TurnDetection::named(name.trim_matches('"')).expect("one of this name");
        let setup = prepare("m", serde_json::Value::Null, None).expect("usable").setup;
        let setup = setup.with_turn_detection(detection).expect("no conflict");
        let field = |name: &str| {
            let value = setup.at(&["realtimeInputConfig.automaticActivityDetection.", name].concat());
            let value = value.expect("a setting").to_json();
            value.trim_matches('"').rsplit('_').next().unwrap_or_default().to_owned()
        };
        let fields =
            ["startOfSpeechSensitivity", "endOfSpeechSensitivity", "prefixPaddingMs", "silenceDurationMs"];
        let wanted = ["` | ", &fields.map(field).join(" | "), " |"].concat();
        assert!(row.contains(wanted.trim_start_matches("` |")), "{name}: {wanted}, not {row}");
    }
}

#[test]
fn every_code_has_something_to_do_about_it() {
    let errors = read("docs/errors.md");
    for (code, row) in [rows(&errors, "Errors\n"), rows(&errors, "Warnings\n")].concat() {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert!(cells.len() == 2 && cells.iter().all(|cell| !cell.is_empty()), "{code}: {cells:?}");
    }
}

/// The Markdown files of the repository that a reader is led to.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["", "docs", "simulator", "examples/plain", "examples/rust", "examples/token-endpoints"];
    let files = folders.iter().flat_map(|folder| fs::read_dir(root.join(folder)).expect("a folder"));
    let paths = files.map(|file| file.expect("a file").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// The targets of a document's links: what stands between `](` and `)`.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

/// A document's headings as GitHub names them in addresses.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let is_of_an_anchor = |letter: &char| letter.is_alphanumeric() || "-_ ".contains(*letter);
    let anchor = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        text.chars().filter(is_of_an_anchor).collect::<String>().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let documents = documents();
    assert!(documents.len() > 10, "{documents:?}");
    let mut seen = 0;
    for document in documents {
        let text = fs::read_to_string(&document).expect("a document");
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => document.clone(),
                path => document.with_file_name("").join(path),
            };
            assert!(target.exists(), "{}: {link}", document.display());
            if !anchor.is_empty() {
                let there = anchors(&fs::read_to_string(&target).expect("a document"));
                assert!(there.contains(anchor), "{}: {link} of {there:?}", document.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} links");
}

/// The number between two texts.
fn number(text: &str, before: &str, after: &str) -> f64 {
    let said = text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).expect(before).0;
    said.parse().expect("a number")
}

#[test]
fn the_weight_that_is_told_is_the_weight_that_is_written_down() {
    let written = read("xtask/size.txt");
    let parts = written.lines().filter_map(|line| line.split_once(' ')).filter(|(name, _)| *name != "#");
    let parts: Vec<(_, f64)> = parts.map(|(name, bytes)| (name, bytes.parse().expect("bytes"))).collect();
    let of = |wanted: &str| -> f64 {
        parts.iter().filter(|(name, _)| wanted == "all" || *name == wanted).map(|(_, bytes)| bytes).sum()
    };
    let (readme, bundlers) = (read("README.md"), read("docs/bundlers.md"));
    for (part, told) in [
        ("all", number(&readme, "before somebody can speak is ", " kB of brotli")),
        ("wasm", number(&readme, "kB of brotli at present, ", " of them the wasm")),
        ("wasm", number(&bundlers, "the wasm, some ", " kB")),
    ] {
        let is = of(part) / 1000.0;
        assert!(is - 0.5 <= told && told <= 1.1 * is, "{part}: {told} kB are told, {is} are written down");
    }
}

#[test]
fn every_file_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = read(document);
        let is_of_a_path = |letter: char| letter.is_ascii_alphanumeric() || "_-./".contains(letter);
        let words = text.split(|letter| !is_of_a_path(letter)).map(|word| word.trim_end_matches('.'));
        let named: BTreeSet<_> = words.filter(|word| word.contains('/') && word.ends_with(".rs")).collect();
        assert!(!named.is_empty(), "{document} names files");
        for name in named {
            let is_there = root.join(name).is_file() || root.join("src").join(name).is_file();
            assert!(is_there, "{document} names {name}");
        }
    }
}

#[test]
fn the_readme_compares_by_figures_of_the_bench_alone() {
    let (readme, bench) = (read("README.md"), read("docs/bench.md"));
    let numbers = |text: &str| -> BTreeSet<String> {
        let words = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != '-');
        words
            .filter(|word| word.starts_with(|letter: char| letter.is_ascii_digit()))
            .map(str::to_owned)
            .collect()
    };
    let section = readme.split("\n## ").find(|section| section.starts_with("Beside the others\n"));
    let rows = section.expect("the section").lines().filter_map(|line| line.strip_prefix("| "));
    let cells = rows.flat_map(|row| row.split('|').skip(1)).collect::<Vec<_>>().join(" ");
    let (quoted, measured) = (numbers(&cells), numbers(&bench));
    assert!(quoted.len() > 10, "{quoted:?}");
    let unknown: Vec<_> = quoted.difference(&measured).collect();
    assert!(unknown.is_empty(), "not in docs/bench.md: {unknown:?}");
}
