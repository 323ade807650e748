/** What the types must refuse. A line that compiled would fail the check: nothing here is unused. */
import { LiveSession, defineTool } from "gemini-live-web";
import type { FunctionCall, LiveErrorCode, LiveEvent, LiveStats, LiveWarningCode, MicrophoneOptions, ToolSchema } from "gemini-live-web";

export async function options(): Promise<void> {
  // @ts-expect-error a model is needed
  await LiveSession.connect({ token: "/token" });
  // @ts-expect-error a token is needed
  await LiveSession.connect({ model: "m" });
  // @ts-expect-error no such option
  await LiveSession.connect({ model: "m", token: "/token", tokens: 1 });
  // @ts-expect-error no such place
  await LiveSession.connect({ model: "m", token: "/token", runIn: "iframe" });
  // @ts-expect-error an address is a string or a URL
  await LiveSession.connect({ model: "m", token: "/token", workerUrl: 5 });
  // @ts-expect-error no such way
  await LiveSession.connect({ model: "m", token: "/token", microphone: { capturePath: "processor" } });
  // @ts-expect-error undefined is not the same as left out
  await LiveSession.connect({ model: "m", token: "/token", endpoint: undefined });
  // @ts-expect-error a token provider answers a token
  await LiveSession.connect({ model: "m", token: () => 5 });
  // @ts-expect-error misspelt field of the config
  await LiveSession.connect({ model: "m", token: "/token", config: { responseModality: ["AUDIO"] } });
  // @ts-expect-error a tool has a handler
  await LiveSession.connect({ model: "m", token: "/token", tools: { clock: { declaration: {} } } });
  // @ts-expect-error the name of a tool is its key
  await LiveSession.connect({ model: "m", token: "/token", tools: { clock: { declaration: { name: "clock" }, handler() {} } } });
  // @ts-expect-error nobody knows what the model gives
  await LiveSession.connect({ model: "m", token: "/token", tools: { clock: { handler: ({ zone }) => zone.length } } });
  // @ts-expect-error approval is a boolean
  await LiveSession.connect({ model: "m", token: "/token", tools: { clock: { approve: () => "yes", handler() {} } } });
  const city: ToolSchema<{ city: string }> = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
  // @ts-expect-error the schema has no such field
  defineTool({ declaration: { parameters: city }, handler: ({ town }) => town });
  // @ts-expect-error there is no true for a config
  await LiveSession.connect({ model: "m", token: "/token", config: { sessionResumption: true } });
  // @ts-expect-error no such pause
  await LiveSession.connect({ model: "m", token: "/token", retry: { pauseMs: 5 } });
  // @ts-expect-error what is recorded is said by an object
  await LiveSession.connect({ model: "m", token: "/token", record: "audio" });
  // @ts-expect-error no such wish
  await LiveSession.connect({ model: "m", token: "/token", record: { video: true } });
  // @ts-expect-error sessions come from connect
  new LiveSession();
}

export async function session(live: LiveSession): Promise<void> {
  // @ts-expect-error the state is told, not set
  live.state = "open";
  // @ts-expect-error text is a string
  live.sendRealtimeInput({ text: 5 });
  // @ts-expect-error a response is an object
  live.sendToolResponse({ functionResponses: [{ id: "1", name: "x", response: "text" }] });
  // @ts-expect-error without its id the service does not know what it answers
  live.sendToolResponse({ functionResponses: { name: "x", response: {} } });
  // @ts-expect-error a response without a result
  live.sendToolResponse({ functionResponses: [{ id: "1", name: "x" }] });
  // @ts-expect-error no such event
  live.on("speech", () => {});
  // @ts-expect-error that event has no text
  live.on("interrupted", (event) => event.text);
  const stats: LiveStats = await live.stats();
  // @ts-expect-error counters are told, not set
  stats.concealmentEvents = 0;
  // @ts-expect-error may be missing
  const latency: number = stats.turnLatencyMs;
  void latency;
}

export async function devices(live: LiveSession): Promise<void> {
  // @ts-expect-error a boolean
  const wrong: MicrophoneOptions = { echoCancellation: "yes" };
  const microphone = await live.openMicrophone(wrong);
  // @ts-expect-error muted is told, not set
  microphone.muted = true;
  // @ts-expect-error neither an id nor sound
  await microphone.setDevice(2);
  // @ts-expect-error no such option
  await live.openSpeaker({ gain: 1 });
}

export function events(event: LiveEvent): void {
  // @ts-expect-error only some events carry text
  void event.text;
  if (event.type === "stateChange") {
    // @ts-expect-error no such state
    if (event.state === "paused") return;
  }
  if (event.type === "toolCall") {
    // @ts-expect-error there may be no first call
    event.functionCalls[0].name.toUpperCase();
  }
}

// @ts-expect-error no such code
export const code: LiveErrorCode = "forbidden";
// @ts-expect-error no such warning
export const warning: LiveWarningCode = "network";
// @ts-expect-error an id may be missing in the service's message: it is passed on, not asserted
export const id: string = ({} as FunctionCall).id;
