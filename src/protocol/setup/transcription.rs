//! Transcription: speech as text.

use super::{LanguageCode, TranscriptionMode};
use crate::protocol::{
    json::{Map, Value},
    schema::message,
};

message! {
    /// Audio transcription config: asks for speech as text. An empty one is enough.
    AudioTranscriptionConfig {
        /// Language codes: the languages to expect.
        language_codes "languageCodes": Vec<LanguageCode>,
        /// Custom vocabulary: names and words that are hard to guess.
        custom_vocabulary "customVocabulary": Vec<String>,
        /// Word timestamps: whether each word carries its times.
        word_timestamp "wordTimestamp": bool,
        /// Diarization: whether speakers are told apart.
        diarization "diarization": bool,
        /// Mode: word for word, or tidied up.
        mode "mode": TranscriptionMode,
        /// Source text: whether the text is also given in the language that was spoken; translation models.
        source_text "sourceText": Value,
        /// Automatic language detection. Deprecated: leave `languageCodes` out.
        language_auto "languageAuto": Map as "object",
        /// Language hints. Deprecated form of `languageCodes`.
        language_hints "languageHints": LanguageHints,
        /// Adaptation phrases. Deprecated form of `customVocabulary`.
        adaptation_phrases "adaptationPhrases": Vec<String>,
    }
}

message! {
    /// Language hints. Deprecated form of `languageCodes`.
    LanguageHints {
        /// Language codes: the languages to expect.
        language_codes "languageCodes": Vec<LanguageCode>,
    }
}
