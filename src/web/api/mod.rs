//! What applications hold: the Rust face and the JavaScript face, both thin.

#[cfg(feature = "js")]
pub(in crate::web) mod convert;
#[cfg(feature = "js")]
pub(in crate::web) mod events;
#[cfg(feature = "js")]
mod given;
#[cfg(feature = "js")]
mod js;
pub(in crate::web) mod session;
