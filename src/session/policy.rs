//! Deadlines and bounds, as data.

use std::time::Duration;

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
    /// Unsent bytes, here and in the socket, above which no message is taken. Default 16 MiB.
    pub send_bytes: u32,
    /// How long audio and video are held back before they are dropped. Default 2 s.
    pub hold: Duration,
    /// How long what the service says is kept while no speaker is open. Default 10 s.
    pub keep_answers: Duration,
    /// Bytes of the largest message accepted from the server. Default 16 MiB.
    pub frame_bytes: usize,
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
            model_checks: true,
        }
    }
}
