//! From the application's message to the socket.

use super::{
    Action, ConnId, Session,
    ledger::Standing,
    life::Life,
    link::Stage,
    outbox::{Dropped, Hold, Parcel, Passage, SAMPLES_PER_MS, Sent},
};
use crate::{
    error::{Warning, WarningCode},
    json::digits,
    protocol::{
        client,
        message::{Kind, Message},
        setup::model_checks,
    },
};

impl Session {
    pub(super) fn on_send(&mut self, message: Message) {
        match self.life {
            Life::Open | Life::Reconnecting => {}
            // The application has been told already, and nothing follows that.
            Life::Closed => return,
            Life::Idle | Life::Connecting { .. } | Life::Closing => {
                return self.warn(not_sent(&message.kind, "the session is not open."));
            }
        }
        let kind = &message.kind;
        let waiting = self.outbox.bytes() + self.backlog() as usize;
        let most = self.policy.send_bytes as usize;
        let is_too_much = match kind {
            // A mark is short, and without it what was sent before has another meaning.
            Kind::Mark(_) => false,
            // Without an answer the model may wait for ever: there is room for those where nothing else finds any.
            Kind::ToolResponse(_) => waiting / 2 > most,
            _ => waiting > most,
        };
        if is_too_much {
            return self.on_overflow(kind, waiting);
        }
        self.turn.on_message(kind, self.now);
        let words = self.turns.on_message(&message);
        if kind.begins_turn() {
            self.microphone.on_typed();
        }
        if let Kind::Mark(mark) = kind {
            self.on_mark(*mark);
        }
        self.post(Sent { words, ..Parcel::Message(message).into() });
    }

    /// Puts something behind what waits, and sends what may leave.
    pub(super) fn post(&mut self, sent: Sent) {
        self.outbox.push(sent, self.now);
        self.send_waiting();
    }

    pub(super) fn send_waiting(&mut self) {
        let dropped = self.outbox.drop_stale(self.hold(), self.now);
        self.on_dropped(dropped);
        while let Some((conn, passage)) = self.passage()
            && let Some(next) = self.outbox.next(passage)
        {
            self.stats.audio_held_ms += next.held_ms;
            self.send_parcel(conn, next.sent);
        }
        self.outbox.on_tried(self.now);
    }

    fn hold(&self) -> Hold {
        let video = self.policy.hold;
        let audio = match self.links.iter().find(|link| link.stage == Stage::Ready) {
            _ if self.life == Life::Reconnecting => self.policy.hold_reconnecting,
            Some(link) => video + link.stands(self.now),
            None => video,
        };
        Hold { audio, video }
    }

    /// The link that messages leave by, and what it takes.
    fn passage(&mut self) -> Option<(ConnId, Passage)> {
        let link = self.links.iter().find(|link| link.stage == Stage::Ready)?;
        let has_room = link.backlog <= self.policy.backlog_bytes && self.pace.allows(self.now);
        Some((link.conn, Passage { has_room, is_audio_held: self.ledger.holds_audio() }))
    }

    fn send_parcel(&mut self, conn: ConnId, Sent { what, returns, words }: Sent) {
        let (message, parcel) = match what {
            Parcel::Microphone(samples) => {
                self.stats.audio_frames_sent =
                    self.stats.audio_frames_sent.saturating_add(u32::from(returns == 0));
                self.microphone.on_audio_sent(self.now);
                self.pace.on_sent(samples.len() as f64 / SAMPLES_PER_MS);
                self.is_audio_drop_told = false;
                // While nobody speaks the service has nothing to say: to doubt that it lives must cost nothing.
                if self.resumption.is_current() && !self.microphone.is_manual() {
                    self.liveness.on_streamed(self.now);
                }
                let message = Message { kind: Kind::Audio, text: client::audio(&samples) };
                (message, Some(Parcel::Microphone(samples)))
            }
            Parcel::Message(message) => {
                let Some(message) = self.permitted(message) else { return };
                if self.policy.resumption {
                    self.ledger.on_given(&message, returns);
                }
                let is_kept = message.kind != Kind::Video;
                self.on_message_sent(&message.kind);
                (message.clone(), is_kept.then_some(Parcel::Message(message)))
            }
            // Nothing of it is answered, and the application has not said it now.
            Parcel::History(message) => (message.clone(), Some(Parcel::History(message))),
        };
        let now = self.now;
        if self.policy.resumption
            && let Some(link) = self.link(conn)
        {
            let sent = parcel.map(|what| Sent { what, returns, words });
            link.unsent.push(message.text.len(), sent, now);
        }
        self.send(conn, message);
    }

