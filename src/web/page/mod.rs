//! What runs on the page: the session as the page has it, its devices, and how it is opened.

pub(in crate::web) mod connect;
pub(in crate::web) mod context;
pub(in crate::web) mod device;
pub(in crate::web) mod handle;
mod host;
pub(in crate::web) mod hub;
pub(in crate::web) mod input;
pub(in crate::web) mod keepsake;
mod life;
pub(in crate::web) mod live_tool;
pub(in crate::web) mod meter;
pub(in crate::web) mod microphone;
pub(in crate::web) mod options;
pub(in crate::web) mod output;
pub(in crate::web) mod pcm;
pub(in crate::web) mod recording;
pub(in crate::web) mod running;
mod seat;
pub(in crate::web) mod speaker;
pub(in crate::web) mod tools;
pub(in crate::web) mod wake_lock;
pub(in crate::web) mod worklet;
