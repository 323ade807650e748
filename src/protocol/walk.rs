//! One walk over plain JSON, led by a table: what is understood is kept, the rest reported or refused.
//!
//! | found | what happens |
//! |---|---|
//! | a field of the table | checked, kept |
//! | its name in snake_case | the same, under its camelCase name |
//! | `null` | as if it were absent |
//! | an unknown field | not sent; warning `unknown-field` with the nearest known name |
//! | an unknown name of a choice | sent as it is; warning `unknown-value` |
//! | a choice in another case | sent as the wire writes it |
//! | a value of the wrong type | error that names the field |
//! | a field the Gemini API does not take | error that names the field, even if it holds `null` |

use serde_json::{Map, Value};

use super::{
    camel_case, content, json_schema, nearest,
    schema::{Field, Kind, Table},
};
use crate::error::{Code, Error, Warning};

/// A walk over one message.
#[derive(Debug)]
pub(crate) struct Walk {
    /// Where the walk is, such as `tools[0].functionDeclarations[1]`.
    path: String,
    depth: u32,
    code: Code,
    pub(crate) warnings: Vec<Warning>,
}

impl Walk {
    /// A walk whose errors are of kind `code`.
    pub(crate) fn new(code: Code) -> Self {
        Self { path: String::new(), depth: 0, code, warnings: Vec::new() }
    }

    /// What `value` is on the wire, if it is of this kind.
    pub(crate) fn value(&mut self, kind: Kind, value: Value) -> Result<Value, Error> {
        match (kind, value) {
            (Kind::Json, value) => Ok(value),
            (Kind::Text, value @ Value::String(_)) => Ok(value),
            (Kind::Flag, value @ Value::Bool(_)) => Ok(value),
            (Kind::Struct, value @ Value::Object(_)) => Ok(value),
            (Kind::Number, value @ Value::Number(_)) => Ok(value),
            (Kind::Integer, value) => self.integer(value, f64::from(i32::MAX), "an integer"),
            (Kind::Long, Value::String(digits)) if digits.parse::<i64>().is_ok() => Ok(Value::String(digits)),
            (Kind::Long, value) => self.integer(value, LONG_MAX, "an integer, as a number or as digits"),
            (Kind::Choice(names), Value::String(name)) => Ok(Value::String(self.choice(names, name))),
            (Kind::Message(table), value) => self.message(table, value),
            (Kind::List(Kind::Content), value) => content::turns(self, value),
            (Kind::List(kind), Value::Array(list)) => self.list(*kind, list),
            (Kind::Map(kind), Value::Object(map)) => self.map(*kind, map),
            (Kind::Content, value) => content::content(self, value),
            (Kind::Schema, value) => self.message(json_schema::Schema::TABLE, value),
            (Kind::SchemaType, Value::String(name)) => Ok(Value::String(json_schema::type_name(self, &name))),
            (Kind::Refused(why) | Kind::Misplaced(why), _) => Err(self.error(why)),
            (Kind::Idle(why), _) => {
                self.warn("unused-option", why.to_owned());
                Ok(Value::Null)
            }
            (kind, value) => Err(self.mismatch(wanted(kind), &value)),
        }
    }