    /// What follows from a message that leaves.
    fn on_message_sent(&mut self, kind: &Kind) {
        match kind {
            Kind::Audio => self.is_audio_drop_told = false,
            Kind::Video => self.is_video_drop_told = false,
            Kind::Mark(mark) => {
                self.microphone.on_mark_sent(*mark);
                self.liveness.on_stream_end();
            }
            Kind::Setup | Kind::Text | Kind::Content { .. } | Kind::ToolResponse(_) | Kind::ContextUpdate => {
            }
        }
        self.diagnosis.on_sent(kind);
        self.check_model(kind);
        // What is said as history, or of work that goes on, is answered by nothing.
        let is_history =
            matches!(kind, Kind::Content { .. }) && self.setup.takes_history() && !self.has_begun;
        if kind.is_answered() && !is_history {
            self.turn.on_asked(self.now);
            self.liveness.on_asked(self.now);
        }
    }

    /// Warns of client content that the model is known to take otherwise than it is meant.
    fn check_model(&mut self, kind: &Kind) {
        if self.policy.model_checks
            && matches!(kind, Kind::Content { .. })
            && let Some(warning) = model_checks::check_client_content(&self.setup, self.has_begun)
        {
            self.warn(warning);
        }
        self.has_begun |= *kind == Kind::Text;
    }

    /// The message without what the service must not be sent; `None` if nothing is left of it.
    fn permitted(&mut self, message: Message) -> Option<Message> {
        let Kind::ToolResponse(answers) = &message.kind else { return Some(message) };
        let mut withheld = Vec::new();
        for (place, answer) in answers.iter().enumerate() {
            let refused = match self.ledger.standing(&answer.id) {
                Standing::Expected => None,
                Standing::Unknown => {
                    self.actions.push_back(warning(WarningCode::UnknownCall, &answer.id, UNKNOWN_CALL));
                    None
                }
                Standing::Cancelled => Some((WarningCode::CancelledCall, CANCELLED_CALL)),
                Standing::Answered => Some((WarningCode::AnsweredCall, ANSWERED_CALL)),
            };
            if let Some((code, why)) = refused {
                withheld.push(place);
                self.actions.push_back(warning(code, &answer.id, why));
            } else {
                self.ledger.on_answered(answer);
            }
        }
        if withheld.is_empty() { Some(message) } else { message.without_answers(&withheld) }
    }

    pub(super) fn send(&mut self, conn: ConnId, message: Message) {
        self.stats.messages_sent = self.stats.messages_sent.saturating_add(1);
        self.stats.bytes_sent += message.text.len() as f64;
        if let Some(link) = self.link(conn) {
            link.on_sent(message.text.len());
        }
        self.actions.push_back(Action::Send(conn, message));
    }

    /// A closing socket did not take a message.
    pub(super) fn on_unsent(&mut self, conn: ConnId, message: &Message) {
        let deadline = self.now + self.policy.close;
        if self.life.is_live()
            && self.policy.resumption
            && let Some(link) = self.link(conn).filter(|link| !link.stage.is_next())
        {
            // It goes out over the next link. This one says why it closes, or nothing.
            link.unsent.on_refused();
            if link.stage == Stage::Ready {
                link.stage = Stage::Leaving { deadline };
            }
            return;
        }
        match message.kind {
            // Its own failure follows.
            Kind::Setup => {}
            Kind::Audio => self.on_dropped(Dropped { audio: 1, ..Dropped::default() }),
            Kind::Video => self.on_dropped(Dropped { video: 1, ..Dropped::default() }),
            Kind::Mark(_)
            | Kind::Text
            | Kind::Content { .. }
            | Kind::ToolResponse(_)
            | Kind::ContextUpdate => {
                self.ledger.forget(message);
                self.ledger.reopen(message);
                self.warn(not_sent(&message.kind, "the socket is closing."));
            }
        }
    }

    pub(super) fn tell_of_unanswered(&mut self) {
        for id in self.ledger.overdue(self.now) {
            self.actions.push_back(warning(WarningCode::UnansweredCall, &id, UNANSWERED_CALL));
        }
    }

