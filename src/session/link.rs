//! One socket, from the token that is fetched for it to its end.

use std::time::Duration;

use super::{
    Session,
    io::{Action, ConnId},
    life::Life,
    pace,
    unsent::Unsent,
};
use crate::{
    error::CloseFrame,
    protocol::close::{self, Explanation, Phase},
    time::Instant,
};

/// A socket as the session knows it.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) conn: ConnId,
    pub(super) stage: Stage,
    /// When its token came; before that, when it was asked for.
    pub(super) dialled: Instant,
    /// It opened before the session began.
    pub(super) has_waited: bool,
    /// Bytes that wait in it.
    pub(super) backlog: u32,
    /// When it last gave something off, or had nothing to.
    moved: Instant,
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
    pub(super) fn new(conn: ConnId, now: Instant) -> Self {
        let stage = Stage::Dialing { has_token: false };
        Self {
            conn,
            stage,
            dialled: now,
            has_waited: false,
            backlog: 0,
            moved: now,
            unsent: Unsent::default(),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Leaving { deadline } => Some(deadline),
            Stage::Ready => self.unsent.deadline(),
            Stage::Dialing { .. } | Stage::Opened | Stage::Offering { .. } => None,
        }
    }

    /// Answers for how long it had given nothing off, when it does again.
    pub(super) fn on_backlog(&mut self, bytes: u32, now: Instant) -> Duration {
        let stood = self.stands(now);
        if bytes == 0 || bytes < self.backlog {
            self.moved = now;
        }
        self.backlog = bytes;
        self.unsent.on_backlog(bytes);
        if self.moved == now { stood } else { Duration::ZERO }
    }

    /// For how long it has given nothing off, if that is long: in some engines a Worker's socket waits for the page. No network
    /// that is only slow stands still like that.
    pub(super) fn stands(&self, now: Instant) -> Duration {
        let ms = now.ms_since(self.moved);
        Duration::from_millis(if ms < LEAST_STANDING_MS { 0 } else { ms as u64 }).min(MOST_STANDING)
    }

    /// Until the socket says how much waits in it, what it was given does.
    pub(super) fn on_sent(&mut self, bytes: usize) {
        self.backlog = self.backlog.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
    }
}

impl Session {
    pub(super) fn take_link(&mut self, conn: ConnId) -> Option<Link> {
        let place = self.links.iter().position(|link| link.conn == conn)?;
        Some(self.links.remove(place))
    }

    pub(super) fn link(&mut self, conn: ConnId) -> Option<&mut Link> {
        self.links.iter_mut().find(|link| link.conn == conn)
    }

    /// Bytes that wait in the sockets.
    pub(super) fn backlog(&self) -> u32 {
        self.links.iter().fold(0, |sum, link| sum.saturating_add(link.backlog))
    }

    pub(super) fn on_connect(&mut self) {
        if self.life != Life::Idle {
            return;
        }
        self.enter(Life::Connecting { deadline: self.now + self.policy.connect });
        self.begin();
    }

    /// Makes a link.
    pub(super) fn dial(&mut self) {
        self.last_conn = ConnId(self.last_conn.0.wrapping_add(1));
        self.links.push(Link::new(self.last_conn, self.now));
        self.actions.push_back(Action::Open(self.last_conn));
    }

    /// Gives up such links, at this time.
    pub(super) fn give_up_links(&mut self, is_such: fn(&Link, Instant) -> bool) {
        let Self { links, actions, now, .. } = self;
        links.retain(|link| {
            let is_given_up = is_such(link, *now);
            if is_given_up {
                actions.push_back(Action::CloseSocket(link.conn, NORMAL_CLOSURE));
            }
            !is_given_up
        });
    }

    pub(super) fn on_token(&mut self, conn: ConnId) {
        let now = self.now;
        if let Some(link) = self.link(conn)
            && let Stage::Dialing { has_token } = &mut link.stage
        {
            *has_token = true;
            link.dialled = now;
        }
    }

    pub(super) fn on_opened(&mut self, conn: ConnId) {
        let has_waited = self.life == Life::Idle;
        let Some(link) = self.link(conn).filter(|link| matches!(link.stage, Stage::Dialing { .. })) else {
            return;
        };
        link.stage = Stage::Opened;
        link.has_waited = has_waited;
        if !has_waited && self.life != Life::Open {
            self.offer();
        }
    }

    pub(super) fn on_socket_closed(&mut self, conn: ConnId, close: CloseFrame) {
        let Some(link) = self.take_link(conn) else { return };
        match self.life {
            Life::Connecting { deadline } => {
                let Explanation { error, verdict } = close::explain(&close, Phase::Setup);
                if link.was_late(&close, verdict) {
                    self.dial();
                } else if !link.stage.is_offered() || !self.tries_without_choice(verdict, deadline) {
                    self.end(Some(close), Some(error));
                }
            }
            Life::Open | Life::Reconnecting if link.stage.is_next() => self.on_next_closed(link.stage, close),
            Life::Open => self.on_link_lost(link, close),
            Life::Reconnecting => self.on_left(link, &close),
            Life::Closing => self.end(Some(close), None),
            Life::Idle | Life::Closed => {}
        }
    }

    pub(super) fn on_backlog(&mut self, conn: ConnId, bytes: u32) {
        let now = self.now;
        let stood = self.link(conn).map(|link| link.on_backlog(bytes, now)).unwrap_or_default();
        if !stood.is_zero() {
            let grace = self.policy.hold + pace::leaving(self.outbox.audio_ms());
            self.outbox.on_moved(stood, grace, now);
        }
    }

    pub(super) fn close_sockets(&mut self) {
        for link in &self.links {
            self.actions.push_back(Action::CloseSocket(link.conn, NORMAL_CLOSURE));
        }
    }
}

pub(super) const NORMAL_CLOSURE: u16 = 1000;
const LEAST_STANDING_MS: f64 = 1_000.0;
/// What was said longer ago is late, whatever it waited for.
const MOST_STANDING: Duration = Duration::from_secs(10);
