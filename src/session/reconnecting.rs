//! A connection is gone, or cannot be made: which attempt comes next, and when there is no other.

use super::{
    Action, ConnId, NORMAL_CLOSURE, Session,
    life::Life,
    link::{Link, Stage},
    retry::{Attempt, MOST_REFUSALS},
};
use crate::{
    error::{CloseFrame, Code, Error},
    event::{Cause, LocalEvent},
    protocol::close::{self, Explanation, Phase, Verdict},
    time::Instant,
};

impl Session {
    /// The link of an open session is gone.
    pub(super) fn on_link_lost(&mut self, link: Link, close: CloseFrame) {
        let is_announced = self.rotation.is_announced();
        let phase = if is_announced { Phase::Announced } else { Phase::Open };
        let Explanation { error, mut verdict } = close::explain(&close, phase);
        if !self.retry.is_unknown(verdict, self.now) && verdict == Verdict::Fresh {
            verdict = Verdict::Resume;
        }
        let verdict = self.verdict_on_trial(verdict);
        let cause = if is_announced { Cause::GoAway } else { cause_of(error.code) };
        let is_end = verdict == Verdict::Fatal || self.retry.is_hopeless(cause, self.now);
        if !self.policy.resumption || is_end {
            self.give_up_next();
            let mut unsent = link.unsent;
            unsent.forget_young(self.now);
            self.take_back(unsent.take());
            return self.end(Some(close), Some(error));
        }
        self.lose(link, cause);
        self.retry.failure = Some((Some(close), error));
        self.go_on(verdict);
    }

    /// Goes into a rotation without a word to a link that is gone.
    fn lose(&mut self, mut link: Link, cause: Cause) {
        self.enter_rotation(cause);
        self.take_back(link.unsent.take());
        self.end_turn();
    }

    /// A link failed in a way that no close frame tells.
    pub(super) fn on_link_failed(&mut self, conn: ConnId, error: Error) {
        if self.life == Life::Idle {
            return self.on_ahead_failed(conn, error);
        }
        let is_own = matches!(self.life, Life::Open | Life::Reconnecting) && self.policy.resumption;
        let is_next = self.link(conn).is_some_and(|link| link.stage.is_next());
        let is_end = !error.retryable || self.retry.is_hopeless(cause_of(error.code), self.now);
        let is_fatal = is_end && self.life == Life::Open && !is_next;
        if !is_own || is_fatal {
            return self.fail(error);
        }
        let Some(link) = self.take_link(conn) else { return };
        self.actions.push_back(Action::CloseSocket(conn, NORMAL_CLOSURE));
        let verdict = if error.retryable { Verdict::BackOff } else { Verdict::Fatal };
        match (self.life, is_next) {
            (Life::Open, true) => self.on_next_failed(None, error, verdict),
            (Life::Open, false) => {
                self.lose(link, cause_of(error.code));
                self.retry.failure = Some((None, error));
                self.go_on(verdict);
            }
            (_, false) => self.on_left(link, &close::lost()),
            (_, true) => self.on_attempt_failed(None, error, verdict),
        }
    }

    /// The socket of the attempt that is under way is closed.
    pub(super) fn on_next_closed(&mut self, stage: Stage, close: CloseFrame) {
        let Explanation { error, mut verdict } = close::explain(&close, Phase::Setup);
        if !stage.is_offered() && ORDERLY.contains(&close.code) {
            // It was made ahead, and waited for too long: nothing was refused.
            verdict = Verdict::BackOff;
        } else if stage.is_offered() && self.rotation.memory.take().is_some() {
            verdict = self.verdict_on_declaration(verdict);
        }
        if self.life == Life::Open {
            self.on_next_failed(Some(close), error, verdict);
        } else {
            self.on_attempt_failed(Some(close), error, verdict);
        }
    }

    /// The attempt that is under way has come to nothing.
    pub(super) fn on_attempt_failed(&mut self, close: Option<CloseFrame>, error: Error, verdict: Verdict) {
        self.retry.cause = cause_of(error.code);
        self.retry.failure = Some((close, error));
        self.go_on(verdict);
    }

    /// Goes on as the last failure lets it.
    fn go_on(&mut self, verdict: Verdict) {
        let is_at_once = match verdict {
            Verdict::Fatal => return self.give_up(),
            // A conversation that was not even asked for cannot be the one that it does not know.
            Verdict::Fresh if self.rotation.is_fresh => return self.give_up(),
            Verdict::Fresh => {
                self.resumption.forget();
                true
            }
            Verdict::NewToken => match self.retry.on_refusal() {
                1 => true,
                MOST_REFUSALS.. => return self.give_up(),
                _ => false,
            },
            Verdict::Resume => self.retry.is_first(),
            Verdict::BackOff => false,
        };
        if verdict != Verdict::NewToken {
            self.retry.on_other_failure();
        }
        self.schedule(is_at_once);
    }

