//! What the shell reads in events.

use std::fmt;

use crate::{
    error::Error,
    event::{LocalEvent, SessionEvent, State},
    protocol::server::EventKind,
};

/// What an event means to the session's shell. It is told beside the event, so that nobody has to read the event for it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web) enum Meaning {
    /// Nothing: it is for the application.
    News,
    /// The session is in another state.
    State(State),
    /// The service has accepted the setup.
    Opened,
    /// The model calls functions, or takes calls back.
    Calls,
    /// The conversation can be resumed by this handle, and by no earlier one; without one, by none.
    Handle(Option<Handle>),
    /// What is to be read later as well: the usage under 0, each turn under its own number.
    Kept(u32),
    /// The session is over, because of a failure or because it was wished. Nothing follows.
    Closed(Option<Error>),
}

/// A resumption handle. Who has it and a token has the conversation: `Debug` does not show it.
#[derive(Clone, PartialEq)]
pub(in crate::web) struct Handle(pub(in crate::web) String);

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(…)")
    }
}

impl Meaning {
    pub(in crate::web) fn of(event: &SessionEvent) -> Self {
        match event {
            SessionEvent::Server(event) if event.kind == EventKind::SessionResumptionUpdate => {
                event.handle().map_or(Self::News, |handle| Self::Handle(Some(Handle(handle.to_owned()))))
            }
            SessionEvent::Local(LocalEvent::Restarted { .. }) => Self::Handle(None),
            SessionEvent::Local(LocalEvent::StateChange { state }) => Self::State(*state),
            SessionEvent::Server(event) if event.kind == EventKind::SetupComplete => Self::Opened,
            SessionEvent::Server(event)
                if matches!(event.kind, EventKind::ToolCall | EventKind::ToolCallCancellation) =>
            {
                Self::Calls
            }
            SessionEvent::Local(LocalEvent::Turn { turn }) => Self::Kept(turn.id),
            SessionEvent::Local(LocalEvent::Usage { .. }) => Self::Kept(0),
            SessionEvent::Local(LocalEvent::Closed { error, .. }) => Self::Closed(error.clone()),
            _ => Self::News,
        }
    }
}
