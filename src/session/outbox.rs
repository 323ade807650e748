//! What waits to be sent: everything, in one order.

use std::time::Duration;

use crate::{
    protocol::message::{Kind, Mark, Message},
    queue::Queue,
    time::Instant,
};

/// Messages and microphone audio between the application and the socket, in the order in which they were given.
///
/// The order is part of what is said: an `activityEnd` that overtakes the speech before it cuts that off the turn.
///
/// | kind | leaves | may be dropped |
/// |---|---|---|
/// | audio | when the socket has room, and no call holds the microphone | once it waited too long: late speech is worse than none. The time in which the socket gave nothing off at all does not count, up to ten seconds |
/// | video | when the socket has room | once it waited too long |
/// | marks, text, content, context update | when what was given before has left | never |
/// | tool response | likewise, but past audio that waits for this very response | never |
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Queue<Waiting>,
    bytes: usize,
    /// When to look again whether the socket has room.
    retry_at: Option<Instant>,
    /// Till then what a rotation has held back, and what waits behind it, is not late: a link that is just there takes a while
    /// for all of it.
    grace: Option<Instant>,
}

#[derive(Debug)]
struct Waiting {
    since: Instant,
    /// It waited for a link.
    is_held: bool,
    sent: Sent,
}

/// One thing to be sent.
#[derive(Debug, PartialEq)]
pub(super) enum Parcel {
    /// Microphone audio, encoded when it leaves: most of what is dropped was never encoded.
    Microphone(Vec<i16>),
    Message(Message),
    /// The history of a conversation that the service has forgotten: it begins with that, and nothing is answered.
    History(Message),
}

/// What may leave at the moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passage {
    /// The socket takes audio and video.
    pub(super) has_room: bool,
    /// A function call is open during which the service takes no audio.
    pub(super) is_audio_held: bool,
}

/// What a link is given, or gives back.
#[derive(Debug, PartialEq)]
pub(super) struct Sent {
    pub(super) what: Parcel,
    /// How often it was taken back from a link that was lost.
    pub(super) returns: u8,
    /// The words of the application's that it is, by the number that the turns know them by.
    pub(super) words: Option<u32>,
}

impl From<Parcel> for Sent {
    fn from(what: Parcel) -> Self {
        Self { what, returns: 0, words: None }
    }
}

/// What leaves.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) sent: Sent,
    /// Milliseconds of the microphone's that a rotation has held.
    pub(super) held_ms: f64,
}

/// What was dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Dropped {
    pub(super) audio: u32,
    pub(super) video: u32,
    /// Milliseconds of the microphone's, as far as the audio is its.
    pub(super) audio_ms: f64,
    /// As much of those as a rotation has cost.
    pub(super) lost_ms: f64,
}

/// How long what may be dropped is held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hold {
    pub(super) audio: Duration,
    pub(super) video: Duration,
}

impl Parcel {
    fn bytes(&self) -> usize {
        match self {
            // Four letters of base64 for three bytes.
            Self::Microphone(samples) => samples.len() * 2 * 4 / 3,
            Self::Message(message) | Self::History(message) => message.text.len(),
        }
    }

    /// Milliseconds of the microphone's.
    pub(super) fn audio_ms(&self) -> f64 {
        match self {
            Self::Microphone(samples) => samples.len() as f64 / SAMPLES_PER_MS,
            Self::Message(_) | Self::History(_) => 0.0,
        }
    }

    pub(super) fn is_audio(&self) -> bool {
        matches!(self, Self::Microphone(_) | Self::Message(Message { kind: Kind::Audio, .. }))
    }

    fn is_video(&self) -> bool {
        matches!(self, Self::Message(Message { kind: Kind::Video, .. }))
    }

    fn is_tool_response(&self) -> bool {
        matches!(self, Self::Message(Message { kind: Kind::ToolResponse(_), .. }))
    }
}

impl Outbox {
    pub(super) fn push(&mut self, sent: Sent, now: Instant) {
        self.bytes += sent.what.bytes();
        self.waiting.push_back(Waiting { since: now, is_held: false, sent });
    }

    /// Puts what never left, or is to be said first, ahead of all others.
    pub(super) fn push_front(&mut self, sent: Sent, now: Instant) {
        self.bytes += sent.what.bytes();
        self.waiting.push_front(Waiting { since: now, is_held: false, sent });
    }

    /// The words that wait, by their numbers.
    pub(super) fn words(&self) -> Vec<u32> {
        self.waiting.iter().filter_map(|waiting| waiting.sent.words).collect()
    }

