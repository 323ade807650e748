use std::fs;

use anyhow::{Context, Result, anyhow};

use crate::workspace::Workspace;

/// One mistake in one file.
#[derive(Debug, Clone, Default)]
pub(super) struct Mutant {
    /// Where it is and what it is.
    pub(super) name: String,
    /// The file, from the root of the workspace.
    pub(super) file: String,
    /// The bytes that are replaced.
    pub(super) start: usize,
    pub(super) end: usize,
    /// What stands there instead.
    pub(super) text: String,
}

impl Mutant {
    /// The file with the mistake in it.
    pub(super) fn applied(&self, source: &str) -> Result<String> {
        let (before, after) = source
            .get(..self.start)
            .zip(source.get(self.end..))
            .ok_or_else(|| anyhow!("{} has changed while mutants were tried", self.file))?;
        Ok([before, &self.text, after].concat())
    }

    /// The name without the place, which moves whenever something above it is changed.
    pub(super) fn what(&self) -> String {
        let place = self.name.strip_prefix(&self.file).unwrap_or(&self.name);
        let what = place.trim_start_matches(|letter: char| letter == ':' || letter.is_ascii_digit());
        format!("{}:{what}", self.file)
    }

    /// The line on which it begins.
    pub(super) fn line<'a>(&self, source: &'a str) -> &'a str {
        let before = source.get(..self.start).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        source.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim()
    }

    /// The lines that are other than they were.
    pub(super) fn diff(&self, tree: &Workspace) -> Result<String> {
        let path = tree.path(&self.file);
        let before = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let after = self.applied(&before)?;
        let (old, new): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
        let head = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
        let most = old.len().min(new.len()) - head;
        let tail =
            old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(one, other)| one == other).count();
        let lines = |mark: &str, lines: &[&str]| -> String {
            let changed = lines.get(head..lines.len() - tail).unwrap_or_default();
            changed.iter().map(|line| format!("      {mark} {line}\n")).collect()
        };
        Ok(format!("      {}:{}\n{}{}", self.file, head + 1, lines("-", &old), lines("+", &new)))
    }
}

/// The byte at which a line and column are, both counted from one, the column in characters.
pub(super) fn byte_at(source: &str, line: usize, column: usize) -> Option<usize> {
    let start: usize = source.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let text = source.get(start..)?;
    let letters: usize = text.chars().take(column.checked_sub(1)?).map(char::len_utf8).sum();
    Some(start + letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutant_is_known_again_wherever_it_has_gone() {
        let source = "a\n  b + c;\n";
        let mutant = Mutant {
            name: "src/x.rs:2:5: replace + with - in f".to_owned(),
            file: "src/x.rs".to_owned(),
            start: 6,
            ..Mutant::default()
        };
        assert_eq!(mutant.what(), "src/x.rs: replace + with - in f");
        assert_eq!(mutant.line(source), "b + c;");
    }

    #[test]
    fn a_place_is_found_among_letters_of_any_width() {
        let source = "é = 1\n  ü + x\n";
        let at = byte_at(source, 2, 5).expect("a place");
        assert_eq!(source.get(at..=at), Some("+"));
        let mutant = Mutant { start: at, end: at + 1, text: "-".to_owned(), ..Mutant::default() };
        assert_eq!(mutant.applied(source).expect("it fits"), "é = 1\n  ü - x\n");
    }
}
