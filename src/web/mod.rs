//! The browser: the only place that knows it.
//!
//! | runs | modules |
//! |---|---|
//! | on a page or in a Worker | `driver`, `links`, `socket`, `alarm`, `token`, `capture`, `playback`, `ring`, `queue`, `value` |
//! | on the page | `host`, `handle`, `context`, `microphone`, `speaker`, `session`, and for JavaScript `js`, `connect`, `convert`, `events` |
//! | at both ends of a Worker's port | `worker` |

// Without the exported classes nothing starts a Worker.
#![cfg_attr(not(feature = "js"), allow(dead_code))]

mod alarm;
mod capture;
mod context;
mod driver;
mod handle;
mod host;
mod links;
mod microphone;
mod playback;
mod queue;
mod ring;
mod session;
mod socket;
mod speaker;
mod token;
mod value;

#[cfg(feature = "js")]
mod connect;
#[cfg(feature = "js")]
mod convert;
#[cfg(feature = "js")]
mod events;
#[cfg(feature = "js")]
mod js;
#[cfg(feature = "js")]
mod worker;

#[cfg(all(test, feature = "js"))]
mod tests;

pub use self::{
    microphone::{Microphone, MicrophoneOptions},
    session::{ConnectOptions, Events, LiveSession},
    speaker::{Speaker, SpeakerOptions},
    token::AccessToken,
};
