//! What a session knows: it goes with the handle from one connection to the next.

use crate::usage::Context;

/// What a session knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// Everything said so far, in tokens.
    pub(crate) context: Context,
}
