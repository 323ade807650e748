/* Written from the rows of src/protocol by `UPDATE_TYPES=1 cargo test --lib types`. */

/** Names known to this library, and any newer one. */
export type Open<Known extends string> = Known | (string & {});
/** An object with fields of the application's own. */
export interface JsonObject { readonly [field: string]: unknown }

// ---- configuration ---------------------------------------------------------------------------------------

/**
 * Live connect config: what a session is to be like. Everything is optional; what is left out is the service's
 * choice.
 *
 * As JSON it is the `config` of `@google/genai`'s `live.connect`, and `historyConfig`. An unknown option is not sent
 * and gives a warning.
 */
export interface LiveConfig {
  /**
   * Response modalities: what the answer is made of, one of `AUDIO` and `TEXT`. Native-audio models answer in `AUDIO`
   * alone. Default: the service's, `AUDIO`.
   */
  readonly responseModalities?: readonly Modality[];
  /** Speech config: the voice and its language. */
  readonly speechConfig?: SpeechConfig;
  /** Thinking config: how much the model thinks. Which fields a model takes depends on its family. */
  readonly thinkingConfig?: ThinkingConfig;
  /** Media resolution: how many tokens an image or a video frame is worth. */
  readonly mediaResolution?: MediaResolution;
  /**
   * Affective dialog: whether the model answers to the tone of voice. 2.5 native-audio models, API version `v1alpha`.
   */
  readonly enableAffectiveDialog?: boolean;
  /** Translation config: what translation models translate to. */
  readonly translationConfig?: TranslationConfig;
  /** Temperature, 0 to 2: how random the choice of tokens is. */
  readonly temperature?: number;
  /** Top-p (nucleus sampling), 0 to 1: only the likeliest tokens that together have this probability. */
  readonly topP?: number;
  /** Top-k sampling: only so many of the likeliest tokens. */
  readonly topK?: number;
  /** Maximum output tokens of an answer; audio counts about 25 a second. */
  readonly maxOutputTokens?: number;
  /** Seed: makes sampling repeatable, as far as it can be. */
  readonly seed?: number;
  /**
   * Generation config: the rarer of these options, in the form of the wire. What is set here and beside it must
   * agree.
   */
  readonly generationConfig?: GenerationConfig;
  /**
   * System instruction: who the model is and how it is to behave. From JavaScript a content, a text, a part or a list
   * of them.
   */
  readonly systemInstruction?: ContentUnion;
  /** Tools that the model may use. */
  readonly tools?: readonly Tool[];
  /** Realtime input config: when the user speaks, and what belongs to a turn. */
  readonly realtimeInputConfig?: RealtimeInputConfig;
  /** Session resumption config: asks for handles with which the conversation survives its connection. */
  readonly sessionResumption?: SessionResumptionConfig;
  /** Context window compression: lets the session outlive the model's context window. */
  readonly contextWindowCompression?: ContextWindowCompressionConfig;
  /** Input audio transcription: asks for the user's words as text. `{}` is enough. */
  readonly inputAudioTranscription?: AudioTranscriptionConfig;
  /** Output audio transcription: asks for the model's words as text. `{}` is enough. */
  readonly outputAudioTranscription?: AudioTranscriptionConfig;
  /**
   * Proactivity: whether the model may speak unasked, and keep silent when it is not spoken to. API version
   * `v1alpha`.
   */
  readonly proactivity?: ProactivityConfig;
  /** History config: how a conversation of the past is restored. `@google/genai` drops this one. */
  readonly historyConfig?: HistoryConfig;
  /** Avatar config: a face for the voice; avatar models. */
  readonly avatarConfig?: AvatarConfig;
  /** Safety settings: what harmful content is blocked. */
  readonly safetySettings?: readonly SafetySetting[];
  /** Labels: the application's own marks, for its billing. */
  readonly labels?: { readonly [name: string]: string };
}

/**
 * Response modality: what an answer is made of.
 *
 * - `MODALITY_UNSPECIFIED`: Left to the service.
 * - `TEXT`: Text. Native-audio models do not offer it.
 * - `IMAGE`: Images.
 * - `AUDIO`: Speech.
 * - `VIDEO`: Video; avatar models.
 */
export type Modality = Open<
  | "MODALITY_UNSPECIFIED" | "TEXT" | "IMAGE" | "AUDIO" | "VIDEO"
>;

/** Speech config: the voice and its language. */
export interface SpeechConfig {
  /** Voice config: which voice. */
  readonly voiceConfig?: VoiceConfig;
  /** Language code: the language to speak. Native-audio models choose it themselves. */
  readonly languageCode?: LanguageCode;
}

/** Voice config: which voice. */
export interface VoiceConfig {
  /** Prebuilt voice config: one of the service's voices. */
  readonly prebuiltVoiceConfig?: PrebuiltVoiceConfig;
  /** Voice: the same in short, its name. */
  readonly voice?: VoiceName;
  /** Replicated voice config: a voice after a sample. */
  readonly replicatedVoiceConfig?: ReplicatedVoiceConfig;
}

/** Prebuilt voice config: one of the service's voices. */
export interface PrebuiltVoiceConfig {
  /** Voice name, such as `Kore`, `Puck`, `Zephyr`. */
  readonly voiceName?: VoiceName;
}

/**
 * Voice name: one of the service's prebuilt voices. Any name is sent as it is.
 *
 * - `Zephyr`: Bright.
 * - `Puck`: Upbeat.
 * - `Charon`: Informative.
 * - `Kore`: Firm.
 * - `Fenrir`: Excitable.
 * - `Leda`: Youthful.
 * - `Orus`: Firm.
 * - `Aoede`: Breezy.
 * - `Callirrhoe`: Easy-going. This one and those below: native-audio models.
 * - `Autonoe`: Bright.
 * - `Enceladus`: Breathy.
 * - `Iapetus`: Clear.
 * - `Umbriel`: Easy-going.
 * - `Algieba`: Smooth.
 * - `Despina`: Smooth.
 * - `Erinome`: Clear.
 * - `Algenib`: Gravelly.
 * - `Rasalgethi`: Informative.
 * - `Laomedeia`: Upbeat.
 * - `Achernar`: Soft.
 * - `Alnilam`: Firm.
 * - `Schedar`: Even.
 * - `Gacrux`: Mature.
 * - `Pulcherrima`: Forward.
 * - `Achird`: Friendly.
 * - `Zubenelgenubi`: Casual.
 * - `Vindemiatrix`: Gentle.
 * - `Sadachbia`: Lively.
 * - `Sadaltager`: Knowledgeable.
 * - `Sulafat`: Warm.
 */
export type VoiceName = Open<
  | "Zephyr" | "Puck" | "Charon" | "Kore" | "Fenrir" | "Leda" | "Orus" | "Aoede" | "Callirrhoe" | "Autonoe" |
  "Enceladus" | "Iapetus" | "Umbriel" | "Algieba" | "Despina" | "Erinome" | "Algenib" | "Rasalgethi" | "Laomedeia" |
  "Achernar" | "Alnilam" | "Schedar" | "Gacrux" | "Pulcherrima" | "Achird" | "Zubenelgenubi" | "Vindemiatrix" |
  "Sadachbia" | "Sadaltager" | "Sulafat"
>;

/** Replicated voice config: a voice after a sample. */
export interface ReplicatedVoiceConfig {
  /** MIME type of the recordings, such as `audio/pcm;rate=24000`. */
  readonly mimeType?: string;
  /** Voice sample, in base64. */
  readonly voiceSampleAudio?: string;
  /** Consent audio: the speaker's spoken consent, in base64. */
  readonly consentAudio?: string;
  /** Voice consent signature of an earlier consent, which replaces the recording. */
  readonly voiceConsentSignature?: VoiceConsentSignature;
}

/** Voice consent signature: the service's receipt of a speaker's consent. */
export interface VoiceConsentSignature {
  /** Signature in base64. */
  readonly signature?: string;
}

/**
 * Language code: a language as a BCP-47 code. Any code is sent as it is; those marked * are not for native audio.
 *
 * - `ar-XA`: Arabic.
 * - `bn-IN`: Bengali (India).
 * - `cmn-CN`: Mandarin Chinese (China) *.
 * - `de-DE`: German (Germany).
 * - `en-AU`: English (Australia) *.
 * - `en-GB`: English (UK) *.
 * - `en-IN`: English (India).
 * - `en-US`: English (US).
 * - `es-ES`: Spanish (Spain) *.
 * - `es-US`: Spanish (US).
 * - `fr-CA`: French (Canada) *.
 * - `fr-FR`: French (France).
 * - `gu-IN`: Gujarati (India) *.
 * - `hi-IN`: Hindi (India).
 * - `id-ID`: Indonesian (Indonesia).
 * - `it-IT`: Italian (Italy).
 * - `ja-JP`: Japanese (Japan).
 * - `kn-IN`: Kannada (India) *.
 * - `ko-KR`: Korean (South Korea).
 * - `ml-IN`: Malayalam (India) *.
 * - `mr-IN`: Marathi (India).
 * - `nl-NL`: Dutch (Netherlands).
 * - `pl-PL`: Polish (Poland).
 * - `pt-BR`: Portuguese (Brazil).
 * - `ru-RU`: Russian (Russia).
 * - `ta-IN`: Tamil (India).
 * - `te-IN`: Telugu (India).
 * - `th-TH`: Thai (Thailand).
 * - `tr-TR`: Turkish (Turkey).
 * - `vi-VN`: Vietnamese (Vietnam).
 */
export type LanguageCode = Open<
  | "ar-XA" | "bn-IN" | "cmn-CN" | "de-DE" | "en-AU" | "en-GB" | "en-IN" | "en-US" | "es-ES" | "es-US" | "fr-CA" |
  "fr-FR" | "gu-IN" | "hi-IN" | "id-ID" | "it-IT" | "ja-JP" | "kn-IN" | "ko-KR" | "ml-IN" | "mr-IN" | "nl-NL" |
  "pl-PL" | "pt-BR" | "ru-RU" | "ta-IN" | "te-IN" | "th-TH" | "tr-TR" | "vi-VN"
>;

/**
 * Thinking config: how much the model thinks before it answers. Which fields a model takes depends on its family.
 */
export interface ThinkingConfig {
  /** Include thoughts: whether thoughts are sent too. */
  readonly includeThoughts?: boolean;
  /** Thinking budget: the most tokens it thinks; 0 switches thinking off. 2.5 models. */
  readonly thinkingBudget?: number;
  /** Thinking level: how much it thinks. 3.1 models. */
  readonly thinkingLevel?: ThinkingLevel;
}

/**
 * Thinking level: how much the model thinks before it answers.
 *
 * - `THINKING_LEVEL_UNSPECIFIED`: Left to the service.
 * - `MINIMAL`: Minimal thinking; the fastest answer.
 * - `LOW`: Low.
 * - `MEDIUM`: Medium.
 * - `HIGH`: High.
 */
