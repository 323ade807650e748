//! What the browser gives everywhere: time, listeners, plain values; and waiting for one another.

pub(in crate::web) mod channel;
pub(in crate::web) mod listener;
pub(in crate::web) mod task;
pub(in crate::web) mod timer;
pub(in crate::web) mod value;
