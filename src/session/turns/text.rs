//! What transcriptions bring, as text for people.

/// Adds a fragment of a transcription, which has its own leading space. Answers the markers in it, such as `<noise>`: they are
/// no words. Nobody can say angle brackets.
pub(super) fn add_transcription(text: &mut String, fragment: &str) -> Vec<String> {
    let mut markers = Vec::new();
    for letter in fragment.chars() {
        match letter {
            ' ' if matches!(text.bytes().last(), None | Some(b' ')) => continue,
            '>' => {
                if let Some(marker) = take_marker(text) {
                    markers.push(marker);
                    continue;
                }
            }
            _ if is_unspaced(letter) => drop_stray_space(text),
            _ => {}
        }
        text.push(letter);
    }
    markers
}

/// The marker that ends here but for its `>`. It may have come in pieces.
fn take_marker(text: &mut String) -> Option<String> {
    let start = text.bytes().rposition(|byte| byte == b'<')?;
    let marker = text.get(start..)?.to_owned();
    let is_of_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !(2..=LONGEST_MARKER).contains(&marker.len()) || !marker.bytes().skip(1).all(is_of_name) {
        return None;
    }
    text.truncate(start);
    Some([&marker, ">"].concat())
}

/// Some models put spaces between characters of scripts that have none. There is never more than one at the end.
fn drop_stray_space(text: &mut String) {
    let mut letters = text.chars();
    if letters.next_back() == Some(' ') && letters.next_back().is_some_and(is_unspaced) {
        text.pop();
    }
}

/// Chinese and Japanese, with their punctuation. Korean is written with spaces.
fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a text can be cut before `letter` in Thai, Lao, Burmese and Khmer, which have spaces between sentences alone: before what
/// begins a syllable. Marks belong to the letter before them, and so does what is stacked under it; some vowels to the next.
fn begins_syllable(letter: char, before: char) -> bool {
    let is_letter = matches!(letter,
        '\u{e01}'..='\u{e2f}' | '\u{e40}'..='\u{e44}' | '\u{e81}'..='\u{eaf}' | '\u{ec0}'..='\u{ec4}'
        | '\u{1000}'..='\u{102a}' | '\u{103f}'..='\u{1055}' | '\u{1780}'..='\u{17b3}');
    let leads = matches!(before, '\u{e40}'..='\u{e44}' | '\u{ec0}'..='\u{ec4}' | '\u{1039}' | '\u{17d2}');
    is_letter && !leads
}

/// So much of `text` as lies before `end`, in whole words.
pub(super) fn words_before(text: &str, end: usize) -> &str {
    if end >= text.len() {
        return text;
    }
    let (mut words, mut before) = (0, ' ');
    for (at, letter) in text.char_indices() {
        if at > end {
            break;
        }
        if letter == ' ' || is_unspaced(letter) || is_unspaced(before) || begins_syllable(letter, before) {
            words = at;
        }
        before = letter;
    }
    text.get(..words).unwrap_or_default()
}

/// Bytes, with its `<`.
const LONGEST_MARKER: usize = 16;

#[cfg(test)]
mod tests {
    use super::{add_transcription, words_before};

    fn read(fragments: &[&str]) -> (String, Vec<String>) {
        let mut text = String::new();
        let markers = fragments.iter().flat_map(|fragment| add_transcription(&mut text, fragment)).collect();
        (text, markers)
    }

    #[test]
    fn fragments_become_a_text_and_markers_no_part_of_it() {
        for (fragments, text, markers) in [
            (&[" Hel", "lo", " there", " "][..], "Hello there ", &[][..]),
            (&["<noise>", " well", "<ctrl46>", " yes"], "well yes", &["<noise>", "<ctrl46>"]),
            (&["a <no", "ise> b"], "a b", &["<noise>"]),
            (&["<noise><noise>"], "", &["<noise>", "<noise>"]),
            (&["3 > 2, 1 < 2 > 1"], "3 > 2, 1 < 2 > 1", &[]),
            (&["<not a marker>", "<>"], "<not a marker><>", &[]),
            (&["你 好", " 世", "  界 ", "。"], "你好世界。", &[]),
            (&["これは", " API ", "です"], "これは API です", &[]),
            (&["안녕 하세요"], "안녕 하세요", &[]),
        ] {
            let markers: Vec<_> = markers.iter().map(|marker| (*marker).to_owned()).collect();
            assert_eq!(read(fragments), (text.to_owned(), markers), "{fragments:?}");
        }
    }

    #[test]
    fn a_text_is_cut_between_words_and_between_characters_where_there_are_none() {
        for (text, end, words) in [
            ("one two three", 99, "one two three"),
            ("one two three", 13, "one two three"),
            ("one two three", 12, "one two"),
            ("one two three", 7, "one two"),
            ("one two three", 8, "one two"),
            ("one two three", 2, ""),
            ("one two three", 0, ""),
            ("çé è", 3, ""),
            ("你好世界", 7, "你好"),
            // Thai: a vowel that is written first, one above with a tone, and one behind. Each letter has three bytes.
            ("เที่ยวไป", 3, ""),
            ("เที่ยวไป", 12, "เที่"),
            ("เที่ยวไป", 20, "เที่ยว"),
            ("สวัสดีครับ", 14, "สวัส"),
            ("สวัสดีครับ", 18, "สวัสดี"),
            ("ok สวัสดี", 8, "ok ส"),
            // Lao, Burmese with letters stacked, Khmer likewise.
            ("ສະບາຍດີ", 12, "ສະບາ"),
            ("ကမ္ဘာ", 9, "က"),
            ("မြန်မာစာ", 20, "မြန်မာ"),
            ("ខ្មែរ", 6, ""),
            ("ខ្មែរ", 13, "ខ្មែ"),
            ("", 0, ""),
        ] {
            assert_eq!(words_before(text, end), words, "{text} {end}");
        }
    }
}