export type ThinkingLevel = Open<
  | "THINKING_LEVEL_UNSPECIFIED" | "MINIMAL" | "LOW" | "MEDIUM" | "HIGH"
>;

/**
 * Media resolution: how many tokens an image or a video frame is worth.
 *
 * - `MEDIA_RESOLUTION_UNSPECIFIED`: Left to the service.
 * - `MEDIA_RESOLUTION_LOW`: Low: 64 tokens.
 * - `MEDIA_RESOLUTION_MEDIUM`: Medium: 256 tokens.
 * - `MEDIA_RESOLUTION_HIGH`: High: 256 tokens, and zoomed reframing of what matters.
 */
export type MediaResolution = Open<
  | "MEDIA_RESOLUTION_UNSPECIFIED" | "MEDIA_RESOLUTION_LOW" | "MEDIA_RESOLUTION_MEDIUM" | "MEDIA_RESOLUTION_HIGH"
>;

/** Translation config: what translation models do. */
export interface TranslationConfig {
  /** Target language code: the language to translate into. */
  readonly targetLanguageCode?: LanguageCode;
  /** Echo target language: whether speech that is in that language already is repeated. */
  readonly echoTargetLanguage?: boolean;
}

/**
 * Generation config: how the model answers, in the form of the wire.
 *
 * `LiveConfig` takes the usual ones of these as options of its own.
 */
export interface GenerationConfig {
  /**
   * Response modalities: what the answer is made of, one of `AUDIO` and `TEXT`. Native-audio models answer in `AUDIO`
   * alone. Default: the service's, `AUDIO`.
   */
  readonly responseModalities?: readonly Modality[];
  /** Speech config: the voice and its language. */
  readonly speechConfig?: SpeechConfig;
  /** Thinking config: how much the model thinks. Which fields a model takes depends on its family. */
  readonly thinkingConfig?: ThinkingConfig;
  /** Media resolution: how many tokens an image or a video frame is worth. */
  readonly mediaResolution?: MediaResolution;
  /**
   * Affective dialog: whether the model answers to the tone of voice. 2.5 native-audio models, API version `v1alpha`.
   */
  readonly enableAffectiveDialog?: boolean;
  /** Translation config: what translation models translate to. */
  readonly translationConfig?: TranslationConfig;
  /** Temperature, 0 to 2: how random the choice of tokens is. */
  readonly temperature?: number;
  /** Top-p (nucleus sampling), 0 to 1: only the likeliest tokens that together have this probability. */
  readonly topP?: number;
  /** Top-k sampling: only so many of the likeliest tokens. */
  readonly topK?: number;
  /** Maximum output tokens of an answer; audio counts about 25 a second. */
  readonly maxOutputTokens?: number;
  /** Seed: makes sampling repeatable, as far as it can be. */
  readonly seed?: number;
  /** Presence penalty, −2 to 2: disfavours tokens that were used already. */
  readonly presencePenalty?: number;
  /** Frequency penalty, −2 to 2: disfavours tokens by how often they were used. */
  readonly frequencyPenalty?: number;
  /** Candidate count: how many answers; a live session gives one. */
  readonly candidateCount?: number;
  /** Enhanced civic answers: whether answers about civic matters are enhanced. */
  readonly enableEnhancedCivicAnswers?: boolean;
  /** Stop sequences: texts that end an answer. By the reference not supported in live sessions. */
  readonly stopSequences?: readonly string[];
  /** Response MIME type. By the reference not supported in live sessions. */
  readonly responseMimeType?: string;
  /** Response schema. By the reference not supported in live sessions. */
  readonly responseSchema?: Schema;
  /** Response schema as JSON Schema. By the reference not supported in live sessions. */
  readonly responseJsonSchema?: unknown;
  /** Response log probabilities. By the reference not supported in live sessions. */
  readonly responseLogprobs?: boolean;
  /** Number of log probabilities. By the reference not supported in live sessions. */
  readonly logprobs?: number;
  /** Routing config. By the reference not supported in live sessions. */
  readonly routingConfig?: unknown;
  /** Audio timestamps. By the reference not supported in live sessions. */
  readonly audioTimestamp?: boolean;
  /** Model selection config. Not meant for live sessions. */
  readonly modelSelectionConfig?: unknown;
  /** Response format. Not meant for live sessions. */
  readonly responseFormat?: unknown;
  /**
   * Audio transcription config. Not meant for live sessions, which have `inputAudioTranscription` and
   * `outputAudioTranscription`.
   */
  readonly audioTranscriptionConfig?: unknown;
}

/**
 * Schema: what a function takes or returns, in the service's subset of OpenAPI.
 *
 * JSON Schema is understood where it means the same: types in lower case, a list of types, `null` among them,
 * `additionalProperties`. What goes beyond belongs into `parametersJsonSchema`, which is not touched.
 */
export interface Schema {
  /** Type. From JavaScript also a list, which means any of its types; `"null"` in it means `nullable`. */
  readonly type?: SchemaType | readonly SchemaType[];
  /** Format: a closer description of the type, such as `int32`, `double`, `enum`, `date-time`. */
  readonly format?: string;
  /** Title: a short name. */
  readonly title?: string;
  /** Description: what it means; the model reads this. */
  readonly description?: string;
  /** Nullable: whether `null` is allowed. */
  readonly nullable?: boolean;
  /** Enum: the values a string may have. */
  readonly enum?: readonly string[];
  /** Items: what an array holds. */
  readonly items?: Schema;
  /** Minimum number of items of an array. */
  readonly minItems?: string | number;
  /** Maximum number of items of an array. */
  readonly maxItems?: string | number;
  /** Properties of an object. */
  readonly properties?: { readonly [name: string]: Schema };
  /** Required properties. */
  readonly required?: readonly string[];
  /** Property ordering: the order in which they are generated. */
  readonly propertyOrdering?: readonly string[];
  /** Minimum number of properties. */
  readonly minProperties?: string | number;
  /** Maximum number of properties. */
  readonly maxProperties?: string | number;
  /** Minimum of a number. */
  readonly minimum?: number;
  /** Maximum of a number. */
  readonly maximum?: number;
  /** Minimum length of a string. */
  readonly minLength?: string | number;
  /** Maximum length of a string. */
  readonly maxLength?: string | number;
  /** Pattern: a regular expression that a string matches. */
  readonly pattern?: string;
  /** Example; the model reads this. */
  readonly example?: unknown;
  /** Default: the value that is meant when there is none; the model reads this. */
  readonly default?: unknown;
  /** Any of: it is one of these. */
  readonly anyOf?: readonly Schema[];
  /** Additional properties. Understood and left out: the service does not have them. */
  readonly additionalProperties?: boolean | Schema;
}

/**
 * Schema type: the type of a value, in upper or lower case.
 *
 * - `TYPE_UNSPECIFIED`: None.
 * - `STRING`: A string.
 * - `NUMBER`: A number.
 * - `INTEGER`: An integer.
 * - `BOOLEAN`: A boolean.
 * - `ARRAY`: An array.
 * - `OBJECT`: An object.
 * - `NULL`: Null.
 */
export type SchemaType = Open<
  | "TYPE_UNSPECIFIED" | "STRING" | "NUMBER" | "INTEGER" | "BOOLEAN" | "ARRAY" | "OBJECT" | "NULL"
>;

/** Content: one turn, or the system instruction. */
export interface Content {
  /** Parts: what it consists of, in order. */
  readonly parts?: readonly Part[];
  /** Role: who says it. The system instruction needs none. */
  readonly role?: Role;
}

/** Part: a piece of a content. One of the kinds of data is set, and perhaps what describes it. */
export interface Part {
  /** Text. */
  readonly text?: string;
  /** Inline data: a medium in the message itself. */
  readonly inlineData?: Blob;
  /** File data: a medium by its address. */
  readonly fileData?: FileData;
  /** Function call that the model made; for restoring a conversation. */
  readonly functionCall?: FunctionCallPart;
  /** Function response; for restoring a conversation. A live call is answered with a tool response. */
  readonly functionResponse?: FunctionResponse;
  /** Executable code: code the model wrote. */
  readonly executableCode?: ExecutableCode;
  /** Code execution result: what became of that code. */
  readonly codeExecutionResult?: CodeExecutionResult;
  /** Tool call: a call of one of the service's own tools; for restoring a conversation. */
  readonly toolCall?: ServerToolCall;
  /** Tool response: what that tool answered. */
  readonly toolResponse?: ServerToolResponse;
  /** Thought: whether this is the model's thinking and not its answer. */
  readonly thought?: boolean;
  /** Thought signature: the model's own mark on a thought, in base64, to be sent back unchanged. */
  readonly thoughtSignature?: string;
  /** Video metadata: which stretch of a video is meant. */
  readonly videoMetadata?: VideoMetadata;
  /** Media resolution of this part. */
  readonly mediaResolution?: PartMediaResolution;
  /** Part metadata: the application's own notes. */
  readonly partMetadata?: JsonObject;
  /** Audio transcription: the text of an audio part. */
  readonly audioTranscription?: object;
  /** Speech metadata: who speaks in an audio part, and how. */
  readonly speechMetadata?: object;
  /** Media processing: how the medium is processed. */
  readonly mediaProcessing?: unknown;
}

/** Blob: inline data, a medium in the message itself. */
export interface Blob {
  /** MIME type, such as `image/jpeg` or `audio/pcm;rate=16000`. */
  readonly mimeType?: string;
  /** Data: its bytes in base64. */
  readonly data?: string;
  /** Display name. */
  readonly displayName?: string;
}

/** File data: a medium by its address. */
export interface FileData {
  /** MIME type, such as `image/jpeg`. */
  readonly mimeType?: string;
  /** File URI: its address. */
  readonly fileUri?: string;
  /** Display name. */
  readonly displayName?: string;
}

/** Function call of the past. */
export interface FunctionCallPart {
  /** Id of the call. */
  readonly id?: string;
  /** Name of the function. */
  readonly name?: string;
  /** Arguments. */
  readonly args?: JsonObject;
}

/** Function response: what a function returned. `id`, `name` and `response` are needed. */
export interface FunctionResponse {
  /** Id of the function call that this answers. */
  readonly id: string | undefined;
  /** Name of the function. */
  readonly name: string;
  /** Response: what the function returned, an object; by custom with `result` or `error` in it. */
  readonly response: JsonObject;
  /** Scheduling: what the model does with it, if the function is non-blocking. */
  readonly scheduling?: FunctionResponseScheduling;
  /** Will continue: whether more responses to the same call follow. Default `false`. */
  readonly willContinue?: boolean;
  /** Parts: media that belong to the response. */
  readonly parts?: readonly FunctionResponsePart[];
}

