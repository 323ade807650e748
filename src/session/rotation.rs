//! From one link to the next: the next is made while the old one still speaks, the old is closed, the setup is offered with
//! the handle, and what was held is sent.
//!
//! The service takes one connection per conversation: a handle that is offered while the old socket is open is refused. So
//! the old is closed first, and heard to its end.

use std::time::Duration;

use super::{
    Action, ConnId, NORMAL_CLOSURE, Session,
    life::Life,
    link::{Link, Stage},
    memory::Memory,
    outbox::{Parcel, Sent},
    retry::{Attempt, MOST_REFUSALS},
};
use crate::{
    error::{CloseFrame, Error},
    event::{Cause, LocalEvent},
    json::{Map, Value},
    protocol::{
        client::ACTIVITY_START,
        close::Verdict,
        message::{Kind, Mark, Message},
        server::{EventKind, ServerEvent},
    },
    time::Instant,
};

/// How far the session is on its way to another link.
#[derive(Debug, Default)]
pub(super) struct Rotation {
    /// While the old link speaks: why it is to be left.
    pub(super) ahead: Option<Ahead>,
    /// The setup was offered without a handle: it is another conversation.
    pub(super) is_fresh: bool,
    /// What that one is to be told first.
    pub(super) memory: Option<Memory>,
    /// Microphone audio that was lost so far.
    pub(super) lost_ms: f64,
}

/// Why and when the link is to be left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ahead {
    pub(super) cause: Cause,
    pub(super) leave: Leave,
    /// How far the next link is.
    pub(super) next: Attempt,
}

/// When the link is left.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leave {
    /// When nobody says anything, but by then: it will be closed.
    By(Instant),
    /// As soon as another could be opened, if it says nothing till then. For as long as a lost connection is tried, that is.
    After(Instant),
}

impl Rotation {
    /// Whether it is doubted that the link lives.
    pub(super) fn is_probing(&self) -> bool {
        self.ahead.is_some_and(|ahead| matches!(ahead.leave, Leave::After(_)))
    }

    /// Whether the service has said that it will close the connection.
    pub(super) fn is_announced(&self) -> bool {
        self.ahead.is_some_and(|ahead| matches!(ahead.leave, Leave::By(_)))
    }
}

impl Session {
    pub(super) fn on_go_away(&mut self, conn: ConnId, time_left: Option<&str>) {
        let is_ready = self.link(conn).is_some_and(|link| link.stage == Stage::Ready);
        if !is_ready || self.life != Life::Open || !self.policy.resumption {
            return;
        }
        let left_ms = time_left.and_then(ms_of).unwrap_or(ASSUMED_LEFT_MS);
        let margin_ms = (left_ms / 2.0).min(MOST_MARGIN_MS);
        let leave = Leave::By(Instant::from_ms(self.now.as_ms() + left_ms - margin_ms));
        match &mut self.rotation.ahead {
            Some(ahead) => (ahead.cause, ahead.leave) = (Cause::GoAway, leave),
            None => self.look_ahead(Cause::GoAway, leave),
        }
    }

    /// Dials the next link while the old one still speaks.
    pub(super) fn look_ahead(&mut self, cause: Cause, leave: Leave) {
        self.retry.on_loss(cause, self.now);
        let due = if self.retry.is_unsteady(self.now) { self.after_pause() } else { self.now };
        self.rotation.ahead = Some(Ahead { cause, leave, next: Attempt::Due(due) });
    }

    /// The next link is dialled anew, and now: somebody knows that it is worth trying.
    pub(super) fn redial(&mut self) {
        if self.has_opened() {
            return;
        }
        self.give_up_next();
        self.retry.renew(self.now);
        self.set_next(Attempt::Due(self.now));
    }

    fn set_next(&mut self, next: Attempt) {
        if let Some(ahead) = &mut self.rotation.ahead {
            ahead.next = next;
        }
    }

    fn after_pause(&mut self) -> Instant {
        Instant::from_ms(self.now.as_ms() + self.retry.pause())
    }

    /// The link that was to be next could not be made; the old one may still speak.
    pub(super) fn on_next_failed(&mut self, close: Option<CloseFrame>, error: Error, verdict: Verdict) {
        let Some(ahead) = self.rotation.ahead else { return };
        let is_refused = verdict == Verdict::Fatal
            || verdict == Verdict::NewToken && self.retry.on_refusal() >= MOST_REFUSALS;
        if verdict != Verdict::NewToken {
            self.retry.on_other_failure();
        }
        match ahead.leave {
            Leave::After(_) if is_refused || self.retry.is_over(self.now) => {
                self.end_doubt(ahead.cause, is_refused, close, error);
            }
            // When the time has come it is tried once more, and judged as any attempt.
            Leave::By(_) if is_refused => self.set_next(Attempt::None),
            Leave::By(_) | Leave::After(_) => {
                let due = self.after_pause();
                self.set_next(Attempt::Due(due));
            }
        }
    }

