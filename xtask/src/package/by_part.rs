//! What each part of the wasm weighs: how much less there would be to download without it.
//!
//! Compressed parts do not add up: what two of them have in common is counted with neither.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use wasmparser::{KnownCustom, Name, Parser, Payload};

use super::optimize;
use super::order::Functions;
use super::weight::{self, kilobytes};
use crate::workspace::{Workspace, fresh_directory, write};

/// The table of the parts, the heaviest first.
pub(super) fn table(workspace: &Workspace) -> Result<String> {
    let wasm =
        fs::read(optimize::named(workspace)).context("there is no wasm with names: package it anew")?;
    let pieces = pieces(&wasm)?;
    let mut parts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for piece in &pieces {
        let (count, raw) = parts.entry(&piece.part).or_default();
        *count += 1;
        *raw += piece.bytes.len();
    }
    let names: Vec<_> = parts.keys().copied().collect();
    // The first is without nothing.
    let without: Vec<_> = std::iter::once("").chain(names.iter().copied()).collect();
    let weights = compressed(workspace, without.iter().map(|part| all_but(&pieces, part)))?;
    let (whole, rest) = weights.split_first().context("nothing was weighed")?;
    let mut rows: Vec<_> =
        names.iter().zip(rest).map(|(name, weight)| (whole.saturating_sub(*weight), *name)).collect();
    rows.sort_by_key(|(lost, name)| (std::cmp::Reverse(*lost), *name));
    let mut lines = format!("{:<28}{:>10}{:>12}{:>12}\n", "part", "functions", "raw", "brotli");
    for (lost, name) in rows {
        let (count, raw) = parts.get(name).copied().unwrap_or_default();
        let (raw, lost) = (kilobytes(raw as u64), kilobytes(lost));
        lines.push_str(&format!("{name:<28}{count:>10}{raw:>9} kB{lost:>9} kB\n"));
    }
    Ok(lines)
}

/// A function, or a section that has none.
struct Piece<'a> {
    part: String,
    bytes: &'a [u8],
}

/// What the module consists of, in the order in which it is packaged.
fn pieces(wasm: &[u8]) -> Result<Vec<Piece<'_>>> {
    let functions = Functions::of(wasm)?;
    let names = names(wasm)?;
    let mut pieces = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let part = match &payload {
            Payload::CodeSectionStart { .. } => {
                for place in functions.order()? {
                    let name = names.get(&(functions.imported + place as u32)).copied().unwrap_or_default();
                    let body = functions.bodies.get(place).context("the order is of these functions")?;
                    pieces.push(Piece { part: part_of(name), bytes: body.as_bytes() });
                }
                continue;
            }
            Payload::DataSection(_) => "(data)",
            Payload::CustomSection(_) => continue,
            _ => "(imports, exports, tables)",
        };
        if let Some((_, range)) = payload.as_section() {
            let bytes = wasm.get(range).context("a section is in its file")?;
            pieces.push(Piece { part: part.to_owned(), bytes });
        }
    }
    Ok(pieces)
}

fn names(wasm: &[u8]) -> Result<BTreeMap<u32, &str>> {
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(subsections) = section.as_known() else { continue };
        for subsection in subsections {
            let Name::Function(map) = subsection? else { continue };
            for naming in map {
                let naming = naming?;
                names.insert(naming.index, naming.name);
            }
        }
    }
    Ok(names)
}

/// Where a function is from: its crate; of the package's own its module, and below the two large ones the next.
fn part_of(name: &str) -> String {
    // `<T as Trait>::f` is of `T`.
    let path = name.trim_start_matches(['<', '&', '*']);
    let path = ["mut ", "dyn "].iter().fold(path, |path, word| path.strip_prefix(word).unwrap_or(path));
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut words =
        path.split("::").map(|step| step.split(|letter| !is_word(letter)).next().unwrap_or_default());
    match (words.next().unwrap_or_default(), words.next(), words.next()) {
        (OWN, Some(module @ ("web" | "protocol")), Some(inner)) => [module, "::", inner].concat(),
        (OWN, Some(module), _) => module.to_owned(),
        // Of a type parameter it is not known whose it is, and wasm-bindgen gives what it makes no names.
        ("" | "T" | "F" | "I", ..) => "(no name)".to_owned(),
        (other, ..) => ["(", other, ")"].concat(),
    }
}

const OWN: &str = "gemini_live_web";

fn all_but(pieces: &[Piece<'_>], part: &str) -> Vec<u8> {
    pieces.iter().filter(|piece| piece.part != part).flat_map(|piece| piece.bytes).copied().collect()
}

/// The length of each text, compressed.
fn compressed(workspace: &Workspace, texts: impl Iterator<Item = Vec<u8>>) -> Result<Vec<u64>> {
    let directory = workspace.made("npm/by-part");
    fresh_directory(&directory)?;
    let mut files = Vec::new();
    for (place, text) in texts.enumerate() {
        let file = directory.join(place.to_string());
        write(&file, text)?;
        files.push(file);
    }
    let mut weights = Vec::new();
    // A few at a time: a program that is asked something has its time.
    for few in files.chunks(8) {
        weights.extend(weight::of_files(workspace, few)?.into_iter().map(|weight| weight.brotli));
    }
    fs::remove_dir_all(&directory).context("what was weighed cannot be removed")?;
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_belongs_to_the_module_it_is_from() {
        for (name, part) in [
            ("gemini_live_web::session::Session::handle::h0E", "session"),
            ("<gemini_live_web::web::page::hub::Hub<E> as core::ops::drop::Drop>::drop::h0E", "web::page"),
            ("gemini_live_web::protocol::setup::prepare::h0E", "protocol::setup"),
            ("core::ptr::drop_in_place<gemini_live_web::json::Value>::h0E", "(core)"),
            ("<&mut alloc::vec::Vec<T> as core::fmt::Debug>::fmt::h0E", "(alloc)"),
            ("<core[c5930c85a12de822]::fmt::Formatter>::pad", "(core)"),
            ("<T as alloc::string::ToString>::to_string::h0E", "(no name)"),
            ("", "(no name)"),
        ] {
            assert_eq!(part_of(name), part, "{name}");
        }
    }

    #[test]
    fn what_is_left_out_is_the_part_and_nothing_else() {
        let piece = |part: &str, bytes: &'static [u8]| Piece { part: part.to_owned(), bytes };
        let pieces = [piece("json", b"ab"), piece("session", b"cd"), piece("json", b"ef")];
        assert_eq!(all_but(&pieces, ""), b"abcdef");
        assert_eq!(all_but(&pieces, "json"), b"cd");
    }
}
