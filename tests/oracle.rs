//! What the official SDK sends and receives, recorded, against what this library does.
//!
//! Every `tests/fixtures/oracle/*.json` is read, and every case of it is checked; the format is described
//! beside them. Where this library does otherwise than the SDK on purpose, a rule says so and is checked:
//! the rules are in `oracle/rules.rs` and look at a case's input and tags, never at its name.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{fs, path::Path};

use serde_json::Value;

#[path = "oracle/incoming.rs"]
mod incoming;
#[path = "oracle/kept.rs"]
mod kept;
#[path = "oracle/outgoing.rs"]
mod outgoing;
#[path = "oracle/refusals.rs"]
mod refusals;
#[path = "oracle/rules.rs"]
mod rules;
#[path = "oracle/structure.rs"]
mod structure;
#[allow(dead_code, reason = "the tests of the tables use the rest")]
#[path = "oracle/table.rs"]
mod table;
#[path = "oracle/tokens.rs"]
mod tokens;

type Check = fn(&Value) -> Result<(), String>;

const LISTS: [(&str, Check); 5] = [
    ("setup", outgoing::setup),
    ("client_messages", outgoing::client_message),
    ("tokens", tokens::token),
    ("server_messages", incoming::server_message),
    ("sequences", incoming::sequence),
];

#[test]
fn every_recorded_case_is_met_or_bettered_by_a_stated_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/oracle");
    let files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of recordings")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    assert!(!files.is_empty(), "no recordings in {}", folder.display());
    let mut failures = Vec::new();
    for file in files {
        let recordings: Value =
            serde_json::from_slice(&fs::read(&file).expect("a readable file")).expect("JSON");
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        assert_eq!(recordings["format_version"], 1, "{name}: another format");
        println!("{name}: {} {}", recordings["sdk"], recordings["sdk_version"]);
        for (list, check) in LISTS {
            let cases = recordings[list].as_array().unwrap_or_else(|| panic!("{name}: no list {list}"));
            assert!(!cases.is_empty(), "{name}: {list} is empty");
            let before = failures.len();
            for case in cases {
                if let Err(why) = check(case) {
                    failures.push(format!("{name} {list} {} {}: {why}", case["name"], case["tags"]));
                }
            }
            println!("{name}: {list}: {} checked, {} failed", cases.len(), failures.len() - before);
        }
    }
    assert!(failures.is_empty(), "{} cases failed:\n{}", failures.len(), failures.join("\n"));
}
