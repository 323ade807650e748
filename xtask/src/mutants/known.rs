//! Mutants that do the same as what they were made from, each with the reason, in `known.txt`: no test can notice them,
//! and nobody need look at them again.

use std::fs;

use anyhow::{Context, Result, anyhow};

use super::edit::Mutant;
use crate::workspace::Workspace;

/// Takes those out that are known, and says how many they were.
pub(super) fn leave_out(tree: &Workspace, mutants: &mut Vec<Mutant>) -> Result<usize> {
    let known = entries(LIST)?;
    let all = mutants.len();
    let mut left = Vec::new();
    let mut source = (String::new(), String::new());
    for mutant in mutants.drain(..) {
        if source.0 != mutant.file {
            let text = fs::read_to_string(tree.path(&mutant.file))
                .with_context(|| format!("cannot read {}", mutant.file))?;
            source = (mutant.file.clone(), text);
        }
        let (what, line) = (mutant.what(), mutant.line(&source.1));
        if !known.iter().any(|entry| entry.what == what && entry.line == line) {
            left.push(mutant);
        }
    }
    *mutants = left;
    Ok(all - mutants.len())
}

/// An entry: what is changed, and the line on which that begins. The reason is for people.
#[derive(Debug, PartialEq)]
struct Known<'a> {
    what: &'a str,
    line: &'a str,
}

/// Entries have three lines each, with an empty one between them.
fn entries(list: &str) -> Result<Vec<Known<'_>>> {
    let blocks = list.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    let entry = |block| match *str::lines(block).map(str::trim).collect::<Vec<_>>() {
        [what, line, _] => Ok(Known { what, line }),
        _ => Err(anyhow!("an entry of known.txt is a name, a line and a reason, and not: {block}")),
    };
    blocks.map(entry).collect()
}

const LIST: &str = include_str!("known.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_has_a_reason() {
        assert!(entries(LIST).expect("a list").iter().all(|known| known.what.contains(": ")));
        assert!(entries("a: b\n  line\n").is_err());
        assert_eq!(
            entries("a: b\n  line\n  why\n\nc: d\n  line\n  why\n").map(|list| list.len()).ok(),
            Some(2)
        );
    }

    #[test]
    fn what_is_known_is_left_out_of_the_line_that_it_is_known_of() {
        let tree = Workspace::find().expect("a workspace");
        let Some(known) = entries(LIST).expect("a list").into_iter().next() else { return };
        let file = known.what.split_once(": ").expect("a file").0;
        let source = fs::read_to_string(tree.path(file)).expect("the file");
        let mutant = |start| Mutant {
            name: known.what.replacen(": ", ":7: ", 1),
            file: file.to_owned(),
            start,
            ..Mutant::default()
        };
        let start = source.find(known.line).expect("known.txt names a line that is no longer there");
        let mut mutants = vec![mutant(start), mutant(source.len())];
        assert_eq!(leave_out(&tree, &mut mutants).expect("read"), 1);
        assert_eq!(mutants.len(), 1);
    }
}
