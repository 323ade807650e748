//! How messages are described: once, as a Rust type and as a table that the validator reads.
//!
//! The npm package never touches the typed side: plain JSON goes through the tables, and what serde
//! derives for the types is not linked. A Rust application fills in the types, which become the same JSON
//! and take the same way.

mod nearest;
pub(crate) mod validator;

use serde_json::{Map, Value};

use self::validator::{Validated, Validator};

/// The fields of one message. Names are one text and kinds one machine word and a half: pages load this.
#[derive(Debug)]
pub(crate) struct Table {
    /// The names on the wire, in camelCase, each with a comma after it.
    pub(crate) names: &'static str,
    /// What each holds, in the same order.
    pub(crate) kinds: &'static [Kind],
    /// Rewrites the object before its fields are looked at, where people write it in more ways than one.
    pub(crate) adjust: Option<Adjust>,
}

pub(crate) type Adjust = fn(&mut Validator, &mut Map<String, Value>) -> Validated;

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
    /// A content, or the shorter forms that stand for one.
    Content,
    /// A schema of the OpenAPI subset, or JSON Schema that can be written as one.
    Schema,
    /// The type in a schema, in upper or lower case.
    SchemaType,
    /// A field that the Gemini API does not take, whatever it holds; the text says why.
    Unsupported(&'static &'static str),
    /// A field that belongs elsewhere; the text says where.
    Moved(&'static &'static str),
    /// A field that is understood and has no effect here; the text says why.
    Ignored(&'static &'static str),
}

/// A Rust type that stands for a kind of field.
pub(crate) trait Wire {
    const KIND: Kind;
}

macro_rules! wire {
    ($($type:ty => $kind:expr,)*) => { $(impl Wire for $type { const KIND: Kind = $kind; })* };
}

wire! {
    String => Kind::Text,
    bool => Kind::Bool,
    i32 => Kind::Integer,
    f64 => Kind::Number,
    Value => Kind::Json,
    Map<String, Value> => Kind::Struct,
}

impl<T: Wire> Wire for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);
}

impl<T: Wire> Wire for Box<T> {
    const KIND: Kind = T::KIND;
}

impl<T: Wire> Wire for std::collections::BTreeMap<String, T> {
    const KIND: Kind = Kind::Map(&T::KIND);
}

/// A 64-bit integer, which JSON carries as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Int64(pub i64);

impl Wire for Int64 {
    const KIND: Kind = Kind::Int64;
}

impl From<i64> for Int64 {
    fn from(value: i64) -> Self {
        Self(value)
    }
}

impl serde::Serialize for Int64 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_string())
    }
}

impl<'de> serde::Deserialize<'de> for Int64 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) => number.as_i64(),
            Value::String(digits) => digits.parse().ok(),
            _ => None,
        }
        .map(Self)
        .ok_or_else(|| serde::de::Error::custom("expected a 64-bit integer, as a number or as text"))
    }
}

/// Declares a message: its struct, whose fields are all optional, and its table.
///
/// `hidden` names fields that exist on the wire or in `@google/genai` but have no place in the struct;
/// `adjust` names a function that rewrites the object first; `kind` stands in for the table where a message
/// holds itself.
macro_rules! message {
    (
        $(#[$doc:meta])* $name:ident {
            $($(#[$field_doc:meta])* $field:ident $wire:literal: $type:ty,)*
        }
        $(hidden { $($hidden:literal: $kind:expr,)* })?
        $(adjust $adjust:ident)?
        $(kind $kind_override:expr)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(
                $(#[$field_doc])*
                #[serde(rename = $wire, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
        }

        impl $name {
            #[allow(dead_code, reason = "a message that is reached through its kind alone has no other use for it")]
            pub(crate) const TABLE: &'static $crate::protocol::schema::Table = {
                static TABLE: $crate::protocol::schema::Table = $crate::protocol::schema::Table {
                    names: concat!($($wire, ",",)* $($($hidden, ",",)*)?),
                    kinds: &[
                        $(<$type as $crate::protocol::schema::Wire>::KIND,)*
                        $($($kind,)*)?
                    ],
                    adjust: message!(@adjust $($adjust)?),
                };
                &TABLE
            };
        }

        impl $crate::protocol::schema::Wire for $name {
            const KIND: $crate::protocol::schema::Kind = message!(@kind $($kind_override)?);
        }
    };
    (@adjust) => { None };
    (@adjust $adjust:ident) => { Some($adjust) };
    (@kind) => { $crate::protocol::schema::Kind::Message(Self::TABLE) };
    (@kind $kind:expr) => { $kind };
}

/// Declares a set of names: an enum that keeps names it does not know, and its list.
macro_rules! open_enum {
    (
        $(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $wire:literal,)* }
        $(kind $kind:expr)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// A name newer than this library, as the wire has it.
            Other(String),
        }

        impl $name {
            /// Each with a comma after it.
            pub(crate) const NAMES: &'static str = concat!($($wire, ",",)*);

            /// The name on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Other(name) => name,
                }
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                match name.as_str() {
                    $($wire => Self::$variant,)*
                    _ => Self::Other(name),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer).map(Self::from)
            }
        }

        impl $crate::protocol::schema::Wire for $name {
            const KIND: $crate::protocol::schema::Kind = open_enum!(@kind $($kind)?);
        }
    };
    (@kind) => { $crate::protocol::schema::Kind::Enum(&Self::NAMES) };
    (@kind $kind:expr) => { $kind };
}

pub(crate) use {message, open_enum};