/**
 * Function response scheduling: what the model does with the response of a non-blocking function.
 *
 * - `SCHEDULING_UNSPECIFIED`: Left to the model, which takes `WHEN_IDLE`.
 * - `SILENT`: Silent: it knows, and says nothing about it.
 * - `WHEN_IDLE`: When idle: it speaks of it when it has finished speaking.
 * - `INTERRUPT`: Interrupt: it breaks off and speaks of it.
 */
export type FunctionResponseScheduling = Open<
  | "SCHEDULING_UNSPECIFIED" | "SILENT" | "WHEN_IDLE" | "INTERRUPT"
>;

/** Function response part: a medium of the response. */
export interface FunctionResponsePart {
  /** Inline data: the medium in the message itself. */
  readonly inlineData?: Blob;
  /** File data: the medium by its address. */
  readonly fileData?: FileData;
  /** Media processing: how the medium is processed. */
  readonly mediaProcessing?: unknown;
}

/** Executable code: code the model wrote for the service to run. */
export interface ExecutableCode {
  /** Language. */
  readonly language?: Language;
  /** Code. */
  readonly code?: string;
  /** Id, which the result repeats. */
  readonly id?: string;
}

/**
 * Language of executable code.
 *
 * - `LANGUAGE_UNSPECIFIED`: None.
 * - `PYTHON`: Python.
 */
export type Language = Open<
  | "LANGUAGE_UNSPECIFIED" | "PYTHON"
>;

/** Code execution result: what became of code that the service ran. */
export interface CodeExecutionResult {
  /** Outcome: how it ended. */
  readonly outcome?: Outcome;
  /** Output: what it wrote, or the error. */
  readonly output?: string;
  /** Id of the code. */
  readonly id?: string;
}

/**
 * Outcome of code execution.
 *
 * - `OUTCOME_UNSPECIFIED`: None.
 * - `OUTCOME_OK`: The code ran to its end.
 * - `OUTCOME_FAILED`: The code failed.
 * - `OUTCOME_DEADLINE_EXCEEDED`: The code took too long.
 */
export type Outcome = Open<
  | "OUTCOME_UNSPECIFIED" | "OUTCOME_OK" | "OUTCOME_FAILED" | "OUTCOME_DEADLINE_EXCEEDED"
>;

/** Tool call: a call of one of the service's own tools. */
export interface ServerToolCall {
  /** Id of the call. */
  readonly id?: string;
  /** Tool type: which tool. */
  readonly toolType?: ToolType;
  /** Arguments. */
  readonly args?: JsonObject;
}

/**
 * Tool type: which of the service's own tools.
 *
 * - `TOOL_TYPE_UNSPECIFIED`: None.
 * - `GOOGLE_SEARCH_WEB`: Google Search for web pages.
 * - `GOOGLE_SEARCH_IMAGE`: Google Search for images.
 * - `URL_CONTEXT`: URL context.
 * - `GOOGLE_MAPS`: Google Maps.
 * - `FILE_SEARCH`: File search.
 * - `MEDIA_PROCESSING`: Media processing.
 */
export type ToolType = Open<
  | "TOOL_TYPE_UNSPECIFIED" | "GOOGLE_SEARCH_WEB" | "GOOGLE_SEARCH_IMAGE" | "URL_CONTEXT" | "GOOGLE_MAPS" |
  "FILE_SEARCH" | "MEDIA_PROCESSING"
>;

/** Tool response: what one of the service's own tools answered. */
export interface ServerToolResponse {
  /** Id of the call. */
  readonly id?: string;
  /** Tool type: which tool. */
  readonly toolType?: ToolType;
  /** Response. */
  readonly response?: JsonObject;
}

/** Video metadata: a stretch of a video, and how densely it is sampled. */
export interface VideoMetadata {
  /** Start offset, in seconds such as `"1.5s"`. */
  readonly startOffset?: string;
  /** End offset, in seconds such as `"10s"`. */
  readonly endOffset?: string;
  /** Frames per second. */
  readonly fps?: number;
}

/** Media resolution of one part. */
export interface PartMediaResolution {
  /** Level. */
  readonly level?: PartMediaResolutionLevel;
  /** Number of tokens: the same as a figure. */
  readonly numTokens?: number;
}

/**
 * Media resolution level of one part.
 *
 * - `MEDIA_RESOLUTION_UNSPECIFIED`: Left to the service.
 * - `MEDIA_RESOLUTION_LOW`: Low resolution.
 * - `MEDIA_RESOLUTION_MEDIUM`: Medium resolution.
 * - `MEDIA_RESOLUTION_HIGH`: High resolution.
 * - `MEDIA_RESOLUTION_ULTRA_HIGH`: Ultra high resolution.
 */
export type PartMediaResolutionLevel = Open<
  | "MEDIA_RESOLUTION_UNSPECIFIED" | "MEDIA_RESOLUTION_LOW" | "MEDIA_RESOLUTION_MEDIUM" | "MEDIA_RESOLUTION_HIGH" |
  "MEDIA_RESOLUTION_ULTRA_HIGH"
>;

/**
 * Role: who says a content.
 *
 * - `user`: The user.
 * - `model`: The model.
 * - `function`: The application, on behalf of a function.
 * - `system`: The application's own instruction.
 */
export type Role = Open<
  | "user" | "model" | "function" | "system"
>;

/** A content; or a text, a part, or a list of them, which stand for a turn of the user. */
export type ContentUnion = string | Part | Content | readonly (string | Part)[];

/** Tool: something the model may use. Several kinds may stand in one tool or each in its own. */
export interface Tool {
  /** Function declarations: functions of the application. */
  readonly functionDeclarations?: readonly FunctionDeclaration[];
  /** Google Search: web search by the service. */
  readonly googleSearch?: GoogleSearch;
  /** Code execution: Python, written by the model and run by the service. */
  readonly codeExecution?: object;
  /** URL context: web addresses that the conversation names are read. */
  readonly urlContext?: object;
  /** Google Maps: maps and places. */
  readonly googleMaps?: GoogleMaps;
  /** File search: search in stored files. */
  readonly fileSearch?: FileSearch;
  /** Computer use: control of a computer. */
  readonly computerUse?: ComputerUse;
  /** MCP servers: servers of the Model Context Protocol. */
  readonly mcpServers?: readonly McpServer[];
  /** Google Search retrieval: web search of older models. */
  readonly googleSearchRetrieval?: GoogleSearchRetrieval;
}

/** Function declaration: a function of the application that the model may call. */
export interface FunctionDeclaration {
  /** Name: letters, digits, `_`, `.`, `-`; at most 64. */
  readonly name?: string;
  /** Description: what it does and when to call it; the model reads this. */
  readonly description?: string;
  /** Parameters: what it takes. */
  readonly parameters?: Schema;
  /** Parameters as JSON Schema, sent untouched. Excludes `parameters`. */
  readonly parametersJsonSchema?: unknown;
  /** Response: what it returns. */
  readonly response?: Schema;
  /** Response as JSON Schema, sent untouched. Excludes `response`. */
  readonly responseJsonSchema?: unknown;
  /** Behavior: whether the model waits for it. Default: the model's own, `BLOCKING` before 3.8. */
  readonly behavior?: Behavior;
}

/**
 * Function behavior: whether the model waits for a function's response.
 *
 * - `UNSPECIFIED`: Left to the model.
 * - `BLOCKING`: Blocking: it waits for the response.
 * - `NON_BLOCKING`: Non-blocking: the conversation goes on meanwhile.
 */
export type Behavior = Open<
  | "UNSPECIFIED" | "BLOCKING" | "NON_BLOCKING"
>;

/** Google Search: web search by the service. */
export interface GoogleSearch {
  /** Time range filter: only what was found in this span of time. */
  readonly timeRangeFilter?: Interval;
  /** Search types: what is searched for. Default: web pages. */
  readonly searchTypes?: SearchTypes;
}

/** Interval: a span of time. */
export interface Interval {
  /** Start time, inclusive, such as `2026-01-01T00:00:00Z`. */
  readonly startTime?: string;
  /** End time, exclusive. */
  readonly endTime?: string;
}

/** Search types: what is searched for. */
export interface SearchTypes {
  /** Web search. */
  readonly webSearch?: object;
  /** Image search. */
  readonly imageSearch?: object;
}

/** Google Maps: maps and places. */
export interface GoogleMaps {
  /** Enable widget: whether a token for the map widget is returned. Deprecated. */
  readonly enableWidget?: boolean;
  /** Auth config: a key of your own. */
  readonly authConfig?: AuthConfig;
}

/** Auth config: a key of your own for maps. */
export interface AuthConfig {
  /** API key. Whoever sees the setup sees it. */
  readonly apiKey?: string;
}

/** File search: search in stored files. */
export interface FileSearch {
  /** File search store names, such as `fileSearchStores/my-store`. */
  readonly fileSearchStoreNames?: readonly string[];
  /** Top-k: how many chunks are found at most. */
  readonly topK?: number;
  /** Metadata filter: only files whose metadata fit. */
  readonly metadataFilter?: string;
}

/** Computer use: control of a computer. */
export interface ComputerUse {
  /** Environment: what is controlled, such as `ENVIRONMENT_BROWSER`. */
  readonly environment?: string;
  /** Excluded predefined functions: ready-made ones that are left out. */
  readonly excludedPredefinedFunctions?: readonly string[];
  /** Prompt injection detection: whether instructions hidden in what is seen are looked for. */
  readonly enablePromptInjectionDetection?: boolean;
  /** Disabled safety policies. */
  readonly disabledSafetyPolicies?: readonly string[];
}

/** MCP server: a server of the Model Context Protocol. */
export interface McpServer {
  /** Name. */
  readonly name?: string;
  /** Streamable HTTP transport: how it is reached. */
  readonly streamableHttpTransport?: StreamableHttpTransport;
}

/** Streamable HTTP transport: how a server of the Model Context Protocol is reached. */
export interface StreamableHttpTransport {
  /** URL. */
  readonly url?: string;
  /** Headers to send. Whoever sees the setup sees them. */
  readonly headers?: { readonly [name: string]: string };
  /** Timeout of a call, in seconds such as `"5s"`. */
  readonly timeout?: string;
  /** SSE read timeout: how long the stream may be silent, in seconds such as `"60s"`. */
  readonly sseReadTimeout?: string;
  /** Terminate on close: whether the server's session ends with this one. */
  readonly terminateOnClose?: boolean;
}

/** Google Search retrieval: web search of older models. */
export interface GoogleSearchRetrieval {
  /** Dynamic retrieval config: when the model searches. */
  readonly dynamicRetrievalConfig?: DynamicRetrievalConfig;
}

