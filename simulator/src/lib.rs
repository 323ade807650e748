//! A Gemini Live API of one's own: what the service does on the wire, on this machine, without a model behind
//! it.
//!
//! It is there to test clients and to demonstrate them. It reads what the service reads and refuses what the
//! service refuses, in the same words; it hears speech, and answers with the speaker's own words. Everything
//! it knows about messages it knows from a table of its own (`schema/live.txt`): it shares no code with the
//! client library, so that they cannot be wrong together.
//!
//! Two halves:
//!
//! * the service itself, without sockets, clocks or tasks: [`Conversation`] takes [`Input`]s together with the
//!   time and gives out [`Action`]s; what connections have in common (tokens, resumption handles, records) is a
//!   [`Service`]. Feed one input, then [`Conversation::poll`] until `None`, then wait for input or
//!   [`Conversation::deadline`].
//! * the server around it: [`router`] and [`serve`], on tokio and axum, and a binary.
//!
//! | path | what |
//! |---|---|
//! | `/ws/{service}.BidiGenerateContent?key=` | a session, with an API key |
//! | `/ws/{service}.BidiGenerateContentConstrained?access_token=` | a session, with a token |
//! | `POST /{v1alpha,v1beta}/auth_tokens` | a token; header `x-goog-api-key` |
//! | `GET /_simulator/connections` | the latest connections: setups, counts, audio, how they ended |
//! | `GET /_simulator/connections/{id}/log.json` | the messages of one, with their times |
//! | `GET /_simulator/connections/{id}/received.wav` | the audio it received, 16 kHz |
//! | `GET /_simulator/connections/{id}/sent.wav` | the audio it sent, 24 kHz |
//! | `GET /_simulator/connections/{id}/audio.json` | when its audio came and went |
//! | `GET /_simulator/sessions/{id}` | a session over all its connections; also `/audio.json`, `/received.wav`, `/sent.wav`, `/recording.jsonl` |
//! | `POST /_simulator/connections/{id}/{lever}` | does something to one that is open |
//! | `DELETE /_simulator/connections` | ends and forgets them |
//! | `GET`, `POST /_simulator/scripts` | the scripts there are; another |
//! | `GET`, `POST /_simulator/clock` | the clock; puts it forward, or lets it run |
//! | `POST /_simulator/handles/expire` | makes resumption handles stale |
//! | `GET /_simulator/health` | `ok` |
//! | `GET /`, `GET /_simulator/` | a page that shows all this |
//!
//! `{service}` is `google.ai.generativelanguage.v1alpha.GenerativeService`, or the same with `v1beta`.
//!
//! Each path can have `/s/{script}` in front, which chooses a [`Script`]: what its connections go through. Without,
//! a model's name `models/sim-{script}` chooses it; other models get the plain one and the rules of their family.
//!
//! Any API key opens a session, but for `bad-key`, `expired-key` and the empty one.

#![forbid(unsafe_code)]

mod audio;
mod behaviour;
mod conversation;
mod credential;
mod handle;
mod http;
mod memory;
mod model;
mod options;
mod random;
mod record;
mod refusal;
mod replay;
mod schema;
mod script;
mod service;
mod settings;
mod token;
mod usage;

use std::time::Duration;

pub use behaviour::{
    AudioForm, Behaviour, EmptyResult, Finished, HandleInUse, HistoryOnResume, InputTranscripts, LateAnswer,
    Limits, LockedHandle, MessageForm, StaleHandle, StreamEnd, Transcripts, TurnEnd, UnansweredCall,
    UpdateForm, Updates,
};
pub use conversation::{Action, Conversation, Frame, Input};
pub use credential::{Knock, Version};
pub use http::{Line, Lines, Simulator, router, serve};
pub use options::{Capacity, Options, Voice};
pub use refusal::Refusal;
pub use replay::{Recording, RecordingError};
pub use script::{Lever, Script, ScriptError};
pub use service::{Service, TokenFault};

/// A moment, as the time since the Unix epoch. Whoever drives a [`Conversation`] makes sure that it never
/// goes back.
pub type Time = Duration;
