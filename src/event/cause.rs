//! Why a session goes over to another connection.

use super::told::Told;
use crate::json::Value;

macro_rules! causes {
    ($($(#[doc = $doc:literal])* $cause:ident = $name:literal,)*) => {
        /// Reconnect cause: why a session goes over to another connection.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Cause {
            $($(#[doc = $doc])* $cause,)*
        }

        impl Cause {
            /// The stable kebab-case name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$cause => $name,)*
                }
            }

            #[cfg(all(test, not(target_arch = "wasm32")))]
            pub(super) fn typescript(types: &mut crate::protocol::Types) {
                let docs = &["Reconnect cause: why a session goes over to another connection."];
                types.names("LiveReconnectCause", docs, false, &[$(($name, &[$($doc),*]),)*]);
            }
        }
    };
}

causes! {
    /// The service announced that it will close the connection.
    GoAway = "go-away",
    /// The connection was lost, or could not be made.
    Network = "network",
    /// The browser says that the device is offline.
    Offline = "offline",
    /// The service said nothing for too long, and another connection could be made.
    Silence = "silence",
    /// The page slept, and the connection did not outlive that.
    Wake = "wake",
    /// The service is in trouble, or does not know the conversation any more.
    Service = "service",
    /// No token could be had, or it was not accepted: another is asked for.
    Token = "token",
}

impl Told for Cause {
    fn told(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}
