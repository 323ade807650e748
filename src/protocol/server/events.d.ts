// Fields that this library does not know are there as well, under their own names.

/** The service accepted the setup: the session is open. */
export interface SetupCompleteEvent {
  readonly type: "setupComplete";
  readonly sessionId?: string;
  readonly voiceConsentSignature?: { readonly signature?: string };
}

/** Words that were spoken. Offsets are seconds such as `"0.200s"`. */
export interface Transcription {
  /** The words, with their leading space; empty where the message had none. */
  readonly text: string;
  /** Whether the utterance ends here. Only some models say so. */
  readonly finished?: boolean;
  readonly languageCode?: string;
  readonly speakerLabel?: string;
  readonly words?: readonly { readonly word?: string; readonly startOffset?: string; readonly endOffset?: string }[];
  readonly startOffset?: string;
  readonly endOffset?: string;
}

/** What the service heard the person say. A fragment: it continues the one before. */
export interface InputTranscriptionEvent extends Transcription { readonly type: "inputTranscription" }
/** A guess at what the person is saying. Each replaces the one before. */
export interface InterimInputTranscriptionEvent extends Transcription { readonly type: "interimInputTranscription" }
/** What the model says, as text. A fragment: it continues the one before. */
export interface OutputTranscriptionEvent extends Transcription { readonly type: "outputTranscription" }

/** The person began or stopped speaking, as the service heard it. */
export interface VoiceActivityEvent {
  readonly type: "voiceActivity";
  readonly voiceActivityType?: Open<"ACTIVITY_START" | "ACTIVITY_END">;
  /** When in the audio sent so far, in seconds such as `"8.400s"`. */
  readonly audioOffset?: string;
}

/** The older form of `voiceActivity`. */
export interface VoiceActivityDetectionSignalEvent {
  readonly type: "voiceActivityDetectionSignal";
  readonly vadSignalType?: Open<"VAD_SIGNAL_TYPE_SOS" | "VAD_SIGNAL_TYPE_EOS">;
}

/** The model's answer as text. A fragment: it continues the one before. */
export interface TextEvent { readonly type: "text"; readonly text: string; readonly thoughtSignature?: string }
/** What the model thinks before it answers. Not part of the answer, and never spoken. */
export interface ThoughtEvent { readonly type: "thought"; readonly text: string; readonly thoughtSignature?: string }

/** A picture, video or other medium of the answer. Audio that can be played does not come as an event. */
export interface InlineDataEvent {
  readonly type: "inlineData";
  readonly mimeType?: string;
  /** Base64. */
  readonly data: string;
  readonly displayName?: string;
}

/** Code that the model runs on the service's side. */
export interface ExecutableCodeEvent {
  readonly type: "executableCode";
  readonly code: string;
  readonly language?: Open<"PYTHON">;
  readonly id?: string;
}

/** How that code ended. */
export interface CodeExecutionResultEvent {
  readonly type: "codeExecutionResult";
  readonly outcome?: Outcome;
  readonly output?: string;
  readonly id?: string;
}

/** A part of the answer of another kind, as the service sent it. */
export interface PartEvent { readonly type: "part"; readonly part: Part & JsonObject }

/** Where an answer that was looked up comes from. */
export interface GroundingMetadataEvent {
  readonly type: "groundingMetadata";
  readonly groundingMetadata: GroundingMetadata;
}

/** Sources, which part of the answer rests on them, and what was searched for. */
export interface GroundingMetadata {
  readonly groundingChunks?: readonly GroundingChunk[];
  readonly groundingSupports?: readonly {
    readonly segment?: {
      readonly partIndex?: number;
      readonly startIndex?: number;
      readonly endIndex?: number;
      readonly text?: string;
    };
    /** Places in `groundingChunks`. */
    readonly groundingChunkIndices?: readonly number[];
    readonly confidenceScores?: readonly number[];
    readonly renderedParts?: readonly number[];
  }[];
  readonly webSearchQueries?: readonly string[];
  readonly imageSearchQueries?: readonly string[];
  readonly retrievalQueries?: readonly string[];
  /** Search suggestions: HTML and CSS to show as they are. */
  readonly searchEntryPoint?: { readonly renderedContent?: string; readonly sdkBlob?: string };
  readonly retrievalMetadata?: { readonly googleSearchDynamicRetrievalScore?: number };
  readonly googleMapsWidgetContextToken?: string;
}

/** A source; one of the fields is set. */
export interface GroundingChunk {
  readonly web?: { readonly uri?: string; readonly title?: string; readonly domain?: string };
  readonly image?: {
    readonly sourceUri?: string;
    readonly imageUri?: string;
    readonly title?: string;
    readonly domain?: string;
  };
  readonly maps?: {
    readonly uri?: string;
    readonly title?: string;
    readonly text?: string;
    readonly placeId?: string;
    readonly placeAnswerSources?: unknown;
    readonly route?: unknown;
  };
  readonly retrievedContext?: {
    readonly uri?: string;
    readonly title?: string;
    readonly text?: string;
    readonly fileSearchStore?: string;
    readonly mediaId?: string;
    readonly pageNumber?: number;
    readonly customMetadata?: readonly unknown[];
  };
}

