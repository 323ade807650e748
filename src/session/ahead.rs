//! The first link, which is made while the application gets its devices ready. That may take as long as a user does, so that nothing that
//! becomes of it is final: the session begins with it if it is as good as a new one.

use super::{
    Action, ConnId, NORMAL_CLOSURE, Session,
    life::Life,
    link::{Link, Stage},
};
use crate::{
    error::{CloseFrame, Error},
    protocol::{close::Verdict, endpoint::TOKEN_KEPT_MS},
    time::Instant,
};

/// Why nothing could be dialled ahead, and when that was.
pub(super) type Failure = (Error, Instant);

impl Session {
    pub(super) fn on_dial(&mut self) {
        if self.life == Life::Idle && self.links.is_empty() {
            self.dial();
        }
    }

    /// Without a token the session cannot begin, unless it begins so late that another can be had.
    pub(super) fn on_ahead_failed(&mut self, conn: ConnId, error: Error) {
        self.actions.push_back(Action::CloseSocket(conn, NORMAL_CLOSURE));
        self.take_link(conn);
        self.ahead_failure = Some((error, self.now));
    }

    /// The network is another, or the device slept: what was made before may be gone without a word.
    pub(super) fn doubt_ahead(&mut self) {
        self.ahead_failure = None;
        self.give_up_links(|link, _| link.has_token());
    }

    /// The session begins.
    pub(super) fn begin(&mut self) {
        let now = self.now;
        let failure = self.ahead_failure.take().filter(|(_, at)| now.ms_since(*at) < TOKEN_KEPT_MS);
        if let Some((error, _)) = failure {
            return self.end(None, Some(error));
        }
        self.give_up_links(|link, now| link.has_token() && now.ms_since(link.dialled) > TOKEN_KEPT_MS);
        if self.links.is_empty() { self.dial() } else { self.offer() }
    }
}

impl Link {
    /// Without one it is a question for one, which may be before the user: that stays.
    fn has_token(&self) -> bool {
        self.stage != Stage::Dialing { has_token: false }
    }

    /// Whether this is no answer to the setup: a socket that was opened ahead had closed before, or its token is too old by now.
    pub(super) fn was_late(&self, close: &CloseFrame, verdict: Verdict) -> bool {
        self.has_waited && (verdict == Verdict::NewToken || matches!(close.code, 1000 | 1005 | 1006))
    }
}
