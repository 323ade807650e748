//! JSON, as much of it as the wire needs, and nothing of it lost on the way.
//!
//! A page downloads this, so it is small; and a frame is never given up for something that can be kept or
//! passed over, because the tool call or the end of the turn in it would be lost as well:
//!
//! | the text has | what becomes of it |
//! |---|---|
//! | a number of any size or precision | kept digit by digit: a [`Number`] is its text |
//! | half of a surrogate pair (`\ud83d`), bytes that are not UTF-8 | U+FFFD instead, as browsers do; counted in [`Repairs`] |
//! | a value nested more than 127 deep | `null` instead; counted in [`Repairs`] |
//! | a control character in a string | taken as it is |
//! | a name twice in one object | the last one counts |
//!
//! Everything else that is no JSON is a [`SyntaxError`]. What is written is what `JSON.stringify` writes.
//!
//! ```
//! use gemini_live_web::json::{Value, json, parse};
//!
//! let value = parse(br#"{"args":{"amount":0.1000000000000000055511151231257827}}"#)?;
//! assert_eq!(value["args"]["amount"].as_f64(), Some(0.1));
//! assert_eq!(value.to_string(), r#"{"args":{"amount":0.1000000000000000055511151231257827}}"#);
//! assert_eq!(json!({ "a": [1, null] }), parse(br#"{"a":[1,null]}"#)?);
//! # Ok::<(), gemini_live_web::json::SyntaxError>(())
//! ```
//!
//! Rust applications come here from serde: [`Value`] is `Serialize` and `Deserialize`, and is made
//! [from](From) a `serde_json::Value` and turned into one. JavaScript's way touches neither.

mod interop;
mod map;
mod number;
mod read;
mod write;

use std::{fmt, ops::Index};

pub(crate) use self::number::digits;
pub use self::{
    map::Map,
    number::Number,
    read::{Repairs, SyntaxError, parse, parse_repairing},
    write::write_string,
};
pub use crate::json;

#[doc(hidden)]
pub use serde_json as __serde_json;

/// A [`Value`] written as JSON, with expressions where values stand: `json!({ "name": name, "list": [1, null] })`.
#[macro_export]
macro_rules! json {
    ($($json:tt)+) => { $crate::json::Value::from($crate::json::__serde_json::json!($($json)+)) };
}

/// Any JSON value.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(Number),
    /// A text.
    String(String),
    /// A list.
    Array(Vec<Self>),
    /// An object.
    Object(Map),
}

impl Value {
    /// Whether this is `null`.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether this is a list.
    #[must_use]
    pub const fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    /// Whether this is an object.
    #[must_use]
    pub const fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Whether this is a text.
    #[must_use]
    pub const fn is_string(&self) -> bool {
        matches!(self, Self::String(_))
    }

    /// The boolean, if this is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self { Some(*flag) } else { None }
    }

    /// The text, if this is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The number, if this is one.
    #[must_use]
    pub const fn as_number(&self) -> Option<&Number> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    /// The number, if it is written as an integer and is one of 64 bits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.as_i64()
    }

    /// The number, if it is written as an integer and is one of 64 bits without sign.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number()?.as_u64()
    }

    /// The number, as near as a float comes to it; `None` where that would be infinite.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.as_number()?.as_f64()
    }

    /// The list, if this is one.
    #[must_use]
    pub const fn as_array(&self) -> Option<&Vec<Self>> {
        if let Self::Array(list) = self { Some(list) } else { None }
    }

    /// The list, if this is one.
    pub const fn as_array_mut(&mut self) -> Option<&mut Vec<Self>> {
        if let Self::Array(list) = self { Some(list) } else { None }
    }

    /// The object, if this is one.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Map> {
        if let Self::Object(map) = self { Some(map) } else { None }
    }

    /// The object, if this is one.
    pub const fn as_object_mut(&mut self) -> Option<&mut Map> {
        if let Self::Object(map) = self { Some(map) } else { None }
    }

    /// The field of this name, if this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// The field of this name, if this is an object that has it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.as_object_mut()?.get_mut(name)
    }

    /// Moves the value out and leaves `null`.
    pub const fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Null)
    }
}

/// The compact text.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

/// The compact text: nothing says more in less.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

/// `null` where there is no such field.
impl Index<&str> for Value {
    type Output = Self;

    fn index(&self, name: &str) -> &Self {
        self.get(name).unwrap_or(&NULL)
    }
}

/// `null` where there is no such entry.
impl Index<usize> for Value {
    type Output = Self;

    fn index(&self, entry: usize) -> &Self {
        self.as_array().and_then(|list| list.get(entry)).unwrap_or(&NULL)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Object(map)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(list: Vec<T>) -> Self {
        Self::Array(list.into_iter().map(Into::into).collect())
    }
}

macro_rules! from_integers {
    ($($type:ty as $wide:ty,)*) => {$(
        impl From<$type> for Value {
            fn from(number: $type) -> Self {
                Self::Number(Number::from(number as $wide))
            }
        }

        impl PartialEq<$type> for Value {
            fn eq(&self, other: &$type) -> bool {
                self.as_number() == Some(&Number::from(*other as $wide))
            }
        }
    )*};
}

from_integers! { i32 as i64, i64 as i64, u16 as u64, u32 as u64, u64 as u64, usize as u64, }

/// `null` for what JSON cannot say: NaN and the infinities.
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Number::from_f64(number).map_or(Self::Null, Self::Number)
    }
}

impl PartialEq<f64> for Value {
    fn eq(&self, other: &f64) -> bool {
        self.as_f64() == Some(*other)
    }
}

impl PartialEq<bool> for Value {
    fn eq(&self, other: &bool) -> bool {
        self.as_bool() == Some(*other)
    }
}

impl PartialEq<str> for Value {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for Value {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == Some(other)
    }
}

static NULL: Value = Value::Null;

#[cfg(test)]
mod tests;
