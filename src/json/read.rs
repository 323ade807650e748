//! Text into values.

use std::{borrow::Cow, fmt};

use super::{Map, Number, Value, write::SHORT};

/// Reads one value, with nothing but spaces around it. What must be repaired is repaired in silence.
///
/// # Errors
///
/// When it is no JSON; the module's table says what is taken nevertheless.
pub fn parse(text: &[u8]) -> Result<Value, SyntaxError> {
    parse_repairing(text).map(|(value, _)| value)
}

/// Reads one value as [`parse`] does, and says what had to be repaired.
///
/// # Errors
///
/// When it is no JSON; the module's table says what is taken nevertheless.
pub fn parse_repairing(text: &[u8]) -> Result<(Value, Repairs), SyntaxError> {
    let mut reader = Reader { text, at: 0, depth: 0, repairs: Repairs::default() };
    let value = reader.value()?;
    match reader.peek() {
        None => Ok((value, reader.repairs)),
        Some(_) => Err(reader.error("more follows the value")),
    }
}

/// What was not taken as it is, so that the rest could be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repairs {
    /// Values nested too deeply, which are `null` now.
    pub too_deep: usize,
    /// Strings with halves of surrogate pairs or bytes that are not UTF-8, which are U+FFFD now.
    pub texts: usize,
}

/// Why a text is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// How many bytes before it are good.
    pub at: usize,
    problem: &'static str,
}

impl SyntaxError {
    /// What [`Display`](fmt::Display) shows, without the formatting that no page is to download.
    pub(crate) fn in_words(&self) -> String {
        [self.problem, " at byte ", Number::from(self.at as u64).as_str()].concat()
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words())
    }
}

