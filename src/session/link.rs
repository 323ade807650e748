//! One socket, from the token that is fetched for it to its end.

use super::io::ConnId;
use crate::time::Instant;

/// A socket as the session knows it.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) conn: ConnId,
    pub(super) stage: Stage,
    /// Bytes that wait in it.
    pub(super) backlog: u32,
}

/// How far a link is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stage {
    /// A token is fetched, then a socket opened with it.
    Dialing { has_token: bool },
    /// The setup is sent and not accepted yet.
    Offering {
        /// Whether something came that is no message.
        is_garbled: bool,
    },
    /// Messages flow.
    Ready,
    /// The closing handshake is under way. What still comes is heard; nothing is sent.
    Leaving { deadline: Instant },
}

impl Link {
    pub(super) fn new(conn: ConnId) -> Self {
        Self { conn, stage: Stage::Dialing { has_token: false }, backlog: 0 }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Leaving { deadline } => Some(deadline),
            Stage::Dialing { .. } | Stage::Offering { .. } | Stage::Ready => None,
        }
    }

    /// Until the socket says how much waits in it, what it was given does.
    pub(super) fn on_sent(&mut self, bytes: usize) {
        self.backlog = self.backlog.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
    }
}
