/** Names known to this library, and any newer one. */
export type Open<Known extends string> = Known | (string & {});
/** An object with fields of the application's own. */
export interface JsonObject { readonly [field: string]: unknown }

// ---- configuration ------------------------------------------------------------------------------------

/** What an answer is made of. */
export type Modality = Open<"MODALITY_UNSPECIFIED" | "TEXT" | "IMAGE" | "AUDIO" | "VIDEO">;

/**
 * What a session is to be like: the `config` that `@google/genai` takes, and `historyConfig`. Everything is
 * optional; what is left out is the service's choice. An unknown option is not sent and gives a warning.
 */
export interface LiveConfig {
  /** One of `"AUDIO"` and `"TEXT"`. Native-audio models answer in `"AUDIO"` alone. */
  readonly responseModalities?: readonly Modality[];
  /** The voice. */
  readonly speechConfig?: SpeechConfig;
  /** How much the model thinks; which fields it takes depends on its family. */
  readonly thinkingConfig?: ThinkingConfig;
  /** How finely pictures are looked at. */
  readonly mediaResolution?: MediaResolution;
  /** Whether the model answers to the tone of voice. 2.5 native-audio models, `v1alpha`. */
  readonly enableAffectiveDialog?: boolean;
  /** What translation models translate to. */
  readonly translationConfig?: TranslationConfig;
  /** How freely words are chosen, 0 to 2. */
  readonly temperature?: number;
  /** Only the likeliest words that together have this probability, 0 to 1. */
  readonly topP?: number;
  /** Only so many of the likeliest words. */
  readonly topK?: number;
  /** Most tokens of an answer; audio counts about 25 a second. */
  readonly maxOutputTokens?: number;
  /** Makes the choice of words repeatable, as far as it can be. */
  readonly seed?: number;
  /** The rarer of these options in the form of the wire. What is set here and above must agree. */
  readonly generationConfig?: GenerationConfig;
  /** Who the model is and how it is to behave. */
  readonly systemInstruction?: ContentUnion;
  /** What the model may use. */
  readonly tools?: readonly LiveTool[];
  /** When the person speaks, and what belongs to a turn. */
  readonly realtimeInputConfig?: RealtimeInputConfig;
  /** Asks for handles with which the conversation survives its connection. */
  readonly sessionResumption?: SessionResumptionConfig;
  /** Lets the session outlive the model's context window. */
  readonly contextWindowCompression?: ContextWindowCompressionConfig;
  /** Asks for the person's words as text; `{}` is enough. */
  readonly inputAudioTranscription?: AudioTranscriptionConfig;
  /** Asks for the model's words as text; `{}` is enough. */
  readonly outputAudioTranscription?: AudioTranscriptionConfig;
  /** Whether the model speaks unasked. `v1alpha`. */
  readonly proactivity?: ProactivityConfig;
  /** How a conversation of the past is restored. `@google/genai` drops this one. */
  readonly historyConfig?: HistoryConfig;
  /** A face for the voice; avatar models. */
  readonly avatarConfig?: AvatarConfig;
  /** What harmful content is held back. */
  readonly safetySettings?: readonly SafetySetting[];
  /** Notes for one's own accounting. */
  readonly labels?: { readonly [label: string]: string };
}

/** How finely pictures are looked at. */
export type MediaResolution = Open<
  "MEDIA_RESOLUTION_UNSPECIFIED" | "MEDIA_RESOLUTION_LOW" | "MEDIA_RESOLUTION_MEDIUM" | "MEDIA_RESOLUTION_HIGH"
>;

