//! What a session tells the application.

mod json;

use crate::{
    error::{CloseFrame, Error, Warning},
    json::{Map, Value},
};
use serde::Serialize;

/// Something that happened, in the order in which it happened.
///
/// In JavaScript each is a plain object whose `type` is the variant's name in camelCase.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Event {
    // ---- from the server -------------------------------------------------------------------------
    /// The service accepted the setup: the session is open.
    SetupComplete {
        /// The service's name of the session, where it gives one.
        #[serde(skip_serializing_if = "Option::is_none")]
        session_id: Option<String>,
        /// What else the message held, such as `voiceConsentSignature`.
        #[serde(flatten)]
        extra: Map,
    },
    /// What the service heard the person say. A fragment: it continues the one before, and brings its
    /// own leading space. Its order relative to the model's turn means nothing.
    InputTranscription(Transcription),
    /// A guess at what the person is saying. Each replaces the one before.
    InterimInputTranscription(Transcription),
    /// The person began or stopped speaking, as the service heard it.
    VoiceActivity {
        /// `ACTIVITY_START` or `ACTIVITY_END`.
        #[serde(skip_serializing_if = "Option::is_none")]
        voice_activity_type: Option<String>,
        /// When in the audio sent so far, in seconds such as `"8.400s"`.
        #[serde(skip_serializing_if = "Option::is_none")]
        audio_offset: Option<String>,
        /// What else the message held.
        #[serde(flatten)]
        extra: Map,
    },
    /// The older form of [`VoiceActivity`](Self::VoiceActivity).
    VoiceActivityDetectionSignal {
        /// `VAD_SIGNAL_TYPE_SOS` (start of speech) or `VAD_SIGNAL_TYPE_EOS` (end of speech).
        #[serde(skip_serializing_if = "Option::is_none")]
        vad_signal_type: Option<String>,
        /// What else the message held.
        #[serde(flatten)]
        extra: Map,
    },
    /// The model's answer as text. A fragment: it continues the one before.
    Text {
        /// The text.
        text: String,
        /// What else the part held, such as `thoughtSignature`.
        #[serde(flatten)]
        extra: Map,
    },
    /// What the model thinks before it answers. Not part of the answer, and never spoken.
    Thought {
        /// The text.
        text: String,
        /// What else the part held.
        #[serde(flatten)]
        extra: Map,
    },
    /// A picture, video or other medium of the answer. Audio that can be played does not come as an event.
    InlineData {
        /// The medium's type, such as `image/png`.
        #[serde(skip_serializing_if = "Option::is_none")]
        mime_type: Option<String>,
        /// The content in base64, as the service sent it.
        data: String,
        /// What else came with it, such as `displayName`.
        #[serde(flatten)]
        extra: Map,
    },
    /// Code that the model runs on the service's side.
    ExecutableCode {
        /// The code.
        code: String,
        /// Its language, such as `PYTHON`.
        #[serde(skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        /// What else came with it, such as the `id` that the result repeats.
        #[serde(flatten)]
        extra: Map,
    },
    /// How that code ended.
    CodeExecutionResult {
        /// `OUTCOME_OK`, `OUTCOME_FAILED` or `OUTCOME_DEADLINE_EXCEEDED`.
        #[serde(skip_serializing_if = "Option::is_none")]
        outcome: Option<String>,
        /// What it wrote, or the error.
        #[serde(skip_serializing_if = "Option::is_none")]
        output: Option<String>,
        /// What else came with it.
        #[serde(flatten)]
        extra: Map,
    },
    /// A part of the answer of another kind, or of one newer than this library, as the service sent it.
    Part {
        /// The part.
        part: Map,
    },
    /// What the model says, as text. A fragment: it continues the one before.
    OutputTranscription(Transcription),
    /// Where an answer that was looked up comes from.
    GroundingMetadata {
        /// Sources, supports and queries; [`metadata::GroundingMetadata`](crate::protocol::server::metadata::GroundingMetadata)
        /// is its typed form.
        grounding_metadata: Value,
    },
    /// What became of the addresses the model was asked to read.
    UrlContextMetadata {
        /// One entry per address; [`metadata::UrlContextMetadata`](crate::protocol::server::metadata::UrlContextMetadata) is
        /// its typed form.
        url_context_metadata: Value,
    },
    /// The model asks for functions to be called. Answer each with a tool response that repeats its id.
    ToolCall {
        /// The calls, in the model's order.
        function_calls: Vec<FunctionCall>,
        /// What else the message held.
        #[serde(flatten)]
        extra: Map,
    },
    /// Calls whose answer is no longer wanted, because the person interrupted.
    ToolCallCancellation {
        /// The ids of those calls.
        ids: Vec<String>,
        /// What else the message held.
        #[serde(flatten)]
        extra: Map,
    },
    /// The person spoke over the answer: it is void, and what is queued of it is not played.
    Interrupted {
        /// Milliseconds of the answer that were really played, if it had audio and a speaker is open.
        #[serde(skip_serializing_if = "Option::is_none")]
        heard_ms: Option<f64>,
    },
    /// The model has said everything; its audio may still be playing. An interrupted turn has none.
    GenerationComplete {},
    /// What was used: of one turn, not of the session. The prompt counts the whole conversation again.
    UsageMetadata {
        /// Tokens that went in.
        #[serde(skip_serializing_if = "Option::is_none")]
        prompt_token_count: Option<u64>,
        /// Tokens that came out; absent when none did.
        #[serde(skip_serializing_if = "Option::is_none")]
        response_token_count: Option<u64>,
        /// All of them.
        #[serde(skip_serializing_if = "Option::is_none")]
        total_token_count: Option<u64>,
        /// The other counts and the split by modality; [`metadata::UsageMetadata`] reads them.
        ///
        /// [`metadata::UsageMetadata`]: crate::protocol::server::metadata::UsageMetadata
        #[serde(flatten)]
        extra: Map,
    },
    /// The turn is over; it is the person's.
    TurnComplete {
        /// Why it ended, where it was not the ordinary way: `NEED_MORE_INPUT`, `RESPONSE_REJECTED`, …
        #[serde(skip_serializing_if = "Option::is_none")]
        turn_complete_reason: Option<String>,
        /// The model waits for more before it answers.
        #[serde(skip_serializing_if = "Option::is_none")]
        waiting_for_input: Option<bool>,
        /// `IN_PROGRESS`, `IDLE`, …: whether work goes on behind the completed turn.
        #[serde(skip_serializing_if = "Option::is_none")]
        interaction_status: Option<String>,
    },
    /// The same facts in a message that does not complete the turn.
    TurnStatus {
        /// Why the turn will end.
        #[serde(skip_serializing_if = "Option::is_none")]
        turn_complete_reason: Option<String>,
        /// The model waits for more before it answers.
        #[serde(skip_serializing_if = "Option::is_none")]
        waiting_for_input: Option<bool>,
        /// `IN_PROGRESS`, `IDLE`, …
        #[serde(skip_serializing_if = "Option::is_none")]
        interaction_status: Option<String>,
    },
    /// The service will close this connection soon.
    GoAway {
        /// How long it stays open, in seconds such as `"9.5s"`.
        #[serde(skip_serializing_if = "Option::is_none")]
        time_left: Option<String>,
        /// What else the message held.
        #[serde(flatten)]
        extra: Map,
    },
    /// Whether, and with which handle, the conversation can go on over another connection.
    SessionResumptionUpdate {
        /// The handle; empty or absent when there is none now.
        #[serde(skip_serializing_if = "Option::is_none")]
        new_handle: Option<String>,
        /// Whether the conversation can be resumed from here.
        #[serde(skip_serializing_if = "Option::is_none")]
        resumable: Option<bool>,
        /// What else the message held.
        #[serde(flatten)]
        extra: Map,
    },
    /// The service reports an error without closing the connection.
    ServerError {
        /// What happened, in the service's words.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// Its name of the kind of error, such as `RESOURCE_EXHAUSTED`.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<String>,
        /// What else it held, such as `code` and `details`.
        #[serde(flatten)]
        extra: Map,
    },
    /// Fields of a message that this library does not know, or whose content has an unexpected type.
    Unknown {
        /// Each under its own name; those of `serverContent` under that.
        fields: Map,
    },

    // ---- from this side --------------------------------------------------------------------------
    /// The session's state changed.
    StateChange {
        /// The new state.
        state: State,
    },
    /// The first sample of an answer is being played.
    PlaybackStarted {
        /// Milliseconds from the end of the person's speech, as this side heard it, to this moment.
        #[serde(skip_serializing_if = "Option::is_none")]
        latency_ms: Option<f64>,
    },
    /// The answer was heard to its end: the server completed the turn and the speaker has run dry.
    PlaybackEnded {
        /// Milliseconds of this answer that were really played.
        heard_ms: f64,
    },
    /// Something asked for in the config demonstrably had no effect. Comes at most once, after the first turn.
    Diagnosis {
        /// The fields without effect, as paths in the setup.
        missing: Vec<&'static str>,
        /// What the likely cause is, for people.
        message: &'static str,
        /// What to do about it.
        remedy: &'static str,
    },
    /// Something the application should know; the session goes on.
    Warning(Warning),
    /// The session is over. Nothing follows.
    Closed {
        /// How the socket ended, where there was one.
        #[serde(skip_serializing_if = "Option::is_none")]
        close: Option<CloseFrame>,
        /// Why, if it was not the application's wish.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Error>,
    },
}

/// Words that were spoken. Every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transcription {
    /// The words, with their leading space; empty where the message had none.
    pub text: String,
    /// Whether the utterance ends here. Only some models say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished: Option<bool>,
    /// The language, as a BCP-47 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
    /// What else the message held: `speakerLabel`, `words`, `startOffset`, `endOffset` and newer fields.
    #[serde(flatten)]
    pub extra: Map,
}

/// A function that the model wants called.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionCall {
    /// Names this call: the tool response must repeat it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The function's name as declared; empty where the message had none.
    pub name: String,
    /// The arguments; empty where there are none.
    pub args: Map,
    /// What else the call held.
    #[serde(flatten)]
    pub extra: Map,
}

impl Event {
    /// The event as JavaScript gets it: the JSON text of an object with a `type`.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(self)
    }
}

/// Where a session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum State {
    /// A token is fetched, a socket opened, the setup offered.
    Connecting,
    /// The service accepted the setup; messages flow.
    Open,
    /// The application asked for the end; the closing handshake is under way.
    Closing,
    /// Over.
    Closed,
}

impl State {
    /// The stable kebab-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }
}
