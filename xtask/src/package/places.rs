//! Blanks where in the source each panic is: nobody reads it, and it is some kilobytes of every page.
//!
//! Panics are `unreachable` in the package (see `trap`), but their places stay in the data, which the linker wrote before.
//! A place is a `core::panic::Location`: address and length of a path, line and column. Nothing but panics has one.

use std::ops::Range;

use walrus::{ConstExpr, DataKind, Module, ir::Value};

/// Overwrites with zeros every place, and the paths that they name. Says how many places there were.
pub(super) fn blank(module: &mut Module) -> usize {
    let ids: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    ids.iter()
        .map(|id| {
            let data = module.data.get_mut(*id);
            let DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } = data.kind else {
                return 0;
            };
            blank_segment(&mut data.value, start as usize)
        })
        .sum()
}

fn blank_segment(bytes: &mut [u8], start: usize) -> usize {
    let aligned = (start.next_multiple_of(WORD) - start..bytes.len()).step_by(WORD);
    let places: Vec<_> = aligned.filter_map(|at| Some((at, path_of(bytes, start, at)?))).collect();
    for (at, path) in &places {
        bytes[*at..at + PLACE].fill(0);
        bytes[path.clone()].fill(0);
    }
    places.len()
}

/// Where the path of the place at `at` is, if a place is there.
fn path_of(bytes: &[u8], start: usize, at: usize) -> Option<Range<usize>> {
    let (words, _) = bytes.get(at..at + PLACE)?.as_chunks::<WORD>();
    let [address, length, line, column] = [0, 1, 2, 3].map(|word| u32::from_le_bytes(words[word]) as usize);
    let begin = address.checked_sub(start)?;
    let path = begin..begin.checked_add(length)?;
    let text = bytes.get(path.clone())?;
    let text = text.strip_suffix(b"\0").unwrap_or(text);
    let is_path = text.ends_with(b".rs") && text.iter().all(|byte| byte.is_ascii_graphic());
    (is_path && (1..MOST).contains(&line) && (1..MOST).contains(&column)).then_some(path)
}

const WORD: usize = 4;
const PLACE: usize = 4 * WORD;
/// No source has so many lines.
const MOST: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_their_paths_are_blanked_and_nothing_else() {
        let path = b"src/some.rs\0";
        let place =
            |address: u32, line: u32| [address, path.len() as u32, line, 7].map(u32::to_le_bytes).concat();
        // At address 1024: a text that is no path's, the path, its place, and something that only looks like one.
        let text = b"see main.rs ";
        let mut bytes = [&text[..], path, &place(1036, 12), &place(1036, 0)].concat();
        assert_eq!(blank_segment(&mut bytes, 1024), 1);
        assert_eq!(bytes, [&text[..], &[0; 28], &place(1036, 0)].concat());
    }
}
