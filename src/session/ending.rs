//! How a session ends: as the application wishes, for a failure, or because it never began.

use super::{
    Action, ConnId, Session, aborted,
    life::Life,
    link::{NORMAL_CLOSURE, Stage},
};
use crate::{
    error::{CloseFrame, Code, Error},
    event::LocalEvent,
    json::Number,
    protocol::close,
};

impl Session {
    pub(super) fn on_abort(&mut self) {
        match self.life {
            Life::Idle | Life::Connecting { .. } => self.fail(aborted()),
            Life::Open | Life::Reconnecting => self.on_close(),
            Life::Closing | Life::Closed => {}
        }
    }

    pub(super) fn on_close(&mut self) {
        match self.life {
            Life::Open => {
                // Whoever says stop wants silence now, not when the other side has answered.
                self.flush_playback();
                self.discard_early_audio();
                self.give_up_waiting();
                self.give_up_next();
                self.leave();
                self.enter(Life::Closing);
            }
            Life::Reconnecting => {
                self.flush_playback();
                self.discard_early_audio();
                self.close_sockets();
                self.end(None, None);
            }
            Life::Idle | Life::Connecting { .. } => {
                self.close_sockets();
                self.end(None, None);
            }
            Life::Closing | Life::Closed => {}
        }
    }

    fn leave(&mut self) {
        let deadline = self.now + self.policy.close;
        self.close_sockets();
        self.links.iter_mut().for_each(|link| link.stage = Stage::Leaving { deadline });
    }

    /// The other side does not answer the close: it is not waited for.
    pub(super) fn on_overdue(&mut self, conn: ConnId) {
        self.actions.push_back(Action::CloseSocket(conn, NORMAL_CLOSURE));
        if self.life.is_live() { self.on_socket_closed(conn, close::lost()) } else { self.end(None, None) }
    }

    /// Ends the session from this side because of a failure.
    pub(super) fn fail(&mut self, error: Error) {
        self.close_sockets();
        // Who has asked for the end gets it, whatever fails on the way.
        self.end(None, (self.life != Life::Closing).then_some(error));
    }

    pub(super) fn end(&mut self, close: Option<CloseFrame>, error: Option<Error>) {
        if error.is_some() && self.life.is_live() {
            // What was said is played to its end: the connection is lost, the words are not.
            self.resume_playback();
            self.finish_playback();
        }
        self.give_up_waiting();
        self.links.clear();
        self.turns.end();
        self.tell_turns();
        self.enter(Life::Closed);
        self.emit(LocalEvent::Closed { close, error });
    }

    /// Says what is really missing: a remedy for another step would be looked for in the wrong place.
    pub(super) fn setup_timeout(&self) -> Error {
        // Not as the 128 bits that it has: their formatting alone is a kilobyte in every page.
        let waited = Number::from(self.policy.connect.as_millis() as u64);
        let next = self.links.iter().find(|link| link.stage.is_next());
        let (missing, remedy) = match next.map(|link| link.stage) {
            Some(Stage::Offering { is_garbled: true }) => NOT_UNDERSTOOD,
            Some(Stage::Offering { .. }) => NOT_ANSWERED,
            Some(Stage::Dialing { has_token: true }) => NO_SOCKET,
            _ => NO_TOKEN,
        };
        let message = ["No session after ", waited.as_str(), " ms: ", missing].concat();
        let mut error = Error::new(Code::Timeout, message).with_remedy(remedy);
        error.retryable = true;
        error
    }
}

const NO_TOKEN: (&str, &str) =
    ("the token did not come.", "Check the token endpoint or function, or raise connectTimeoutMs.");
const NO_SOCKET: (&str, &str) =
    ("the token came, but the socket did not open.", "Check the endpoint and the network.");
const NOT_ANSWERED: (&str, &str) = (
    "the socket is open, but the service did not answer the setup.",
    "Check that the endpoint is the Live API and the model is for live sessions, or raise connectTimeoutMs.",
);
const NOT_UNDERSTOOD: (&str, &str) = (
    "the service answered the setup with something that is no message of the Live API.",
    "Check that the endpoint is the Live API.",
);
