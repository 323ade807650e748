//! How the model answers: its voice, its thinking, its language.

use super::{LanguageCode, ThinkingLevel, VoiceName};
use crate::protocol::schema::{Kind, message};

message! {
    /// Speech config: the voice and its language.
    SpeechConfig {
        /// Voice config: which voice.
        voice_config "voiceConfig": VoiceConfig,
        /// Language code: the language to speak. Native-audio models choose it themselves.
        language_code "languageCode": LanguageCode,
    }
    hidden { "multiSpeakerVoiceConfig": Kind::Unsupported(&"A live session has one speaker: use voiceConfig."), }
}

message! {
    /// Voice config: which voice.
    VoiceConfig {
        /// Prebuilt voice config: one of the service's voices.
        prebuilt_voice_config "prebuiltVoiceConfig": PrebuiltVoiceConfig,
        /// Voice: the same in short, its name.
        voice "voice": VoiceName,
        /// Replicated voice config: a voice after a sample.
        replicated_voice_config "replicatedVoiceConfig": ReplicatedVoiceConfig,
    }
}

message! {
    /// Prebuilt voice config: one of the service's voices.
    PrebuiltVoiceConfig {
        /// Voice name, such as `Kore`, `Puck`, `Zephyr`.
        voice_name "voiceName": VoiceName,
    }
}

message! {
    /// Replicated voice config: a voice after a sample.
    ReplicatedVoiceConfig {
        /// MIME type of the recordings, such as `audio/pcm;rate=24000`.
        mime_type "mimeType": String,
        /// Voice sample, in base64.
        voice_sample_audio "voiceSampleAudio": String,
        /// Consent audio: the speaker's spoken consent, in base64.
        consent_audio "consentAudio": String,
        /// Voice consent signature of an earlier consent, which replaces the recording.
        voice_consent_signature "voiceConsentSignature": VoiceConsentSignature,
    }
}

message! {
    /// Voice consent signature: the service's receipt of a speaker's consent.
    VoiceConsentSignature {
        /// Signature in base64.
        signature "signature": String,
    }
}

message! {
    /// Thinking config: how much the model thinks before it answers. Which fields a model takes depends on
    /// its family.
    ThinkingConfig {
        /// Include thoughts: whether thoughts are sent too.
        include_thoughts "includeThoughts": bool,
        /// Thinking budget: the most tokens it thinks; 0 switches thinking off. 2.5 models.
        thinking_budget "thinkingBudget": i32,
        /// Thinking level: how much it thinks. 3.1 models.
        thinking_level "thinkingLevel": ThinkingLevel,
    }
}

message! {
    /// Translation config: what translation models do.
    TranslationConfig {
        /// Target language code: the language to translate into.
        target_language_code "targetLanguageCode": LanguageCode,
        /// Echo target language: whether speech that is in that language already is repeated.
        echo_target_language "echoTargetLanguage": bool,
    }
}

impl SpeechConfig {
    /// One of the service's voices, by its name.
    #[must_use]
    pub fn voice(name: impl Into<VoiceName>) -> Self {
        let prebuilt_voice_config = Some(PrebuiltVoiceConfig { voice_name: Some(name.into()) });
        let voice_config = Some(VoiceConfig { prebuilt_voice_config, ..VoiceConfig::default() });
        Self { voice_config, ..Self::default() }
    }
}