/** How the model answers. */
export interface GenerationConfig {
  readonly responseModalities?: readonly Modality[];
  readonly speechConfig?: SpeechConfig;
  readonly thinkingConfig?: ThinkingConfig;
  readonly mediaResolution?: MediaResolution;
  readonly enableAffectiveDialog?: boolean;
  readonly translationConfig?: TranslationConfig;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly maxOutputTokens?: number;
  readonly seed?: number;
  /** Disfavours words that were used already, −2 to 2. */
  readonly presencePenalty?: number;
  /** Disfavours words by how often they were used, −2 to 2. */
  readonly frequencyPenalty?: number;
  /** How many answers; a live session gives one. */
  readonly candidateCount?: number;
  /** Whether answers about civic matters are enhanced. */
  readonly enableEnhancedCivicAnswers?: boolean;
  /** Texts that end an answer. By the reference not supported in live sessions, like all that follow. */
  readonly stopSequences?: readonly string[];
  readonly responseMimeType?: string;
  readonly responseSchema?: Schema;
  readonly responseJsonSchema?: unknown;
  readonly responseLogprobs?: boolean;
  readonly logprobs?: number;
  readonly routingConfig?: unknown;
  readonly audioTimestamp?: boolean;
  readonly modelSelectionConfig?: unknown;
  readonly responseFormat?: unknown;
  readonly audioTranscriptionConfig?: unknown;
}

/** The voice. */
export interface SpeechConfig {
  readonly voiceConfig?: VoiceConfig;
  /** The language to speak, as a BCP-47 code. Native-audio models choose it themselves. */
  readonly languageCode?: string;
}

/** Which voice. */
export interface VoiceConfig {
  /** One of the service's voices: `Kore`, `Puck`, `Zephyr`, … */
  readonly prebuiltVoiceConfig?: { readonly voiceName?: string };
  /** The same in short: the voice's name. */
  readonly voice?: string;
  /** A voice after a sample. Recordings are base64. */
  readonly replicatedVoiceConfig?: {
    readonly mimeType?: string;
    readonly voiceSampleAudio?: string;
    readonly consentAudio?: string;
    readonly voiceConsentSignature?: { readonly signature?: string };
  };
}

/** How much the model thinks before it answers. */
export interface ThinkingConfig {
  /** Whether thoughts are sent too. */
  readonly includeThoughts?: boolean;
  /** Most tokens it thinks; 0 switches thinking off. 2.5 models. */
  readonly thinkingBudget?: number;
  /** How much it thinks. 3.1 models. */
  readonly thinkingLevel?: Open<"THINKING_LEVEL_UNSPECIFIED" | "MINIMAL" | "LOW" | "MEDIUM" | "HIGH">;
}

/** What translation models do. */
export interface TranslationConfig {
  /** The language to translate into, as a BCP-47 code. */
  readonly targetLanguageCode?: string;
  /** Whether speech that is in that language already is repeated. */
  readonly echoTargetLanguage?: boolean;
}

/** How real-time input is taken. */
export interface RealtimeInputConfig {
  readonly automaticActivityDetection?: AutomaticActivityDetection;
  /** Whether speech interrupts the answer. Default: it does. */
  readonly activityHandling?: Open<
    "ACTIVITY_HANDLING_UNSPECIFIED" | "START_OF_ACTIVITY_INTERRUPTS" | "NO_INTERRUPTION"
  >;
  /** Which input belongs to a turn. Default: the model's own. */
  readonly turnCoverage?: Open<
    | "TURN_COVERAGE_UNSPECIFIED"
    | "TURN_INCLUDES_ONLY_ACTIVITY"
    | "TURN_INCLUDES_ALL_INPUT"
    | "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO"
  >;
  /** Whether interim transcripts carry times. */
  readonly interimTranscriptTimestampEnabled?: boolean;
}

/** How the service hears that the person speaks. */
export interface AutomaticActivityDetection {
  /** Whether the application says it itself, with `activityStart` and `activityEnd`. Default `false`. */
  readonly disabled?: boolean;
  readonly startOfSpeechSensitivity?: Open<
    "START_SENSITIVITY_UNSPECIFIED" | "START_SENSITIVITY_HIGH" | "START_SENSITIVITY_LOW"
  >;
  readonly endOfSpeechSensitivity?: Open<
    "END_SENSITIVITY_UNSPECIFIED" | "END_SENSITIVITY_HIGH" | "END_SENSITIVITY_LOW"
  >;
  /** Milliseconds of speech before it counts as the start. */
  readonly prefixPaddingMs?: number;
  /** Milliseconds of silence before they count as the end. */
  readonly silenceDurationMs?: number;
}

