//! The server's events: where each is found in a frame, and what it has.

use super::{
    enums::{InteractionStatus, TurnCompleteReason, VadSignalType, VoiceActivityType},
    metadata::{GroundingMetadata, UrlContextMetadata, WordInfo},
};
use crate::{
    json::Map,
    protocol::{
        schema::received,
        setup::{Language, Outcome, VoiceConsentSignature},
    },
};

/// Every event of the server, in the order in which those of one frame are told.
///
/// A row is `Variant "type": Payload from Source "path"`. What one frame says is told in the rows' order and
/// not in that of its keys. Audio that shares a frame with `interrupted` so comes before it: it belongs to the
/// answer that is flushed.
///
/// The rows are handed to the macro that is named, with what else it is given.
macro_rules! server_events {
    ($then:ident $($more:tt)*) => {
        $then! { server {
            /// Setup complete: the service accepted the setup, and the session is open.
            SetupComplete "setupComplete": SetupComplete from Object "setupComplete",
            /// Input transcription: what the service heard the user say. A fragment: it continues the one before,
            /// and brings its own leading space. Its order relative to the model's turn means nothing.
            InputTranscription "inputTranscription": Transcription
                from Object "serverContent.inputTranscription",
            /// Interim input transcription: a guess at what the user is saying. Each replaces the one before.
            InterimInputTranscription "interimInputTranscription": Transcription
                from Object "serverContent.interimInputTranscription",
            /// Voice activity: the user began or stopped speaking, as the service heard it.
            VoiceActivity "voiceActivity": VoiceActivity from Object "voiceActivity",
            /// Voice activity detection signal: the older form of `voiceActivity`.
            VoiceActivityDetectionSignal "voiceActivityDetectionSignal": VoiceActivityDetectionSignal
                from Object "voiceActivityDetectionSignal",
            /// Text of the answer. A fragment: it continues the one before.
            Text "text": TextPart from Parts "serverContent.modelTurn",
            /// Thought: what the model thinks before it answers. Not part of the answer, and never spoken.
            Thought "thought": TextPart from Within "",
            /// Inline data: an image, a video or another medium of the answer. Audio that can be played does not
            /// come as an event.
            InlineData "inlineData": InlineData from Within "",
            /// Executable code: code that the model runs on the service's side.
            ExecutableCode "executableCode": ExecutableCode from Within "",
            /// Code execution result: how that code ended.
            CodeExecutionResult "codeExecutionResult": CodeExecutionResult from Within "",
            /// Part of the answer of another kind, or of one newer than this library, as the service sent it.
            Part "part": OtherPart from Within "",
            /// Output transcription: what the model says, as text. A fragment: it continues the one before.
            OutputTranscription "outputTranscription": Transcription
                from Object "serverContent.outputTranscription",
            /// Grounding metadata: where an answer that was looked up comes from.
            GroundingMetadata "groundingMetadata": Grounding from Wrapped "serverContent.groundingMetadata",
            /// URL context metadata: what became of the addresses the model was asked to read.
            UrlContextMetadata "urlContextMetadata": UrlContext from Wrapped "serverContent.urlContextMetadata",
            /// Tool call: the model asks for functions to be called. Answer each with a function response that
            /// repeats its id.
            ToolCall "toolCall": ToolCall from Object "toolCall",
            /// Tool call cancellation: calls whose answer is no longer wanted, because the user interrupted.
            ToolCallCancellation "toolCallCancellation": ToolCallCancellation from Object "toolCallCancellation",
            /// Interrupted: the user spoke over the answer. It is void, and what is queued of it is not played.
            Interrupted "interrupted": Interrupted from Flag "serverContent.interrupted",
            /// Generation complete: the model has said everything; its audio may still be playing. An interrupted
            /// turn has none.
            GenerationComplete "generationComplete": GenerationComplete
                from Flag "serverContent.generationComplete",
            /// Usage metadata: what was used, of one turn, not of the session.
            UsageMetadata "usageMetadata": UsageMetadata from Object "usageMetadata",
            /// Turn complete: the turn is over; it is the user's.
            TurnComplete "turnComplete": TurnStatus from Turn "serverContent.turnComplete",
            /// Turn status: the same facts in a message that does not complete the turn.
            TurnStatus "turnStatus": TurnStatus from Within "",
            /// Go away: the service will close this connection soon.
            GoAway "goAway": GoAway from Object "goAway",
            /// Session resumption update: whether, and with which handle, the conversation can go on over another
            /// connection.
            SessionResumptionUpdate "sessionResumptionUpdate": SessionResumptionUpdate
                from Object "sessionResumptionUpdate",
            /// Server error: the service reports an error without closing the connection.
            ServerError "serverError": ServerError from Error "error",
            /// Unknown: fields of a message that this library does not know, or whose content has an unexpected
            /// type.
            Unknown "unknown": Unknown from Within "",
        } $($more)* }
    };
}

pub(crate) use server_events;

received! {
    /// Setup complete.
    SetupComplete {
        /// Session id: the service's name of the session, where it gives one.
        session_id "sessionId": Option<String>,
        /// Voice consent signature.
        voice_consent_signature "voiceConsentSignature": Option<VoiceConsentSignature>,
    }
}

