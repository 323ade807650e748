/** A session's whole life, as an application writes it. Compiled, never run. */
import init, { LiveError, LiveSession, defineTool, preload } from "gemini-live-web";
import type {
  AccessToken,
  AssetUrls,
  CloseFrame,
  Content,
  ConnectOptions,
  LiveErrorCode,
  LiveErrorDetails,
  LiveEvent,
  LiveEventOf,
  LiveReconnectCause,
  LiveRecording,
  LiveState,
  LivePcm,
  LivePcmInterrupted,
  LivePcmPlayback,
  LivePlayoutStats,
  LiveStats,
  LiveTool,
  ToolArgs,
  ToolSchema,
  LiveTurn,
  LiveUsage,
  MicrophoneOptions,
  RecordOptions,
  SpeakerOptions,
  TokenProvider,
} from "gemini-live-web";

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function check<_Fact extends true>(): void {}

const provider: TokenProvider = async (signal: AbortSignal): Promise<AccessToken> => {
  const answer = await fetch("/token", { method: "POST", signal });
  const { token }: { token: string } = await answer.json();
  return { token, expireTime: "2026-01-01T00:00:00Z", newSessionExpireTime: "2026-01-01T00:00:00Z" };
};

export async function connects(stop: AbortController): Promise<void> {
  await preload();
  const urls: AssetUrls = { wasmUrl: new URL("https://cdn.example/a.wasm"), workerUrl: "/live-worker.js", workletUrl: "/live-audio.js" };
  await preload(urls);
  const least: ConnectOptions = { model: "gemini-3.1-flash-live-preview", token: "/token" };
  const most: ConnectOptions = {
    ...least,
    token: provider,
    config: { responseModalities: ["AUDIO"], systemInstruction: "Be brief.", inputAudioTranscription: {}, outputAudioTranscription: {} },
    resumption: true,
    reseed: false,
    retry: { firstMs: 250, factor: 1.5, longestMs: 5000, jitter: 0.5, giveUpMs: 60_000 },
    silenceMs: 10_000,
    holdMs: 30_000,
    persist: "conversation",
    signal: stop.signal,
    endpoint: "ws://127.0.0.1:8080",
    apiVersion: "v1alpha",
    connectTimeoutMs: 5000,
    dangerouslyAllowApiKey: false,
    extraSetup: { newField: { inside: 1 } },
    modelChecks: false,
    runIn: "page",
    speaker: { volume: 0.5, sinkId: "" },
    wakeLock: true,
    echoGateMs: 700,
    microphone: true,
    workletUrl: "/live-audio.js",
    eventQueueLimit: 100,
    turns: 50,
    pushToTalk: true,
    preRollMs: 300,
    frameMs: 40,
    latencyHint: "balanced",
    renderSizeHint: 64,
    halfDuplex: false,
    turnDetection: "patient",
    bargeIn: { speechMs: 200, confirmMs: 1500 },
    prices: { prompt: { AUDIO: 3 }, response: { AUDIO: 12 } },
    budget: { tokens: 1e6, cost: 2, warnAt: 0.5 },
    wasmUrl: new URL("https://cdn.example/a.wasm"),
    workerUrl: "/live-worker.js",
  };
  await LiveSession.connect({ ...least, config: { sessionResumption: null, contextWindowCompression: false } });
  await LiveSession.connect({ ...least, config: { sessionResumption: { handle: "h" } }, resumption: false });
  await using session = await LiveSession.connect(most);
  check<Same<typeof session, LiveSession>>();

  const state: LiveState = session.state;
  const place: "worker" | "page" = session.runsIn;
  const stats: LiveStats = await session.stats();
  const latency: number | undefined = stats.turnLatencyMs;
  void [state, place, latency, stats.concealmentEvents + stats.bytesSent + stats.jitterBufferDelay / stats.jitterBufferEmittedCount];

  const turns: readonly LiveTurn[] = session.turns;
  const usage: LiveUsage | undefined = session.usage;
  session.interrupt();
  session.startTalking();
  session.stopTalking();
  const seed: Content[] = session.history();
  void [usage?.cost, usage?.totalTokenCount, turns.at(-1)?.heard, turns[0]?.functionCalls?.[0]?.args, seed.length];

  session.sendRealtimeInput({ text: "hello" });
  session.sendRealtimeInput({ audioStreamEnd: true });
  session.sendClientContent({ turns: "hello", turnComplete: true });
  session.sendToolResponse({ functionResponses: [{ id: "1", name: "current_time", response: { output: "noon" } }] });
  await session.close();
}