/** Asks for handles. Empty: a new conversation. */
export interface SessionResumptionConfig {
  /** The last handle of the conversation to go on with. */
  readonly handle?: string;
}

/** Lets a session outlive the model's context window. 64-bit integers may be text. */
export interface ContextWindowCompressionConfig {
  /** Tokens at which the context is shortened. */
  readonly triggerTokens?: string | number;
  readonly slidingWindow?: {
    /** Tokens that are kept. */
    readonly targetTokens?: string | number;
  };
}

/** Asks for speech as text. */
export interface AudioTranscriptionConfig {
  /** The languages to expect, as BCP-47 codes. */
  readonly languageCodes?: readonly string[];
  /** Names and words that are hard to guess. */
  readonly customVocabulary?: readonly string[];
  /** Whether each word carries its times. */
  readonly wordTimestamp?: boolean;
  /** Whether speakers are told apart. */
  readonly diarization?: boolean;
  /** Word for word, or tidied up. */
  readonly mode?: Open<"MODE_UNSPECIFIED" | "VERBATIM" | "SMART">;
  /** Whether the text is also given in the language that was spoken. */
  readonly sourceText?: unknown;
  /** Deprecated. */
  readonly languageAuto?: object;
  /** Deprecated form of `languageCodes`. */
  readonly languageHints?: { readonly languageCodes?: readonly string[] };
  /** Deprecated form of `customVocabulary`. */
  readonly adaptationPhrases?: readonly string[];
}

/** Whether the model speaks unasked, or keeps silent when it is not spoken to. */
export interface ProactivityConfig {
  readonly proactiveAudio?: boolean;
  readonly proactiveVideo?: boolean;
}

/** How a conversation of the past is restored. */
export interface HistoryConfig {
  /**
   * Whether the first client contents are the past: taken without an answer until one says `turnComplete`;
   * real-time input then begins the conversation.
   */
  readonly initialHistoryInClientContent?: boolean;
}

/** A face for the voice. */
export interface AvatarConfig {
  readonly avatarName?: string;
  /** One of one's own; the picture is base64. */
  readonly customizedAvatar?: { readonly imageMimeType?: string; readonly imageData?: string };
  readonly audioBitrateBps?: number;
  readonly videoBitrateBps?: number;
}

/** From which probability on one kind of harm is held back. */
export interface SafetySetting {
  readonly category?: Open<
    | "HARM_CATEGORY_HARASSMENT"
    | "HARM_CATEGORY_HATE_SPEECH"
    | "HARM_CATEGORY_SEXUALLY_EXPLICIT"
    | "HARM_CATEGORY_DANGEROUS_CONTENT"
    | "HARM_CATEGORY_CIVIC_INTEGRITY"
  >;
  readonly threshold?: Open<
    "BLOCK_LOW_AND_ABOVE" | "BLOCK_MEDIUM_AND_ABOVE" | "BLOCK_ONLY_HIGH" | "BLOCK_NONE" | "OFF"
  >;
}

// ---- tools --------------------------------------------------------------------------------------------