    fn on_overflow(&mut self, kind: &Kind, waiting: usize) {
        match kind {
            Kind::Audio => self.on_dropped(Dropped { audio: 1, ..Dropped::default() }),
            Kind::Video => self.on_dropped(Dropped { video: 1, ..Dropped::default() }),
            _ => {
                let waiting = [
                    &*digits(waiting),
                    " bytes wait to leave, and ",
                    &digits(self.policy.send_bytes as usize),
                ]
                .concat();
                let why = [&waiting, " may. Send less, or wait for bufferedAmount to fall."].concat();
                self.warn(Warning { code: WarningCode::SendOverflow, ..not_sent(kind, &why) });
            }
        }
    }

    /// Counts what was dropped, and says so when it begins.
    fn on_dropped(&mut self, dropped: Dropped) {
        self.count_dropped(dropped);
        // Of audio that was lost for want of a link `resumed` tells.
        if self.life == Life::Reconnecting {
            return;
        }
        // Of audio that a call holds back the application has been told.
        if dropped.audio > 0 && !self.is_audio_drop_told && !self.ledger.holds_audio() {
            self.is_audio_drop_told = true;
            self.warn(Warning::new(WarningCode::AudioDropped, AUDIO_DROPPED));
        }
        if dropped.video > 0 && !self.is_video_drop_told {
            self.is_video_drop_told = true;
            self.warn(Warning::new(WarningCode::VideoDropped, VIDEO_DROPPED));
        }
    }

    /// It was sent twice, and the connection was lost each time: it may be what the service fails on, and is not sent again.
    pub(super) fn give_up_parcel(&mut self, Sent { what, words, .. }: Sent) {
        self.turns.on_given_up(words);
        match what {
            parcel if parcel.is_audio() => {
                let audio_ms = parcel.audio_ms();
                self.count_dropped(Dropped { audio: 1, audio_ms, lost_ms: audio_ms, ..Dropped::default() });
            }
            Parcel::Message(message) | Parcel::History(message) => self.undelivered.push(message.kind),
            Parcel::Microphone(_) => {}
        }
    }

    /// Says so, once it was said that the connection is lost.
    pub(super) fn tell_of_undelivered(&mut self) {
        for kind in std::mem::take(&mut self.undelivered) {
            self.warn(not_sent(&kind, "the connection was lost each of the two times that it was tried."));
        }
    }

    fn count_dropped(&mut self, dropped: Dropped) {
        self.stats.audio_frames_dropped = self.stats.audio_frames_dropped.saturating_add(dropped.audio);
        self.stats.video_frames_dropped = self.stats.video_frames_dropped.saturating_add(dropped.video);
        if self.life == Life::Reconnecting {
            self.rotation.lost_ms += dropped.audio_ms;
            self.stats.audio_lost_ms += dropped.audio_ms;
        } else {
            self.stats.audio_lost_ms += dropped.lost_ms;
        }
    }

    /// Says what waited and will never be sent.
    pub(super) fn give_up_waiting(&mut self) {
        let stuck = self.links.iter_mut().find(|link| link.unsent.is_stuck());
        if let Some(unsent) = stuck.map(|link| link.unsent.take()) {
            self.take_back(unsent);
        }
        self.tell_of_undelivered();
        let (lost, dropped) = self.outbox.clear();
        self.count_dropped(dropped);
        for kind in lost {
            self.warn(not_sent(&kind, "the session has ended."));
        }
    }
}

fn not_sent(kind: &Kind, why: &str) -> Warning {
    Warning::new(WarningCode::NotSent, ["A message (", kind.name(), ") was not sent: ", why].concat())
}

fn warning(code: WarningCode, id: &str, what: &str) -> Action {
    Action::Emit(Warning::new(code, ["Function call ", id, ": ", what].concat()).into())
}

const AUDIO_DROPPED: &str =
    "The network takes less than the microphone gives: audio that waited too long is being dropped.";
const VIDEO_DROPPED: &str = "The network takes less video than is sent: frames that waited too long are being dropped. Send fewer or smaller ones.";
const CANCELLED_CALL: &str =
    "the model has cancelled it, or has forgotten it with its connection. Its answer was not sent.";
const ANSWERED_CALL: &str = "it has been answered. This answer was not sent.";
const UNANSWERED_CALL: &str = "it has had no answer for a minute, and the model may wait for that. If no handler is at \
    work on it, give its tool one, or listen to the event `toolCall`.";
const UNKNOWN_CALL: &str =
    "no such call is open. Its answer was sent; the service may close the session for it.";
