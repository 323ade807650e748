import { preload } from "gemini-live-web";

import { Calls } from "./calls.js";
import { Conversation } from "./conversation.js";
import { Devices } from "./devices.js";
import { Facts } from "./facts.js";
import { Meter } from "./meter.js";
import { Notices } from "./notices.js";
import { Recordings } from "./recordings.js";
import { Rotations } from "./rotations.js";
import { Settings } from "./settings.js";
import { Transcript } from "./transcript.js";
import { declarations, run } from "./tools.js";

const INSTRUCTION =
  "You are the voice of a demonstration page. Answer briefly and in the language you are spoken to. " +
  "Use the tools when the user asks for the time or for another colour.";

const element = (id) => document.getElementById(id);

const start = element("start");
const mute = element("mute");
const message = element("message");
const send = element("send");
const status = element("status");
/** The status for assistive technology. */
const spoken = element("spoken");
const invitation = element("invitation");

const transcript = new Transcript({
  list: element("transcript"),
  scroller: element("scroller"),
  welcome: element("welcome"),
});
const calls = new Calls({ list: element("calls"), empty: element("calls-empty") });
const notices = new Notices({
  errors: element("errors"),
  warnings: element("warnings"),
  panel: element("warnings-panel"),
  banner: element("banner"),
});
const facts = new Facts({
  rows: Object.fromEntries(
    ["state", "peer", "model", "runs-in", "memory", "microphone", "speaker", "sent", "played"].map((name) => [
      name,
      element(`fact-${name}`),
    ]),
  ),
  latency: element("latency"),
  hint: element("latency-hint"),
});
const rotations = new Rotations({
  panel: element("rotations-panel"),
  list: element("rotations"),
  retry: element("retry"),
});
const recordings = new Recordings({
  button: element("record"),
  audio: element("record-audio"),
  status: element("recording-status"),
  size: element("recording-size"),
  save: element("save"),
});
const devices = new Devices({ form: element("devices"), note: element("device-note"), fail: (error) => notices.fail(error) });
const inputMeter = new Meter(element("input-meter"));
const outputMeter = new Meter(element("output-meter"));

/** The session that is open or opening, if there is one. */
let conversation;
/** Resolves with whether it opened. */
let opening;
let isSpeaking = false;

/** What the page does about each event. */
const reactions = {
  ...devices.reactions,
  deviceChange: (event) => {
    devices.reactions.deviceChange(event);
    facts.devices(conversation ?? {});
  },
  stateChange: ({ state }) => {
    facts.set({ state });
    show();
  },
  goAway: (event) => rotations.goesAway(event),
  reconnecting: (event) => rotations.reconnecting(event),
  // What the model had begun to say is not said to its end.
  resumed: (event) => {
    transcript.endTurn();
    rotations.resumed(event);
  },
  restarted: (event) => {
    transcript.endTurn();
    rotations.restarted(event);
  },
  inputTranscription: ({ text, finished }) => transcript.heard(text, finished),
  interimInputTranscription: ({ text }) => transcript.guessed(text),
  outputTranscription: ({ text }) => transcript.answered(text),
  text: ({ text }) => transcript.answered(text),
  interrupted: () => {
    transcript.interrupted();
    speaking(false);
  },
  turnComplete: () => transcript.endTurn(),
  playbackStarted: ({ latencyMs }) => {
    speaking(true);
    if (latencyMs !== undefined) facts.answeredAfter(latencyMs);
  },
  playbackEnded: () => speaking(false),
  toolCall: ({ functionCalls }) => answer(functionCalls),
  toolCallCancellation: ({ ids }) => calls.cancel(ids),
  serverError: ({ message }) => notices.warn({ code: "server-error", message: message ?? "The service reports an error." }),
  diagnosis: ({ message, remedy }) => notices.warn({ code: "diagnosis", message: `${message} ${remedy}` }),
  warning: (warning) => notices.warn(warning),
};

/** What a conversation tells the page. */
const view = {
  connected(session) {
    recordings.follow(session).catch((error) => notices.fail(error));
    facts.set({
      state: session.state,
      "runs-in": session.runsIn === "worker" ? "a Worker" : "the page",
      memory: typeof SharedArrayBuffer === "function" ? "available" : "not available",
    });
  },
  event: (event) => reactions[event.type]?.(event),
  devices({ microphone, speaker }) {
    facts.devices({ microphone, speaker });
    devices.follow({ microphone, speaker });
    if (microphone) inputMeter.follow(() => microphone.level(), () => microphone.peak());
    if (speaker) outputMeter.follow(() => speaker.level());
    show();
  },
  counted(stats) {
    facts.counted(stats);
    recordings.show();
  },
  failed: (error, retry) => notices.fail(error, retry),
  ended(recording) {
    recordings.end(recording).catch((error) => notices.fail(error));
    conversation = undefined;
    opening = undefined;
    isSpeaking = false;
    transcript.end();
    rotations.rest();
    devices.follow();
    inputMeter.rest();
    outputMeter.rest();
    facts.set({ state: "closed" });
    show();
  },
};

