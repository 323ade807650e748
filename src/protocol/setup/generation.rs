//! How the model answers: voice, thinking, sampling.

use serde_json::Value;

use super::{MediaResolution, Modality, Schema, ThinkingLevel};
use crate::protocol::schema::{Kind, message};

message! {
    /// How the model answers.
    ///
    /// [`LiveConfig`](super::LiveConfig) takes the usual ones of these as options of its own.
    GenerationConfig {
        /// What the answer is made of. One modality; default: the service's, `AUDIO`.
        response_modalities "responseModalities": Vec<Modality>,
        /// The voice.
        speech_config "speechConfig": SpeechConfig,
        /// How much the model thinks.
        thinking_config "thinkingConfig": ThinkingConfig,
        /// How finely pictures are looked at.
        media_resolution "mediaResolution": MediaResolution,
        /// Whether the model answers to the tone of voice. 2.5 native-audio models, `v1alpha`.
        enable_affective_dialog "enableAffectiveDialog": bool,
        /// What translation models translate to.
        translation_config "translationConfig": TranslationConfig,
        /// How freely words are chosen, 0 to 2.
        temperature "temperature": f64,
        /// Only the likeliest words that together have this probability, 0 to 1.
        top_p "topP": f64,
        /// Only so many of the likeliest words.
        top_k "topK": i32,
        /// Most tokens of an answer; audio counts about 25 a second.
        max_output_tokens "maxOutputTokens": i32,
        /// Makes the choice of words repeatable, as far as it can be.
        seed "seed": i32,
        /// Disfavours words that were used already, −2 to 2.
        presence_penalty "presencePenalty": f64,
        /// Disfavours words by how often they were used, −2 to 2.
        frequency_penalty "frequencyPenalty": f64,
        /// How many answers; a live session gives one.
        candidate_count "candidateCount": i32,
        /// Whether answers about civic matters are enhanced.
        enable_enhanced_civic_answers "enableEnhancedCivicAnswers": bool,
        /// Texts that end an answer. By the reference not supported in live sessions.
        stop_sequences "stopSequences": Vec<String>,
        /// By the reference not supported in live sessions.
        response_mime_type "responseMimeType": String,
        /// By the reference not supported in live sessions.
        response_schema "responseSchema": Schema,
        /// By the reference not supported in live sessions.
        response_json_schema "responseJsonSchema": Value,
        /// By the reference not supported in live sessions.
        response_logprobs "responseLogprobs": bool,
        /// By the reference not supported in live sessions.
        logprobs "logprobs": i32,
        /// By the reference not supported in live sessions.
        routing_config "routingConfig": Value,
        /// By the reference not supported in live sessions.
        audio_timestamp "audioTimestamp": bool,
        /// Not meant for live sessions.
        model_selection_config "modelSelectionConfig": Value,
        /// Not meant for live sessions.
        response_format "responseFormat": Value,
        /// Not meant for live sessions; see
        /// [`input_audio_transcription`](super::LiveConfig::input_audio_transcription).
        audio_transcription_config "audioTranscriptionConfig": Value,
    }
}

message! {
    /// The voice.
    SpeechConfig {
        /// Which voice.
        voice_config "voiceConfig": VoiceConfig,
        /// The language to speak, as a BCP-47 code. Native-audio models choose it themselves.
        language_code "languageCode": String,
    }
    hidden { "multiSpeakerVoiceConfig": Kind::Unsupported(&"A live session has one speaker: use voiceConfig."), }
}

message! {
    /// Which voice.
    VoiceConfig {
        /// One of the service's voices.
        prebuilt_voice_config "prebuiltVoiceConfig": PrebuiltVoiceConfig,
        /// The same in short: the voice's name.
        voice "voice": String,
        /// A voice after a sample.
        replicated_voice_config "replicatedVoiceConfig": ReplicatedVoiceConfig,
    }
}

message! {
    /// One of the service's voices.
    PrebuiltVoiceConfig {
        /// Its name, such as `Kore`, `Puck`, `Zephyr`.
        voice_name "voiceName": String,
    }
}

message! {
    /// A voice after a sample.
    ReplicatedVoiceConfig {
        /// The type of the recordings, such as `audio/pcm;rate=24000`.
        mime_type "mimeType": String,
        /// The voice, in base64.
        voice_sample_audio "voiceSampleAudio": String,
        /// The speaker's spoken consent, in base64.
        consent_audio "consentAudio": String,
        /// The service's receipt of an earlier consent, which replaces the recording.
        voice_consent_signature "voiceConsentSignature": VoiceConsentSignature,
    }
}

message! {
    /// The service's receipt of a speaker's consent.
    VoiceConsentSignature {
        /// In base64.
        signature "signature": String,
    }
}

message! {
    /// How much the model thinks before it answers. Which fields a model takes depends on its family.
    ThinkingConfig {
        /// Whether thoughts are sent too.
        include_thoughts "includeThoughts": bool,
        /// Most tokens it thinks; 0 switches thinking off. 2.5 models.
        thinking_budget "thinkingBudget": i32,
        /// How much it thinks. 3.1 models.
        thinking_level "thinkingLevel": ThinkingLevel,
    }
}

message! {
    /// What translation models do.
    TranslationConfig {
        /// The language to translate into, as a BCP-47 code.
        target_language_code "targetLanguageCode": String,
        /// Whether speech that is in that language already is repeated.
        echo_target_language "echoTargetLanguage": bool,
    }
}
