//! The validator: plain JSON is read along a table; what is understood is kept, the rest reported or refused.
//!
//! | found | what happens |
//! |---|---|
//! | a field of the table | checked, kept |
//! | its name in snake_case | the same, under its camelCase name |
//! | `null` | as if it were absent |
//! | an unknown field | not sent; warning `unknown-field` with the nearest known name |
//! | an unknown name of an enum | sent as it is; warning `unknown-value` |
//! | a name in another case | sent as the wire writes it |
//! | a value of the wrong type | error that names the field |
//! | a field the Gemini API does not take | error that names the field, even if it holds `null` |

use super::names::{camel_case, known_as, nearest, shorten};
use crate::{
    error::{Code, Error, Warning, WarningCode},
    json::{Number, digits},
    protocol::json::{Map, Value},
};

/// The fields of one message. Names are one text and kinds one machine word and a half: pages load this.
#[derive(Debug)]
pub(crate) struct Table {
    /// The names on the wire, in camelCase, each with a comma after it.
    pub(crate) names: &'static str,
    /// What each holds, in the same order.
    pub(crate) kinds: &'static [Kind],
    /// Rewrites the object before its fields are looked at, where people write it in more ways than one.
    pub(crate) adjust: Option<Adjust>,
    /// Where an unknown field belongs, if that can be said of this message; otherwise empty.
    pub(crate) hint: &'static str,
}

pub(crate) type Adjust = fn(&mut Validator, &mut Map) -> Validated;
/// Makes of a value what it is on the wire, as [`Validator::value`] does.
pub(crate) type Check = fn(&mut Validator, &mut Value) -> Validated;

impl Table {
    /// What the field of this name holds, if there is one.
    pub(crate) fn find(&self, name: &str) -> Option<Kind> {
        self.fields().find(|(known, _)| *known == name).map(|(_, kind)| kind)
    }

