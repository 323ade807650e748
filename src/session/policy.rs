//! Deadlines and bounds, as data.

use std::time::Duration;

use super::usage::{Budget, Prices};
use crate::audio::CAPTURE_RATE_HZ;

/// The deadlines and bounds a session keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// From `Connect` to the accepted setup: token, socket and setup together. Default 15 s.
    pub connect: Duration,
    /// From the wish to close to the socket's end. Default 2 s.
    pub close: Duration,
    /// Without audio for so long, the service is told that the stream paused. Default 1 s.
    pub audio_pause: Duration,
    /// Unsent bytes in the socket above which audio and video are held back. Default 32 KiB, about 0.7 s of audio.
    pub backlog_bytes: u32,
    /// Unsent bytes, here and in the socket, above which no message is taken but answers to calls, for which there is
    /// as much room again. Default 16 MiB.
    pub send_bytes: u32,
    /// How long audio and video are held back before they are dropped. Default 2 s.
    pub hold: Duration,
    /// How long what the service says is kept while no speaker is open, or the one that is does not run. Default 10 s.
    pub keep_answers: Duration,
    /// Bytes of the largest message accepted from the server. Default 16 MiB.
    pub frame_bytes: usize,
    /// Whether a connection that is lost, or that the service goes away from, is made again. Default `true`; without it
    /// the session ends with its connection.
    pub resumption: bool,
    /// Whether a first connection whose setup is refused, maybe because of its handle, begins a fresh session, instead of failing:
    /// for a handle that no application chose. Default `false`.
    pub fresh_if_stale: bool,
    /// How a lost connection is made again.
    pub retry: RetryPolicy,
    /// How much microphone audio is kept while there is no connection; the oldest is dropped and counted. For as long again it may
    /// take to leave when there is one. Default 20 s.
    pub hold_reconnecting: Duration,
    /// Bytes of the conversation that the service is told of where it has forgotten it: whole turns, the latest. Default 64 KiB, about
    /// 16 000 tokens; with 0 it is told nothing.
    pub reseed_bytes: u32,
    /// How long the service may say nothing after it was asked something, or in the middle of an answer, before the connection is
    /// doubted. Default 20 s. Three times as long for audio alone, and where the conversation could not be resumed.
    pub silence: Duration,
    /// What chance begins with, where a pause is left to it: any number that differs from one session to the next.
    pub seed: u32,
    /// How many turns of the conversation are kept, and told of by [`Turn`](crate::event::Event::Turn). Default 100; with 0
    /// none are.
    pub turns: u32,
    /// Bytes of a turn's text above which it goes on as another. Default 8 KiB.
    pub turn_bytes: u32,
    /// Without a voice for so long, the user has stopped speaking: for `userSpeechStart` and `userSpeechEnd`. Default 500 ms; with
    /// zero neither is told, nor `speechWhileMuted`.
    pub speech_pause: Duration,
    /// Whether the microphone is heard only while the user is said to talk: push-to-talk. Default `false`.
    pub push_to_talk: bool,
    /// How much of what was said before push-to-talk began is sent as well. Default 200 ms.
    pub pre_roll: Duration,
    /// Frame length: how much of the microphone's audio one message holds. Default 20 ms.
    pub frame: Duration,
    /// Whether the microphone is held while an answer is played. Default `false`.
    pub half_duplex: bool,
    /// How much has to be played, since a speaker or a microphone was opened, before the microphone is heard over it: an echo canceller
    /// learns what to cancel by hearing it. Default nothing.
    pub echo_gate: Duration,
    /// Whether an answer falls silent as soon as this side hears the user speak over it. Default not before the service says
    /// `interrupted`.
    pub barge_in: Option<BargeInPolicy>,
    /// What tokens cost. Default nothing: this library knows no prices.
    pub prices: Prices,
    /// How much may be used before the session ends. Default without bound.
    pub budget: Budget,
    /// Whether what is sent is held against known rules of the model, and told as warnings. Default `true`.
    pub model_checks: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            close: Duration::from_secs(2),
            audio_pause: Duration::from_secs(1),
            backlog_bytes: 32 * 1024,
            send_bytes: 16 * 1024 * 1024,
            hold: Duration::from_secs(2),
            keep_answers: Duration::from_secs(10),
            frame_bytes: 16 * 1024 * 1024,
            resumption: true,
            fresh_if_stale: false,
            retry: RetryPolicy::default(),
            hold_reconnecting: Duration::from_secs(20),
            reseed_bytes: 64 * 1024,
            silence: Duration::from_secs(20),
            seed: 0,
            turns: 100,
            turn_bytes: 8 * 1024,
            speech_pause: Duration::from_millis(500),
            push_to_talk: false,
            pre_roll: Duration::from_millis(200),
            frame: Duration::from_millis(20),
            half_duplex: false,
            echo_gate: Duration::ZERO,
            barge_in: None,
            prices: Prices::default(),
            budget: Budget::default(),
            model_checks: true,
        }
    }
}

impl Policy {
    /// Samples of one frame of the microphone's; no frame has none.
    pub(crate) fn frame_samples(&self) -> usize {
        (self.frame.as_millis() as usize).max(1) * CAPTURE_RATE_HZ as usize / 1000
    }
}

/// Barge-in: when an answer is paused because the user began to speak, and when it goes on because the service did not interrupt it.
///
/// With manual activity the mark `activityStart` pauses it, and no voice does.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct BargeInPolicy {
    /// How long a voice must last, without a pause. Twice as long after each time that the service did not interrupt; after four
    /// such times in a row its own word is waited for. Default 100 ms.
    pub speech: Duration,
    /// How long the service has to say `interrupted`. While the user goes on speaking it has up to five seconds. Default 1 s.
    pub confirm: Duration,
}

impl Default for BargeInPolicy {
    fn default() -> Self {
        Self { speech: Duration::from_millis(100), confirm: Duration::from_secs(1) }
    }
}

/// How a lost connection is made again: the pauses between attempts, and their end.
///
/// The first attempt after a loss is made at once where nothing is wrong but the connection, and after the first pause where the
/// service is in trouble.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The first pause. Default 500 ms.
    pub first: Duration,
    /// By how much each pause is longer than the one before. Default 2.
    pub factor: f64,
    /// The longest pause. Default 10 s.
    pub longest: Duration,
    /// The share of a pause that is left to chance, from 0 to 1: pages that were cut off together are not to come back together.
    /// Default 0.5.
    pub jitter: f64,
    /// From the loss to the end of the session, if no attempt succeeds. The time that the device is offline does not count. A
    /// connection that is lost again within five seconds is no success. With zero there is one attempt. Default 60 s.
    pub give_up: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            factor: 2.0,
            longest: Duration::from_secs(10),
            jitter: 0.5,
            give_up: Duration::from_secs(60),
        }
    }
}
