//! The browser: the only place that knows it. The folders say where code runs.
//!
//! | folder | runs |
//! |---|---|
//! | `driver` | on a page or in a Worker: the machine's driver, sockets, tokens, the ends of the worklets |
//! | `page` | on the page: devices, events, how a session is opened and ended |
//! | `worker` | at both ends of a Worker's port |
//! | `api` | on the page: what applications hold, in Rust and in JavaScript |
//! | `sys` | everywhere |

// Without the exported classes nothing starts a Worker.
#![cfg_attr(not(feature = "js"), allow(dead_code))]

mod api;
mod driver;
mod page;
mod sys;
#[cfg(feature = "js")]
mod worker;

#[cfg(all(test, feature = "js"))]
mod tests;

pub use self::{
    api::session::{Events, LiveSession},
    driver::token::{AccessToken, TokenSource},
    page::{
        live_tool::{LiveTool, PendingCall},
        microphone::{CapturePath, Microphone, MicrophoneDevice, MicrophoneOptions},
        options::{ConnectOptions, ContextHint},
        output::PlayoutStats,
        pcm::{Pcm, PcmEvent, PcmPosition},
        recording::{RecordOptions, Recording},
        speaker::{Speaker, SpeakerOptions},
    },
};