/** Something the model may use. Several kinds may stand in one tool or each in its own. */
export interface LiveTool {
  /** Functions of the application. */
  readonly functionDeclarations?: readonly FunctionDeclaration[];
  /** Web search by the service. */
  readonly googleSearch?: {
    readonly timeRangeFilter?: { readonly startTime?: string; readonly endTime?: string };
    readonly searchTypes?: { readonly webSearch?: object; readonly imageSearch?: object };
  };
  /** Python, written by the model and run by the service. */
  readonly codeExecution?: object;
  /** Reading web addresses that the conversation names. */
  readonly urlContext?: object;
  /** Maps and places. */
  readonly googleMaps?: { readonly enableWidget?: boolean; readonly authConfig?: { readonly apiKey?: string } };
  /** Search in stored files. */
  readonly fileSearch?: {
    readonly fileSearchStoreNames?: readonly string[];
    readonly topK?: number;
    readonly metadataFilter?: string;
  };
  /** Control of a computer. */
  readonly computerUse?: {
    readonly environment?: string;
    readonly excludedPredefinedFunctions?: readonly string[];
    readonly enablePromptInjectionDetection?: boolean;
    readonly disabledSafetyPolicies?: readonly string[];
  };
  /** Servers of the Model Context Protocol. */
  readonly mcpServers?: readonly {
    readonly name?: string;
    readonly streamableHttpTransport?: {
      readonly url?: string;
      readonly headers?: { readonly [name: string]: string };
      readonly timeout?: string;
      readonly sseReadTimeout?: string;
      readonly terminateOnClose?: boolean;
    };
  }[];
  /** Web search of older models. */
  readonly googleSearchRetrieval?: {
    readonly dynamicRetrievalConfig?: { readonly mode?: string; readonly dynamicThreshold?: number };
  };
}

/** A function of the application that the model may call. */
export interface FunctionDeclaration {
  /** Letters, digits, `_`, `.`, `-`; at most 64. */
  readonly name?: string;
  /** What it does and when to call it; the model reads this. */
  readonly description?: string;
  /** What it takes. */
  readonly parameters?: Schema;
  /** The same as JSON Schema, sent untouched. Excludes `parameters`. */
  readonly parametersJsonSchema?: unknown;
  /** What it returns. */
  readonly response?: Schema;
  /** The same as JSON Schema, sent untouched. Excludes `response`. */
  readonly responseJsonSchema?: unknown;
  /** Whether the model waits for it. Default: the model's own. */
  readonly behavior?: Open<"UNSPECIFIED" | "BLOCKING" | "NON_BLOCKING">;
}

/** The type of a value, in upper or lower case. */
export type SchemaType = Open<"STRING" | "NUMBER" | "INTEGER" | "BOOLEAN" | "ARRAY" | "OBJECT" | "NULL">;

/** A schema of the service's subset of OpenAPI; JSON Schema that means the same is written as that. */
export interface Schema {
  /** A list means any of its types; `"null"` in it means `nullable`. */
  readonly type?: SchemaType | readonly SchemaType[];
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: string | number;
  readonly maxItems?: string | number;
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly propertyOrdering?: readonly string[];
  readonly minProperties?: string | number;
  readonly maxProperties?: string | number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: string | number;
  readonly maxLength?: string | number;
  readonly pattern?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  /** Understood and left out: the service does not have it. */
  readonly additionalProperties?: boolean | Schema;
}

// ---- contents -----------------------------------------------------------------------------------------

/** A turn, or the system instruction. */
export interface Content {
  readonly parts?: readonly Part[];
  readonly role?: Open<"user" | "model">;
}

/** A text, a part, or a list of them, which stand for a turn of the person; or a whole content. */
export type ContentUnion = string | Part | Content | readonly (string | Part)[];

/** A medium in base64. */
export interface MediaBlob {
  /** Its type, such as `image/jpeg` or `audio/pcm;rate=16000`. */
  readonly mimeType?: string;
  /** Its bytes in base64. */
  readonly data?: string;
  readonly displayName?: string;
}

/** A medium by its address. */
export interface FileData {
  readonly mimeType?: string;
  readonly fileUri?: string;
  readonly displayName?: string;
}

