//! What the package may weigh: what it weighed last, written down in `xtask/size.txt`.

use std::fs;

use anyhow::{Context, Result, anyhow};

use super::contents::Kind;
use super::weight::{self, Weight};
use crate::workspace::Workspace;

/// Says by how much each part that a page downloads is heavier or lighter than is written down.
pub(super) fn report(workspace: &Workspace, weights: &[(Kind, Weight)]) -> Result<()> {
    for Change { kind, is, was } in changes(&written(workspace)?, weights)? {
        if is != was {
            println!("{}: {is} bytes of brotli, and {was} are written down in {FILE}", kind.name());
        }
    }
    Ok(())
}

/// Fails if a part is heavier than is written down.
pub(super) fn check(workspace: &Workspace, weights: &[(Kind, Weight)]) -> Result<()> {
    let changes = changes(&written(workspace)?, weights)?;
    let Some(Change { kind, is, was }) = changes.into_iter().find(|change| change.is > change.was + NOISE)
    else {
        return Ok(());
    };
    Err(anyhow!(
        "the package's {} has grown from {was} to {is} bytes of brotli: take out what it does not need, or write the \
         new number into {FILE} and say in the commit what a page gets for it",
        kind.name()
    ))
}

fn written(workspace: &Workspace) -> Result<String> {
    fs::read_to_string(workspace.path(FILE)).with_context(|| format!("{FILE} cannot be read"))
}

/// A part, its weight, and the one that is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    kind: Kind,
    is: u64,
    was: u64,
}

fn changes(written: &str, weights: &[(Kind, Weight)]) -> Result<Vec<Change>> {
    let downloaded = Kind::ALL.into_iter().filter(|kind| kind.is_downloaded());
    downloaded
        .map(|kind| {
            let line = written.lines().find_map(|line| line.strip_prefix(kind.name())?.strip_prefix(' '));
            let was = line.and_then(|bytes| bytes.trim().parse().ok());
            let was = was.with_context(|| format!("{FILE} does not say what `{}` may weigh", kind.name()))?;
            Ok(Change { kind, is: weight::brotli(weights, kind), was })
        })
        .collect()
}

const FILE: &str = "xtask/size.txt";
/// Another release of Node.js may compress a little otherwise.
const NOISE: u64 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str =
        "# a comment\nglue 4400\nloading 900\nworker 200\nworklets 2000\nwasm 90000\nmicrophone 2000\n";

    #[test]
    fn each_part_is_compared_with_what_is_written_down() {
        let weights = [(Kind::Wasm, Weight::of_brotli(91_000)), (Kind::Wasm, Weight::of_brotli(5))];
        let changes = changes(WRITTEN, &weights).expect("complete");
        assert_eq!(changes.len(), 6);
        assert!(changes.contains(&Change { kind: Kind::Wasm, is: 91_005, was: 90_000 }));
        assert!(changes.contains(&Change { kind: Kind::Glue, is: 0, was: 4_400 }));
    }

    #[test]
    fn a_part_that_is_not_written_down_is_an_error() {
        assert!(changes("glue 4400\nloading 900\nworker 200\nworkletsx 2000\nwasm 90000", &[]).is_err());
        assert!(changes("", &[]).is_err());
    }
}
