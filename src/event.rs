//! What a session tells the application.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{CloseFrame, Error, Warning};

/// Something that happened, in the order in which it happened.
///
/// In JavaScript each is a plain object whose `type` is the variant's name in camelCase.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Event {
    // ---- from the server -------------------------------------------------------------------------
    /// The service accepted the setup: the session is open.
    SetupComplete {
        /// The service's name of the session, where it gives one.
        #[serde(skip_serializing_if = "Option::is_none")]
        session_id: Option<String>,
        /// What else the message held.
        #[serde(flatten)]
        extra: Map<String, Value>,
    },

    // ---- from this side --------------------------------------------------------------------------
    /// The session's state changed.
    StateChange {
        /// The new state.
        state: State,
    },
    /// The first sample of an answer is being played.
    PlaybackStarted {
        /// Milliseconds from the end of the person's speech, as this side heard it, to this moment.
        #[serde(skip_serializing_if = "Option::is_none")]
        latency_ms: Option<f64>,
    },
    /// The answer was heard to its end: the server completed the turn and the speaker has run dry.
    PlaybackEnded {
        /// Milliseconds of this answer that were really played.
        heard_ms: f64,
    },
    /// Something the application should know; the session goes on.
    Warning(Warning),
    /// The session is over. Nothing follows.
    Closed {
        /// How the socket ended, where there was one.
        #[serde(skip_serializing_if = "Option::is_none")]
        close: Option<CloseFrame>,
        /// Why, if it was not the application's wish.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Error>,
    },
}

/// Where a session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum State {
    /// A token is fetched, a socket opened, the setup offered.
    Connecting,
    /// The service accepted the setup; messages flow.
    Open,
    /// The application asked for the end; the closing handshake is under way.
    Closing,
    /// Over.
    Closed,
}