/** For those who fetch the wasm themselves, and for tests under Node. */
export async function loads(bytes: Uint8Array<ArrayBuffer>, module: WebAssembly.Module): Promise<void> {
  await init();
  await init(bytes);
  await init(module);
  await init(fetch("/gemini_live_web_bg.wasm"));
  const nothing: void = await init("/gemini_live_web_bg.wasm");
  void nothing;
}

export async function opensDevices(session: LiveSession, context: AudioContext, stream: MediaStream): Promise<void> {
  const asked: MicrophoneOptions = {
    deviceId: "1",
    echoCancellation: false,
    noiseSuppression: false,
    autoGainControl: false,
    voiceIsolation: true,
    followDefault: false,
    capturePath: "track-processor",
  };
  const microphone = await session.openMicrophone(asked);
  const label: string = microphone.label;
  const level: number = Math.max(microphone.level(), microphone.peak(), session.speaker?.peak() ?? 0);
  const bins: number | undefined = microphone.analyser?.frequencyBinCount;
  const isCancelled: MediaTrackSettings["echoCancellation"] = microphone.settings.echoCancellation;
  const path: "worklet" | "track-processor" = microphone.capturePath;
  void path;
  if (!microphone.muted) microphone.mute();
  microphone.unmute();
  const [track] = stream.getAudioTracks();
  const done: void = await microphone.setDevice("2");
  for (const device of [stream, track, undefined]) await microphone.setDevice(device);
  await microphone.setDevice();
  microphone.stop();
  if (track) await session.openMicrophone({ track });
  await session.openMicrophone({ stream, context, workletUrl: "/live-audio.js" });
  await session.openMicrophone();

  const wanted: SpeakerOptions = { context, destination: context.destination, volume: 0.5, jitterMs: 60, timeStretch: false };
  const speaker = await session.openSpeaker(wanted);
  speaker.volume = 1;
  const sum: number = speaker.sampleRate + microphone.sampleRate + speaker.volume + speaker.level() + level;
  await speaker.setSinkId("");
  const elsewhere: MediaStream | undefined = speaker.stream;
  const pcm: LivePcm = await speaker.pcm();
  for await (const event of pcm) {
    const at: number = event.positionMs + event.position + (event.turnId ?? 0);
    if (event.type === "audio") check<Same<typeof event.samples, Int16Array>>();
    else check<Same<typeof event, LivePcmInterrupted>>();
    const ear: LivePcmPlayback | undefined = pcm.playback();
    if (at > pcm.droppedSamples && ear?.playing && !pcm.stopped) pcm.stop();
  }
  const playout: LivePlayoutStats | undefined = speaker.playoutStats;
  void [playout?.synthesizedSamplesEvents, playout && playout.totalPlayoutDelay / playout.totalSamplesCount];
  const [later, sink]: [number, string] = [speaker.latencyMs, speaker.sinkId];
  if (session.audioState === "needs-gesture") await session.resumeAudio();
  speaker.stop();
  const stopped: boolean = microphone.stopped && speaker.stopped;
  session.microphone?.mute();
  session.speaker?.stop();
  void [label, sum, stopped, done, bins, isCancelled, elsewhere, later, sink];
}