    /// Announces the next attempt and makes it: at once, after a pause, or when the network is back.
    pub(super) fn schedule(&mut self, is_at_once: bool) {
        if self.retry.is_offline {
            self.announce(None);
            self.retry.stage = Attempt::Waiting;
            return;
        }
        let is_there = self.links.iter().any(|link| link.stage.is_next());
        let is_steady = !self.retry.is_unsteady(self.now);
        let pause_ms = if is_there || is_at_once && is_steady { 0.0 } else { self.retry.pause() };
        let Some(pause_ms) = self.retry.within(pause_ms, self.now) else { return self.give_up() };
        self.announce(Some(pause_ms));
        if pause_ms > 0.0 {
            self.retry.stage = Attempt::Due(Instant::from_ms(self.now.as_ms() + pause_ms));
        } else {
            self.attempt();
        }
    }

    fn announce(&mut self, retry_in_ms: Option<f64>) {
        let (cause, attempt) = (self.retry.cause, self.retry.announce());
        self.emit(LocalEvent::Reconnecting { cause, attempt, retry_in_ms });
    }

    /// Waits for the setup to be answered over a link that is there, or makes one.
    fn attempt(&mut self) {
        self.retry.stage = Attempt::Made(self.now + self.policy.connect);
        // A connection that goes away as it said is not lost.
        let is_planned = self.retry.cause == Cause::GoAway;
        self.stats.reconnect_attempts = self.stats.reconnect_attempts.saturating_add(u32::from(!is_planned));
        if self.links.iter().any(|link| link.stage.is_next()) { self.offer() } else { self.dial() }
    }

    pub(super) fn retry_on_time(&mut self) {
        let is_due = self.retry.deadline().is_some_and(|due| due <= self.now);
        if !is_due || self.life != Life::Reconnecting {
            return;
        }
        match self.retry.stage {
            Attempt::Due(_) => self.attempt(),
            Attempt::Made(_) => {
                let error = self.setup_timeout();
                self.give_up_next();
                self.on_attempt_failed(None, error, Verdict::BackOff);
            }
            Attempt::None | Attempt::Waiting => {}
        }
    }

    /// The next attempt is made now.
    pub(super) fn on_retry(&mut self) {
        if self.life == Life::Open && self.rotation.is_probing() {
            return self.redial();
        }
        if self.life != Life::Reconnecting {
            return;
        }
        // A socket that is open would be no further if it were made anew; a token that does not come may be.
        if self.links.iter().any(|link| matches!(link.stage, Stage::Opened | Stage::Offering { .. })) {
            self.retry.renew(self.now);
        } else {
            self.attempt_anew();
        }
    }

    /// Whatever is under way is given up for another attempt: it may hang, or have died in the sleep.
    pub(super) fn attempt_anew(&mut self) {
        self.give_up_next();
        self.retry.renew(self.now);
        self.announce(Some(0.0));
        self.attempt();
    }

    pub(super) fn on_network(&mut self, is_online: bool) {
        let was_offline = std::mem::replace(&mut self.retry.is_offline, !is_online);
        match (self.life, is_online) {
            (Life::Open, false) if self.policy.resumption => {
                self.enter_rotation(Cause::Offline);
                self.go_offline();
            }
            (Life::Reconnecting, false) if !was_offline => self.go_offline(),
            (Life::Reconnecting, true) if was_offline => self.on_retry(),
            (Life::Idle, _) => self.doubt_ahead(),
            _ => {}
        }
    }

    /// There is no network, as far as the browser knows: it is waited for. The browser may be wrong, and then what lies in the socket
    /// still leaves.
    fn go_offline(&mut self) {
        self.give_up_next();
        self.leave_ready();
        self.retry.cause = Cause::Offline;
        self.schedule(true);
    }

    /// No further attempt is made.
    fn give_up(&mut self) {
        let (close, error) = self.retry.failure.take().unwrap_or_else(|| {
            let lost = close::lost();
            let error = close::explain(&lost, Phase::Open).error;
            (Some(lost), error)
        });
        self.close_sockets();
        self.end(close, Some(error));
    }
}

/// What an attempt is needed for, by what failed.
fn cause_of(code: Code) -> Cause {
    match code {
        Code::TokenRefused | Code::TokenUnavailable => Cause::Token,
        Code::Network | Code::Timeout => Cause::Network,
        _ => Cause::Service,
    }
}

/// Closes that say nothing of why.
const ORDERLY: [u16; 2] = [1000, 1005];