/** Dynamic retrieval config: when an older model searches. */
export interface DynamicRetrievalConfig {
  /** Mode: `MODE_DYNAMIC` or `MODE_UNSPECIFIED`. */
  readonly mode?: string;
  /** Dynamic threshold, 0 to 1: from which probability on. */
  readonly dynamicThreshold?: number;
}

/** Realtime input config: how audio, video and text are taken as they come. */
export interface RealtimeInputConfig {
  /** Automatic activity detection: how the service detects that the user speaks. Default: on. */
  readonly automaticActivityDetection?: AutomaticActivityDetection;
  /** Activity handling: whether the user's activity interrupts the answer. Default: it does. */
  readonly activityHandling?: ActivityHandling;
  /** Turn coverage: which input belongs to the user's turn. Default: the model's own. */
  readonly turnCoverage?: TurnCoverage;
  /** Interim transcript timestamps: whether interim transcripts carry times. */
  readonly interimTranscriptTimestampEnabled?: boolean;
}

/** Automatic activity detection (voice activity detection, VAD): how the service detects that the user speaks. */
export interface AutomaticActivityDetection {
  /** Disabled: the application says it itself, with `activityStart` and `activityEnd`. Default `false`. */
  readonly disabled?: boolean;
  /** Start-of-speech sensitivity: how readily a sound counts as the start. Default: high. */
  readonly startOfSpeechSensitivity?: StartSensitivity;
  /** End-of-speech sensitivity: how readily a pause counts as the end. Default: high. */
  readonly endOfSpeechSensitivity?: EndSensitivity;
  /** Prefix padding, in milliseconds: how long speech must last before it counts as the start. */
  readonly prefixPaddingMs?: number;
  /** Silence duration, in milliseconds: how long silence must last before it counts as the end. */
  readonly silenceDurationMs?: number;
}

/**
 * Start-of-speech sensitivity: how readily a sound counts as the start of speech.
 *
 * - `START_SENSITIVITY_UNSPECIFIED`: Left to the service, which takes high sensitivity.
 * - `START_SENSITIVITY_HIGH`: High sensitivity: speech is detected more often.
 * - `START_SENSITIVITY_LOW`: Low sensitivity: speech is detected less often, and so are noises.
 */
export type StartSensitivity = Open<
  | "START_SENSITIVITY_UNSPECIFIED" | "START_SENSITIVITY_HIGH" | "START_SENSITIVITY_LOW"
>;

/**
 * End-of-speech sensitivity: how readily a pause counts as the end of speech.
 *
 * - `END_SENSITIVITY_UNSPECIFIED`: Left to the service, which takes high sensitivity.
 * - `END_SENSITIVITY_HIGH`: High sensitivity: speech ends at shorter pauses.
 * - `END_SENSITIVITY_LOW`: Low sensitivity: speech ends at longer pauses.
 */
export type EndSensitivity = Open<
  | "END_SENSITIVITY_UNSPECIFIED" | "END_SENSITIVITY_HIGH" | "END_SENSITIVITY_LOW"
>;

/**
 * Activity handling: whether the user's activity interrupts the model's answer (barge-in).
 *
 * - `ACTIVITY_HANDLING_UNSPECIFIED`: Left to the service, which interrupts.
 * - `START_OF_ACTIVITY_INTERRUPTS`: The start of activity interrupts the answer.
 * - `NO_INTERRUPTION`: No interruption: the answer goes on.
 */
export type ActivityHandling = Open<
  | "ACTIVITY_HANDLING_UNSPECIFIED" | "START_OF_ACTIVITY_INTERRUPTS" | "NO_INTERRUPTION"
>;

/**
 * Turn coverage: which input belongs to the user's turn.
 *
 * - `TURN_COVERAGE_UNSPECIFIED`: Left to the model.
 * - `TURN_INCLUDES_ONLY_ACTIVITY`: Only activity: what was sent while the user was active.
 * - `TURN_INCLUDES_ALL_INPUT`: All input since the last turn, silence too.
 * - `TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO`: Audio while the user was active, and all video.
 */
export type TurnCoverage = Open<
  | "TURN_COVERAGE_UNSPECIFIED" | "TURN_INCLUDES_ONLY_ACTIVITY" | "TURN_INCLUDES_ALL_INPUT" |
  "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO"
>;

/**
 * Session resumption config: asks for handles with which the conversation goes on over another connection. An empty
 * one begins a new conversation.
 */
export interface SessionResumptionConfig {
  /** Handle: the last one of the conversation to go on with. It lives about two hours. */
  readonly handle?: string;
}

/** Context window compression config: lets a session outlive the model's context window. */
export interface ContextWindowCompressionConfig {
  /** Trigger tokens: the length of the context at which it is compressed. Default: 80 % of the window. */
  readonly triggerTokens?: string | number;
  /** Sliding window: what is kept. */
  readonly slidingWindow?: SlidingWindow;
}

/** Sliding window: the oldest turns are dropped, the newest kept. */
export interface SlidingWindow {
  /** Target tokens: how many are kept. Default: half of `triggerTokens`. */
  readonly targetTokens?: string | number;
}

/** Audio transcription config: asks for speech as text. An empty one is enough. */
export interface AudioTranscriptionConfig {
  /** Language codes: the languages to expect. */
  readonly languageCodes?: readonly LanguageCode[];
  /** Custom vocabulary: names and words that are hard to guess. */
  readonly customVocabulary?: readonly string[];
  /** Word timestamps: whether each word carries its times. */
  readonly wordTimestamp?: boolean;
  /** Diarization: whether speakers are told apart. */
  readonly diarization?: boolean;
  /** Mode: word for word, or tidied up. */
  readonly mode?: TranscriptionMode;
  /** Source text: whether the text is also given in the language that was spoken; translation models. */
  readonly sourceText?: unknown;
  /** Automatic language detection. Deprecated: leave `languageCodes` out. */
  readonly languageAuto?: object;
  /** Language hints. Deprecated form of `languageCodes`. */
  readonly languageHints?: LanguageHints;
  /** Adaptation phrases. Deprecated form of `customVocabulary`. */
  readonly adaptationPhrases?: readonly string[];
}

/**
 * Transcription mode: how speech becomes text.
 *
 * - `MODE_UNSPECIFIED`: Left to the service.
 * - `VERBATIM`: Verbatim: word for word.
 * - `SMART`: Smart: tidied up.
 */
export type TranscriptionMode = Open<
  | "MODE_UNSPECIFIED" | "VERBATIM" | "SMART"
>;

/** Language hints. Deprecated form of `languageCodes`. */
export interface LanguageHints {
  /** Language codes: the languages to expect. */
  readonly languageCodes?: readonly LanguageCode[];
}

/**
 * Proactivity config: whether the model may speak unasked, and keep silent when it is not spoken to. API version
 * `v1alpha`.
 */
export interface ProactivityConfig {
  /** Proactive audio. Always on in 3.8 models. */
  readonly proactiveAudio?: boolean;
  /** Proactive video. */
  readonly proactiveVideo?: boolean;
}

/** History config: how a conversation of the past is restored. */
export interface HistoryConfig {
  /**
   * Initial history in client content: whether the first client contents are the past. They are then taken without an
   * answer until one says `turnComplete`, and real-time input begins the conversation. Default `false`.
   */
  readonly initialHistoryInClientContent?: boolean;
}

/** Avatar config: a face for the voice; avatar models. */
export interface AvatarConfig {
  /** Avatar name: one of the service's avatars. */
  readonly avatarName?: string;
  /** Customized avatar: one of your own. */
  readonly customizedAvatar?: CustomizedAvatar;
  /** Audio bitrate, in bits per second. */
  readonly audioBitrateBps?: number;
  /** Video bitrate, in bits per second. */
  readonly videoBitrateBps?: number;
}

/** Customized avatar: one after an image. */
export interface CustomizedAvatar {
  /** MIME type of the image, such as `image/jpeg`. */
  readonly imageMimeType?: string;
  /** Image data in base64. */
  readonly imageData?: string;
}

/** Safety setting: from which probability on one kind of harm is blocked. */
export interface SafetySetting {
  /** Harm category. */
  readonly category?: HarmCategory;
  /** Harm block threshold. */
  readonly threshold?: HarmBlockThreshold;
}

/**
 * Harm category.
 *
 * - `HARM_CATEGORY_UNSPECIFIED`: None.
 * - `HARM_CATEGORY_HARASSMENT`: Harassment.
 * - `HARM_CATEGORY_HATE_SPEECH`: Hate speech.
 * - `HARM_CATEGORY_SEXUALLY_EXPLICIT`: Sexually explicit content.
 * - `HARM_CATEGORY_DANGEROUS_CONTENT`: Dangerous content.
 * - `HARM_CATEGORY_CIVIC_INTEGRITY`: Content that may harm civic integrity.
 * - `HARM_CATEGORY_JAILBREAK`: Jailbreaks: attempts to get around the rules.
 * - `HARM_CATEGORY_IMAGE_HATE`: Hateful images.
 * - `HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT`: Dangerous images.
 * - `HARM_CATEGORY_IMAGE_HARASSMENT`: Harassing images.
 * - `HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT`: Sexually explicit images.
 */
export type HarmCategory = Open<
  | "HARM_CATEGORY_UNSPECIFIED" | "HARM_CATEGORY_HARASSMENT" | "HARM_CATEGORY_HATE_SPEECH" |
  "HARM_CATEGORY_SEXUALLY_EXPLICIT" | "HARM_CATEGORY_DANGEROUS_CONTENT" | "HARM_CATEGORY_CIVIC_INTEGRITY" |
  "HARM_CATEGORY_JAILBREAK" | "HARM_CATEGORY_IMAGE_HATE" | "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT" |
  "HARM_CATEGORY_IMAGE_HARASSMENT" | "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT"
>;

/**
 * Harm block threshold: from which probability of harm on content is blocked.
 *
 * - `HARM_BLOCK_THRESHOLD_UNSPECIFIED`: Left to the service.
 * - `BLOCK_LOW_AND_ABOVE`: Low probability and above.
 * - `BLOCK_MEDIUM_AND_ABOVE`: Medium probability and above.
 * - `BLOCK_ONLY_HIGH`: High probability alone.
 * - `BLOCK_NONE`: Nothing is blocked.
 * - `OFF`: The filter is off.
 */
export type HarmBlockThreshold = Open<
  | "HARM_BLOCK_THRESHOLD_UNSPECIFIED" | "BLOCK_LOW_AND_ABOVE" | "BLOCK_MEDIUM_AND_ABOVE" | "BLOCK_ONLY_HIGH" |
  "BLOCK_NONE" | "OFF"
>;

// ---- what an application sends ---------------------------------------------------------------------------

