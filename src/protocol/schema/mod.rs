//! How messages are described: each once, as rows from which its Rust type, its table, its documentation
//! and its TypeScript are made.
//!
//! The npm package never touches the typed side: plain JSON goes through the tables, and what serde
//! derives for the types is not linked. A Rust application fills in the types, which become the same JSON
//! and take the same way.
//!
//! | file | what it is |
//! |---|---|
//! | `macros` | the rows |
//! | `validator` | what reads plain JSON along a table |
//! | `names` | spelling, and the known name a mistyped one resembles |
//! | `typescript` | what writes `types.d.ts`, in a test |

mod macros;
pub(crate) mod names;
#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) mod typescript;
mod validator;

use std::collections::BTreeMap;

#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) use self::macros::shape;
#[cfg(all(test, not(target_arch = "wasm32")))]
use self::typescript::{Types, list_of};
pub(crate) use self::{
    macros::{message, open_enum, received},
    validator::{Kind, Table, Validated, Validator},
};
use super::json::{Map, Value};

/// A Rust type that stands for a kind of field.
pub(crate) trait Wire {
    const KIND: Kind;

    /// The type in TypeScript, which declares itself if it has to.
    #[cfg(all(test, not(target_arch = "wasm32")))]
    fn typescript(types: &mut Types) -> String;
}

macro_rules! wire {
    ($($type:ty => $kind:expr, $typescript:literal;)*) => {$(
        impl Wire for $type {
            const KIND: Kind = $kind;

            #[cfg(all(test, not(target_arch = "wasm32")))]
            fn typescript(_: &mut Types) -> String {
                $typescript.to_owned()
            }
        }
    )*};
}

wire! {
    String => Kind::Text, "string";
    bool => Kind::Bool, "boolean";
    i32 => Kind::Integer, "number";
    f64 => Kind::Number, "number";
    u64 => Kind::Count, "number";
    Int64 => Kind::Int64, "string | number";
    Value => Kind::Json, "unknown";
    Map => Kind::Struct, "JsonObject";
}

impl<T: Wire> Wire for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);

    #[cfg(all(test, not(target_arch = "wasm32")))]
    fn typescript(types: &mut Types) -> String {
        list_of(&T::typescript(types))
    }
}

impl<T: Wire> Wire for Option<T> {
    const KIND: Kind = T::KIND;

    #[cfg(all(test, not(target_arch = "wasm32")))]
    fn typescript(types: &mut Types) -> String {
        T::typescript(types)
    }
}

impl<T: Wire> Wire for Box<T> {
    const KIND: Kind = T::KIND;

    #[cfg(all(test, not(target_arch = "wasm32")))]
    fn typescript(types: &mut Types) -> String {
        T::typescript(types)
    }
}

impl<T: Wire> Wire for BTreeMap<String, T> {
    const KIND: Kind = Kind::Map(&T::KIND);

    #[cfg(all(test, not(target_arch = "wasm32")))]
    fn typescript(types: &mut Types) -> String {
        ["{ readonly [name: string]: ", &T::typescript(types), " }"].concat()
    }
}

/// A 64-bit integer, which JSON carries as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Int64(pub i64);

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

/// Whether a field of a received message says nothing.
pub(crate) fn is_absent<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Why a field is refused that the Gemini API does not have.
pub(crate) const VERTEX_ONLY: &str = "Only Vertex AI has this; the Gemini API refuses it. Leave it out.";
