//! The protocol's rules, one test each. What the recordings of the official SDK cover is tested there.

mod receiving;
mod sending;
mod tokens;
#[cfg(not(target_arch = "wasm32"))]
mod types;
