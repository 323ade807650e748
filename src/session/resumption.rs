//! The handle with which the conversation goes on over another connection.

use std::fmt;

use crate::{
    json::Value,
    protocol::{server::ServerEvent, setup::Setup},
};

/// What is known of the conversation's handle.
pub(super) struct Resumption {
    /// The last good one.
    handle: Option<String>,
    is_current: bool,
}

impl Resumption {
    /// At first it is the config's, where there is one.
    pub(super) fn new(setup: &Setup) -> Self {
        let handle = setup.at("sessionResumption.handle").and_then(Value::as_str);
        Self { handle: handle.filter(|handle| !handle.is_empty()).map(str::to_owned), is_current: false }
    }

    /// `resumable: false` says "not now": in the middle of an answer, of a function. The handle of before stays the best there
    /// is, and so it does where an update has none.
    /// Says whether it has one.
    pub(super) fn on_update(&mut self, update: &ServerEvent) -> bool {
        self.is_current = update.fields.get("resumable").and_then(Value::as_bool) == Some(true);
        let handle = update.handle().map(str::to_owned);
        let is_new = handle.is_some();
        self.handle = handle.or_else(|| self.handle.take());
        is_new
    }

    /// Whether the service has said that leaving now loses nothing.
    pub(super) fn is_current(&self) -> bool {
        self.is_current && self.handle.is_some()
    }

    /// What the service said of now is past.
    pub(super) fn on_left(&mut self) {
        self.is_current = false;
    }

    /// The service does not know the conversation any more.
    pub(super) fn forget(&mut self) {
        self.handle = None;
    }

    pub(super) fn has_handle(&self) -> bool {
        self.handle.is_some()
    }

    /// The setup with the last good handle.
    pub(super) fn offer(&self, setup: &Setup) -> Setup {
        setup.with_handle(self.handle.as_deref())
    }
}

// Whoever has the handle can go on with the conversation.
impl fmt::Debug for Resumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resumption").field("is_current", &self.is_current).finish_non_exhaustive()
    }
}
