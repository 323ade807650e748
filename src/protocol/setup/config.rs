//! The rows of a session's configuration.
//!
//! `@google/genai` takes the usual options of `generationConfig` flat beside the others. They are the shared
//! rows here: one row makes a field of both messages, and [`prepare`](super::prepare) puts what stands flat
//! where the wire has it.

use std::collections::BTreeMap;

#[cfg(all(test, not(target_arch = "wasm32")))]
use super::content::CONTENT_UNION;
use super::{
    AudioTranscriptionConfig, AvatarConfig, Content, ContextWindowCompressionConfig, HistoryConfig,
    MediaResolution, Modality, ProactivityConfig, RealtimeInputConfig, SafetySetting, Schema,
    SessionResumptionConfig, SpeechConfig, ThinkingConfig, Tool, TranslationConfig,
};
use crate::protocol::{
    json::Value,
    schema::{Kind, VERTEX_ONLY, message},
};

message! {
    shared {
        /// Response modalities: what the answer is made of, one of `AUDIO` and `TEXT`. Native-audio models
        /// answer in `AUDIO` alone. Default: the service's, `AUDIO`.
        response_modalities "responseModalities": Vec<Modality>,
        /// Speech config: the voice and its language.
        speech_config "speechConfig": SpeechConfig,
        /// Thinking config: how much the model thinks. Which fields a model takes depends on its family.
        thinking_config "thinkingConfig": ThinkingConfig,
        /// Media resolution: how many tokens an image or a video frame is worth.
        media_resolution "mediaResolution": MediaResolution,
        /// Affective dialog: whether the model answers to the tone of voice. 2.5 native-audio models, API
        /// version `v1alpha`.
        enable_affective_dialog "enableAffectiveDialog": bool,
        /// Translation config: what translation models translate to.
        translation_config "translationConfig": TranslationConfig,
        /// Temperature, 0 to 2: how random the choice of tokens is.
        temperature "temperature": f64,
        /// Top-p (nucleus sampling), 0 to 1: only the likeliest tokens that together have this probability.
        top_p "topP": f64,
        /// Top-k sampling: only so many of the likeliest tokens.
        top_k "topK": i32,
        /// Maximum output tokens of an answer; audio counts about 25 a second.
        max_output_tokens "maxOutputTokens": i32,
        /// Seed: makes sampling repeatable, as far as it can be.
        seed "seed": i32,
    }

    /// Live connect config: what a session is to be like. Everything is optional; what is left out is the
    /// service's choice.
    ///
    /// As JSON it is the `config` of `@google/genai`'s `live.connect`, and `historyConfig`. An unknown option
    /// is not sent and gives a warning.
    LiveConfig {
        /// Generation config: the rarer of these options, in the form of the wire. What is set here and
        /// beside it must agree.
        generation_config "generationConfig": GenerationConfig,
        /// System instruction: who the model is and how it is to behave. From JavaScript a content, a text, a part or
        /// a list of them.
        system_instruction "systemInstruction" secret: Content as CONTENT_UNION,
        /// Tools that the model may use.
        tools "tools": Vec<Tool>,
        /// Realtime input config: when the user speaks, and what belongs to a turn.
        realtime_input_config "realtimeInputConfig": RealtimeInputConfig,
        /// Session resumption config: asks for handles with which the conversation survives its connection.
        session_resumption "sessionResumption": SessionResumptionConfig,
        /// Context window compression: lets the session outlive the model's context window.
        context_window_compression "contextWindowCompression": ContextWindowCompressionConfig,
        /// Input audio transcription: asks for the user's words as text. `{}` is enough.
        input_audio_transcription "inputAudioTranscription": AudioTranscriptionConfig,
        /// Output audio transcription: asks for the model's words as text. `{}` is enough.
        output_audio_transcription "outputAudioTranscription": AudioTranscriptionConfig,
        /// Proactivity: whether the model may speak unasked, and keep silent when it is not spoken to. API
        /// version `v1alpha`.
        proactivity "proactivity": ProactivityConfig,
        /// History config: how a conversation of the past is restored. `@google/genai` drops this one.
        history_config "historyConfig": HistoryConfig,
        /// Avatar config: a face for the voice; avatar models.
        avatar_config "avatarConfig": AvatarConfig,
        /// Safety settings: what harmful content is blocked.
        safety_settings "safetySettings": Vec<SafetySetting>,
        /// Labels: the application's own marks, for its billing.
        labels "labels": BTreeMap<String, String>,
    }
    hidden {
        "explicitVadSignal": Kind::Unsupported(&VERTEX_ONLY),
        "httpOptions": Kind::Moved(&"Give `endpoint` and `apiVersion` to connect instead."),
        "abortSignal": Kind::Ignored(&"This has no effect here: give `signal` to connect."),
    }

    and

    /// Generation config: how the model answers, in the form of the wire.
    ///
    /// [`LiveConfig`] takes the usual ones of these as options of its own.
    GenerationConfig {
        /// Presence penalty, −2 to 2: disfavours tokens that were used already.
        presence_penalty "presencePenalty": f64,
        /// Frequency penalty, −2 to 2: disfavours tokens by how often they were used.
        frequency_penalty "frequencyPenalty": f64,
        /// Candidate count: how many answers; a live session gives one.
        candidate_count "candidateCount": i32,
        /// Enhanced civic answers: whether answers about civic matters are enhanced.
        enable_enhanced_civic_answers "enableEnhancedCivicAnswers": bool,
        /// Stop sequences: texts that end an answer. By the reference not supported in live sessions.
        stop_sequences "stopSequences": Vec<String>,
        /// Response MIME type. By the reference not supported in live sessions.
        response_mime_type "responseMimeType": String,
        /// Response schema. By the reference not supported in live sessions.
        response_schema "responseSchema": Schema,
        /// Response schema as JSON Schema. By the reference not supported in live sessions.
        response_json_schema "responseJsonSchema": Value,
        /// Response log probabilities. By the reference not supported in live sessions.
        response_logprobs "responseLogprobs": bool,
        /// Number of log probabilities. By the reference not supported in live sessions.
        logprobs "logprobs": i32,
        /// Routing config. By the reference not supported in live sessions.
        routing_config "routingConfig": Value,
        /// Audio timestamps. By the reference not supported in live sessions.
        audio_timestamp "audioTimestamp": bool,
        /// Model selection config. Not meant for live sessions.
        model_selection_config "modelSelectionConfig": Value,
        /// Response format. Not meant for live sessions.
        response_format "responseFormat": Value,
        /// Audio transcription config. Not meant for live sessions, which have `inputAudioTranscription` and
        /// `outputAudioTranscription`.
        audio_transcription_config "audioTranscriptionConfig": Value,
    }
}
