//! Why a device is another one.

use super::told::Told;
use crate::json::Value;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $reason:ident = $name:literal,)*) => {
        /// Device change reason: who or what has changed the device.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum DeviceChangeReason {
            $($(#[doc = $doc])* $reason,)*
        }

        impl DeviceChangeReason {
            /// The stable kebab-case name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$reason => $name,)*
                }
            }

            /// The reason of this name, if there is one.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                [$(Self::$reason),*].into_iter().find(|reason| reason.as_str() == name)
            }

            #[cfg(all(test, not(target_arch = "wasm32")))]
            pub(super) fn typescript(types: &mut crate::protocol::Types) {
                let docs = &["Device change reason: who or what has changed the device."];
                types.names("LiveDeviceChangeReason", docs, false, &[$(($name, &[$($doc),*]),)*]);
            }
        }
    };
}

reasons! {
    /// The application has chosen it.
    Chosen = "chosen",
    /// The system's default is another one.
    Default = "default",
    /// The device before has gone, and the system's default took its place.
    Ended = "ended",
}

impl Told for DeviceChangeReason {
    fn told(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}