    /// Drops a history that has not left: whoever begins anew is told another.
    pub(super) fn drop_history(&mut self) {
        self.waiting.retain(|waiting| {
            let is_history = matches!(waiting.sent.what, Parcel::History(_));
            self.bytes -= if is_history { waiting.sent.what.bytes() } else { 0 };
            !is_history
        });
    }

    /// There is a link again: what waited for that has not been late so far, and is not before `grace` has passed.
    pub(super) fn renew(&mut self, grace: Duration, now: Instant) {
        self.grace = Some(now + grace);
        self.waiting.iter_mut().for_each(|waiting| (waiting.since, waiting.is_held) = (now, true));
    }

    /// The socket gives something off again, after `stood`: what waited meanwhile for that is no later than it was before, and not
    /// before `grace` has passed.
    pub(super) fn on_moved(&mut self, stood: Duration, grace: Duration, now: Instant) {
        self.grace = Some(self.grace.map_or(now + grace, |before| before.max(now + grace)));
        self.waiting.iter_mut().for_each(|waiting| waiting.since = now.min(waiting.since + stood));
    }

    /// Milliseconds of the microphone's that wait.
    pub(super) fn audio_ms(&self) -> f64 {
        self.waiting.iter().fold(0.0, |sum, waiting| sum + waiting.sent.what.audio_ms())
    }

    /// The first word of the application's on whether the user speaks.
    pub(super) fn next_activity(&self) -> Option<Mark> {
        self.waiting.iter().find_map(|waiting| match waiting.sent.what {
            Parcel::Message(Message { kind: Kind::Mark(mark), .. }) if mark != Mark::AudioStreamEnd => {
                Some(mark)
            }
            _ => None,
        })
    }

    /// The next thing that may leave.
    pub(super) fn next(&mut self, passage: Passage) -> Option<Next> {
        let first = &self.waiting.front()?.sent.what;
        let next = if first.is_audio() && passage.is_audio_held {
            // The service takes no audio before it has this response: who waited here would wait for ever.
            self.waiting.take_first(|waiting| waiting.sent.what.is_tool_response())
        } else if (first.is_audio() || first.is_video()) && !passage.has_room {
            None
        } else {
            self.waiting.pop_front()
        };
        let Waiting { is_held, sent, .. } = next?;
        self.bytes -= sent.what.bytes();
        let held_ms = if is_held { sent.what.audio_ms() } else { 0.0 };
        Some(Next { sent, held_ms })
    }

    /// Drops audio and video that have waited for too long.
    pub(super) fn drop_stale(&mut self, hold: Hold, now: Instant) -> Dropped {
        let mut dropped = Dropped::default();
        let grace = self.grace;
        self.waiting.retain(|waiting| {
            let is_late = waiting.since + hold.audio < now && grace.is_none_or(|grace| grace < now);
            let what = &waiting.sent.what;
            let is_audio = what.is_audio() && is_late;
            let is_video = what.is_video() && waiting.since + hold.video < now;
            dropped.audio += u32::from(is_audio);
            dropped.video += u32::from(is_video);
            if is_audio || is_video {
                let audio_ms = what.audio_ms();
                dropped.audio_ms += audio_ms;
                dropped.lost_ms +=
                    if grace.is_some_and(|grace| waiting.since < grace) { audio_ms } else { 0.0 };
                self.bytes -= what.bytes();
            }
            !is_audio && !is_video
        });
        self.grace = grace.filter(|grace| now <= *grace);
        dropped
    }

    /// Empties it. Returns the kinds of what was never to be dropped, and the rest.
    pub(super) fn clear(&mut self) -> (Vec<Kind>, Dropped) {
        let mut lost = Vec::new();
        let mut dropped = Dropped::default();
        while let Some(Waiting { sent: Sent { what, .. }, .. }) = self.waiting.pop_front() {
            dropped.audio += u32::from(what.is_audio());
            dropped.video += u32::from(what.is_video());
            dropped.audio_ms += what.audio_ms();
            if let Parcel::Message(message) = what
                && !matches!(message.kind, Kind::Audio | Kind::Video)
            {
                lost.push(message.kind);
            }
        }
        self.bytes = 0;
        self.retry_at = None;
        (lost, dropped)
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn has_audio(&self) -> bool {
        self.waiting.any(|waiting| waiting.sent.what.is_audio())
    }

    /// Remembers when to look again. A time that is set stays: were it moved with every input, a lively
    /// conversation would never let it come.
    pub(super) fn on_tried(&mut self, now: Instant) {
        if self.waiting.is_empty() {
            self.retry_at = None;
        } else if self.retry_at.is_none_or(|due| due <= now) {
            self.retry_at = Some(now + RETRY);
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.retry_at
    }
}

const RETRY: Duration = Duration::from_millis(20);
pub(super) const SAMPLES_PER_MS: f64 = 16.0;
