//! The known name that a mistyped one most resembles.

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
