//! Real-time input: when the user speaks, and what belongs to a turn.

use super::{ActivityHandling, EndSensitivity, StartSensitivity, TurnCoverage};
use crate::protocol::schema::message;

message! {
    /// Realtime input config: how audio, video and text are taken as they come.
    RealtimeInputConfig {
        /// Automatic activity detection: how the service detects that the user speaks. Default: on.
        automatic_activity_detection "automaticActivityDetection": AutomaticActivityDetection,
        /// Activity handling: whether the user's activity interrupts the answer. Default: it does.
        activity_handling "activityHandling": ActivityHandling,
        /// Turn coverage: which input belongs to the user's turn. Default: the model's own.
        turn_coverage "turnCoverage": TurnCoverage,
        /// Interim transcript timestamps: whether interim transcripts carry times.
        interim_transcript_timestamp_enabled "interimTranscriptTimestampEnabled": bool,
    }
}

message! {
    /// Automatic activity detection (voice activity detection, VAD): how the service detects that the user
    /// speaks.
    AutomaticActivityDetection {
        /// Disabled: the application says it itself, with `activityStart` and `activityEnd`. Default `false`.
        disabled "disabled": bool,
        /// Start-of-speech sensitivity: how readily a sound counts as the start. Default: high.
        start_of_speech_sensitivity "startOfSpeechSensitivity": StartSensitivity,
        /// End-of-speech sensitivity: how readily a pause counts as the end. Default: high.
        end_of_speech_sensitivity "endOfSpeechSensitivity": EndSensitivity,
        /// Prefix padding, in milliseconds: how long speech must last before it counts as the start.
        prefix_padding_ms "prefixPaddingMs": i32,
        /// Silence duration, in milliseconds: how long silence must last before it counts as the end.
        silence_duration_ms "silenceDurationMs": i32,
    }
}
