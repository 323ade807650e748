//! What the package weighs, beside what it should.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use super::contents::Kind;
use crate::process;
use crate::setup;
use crate::workspace::{Workspace, files_below};

/// Bytes of a file or of several, as they are and compressed (each file by itself, as a server sends it).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    raw: u64,
    gzip: u64,
    pub(super) brotli: u64,
}

#[cfg(test)]
impl Weight {
    pub(super) fn of_brotli(brotli: u64) -> Self {
        Self { raw: brotli * 4, gzip: brotli * 2, brotli }
    }
}

/// Weighs every file of the package. Node does the compressing: it has both and is there anyway.
pub(super) fn weigh(workspace: &Workspace) -> Result<Vec<(Kind, Weight)>> {
    let package = workspace.package();
    let files = files_below(&package);
    let weights = of_files(workspace, &files)?;
    let kinds =
        files.iter().map(|file| Kind::of(&file.strip_prefix(&package).unwrap_or(file).to_string_lossy()));
    Ok(kinds.zip(weights).collect())
}

/// Weighs each of the files by itself.
pub(super) fn of_files(workspace: &Workspace, files: &[PathBuf]) -> Result<Vec<Weight>> {
    let mut node = setup::node_command(workspace);
    node.args(["--input-type=module", "--eval", include_str!("weight.js"), "--"]).args(files);
    let answer = process::ask(&mut node).context("node could not compress the package's files")?;
    let answer: Value = serde_json::from_str(&answer).context("node's answer is not JSON")?;
    let weights: Vec<_> = answer.as_array().into_iter().flatten().map(read).collect();
    if weights.len() != files.len() {
        return Err(anyhow!("node weighed {} of {} files", weights.len(), files.len()));
    }
    Ok(weights)
}

fn read(value: &Value) -> Weight {
    let field = |name: &str| value.get(name).and_then(Value::as_u64).unwrap_or_default();
    Weight { raw: field("raw"), gzip: field("gzip"), brotli: field("brotli") }
}

/// The weights by part, as a table for people.
pub(super) fn table(weights: &[(Kind, Weight)]) -> String {
    let mut lines = format!("{:<10}{:>12}{:>12}{:>12}\n", "part", "raw", "gzip", "brotli");
    let mut line = |name: &str, weight: Weight| {
        let cell = |bytes: u64| format!("{} kB", kilobytes(bytes));
        let (raw, gzip, brotli) = (cell(weight.raw), cell(weight.gzip), cell(weight.brotli));
        lines.push_str(&format!("{name:<10}{raw:>12}{gzip:>12}{brotli:>12}\n"));
    };
    for kind in Kind::ALL {
        line(kind.name(), sum(weights, |other| other == kind));
    }
    line("page", sum(weights, Kind::is_downloaded));
    line("at first", at_first(weights));
    lines
}

/// Says how what a page downloads compares with the target. True when it is over.
pub(super) fn report_target(weights: &[(Kind, Weight)]) -> bool {
    let brotli = sum(weights, Kind::is_downloaded).brotli;
    let peers = "firebase 13.6 kB, @google/genai 58.3 kB without audio";
    if brotli > TARGET {
        println!(
            "over the target of {} kB brotli by {} ({peers})",
            kilobytes(TARGET),
            kilobytes(brotli - TARGET)
        );
    } else {
        println!("within the target of {} kB brotli ({peers})", kilobytes(TARGET));
    }
    brotli > TARGET
}

/// The compressed weight of a part, in bytes.
pub(super) fn brotli(weights: &[(Kind, Weight)], kind: Kind) -> u64 {
    sum(weights, |other| other == kind).brotli
}

/// Fails when a page that does not talk yet downloads more than it should.
pub(super) fn check_first(weights: &[(Kind, Weight)]) -> Result<()> {
    let brotli = at_first(weights).brotli;
    if brotli > FIRST {
        let (is, most) = (kilobytes(brotli), kilobytes(FIRST));
        return Err(anyhow!("a page downloads {is} kB before it talks, and {most} kB are allowed"));
    }
    Ok(())
}

/// What a page downloads before the first `connect`.
fn at_first(weights: &[(Kind, Weight)]) -> Weight {
    sum(weights, |kind| kind == Kind::Glue)
}

fn sum(weights: &[(Kind, Weight)], counts: impl Fn(Kind) -> bool) -> Weight {
    weights.iter().filter(|(kind, _)| counts(*kind)).fold(Weight::default(), |total, (_, weight)| Weight {
        raw: total.raw + weight.raw,
        gzip: total.gzip + weight.gzip,
        brotli: total.brotli + weight.brotli,
    })
}

/// Thousands of bytes with one decimal, as peers' sizes are quoted.
pub(super) fn kilobytes(bytes: u64) -> String {
    format!("{}.{}", (bytes + 50) / 1000, (bytes + 50) % 1000 / 100)
}

/// What everything that a page that talks downloads should weigh, in bytes of brotli.
const TARGET: u64 = 84_000;

/// What a page may download before the first `connect`, in bytes of brotli.
const FIRST: u64 = 6_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_page_downloads_counts_against_the_target() {
        let package = [
            (Kind::Wasm, Weight::of_brotli(79_000)),
            (Kind::Glue, Weight::of_brotli(5_000)),
            (Kind::Types, Weight::of_brotli(9_000)),
        ];
        assert!(!report_target(&package));
        assert!(report_target(&[(Kind::Wasm, Weight::of_brotli(84_001))]));
    }

    #[test]
    fn what_comes_before_the_first_connect_is_limited() {
        assert!(
            check_first(&[(Kind::Glue, Weight::of_brotli(6_000)), (Kind::Wasm, Weight::of_brotli(90_000))])
                .is_ok()
        );
        assert!(
            check_first(&[(Kind::Glue, Weight::of_brotli(4_000)), (Kind::Glue, Weight::of_brotli(2_001))])
                .is_err()
        );
    }

    #[test]
    fn the_table_sums_by_part() {
        let table = table(&[
            (Kind::Glue, Weight::of_brotli(1_000)),
            (Kind::Glue, Weight::of_brotli(250)),
            (Kind::Wasm, Weight::of_brotli(20_000)),
        ]);
        let line = |name: &str| table.lines().find(|line| line.starts_with(name)).expect("a line").to_owned();
        assert!(line("glue").ends_with("1.3 kB"), "{table}");
        assert!(line("page").ends_with("21.3 kB"), "{table}");
    }
}
