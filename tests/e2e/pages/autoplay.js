// Opens devices as soon as it is loaded, and once more when it is clicked: prints what became of each. By `?` it is told
// which: `speaker`, `connect` (a session that is to have a speaker), `microphone`.
import { LiveSession } from "gemini-live-web";

const { endpoint } = await (await fetch("/config.json")).json();
const options = { model: "models/sim-parrot", token: "/token", endpoint, config: { responseModalities: ["AUDIO"] } };

/** Says something, and hears it out. */
async function converse(session) {
  const ended = new Promise((resolve) => session.on("playbackEnded", resolve));
  session.sendRealtimeInput({ text: "hi" });
  const { playedMs } = await ended;
  return playedMs > 0 ? "played" : "nothing was heard";
}

async function withSession(changes, use) {
  const session = await LiveSession.connect({ ...options, ...changes });
  return use(session).finally(() => session.close());
}

const ATTEMPTS = {
  speaker: () => withSession({}, async (session) => {
    await session.openSpeaker();
    return converse(session);
  }),
  connect: () => withSession({ speaker: true }, converse),
  microphone: () => withSession({}, async (session) => {
    await session.openMicrophone();
    return "listens";
  }),
};

const attempt = ATTEMPTS[location.search.slice(1)];

async function tell(when) {
  console.log(`${when}: ${await attempt().catch(({ code }) => code)}`);
}

document.querySelector("button").addEventListener("click", () => tell("clicked"));
await tell("untouched");
