//! Any bytes as JSON: judged and read as `serde_json` does it, but for what is documented to differ.

#![no_main]

#[path = "../../tests/json/oracle.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| oracle::check(bytes));