received! {
    /// Transcription: words that were spoken.
    Transcription {
        /// Text: the words, with their leading space; empty where the message had none.
        text "text" always: String,
        /// Finished: whether the utterance ends here. Only some models say so.
        finished "finished": Option<bool>,
        /// Language code: the language, as a BCP-47 code.
        language_code "languageCode": Option<String>,
        /// Speaker label: who speaks, if speakers are told apart.
        speaker_label "speakerLabel": Option<String>,
        /// Words and their times.
        words "words": Vec<WordInfo>,
        /// Start offset, in seconds such as `"0.200s"`.
        start_offset "startOffset": Option<String>,
        /// End offset.
        end_offset "endOffset": Option<String>,
        /// Audio milliseconds of the answer that had come by then: of what the model says, where turns are kept. This side's own.
        audio_ms "audioMs": Option<f64>,
    }
}

received! {
    /// Voice activity.
    VoiceActivity {
        /// Voice activity type: whether the user began or stopped.
        voice_activity_type "voiceActivityType": Option<VoiceActivityType>,
        /// Audio offset: when in the audio sent so far, in seconds such as `"8.400s"`.
        audio_offset "audioOffset": Option<String>,
    }
}

received! {
    /// Voice activity detection signal.
    VoiceActivityDetectionSignal {
        /// VAD signal type: start or end of speech.
        vad_signal_type "vadSignalType": Option<VadSignalType>,
    }
}

received! {
    /// Text of a part.
    TextPart {
        /// Text.
        text "text" always: String,
        /// Thought signature: the model's own mark, in base64, to be sent back unchanged.
        thought_signature "thoughtSignature": Option<String>,
    }
}

received! {
    /// Inline data.
    InlineData {
        /// MIME type, such as `image/png`.
        mime_type "mimeType": Option<String>,
        /// Data in base64, as the service sent it.
        data "data" always: String,
        /// Display name.
        display_name "displayName": Option<String>,
    }
}

received! {
    /// Executable code.
    ExecutableCode {
        /// Code.
        code "code" always: String,
        /// Language.
        language "language": Option<Language>,
        /// Id, which the result repeats.
        id "id": Option<String>,
    }
}

received! {
    /// Code execution result.
    CodeExecutionResult {
        /// Outcome: how it ended.
        outcome "outcome": Option<Outcome>,
        /// Output: what it wrote, or the error.
        output "output": Option<String>,
        /// Id of the code.
        id "id": Option<String>,
    }
}

received! {
    /// A part of another kind.
    OtherPart {
        /// Part, as the service sent it.
        part "part" always: Map as "Part & JsonObject",
    }
}

received! {
    /// Sources.
    Grounding {
        /// Grounding metadata.
        grounding_metadata "groundingMetadata" always: GroundingMetadata,
    }
}

received! {
    /// Addresses.
    UrlContext {
        /// URL context metadata.
        url_context_metadata "urlContextMetadata" always: UrlContextMetadata,
    }
}

received! {
    /// Tool call.
    ToolCall {
        /// Function calls, in the model's order.
        function_calls "functionCalls" always: Vec<FunctionCall>,
    }
}

received! {
    /// Function call: a function that the model wants called.
    FunctionCall {
        /// Id of the call: the function response must repeat it.
        id "id": Option<String>,
        /// Name of the function as declared; empty where the message had none.
        name "name" always: String,
        /// Arguments; empty where there are none.
        args "args" always: Map,
    }
}

received! {
    /// Tool call cancellation.
    ToolCallCancellation {
        /// Ids of the calls.
        ids "ids" always: Vec<String>,
    }
}

received! {
    /// Interrupted.
    Interrupted {
        /// Played milliseconds of the answer, if it had audio and a speaker is open. This side's own.
        played_ms "playedMs": Option<f64>,
    }
}

received! {
    /// Generation complete.
    GenerationComplete {}
}

received! {
    /// Turn status: how a turn stands.
    TurnStatus {
        /// Turn complete reason: why it ended, where it was not the ordinary way.
        turn_complete_reason "turnCompleteReason": Option<TurnCompleteReason>,
        /// Waiting for input: the model waits for more before it answers.
        waiting_for_input "waitingForInput": Option<bool>,
        /// Interaction status: whether work goes on behind the completed turn.
        interaction_status "interactionStatus": Option<InteractionStatus>,
    }
}

received! {
    /// Go away.
    GoAway {
        /// Time left: how long the connection stays open, in seconds such as `"9.5s"`.
        time_left "timeLeft": Option<String>,
    }
}

received! {
    /// Session resumption update.
    SessionResumptionUpdate {
        /// New handle; empty or absent when there is none now.
        new_handle "newHandle" secret: Option<String>,
        /// Resumable: whether the conversation can be resumed from here.
        resumable "resumable": Option<bool>,
    }
}

received! {
    /// Server error.
    ServerError {
        /// Code, such as 429.
        code "code": Option<u64>,
        /// Message: what happened, in the service's words.
        message "message": Option<String>,
        /// Status: its name of the kind of error, such as `RESOURCE_EXHAUSTED`.
        status "status": Option<String>,
        /// Details.
        details "details": Vec<crate::json::Value>,
    }
}

impl Unknown {
    pub(crate) fn new(fields: Map) -> Self {
        Self { fields, extra: Map::new() }
    }
}

received! {
    /// Unknown fields.
    Unknown {
        /// Fields, each where the message had it.
        fields "fields" always: Map,
    }
}