/** Client content: turns to add to the conversation, in order. */
export interface ClientContent {
  /**
   * Turns. From JavaScript a list of contents; or a content, a text, a part, or a list of them, which stand for one
   * turn of the user.
   */
  readonly turns?: ContentUnion | readonly Content[];
  /** Turn complete: whether the model is to answer now. Default `true`. */
  readonly turnComplete?: boolean;
}

/** Realtime input: what the model hears and sees as it happens. Several fields may be set at once. */
export interface RealtimeInput {
  /** Audio; its MIME type begins with `audio/`. */
  readonly audio?: Blob;
  /** Video: an image; its MIME type begins with `image/`. */
  readonly video?: Blob;
  /** Text that was typed. It counts as activity of the user. */
  readonly text?: string;
  /**
   * Audio stream end: the microphone pauses, and what is held back is taken as complete. Only with automatic activity
   * detection.
   */
  readonly audioStreamEnd?: boolean;
  /** Activity start: the user begins to speak. Only with automatic activity detection disabled. */
  readonly activityStart?: object;
  /** Activity end: the user has stopped speaking. Only with automatic activity detection disabled. */
  readonly activityEnd?: object;
  /** Media chunks. Deprecated form of `audio` and `video`; newer models refuse it. */
  readonly mediaChunks?: readonly Blob[];
  /** Media. Deprecated form of `audio` and `video`; newer models refuse it. */
  readonly media?: Blob | readonly Blob[];
}

/** Tool response: what called functions returned. */
export interface ToolResponse {
  /** Function responses, one for each call. From JavaScript also a single one. */
  readonly functionResponses: FunctionResponse | readonly FunctionResponse[];
}

/**
 * Context update: another system instruction or other tools for the running session. Undocumented by the service.
 */
export interface ContextUpdate {
  /**
   * System instruction: who the model is from now on. From JavaScript a content, a text, a part or a list of them.
   */
  readonly systemInstruction?: ContentUnion;
  /** Tools that the model may use from now on. From JavaScript also the list alone. */
  readonly tools?: ToolUpdate | readonly Tool[];
}

/** Tool update: what the model may use from now on. */
export interface ToolUpdate {
  /** Tools. */
  readonly tools?: readonly Tool[];
}

// ---- ephemeral tokens ------------------------------------------------------------------------------------

/** The `config` of `authTokens.create` in `@google/genai`. */
export interface CreateAuthTokenConfig {
  /** How many sessions the token starts; 0 is any number. Default 1. */
  readonly uses?: number;
  /** When it ends: RFC 3339. Default: 30 minutes ahead. */
  readonly expireTime?: string;
  /** Until when it starts sessions: RFC 3339. Default: 60 seconds ahead. */
  readonly newSessionExpireTime?: string;
  /** The setup it carries. */
  readonly liveConnectConstraints?: LiveConnectConstraints;
  /** Absent: the setup is locked as a whole. Otherwise its fields and these are. */
  readonly lockAdditionalFields?: readonly string[];
  /** Only `apiVersion` of it is used. */
  readonly httpOptions?: JsonObject;
}

/** The setup a token carries, as `@google/genai` takes it. */
export interface LiveConnectConstraints {
  /** The model's name. */
  readonly model?: string;
  /** The session's configuration. */
  readonly config?: JsonObject;
}

// ---- errors and warnings ---------------------------------------------------------------------------------

/**
 * Error code: what kind of failure it was. The name is stable: programs may match on it.
 *
 * - `invalid-option`: An option of `connect` is missing, contradictory or of the wrong type.
 * - `invalid-config`: The session's config is contradictory or unusable; `field` names the place.
 * - `invalid-message`: A message to send is malformed; `field` names the place.
 * - `api-key-refused`: A bare API key was given in a browser, where every visitor could read it.
 * - `token-unavailable`: The token could not be had: the provider failed, or answered with no token.
 * - `token-refused`: The service refused the token, or it has expired or been used up.
 * - `setup-refused`: The service refused the session's setup.
 * - `timeout`: No answer came before the deadline.
 * - `aborted`: The application's signal ended it.
 * - `network`: The connection was lost, or could never be made.
 * - `closed-by-server`: The service closed the open session.
 * - `not-open`: The session is closed already, or not yet open.
 * - `event-overflow`: The application did not take events as fast as they came.
 * - `send-overflow`: What is to be sent does not leave as fast as it is given.
 * - `playback-overflow`: More audio waits to be played than the stated bound.
 * - `budget-exhausted`: The session has used what it was given to use.
 * - `frame-too-large`: The server sent a frame larger than the stated bound.
 * - `permission-denied`: The user, or the system, denied the device: until that is changed in the settings.
 * - `permission-dismissed`: The user has not allowed the device this time, and may be asked again.
 * - `permission-policy`: The page's permissions policy forbids the device, whatever the user says.
 * - `device-not-found`: There is no such device.
 * - `device-unavailable`: The device is in use elsewhere, or failed.
 * - `autoplay-blocked`: The browser starts audio only after the user has touched the page.
 * - `worklet-unavailable`: The worklet's script could not be loaded or did not start.
 * - `wasm-unavailable`: The package's wasm could not be fetched or compiled.
 * - `unsupported`: The browser lacks something that is needed.
 * - `internal`: A mistake of this library.
 */
export type LiveErrorCode = 
  | "invalid-option" | "invalid-config" | "invalid-message" | "api-key-refused" | "token-unavailable" |
  "token-refused" | "setup-refused" | "timeout" | "aborted" | "network" | "closed-by-server" | "not-open" |
  "event-overflow" | "send-overflow" | "playback-overflow" | "budget-exhausted" | "frame-too-large" |
  "permission-denied" | "permission-dismissed" | "permission-policy" | "device-not-found" | "device-unavailable" |
  "autoplay-blocked" | "worklet-unavailable" | "wasm-unavailable" | "unsupported" | "internal";

/**
 * Warning code: what is worth knowing. The name is stable: programs may match on it.
 *
 * - `unknown-field`: A field that is not known here, and was not sent.
 * - `unknown-value`: A name that is not known here, and was sent as it is.
 * - `unused-option`: An option that is understood and has no effect here.
 * - `deprecated`: A deprecated form, which newer models refuse.
 * - `model-rule`: A rule of the model, or of the API version, that the setup or a message is likely to break.
 * - `more-warnings`: There are more warnings of the same place than are worth telling.
 * - `unlocked-token`: A token that locks nothing: it is good for any model and any option.
 * - `malformed-frame`: A message of the server was not understood, or not whole.
 * - `malformed-audio`: Audio of the server that could not be decoded, and was left out.
 * - `playback-overflow`: More audio waits to be played than the stated bound; the chunk was dropped.
 * - `no-speaker`: Audio arrives and no speaker is open.
 * - `audio-dropped`: Audio was dropped, because the network does not take it.
 * - `video-dropped`: Video was dropped, because the network does not take it.
 * - `microphone-held`: Microphone audio is held back, because the model takes none while it waits for the answer to a
 *   function call.
 * - `activity-mode`: An activity mark that belongs to the other kind of activity detection.
 * - `cancelled-call`: An answer was not sent, because the model has cancelled the function call, or has forgotten it
 *   with its connection.
 * - `answered-call`: An answer was not sent, because the function call has had its answer.
 * - `tool-failed`: The handler of a tool has failed or took too long; the model was told.
 * - `unanswered-call`: A function call that nobody has answered for a minute.
 * - `unknown-call`: An answer to a function call that is not open.
 * - `not-sent`: A message was not sent, because the session is not open, or has ended.
 * - `send-overflow`: A message was not sent, because too much waits to be.
 * - `budget-low`: Most of the budget is used.
 * - `worker-unavailable`: No Worker could be started: the session runs on the page.
 * - `microphone-ended`: The microphone has gone, and was stopped: unplugged, or its permission withdrawn.
 * - `sink-gone`: The speaker's output device has gone: the voice goes on at the system's default.
 * - `worklet-failed`: An audio processor has failed: another takes its place the first time, and then its device is
 *   stopped.
 */
export type LiveWarningCode = 
  | "unknown-field" | "unknown-value" | "unused-option" | "deprecated" | "model-rule" | "more-warnings" |
  "unlocked-token" | "malformed-frame" | "malformed-audio" | "playback-overflow" | "no-speaker" | "audio-dropped" |
  "video-dropped" | "microphone-held" | "activity-mode" | "cancelled-call" | "answered-call" | "tool-failed" |
  "unanswered-call" | "unknown-call" | "not-sent" | "send-overflow" | "budget-low" | "worker-unavailable" |
  "microphone-ended" | "sink-gone" | "worklet-failed";

// ---- what a session tells --------------------------------------------------------------------------------

/** Setup complete: the service accepted the setup, and the session is open. */
export interface SetupCompleteEvent {
  /** What it is. */
  readonly type: "setupComplete";
  /** Session id: the service's name of the session, where it gives one. */
  readonly sessionId?: string;
  /** Voice consent signature. */
  readonly voiceConsentSignature?: VoiceConsentSignature;
}

/**
 * Input transcription: what the service heard the user say. A fragment: it continues the one before, and brings its
 * own leading space. Its order relative to the model's turn means nothing.
 */
export interface InputTranscriptionEvent {
  /** What it is. */
  readonly type: "inputTranscription";
  /** Text: the words, with their leading space; empty where the message had none. */
  readonly text: string;
  /** Finished: whether the utterance ends here. Only some models say so. */
  readonly finished?: boolean;
  /** Language code: the language, as a BCP-47 code. */
  readonly languageCode?: string;
  /** Speaker label: who speaks, if speakers are told apart. */
  readonly speakerLabel?: string;
  /** Words and their times. */
  readonly words?: readonly WordInfo[];
  /** Start offset, in seconds such as `"0.200s"`. */
  readonly startOffset?: string;
  /** End offset. */
  readonly endOffset?: string;
  /**
   * Audio milliseconds of the answer that had come by then: of what the model says, where turns are kept. This side's
   * own.
   */
  readonly audioMs?: number;
}

/** Word info: a word and its times. */
export interface WordInfo {
  /** Word. */
  readonly word?: string;
  /** Start offset, in seconds such as `"0.200s"`. */
  readonly startOffset?: string;
  /** End offset. */
  readonly endOffset?: string;
}

/** Interim input transcription: a guess at what the user is saying. Each replaces the one before. */
export interface InterimInputTranscriptionEvent {
  /** What it is. */
  readonly type: "interimInputTranscription";
  /** Text: the words, with their leading space; empty where the message had none. */
  readonly text: string;
  /** Finished: whether the utterance ends here. Only some models say so. */
  readonly finished?: boolean;
  /** Language code: the language, as a BCP-47 code. */
  readonly languageCode?: string;
  /** Speaker label: who speaks, if speakers are told apart. */
  readonly speakerLabel?: string;
  /** Words and their times. */
  readonly words?: readonly WordInfo[];
  /** Start offset, in seconds such as `"0.200s"`. */
  readonly startOffset?: string;
  /** End offset. */
  readonly endOffset?: string;
  /**
   * Audio milliseconds of the answer that had come by then: of what the model says, where turns are kept. This side's
   * own.
   */
  readonly audioMs?: number;
}

