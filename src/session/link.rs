//! One socket, from the token that is fetched for it to its end.

use super::{io::ConnId, unsent::Unsent};
use crate::time::Instant;

/// A socket as the session knows it.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) conn: ConnId,
    pub(super) stage: Stage,
    /// Bytes that wait in it.
    pub(super) backlog: u32,
    pub(super) unsent: Unsent,
}

/// How far a link is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stage {
    /// A token is fetched, then a socket opened with it.
    Dialing { has_token: bool },
    /// The socket is open. The setup is not offered before the link that it follows is gone.
    Opened,
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

impl Stage {
    /// Whether the service has heard of it: what comes before that is no message.
    pub(super) fn is_offered(self) -> bool {
        match self {
            Self::Dialing { .. } | Self::Opened => false,
            Self::Offering { .. } | Self::Ready | Self::Leaving { .. } => true,
        }
    }

    /// Whether the session is to go over to it.
    pub(super) fn is_next(self) -> bool {
        match self {
            Self::Dialing { .. } | Self::Opened | Self::Offering { .. } => true,
            Self::Ready | Self::Leaving { .. } => false,
        }
    }

    pub(super) fn is_leaving(self) -> bool {
        matches!(self, Self::Leaving { .. })
    }
}

impl Link {
    pub(super) fn new(conn: ConnId) -> Self {
        Self { conn, stage: Stage::Dialing { has_token: false }, backlog: 0, unsent: Unsent::default() }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Leaving { deadline } => Some(deadline),
            Stage::Ready => self.unsent.deadline(),
            Stage::Dialing { .. } | Stage::Opened | Stage::Offering { .. } => None,
        }
    }

    pub(super) fn on_backlog(&mut self, bytes: u32) {
        self.backlog = bytes;
        self.unsent.on_backlog(bytes);
    }

    /// Until the socket says how much waits in it, what it was given does.
    pub(super) fn on_sent(&mut self, bytes: usize) {
        self.backlog = self.backlog.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
    }
}
