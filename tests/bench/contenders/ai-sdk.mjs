/** The AI SDK's realtime session with its Google provider, as its React hook uses it; React itself is left out. */
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { Experimental_AbstractRealtimeSession } from "ai";

let model;
let session;

/** A session needs somebody who keeps its state, and nobody here shows it. */
class Session extends Experimental_AbstractRealtimeSession {
  setState(key, value) {
    this.state = { ...this.state, [key]: value };
  }
}

export function prepare({ model: name }) {
  model = createGoogleGenerativeAI({ apiKey: "bench" }).experimental_realtime(name.replace("models/", ""));
}

export async function start({ here }) {
  let fail;
  const failure = new Promise((_, reject) => {
    fail = reject;
  });
  session = new Session({
    model,
    api: { token: `${here}token` },
    // Otherwise it captures at 24 kHz and calls that 16.
    sessionConfig: { inputAudioFormat: { type: "audio/pcm", rate: 16_000 } },
    onError: (error) => fail(error),
  });
  const open = session.connect().then(async () => {
    session.startAudioCapture(await navigator.mediaDevices.getUserMedia({ audio: true }));
    await session.resumePlayback();
  });
  await Promise.race([open, failure]);
  failure.catch(() => {});
}

export function stop() {
  session.stopAudioCapture();
  session.dispose();
}
