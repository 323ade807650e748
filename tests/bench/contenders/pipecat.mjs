/**
 * Pipecat's client with its Gemini transport, and its media manager without Daily: the one it takes by itself loads more code from a
 * server at run time.
 */
import { PipecatClient } from "@pipecat-ai/client-js";
import { GeminiLiveWebsocketTransport } from "@pipecat-ai/gemini-live-websocket-transport";
import { WavMediaManager } from "@pipecat-ai/websocket-transport";

let client;

export async function start({ model, token }) {
  const transport = new GeminiLiveWebsocketTransport(
    { api_key: token, model, settings: { response_modalities: ["AUDIO"] } },
    new WavMediaManager(),
  );
  client = new PipecatClient({ transport, enableMic: true, enableCam: false });
  await client.connect();
}

export async function stop() {
  await client.disconnect();
}
