//! Real-time input: when the user speaks, and what belongs to a turn.

use super::{ActivityHandling, EndSensitivity, StartSensitivity, TurnCoverage};
use crate::protocol::schema::message;

message! {
    /// How real-time input is taken.
    RealtimeInputConfig {
        /// How the service hears that the person speaks.
        automatic_activity_detection "automaticActivityDetection": AutomaticActivityDetection,
        /// Whether speech interrupts the answer. Default: it does.
        activity_handling "activityHandling": ActivityHandling,
        /// Which input belongs to a turn. Default: the model's own.
        turn_coverage "turnCoverage": TurnCoverage,
        /// Whether interim transcripts carry times.
        interim_transcript_timestamp_enabled "interimTranscriptTimestampEnabled": bool,
    }
}

message! {
    /// How the service hears that the person speaks.
    AutomaticActivityDetection {
        /// Whether the application says it itself, with `activityStart` and `activityEnd`. Default `false`.
        disabled "disabled": bool,
        /// How readily a sound counts as the start. Default `HIGH`.
        start_of_speech_sensitivity "startOfSpeechSensitivity": StartSensitivity,
        /// How readily a pause counts as the end. Default `HIGH`.
        end_of_speech_sensitivity "endOfSpeechSensitivity": EndSensitivity,
        /// Milliseconds of speech before it counts as the start.
        prefix_padding_ms "prefixPaddingMs": i32,
        /// Milliseconds of silence before they count as the end.
        silence_duration_ms "silenceDurationMs": i32,
    }
}