    /// The message that `value` is, by its table.
    pub(crate) fn message(&mut self, table: &'static Table, value: Value) -> Result<Value, Error> {
        let Value::Object(mut fields) = value else { return Err(self.mismatch("an object", &value)) };
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("This is nested too deeply."));
        }
        self.rename(table, &mut fields)?;
        if let Some(adjust) = table.adjust {
            adjust(self, &mut fields)?;
        }
        let mut out = Map::new();
        for (key, value) in fields {
            match find(table, &key) {
                Some(field) => self.field(field, value, &mut out)?,
                None if value.is_null() => {}
                None => self.unknown(table, &key),
            }
        }
        self.depth -= 1;
        Ok(Value::Object(out))
    }

    /// Gives known fields in snake_case their name on the wire.
    fn rename(&mut self, table: &'static Table, fields: &mut Map<String, Value>) -> Result<(), Error> {
        let snake: Vec<String> = fields.keys().filter(|key| key.contains('_')).cloned().collect();
        for key in snake {
            let Some(field) = find(table, &camel_case(&key)) else { continue };
            if fields.contains_key(field.name) {
                return Err(self.within(field.name, |walk| walk.error("This is given in two spellings.")));
            }
            let value = fields.remove(&key).unwrap_or_default();
            fields.insert(field.name.to_owned(), value);
        }
        Ok(())
    }

    fn field(&mut self, field: &Field, value: Value, out: &mut Map<String, Value>) -> Result<(), Error> {
        if value.is_null() && !matches!(field.kind, Kind::Refused(_)) {
            return Ok(());
        }
        let value = self.within(field.name, |walk| walk.value(field.kind, value))?;
        if !value.is_null() {
            out.insert(field.name.to_owned(), value);
        }
        Ok(())
    }

    pub(crate) fn list(&mut self, kind: Kind, list: Vec<Value>) -> Result<Value, Error> {
        let walked =
            list.into_iter().enumerate().map(|(at, value)| self.at(at, |walk| walk.value(kind, value)));
        Ok(Value::Array(walked.collect::<Result<_, _>>()?))
    }

    fn map(&mut self, kind: Kind, map: Map<String, Value>) -> Result<Value, Error> {
        let mut out = Map::new();
        for (key, value) in map {
            if !value.is_null() {
                let value = self.within(&key, |walk| walk.value(kind, value))?;
                out.insert(key, value);
            }
        }
        Ok(Value::Object(out))
    }

    fn integer(&self, value: Value, limit: f64, wanted: &str) -> Result<Value, Error> {
        match value.as_f64() {
            Some(number) if number.fract() == 0.0 && number.abs() <= limit => {
                // 40.0 and 40 are the same integer; the wire has the latter.
                Ok(if value.is_f64() { Value::from(number as i64) } else { value })
            }
            _ => Err(self.mismatch(wanted, &value)),
        }
    }

    fn choice(&mut self, names: &[&str], name: String) -> String {
        if let Some(known) = names.iter().find(|known| known.eq_ignore_ascii_case(&name)) {
            return (*known).to_owned();
        }
        let nearest = nearest::nearest(&name, names.iter().copied()).unwrap_or_default();
        self.warn(
            "unknown-value",
            [
                "\"",
                shorten(&name),
                "\" is not a value known here; it is sent as it is. The nearest is \"",
                nearest,
                "\".",
            ]
            .concat(),
        );
        name
    }

    fn unknown(&mut self, table: &'static Table, key: &str) {
        let known = table.fields.iter().filter(|field| is_usable(field.kind)).map(|field| field.name);
        let nested = table.fields.iter().filter(|field| field.name == "generationConfig");
        let nested = nested.filter_map(|field| match field.kind {
            Kind::Message(table) => table.fields.iter().find(|field| field.name == key),
            _ => None,
        });
        let mut message = ["`", shorten(key), "` is not a field known here and is not sent."].concat();
        if let Some(field) = nested.into_iter().next() {
            message.push_str(" It is known as `generationConfig.");
            message.push_str(field.name);
            message.push_str("`.");
        } else if let Some(name) = nearest::nearest(key, known) {
            message.push_str(" The nearest known one is `");
            message.push_str(name);
            message.push_str("`.");
        }
        if std::ptr::eq(table, json_schema::Schema::TABLE) {
            message.push_str(" JSON Schema beyond this goes into parametersJsonSchema.");
        } else if self.code == Code::InvalidConfig {
            message.push_str(" What is newer than this library goes into extraSetup.");
        }
        self.within(shorten(key), |walk| walk.warn("unknown-field", message));
    }

    /// Does `work` at the field `name`.
    pub(crate) fn within<T>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        let result = work(self);
        self.path.truncate(length);
        result
    }

    /// Does `work` at the list's entry `index`.
    pub(crate) fn at<T>(&mut self, index: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.extend(["[", &index.to_string(), "]"]);
        let result = work(self);
        self.path.truncate(length);
        result
    }

    /// A warning about the place where the walk is.
    pub(crate) fn warn(&mut self, code: &'static str, message: String) {
        match self.warnings.len() {
            ..MAX_WARNINGS => self.warnings.push(Warning::new(code, message).with_field(self.path.as_str())),
            MAX_WARNINGS => {
                self.warnings.push(Warning::new("more-warnings", "There are more; these are the first."))
            }
            _ => {}
        }
    }

    /// A refusal of the place where the walk is.
    pub(crate) fn error(&self, message: &str) -> Error {
        if self.path.is_empty() {
            return Error::new(self.code, message);
        }
        Error::new(self.code, ["`", &self.path, "`: ", message].concat()).with_field(self.path.as_str())
    }

    /// The refusal of a value that is not what the place wants.
    pub(crate) fn mismatch(&self, wanted: &str, value: &Value) -> Error {
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

fn find(table: &'static Table, name: &str) -> Option<&'static Field> {
    table.fields.iter().find(|field| field.name == name)
}

fn is_usable(kind: Kind) -> bool {
    !matches!(kind, Kind::Refused(_) | Kind::Misplaced(_) | Kind::Idle(_))
}

fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Choice(_) | Kind::SchemaType => "text",
        Kind::Flag => "true or false",
        Kind::Number => "a number",
        Kind::List(_) => "a list",
        _ => "an object",
    }
}

/// A name from outside, short enough to be shown.
pub(crate) fn shorten(name: &str) -> &str {
    name.char_indices().nth(SHOWN_CHARS).map_or(name, |(end, _)| name.get(..end).unwrap_or_default())
}

/// Deeper than any real schema; what lies below could only exhaust the stack.
const MAX_DEPTH: u32 = 64;
const MAX_WARNINGS: usize = 32;
const SHOWN_CHARS: usize = 64;
const LONG_MAX: f64 = 9_223_372_036_854_775_807.0;
