//! Transcription: speech as text.

use serde_json::{Map, Value};

use super::TranscriptionMode;
use crate::protocol::schema::message;

message! {
    /// Asks for speech as text. Empty is enough.
    AudioTranscriptionConfig {
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
