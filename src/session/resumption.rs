//! The handle with which the conversation goes on over another connection.

use std::fmt;

use super::{Session, life::Life, retry::Attempt};
use crate::{
    json::Value,
    protocol::{close::Verdict, server::ServerEvent, setup::Setup},
    time::Instant,
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

    /// What another connection would be offered.
    pub(super) fn handle(&self) -> Option<&str> {
        self.handle.as_deref()
    }

    /// The setup with the last good handle.
    pub(super) fn offer(&self, setup: &Setup) -> Setup {
        setup.with_handle(self.handle())
    }
}

impl Session {
    /// A first connection was refused. Says whether another is made, because of the handle, which nobody chose.
    ///
    /// The service has many words for one that it does not take, for another model's or another project's too; without it the same
    /// is refused again, or accepted. And while the connection before is open there, as that of a page that is loaded again still is
    /// for a moment, it only says that it failed. So it is offered again for half of the time, and then done without: the connection
    /// before may be that of another tab.
    pub(super) fn tries_without_choice(&mut self, verdict: Verdict, deadline: Instant) -> bool {
        if !self.policy.fresh_if_stale || !self.resumption.has_handle() {
            return false;
        }
        match verdict {
            Verdict::NewToken | Verdict::Resume => return false,
            Verdict::BackOff => {
                let at = Instant::from_ms(self.now.as_ms() + self.retry.pause());
                if at + self.policy.connect / 2 <= deadline {
                    self.retry.stage = Attempt::Due(at);
                    return true;
                }
            }
            Verdict::Fresh | Verdict::Fatal => {}
        }
        self.resumption.forget();
        self.ledger.withdraw(true);
        self.dial();
        true
    }

    /// When the handle is offered again, while the first connection is made.
    pub(super) fn redial_deadline(&self) -> Option<Instant> {
        self.retry.deadline().filter(|_| matches!(self.life, Life::Connecting { .. }))
    }

    pub(super) fn redial_on_time(&mut self) {
        if self.redial_deadline().is_some_and(|due| due <= self.now) {
            self.retry.stage = Attempt::None;
            self.dial();
        }
    }
}

// Whoever has the handle can go on with the conversation.
impl fmt::Debug for Resumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resumption").field("is_current", &self.is_current).finish_non_exhaustive()
    }
}