/** Voice activity: the user began or stopped speaking, as the service heard it. */
export interface VoiceActivityEvent {
  /** What it is. */
  readonly type: "voiceActivity";
  /** Voice activity type: whether the user began or stopped. */
  readonly voiceActivityType?: VoiceActivityType;
  /** Audio offset: when in the audio sent so far, in seconds such as `"8.400s"`. */
  readonly audioOffset?: string;
}

/**
 * Voice activity type.
 *
 * - `TYPE_UNSPECIFIED`: None.
 * - `ACTIVITY_START`: Activity start: the user began to speak.
 * - `ACTIVITY_END`: Activity end: the user stopped speaking.
 */
export type VoiceActivityType = Open<
  | "TYPE_UNSPECIFIED" | "ACTIVITY_START" | "ACTIVITY_END"
>;

/** Voice activity detection signal: the older form of `voiceActivity`. */
export interface VoiceActivityDetectionSignalEvent {
  /** What it is. */
  readonly type: "voiceActivityDetectionSignal";
  /** VAD signal type: start or end of speech. */
  readonly vadSignalType?: VadSignalType;
}

/**
 * VAD signal type: the older form of voice activity.
 *
 * - `VAD_SIGNAL_TYPE_UNSPECIFIED`: None.
 * - `VAD_SIGNAL_TYPE_SOS`: Start of speech.
 * - `VAD_SIGNAL_TYPE_EOS`: End of speech.
 */
export type VadSignalType = Open<
  | "VAD_SIGNAL_TYPE_UNSPECIFIED" | "VAD_SIGNAL_TYPE_SOS" | "VAD_SIGNAL_TYPE_EOS"
>;

/** Text of the answer. A fragment: it continues the one before. */
export interface TextEvent {
  /** What it is. */
  readonly type: "text";
  /** Text. */
  readonly text: string;
  /** Thought signature: the model's own mark, in base64, to be sent back unchanged. */
  readonly thoughtSignature?: string;
}

/** Thought: what the model thinks before it answers. Not part of the answer, and never spoken. */
export interface ThoughtEvent {
  /** What it is. */
  readonly type: "thought";
  /** Text. */
  readonly text: string;
  /** Thought signature: the model's own mark, in base64, to be sent back unchanged. */
  readonly thoughtSignature?: string;
}

/**
 * Inline data: an image, a video or another medium of the answer. Audio that can be played does not come as an event.
 */
export interface InlineDataEvent {
  /** What it is. */
  readonly type: "inlineData";
  /** MIME type, such as `image/png`. */
  readonly mimeType?: string;
  /** Data in base64, as the service sent it. */
  readonly data: string;
  /** Display name. */
  readonly displayName?: string;
}

/** Executable code: code that the model runs on the service's side. */
export interface ExecutableCodeEvent {
  /** What it is. */
  readonly type: "executableCode";
  /** Code. */
  readonly code: string;
  /** Language. */
  readonly language?: Language;
  /** Id, which the result repeats. */
  readonly id?: string;
}

/** Code execution result: how that code ended. */
export interface CodeExecutionResultEvent {
  /** What it is. */
  readonly type: "codeExecutionResult";
  /** Outcome: how it ended. */
  readonly outcome?: Outcome;
  /** Output: what it wrote, or the error. */
  readonly output?: string;
  /** Id of the code. */
  readonly id?: string;
}

/** Part of the answer of another kind, or of one newer than this library, as the service sent it. */
export interface PartEvent {
  /** What it is. */
  readonly type: "part";
  /** Part, as the service sent it. */
  readonly part: Part & JsonObject;
}

/** Output transcription: what the model says, as text. A fragment: it continues the one before. */
export interface OutputTranscriptionEvent {
  /** What it is. */
  readonly type: "outputTranscription";
  /** Text: the words, with their leading space; empty where the message had none. */
  readonly text: string;
  /** Finished: whether the utterance ends here. Only some models say so. */
  readonly finished?: boolean;
  /** Language code: the language, as a BCP-47 code. */
  readonly languageCode?: string;
  /** Speaker label: who speaks, if speakers are told apart. */
  readonly speakerLabel?: string;
  /** Words and their times. */
  readonly words?: readonly WordInfo[];
  /** Start offset, in seconds such as `"0.200s"`. */
  readonly startOffset?: string;
  /** End offset. */
  readonly endOffset?: string;
  /**
   * Audio milliseconds of the answer that had come by then: of what the model says, where turns are kept. This side's
   * own.
   */
  readonly audioMs?: number;
}

/** Grounding metadata: where an answer that was looked up comes from. */
export interface GroundingMetadataEvent {
  /** What it is. */
  readonly type: "groundingMetadata";
  /** Grounding metadata. */
  readonly groundingMetadata: GroundingMetadata;
}

/** Grounding metadata: sources, which part of the answer rests on them, and what was searched for. */
export interface GroundingMetadata {
  /** Grounding chunks: the sources. */
  readonly groundingChunks?: readonly GroundingChunk[];
  /** Grounding supports: which part of the answer rests on which sources. */
  readonly groundingSupports?: readonly GroundingSupport[];
  /** Web search queries. */
  readonly webSearchQueries?: readonly string[];
  /** Image search queries. */
  readonly imageSearchQueries?: readonly string[];
  /** Retrieval queries: what was searched for in stored files. */
  readonly retrievalQueries?: readonly string[];
  /** Search entry point: the search suggestions that are to be shown. */
  readonly searchEntryPoint?: SearchEntryPoint;
  /** Retrieval metadata: how the search was decided upon. */
  readonly retrievalMetadata?: RetrievalMetadata;
  /** Google Maps widget context token. */
  readonly googleMapsWidgetContextToken?: string;
}

/** Grounding chunk: a source. One of the fields is set. */
export interface GroundingChunk {
  /** Web: a page. */
  readonly web?: WebSource;
  /** Image. */
  readonly image?: ImageSource;
  /** Maps: a place. */
  readonly maps?: MapsSource;
  /** Retrieved context: a stored file. */
  readonly retrievedContext?: RetrievedContext;
}

/** Web source: a page. */
export interface WebSource {
  /** URI. */
  readonly uri?: string;
  /** Title. */
  readonly title?: string;
  /** Domain. */
  readonly domain?: string;
}

/** Image source. */
export interface ImageSource {
  /** Source URI: the page that shows it. */
  readonly sourceUri?: string;
  /** Image URI: its own address. */
  readonly imageUri?: string;
  /** Title. */
  readonly title?: string;
  /** Domain. */
  readonly domain?: string;
}

/** Maps source: a place. */
export interface MapsSource {
  /** URI on the map. */
  readonly uri?: string;
  /** Title: its name. */
  readonly title?: string;
  /** Text: what is said about it. */
  readonly text?: string;
  /** Place id, `places/…`. */
  readonly placeId?: string;
  /** Place answer sources: reviews the answer rests on. */
  readonly placeAnswerSources?: unknown;
  /** Route: the way there. */
  readonly route?: unknown;
}

/** Retrieved context: a stored file. */
export interface RetrievedContext {
  /** URI. */
  readonly uri?: string;
  /** Title. */
  readonly title?: string;
  /** Text: the passage. */
  readonly text?: string;
  /** File search store it is in. */
  readonly fileSearchStore?: string;
  /** Media id. */
  readonly mediaId?: string;
  /** Page number of the passage. */
  readonly pageNumber?: number;
  /** Custom metadata. */
  readonly customMetadata?: readonly unknown[];
}

/** Grounding support: which part of the answer rests on which sources. */
export interface GroundingSupport {
  /** Segment: the part of the answer. */
  readonly segment?: Segment;
  /** Grounding chunk indices: places in `groundingChunks`. */
  readonly groundingChunkIndices?: readonly number[];
  /** Confidence scores: how sure each source is, 0 to 1. */
  readonly confidenceScores?: readonly number[];
  /** Rendered parts: their places. */
  readonly renderedParts?: readonly number[];
}

/** Segment: a part of an answer's text. */
export interface Segment {
  /** Part index: which part of the content. */
  readonly partIndex?: number;
  /** Start index: its first byte. */
  readonly startIndex?: number;
  /** End index: the byte after its last. */
  readonly endIndex?: number;
  /** Text. */
  readonly text?: string;
}

/** Search entry point: search suggestions. */
export interface SearchEntryPoint {
  /** Rendered content: HTML and CSS to show as they are. */
  readonly renderedContent?: string;
  /** SDK blob: queries and addresses as JSON, in base64. */
  readonly sdkBlob?: string;
}

/** Retrieval metadata: how the search was decided upon. */
export interface RetrievalMetadata {
  /** Google Search dynamic retrieval score, 0 to 1. */
  readonly googleSearchDynamicRetrievalScore?: number;
}

/** URL context metadata: what became of the addresses the model was asked to read. */
export interface UrlContextMetadataEvent {
  /** What it is. */
  readonly type: "urlContextMetadata";
  /** URL context metadata. */
  readonly urlContextMetadata: UrlContextMetadata;
}

/** URL context metadata: what became of the addresses the model was asked to read. */
export interface UrlContextMetadata {
  /** URL metadata: one entry for each address. */
  readonly urlMetadata?: readonly UrlMetadata[];
}

/** URL metadata: what became of one address. */
export interface UrlMetadata {
  /** Retrieved URL. */
  readonly retrievedUrl?: string;
  /** URL retrieval status. */
  readonly urlRetrievalStatus?: UrlRetrievalStatus;
}

/**
 * URL retrieval status.
 *
 * - `URL_RETRIEVAL_STATUS_UNSPECIFIED`: None.
 * - `URL_RETRIEVAL_STATUS_SUCCESS`: Success.
 * - `URL_RETRIEVAL_STATUS_ERROR`: An error.
 * - `URL_RETRIEVAL_STATUS_PAYWALL`: Behind a paywall.
 * - `URL_RETRIEVAL_STATUS_UNSAFE`: Unsafe content.
 */
export type UrlRetrievalStatus = Open<
  | "URL_RETRIEVAL_STATUS_UNSPECIFIED" | "URL_RETRIEVAL_STATUS_SUCCESS" | "URL_RETRIEVAL_STATUS_ERROR" |
  "URL_RETRIEVAL_STATUS_PAYWALL" | "URL_RETRIEVAL_STATUS_UNSAFE"
>;

/**
 * Tool call: the model asks for functions to be called. Answer each with a function response that repeats its id.
 */
