//! The macros in which messages, names and what the server says are declared.
//!
//! One row is one field: the struct's, the table's, its documentation, and its line of `types.d.ts`. What
//! only `types.d.ts` needs is compiled for the test that writes it, and for nothing else.

/// Declares a message to send: its struct, whose fields are all optional, its table, its TypeScript.
///
/// A row is `field "wireName": Type`. After the name, `required` makes it so in TypeScript, and `secret` keeps
/// what it holds out of `Debug`. After the type,
/// `as "…"` or `as Name` gives it another type there, and `=> function` has the field checked by that
/// function instead of by its type's kind.
///
/// | section | what it names |
/// |---|---|
/// | `shared` (first) | rows that two messages have |
/// | `hidden` | fields of the wire or of `@google/genai` that have no place in the struct |
/// | `forms` | fields that JavaScript may write as well, and `adjust` rewrites |
/// | `adjust` | a function that rewrites the object before its fields are looked at |
/// | `check` | a function that stands in for the table: other forms, or a message that holds itself |
/// | `hint` | where an unknown field belongs |
macro_rules! message {
    (
        shared { $($shared:tt)* }
        $(#[doc = $one_doc:literal])* $one:ident { $($one_row:tt)* }
        $(hidden { $($one_hidden:tt)* })?
        and
        $(#[doc = $other_doc:literal])* $other:ident { $($other_row:tt)* }
    ) => {
        message! { $(#[doc = $one_doc])* $one { $($shared)* $($one_row)* } $(hidden { $($one_hidden)* })? }
        message! { $(#[doc = $other_doc])* $other { $($shared)* $($other_row)* } }
    };
    (
        $(#[doc = $doc:literal])* $name:ident {
            $(
                $(#[doc = $field_doc:literal])*
                $field:ident $wire:literal $($mark:ident)?: $type:ty $(as $shape:tt)? $(=> $field_check:path)?,
            )*
        }
        $(hidden { $($hidden:literal: $kind:expr,)* })?
        $(forms { $($(#[doc = $form_doc:literal])* $form:literal: $form_shape:literal,)* })?
        $(adjust $adjust:ident)?
        $(check $check:ident)?
        $(hint $hint:literal)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(
                $(#[doc = $field_doc])*
                #[serde(rename = $wire, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
        }

        /// Fields that are set, but for what is secret in them.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut shown = f.debug_struct(stringify!($name));
                $(if let Some(value) = &self.$field {
                    shown.field(stringify!($field), message!(@shown value $($mark)?));
                })*
                shown.finish()
            }
        }

        impl $name {
            #[allow(dead_code, reason = "a message that is reached through its check alone has no other use for it")]
            pub(crate) const TABLE: &'static $crate::protocol::schema::Table = {
                static TABLE: $crate::protocol::schema::Table = $crate::protocol::schema::Table {
                    names: concat!($($wire, ",",)* $($($hidden, ",",)*)?),
                    kinds: &[
                        $(message!(@field_kind $type $(=> $field_check)?),)*
                        $($($kind,)*)?
                    ],
                    adjust: message!(@adjust $($adjust)?),
                    hint: message!(@hint $($hint)?),
                };
                &TABLE
            };
        }

        impl $crate::protocol::schema::Wire for $name {
            const KIND: $crate::protocol::schema::Kind = message!(@kind $($check)?);

            #[cfg(all(test, not(target_arch = "wasm32")))]
            fn typescript(types: &mut $crate::protocol::schema::typescript::Types) -> String {
                types.interface(stringify!($name), &[$($doc),*], |types| {
                    vec![
                        $($crate::protocol::schema::typescript::Field {
                            name: $wire,
                            docs: &[$($field_doc),*],
                            is_required: message!(@is_required $($mark)?),
                            shape: $crate::protocol::schema::shape!(types, $type $(as $shape)?),
                        },)*
                        $($($crate::protocol::schema::typescript::Field {
                            name: $form,
                            docs: &[$($form_doc),*],
                            is_required: false,
                            shape: $form_shape.to_owned(),
                        },)*)?
                    ]
                })
            }
        }

        impl From<$name> for $crate::protocol::json::Value {
            fn from(message: $name) -> Self {
                $crate::protocol::json::to_value(&message)
            }
        }
    };
    (@field_kind $type:ty) => { <$type as $crate::protocol::schema::Wire>::KIND };
    (@field_kind $type:ty => $check:path) => { $crate::protocol::schema::Kind::Custom($check) };
    (@adjust) => { None };
    (@adjust $adjust:ident) => { Some($adjust) };
    (@hint) => { "" };
    (@hint $hint:literal) => { $hint };
    (@kind) => { $crate::protocol::schema::Kind::Message(Self::TABLE) };
    (@kind $check:ident) => { $crate::protocol::schema::Kind::Custom($check) };
    (@is_required) => { false };
    (@is_required secret) => { false };
    (@is_required required) => { true };
    (@shown $value:ident) => { $value };
    (@shown $value:ident required) => { $value };
    (@shown $value:ident secret) => {{
        let _ = $value;
        &"…"
    }};
}

/// Declares a message that the server sends: its struct, its table, its TypeScript.
///
/// A row is `field "wireName": Type`. Nothing is there for certain: a type is an `Option`, or has a value that
/// says "absent". After the name, `always` has the field put in where the message had none, and `secret` keeps it
/// out of `Debug`. Fields newer than this library are kept in `extra`.
macro_rules! received {
    (
        $(#[doc = $doc:literal])* $name:ident {
            $(
                $(#[doc = $field_doc:literal])*
                $field:ident $wire:literal $($mark:ident)?: $type:ty $(as $shape:tt)?,
            )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[doc = $field_doc])*
                #[serde(rename = $wire, skip_serializing_if = "crate::protocol::schema::is_absent")]
                pub $field: $type,
            )*
            /// Fields newer than this library.
            #[serde(flatten)]
            pub extra: $crate::json::Map,
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut shown = f.debug_struct(stringify!($name));
                $({
                    let value = &self.$field;
                    if !$crate::protocol::schema::is_absent(value) {
                        shown.field(stringify!($field), received!(@shown value $($mark)?));
                    }
                })*
                shown.finish_non_exhaustive()
            }
        }

        impl $name {
            pub(crate) const TABLE: &'static $crate::protocol::schema::Table = {
                static TABLE: $crate::protocol::schema::Table = $crate::protocol::schema::Table {
                    names: concat!($($wire, ",",)*),
                    kinds: &[$(received!(@kind $type $(, $mark)?),)*],
                    adjust: None,
                    hint: "",
                };
                &TABLE
            };

            #[cfg(all(test, not(target_arch = "wasm32")))]
            #[allow(unused_variables, reason = "not every message has fields")]
            pub(crate) fn typescript_fields(
                types: &mut $crate::protocol::schema::typescript::Types,
            ) -> Vec<$crate::protocol::schema::typescript::Field> {
                vec![$($crate::protocol::schema::typescript::Field {
                    name: $wire,
                    docs: &[$($field_doc),*],
                    is_required: received!(@is_required $($mark)?),
                    shape: $crate::protocol::schema::shape!(types, $type $(as $shape)?),
                },)*]
            }
        }

        impl $crate::protocol::schema::Wire for $name {
            const KIND: $crate::protocol::schema::Kind = $crate::protocol::schema::Kind::Message(Self::TABLE);

            #[cfg(all(test, not(target_arch = "wasm32")))]
            fn typescript(types: &mut $crate::protocol::schema::typescript::Types) -> String {
                types.interface(stringify!($name), &[$($doc),*], Self::typescript_fields)
            }
        }
    };
    (@kind $type:ty) => { <$type as $crate::protocol::schema::Wire>::KIND };
    (@kind $type:ty, secret) => { <$type as $crate::protocol::schema::Wire>::KIND };
    (@kind $type:ty, always) => {
        $crate::protocol::schema::Kind::Always(&<$type as $crate::protocol::schema::Wire>::KIND)
    };
    (@is_required) => { false };
    (@is_required secret) => { false };
    (@is_required always) => { true };
    (@shown $value:ident) => { $value };
    (@shown $value:ident always) => { $value };
    (@shown $value:ident secret) => { &"…" };
}

/// Declares a set of names: an enum that keeps names it does not know, its list, its TypeScript.
///
/// `kind` stands in for the list where unknown names are to pass without a word, or are rewritten.
macro_rules! open_enum {
    (
        $(#[doc = $doc:literal])* $name:ident {
            $($(#[doc = $variant_doc:literal])* $variant:ident = $wire:literal,)*
        }
        $(kind $kind:expr)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[doc = $variant_doc])* $variant,)*
            /// A name newer than this library, as the wire has it.
            Other(String),
        }

        impl $name {
            /// Each with a comma after it.
            #[allow(dead_code, reason = "names that pass without a word are listed for TypeScript alone")]
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

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                match name {
                    $($wire => Self::$variant,)*
                    _ => Self::Other(name.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self::from(name.as_str())
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

            #[cfg(all(test, not(target_arch = "wasm32")))]
            fn typescript(types: &mut $crate::protocol::schema::typescript::Types) -> String {
                types.names(
                    stringify!($name),
                    &[$($doc),*],
                    true,
                    &[$(($wire, &[$($variant_doc),*]),)*],
                )
            }
        }
    };
    (@kind) => { $crate::protocol::schema::Kind::Enum(&Self::NAMES) };
    (@kind $kind:expr) => { $kind };
}

/// The TypeScript of a row's type. What a type needs is declared even where another form stands for it.
#[cfg(all(test, not(target_arch = "wasm32")))]
macro_rules! shape {
    ($types:ident, $type:ty) => {
        <$type as $crate::protocol::schema::Wire>::typescript($types)
    };
    ($types:ident, $type:ty as $text:literal) => {{
        <$type as $crate::protocol::schema::Wire>::typescript($types);
        $text.to_owned()
    }};
    ($types:ident, $type:ty as $alias:ident) => {{
        <$type as $crate::protocol::schema::Wire>::typescript($types);
        $types.alias(&$alias)
    }};
}

#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) use shape;
pub(crate) use {message, open_enum, received};
