//! The Gemini Live API for the browser: real-time voice and video over one WebSocket.
//!
//! A page holds a spoken conversation with Gemini. On `wasm32` the module `web` has everything that
//! takes: `LiveSession`, microphone and speaker. The rest of the crate
//! knows no browser, builds everywhere, and is public for those who bring their own shell:
//!
//! | module | what it is |
//! |---|---|
//! | [`protocol`] | the wire: config, messages, tokens, endpoints, what a close means |
//! | [`session`] | the conversation as a machine without I/O |
//! | [`audio`] | sample arithmetic: rates, frames, rings |
//! | [`event`], [`error`], [`time`] | what is told, what goes wrong, when |
//! | [`json`](mod@json) | JSON that loses nothing, and is small |
//! | `web` | the browser: sockets, worklets, devices, the classes for JavaScript |
//!
//! # The machine's contract
//!
//! Feed one [`Input`](session::Input) with the current time; then [`poll`](session::Session::poll) until
//! `None`, performing each [`Action`](session::Action); then wait for I/O or for the
//! [`deadline`](session::Session::deadline).
//!
//! The machine never fails: a bad frame, a bad token, a lost socket are events, the last of which is
//! [`Closed`](event::Event::Closed). Inputs carry the [`ConnId`](session::ConnId) of the socket they come
//! from; those of a socket that was replaced are ignored. It has no clock, and no socket:
//!
//! ```
//! use gemini_live_web::{
//!     event::{AudioState, Event, State},
//!     protocol::setup,
//!     session::{Action, Input, Policy, Session},
//!     time::Instant,
//! };
//!
//! let config = serde_json::json!({ "responseModalities": ["AUDIO"] });
//! let setup = setup::prepare("gemini-3.1-flash-live-preview", config, None)?.setup;
//! let mut session = Session::new(setup, Policy::default());
//! let now = Instant::from_ms(0.0);
//!
//! session.handle(Input::Connect, now);
//! while let Some(action) = session.poll() {
//!     match action {
//!         Action::Open(conn) => {
//!             // Open a socket; here it opens at once.
//!             session.handle(Input::Opened(conn), now);
//!         }
//!         Action::Send(conn, message) => {
//!             assert!(message.text.starts_with(r#"{"setup":"#));
//!             session.handle(Input::Frame(conn, br#"{"setupComplete":{}}"#), now);
//!         }
//!         Action::Emit(event) if matches!(Event::from(event.clone()), Event::SetupComplete(_)) => break,
//!         _ => {}
//!     }
//! }
//! assert_eq!(session.state(), State::Open);
//! # Ok::<(), gemini_live_web::error::Error>(())
//! ```

// Weight, so only where it is downloaded: see `clippy.toml`.
#![cfg_attr(all(target_arch = "wasm32", not(test)), warn(clippy::disallowed_macros))]

/// Smaller than the standard library's allocator, and as good for what little is alive at a time.
#[cfg(all(feature = "npm", target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

// Tests of the library and those beside it share a file.
#[cfg(test)]
extern crate self as gemini_live_web;

pub mod audio;
pub mod error;
pub mod event;
pub mod json;
pub mod protocol;
mod queue;
pub mod session;
pub mod time;
#[cfg(target_arch = "wasm32")]
pub mod web;

#[cfg(target_arch = "wasm32")]
pub use self::web::{
    AccessToken, CapturePath, ConnectOptions, ContextHint, Events, LiveSession, LiveTool, Microphone,
    MicrophoneDevice, MicrophoneOptions, Pcm, PcmEvent, PcmPosition, PendingCall, PlayoutStats,
    RecordOptions, Recording, Speaker, SpeakerOptions, TokenSource,
};
pub use self::{
    error::{Code, Error, Warning},
    event::{Event, State},
    protocol::setup::LiveConfig,
    session::Stats,
};
