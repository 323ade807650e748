//! The browser: the only place that knows it.
//!
//! | runs | modules |
//! |---|---|
//! | on a page or in a Worker | `driver`, `links`, `socket`, `alarm`, `token`, `capture`, `playback`, `ring`, `channel`, `listener`, `value` |
//! | on the page | `connect`, `plan`, `handle`, `hub`, `context`, `microphone`, `speaker`; for Rust `session`; for JavaScript `js`, `convert`, `events` |
//! | at both ends of a Worker's port | `worker` |

// Without the exported classes nothing starts a Worker.
#![cfg_attr(not(feature = "js"), allow(dead_code))]

mod alarm;
mod capture;
mod channel;
mod connect;
mod context;
mod driver;
mod handle;
mod hub;
mod links;
mod listener;
mod microphone;
mod plan;
mod playback;
mod ring;
mod session;
mod socket;
mod speaker;
mod token;
mod value;
mod worker;

#[cfg(feature = "js")]
mod convert;
#[cfg(feature = "js")]
mod events;
#[cfg(feature = "js")]
mod js;

#[cfg(all(test, feature = "js"))]
mod tests;

pub use self::{
    microphone::{Microphone, MicrophoneOptions},
    plan::ConnectOptions,
    session::{Events, LiveSession},
    speaker::{Speaker, SpeakerOptions},
    token::{AccessToken, TokenSource},
};