    /// No other link can be made, and nobody knows whether this one lives. One that was asked and has said nothing all that
    /// time is lost: an application that is told so can do something, and one with an open session that is none cannot.
    fn end_doubt(&mut self, cause: Cause, is_refused: bool, close: Option<CloseFrame>, error: Error) {
        if cause != Cause::Silence && !self.is_overdue() {
            self.rotation.ahead = None;
        } else if is_refused {
            self.close_sockets();
            // What lies in the socket never leaves, and is told of.
            let ready = self.links.iter_mut().filter(|link| link.stage == Stage::Ready);
            ready.for_each(|link| link.unsent.on_refused());
            self.end(close, Some(error));
        } else {
            self.leave_for_next(cause, false);
        }
    }

    /// Does what is due on the way to the next link. Asked after every input: what it depends on has many writers.
    pub(super) fn rotate_on_time(&mut self) {
        let Some(ahead) = self.rotation.ahead.filter(|_| self.life == Life::Open) else { return };
        match ahead.next {
            Attempt::Due(due) if due <= self.now => {
                self.set_next(Attempt::Made(self.now + self.policy.connect));
                self.dial();
            }
            Attempt::Made(due) if due <= self.now && !self.has_opened() => {
                let error = self.setup_timeout();
                self.give_up_next();
                self.on_next_failed(None, error, Verdict::BackOff);
            }
            Attempt::Due(_) | Attempt::Made(_) | Attempt::None | Attempt::Waiting => {}
        }
        if let Some(ahead) = self.rotation.ahead.filter(|ahead| self.is_time_to_leave(ahead.leave)) {
            self.leave_for_next(ahead.cause, true);
        }
    }

    fn is_time_to_leave(&self, leave: Leave) -> bool {
        match leave {
            Leave::By(due) => due <= self.now || self.can_leave() && self.turn.is_idle(self.now),
            Leave::After(due) => due <= self.now && self.has_opened(),
        }
    }

    /// Whether leaving now would lose nothing, if nobody is saying anything.
    fn can_leave(&self) -> bool {
        let is_asked = self.ledger.is_waited_for() || self.microphone.is_activity_open();
        self.has_opened() && !is_asked && self.resumption.is_current()
    }

    fn has_opened(&self) -> bool {
        self.links.iter().any(|link| link.stage == Stage::Opened)
    }

    pub(super) fn rotation_deadline(&self) -> Option<Instant> {
        let ahead = self.rotation.ahead.filter(|_| self.life == Life::Open)?;
        let leave = match ahead.leave {
            Leave::By(due) if self.can_leave() => Some(self.turn.idle_at().map_or(due, |idle| idle.min(due))),
            Leave::By(due) => Some(due),
            // Once it has passed, the next link's opening is waited for.
            Leave::After(due) => self.has_opened().then_some(due),
        };
        // Once it has opened, it waits for its turn.
        let next = ahead.next.deadline().filter(|_| !self.has_opened());
        leave.into_iter().chain(next).reduce(Instant::min)
    }

    /// Leaves the link, as politely as it lets itself be left.
    fn leave_for_next(&mut self, cause: Cause, is_at_once: bool) {
        self.enter_rotation(cause);
        self.leave_ready();
        self.schedule(is_at_once);
    }

    /// Closes the link that messages left by, and hears it to its end.
    pub(super) fn leave_ready(&mut self) {
        let stage = Stage::Leaving { deadline: self.now + LEAVING };
        for link in self.links.iter_mut().filter(|link| link.stage == Stage::Ready) {
            self.actions.push_back(Action::CloseSocket(link.conn, NORMAL_CLOSURE));
            link.stage = stage;
        }
    }

    /// From here on no link takes messages.
    pub(super) fn enter_rotation(&mut self, cause: Cause) {
        self.rotation = Rotation::default();
        self.retry.on_loss(cause, self.now);
        self.retry.cause = cause;
        self.resumption.on_left();
        self.microphone.on_left();
        self.liveness.on_settled();
        self.enter(Life::Reconnecting);
    }

    /// A link that was being left is gone, or not waited for any longer.
    pub(super) fn on_left(&mut self, mut link: Link, close: &CloseFrame) {
        // What lay in a socket that was closed in order has been sent before it closed, but for what it did not take.
        if close.code != NORMAL_CLOSURE || link.unsent.is_stuck() {
            self.take_back(link.unsent.take());
        }
        self.end_turn();
        self.offer();
    }

    /// Puts what is to leave once more, the last of which is the first here, ahead of what waits.
    pub(super) fn take_back(&mut self, parcels: Vec<Option<Sent>>) {
        for parcel in parcels {
            let Some(sent) = parcel else {
                // A picture: nobody wants it now.
                self.stats.video_frames_dropped = self.stats.video_frames_dropped.saturating_add(1);
                continue;
            };
            let is_last = sent.returns >= MOST_RETURNS;
            if let Parcel::Message(message) = &sent.what {
                self.ledger.forget(message);
                // Of one that is given up nobody would give another: the call is over, or it would hold the microphone for ever.
                if !is_last {
                    self.ledger.reopen(message);
                }
            }
            if is_last {
                self.give_up_parcel(sent);
            } else {
                self.outbox.push_front(Sent { returns: sent.returns + 1, ..sent }, self.now);
            }
        }
    }

