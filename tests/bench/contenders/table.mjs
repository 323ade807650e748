/**
 * Who is measured. A contender is a row here and a file beside this one, which is bundled for the page and exports
 *
 *   start({ endpoint, token, model, options, here })   a conversation: microphone and speaker on, and answered when both are
 *   stop()                                             all of it off again
 *   prepare(settings)                                  optional: what its documentation has a page do before the click
 *
 * `packages` are what it is made of, of which the report tells the versions. `isolated`: whether the page has the headers that allow
 * SharedArrayBuffer. `options` are the file's own. `isVariant`: a way of ours that is left out where it makes no difference.
 * `measures`: the only ones it takes part in.
 *
 * The first row is what the others are compared with.
 */
export const CONTENDERS = [
  {
    id: "worker-shared",
    title: "gemini-live-web, Worker, shared memory",
    entry: "gemini-live-web.mjs",
    packages: ["gemini-live-web"],
    isolated: true,
    options: { runIn: "worker" },
  },
  {
    id: "worker-ports",
    title: "gemini-live-web, Worker, ports",
    entry: "gemini-live-web.mjs",
    isVariant: true,
    packages: ["gemini-live-web"],
    isolated: false,
    options: { runIn: "worker" },
  },
  {
    id: "page",
    title: "gemini-live-web, on the page",
    entry: "gemini-live-web.mjs",
    isVariant: true,
    packages: ["gemini-live-web"],
    isolated: false,
    options: { runIn: "page" },
  },
  {
    id: "worker-preloaded",
    title: "gemini-live-web, Worker, after preload()",
    entry: "gemini-live-web.mjs",
    packages: ["gemini-live-web"],
    isVariant: true,
    isolated: true,
    options: { runIn: "worker", preload: true },
    measures: ["start"],
  },
  {
    id: "worker-10ms",
    title: "gemini-live-web, Worker, frames of 10 ms",
    entry: "gemini-live-web.mjs",
    packages: ["gemini-live-web"],
    isVariant: true,
    isolated: true,
    options: { runIn: "worker", frameMs: 10 },
    measures: ["microphone"],
  },
  {
    id: "worker-mstp",
    title: "gemini-live-web, Worker, microphone by a MediaStreamTrackProcessor",
    entry: "gemini-live-web.mjs",
    packages: ["gemini-live-web"],
    isVariant: true,
    isolated: true,
    options: { runIn: "worker", microphone: { capturePath: "track-processor" } },
    measures: ["microphone", "cost"],
  },
  {
    id: "firebase",
    title: "Firebase, startAudioConversation",
    entry: "firebase.mjs",
    packages: ["firebase"],
    isolated: false,
  },
  {
    id: "genai",
    title: "@google/genai, audio as in Google's example",
    entry: "genai.mjs",
    packages: ["@google/genai"],
    isolated: false,
  },
  {
    id: "ai-sdk",
    title: "AI SDK, realtime session",
    entry: "ai-sdk.mjs",
    packages: ["ai", "@ai-sdk/google"],
    isolated: false,
  },
  {
    id: "pipecat",
    title: "Pipecat, Gemini transport",
    entry: "pipecat.mjs",
    packages: ["@pipecat-ai/client-js", "@pipecat-ai/gemini-live-websocket-transport", "@pipecat-ai/websocket-transport"],
    isolated: false,
  },
];
