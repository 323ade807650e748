//! What a session counts.

use serde::{Serialize, Serializer, ser::SerializeMap};

macro_rules! counters {
    ($(#[$about:meta])* $name:ident { $($(#[doc = $doc:literal])* $field:ident $key:literal: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[doc = $doc])* pub $field: $type,)*
        }

        // By hand, as a map: serde-wasm-bindgen keeps the fields' names of every struct in a hash table, a kilobyte of code.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                $(if let Some(value) = Counter::value(&self.$field) {
                    map.serialize_entry($key, value)?;
                })*
                map.end()
            }
        }
    };
}

counters! {
    /// Counters since the session began. They never go back. Names follow WebRTC statistics where those have one.
    Stats {
        /// Bytes of payload handed to the socket.
        bytes_sent "bytesSent": f64,
        /// Bytes of payload received.
        bytes_received "bytesReceived": f64,
        /// Messages handed to the socket.
        messages_sent "messagesSent": u32,
        /// Messages received.
        messages_received "messagesReceived": u32,
        /// Messages received that were not understood.
        malformed_messages "malformedMessages": u32,
        /// Microphone frames sent.
        audio_frames_sent "audioFramesSent": u32,
        /// Microphone frames, and audio messages of the application's, that were dropped: because the network could not
        /// take them, because a function call held them back, or because the session was not open.
        audio_frames_dropped "audioFramesDropped": u32,
        /// Video messages dropped because the network could not take them.
        video_frames_dropped "videoFramesDropped": u32,
        /// 16 kHz microphone samples lost before they reached the session.
        capture_samples_lost "captureSamplesLost": u32,
        /// Times the conversation went over to another connection.
        rotations "rotations": u32,
        /// Attempts to make a lost connection again.
        reconnect_attempts "reconnectAttempts": u32,
        /// Milliseconds of microphone audio that were held while there was no connection, and sent after.
        audio_held_ms "audioHeldMs": f64,
        /// Milliseconds of microphone audio that were lost with a connection, or were too much to be held.
        audio_lost_ms "audioLostMs": f64,
        /// 24 kHz samples received.
        playback_samples_received "playbackSamplesReceived": f64,
        /// 24 kHz samples received and not played: no speaker was open, or no longer, or they belonged to an interrupted answer.
        playback_samples_discarded "playbackSamplesDiscarded": f64,
        /// 24 kHz samples really played.
        playback_samples_played "playbackSamplesPlayed": f64,
        /// Times the speaker ran dry in the middle of an answer.
        concealment_events "concealmentEvents": f64,
        /// 24 kHz samples of silence that those inserted.
        concealed_samples "concealedSamples": f64,
        /// The same: what is put in is silence.
        silent_concealed_samples "silentConcealedSamples": f64,
        /// 24 kHz samples by which answers became longer because they were played slower.
        inserted_samples_for_deceleration "insertedSamplesForDeceleration": f64,
        /// 24 kHz samples by which answers became shorter: none, as nothing is played faster.
        removed_samples_for_acceleration "removedSamplesForAcceleration": f64,
        /// Seconds that the samples that were played had waited, from when they were queued for playback; their sum.
        jitter_buffer_delay "jitterBufferDelay": f64,
        /// Seconds: the sum of the jitter targets with which samples were played.
        jitter_buffer_target_delay "jitterBufferTargetDelay": f64,
        /// Seconds: the same of what the network alone asks for, whatever `jitterMs` is.
        jitter_buffer_minimum_delay "jitterBufferMinimumDelay": f64,
        /// 24 kHz samples that left the jitter buffer: those that were played.
        jitter_buffer_emitted_count "jitterBufferEmittedCount": f64,
        /// 24 kHz samples that answers took: played, inserted and concealed.
        total_samples_received "totalSamplesReceived": f64,
        /// The same in seconds.
        total_samples_duration "totalSamplesDuration": f64,
        /// Energy of what was played: the sum of squares of samples from -1 to 1, each times its duration in seconds.
        total_audio_energy "totalAudioEnergy": f64,
        /// Times an answer was paused because the user began to speak.
        playback_pauses "playbackPauses": u32,
        /// Of these, times it went on: the service did not interrupt it.
        false_interruptions "falseInterruptions": u32,
        /// Bytes waiting in the socket.
        buffered_amount "bufferedAmount": u32,
        /// Milliseconds from the end of the last speech to the first sample of its answer.
        turn_latency_ms "turnLatencyMs": Option<f64>,
    }
}

/// What a counter is told as; nothing where it is not known yet.
trait Counter {
    type Value: Serialize;

    fn value(&self) -> Option<&Self::Value>;
}

impl Counter for u32 {
    type Value = Self;

    fn value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl Counter for f64 {
    type Value = Self;

    fn value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl Counter for Option<f64> {
    type Value = f64;

    fn value(&self) -> Option<&f64> {
        self.as_ref()
    }
}
