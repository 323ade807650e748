//! What is on its way between a session and the service.

use gemini_live_web::{error::CloseFrame, session::ConnId};
use serde_json::Value;

/// What arrives on this side.
#[derive(Clone, Debug)]
pub(super) enum Arrival {
    Token(ConnId),
    Opened(ConnId),
    Frame(ConnId, Value),
    Closed(ConnId, CloseFrame),
}

/// What arrives on the other side.
#[derive(Clone, Debug)]
pub(super) enum Departure {
    Message(ConnId, String),
    Closed(ConnId),
}

impl Arrival {
    pub(super) fn conn(&self) -> ConnId {
        match self {
            Self::Token(conn) | Self::Opened(conn) | Self::Frame(conn, _) | Self::Closed(conn, _) => *conn,
        }
    }
}

impl Departure {
    pub(super) fn conn(&self) -> ConnId {
        match self {
            Self::Message(conn, _) | Self::Closed(conn) => *conn,
        }
    }
}
