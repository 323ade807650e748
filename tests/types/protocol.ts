/** Configurations, messages and events in full. Compiled, never run. */
import type {
  ClientContent,
  ContextUpdate,
  FunctionCall,
  LanguageCode,
  LiveConfig,
  LiveErrorCode,
  LiveEvent,
  LiveSession,
  LiveWarningCode,
  RealtimeInput,
  ToolResponse,
  UsageMetadata,
  VoiceName,
} from "gemini-live-web";

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function check<_Fact extends true>(): void {}

// Known voices and languages are offered by name, and newer ones are taken. Of a plain string nothing could be extracted.
check<Same<Extract<VoiceName, "Kore">, "Kore">>();
check<Same<Extract<LanguageCode, "de-DE">, "de-DE">>();
export const newer: readonly [VoiceName, LanguageCode] = ["a voice of next year", "tlh-QO"];

/** What users of `@google/genai` pass as `config`, unchanged. */
export const configs: readonly LiveConfig[] = [
  {},
  { responseModalities: ["AUDIO"], systemInstruction: "Be brief.", speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } } },
  {
    systemInstruction: { role: "user", parts: [{ text: "Be brief." }] },
    temperature: 0.5,
    topP: 0.9,
    topK: 20,
    maxOutputTokens: 500,
    seed: 1,
    mediaResolution: "MEDIA_RESOLUTION_LOW",
    thinkingConfig: { includeThoughts: true, thinkingBudget: 0, thinkingLevel: "LOW" },
    enableAffectiveDialog: true,
    proactivity: { proactiveAudio: true },
    inputAudioTranscription: { languageCodes: ["de-DE"], wordTimestamp: true, mode: "VERBATIM" },
    outputAudioTranscription: {},
    realtimeInputConfig: {
      automaticActivityDetection: {
        disabled: false,
        startOfSpeechSensitivity: "START_SENSITIVITY_LOW",
        endOfSpeechSensitivity: "END_SENSITIVITY_LOW",
        prefixPaddingMs: 20,
        silenceDurationMs: 500,
      },
      activityHandling: "NO_INTERRUPTION",
      turnCoverage: "TURN_INCLUDES_ONLY_ACTIVITY",
    },
    sessionResumption: { handle: "h" },
    contextWindowCompression: { triggerTokens: "20000", slidingWindow: { targetTokens: 10_000 } },
    generationConfig: { presencePenalty: 0.1, stopSequences: ["END"], responseSchema: { type: ["string", "null"] } },
    avatarConfig: { customizedAvatar: { imageMimeType: "image/jpeg", imageData: "AAAA" } },
    historyConfig: { initialHistoryInClientContent: true },
    translationConfig: { targetLanguageCode: "fr", echoTargetLanguage: true },
    safetySettings: [{ category: "HARM_CATEGORY_IMAGE_HATE", threshold: "BLOCK_ONLY_HIGH" }],
    labels: { team: "voice" },
    tools: [
      {
        functionDeclarations: [
          {
            name: "turn_on",
            description: "Turns a lamp on.",
            parameters: { type: "object", properties: { lamp: { type: "STRING", enum: ["desk"] } }, required: ["lamp"] },
            behavior: "NON_BLOCKING",
          },
          { name: "turn_off", parametersJsonSchema: { type: "object", additionalProperties: false } },
        ],
      },
      { googleSearch: {}, codeExecution: {}, urlContext: {} },
    ],
  },
  { speechConfig: { voiceConfig: { voice: "Mine" }, languageCode: "de-AT" } },
  // A value newer than this library.
  { thinkingConfig: { thinkingLevel: "ULTRA" }, responseModalities: ["SMELL"] },
];

/** Every code there is, so that a change of the catalogue is seen. */
export const remedies: { readonly [code in LiveErrorCode]?: string } & { readonly [code in LiveWarningCode]?: string } = {
  "permission-denied": "ask again",
  "unknown-field": "mend the config",
};

const inputs: readonly RealtimeInput[] = [
  { text: "hello" },
  { audio: { data: "AAAA", mimeType: "audio/pcm;rate=16000" } },
  { video: { data: "AAAA", mimeType: "image/jpeg" } },
  { activityStart: {} },
  { activityEnd: {} },
  { audioStreamEnd: true },
];

