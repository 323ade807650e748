/** Where a session is in its life. */
export type LiveState = "connecting" | "open" | "reconnecting" | "closing" | "closed";

/**
 * Whether the browser lets the session's devices sound and hear: `"running"`; `"interrupted"`, as for a telephone call, until it lets
 * them go on; `"needs-gesture"` before the user has touched the page: the next click or key press lets them run.
 */
export type LiveAudioState = "running" | "interrupted" | "needs-gesture";

/** What a token provider may answer: the token alone, or with the times the backend knows (RFC 3339). */
export type AccessToken =
  | string
  | {
      /** The token's name, `auth_tokens/…`. */
      readonly token: string;
      /** Expire time: until when its sessions may last. */
      readonly expireTime?: string;
      /** New session expire time: until when a session can be begun with it. A token that is stale already is asked for anew. */
      readonly newSessionExpireTime?: string;
    };

/**
 * Asked for a fresh ephemeral token, once for each socket. The signal aborts when the answer is no longer wanted. What it
 * throws is the `cause` of the failure, and an open session asks again for as long as `retry` says; a `LiveError` is the
 * failure itself, and its own `retryable` counts.
 */
export type TokenProvider = (signal: AbortSignal) => AccessToken | Promise<AccessToken>;

/**
 * The session's configuration: the object that `@google/genai` takes as `config`. A session asks by itself for what makes it
 * last; `null` or `false` in the place of either says not to.
 */
export interface SessionConfig extends Omit<LiveConfig, "sessionResumption" | "contextWindowCompression"> {
  /** Session resumption config: handles with which the conversation survives its connection. Default `{}`. */
  readonly sessionResumption?: SessionResumptionConfig | null | false;
  /** Context window compression: lets the session outlive the model's context window. Default `{ slidingWindow: {} }`. */
  readonly contextWindowCompression?: ContextWindowCompressionConfig | null | false;
}

/** What a recording is to hold. */
export interface RecordOptions {
  /**
   * Whether audio is in it, and the pictures and video that were sent. Otherwise the length of each stands in its place; what was
   * said is still there to read where it was transcribed. Default `false`.
   */
  readonly audio?: boolean;
  /**
   * Bytes that are kept, from 65 536 to 2^30. Then the oldest lines go, but for those that opened the connection; a line in their
   * place tells how many. Default 16 MiB: half an hour without audio, or four minutes with it.
   */
  readonly limitBytes?: number;
}

/**
 * Recording: what went over the wire, which `gemini-live-simulator replay` serves again, in lines of JSON. No token, key or handle is
 * in it. It ends with its session, and outlives it.
 */
