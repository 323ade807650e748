// Opens a device as soon as it is loaded, without a click, and prints what becomes of it. By `?` it is told which: `speaker`,
// `connect` (a session that is to have a speaker), `microphone`; or `resume`: a speaker that is asked to sound without a click.
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

/** Waits until the service is given what is heard. */
async function listen(session) {
  while ((await session.stats()).audioFramesSent === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  return "listens";
}

const ATTEMPTS = {
  speaker: [{}, (session) => session.openSpeaker(), converse],
  connect: [{ speaker: true }, () => {}, converse],
  microphone: [{}, (session) => session.openMicrophone(), listen],
  resume: [{}, (session) => session.openSpeaker(), converse],
};

const what = location.search.slice(1);
const [changes, open, use] = ATTEMPTS[what];
const session = await LiveSession.connect({ ...options, ...changes });
session.on("audioStateChange", ({ state }) => console.log(`told: ${state}`));
await open(session);
// What came before anybody listened is told a microtask later.
await Promise.resolve();
console.log(`opened: ${session.audioState}`);
if (what === "resume") await session.resumeAudio().catch(({ code }) => console.log(`resumed: ${code}`));
console.log(`in the end: ${await use(session)}`);
await session.close();