const contents: readonly ClientContent[] = [
  { turns: "hello" },
  { turns: { role: "user", parts: [{ text: "hello" }] }, turnComplete: false },
  { turns: [{ role: "user", parts: [{ text: "hello" }] }, { role: "model", parts: [{ text: "good day" }] }], turnComplete: true },
  { turnComplete: true },
];

const updates: readonly ContextUpdate[] = [{ systemInstruction: "Be long." }, { tools: [{ googleSearch: {} }] }];

/** An answer of the application, made of the call itself. */
export function answer({ id, name, args }: FunctionCall): ToolResponse {
  const response = { output: { lamp: "on" }, args };
  return { functionResponses: { id, name, response, scheduling: "WHEN_IDLE", willContinue: false } };
}

export function sends(session: LiveSession): void {
  inputs.forEach((input) => session.sendRealtimeInput(input));
  contents.forEach((content) => session.sendClientContent(content));
  updates.forEach((update) => session.sendContextUpdate(update));
}

function total(usage: UsageMetadata): number {
  const audio = usage.responseTokensDetails?.find(({ modality }) => modality === "AUDIO")?.tokenCount ?? 0;
  return (usage.totalTokenCount ?? 0) + (usage.promptTokenCount ?? 0) + audio;
}

/** Every event there is. One that were added would be missing here, and the last line would not compile. */
export function describe(event: LiveEvent): string | number | boolean | undefined {
  switch (event.type) {
    case "setupComplete":
      return event.sessionId;
    case "inputTranscription":
    case "interimInputTranscription":
    case "outputTranscription":
      return event.text + (event.finished ? "." : "") + (event.words?.[0]?.word ?? "");
    case "text":
    case "thought":
      return event.text;
    case "inlineData":
      return event.data.length;
    case "executableCode":
      return event.code;
    case "codeExecutionResult":
      return event.output;
    case "part":
      return event.part.text;
    case "groundingMetadata":
      return event.groundingMetadata.groundingChunks?.[0]?.web?.uri;
    case "urlContextMetadata":
      return event.urlContextMetadata.urlMetadata?.length;
    case "voiceActivity":
      return event.audioOffset;
    case "voiceActivityDetectionSignal":
      return event.vadSignalType;
    case "toolCall":
      return event.functionCalls[0]?.name;
    case "toolCallCancellation":
      return event.ids.join(" ");
    case "interrupted":
    case "playbackEnded":
      return event.playedMs;
    case "generationComplete":
      return undefined;
    case "usageMetadata":
      return total(event);
    case "turnComplete":
    case "turnStatus":
      return event.turnCompleteReason ?? event.interactionStatus ?? event.waitingForInput;
    case "goAway":
      return event.timeLeft;
    case "sessionResumptionUpdate":
      return event.resumable ? event.newHandle : undefined;
    case "serverError":
      return event.message;
    case "unknown":
      return Object.keys(event.fields).length;
    case "stateChange":
      return event.state;
    case "audioStateChange":
    case "permissionChange":
      return event.state;
    case "deviceChange":
      return event.label;
    case "deviceMute":
      return event.muted;
    case "reconnecting":
      return `${event.cause} ${event.attempt} ${event.retryInMs ?? ""}`;
    case "resumed":
      return event.heldMs - event.lostMs;
    case "restarted":
      return event.reseeded;
    case "playbackStarted":
      return event.latencyMs;
    case "userSpeechStart":
    case "speechWhileMuted":
    case "playbackPaused":
      return undefined;
    case "playbackResumed":
      return event.pausedMs;
    case "userSpeechEnd":
      return event.durationMs;
    case "turn":
      return event.turn.text;
    case "usage":
      return event.usage.cost ?? event.usage.totalTokenCount;
    case "warning":
      return event.message;
    case "diagnosis":
      return `${event.missing.join(", ")}: ${event.message} ${event.remedy}`;
    case "closed":
      return event.error?.message ?? event.close?.code;
  }
  return event satisfies never;
}