function answer(functionCalls) {
  const functionResponses = functionCalls.map(run);
  functionCalls.forEach((call, index) => calls.add(call, functionResponses[index].response));
  conversation?.respond(functionResponses);
}

function speaking(now) {
  isSpeaking = now;
  show();
}

/** Brings buttons and status in line with the conversation. */
function show() {
  const microphone = conversation?.microphone;
  start.textContent = conversation ? "Stop" : "Start";
  start.dataset.action = conversation ? "stop" : "start";
  mute.disabled = !conversation?.isOpen || conversation.isAsking;
  mute.textContent = microphone || !conversation?.isOpen ? "Mute" : "Use microphone";
  mute.setAttribute("aria-pressed", String(microphone?.muted ?? false));
  const [name, text] = situation(microphone);
  status.dataset.status = name;
  if (status.textContent !== text) status.textContent = text;
  // That the model speaks is heard anyway, and a screen reader that said so would talk over it, twice in each turn.
  if (name !== "speaking" && spoken.textContent !== text) spoken.textContent = text;
  invitation.textContent = invitationTo(microphone);
}

function situation(microphone) {
  if (!conversation) return ["ready", "Ready"];
  if (!conversation.isOpen) return ["connecting", "Connecting"];
  if (conversation.isReconnecting) return ["reconnecting", "Reconnecting"];
  if (isSpeaking) return ["speaking", "The model is speaking"];
  if (conversation.isAsking) return ["text", "Waiting for the microphone"];
  if (!microphone) return ["text", "No microphone"];
  return microphone.muted ? ["muted", "Muted"] : ["listening", "Listening"];
}

function invitationTo(microphone) {
  if (!conversation) return "Press Start and say something.";
  return microphone ? "Say something." : "Type something.";
}

/** Opens a conversation with what the settings say now. */
function begin({ endpoint, token = "/token" }, settings) {
  notices.clear();
  transcript.clear();
  calls.clear();
  rotations.clear();
  facts.clear();
  facts.set({ state: "connecting", model: settings.model });
  conversation = new Conversation(view);
  const speaker = () => devices.speaker;
  opening = conversation.open({
    model: settings.model,
    token,
    endpoint,
    runIn: settings.runIn,
    wakeLock: true,
    record: recordings.option,
    config: {
      responseModalities: ["AUDIO"],
      systemInstruction: INSTRUCTION,
      inputAudioTranscription: {},
      outputAudioTranscription: {},
      tools: [{ functionDeclarations: declarations }],
    },
  }, speaker);
  show();
  return opening;
}

/** What the microphone is opened with now. */
function microphoneOf(settings) {
  return { ...settings.microphone, deviceId: devices.deviceId };
}

async function toggle(server, settings) {
  if (conversation) return conversation.close();
  if (await begin(server, settings)) await conversation?.openMicrophone(() => microphoneOf(settings));
}

async function toggleMute(settings) {
  const microphone = conversation?.microphone;
  if (!microphone) return conversation?.openMicrophone(() => microphoneOf(settings));
  if (microphone.muted) microphone.unmute();
  else microphone.mute();
  devices.unmuted();
  show();
}

/** Sends what was typed, in a new session without a microphone if none is open. */
async function submit(server, settings) {
  const text = message.value.trim();
  if (!text) return;
  message.value = "";
  try {
    if (await (opening ?? begin(server, settings))) {
      conversation?.say(text);
      transcript.typed(text);
      return;
    }
  } catch (error) {
    notices.fail(error);
  }
  // It was not sent: whoever typed it may want to try again, before what was typed meanwhile.
  message.value = [text, message.value].filter(Boolean).join(" ");
}

/** Asks the server whom this page talks to, and brings the controls to life. */
async function prepare() {
  const [answer] = await Promise.all([fetch("/config.json"), preload()]);
  if (!answer.ok) throw new Error(`The server does not say whom to talk to: /config.json answered ${answer.status}.`);
  const server = await answer.json();
  const settings = new Settings(element("settings"), server);
  const isSimulator = server.mode === "simulator";
  facts.set({ state: "not connected", peer: isSimulator ? "the simulator" : "the Gemini Live API", model: server.model });
  if (isSimulator) {
    notices.announce("Simulator: it repeats your own words; no Gemini is involved.");
    element("calls-empty").textContent = "Type “call current_time” or “call set_page_colour in teal”.";
  } else {
    notices.announce(
      "Gemini, at the expense of this server's key. Its tokens are for any model and setup, since the settings can be changed " +
        "here: an application's own should be locked.",
    );
  }

  start.addEventListener("click", () => toggle(server, settings));
  mute.addEventListener("click", () => toggleMute(settings));
  recordings.begin(server, () => conversation, (error) => notices.fail(error));
  element("retry").addEventListener("click", () => conversation?.retryNow());
  element("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(server, settings);
  });
  for (const control of [start, message, send]) control.disabled = false;
  show();
}

prepare().catch((error) => {
  status.dataset.status = "failed";
  status.textContent = spoken.textContent = "Not working";
  notices.fail(error);
});
