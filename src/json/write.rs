//! Values into text.

use super::{Map, Value};

impl Value {
    /// The compact text, as `JSON.stringify` writes it; numbers as they came.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        self.write_to(&mut text);
        text
    }

    /// Writes the compact text at the end of `text`.
    pub fn write_to(&self, text: &mut String) {
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => text.push_str(number.as_str()),
            Self::String(string) => write_string(string, text),
            Self::Array(list) => {
                let mut before = '[';
                for value in list {
                    text.push(before);
                    value.write_to(text);
                    before = ',';
                }
                text.push_str(if list.is_empty() { "[]" } else { "]" });
            }
            Self::Object(map) => map.write_to(text),
        }
    }
}

impl Map {
    /// The compact text, as `JSON.stringify` writes it; numbers as they came.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        self.write_to(&mut text);
        text
    }

    /// Writes the compact text at the end of `text`.
    pub fn write_to(&self, text: &mut String) {
        let mut before = '{';
        for (name, value) in self {
            text.push(before);
            write_string(name, text);
            text.push(':');
            value.write_to(text);
            before = ',';
        }
        text.push_str(if self.is_empty() { "{}" } else { "}" });
    }
}

/// Writes `string` at the end of `text`, in quotes and escaped as `JSON.stringify` does it.
pub fn write_string(string: &str, text: &mut String) {
    text.push('"');
    let mut plain = 0;
    for (at, byte) in string.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        text.push_str(string.get(plain..at).unwrap_or_default());
        plain = at + 1;
        text.push('\\');
        if let Some((_, letter)) = SHORT.iter().find(|(known, _)| *known == byte) {
            text.push(*letter);
        } else {
            text.push_str(if byte < 16 { "u000" } else { "u001" });
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or_default());
        }
    }
    text.push_str(string.get(plain..).unwrap_or_default());
    text.push('"');
}

/// Escapes of one letter.
pub(super) const SHORT: [(u8, char); 7] =
    [(b'"', '"'), (b'\\', '\\'), (b'\n', 'n'), (b'\r', 'r'), (b'\t', 't'), (8, 'b'), (12, 'f')];
