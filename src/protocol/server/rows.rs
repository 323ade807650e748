//! The rows of the server's events: where in a frame each is found, and by which table it is read.

use super::{events::*, metadata::UsageMetadata};
use crate::protocol::schema::Table;

/// Where in a frame an event is found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// An object, whose fields are the event's.
    Object,
    /// An object, which is the event's one field.
    Wrapped,
    /// A flag that is true; the event has no fields of the frame.
    Flag,
    /// The model's turn: its parts, each of which may be several events.
    Parts,
    /// How the turn stands.
    Turn,
    /// An object, or a text.
    Error,
    /// With another row.
    Within,
}

pub(super) struct Row {
    pub(super) kind: EventKind,
    pub(super) table: &'static Table,
    pub(super) source: Source,
    pub(super) path: &'static str,
}

macro_rules! declare_rows {
    (server { $(
        $(#[doc = $doc:literal])* $name:ident $kind:literal: $payload:ident from $source:ident $path:literal,
    )* }) => {
        /// What an event of the server is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum EventKind {
            $($(#[doc = $doc])* $name,)*
        }

        impl EventKind {
            /// The `type` that JavaScript sees.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $kind,)*
                }
            }

            pub(super) const fn table(self) -> &'static Table {
                match self {
                    $(Self::$name => $payload::TABLE,)*
                }
            }
        }

        pub(super) static ROWS: &[Row] = &[
            $(Row {
                kind: EventKind::$name,
                table: $payload::TABLE,
                source: Source::$source,
                path: $path,
            },)*
        ];

        /// The events' TypeScript, and the union of them.
        #[cfg(all(test, not(target_arch = "wasm32")))]
        pub(crate) fn typescript(types: &mut crate::protocol::Types) {
            $(types.event(stringify!($name), $kind, &[$($doc),*], $payload::typescript_fields);)*
            types.union(
                "LiveServerEvent",
                "Everything that comes from the server. Fields that this library does not know are there as well, \
                 under their own names.",
                &[$(stringify!($name)),*],
            );
        }
    };
}

server_events!(declare_rows);
