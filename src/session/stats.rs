//! What a session counts.

use serde::Serialize;

/// Counters since the session began. They never go back. Names follow WebRTC statistics where those have one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Stats {
    /// Bytes of payload handed to the socket.
    pub bytes_sent: f64,
    /// Bytes of payload received.
    pub bytes_received: f64,
    /// Messages handed to the socket.
    pub messages_sent: u32,
    /// Messages received.
    pub messages_received: u32,
    /// Messages received that were not understood.
    pub malformed_messages: u32,
    /// 20 ms microphone frames sent.
    pub audio_frames_sent: u32,
    /// 20 ms microphone frames, and audio messages of the application's, that were dropped: because the network could not
    /// take them, because a function call held them back, or because the session was not open.
    pub audio_frames_dropped: u32,
    /// Video messages dropped because the network could not take them.
    pub video_frames_dropped: u32,
    /// 16 kHz microphone samples lost before they reached the session.
    pub capture_samples_lost: u32,
    /// 24 kHz samples received.
    pub playback_samples_received: f64,
    /// 24 kHz samples received and not played: no speaker was open, or they belonged to an interrupted answer.
    pub playback_samples_discarded: f64,
    /// 24 kHz samples really played.
    pub playback_samples_played: f64,
    /// Times the speaker ran dry in the middle of an answer.
    pub concealment_events: f64,
    /// 24 kHz samples of silence that those inserted.
    pub concealed_samples: f64,
    /// Bytes waiting in the socket.
    pub buffered_amount: u32,
    /// Milliseconds from the end of the last speech to the first sample of its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn_latency_ms: Option<f64>,
}