export interface LiveRecording {
  /** Whether nothing more is recorded: it was stopped, or the session is over. */
  readonly stopped: boolean;
  /** Whether audio is in it. */
  readonly audio: boolean;
  /** Bytes of its lines. */
  readonly bytes: number;
  /** Lines that there was no more room for. */
  readonly droppedLines: number;
  /** Records nothing more. */
  stop(): void;
  /** The recording as the text of a file. */
  text(): string;
  /** The recording as a file, of type `application/jsonl`. */
  blob(): InstanceType<typeof globalThis.Blob>;
  /**
   * Iterates over the lines, from the first on and as they are recorded; ends when nothing more is. Who takes them too slowly misses
   * what is dropped meanwhile, and is told so by a line.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<string>;
}

/** The pauses between attempts to connect again, and their end. */
export interface RetryPolicy {
  /** Milliseconds of the first pause. Where nothing is wrong but the connection, the first attempt is made at once. Default 500. */
  readonly firstMs?: number;
  /** By how much each pause is longer than the one before, 1 to 10. Default 2. */
  readonly factor?: number;
  /** Milliseconds of the longest pause. Default 10 000. */
  readonly longestMs?: number;
  /** The share of a pause that is left to chance, 0 to 1. Default 0.5. */
  readonly jitter?: number;
  /**
   * Milliseconds from the loss of a connection to the session's end, if no attempt succeeds; the time that the device is
   * offline does not count. With 0 there is one attempt. Default 60 000.
   */
  readonly giveUpMs?: number;
}

/** When an answer is paused because the user began to speak, and when it goes on because the service did not interrupt it. */
export interface BargeInPolicy {
  /**
   * Milliseconds that a voice must last, without a pause. Twice as long after each time that the service did not interrupt; after
   * four such times in a row its own word is waited for. Default 100.
   */
  readonly speechMs?: number;
  /** Milliseconds that the service has to say `interrupted`. While the user goes on speaking it has up to 5000. Default 1000. */
  readonly confirmMs?: number;
}

/** Options of `LiveSession.connect`. */
export interface ConnectOptions {
  /** The model's name, with or without `models/`. */
  readonly model: string;
  /**
   * Where tokens come from: the URL of your backend's token endpoint (fetched with POST; it answers with
   * `{ "token": "auth_tokens/…" }` or the text alone), a function, or a token.
   */
  readonly token: string | TokenProvider;
  /** The session's configuration: the object that `@google/genai` takes as `config`. */
  readonly config?: SessionConfig;
  /**
   * Functions of yours, by their names, each with the handler that answers the model's calls of it. What they declare is
   * added to `config.tools`. Calls of other functions are events `toolCall`, to be answered by `sendToolResponse`.
   */
  readonly tools?: { readonly [name: string]: LiveTool };
  /**
   * Records what goes over the wire from the first connection on: see `LiveSession.record`. It is `session.recording`; of a
   * connect that fails, `recording` of the error. Default `false`.
   */
  readonly record?: boolean | RecordOptions;
  /**
   * Whether a connection that is lost, or that the service goes away from, is made again, with the conversation if the
   * service still knows it. Default `true`; without it the session ends with its connection.
   */
  readonly resumption?: boolean;
  /**
   * Whether a service that has forgotten the conversation (`restarted`) is told what was said and heard, as far as there are words
   * for it: the latest 64 KiB of `session.history()`. Default `true`.
   */
  readonly reseed?: boolean;
  /** How a lost connection is made again. */
  readonly retry?: RetryPolicy;
  /**
   * Milliseconds that the service may say nothing, to what it was asked or in the middle of an answer, before another connection is
   * tried. For audio alone it is three times as long. From 1 to 3 600 000, default 20 000.
   */
  readonly silenceMs?: number;
  /**
   * Milliseconds of the microphone's audio that are kept while there is no connection: the oldest is dropped. From 1 to 120 000,
   * default 20 000.
   */
  readonly holdMs?: number;
  /**
   * A key of the tab's session storage under which the session's handle is kept: the next session with this key, after a
   * reload, goes on with the conversation. Forgotten when the session is closed. Whoever can read the storage can go on with
   * the conversation too, given a token. Default: none.
   */
  readonly persist?: string;
  /** Aborts the pending connect, or closes the open session. */
  readonly signal?: AbortSignal;
  /** Base URL of the service, for proxies and the simulator: `wss:`, or `ws:` to a loopback address. */
  readonly endpoint?: string;
  /** Version of the API. Default: `v1alpha` with a token, `v1beta` with an API key. */
  readonly apiVersion?: "v1alpha" | "v1beta";
  /** Milliseconds until `connect` gives up: wasm, token, socket and setup together. Default 15 000. */
  readonly connectTimeoutMs?: number;
  /** Allows a bare API key as `token`. Whoever opens the page can read it. Default `false`. */
  readonly dangerouslyAllowApiKey?: boolean;
  /** Merged into the setup message as it is, for fields newer than this library. */
  readonly extraSetup?: { readonly [field: string]: unknown };
  /** Whether known rules of the model are checked beforehand and reported as warnings. Default `true`. */
  readonly modelChecks?: boolean;
  /**
   * Where the connection lives: a dedicated Worker, which a busy page cannot delay, or the page. Default
   * `"worker"`; where a Worker cannot start the page does it, and a `worker-unavailable` warning says so.
   */
  readonly runIn?: "worker" | "page";
  /**
   * Opens the speaker before the service is dialled, so that nothing it says first is lost. Call `connect` from a click or
   * key press then. It is `session.speaker`. Default: none; `session.openSpeaker()` opens one later.
   */
  readonly speaker?: boolean | SpeakerOptions;
  /**
   * Opens the microphone before the service is dialled, at the same time as the speaker. Call `connect` from a click or key
   * press then. It is `session.microphone`. Default: none; `session.openMicrophone()` opens one later.
   */
  readonly microphone?: boolean | MicrophoneOptions;
  /**
   * `latencyHint` of the audio context that microphone and speaker share: a category, or seconds. Default the browser's own,
   * `"interactive"`, and a calmer one once the machine was too slow for that. With 0 some machines play holes.
   */
  readonly latencyHint?: AudioContextLatencyCategory | number;
  /** `renderSizeHint` of that context, where the browser has it: samples, or a word. Default the browser's own. */
  readonly renderSizeHint?: "default" | "hardware" | number;
  /** The address of `live-audio.js` for both devices, where a content security policy asks for your own. */
  readonly workletUrl?: string | URL;
  /** Events that may wait for the application before the session fails with `event-overflow`. Default 4096. */
  readonly eventQueueLimit?: number;
  /** Turns of the conversation that are kept (`session.turns`) and told of by `turn` events; with 0 none are. Default 100. */
  readonly turns?: number;
  /** Push-to-talk: the microphone is heard only between `startTalking()` and `stopTalking()`. Default `false`. */
  readonly pushToTalk?: boolean;
  /** Pre-roll: milliseconds of what was said right before `startTalking()` that are sent as well, up to 5000. Default 200. */
  readonly preRollMs?: number;
  /** Half duplex: the microphone is held while an answer is played. For devices that hear themselves. Default `false`. */
  readonly halfDuplex?: boolean;
  /**
   * Frame length: milliseconds of the microphone's audio in one message, 10 to 100. Shorter ones arrive sooner, by half of the
   * difference on average, and are more messages. Default 20.
   */
  readonly frameMs?: number;
  /**
   * Echo gate: milliseconds that have to be played, since a speaker or a microphone was opened, before the microphone is heard over
   * them: from 0 to 10 000. For echo cancellers that learn what to cancel by hearing it. Default 700 in Safari and whatever else is
   * built on WebKit, 0 elsewhere.
   */
  readonly echoGateMs?: number;
  /**
   * Turn detection: how soon the service takes the user to have finished, under one name. It stands for fields of
   * `config.realtimeInputConfig.automaticActivityDetection`, and what is said there wins. Default: the service's own.
   */
  readonly turnDetection?: "quick" | "balanced" | "patient" | "noisy";
  /**
   * Barge-in: an answer falls silent as soon as this side hears the user speak over it, before the service says `interrupted`; and goes
   * on where it was, if the service does not say it (`playbackPaused`, `playbackResumed`). Needs `echoCancellation`, or headphones:
   * a microphone that hears the loudspeaker takes the answer for the user. Default `false`.
   */
  readonly bargeIn?: boolean | BargeInPolicy;
  /** What a million tokens cost, in a currency of your own. Default nothing: this library knows no prices. */
  readonly prices?: LivePrices;
  /** What the session may use: then it ends with `budget-exhausted`. Default without bound. A `cost` needs `prices`. */
  readonly budget?: LiveBudget;
  /**
   * Wake lock: whether the screen stays on while the session is open and its page seen, where the browser can do that. Default
   * `false`.
   */
  readonly wakeLock?: boolean;
}

/**
 * What a million tokens cost. Thoughts are counted as text of the response, what tools put in as prompt, and tokens whose modality
 * the service does not say as text.
 */
export interface LivePrices {
  /** Of the prompt. Pictures are counted as video. */
  readonly prompt?: LiveModalityPrices;
  /** Of the response. */
  readonly response?: Omit<LiveModalityPrices, "VIDEO">;
}

/** Prices by modality. */
export interface LiveModalityPrices {
  /** A million tokens of text. */
  readonly TEXT?: number;
  /** A million tokens of audio. */
  readonly AUDIO?: number;
  /** A million tokens of pictures and video. */
  readonly VIDEO?: number;
}

/** What a session may use. */
export interface LiveBudget {
  /** Tokens of prompt and response together: the sum of every turn's `totalTokenCount`. */
  readonly tokens?: number;
  /** Cost, by the `prices` that were given. */
  readonly cost?: number;
  /** The share of either at which a `budget-low` warning comes, once. Default 0.8. */
  readonly warnAt?: number;
}

/** Tokens by modality, as `usageMetadata` has them, of one turn or of several; and what they cost. */
export interface LiveUsage extends UsageMetadata {
  /** Cost, where `prices` were given. */
  readonly cost?: number;
}

/**
 * Turn: what one side said, from its first word to its last. Each `turn` event, and `session.turns`, has the whole of it, as it
 * stood then.
 */
export interface LiveTurn {
  /** Id: the turns of a session are counted from 1, in their order. */
  readonly id: number;
  /** Role: who speaks. */
  readonly role: "user" | "model";
  /** Text: what was typed, or the transcription of what was said; of the model also the text of the answer. */
  readonly text: string;
  /** Interim input transcription: a guess at what follows the text. */
  readonly interim?: string;
  /**
   * The part of an interrupted turn's text that was heard: what the speaker had played of its audio. After the loss of a connection it
   * plays on what had come.
   */
  readonly heard?: string;
  /** Whether the text stays as it is. */
  readonly final: boolean;
  /** Whether nothing more of the turn comes: the service completed it, or it was cut short. */
  readonly complete: boolean;
  /** Whether it was cut short: by the user, by the application, or by the loss of its connection. */
  readonly interrupted: boolean;
  /** Markers in the transcription, such as `<noise>`. They are no part of the text. */
  readonly markers?: readonly string[];
  /** Thoughts of the model. */
  readonly thoughts?: string;
  /** Function calls of the model. */
  readonly functionCalls?: readonly FunctionCall[];
  /** Grounding metadata: sources. */
  readonly groundingMetadata?: GroundingMetadata;
  /** URL context metadata: the pages that the model has fetched. */
  readonly urlContextMetadata?: UrlContextMetadata;
  /** Usage metadata: the tokens of this turn, and their cost where `prices` were given. */
  readonly usageMetadata?: LiveUsage;
  /** Latency, in milliseconds from the end of the user's speech to the first sample of the answer. */
  readonly latencyMs?: number;
  /** Played milliseconds of the turn's audio; left out as long as no speaker had any of it. */
  readonly playedMs?: number;
}

/** A function of yours that the model may call, and what is done then. `defineTool` knows the types of its arguments. */
export interface LiveTool<Args = ToolArgs> {
  /**
   * Function declaration: what the model reads. Its name is that of the tool. Left out for a function that is declared
   * elsewhere, in `config.tools` or in the setup that a token holds.
   */
  readonly declaration?: ToolDeclaration;
  /**
   * Called for each call of the model, several at once. What it returns, an object or any other JSON, is the answer; what it
   * throws is told to the model in its words, and so is that it took longer than `timeoutMs`.
   */
  handler(args: Args, context: ToolContext): unknown;
  /** Asked before each call, for up to five minutes. Only `true` lets the handler be called; the model is told otherwise. */
  approve?(call: ApprovableCall<Args>): boolean | Promise<boolean>;
  /** Milliseconds that the handler has, at most an hour. Default 30 000. */
  readonly timeoutMs?: number;
  /** Scheduling: what the model does with the answers of a `NON_BLOCKING` function. One that names its own keeps that. */
  readonly scheduling?: FunctionResponseScheduling;
}

/** Arguments as the model gives them: by the declaration, it is hoped. A schema makes sure. */
export interface ToolArgs {
  readonly [name: string]: unknown;
}

/** What a handler knows beside the arguments. */
export interface ToolContext {
  /** Id of the function call. */
  readonly id: string;
  /** Name of the function. */
  readonly name: string;
  /** Aborts when nobody waits for the answer any more: the model has taken the call back, time or the session is over. */
  readonly signal: AbortSignal;
  /** Sends a part of the answer of a `NON_BLOCKING` function (`willContinue`); what is returned is the last. */
  progress(part: unknown): void;
}

/** A call that waits for approval. */
export interface ApprovableCall<Args = ToolArgs> {
  /** Id of the function call. */
  readonly id: string;
  /** Name of the function. */
  readonly name: string;
  /** Arguments. */
  readonly args: Args;
  /** Aborts when nobody waits for the approval any more: the model has taken the call back, time or the session is over. */
  readonly signal: AbortSignal;
}

/** Function declaration of a tool. Its name is that of the tool. */
export interface ToolDeclaration<S = Schema | ToolSchema> extends Omit<FunctionDeclaration, "name" | "parameters"> {
  /**
   * Parameters: what it takes. A schema of zod or ArkType, or of valibot by `toStandardJsonSchema()`, is sent as its JSON
   * Schema, and checks the arguments of each call.
   */
  readonly parameters?: S;
}

/** A tool whose arguments have the types of the schema in its declaration. */
export interface TypedTool<S extends Schema | ToolSchema> extends LiveTool<ToolArgsOf<S>> {
  /** Function declaration. */
  readonly declaration: ToolDeclaration<S>;
}

/** A schema as libraries have it: a [Standard Schema](https://standardschema.dev) that knows its JSON Schema. */
export interface ToolSchema<Args = unknown> {
  /** What the standard asks for. */
  readonly "~standard": {
    /** Version of the standard. */
    readonly version: 1;
    /** Who made the library. */
    readonly vendor: string;
    /** Checks arguments. */
    readonly validate: (value: unknown) => unknown;
    /** Types, which are there for the compiler alone. */
    readonly types?: ToolSchemaTypes<Args> | undefined;
  };
}

/** What a schema takes and gives. */
export interface ToolSchemaTypes<Args> {
  /** What is checked. */
  readonly input: unknown;
  /** What that gives. */
  readonly output: Args;
}

/** The arguments that a schema gives. */
export type ToolArgsOf<S> = S extends ToolSchema<infer Args> ? Args : ToolArgs;

/** How the WebSocket ended. */
export interface CloseFrame {
  /** Close code; 1006 when the connection was lost without one. */
  readonly code: number;
  /** Close reason: the service's own words, cut by it at 123 bytes. */
  readonly reason: string;
}

/** The plain fields of a `LiveError`. */
export interface LiveErrorDetails {
  /** What kind of failure it was, for programs. */
  readonly code: LiveErrorCode;
  /** What happened, for people. Holds no credential. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** The field at fault. */
  readonly field?: string;
  /** How the WebSocket ended, if that was the failure. */
  readonly close?: CloseFrame;
  /** Whether trying again unchanged may succeed. */
  readonly retryable: boolean;
}

/** A failure, who caused it and what to do about it. Everything this package throws or rejects with is one. */
export class LiveError extends Error implements LiveErrorDetails {
  /** For errors of your own that are to look the same. */
  constructor(
    details: LiveErrorDetails,
    options?: {
      /** What is behind it. */
      readonly cause?: unknown;
    },
  );
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name: "LiveError";
  /** What is behind it: what the application's own `token` function threw, or what the browser said. */
  readonly cause?: unknown;
  /** What kind of failure it was, for programs. */
  readonly code: LiveErrorCode;
  /** What to do about it. */
  readonly remedy?: string;
  /** The field at fault. */
  readonly field?: string;
  /** How the WebSocket ended, if that was the failure. */
  readonly close?: CloseFrame;
  /** Whether trying again unchanged may succeed. */
  readonly retryable: boolean;
  /** What `connect` had recorded when it failed, if it was to `record`. */
  readonly recording?: LiveRecording;
}

/** Options of `openMicrophone`. */
export interface MicrophoneOptions {
  /** The input device, as `enumerateDevices` names it. Default: the system's. */
  readonly deviceId?: string;
  /** Default `true`: without it the model hears itself. */
  readonly echoCancellation?: boolean;
  /** Default `true`. */
  readonly noiseSuppression?: boolean;
  /** Default `true`. */
  readonly autoGainControl?: boolean;
  /** Voice isolation, where the browser has it: `settings` tells. Default: as `noiseSuppression`. */
  readonly voiceIsolation?: boolean;
  /**
   * Whether another default device of the system's takes the place of this one (`deviceChange`), when the user changes it or unplugs
   * this one. Not where a device is named. Default `true`.
   */
  readonly followDefault?: boolean;
  /** A stream of your own instead of a device: its first audio track that is live. It stays yours: `stop()` leaves it running. */
  readonly stream?: MediaStream;
  /** A track of your own instead of a device. It stays yours: `stop()` leaves it running. */
  readonly track?: MediaStreamTrack;
  /** A context of your own, at any rate. Default: one at the device's rate, shared with the speaker. */
  readonly context?: AudioContext;
  /** The address of `live-audio.js`, where a content security policy asks for your own. */
  readonly workletUrl?: string | URL;
  /**
   * Capture path: how samples come from the device to the connection. `"worklet"` is by way of the audio context, in every browser.
   * `"track-processor"` is by a `MediaStreamTrackProcessor` that is read where the connection lives: 10 ms and more sooner, where the
   * browser has it for audio, which is Chromium's. In others it is the worklet; `microphone.capturePath` tells. Default `"worklet"`.
   */
  readonly capturePath?: "worklet" | "track-processor";
}

/** Options of `openSpeaker`. */
export interface SpeakerOptions {
  /** A context of your own, at any rate. Default: one at the device's rate, shared with the microphone. */
  readonly context?: AudioContext;
  /** Where the voice goes. Default: the context's destination. */
  readonly destination?: AudioNode;
  /**
   * Sink id: the output device, as `enumerateDevices` names it, or `""` for the system's default. A context has one: the microphone's
   * device stays as it is. Default: where the context plays.
   */
  readonly sinkId?: string;
  /** Linear gain, 0 to 1. Default 1. */
  readonly volume?: number;
  /**
   * Jitter target: milliseconds by which audio may come late without a gap, 0 to 400. An answer starts so much after its first
   * audio, or as soon as so much more is there; grows by itself where audio comes later than that. Default 18.
   */
  readonly jitterMs?: number;
  /** Time stretching: whether an answer may be played slower by a tenth, at its pitch, while audio may come too late. Default true. */
  readonly timeStretch?: boolean;
  /** The address of `live-audio.js`, where a content security policy asks for your own. */
  readonly workletUrl?: string | URL;
}

/**
 * Playout stats: what the browser counts of an audio context's output, in the names of WebRTC's `RTCAudioPlayoutStats`. They begin with
 * the context.
 */
export interface LivePlayoutStats {
  /** Seconds of silence that the browser put out because nothing was ready: the machine was too slow. */
  readonly synthesizedSamplesDuration: number;
  /** How often it did. */
  readonly synthesizedSamplesEvents: number;
  /** Seconds that were put out in all. */
  readonly totalSamplesDuration: number;
  /** Seconds from when a sample was rendered to when it was heard, summed over all of them: divided by the next, it is the average. */
  readonly totalPlayoutDelay: number;
  /** Samples that were put out in all, at the context's rate. */
  readonly totalSamplesCount: number;
}

/** A place in the audio of a turn of the model's. */
export interface LivePcmPosition {
  /** Id of the turn, as `LiveTurn` has it; nothing where no turns are kept. */
  readonly turnId?: number;
  /** 24 kHz samples of the turn before it. */
  readonly position: number;
  /** The same in milliseconds. */
  readonly positionMs: number;
}

/** Where the ear is. */
export interface LivePcmPlayback extends LivePcmPosition {
  /** Whether the voice is heard; otherwise it has stopped there. */
  readonly playing: boolean;
}

/** Audio that is given to the speaker, mostly ahead of its time. Its position is that of its first sample. */
export interface LivePcmAudio extends LivePcmPosition {
  readonly type: "audio";
  /** Samples, 16 bits each. */
  readonly samples: Int16Array;
  /** Sample rate: 24 000. */
  readonly sampleRate: number;
}

/** The answer was interrupted: from this position on, nothing of the turn is ever heard. Comes when the speaker has fallen silent. */
export interface LivePcmInterrupted extends LivePcmPosition {
  readonly type: "interrupted";
}

/**
 * The voice as samples, as the speaker is given them, and where in them the ear is. It ends with its speaker, and with a loop that is
 * left. Who takes the events too slowly misses the oldest: a minute of audio is kept.
 */
export interface LivePcm extends AsyncIterableIterator<LivePcmAudio | LivePcmInterrupted> {
  /**
   * What is heard at this moment, the output latency taken into account: for a mouth that moves with it, asked in each frame. Nothing
   * before anything is heard; where nothing plays, it is where the voice has stopped.
   */
  playback(): LivePcmPlayback | undefined;
  /** Samples that were dropped because nobody took them. */
  readonly droppedSamples: number;
  /** Whether nothing more comes: it was stopped, or its speaker was. */
  readonly stopped: boolean;
  /** Listens no more. */
  stop(): void;
}

/** Counters since the session began. Names follow WebRTC statistics where those have one. */
export interface LiveStats {
  /** Bytes of payload handed to the WebSocket. */
  readonly bytesSent: number;
  /** Bytes of payload received. */
  readonly bytesReceived: number;
  /** Messages handed to the WebSocket. */
  readonly messagesSent: number;
  /** Messages received. */
  readonly messagesReceived: number;
  /** Messages received that were not understood. */
  readonly malformedMessages: number;
  /** Microphone frames sent, each as long as `frameMs` says. */
  readonly audioFramesSent: number;
  /**
   * Microphone frames, and audio messages of your own, that were dropped: because the network could not take them,
   * because a function call held them back, or because the session was not open.
   */
  readonly audioFramesDropped: number;
  /** Video messages dropped because the network could not take them. */
  readonly videoFramesDropped: number;
  /** 16 kHz microphone samples lost before they reached the driver. */
  readonly captureSamplesLost: number;
  /** Times the conversation went over to another connection. */
  readonly rotations: number;
  /** Attempts to make a lost connection again. */
  readonly reconnectAttempts: number;
  /** Milliseconds of microphone audio that were held while there was no connection, and sent after. */
  readonly audioHeldMs: number;
  /** Milliseconds of microphone audio that were lost with a connection, or were too much to be held. */
  readonly audioLostMs: number;
  /** 24 kHz samples received. */
  readonly playbackSamplesReceived: number;
  /** 24 kHz samples received and not played: no speaker was open, or no longer, or they belonged to an interrupted answer. */
  readonly playbackSamplesDiscarded: number;
  /** 24 kHz samples really played. */
  readonly playbackSamplesPlayed: number;
  /** Times the speaker ran dry in the middle of an answer. */
  readonly concealmentEvents: number;
  /** 24 kHz samples of silence that those inserted. */
  readonly concealedSamples: number;
  /** The same: what is put in is silence. */
  readonly silentConcealedSamples: number;
  /** 24 kHz samples by which answers became longer because they were played slower. */
  readonly insertedSamplesForDeceleration: number;
  /** 24 kHz samples by which answers became shorter: none, as nothing is played faster. */
  readonly removedSamplesForAcceleration: number;
  /** Seconds that the samples that were played had waited, from when they were queued for playback; their sum. */
  readonly jitterBufferDelay: number;
  /** Seconds: the sum of the jitter targets with which samples were played. */
  readonly jitterBufferTargetDelay: number;
  /** Seconds: the same of what the network alone asks for, whatever `jitterMs` is. */
  readonly jitterBufferMinimumDelay: number;
  /** 24 kHz samples that left the jitter buffer: those that were played. The three sums divided by it are averages. */
  readonly jitterBufferEmittedCount: number;
  /** 24 kHz samples that answers took: played, inserted and concealed. */
  readonly totalSamplesReceived: number;
  /** The same in seconds. */
  readonly totalSamplesDuration: number;
  /** Energy of what was played, ahead of the volume: the sum of squares of samples from -1 to 1, each times its duration in seconds. */
  readonly totalAudioEnergy: number;
  /** Times an answer was paused because the user began to speak. */
  readonly playbackPauses: number;
  /** Of these, times it went on: the service did not interrupt it. */
  readonly falseInterruptions: number;
  /** Bytes waiting in the WebSocket. */
  readonly bufferedAmount: number;
  /** Milliseconds from the end of the last speech to the first sample of its answer. */
  readonly turnLatencyMs?: number;
}

/** What a listener registered with `on` gets: the event of that `type`, or any with `"*"`. */
export type LiveEventOf<T extends LiveEvent["type"] | "*"> = T extends "*" ? LiveEvent : Extract<LiveEvent, { readonly type: T }>;

export interface LiveSession {
  /**
   * Records what goes over the wire from now on: every message in both directions with its time, and each connection's end. What
   * opened the connection that is there comes first, since nothing can be played without it; what went by in between is left out,
   * which a line says. With `record` as an option of `connect` nothing is.
   *
   * A session has one recording: another that is on ends. It is `session.recording`.
   */
  record(options?: RecordOptions): Promise<LiveRecording>;
  /**
   * Calls `listener` for each event of a type (`"*"`: of any). Returns the function that ends it.
   *
   * What happened before anybody listened or iterated is told to the first listeners, a microtask later. A listener that
   * comes later hears what happens from then on, and none is told again what a loop was given.
   */
  on<T extends LiveEvent["type"] | "*">(type: T, listener: (event: LiveEventOf<T>) => void): () => void;
}