impl std::error::Error for SyntaxError {}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// How many lists and objects are open here.
    depth: u32,
    repairs: Repairs,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Result<Value, SyntaxError> {
        match self.peek() {
            Some(b'"') => Ok(Value::String(self.string()?.into_owned())),
            Some(b'{' | b'[') if self.depth == DEEPEST => self.pass_over(),
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'n') => self.word("null", Value::Null),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            _ => self.number(),
        }
    }

    fn object(&mut self) -> Result<Value, SyntaxError> {
        let mut map = Map::new();
        self.at += 1;
        if self.eats_next(b'}') {
            return Ok(Value::Object(map));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.error("a name is missing"));
            }
            let name = self.string()?;
            if !self.eats_next(b':') {
                return Err(self.error("a colon is missing"));
            }
            let value = self.inner()?;
            map.insert(name.into_owned(), value);
            if self.is_last(b'}')? {
                return Ok(Value::Object(map));
            }
        }
    }

    fn array(&mut self) -> Result<Value, SyntaxError> {
        let mut list = Vec::new();
        self.at += 1;
        if self.eats_next(b']') {
            return Ok(Value::Array(list));
        }
        loop {
            list.push(self.inner()?);
            if self.is_last(b']')? {
                return Ok(Value::Array(list));
            }
        }
    }

    /// A value of the list or object that is open.
    fn inner(&mut self) -> Result<Value, SyntaxError> {
        self.depth += 1;
        let value = self.value();
        self.depth -= 1;
        value
    }

    /// Whether the list or object ends behind this value.
    fn is_last(&mut self, end: u8) -> Result<bool, SyntaxError> {
        if self.eats_next(b',') {
            return Ok(false);
        }
        if self.eats_next(end) { Ok(true) } else { Err(self.error("a comma or the end is missing")) }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, SyntaxError> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(self.error(NO_VALUE));
        }
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, SyntaxError> {
        let start = self.at;
        self.eats(b'-');
        let mut is_good = self.eats(b'0') || self.digits();
        if is_good && self.eats(b'.') {
            is_good = self.digits();
        }
        if is_good && (self.eats(b'e') || self.eats(b'E')) {
            let _ = self.eats(b'+') || self.eats(b'-');
            is_good = self.digits();
        }
        let text = self.text.get(start..self.at).and_then(|text| str::from_utf8(text).ok());
        match text {
            Some(text) if is_good => Ok(Value::Number(Number::from_checked(text))),
            _ => Err(self.error(NO_VALUE)),
        }
    }

    /// Passes digits. True if there are any.
    fn digits(&mut self) -> bool {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count > 0
    }

    /// The string that begins here.
    fn string(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        let replaced = self.repairs.texts;
        self.at += 1;
        let mut text = self.plain();
        while self.eats(b'\\') {
            let special = self.escape()?;
            let more = self.plain();
            let text = text.to_mut();
            text.push(special);
            text.push_str(&more);
        }
        if !self.eats(b'"') {
            return Err(self.error("a string does not end"));
        }
        // However many places one string has.
        self.repairs.texts = self.repairs.texts.min(replaced + 1);
        Ok(text)
    }

    /// What stands as it is, up to the next quote or escape.
    fn plain(&mut self) -> Cow<'a, str> {
        let rest = self.rest();
        let plain = rest.get(..plain_length(rest)).unwrap_or_default();
        self.at += plain.len();
        match str::from_utf8(plain) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                self.repairs.texts += 1;
                Cow::Owned(repaired(plain))
            }
        }
    }

    /// What an escape means whose backslash is passed.
    fn escape(&mut self) -> Result<char, SyntaxError> {
        if self.eats(b'u') {
            return self.unicode();
        }
        if self.eats(b'/') {
            return Ok('/');
        }
        let short = SHORT.iter().find(|(_, letter)| self.eats(*letter as u8));
        short.map(|(byte, _)| char::from(*byte)).ok_or_else(|| self.error(NO_ESCAPE))
    }

    fn unicode(&mut self) -> Result<char, SyntaxError> {
        let mut code = self.hex()?;
        if code & 0xfc00 == 0xd800 && self.rest().starts_with(b"\\u") {
            let mark = self.at;
            self.at += 2;
            let low = self.hex()?;
            if low & 0xfc00 == 0xdc00 {
                code = 0x1_0000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
            } else {
                // It stands for itself.
                self.at = mark;
            }
        }
        Ok(char::from_u32(code).unwrap_or_else(|| {
            self.repairs.texts += 1;
            char::REPLACEMENT_CHARACTER
        }))
    }

    fn hex(&mut self) -> Result<u32, SyntaxError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.rest().first().and_then(|byte| char::from(*byte).to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.error(NO_ESCAPE))?;
            self.at += 1;
        }
        Ok(code)
    }

    /// Passes a list or an object without looking closer, and without another frame on the stack for each level.
    fn pass_over(&mut self) -> Result<Value, SyntaxError> {
        let mut depth = 0_usize;
        loop {
            match self.rest().first() {
                None => return Err(self.error("a list or an object does not end")),
                Some(b'"') => {
                    self.string()?;
                    continue;
                }
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') => depth -= 1,
                Some(_) => {}
            }
            self.at += 1;
            if depth == 0 {
                self.repairs.too_deep += 1;
                return Ok(Value::Null);
            }
        }
    }

    /// The next byte that is no space, to which this goes.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.rest();
        let spaces = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
        self.at += spaces;
        rest.get(spaces).copied()
    }

    fn eats_next(&mut self, byte: u8) -> bool {
        self.peek();
        self.eats(byte)
    }

    fn eats(&mut self, byte: u8) -> bool {
        let is_there = self.rest().first() == Some(&byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    const fn error(&self, problem: &'static str) -> SyntaxError {
        SyntaxError { at: self.at, problem }
    }
}

/// The text with U+FFFD for what is not UTF-8, as [`String::from_utf8_lossy`] reads it. That is half a kilobyte beside
/// the check that is here anyway, and says what of the bytes is good.
fn repaired(mut bytes: &[u8]) -> String {
    let mut text = String::new();
    loop {
        let (good, bad) = match str::from_utf8(bytes) {
            Ok(rest) => return text + rest,
            Err(error) => (error.valid_up_to(), error.error_len()),
        };
        let good = bytes.get(..good).and_then(|good| str::from_utf8(good).ok()).unwrap_or_default();
        text.push_str(good);
        text.push(char::REPLACEMENT_CHARACTER);
        // Of what breaks off at the end it is not said how much that is: all.
        bytes = bad.and_then(|bad| bytes.get(good.len() + bad..)).unwrap_or_default();
    }
}

/// How many bytes come before the next quote or backslash. Sixteen at a time: nearly all of a frame is one string, its audio.
fn plain_length(bytes: &[u8]) -> usize {
    let (pairs, _) = bytes.as_chunks::<16>();
    let plain = 16 * pairs.iter().take_while(|pair| !has_end(u128::from_ne_bytes(**pair))).count();
    let rest = bytes.get(plain..).unwrap_or_default();
    plain + rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).unwrap_or(rest.len())
}

/// Whether a quote or a backslash may be among these bytes: it is not looked for among those that are not ASCII.
const fn has_end(bytes: u128) -> bool {
    has_none(bytes as u64) & has_none((bytes >> 64) as u64) & HIGHEST != HIGHEST
}

/// The highest bit of each byte that is ASCII, a quote or a backslash being none, if all are.
const fn has_none(word: u64) -> u64 {
    // A byte of seven bits that is not 0 sets the eighth by this, and none beyond its own.
    let (quotes, backslashes) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
    quotes.wrapping_add(HIGHEST - ONES) & backslashes.wrapping_add(HIGHEST - ONES) & !word
}

/// 1 in each byte, and its highest bit.
const ONES: u64 = u64::MAX / 255;
const HIGHEST: u64 = ONES << 7;
/// As deep as serde_json goes. Each level is a frame on the stack.
const DEEPEST: u32 = 127;
const NO_VALUE: &str = "no value stands";
const NO_ESCAPE: &str = "no escape stands";
