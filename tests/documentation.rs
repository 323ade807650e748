//! What the documentation says about codes, against the catalogue.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, missing_docs)]

use std::{collections::BTreeSet, fs, path::Path};

use gemini_live_web::error::{Code, WarningCode};

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