    /// Names and kinds.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, Kind)> {
        self.names.split(',').zip(self.kinds.iter().copied())
    }
}

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Text; also base64, durations such as `"9.5s"` and times such as `"2030-01-01T00:00:00Z"`.
    Text,
    Bool,
    /// A 32-bit integer.
    Integer,
    /// A 64-bit integer: a number, or its decimal digits as text.
    Int64,
    Number,
    /// An integer that is not negative; the server's.
    Count,
    /// A field of the server's that is put in where it is missing.
    Always(&'static Self),
    /// Anything, untouched.
    Json,
    /// Any object, untouched.
    Struct,
    /// One of these names, each with a comma after it.
    Enum(&'static &'static str),
    Message(&'static Table),
    List(&'static Self),
    /// An object whose keys are the application's own.
    Map(&'static Self),
    /// What a function of the message's own makes of it: there is more than one way to write it, or it
    /// holds itself, which a table in a static cannot.
    Custom(Check),
    /// A field that the Gemini API does not take, whatever it holds; the text says why.
    Unsupported(&'static &'static str),
    /// A field that belongs elsewhere; the text says where.
    Moved(&'static &'static str),
    /// A field that is understood and has no effect here; the text says why.
    Ignored(&'static &'static str),
}

/// Reads one message, and rewrites it in place.
#[derive(Debug)]
pub(crate) struct Validator {
    /// Where it is, such as `tools[0].functionDeclarations[1]`.
    path: String,
    depth: u32,
    code: Code,
    pub(crate) warnings: Vec<Warning>,
}

/// Boxed, because it is passed up from deep down and rare.
pub(crate) type Validated = Result<(), Box<Error>>;

impl Validator {
    /// One whose errors are of kind `code`.
    pub(crate) const fn new(code: Code) -> Self {
        Self { path: String::new(), depth: 0, code, warnings: Vec::new() }
    }

    /// Makes of `value` what it is on the wire, if it is of this kind.
    pub(crate) fn value(&mut self, kind: Kind, value: &mut Value) -> Validated {
        match (kind, &mut *value) {
            (Kind::Json, _)
            | (Kind::Text, Value::String(_))
            | (Kind::Bool, Value::Bool(_))
            | (Kind::Struct, Value::Object(_))
            | (Kind::Number, Value::Number(_)) => Ok(()),
            (Kind::Int64, Value::String(digits)) if digits.parse::<i64>().is_ok() => Ok(()),
            (Kind::Integer | Kind::Int64, _) => self.integer(kind, value),
            (Kind::Enum(names), Value::String(name)) => {
                self.enumerated(names, name);
                Ok(())
            }
            (Kind::Message(table), _) => self.message(table, value),
            (Kind::Custom(check), _) => check(self, value),
            (Kind::List(kind), Value::Array(list)) => self.list(*kind, list),
            (Kind::Map(kind), Value::Object(map)) => self.map(*kind, map),
            (Kind::Unsupported(why) | Kind::Moved(why), _) => Err(self.error(why)),
            (Kind::Ignored(why), _) => {
                self.warn(WarningCode::UnusedOption, (*why).to_owned());
                *value = Value::Null;
                Ok(())
            }
            // What the server sends is sifted, not refused: these two stand in its tables alone.
            (Kind::Count | Kind::Always(_), _) => Ok(()),
            (kind, value) => Err(self.mismatch(wanted(kind), value)),
        }
    }

    /// Makes of `value` the message of this table.
    pub(crate) fn message(&mut self, table: &'static Table, value: &mut Value) -> Validated {
        let Value::Object(fields) = value else { return Err(self.mismatch("an object", value)) };
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("This is nested too deeply."));
        }
        if fields.keys().any(|key| key.contains('_')) {
            self.rename(table, fields)?;
        }
        if let Some(adjust) = table.adjust {
            adjust(self, fields)?;
        }
        for (key, mut value) in std::mem::take(fields) {
            let Some(kind) = table.find(&key) else {
                if !value.is_null() {
                    self.unknown(table, &key);
                }
                continue;
            };
            if value.is_null() && !matches!(kind, Kind::Unsupported(_)) {
                continue;
            }
            let mark = self.enter(&key);
            self.value(kind, &mut value)?;
            self.leave(mark);
            if !value.is_null() {
                fields.insert(key, value);
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Gives known fields in snake_case their name on the wire.
    fn rename(&mut self, table: &'static Table, fields: &mut Map) -> Validated {
        for (key, value) in std::mem::take(fields) {
            let camel = camel_case(&key);
            let name = if table.find(&camel).is_some() { camel } else { key };
            if fields.contains_key(&name) {
                return Err(self.error_at(&name, "This is given in two spellings."));
            }
            fields.insert(name, value);
        }
        Ok(())
    }

    pub(crate) fn list(&mut self, kind: Kind, list: &mut [Value]) -> Validated {
        for (index, value) in list.iter_mut().enumerate() {
            let mark = self.enter_entry(index);
            self.value(kind, value)?;
            self.leave(mark);
        }
        Ok(())
    }

    fn map(&mut self, kind: Kind, map: &mut Map) -> Validated {
        for (key, mut value) in std::mem::take(map) {
            if !value.is_null() {
                let mark = self.enter(&key);
                self.value(kind, &mut value)?;
                self.leave(mark);
                map.insert(key, value);
            }
        }
        Ok(())
    }

    fn integer(&self, kind: Kind, value: &mut Value) -> Validated {
        let whole = value.as_number().and_then(Number::to_integer);
        let limit = if matches!(kind, Kind::Integer) { i64::from(i32::MAX) } else { i64::MAX };
        match whole.filter(|whole| (-limit..=limit).contains(whole)) {
            Some(whole) => {
                // 40.0 and 40 are the same integer; the wire has the latter.
                *value = Value::from(whole);
                Ok(())
            }
            None => Err(self.mismatch("an integer", value)),
        }
    }

    fn enumerated(&mut self, names: &'static str, name: &mut String) {
        if let Some(known) = known_as(names, name) {
            *name = known.to_owned();
            return;
        }
        let known = names.split(',').filter(|known| !known.is_empty());
        let nearest = nearest(name, known).unwrap_or_default();
        let text = [
            "\"",
            shorten(name),
            "\" is not known here and is sent as it is. The nearest is \"",
            nearest,
            "\".",
        ];
        self.warn(WarningCode::UnknownValue, text.concat());
    }

    fn unknown(&mut self, table: &'static Table, key: &str) {
        let key = shorten(key);
        let known = table.fields().filter(|(_, kind)| is_usable(*kind)).map(|(name, _)| name);
        let name = nearest(key, known).unwrap_or_default();
        let inside = table
            .fields()
            .find(|(_, kind)| matches!(kind, Kind::Message(table) if table.find(key).is_some()));
        let hint = match (table.hint, self.code) {
            ("", Code::InvalidConfig) => "What is newer than this library goes into extraSetup.",
            (hint, _) => hint,
        };
        let start = ["`", key, "` is not a field known here and is not sent. "].concat();
        let text = match inside {
            Some((outer, _)) => [&start, "It is known as `", outer, ".", key, "`."].concat(),
            None => [&start, "The nearest known one is `", name, "`. ", hint].concat(),
        };
        self.warn_at(key, WarningCode::UnknownField, text.trim_end().to_owned());
    }

    /// Goes into the field `name`; [`leave`](Self::leave) takes the mark and goes back.
    pub(crate) fn enter(&mut self, name: &str) -> usize {
        let mark = self.path.len();
        if mark > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        mark
    }

    /// Goes into the list's entry `index`.
    pub(crate) fn enter_entry(&mut self, index: usize) -> usize {
        let mark = self.path.len();
        self.path.push('[');
        self.path.push_str(&digits(index));
        self.path.push(']');
        mark
    }

    pub(crate) fn leave(&mut self, mark: usize) {
        self.path.truncate(mark);
    }

    /// A warning about the place where it is.
    pub(crate) fn warn(&mut self, code: WarningCode, message: String) {
        match self.warnings.len() {
            ..MAX_WARNINGS => self.warnings.push(Warning::new(code, message).with_field(self.path.as_str())),
            MAX_WARNINGS => self
                .warnings
                .push(Warning::new(WarningCode::MoreWarnings, "There are more; these are the first.")),
            _ => {}
        }
    }

    /// A warning about the field `name`.
    pub(crate) fn warn_at(&mut self, name: &str, code: WarningCode, message: String) {
        let mark = self.enter(name);
        self.warn(code, message);
        self.leave(mark);
    }

    /// A refusal of the place where it is.
    pub(crate) fn error(&self, message: &str) -> Box<Error> {
        let mut error = Error::new(self.code, message);
        if !self.path.is_empty() {
            error.message = ["`", &self.path, "`: ", message].concat();
            error.field = Some(self.path.clone());
        }
        Box::new(error)
    }

    /// A refusal of the field `name`.
    pub(crate) fn error_at(&mut self, name: &str, message: &str) -> Box<Error> {
        self.enter(name);
        self.error(message)
    }

    /// The refusal of a value that is not what the place wants.
    pub(crate) fn mismatch(&self, wanted: &str, value: &Value) -> Box<Error> {
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "this number",
            Value::String(_) => "this text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.error(&["This must be ", wanted, ", not ", found, "."].concat())
    }
}

fn is_usable(kind: Kind) -> bool {
    !matches!(kind, Kind::Unsupported(_) | Kind::Moved(_) | Kind::Ignored(_))
}

fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Enum(_) => "text",
        Kind::Bool => "true or false",
        Kind::Number => "a number",
        Kind::List(_) => "a list",
        _ => "an object",
    }
}

/// Deeper than any real schema; what lies below could only exhaust the stack.
const MAX_DEPTH: u32 = 64;
const MAX_WARNINGS: usize = 32;
