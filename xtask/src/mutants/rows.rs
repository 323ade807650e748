//! The rows of the protocol's tables: each once lost, and once misspelt. Macros are nothing that cargo-mutants sees.

use std::fs;

use anyhow::{Context, Result, anyhow};

use super::edit::Mutant;
use crate::workspace::{Workspace, files_below};

/// The mutants of all rows.
pub(super) fn all(tree: &Workspace) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    let mut files = files_below(&tree.path("src/protocol"));
    files.push(tree.path("src/error.rs"));
    for path in files {
        let name = path.strip_prefix(tree.root()).unwrap_or(&path).to_string_lossy().into_owned();
        let is_ours = name.ends_with(".rs") && !name.contains("tests") && !name.ends_with("macros.rs");
        if is_ours {
            let source = fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
            mutants.extend(of_file(&name, &source));
        }
    }
    // Were the rows written in another way, none would be found, and nobody would know.
    if mutants.len() < FEWEST { Err(anyhow!("only {} rows are found", mutants.len())) } else { Ok(mutants) }
}

/// There are some seven hundred.
const FEWEST: usize = 400;

/// A row: its first line's start, its last line's end, and its name's place within the quotes.
#[derive(Debug, PartialEq)]
struct Row {
    start: usize,
    end: usize,
    name: Option<(usize, usize)>,
}

fn of_file(file: &str, source: &str) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for row in rows(source) {
        let line = source.get(..row.start).unwrap_or_default().lines().count() + 1;
        let text = source.get(row.start..row.end).unwrap_or_default();
        let shown: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(70).collect();
        let mutant = |what: &str, start, end, text: &str| Mutant {
            name: format!("{file}:{line}: {what} {shown}"),
            file: file.to_owned(),
            start,
            end,
            text: text.to_owned(),
        };
        mutants.push(mutant("lost:", row.start, row.end, ""));
        if let Some((start, end)) = row.name {
            let name = source.get(start..end).unwrap_or_default();
            // One letter more is a name that nobody has; of a number it is another number.
            mutants.push(mutant(
                "misspelt:",
                start,
                end,
                &if name.bytes().all(|byte| byte.is_ascii_digit()) {
                    format!("{name}1")
                } else {
                    format!("{name}x")
                },
            ));
        }
    }
    mutants
}

fn rows(source: &str) -> Vec<Row> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut lines = source.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let start = at;
        at += line.len();
        if !is_first(line.trim()) {
            continue;
        }
        let mut text = line.to_owned();
        // A row ends where its brackets are closed and a comma stands.
        while !is_whole(&text) {
            let Some(next) = lines.next() else { break };
            text.push_str(next);
            at += next.len();
        }
        // Hidden rows may stand on the line of their braces.
        let offset = text.find("{ \"").map_or(0, |brace| brace + 2);
        let end = if offset > 0 { text.rfind('}').map_or(text.len(), |brace| brace) } else { text.len() };
        let name = name_in(text.get(offset..end).unwrap_or_default());
        found.push(Row {
            start: start + offset,
            end: start + end,
            name: name.map(|(from, to)| (start + offset + from, start + offset + to)),
        });
    }
    found
}

/// Whether a row begins with this line.
fn is_first(line: &str) -> bool {
    let is_word = |text: &str, is_upper: bool| {
        text.starts_with(|letter: char| letter.is_ascii_alphabetic() && letter.is_uppercase() == is_upper)
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let is_field =
        is_word(word, false) && rest.starts_with('"') && rest.contains("\": ") | rest.contains("\" ");
    let is_event = is_word(word, true) && rest.starts_with('"') && rest.contains("\": ");
    let is_name = is_word(word, true) && rest.starts_with("= ") && !rest.ends_with(';');
    let is_hidden = line.starts_with("hidden { \"") || line.starts_with('"') && line.contains("\": Kind::");
    is_field || is_event || is_name || is_hidden || line == "rule(" || line.starts_with("rule(")
}

fn is_whole(text: &str) -> bool {
    let count =
        |open: char, close: char| text.matches(open).count() as i64 - text.matches(close).count() as i64;
    let text = text.trim_end();
    (text.ends_with(',') || text.ends_with('}'))
        && count('(', ')') == 0
        && count('{', '}') == 0
        && count('[', ']') == 0
}

/// The wire's name in a row, which is what stands in its first quotes; of a rule without a text its number.
fn name_in(row: &str) -> Option<(usize, usize)> {
    let is_rule = row.trim_start().starts_with("rule(");
    let quoted = row.find('"').and_then(|open| Some((open + 1, open + 1 + row.get(open + 1..)?.find('"')?)));
    let number = || {
        let from = row.find(|letter: char| letter.is_ascii_digit())?;
        let width = row.get(from..)?.bytes().take_while(u8::is_ascii_digit).count();
        Some((from, from + width))
    };
    // What a rule says to people may be said in other words.
    let is_said =
        |name: &str| name.contains(' ') && !name.starts_with(|letter: char| letter.is_ascii_lowercase());
    match quoted {
        Some((from, to)) if from == to && is_rule => number(),
        Some((from, to)) if is_rule && row.get(from..to).is_some_and(is_said) => None,
        Some((from, to)) if from < to => Some((from, to)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutated(source: &str) -> Vec<String> {
        of_file("f.rs", source).iter().map(|mutant| mutant.applied(source).expect("it fits")).collect()
    }

    #[test]
    fn a_row_is_lost_whole_and_misspelt_in_its_name() {
        for (source, name) in [
            ("    top_p \"topP\": f64,\n", "topP"),
            ("    turns \"turns\": Vec<Content>\n        as \"X\" => turns,\n", "turns"),
            ("    Kore = \"Kore\",\n", "Kore"),
            ("    Timeout = \"timeout\" remedy \"Wait, \\\n        then.\",\n", "timeout"),
            ("    Text \"text\": TextPart from Parts \"a.b\",\n", "text"),
            ("    rule(0, \"quota\", Fault::Service, QUOTA, Fatal),\n", "quota"),
            ("    rule(\n        1001,\n        \"\",\n        [\"a\", \"b\"],\n    ),\n", "1001"),
            ("    \"method\": Kind::Unsupported(&WHY),\n", "method"),
        ] {
            let number = name.starts_with('1');
            let (name, other) = match number {
                true => (name.to_owned(), format!("{name}1")),
                false => (format!("\"{name}\""), format!("\"{name}x\"")),
            };
            assert_eq!(mutated(source), ["".to_owned(), source.replacen(&name, &other, 1)], "{source}");
        }
        let source = "    hidden { \"method\": Kind::Unsupported(&WHY), }\n";
        assert_eq!(mutated(source).first().map(String::as_str), Some("    hidden { }\n"));
    }

    #[test]
    fn what_is_no_row_stays() {
        for line in [
            "    let name = \"x\";",
            "    /// A word \"so\": yes.",
            "    static X: &str = \"y\";",
            "    adjust media",
        ] {
            assert_eq!(rows(line), [], "{line}");
        }
    }
}