export async function hears(session: LiveSession): Promise<string> {
  const end: () => void = session.on("outputTranscription", (event) => {
    check<Same<typeof event.type, "outputTranscription">>();
  });
  session.on("*", (event) => {
    check<Same<typeof event, LiveEvent>>();
  });
  end();
  const states: LiveState[] = [];
  for await (const event of session) {
    switch (event.type) {
      case "stateChange":
        states.push(event.state);
        break;
      case "inputTranscription":
      case "interimInputTranscription":
      case "outputTranscription": {
        const text: string | undefined = event.text;
        void text;
        break;
      }
      case "toolCall":
        for (const call of event.functionCalls) void [call.id, call.name, call.args];
        break;
      case "reconnecting": {
        const cause: LiveReconnectCause = event.cause;
        check<Same<typeof event.retryInMs, number | undefined>>();
        if (cause === "offline") session.retryNow();
        break;
      }
      case "resumed":
        check<Same<typeof event.heldMs, number>>();
        break;
      case "restarted":
        check<Same<typeof event.reseeded, boolean>>();
        check<Same<typeof event.reseededTurns, number>>();
        check<Same<typeof event.droppedTurns, number>>();
        break;
      case "playbackStarted":
        check<Same<typeof event.latencyMs, number | undefined>>();
        break;
      case "playbackEnded":
        check<Same<typeof event.playedMs, number>>();
        break;
      case "warning":
        return `${event.code}: ${event.message} ${event.field ?? ""}`;
      case "closed": {
        const close: CloseFrame | undefined = event.close;
        const error: LiveErrorDetails | undefined = event.error;
        return `${close?.code ?? 1006} ${error?.message ?? ""}`;
      }
      case "interrupted":
      case "generationComplete":
      case "turnComplete":
      case "setupComplete":
      case "usageMetadata":
      case "goAway":
      case "sessionResumptionUpdate":
        break;
    }
  }
  return "";
}

export function explains(error: unknown): string {
  if (!(error instanceof LiveError)) return String(error);
  const code: LiveErrorCode = error.code;
  const parts: readonly (string | undefined)[] = [error.name, error.message, error.stack, error.remedy, error.field];
  const retryable: boolean = error.retryable;
  const reason: string | undefined = error.close?.reason;
  return [code, ...parts, retryable, reason].join(" ");
}

export type Interrupted = LiveEventOf<"interrupted">;
check<Same<Interrupted["type"], "interrupted">>();
check<Same<LiveEventOf<"*">, LiveEvent>>();

/** A schema as libraries have it, zod's for instance: more than is asked for, and exactly that. */
interface LibrarySchema<Output> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown, options?: object) => { readonly value: Output } | Promise<{ readonly issues: readonly { message: string }[] }>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    readonly jsonSchema: { readonly input: (options: { readonly target: string }) => Record<string, unknown> };
  };
  parse(value: unknown): Output;
}

interface Forecast {
  city: string;
  days?: number;
}

declare const forecastSchema: LibrarySchema<Forecast>;
export const schema: ToolSchema<Forecast> = forecastSchema;

export const forecast: LiveTool = defineTool({
  declaration: { description: "The weather.", parameters: forecastSchema, behavior: "NON_BLOCKING" },
  scheduling: "WHEN_IDLE",
  timeoutMs: 5000,
  approve: ({ args, name, id }) => {
    check<Same<typeof args, Forecast>>();
    return name.length + id.length + args.city.length > 0;
  },
  async handler(args, { id, name, signal, progress }) {
    check<Same<typeof args, Forecast>>();
    check<Same<typeof signal, AbortSignal>>();
    progress({ id, name, scheduling: "SILENT" });
    return args.city;
  },
});

export const withTools: ConnectOptions = {
  model: "m",
  token: "/token",
  tools: {
    forecast,
    typed: { declaration: { parameters: forecastSchema }, handler: () => undefined },
    clock: {
      declaration: { description: "Tells the time.", parameters: { type: "OBJECT", properties: { zone: { type: "STRING" } } } },
      approve: async ({ args }) => args.zone === "UTC",
      handler(args) {
        check<Same<typeof args, ToolArgs>>();
        return { zone: args.zone };
      },
    },
    lamp: { handler: async () => {} },
    plain: defineTool({ declaration: { parameters: { type: "OBJECT" } }, handler: ({ room }) => room }),
  },
};

export async function records(options: ConnectOptions): Promise<string> {
  const wishes: readonly (boolean | RecordOptions)[] = [true, false, {}, { audio: true, limitBytes: 1 << 20 }];
  try {
    const session = await LiveSession.connect({ ...options, record: wishes[0] ?? false });
    const recording: LiveRecording = session.recording ?? (await session.record({ audio: true }));
    for await (const line of recording) console.log(line.length, recording.bytes, recording.droppedLines);
    if (!recording.stopped && recording.audio) recording.stop();
    const file: Blob = recording.blob();
    return `${file.type} ${recording.text()}`;
  } catch (error) {
    check<Same<LiveError["recording"], LiveRecording | undefined>>();
    return error instanceof LiveError ? (error.recording?.text() ?? error.message) : "";
  }
}
