//! The session's conditions: when the person speaks, what is written down, how long it lasts.

use serde_json::{Map, Value};

use super::{
    ActivityHandling, EndSensitivity, HarmBlockThreshold, HarmCategory, StartSensitivity, TranscriptionMode,
    TurnCoverage,
};
use crate::protocol::{
    VERTEX_ONLY,
    schema::{Int64, Kind, message},
};

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

message! {
    /// Asks for handles with which the conversation goes on over another connection. Empty: a new one.
    SessionResumption {
        /// The last handle of the conversation to go on with. It lives about two hours.
        handle "handle": String,
    }
    hidden { "transparent": Kind::Refused(&VERTEX_ONLY), }
}

message! {
    /// Lets a session outlive the model's context window.
    ContextWindowCompression {
        /// Tokens at which the context is shortened. Default: 80 % of the window.
        trigger_tokens "triggerTokens": Int64,
        /// What is kept.
        sliding_window "slidingWindow": SlidingWindow,
    }
}

message! {
    /// Keeps the newest turns.
    SlidingWindow {
        /// Tokens that are kept. Default: half of `triggerTokens`.
        target_tokens "targetTokens": Int64,
    }
}

message! {
    /// Asks for speech as text. Empty is enough.
    AudioTranscription {
        /// The languages to expect, as BCP-47 codes.
        language_codes "languageCodes": Vec<String>,
        /// Names and words that are hard to guess.
        custom_vocabulary "customVocabulary": Vec<String>,
        /// Whether each word carries its times.
        word_timestamp "wordTimestamp": bool,
        /// Whether speakers are told apart.
        diarization "diarization": bool,
        /// Word for word, or tidied up.
        mode "mode": TranscriptionMode,
        /// Whether the text is also given in the language that was spoken; translation models.
        source_text "sourceText": Value,
        /// Whether the language is found out. Deprecated.
        language_auto "languageAuto": Map<String, Value>,
        /// Deprecated form of `languageCodes`.
        language_hints "languageHints": LanguageHints,
        /// Deprecated form of `customVocabulary`.
        adaptation_phrases "adaptationPhrases": Vec<String>,
    }
}

message! {
    /// Deprecated form of `languageCodes`.
    LanguageHints {
        /// The languages to expect, as BCP-47 codes.
        language_codes "languageCodes": Vec<String>,
    }
}

message! {
    /// Whether the model speaks unasked, or keeps silent when it is not spoken to. `v1alpha`.
    Proactivity {
        /// With audio. Always on in 3.8.
        proactive_audio "proactiveAudio": bool,
        /// With video.
        proactive_video "proactiveVideo": bool,
    }
}

message! {
    /// How a conversation of the past is restored.
    HistoryConfig {
        /// Whether the first client contents are the past: taken without an answer until one says
        /// `turnComplete`; real-time input then begins the conversation. Default `false`.
        initial_history_in_client_content "initialHistoryInClientContent": bool,
    }
}

message! {
    /// A face for the voice; avatar models.
    AvatarConfig {
        /// One of the service's avatars.
        avatar_name "avatarName": String,
        /// One of one's own.
        customized_avatar "customizedAvatar": CustomizedAvatar,
        /// Bits per second of its sound.
        audio_bitrate_bps "audioBitrateBps": i32,
        /// Bits per second of its picture.
        video_bitrate_bps "videoBitrateBps": i32,
    }
}

message! {
    /// An avatar after a picture.
    CustomizedAvatar {
        /// The picture's type, such as `image/jpeg`.
        image_mime_type "imageMimeType": String,
        /// The picture in base64.
        image_data "imageData": String,
    }
}

message! {
    /// From which probability on one kind of harm is held back.
    SafetySetting {
        /// The kind.
        category "category": HarmCategory,
        /// The threshold.
        threshold "threshold": HarmBlockThreshold,
    }
    hidden { "method": Kind::Refused(&VERTEX_ONLY), }
}
