// Opens a speaker as soon as it is loaded, and once more when it is clicked: prints what became of either.
import { LiveSession } from "gemini-live-web";

const { endpoint } = await (await fetch("/config.json")).json();
const session = await LiveSession.connect({
  model: "models/sim-parrot",
  token: "/token",
  endpoint,
  config: { responseModalities: ["AUDIO"] },
});

async function listen() {
  const speaker = await session.openSpeaker();
  const ended = new Promise((resolve) => session.on("playbackEnded", resolve));
  session.sendRealtimeInput({ text: "hi" });
  const { playedMs } = await ended;
  speaker.stop();
  return playedMs > 0 ? "played" : "nothing was heard";
}

async function attempt(when) {
  console.log(`${when}: ${await listen().catch(({ code }) => code)}`);
}

document.querySelector("button").addEventListener("click", async () => {
  await attempt("clicked");
  await session.close();
});
await attempt("untouched");