/** What became of the addresses the model was asked to read. */
export interface UrlContextMetadataEvent {
  readonly type: "urlContextMetadata";
  readonly urlContextMetadata: {
    readonly urlMetadata?: readonly {
      readonly retrievedUrl?: string;
      readonly urlRetrievalStatus?: Open<
        | "URL_RETRIEVAL_STATUS_SUCCESS"
        | "URL_RETRIEVAL_STATUS_ERROR"
        | "URL_RETRIEVAL_STATUS_PAYWALL"
        | "URL_RETRIEVAL_STATUS_UNSAFE"
      >;
    }[];
  };
}

/** A function that the model wants called. */
export interface FunctionCall {
  /** Names this call: the tool response must repeat it. */
  readonly id?: string;
  /** The function's name as declared. */
  readonly name: string;
  /** The arguments; empty where there are none. */
  readonly args: JsonObject;
}

/** The model asks for functions to be called. */
export interface ToolCallEvent { readonly type: "toolCall"; readonly functionCalls: readonly FunctionCall[] }
/** Calls whose answer is no longer wanted, because the person interrupted. */
export interface ToolCallCancellationEvent { readonly type: "toolCallCancellation"; readonly ids: readonly string[] }

/** The person spoke over the answer: it is void, and what is queued of it is not played. */
export interface InterruptedEvent {
  readonly type: "interrupted";
  /** Milliseconds of the answer that were really played, if it had audio and a speaker is open. */
  readonly heardMs?: number;
}

/** The model has said everything; its audio may still be playing. An interrupted turn has none. */
export interface GenerationCompleteEvent { readonly type: "generationComplete" }

/** Tokens of one modality. */
export interface ModalityTokenCount {
  readonly modality?: Open<"TEXT" | "AUDIO" | "IMAGE" | "VIDEO" | "DOCUMENT">;
  readonly tokenCount?: number;
}

/** What one turn used, in tokens; counts that are 0 are absent. The prompt counts the whole conversation again. */
export interface UsageMetadata {
  readonly promptTokenCount?: number;
  readonly cachedContentTokenCount?: number;
  readonly responseTokenCount?: number;
  readonly toolUsePromptTokenCount?: number;
  readonly thoughtsTokenCount?: number;
  readonly totalTokenCount?: number;
  readonly promptTokensDetails?: readonly ModalityTokenCount[];
  readonly cacheTokensDetails?: readonly ModalityTokenCount[];
  readonly responseTokensDetails?: readonly ModalityTokenCount[];
  readonly toolUsePromptTokensDetails?: readonly ModalityTokenCount[];
  readonly serviceTier?: Open<"unspecified" | "flex" | "standard" | "priority">;
}

/** What was used: of one turn, not of the session. */
export interface UsageMetadataEvent extends UsageMetadata { readonly type: "usageMetadata" }

/** How a turn stands. */
export interface TurnStatus {
  /** Why it ended, where it was not the ordinary way. */
  readonly turnCompleteReason?: Open<
    | "MALFORMED_FUNCTION_CALL"
    | "RESPONSE_REJECTED"
    | "NEED_MORE_INPUT"
    | "PROHIBITED_INPUT_CONTENT"
    | "GENERATED_AUDIO_SAFETY"
    | "GENERATED_CONTENT_SAFETY"
    | "MAX_REGENERATION_REACHED"
  >;
  /** The model waits for more before it answers. */
  readonly waitingForInput?: boolean;
  /** Whether work goes on behind the completed turn. */
  readonly interactionStatus?: Open<"IN_PROGRESS" | "REQUIRES_ACTION" | "IDLE">;
}

/** The turn is over; it is the person's. */
export interface TurnCompleteEvent extends TurnStatus { readonly type: "turnComplete" }
/** The same facts in a message that does not complete the turn. */
export interface TurnStatusEvent extends TurnStatus { readonly type: "turnStatus" }

/** The service will close this connection soon. */
export interface GoAwayEvent {
  readonly type: "goAway";
  /** How long it stays open, in seconds such as `"9.5s"`. */
  readonly timeLeft?: string;
}

/** Whether, and with which handle, the conversation can go on over another connection. */
export interface SessionResumptionUpdateEvent {
  readonly type: "sessionResumptionUpdate";
  readonly newHandle?: string;
  readonly resumable?: boolean;
}

/** The service reports an error without closing the connection. */
export interface ServerErrorEvent {
  readonly type: "serverError";
  readonly code?: number;
  readonly message?: string;
  readonly status?: string;
  readonly details?: readonly unknown[];
}

/** Fields of a message that this library does not know, or whose content has an unexpected type. */
export interface UnknownEvent { readonly type: "unknown"; readonly fields: JsonObject }

/** Everything that comes from the server. */
export type LiveServerEvent =
  | SetupCompleteEvent
  | InputTranscriptionEvent
  | InterimInputTranscriptionEvent
  | VoiceActivityEvent
  | VoiceActivityDetectionSignalEvent
  | TextEvent
  | ThoughtEvent
  | InlineDataEvent
  | ExecutableCodeEvent
  | CodeExecutionResultEvent
  | PartEvent
  | OutputTranscriptionEvent
  | GroundingMetadataEvent
  | UrlContextMetadataEvent
  | ToolCallEvent
  | ToolCallCancellationEvent
  | InterruptedEvent
  | GenerationCompleteEvent
  | UsageMetadataEvent
  | TurnCompleteEvent
  | TurnStatusEvent
  | GoAwayEvent
  | SessionResumptionUpdateEvent
  | ServerErrorEvent
  | UnknownEvent;