export interface ToolCallEvent {
  /** What it is. */
  readonly type: "toolCall";
  /** Function calls, in the model's order. */
  readonly functionCalls: readonly FunctionCall[];
}

/** Function call: a function that the model wants called. */
export interface FunctionCall {
  /** Id of the call: the function response must repeat it. */
  readonly id?: string;
  /** Name of the function as declared; empty where the message had none. */
  readonly name: string;
  /** Arguments; empty where there are none. */
  readonly args: JsonObject;
}

/** Tool call cancellation: calls whose answer is no longer wanted, because the user interrupted. */
export interface ToolCallCancellationEvent {
  /** What it is. */
  readonly type: "toolCallCancellation";
  /** Ids of the calls. */
  readonly ids: readonly string[];
}

/** Interrupted: the user spoke over the answer. It is void, and what is queued of it is not played. */
export interface InterruptedEvent {
  /** What it is. */
  readonly type: "interrupted";
  /** Played milliseconds of the answer, if it had audio and a speaker is open. This side's own. */
  readonly playedMs?: number;
}

/**
 * Generation complete: the model has said everything; its audio may still be playing. An interrupted turn has none.
 */
export interface GenerationCompleteEvent {
  /** What it is. */
  readonly type: "generationComplete";
}

/** Usage metadata: what was used, of one turn, not of the session. */
export interface UsageMetadataEvent {
  /** What it is. */
  readonly type: "usageMetadata";
  /** Prompt token count: what went in. */
  readonly promptTokenCount?: number;
  /** Cached content token count: what of that came from a cache. */
  readonly cachedContentTokenCount?: number;
  /** Response token count: what came out. */
  readonly responseTokenCount?: number;
  /** Tool use prompt token count: what tools put in. */
  readonly toolUsePromptTokenCount?: number;
  /** Thoughts token count: what the model thought. */
  readonly thoughtsTokenCount?: number;
  /** Total token count. */
  readonly totalTokenCount?: number;
  /** Prompt tokens by modality. */
  readonly promptTokensDetails?: readonly ModalityTokenCount[];
  /** Cached tokens by modality. */
  readonly cacheTokensDetails?: readonly ModalityTokenCount[];
  /** Response tokens by modality. */
  readonly responseTokensDetails?: readonly ModalityTokenCount[];
  /** Tool use prompt tokens by modality. */
  readonly toolUsePromptTokensDetails?: readonly ModalityTokenCount[];
  /** Service tier. */
  readonly serviceTier?: ServiceTier;
}

/** Modality token count: tokens of one modality. */
export interface ModalityTokenCount {
  /** Modality. */
  readonly modality?: TokenModality;
  /** Token count; absent where it is 0. */
  readonly tokenCount?: number;
}

/**
 * Modality of tokens.
 *
 * - `MODALITY_UNSPECIFIED`: None.
 * - `TEXT`: Text.
 * - `IMAGE`: Images.
 * - `VIDEO`: Video.
 * - `AUDIO`: Audio.
 * - `DOCUMENT`: Documents.
 */
export type TokenModality = Open<
  | "MODALITY_UNSPECIFIED" | "TEXT" | "IMAGE" | "VIDEO" | "AUDIO" | "DOCUMENT"
>;

/**
 * Service tier.
 *
 * - `unspecified`: None.
 * - `flex`: Flex.
 * - `standard`: Standard.
 * - `priority`: Priority.
 */
export type ServiceTier = Open<
  | "unspecified" | "flex" | "standard" | "priority"
>;

/** Turn complete: the turn is over; it is the user's. */
export interface TurnCompleteEvent {
  /** What it is. */
  readonly type: "turnComplete";
  /** Turn complete reason: why it ended, where it was not the ordinary way. */
  readonly turnCompleteReason?: TurnCompleteReason;
  /** Waiting for input: the model waits for more before it answers. */
  readonly waitingForInput?: boolean;
  /** Interaction status: whether work goes on behind the completed turn. */
  readonly interactionStatus?: InteractionStatus;
}

/**
 * Turn complete reason: why a turn ended, where it was not the ordinary way.
 *
 * - `TURN_COMPLETE_REASON_UNSPECIFIED`: None.
 * - `MALFORMED_FUNCTION_CALL`: The function call was malformed.
 * - `RESPONSE_REJECTED`: The response was rejected.
 * - `NEED_MORE_INPUT`: The model needs more input.
 * - `PROHIBITED_INPUT_CONTENT`: The input is prohibited.
 * - `IMAGE_PROHIBITED_INPUT_CONTENT`: The input has a prohibited image.
 * - `INPUT_TEXT_CONTAIN_PROMINENT_PERSON_PROHIBITED`: The input's text names a prominent person.
 * - `INPUT_IMAGE_CELEBRITY`: The input's image shows a celebrity.
 * - `INPUT_IMAGE_PHOTO_REALISTIC_CHILD_PROHIBITED`: The input's image shows a child.
 * - `INPUT_TEXT_NCII_PROHIBITED`: The input's text asks for intimate imagery without consent.
 * - `INPUT_OTHER`: The input, for another reason.
 * - `INPUT_IP_PROHIBITED`: The input infringes intellectual property.
 * - `BLOCKLIST`: The input has a word of the blocklist.
 * - `UNSAFE_PROMPT_FOR_IMAGE_GENERATION`: The prompt is unsafe for image generation.
 * - `GENERATED_IMAGE_SAFETY`: The generated image is unsafe.
 * - `GENERATED_CONTENT_SAFETY`: The generated content is unsafe.
 * - `GENERATED_AUDIO_SAFETY`: The generated audio is unsafe.
 * - `GENERATED_VIDEO_SAFETY`: The generated video is unsafe.
 * - `GENERATED_CONTENT_PROHIBITED`: The generated content is prohibited.
 * - `GENERATED_CONTENT_BLOCKLIST`: The generated content has a word of the blocklist.
 * - `GENERATED_IMAGE_PROHIBITED`: The generated image is prohibited.
 * - `GENERATED_IMAGE_CELEBRITY`: The generated image shows a celebrity.
 * - `GENERATED_IMAGE_PROMINENT_PEOPLE_DETECTED_BY_REWRITER`: The generated image shows prominent people.
 * - `GENERATED_IMAGE_IDENTIFIABLE_PEOPLE`: The generated image shows identifiable people.
 * - `GENERATED_IMAGE_MINORS`: The generated image shows minors.
 * - `OUTPUT_IMAGE_IP_PROHIBITED`: The output's image infringes intellectual property.
 * - `GENERATED_OTHER`: The generated content, for another reason.
 * - `MAX_REGENERATION_REACHED`: The answer was generated anew too often.
 */
export type TurnCompleteReason = Open<
  | "TURN_COMPLETE_REASON_UNSPECIFIED" | "MALFORMED_FUNCTION_CALL" | "RESPONSE_REJECTED" | "NEED_MORE_INPUT" |
  "PROHIBITED_INPUT_CONTENT" | "IMAGE_PROHIBITED_INPUT_CONTENT" | "INPUT_TEXT_CONTAIN_PROMINENT_PERSON_PROHIBITED" |
  "INPUT_IMAGE_CELEBRITY" | "INPUT_IMAGE_PHOTO_REALISTIC_CHILD_PROHIBITED" | "INPUT_TEXT_NCII_PROHIBITED" |
  "INPUT_OTHER" | "INPUT_IP_PROHIBITED" | "BLOCKLIST" | "UNSAFE_PROMPT_FOR_IMAGE_GENERATION" |
  "GENERATED_IMAGE_SAFETY" | "GENERATED_CONTENT_SAFETY" | "GENERATED_AUDIO_SAFETY" | "GENERATED_VIDEO_SAFETY" |
  "GENERATED_CONTENT_PROHIBITED" | "GENERATED_CONTENT_BLOCKLIST" | "GENERATED_IMAGE_PROHIBITED" |
  "GENERATED_IMAGE_CELEBRITY" | "GENERATED_IMAGE_PROMINENT_PEOPLE_DETECTED_BY_REWRITER" |
  "GENERATED_IMAGE_IDENTIFIABLE_PEOPLE" | "GENERATED_IMAGE_MINORS" | "OUTPUT_IMAGE_IP_PROHIBITED" | "GENERATED_OTHER"
  | "MAX_REGENERATION_REACHED"
>;

/**
 * Interaction status: whether work goes on behind the completed turn.
 *
 * - `INTERACTION_STATUS_UNSPECIFIED`: None.
 * - `IN_PROGRESS`: In progress.
 * - `REQUIRES_ACTION`: Requires action. Deprecated.
 * - `IDLE`: Idle.
 */
export type InteractionStatus = Open<
  | "INTERACTION_STATUS_UNSPECIFIED" | "IN_PROGRESS" | "REQUIRES_ACTION" | "IDLE"
>;

/** Turn status: the same facts in a message that does not complete the turn. */
export interface TurnStatusEvent {
  /** What it is. */
  readonly type: "turnStatus";
  /** Turn complete reason: why it ended, where it was not the ordinary way. */
  readonly turnCompleteReason?: TurnCompleteReason;
  /** Waiting for input: the model waits for more before it answers. */
  readonly waitingForInput?: boolean;
  /** Interaction status: whether work goes on behind the completed turn. */
  readonly interactionStatus?: InteractionStatus;
}

/** Go away: the service will close this connection soon. */
export interface GoAwayEvent {
  /** What it is. */
  readonly type: "goAway";
  /** Time left: how long the connection stays open, in seconds such as `"9.5s"`. */
  readonly timeLeft?: string;
}

/** Session resumption update: whether, and with which handle, the conversation can go on over another connection. */
export interface SessionResumptionUpdateEvent {
  /** What it is. */
  readonly type: "sessionResumptionUpdate";
  /** New handle; empty or absent when there is none now. */
  readonly newHandle?: string;
  /** Resumable: whether the conversation can be resumed from here. */
  readonly resumable?: boolean;
}

/** Server error: the service reports an error without closing the connection. */
export interface ServerErrorEvent {
  /** What it is. */
  readonly type: "serverError";
  /** Code, such as 429. */
  readonly code?: number;
  /** Message: what happened, in the service's words. */
  readonly message?: string;
  /** Status: its name of the kind of error, such as `RESOURCE_EXHAUSTED`. */
  readonly status?: string;
  /** Details. */
  readonly details?: readonly unknown[];
}

/** Unknown: fields of a message that this library does not know, or whose content has an unexpected type. */
export interface UnknownEvent {
  /** What it is. */
  readonly type: "unknown";
  /** Fields, each where the message had it. */
  readonly fields: JsonObject;
}

/**
 * Everything that comes from the server. Fields that this library does not know are there as well, under their own
 * names.
 */
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

/** State change: the session is in another state of its life. */
export interface StateChangeEvent {
  /** What it is. */
  readonly type: "stateChange";
  /** State: the new one. */
  readonly state: LiveState;
}