/** A piece of a content. */
export interface Part {
  readonly text?: string;
  readonly inlineData?: MediaBlob;
  readonly fileData?: FileData;
  readonly functionCall?: { readonly id?: string; readonly name?: string; readonly args?: JsonObject };
  readonly functionResponse?: FunctionResponse;
  readonly executableCode?: { readonly language?: Open<"PYTHON">; readonly code?: string; readonly id?: string };
  readonly codeExecutionResult?: { readonly outcome?: Outcome; readonly output?: string; readonly id?: string };
  /** A call of one of the service's own tools. */
  readonly toolCall?: { readonly id?: string; readonly toolType?: string; readonly args?: JsonObject };
  /** What that tool answered. */
  readonly toolResponse?: { readonly id?: string; readonly toolType?: string; readonly response?: JsonObject };
  /** Whether this is the model's thinking and not its answer. */
  readonly thought?: boolean;
  /** The model's own mark on a thought, in base64, to be sent back unchanged. */
  readonly thoughtSignature?: string;
  /** Which stretch of a video is meant; offsets in seconds such as `"1.5s"`. */
  readonly videoMetadata?: { readonly startOffset?: string; readonly endOffset?: string; readonly fps?: number };
  readonly mediaResolution?: { readonly level?: Open<"MEDIA_RESOLUTION_ULTRA_HIGH">; readonly numTokens?: number };
  readonly partMetadata?: JsonObject;
  readonly audioTranscription?: object;
  readonly speechMetadata?: object;
  readonly mediaProcessing?: unknown;
}

/** How code ended. */
export type Outcome = Open<"OUTCOME_OK" | "OUTCOME_FAILED" | "OUTCOME_DEADLINE_EXCEEDED">;

// ---- what an application sends --------------------------------------------------------------------------

/** Turns to add to the conversation, in order. */
export interface ClientContent {
  /** A list of contents, or what stands for one turn of the person. */
  readonly turns?: ContentUnion | readonly Content[];
  /** Whether the model is to answer now. Default `true`. */
  readonly turnComplete?: boolean;
}

/** What the model hears and sees as it happens. Several fields may be set at once. */
export interface RealtimeInput {
  /** Sound; its type begins with `audio/`. */
  readonly audio?: MediaBlob;
  /** A picture; its type begins with `image/`. */
  readonly video?: MediaBlob;
  /** Typed text. It counts as the person being active. */
  readonly text?: string;
  /** The microphone pauses: what is held back is taken as complete. */
  readonly audioStreamEnd?: boolean;
  /** The person begins to speak; only with automatic detection switched off. */
  readonly activityStart?: object;
  /** The person has stopped speaking; only with automatic detection switched off. */
  readonly activityEnd?: object;
  /** Deprecated form of `audio` and `video`; newer models refuse it. */
  readonly media?: MediaBlob | readonly MediaBlob[];
}

/** What a function returned. */
export interface FunctionResponse {
  /** The id of the call that this answers. */
  readonly id?: string;
  /** The function's name. */
  readonly name?: string;
  /** What it returned: an object; by custom `result` or `error` inside. */
  readonly response?: JsonObject;
  /** What the model does with it, if it did not wait. */
  readonly scheduling?: Open<"SCHEDULING_UNSPECIFIED" | "SILENT" | "WHEN_IDLE" | "INTERRUPT">;
  /** Whether more answers to the same call follow. Default `false`. */
  readonly willContinue?: boolean;
  /** Media that belong to the answer. */
  readonly parts?: readonly {
    readonly inlineData?: MediaBlob;
    readonly fileData?: FileData;
    readonly mediaProcessing?: unknown;
  }[];
}

/** What called functions returned: one answer or several. Each needs `id`, `name` and `response`. */
export interface ToolResponse {
  readonly functionResponses: FunctionResponse | readonly FunctionResponse[];
}

/** Another system instruction or other tools for the running session. Undocumented by the service. */
export interface ContextUpdate {
  readonly systemInstruction?: ContentUnion;
  readonly tools?: { readonly tools?: readonly LiveTool[] } | readonly LiveTool[];
}

// ---- what a session tells ---------------------------------------------------------------------------------
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
