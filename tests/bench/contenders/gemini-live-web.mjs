/** The packed package, with its defaults but for what the table says. It is not bundled: it is published as it is loaded. */
import { LiveSession, preload } from "gemini-live-web";

let session;

export async function prepare({ options }) {
  if (options.preload) await preload();
}

export async function start({ endpoint, token, model, options: { preload: _, microphone = true, speaker = true, ...options } }) {
  const config = { responseModalities: ["AUDIO"] };
  session = await LiveSession.connect({ model, token: () => token, endpoint, config, microphone, speaker, ...options });
}

export async function stop() {
  await session.close();
}