/**
 * Audio state change: the browser has stopped the devices' sound, or lets it go on. Comes first where it does not
 * start it.
 */
export interface AudioStateChangeEvent {
  /** What it is. */
  readonly type: "audioStateChange";
  /** State: the new one. */
  readonly state: LiveAudioState;
}

/** Device change: the microphone is another device from here on. */
export interface DeviceChangeEvent {
  /** What it is. */
  readonly type: "deviceChange";
  /** Reason: who or what has changed it. */
  readonly reason: LiveDeviceChangeReason;
  /** Label: the device's name, as the browser shows it. */
  readonly label: string;
  /** Device id, as `enumerateDevices` has it; empty for a stream or track of the application's own without one. */
  readonly deviceId: string;
}

/**
 * Device mute: the microphone itself, or the system, has switched it off, or on again: `MediaStreamTrack.muted`.
 * Silence is sent meanwhile.
 */
export interface DeviceMuteEvent {
  /** What it is. */
  readonly type: "deviceMute";
  /** Muted: whether it is off. */
  readonly muted: boolean;
}

/**
 * Permission change: the user or the browser has granted the permission for microphones, taken it back, or left it
 * open.
 */
export interface PermissionChangeEvent {
  /** What it is. */
  readonly type: "permissionChange";
  /** State, as the Permissions API has it. */
  readonly state: "granted" | "denied" | "prompt";
}

/**
 * Reconnecting: the session goes over to another connection. Comes with each attempt, and again when the time of one
 * changes. What is sent meanwhile waits.
 */
export interface ReconnectingEvent {
  /** What it is. */
  readonly type: "reconnecting";
  /** Cause: why this attempt is needed. */
  readonly cause: LiveReconnectCause;
  /** Attempt: the number of this one, from 1. */
  readonly attempt: number;
  /** Milliseconds until the attempt; nothing where it waits for the network to come back. */
  readonly retryInMs?: number;
}

/** Resumed: the conversation goes on over another connection, and the model remembers it. */
export interface ResumedEvent {
  /** What it is. */
  readonly type: "resumed";
  /** Milliseconds of microphone audio that were held, and are sent now. */
  readonly heldMs: number;
  /** Milliseconds of microphone audio that were lost. */
  readonly lostMs: number;
}

/** Restarted: there is another connection, and the service does not know the conversation any more. */
export interface RestartedEvent {
  /** What it is. */
  readonly type: "restarted";
  /** Reseeded: whether it is told what was said before, as far as that is known in words and was heard. */
  readonly reseeded: boolean;
  /** Reseeded turns: how many it is told of, the latest. */
  readonly reseededTurns: number;
  /** Dropped turns: of how many it is not told: the oldest, where all were too long, and those without words. */
  readonly droppedTurns: number;
  /** Milliseconds of microphone audio that were held, and are sent now. */
  readonly heldMs: number;
  /** Milliseconds of microphone audio that were lost. */
  readonly lostMs: number;
}

/** Playback started: the first sample of an answer is being played. */
export interface PlaybackStartedEvent {
  /** What it is. */
  readonly type: "playbackStarted";
  /** Latency, in milliseconds from the end of the user's speech, as this side heard it, to this moment. */
  readonly latencyMs?: number;
}

/**
 * Playback ended: the answer was played to its end, the server completed the turn, and the speaker has run dry; or
 * the application interrupted it, or stopped its speaker.
 */
export interface PlaybackEndedEvent {
  /** What it is. */
  readonly type: "playbackEnded";
  /** Played milliseconds of this answer. */
  readonly playedMs: number;
}

/**
 * Playback paused: the user seems to speak over the answer, which is silent from here on. It is `interrupted`, or
 * goes on. Only with `bargeIn`.
 */
export interface PlaybackPausedEvent {
  /** What it is. */
  readonly type: "playbackPaused";
}

/** Playback resumed: the service did not interrupt the answer, which goes on where it was paused. */
export interface PlaybackResumedEvent {
  /** What it is. */
  readonly type: "playbackResumed";
  /** Paused milliseconds. */
  readonly pausedMs: number;
}

/**
 * Turn: what one side says has begun, grown or ended. It comes after the events that made it so, at most once for
 * each frame of the service; with its audio alone it does not.
 */
export interface TurnEvent {
  /** What it is. */
  readonly type: "turn";
  /** Turn: the whole of it, as it stands. */
  readonly turn: LiveTurn;
}

/**
 * User speech start: the microphone hears a voice, as this side judges it, by its energy against the room's. The
 * service judges for itself.
 */
export interface UserSpeechStartEvent {
  /** What it is. */
  readonly type: "userSpeechStart";
}

/** User speech end: no voice was heard for half a second, or the microphone was muted or stopped. */
export interface UserSpeechEndEvent {
  /** What it is. */
  readonly type: "userSpeechEnd";
  /** Duration in milliseconds, from the first voice to the last. */
  readonly durationMs: number;
}

/**
 * Speech while muted: the user has spoken for 300 ms into a microphone that is muted, as this side judges it. Comes
 * again after ten seconds at the earliest. Nothing of what is said leaves this side.
 */
export interface SpeechWhileMutedEvent {
  /** What it is. */
  readonly type: "speechWhileMuted";
}

/** Usage: the service told what a turn used, and this is what the session used so far. */
export interface UsageEvent {
  /** What it is. */
  readonly type: "usage";
  /** Usage: the tokens of all turns, and their cost where there are prices. */
  readonly usage: LiveUsage;
}

/**
 * Diagnosis: something asked for in the config demonstrably had no effect, most often because the ephemeral token
 * carries a setup of its own. Comes at most once, after the first turn.
 */
export interface DiagnosisEvent {
  /** What it is. */
  readonly type: "diagnosis";
  /** Missing: the fields without effect, as paths in the setup. */
  readonly missing: readonly string[];
  /** Message: the likely cause, for people. */
  readonly message: string;
  /** Remedy: what to do about it. */
  readonly remedy: string;
}

/** Warning: something to know; the session goes on. */
export interface WarningEvent {
  /** What it is. */
  readonly type: "warning";
  /** Code: what it is about, stable. */
  readonly code: LiveWarningCode;
  /** Message: what happened and what to do, for people. */
  readonly message: string;
  /** Field it is about, as a path. */
  readonly field?: string;
}

/** Closed: the session is over, and nothing follows. Without `error`, the application wished it. */
export interface ClosedEvent {
  /** What it is. */
  readonly type: "closed";
  /** Close: how the WebSocket ended, where there was one. */
  readonly close?: CloseFrame;
  /** Error: why, if it was not the application's wish. */
  readonly error?: LiveErrorDetails;
}

/**
 * Reconnect cause: why a session goes over to another connection.
 *
 * - `go-away`: The service announced that it will close the connection.
 * - `network`: The connection was lost, or could not be made.
 * - `offline`: The browser says that the device is offline.
 * - `silence`: The service said nothing for too long, and another connection could be made.
 * - `wake`: The page slept, and the connection did not outlive that.
 * - `service`: The service is in trouble, or does not know the conversation any more.
 * - `token`: No token could be had, or it was not accepted: another is asked for.
 */
export type LiveReconnectCause = 
  | "go-away" | "network" | "offline" | "silence" | "wake" | "service" | "token";

/**
 * Device change reason: who or what has changed the device.
 *
 * - `chosen`: The application has chosen it.
 * - `default`: The system's default is another one.
 * - `ended`: The device before has gone, and the system's default took its place.
 */
export type LiveDeviceChangeReason = 
  | "chosen" | "default" | "ended";

/** Everything that happens on this side. */
export type LiveLocalEvent =
  | StateChangeEvent
  | AudioStateChangeEvent
  | DeviceChangeEvent
  | DeviceMuteEvent
  | PermissionChangeEvent
  | ReconnectingEvent
  | ResumedEvent
  | RestartedEvent
  | PlaybackStartedEvent
  | PlaybackEndedEvent
  | PlaybackPausedEvent
  | PlaybackResumedEvent
  | TurnEvent
  | UserSpeechStartEvent
  | UserSpeechEndEvent
  | SpeechWhileMutedEvent
  | UsageEvent
  | DiagnosisEvent
  | WarningEvent
  | ClosedEvent;

/** Everything a session tells the application. */
export type LiveEvent = LiveServerEvent | LiveLocalEvent;

/** Transcription: words that were spoken. */
export interface Transcription {
  /** Text: the words, with their leading space; empty where the message had none. */
  readonly text: string;
  /** Finished: whether the utterance ends here. Only some models say so. */
  readonly finished?: boolean;
  /** Language code: the language, as a BCP-47 code. */
  readonly languageCode?: string;
  /** Speaker label: who speaks, if speakers are told apart. */
  readonly speakerLabel?: string;
  /** Words and their times. */
  readonly words?: readonly WordInfo[];
  /** Start offset, in seconds such as `"0.200s"`. */
  readonly startOffset?: string;
  /** End offset. */
  readonly endOffset?: string;
  /**
   * Audio milliseconds of the answer that had come by then: of what the model says, where turns are kept. This side's
   * own.
   */
  readonly audioMs?: number;
}

/** Turn status: how a turn stands. */
export interface TurnStatus {
  /** Turn complete reason: why it ended, where it was not the ordinary way. */
  readonly turnCompleteReason?: TurnCompleteReason;
  /** Waiting for input: the model waits for more before it answers. */
  readonly waitingForInput?: boolean;
  /** Interaction status: whether work goes on behind the completed turn. */
  readonly interactionStatus?: InteractionStatus;
}

/**
 * Usage metadata: what one turn used, in tokens; not the session. The prompt counts the whole conversation again each
 * time. Counts that are 0 are absent.
 */
export interface UsageMetadata {
  /** Prompt token count: what went in. */
  readonly promptTokenCount?: number;
  /** Cached content token count: what of that came from a cache. */
  readonly cachedContentTokenCount?: number;
  /** Response token count: what came out. */
  readonly responseTokenCount?: number;
  /** Tool use prompt token count: what tools put in. */
  readonly toolUsePromptTokenCount?: number;
  /** Thoughts token count: what the model thought. */
  readonly thoughtsTokenCount?: number;
  /** Total token count. */
  readonly totalTokenCount?: number;
  /** Prompt tokens by modality. */
  readonly promptTokensDetails?: readonly ModalityTokenCount[];
  /** Cached tokens by modality. */
  readonly cacheTokensDetails?: readonly ModalityTokenCount[];
  /** Response tokens by modality. */
  readonly responseTokensDetails?: readonly ModalityTokenCount[];
  /** Tool use prompt tokens by modality. */
  readonly toolUsePromptTokensDetails?: readonly ModalityTokenCount[];
  /** Service tier. */
  readonly serviceTier?: ServiceTier;
}
