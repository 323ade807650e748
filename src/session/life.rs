//! Where a session is in its life. Sockets come and go within it: what is about one of those is its [`Link`](super::link).

use crate::{event::State, time::Instant};

/// The session's life. It only goes forward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Life {
    Idle,
    /// No setup was accepted yet. One deadline for token, socket and setup together: the application waits for all three.
    Connecting {
        deadline: Instant,
    },
    Open,
    /// There is no link that takes messages, and another is being made. When to do what is up to the attempts.
    Reconnecting,
    /// The application wants the end. How long that may take is up to the link that is being left.
    Closing,
    Closed,
}

impl Life {
    /// The same, as the application is told.
    pub(super) fn state(self) -> State {
        match self {
            Self::Idle | Self::Connecting { .. } => State::Connecting,
            Self::Open => State::Open,
            Self::Reconnecting => State::Reconnecting,
            Self::Closing => State::Closing,
            Self::Closed => State::Closed,
        }
    }

    /// Whether the conversation is going on, with a link or without one.
    pub(super) fn is_live(self) -> bool {
        match self {
            Self::Open | Self::Reconnecting => true,
            Self::Idle | Self::Connecting { .. } | Self::Closing | Self::Closed => false,
        }
    }

    pub(super) fn deadline(self) -> Option<Instant> {
        match self {
            Self::Connecting { deadline } => Some(deadline),
            Self::Idle | Self::Open | Self::Reconnecting | Self::Closing | Self::Closed => None,
        }
    }
}