    /// The answer that was being given will not be completed: what came of it is played, and no more waited for.
    pub(super) fn end_turn(&mut self) {
        self.turn.on_link_lost();
        self.turns.end();
        self.finish_playback();
    }

    /// Offers the setup over the link that is open, once there is no other.
    pub(super) fn offer(&mut self) {
        if self.links.iter().any(|link| link.stage.is_leaving()) {
            return;
        }
        let Some(link) = self.links.iter_mut().find(|link| link.stage == Stage::Opened) else { return };
        link.stage = Stage::Offering { is_garbled: false };
        let conn = link.conn;
        self.rotation.is_fresh = !self.resumption.has_handle();
        self.rotation.memory = self.memory();
        let setup = self.resumption.offer(&self.setup_to_offer());
        self.send(conn, Message { kind: Kind::Setup, text: setup.to_message() });
    }

    /// The service has accepted the setup over another link.
    pub(super) fn on_rotated(&mut self) {
        self.retry.on_open(self.now);
        self.liveness.on_open(self.now);
        self.outbox.renew(self.policy.hold_reconnecting, self.now);
        self.enter(Life::Open);
        let (held_ms, lost_ms) = (self.outbox.audio_ms(), self.rotation.lost_ms);
        self.stats.rotations = self.stats.rotations.saturating_add(1);
        let memory = self.rotation.memory.take();
        if self.rotation.is_fresh {
            self.emit(self.restarted(memory.as_ref(), held_ms, lost_ms));
        } else {
            self.emit(LocalEvent::Resumed { held_ms, lost_ms });
        }
        // What was said of it over the link before is past.
        self.resumption.on_left();
        let answers = self.ledger.lost_answers();
        if !self.rotation.is_fresh {
            // The service has forgotten them, and waits.
            self.take_back(answers);
        }
        self.withdraw_calls();
        self.reopen_activity();
        // What waits was said after it.
        self.remind(memory);
        self.send_waiting();
    }

    /// The service has forgotten what it asked for since its handle, or all of it. An answer might end the session. Who works on it is to stop.
    fn withdraw_calls(&mut self) {
        let ids = self.ledger.withdraw(self.rotation.is_fresh);
        if !ids.is_empty() {
            let ids = Value::Array(ids.into_iter().map(Value::from).collect());
            let fields: Map = [("ids".to_owned(), ids)].into_iter().collect();
            self.emit(ServerEvent { kind: EventKind::ToolCallCancellation, fields });
        }
    }

    /// The user was speaking, by the application's word. The new link has not heard of it.
    fn reopen_activity(&mut self) {
        let is_open = match self.outbox.next_activity() {
            Some(mark) => mark == Mark::ActivityEnd,
            None => self.microphone.is_activity_open(),
        };
        if is_open && self.microphone.is_manual() {
            let message = Message { kind: Kind::Mark(Mark::ActivityStart), text: ACTIVITY_START.to_owned() };
            self.outbox.push_front(Parcel::Message(message).into(), self.now);
        }
    }
}

/// The milliseconds of a duration such as `1.5s`.
fn ms_of(duration: &str) -> Option<f64> {
    let seconds = duration.strip_suffix('s')?;
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    // A day is as good as any longer time.
    let whole = whole.parse::<u32>().ok()?.min(86_400);
    let mut thousandths = 0;
    for digit in fraction.bytes().chain(*b"000").take(3) {
        thousandths = thousandths * 10 + char::from(digit).to_digit(10)?;
    }
    Some(f64::from(whole) * 1000.0 + f64::from(thousandths))
}

/// How often something is taken back from a lost link and sent again.
const MOST_RETURNS: u8 = 1;
/// How long a service that says that it goes, and not when, is taken to stay.
const ASSUMED_LEFT_MS: f64 = 5000.0;
/// What is left of the time, at most, for closing in order.
const MOST_MARGIN_MS: f64 = 1000.0;
/// How long the closing handshake of a link is waited for before the handle is offered all the same.
const LEAVING: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::ms_of;

    #[test]
    fn durations_are_read_by_their_digits() {
        for (text, ms) in [
            ("1.5s", Some(1500.0)),
            ("50s", Some(50_000.0)),
            ("0s", Some(0.0)),
            ("0.0009s", Some(0.0)),
            ("9.123456789s", Some(9123.0)),
            ("4000000000s", Some(86_400_000.0)),
            ("-1s", None),
            ("s", None),
            ("1.xs", None),
            ("1.5", None),
            ("", None),
        ] {
            assert_eq!(ms_of(text), ms, "{text}");
        }
    }
}
