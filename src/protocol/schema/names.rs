//! Names on the wire: how they are spelt, and which known one a mistyped one resembles.

/// `snake_case` as `camelCase`; what is not snake_case stays as it is.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut is_next_upper = false;
    for letter in name.chars() {
        if letter == '_' && !camel.is_empty() {
            is_next_upper = true;
        } else if is_next_upper {
            camel.push(letter.to_ascii_uppercase());
            is_next_upper = false;
        } else {
            camel.push(letter);
        }
    }
    camel
}

/// The name as the wire has it, of one that may be in another case. Each of `names` has a comma after it.
pub(crate) fn known_as(names: &'static str, name: &str) -> Option<&'static str> {
    names.split(',').find(|known| !known.is_empty() && known.eq_ignore_ascii_case(name))
}

/// A name from outside, short enough to be shown.
pub(crate) fn shorten(name: &str) -> &str {
    name.char_indices().nth(SHOWN_CHARS).map_or(name, |(end, _)| name.get(..end).unwrap_or_default())
}

/// Whether one text holds another. `str::contains` is built for long texts, and its code is long too.
pub(crate) fn holds(text: &str, piece: &str) -> bool {
    text.as_bytes().windows(piece.len().max(1)).any(|window| window == piece.as_bytes())
}

/// The candidate with the smallest edit distance to `name`, without regard to case; the first of equals.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates.min_by_key(|candidate| distance(name, candidate))
}

/// How many letters must be put in, taken out or changed to turn one name into the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<u8> = other.bytes().take(LETTERS).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.bytes().take(LETTERS).enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        for (cell, wanted) in row.iter_mut().skip(1).zip(&other) {
            let is_same = letter.eq_ignore_ascii_case(wanted);
            let changed = diagonal + usize::from(!is_same);
            diagonal = *cell;
            left = changed.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Names are shorter; what is longer is no slip of the finger.
const LETTERS: usize = 48;
const SHOWN_CHARS: usize = 64;
