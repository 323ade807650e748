/**
 * What a report means, in lines for people: `{ name, verdict, text, remedy }`, the verdict being `good`, `bad` or `plain`.
 * The page that measured and the page that reads a code show the same.
 */
export function findingsOf(report) {
  return FINDINGS.map((find) => find(report)).filter(Boolean);
}

/** By how much of a hundredth the microphone's rate may be off: what was counted is whole frames of 20 ms. */
const RATE_TOLERANCE = 0.03;

/** Milliseconds after which an interruption is noticed as late. */
const LATE_HUSH_MS = 150;

/** From this on the microphone follows the loudspeaker. */
const ECHO_LIKENESS = 0.6;

const FINDINGS = [
  ({ agent }) => plain("Browser", agent || "unknown"),
  ({ peer }) => plain("Talked to", peer === "service" ? "the service" : "the simulator"),
  ({ isolated, sharedMemory }) =>
    plain("Shared memory", sharedMemory ? "there is" : isolated ? "none, though the page is isolated" : "none: the page is not isolated"),
  (report) => failureOf(report, "sound", "Sound") ?? sound(report),
  (report) => failureOf(report, "connect", "Connection") ?? connection(report),
  (report) => failureOf(report, "microphone", "Microphone") ?? capture(report),
  (report) => failureOf(report, "answer", "Answer") ?? playback(report),
  echo,
  (report) => failureOf(report, "interruption", "Interruption") ?? hush(report),
  (report) => failureOf(report, "end", "End"),
];

function sound({ contextHz, baseLatencyMs, outputLatencyMs }) {
  if (contextHz === null) return undefined;
  const latency = [["base", baseLatencyMs], ["output", outputLatencyMs]].filter(([, ms]) => ms !== null);
  const said = latency.map(([name, ms]) => `${name} latency ${Math.round(ms)} ms`);
  return good("Sound", [`${contextHz} Hz`, ...said].join(", "));
}

function connection({ connectMs, runsIn, ring }) {
  if (connectMs === null) return undefined;
  const where = runsIn === "worker" ? "in a Worker" : "on the page";
  const memory = ring === "shared" ? "shared memory" : "messages";
  const text = `open after ${Math.round(connectMs)} ms; runs ${where}, with sound by ${ring === null ? "unknown ways" : memory}`;
  return runsIn === "worker" ? good("Connection", text) : bad("Connection", text, "No Worker could be started: a busy page delays sound.");
}

function capture({ capturedHz, captureSamplesLost, audioFramesDropped, roomDb }) {
  if (capturedHz === null) return undefined;
  const text = `${Math.round(capturedHz)} samples a second, ${captureSamplesLost} lost, ${audioFramesDropped} frames dropped, room ${level(roomDb)}`;
  const isRight = Math.abs(capturedHz / 16_000 - 1) <= RATE_TOLERANCE;
  if (!isRight) return bad("Microphone", text, "16000 are expected: whoever uses the microphone besides should let go of it, and then check again.");
  if (captureSamplesLost + audioFramesDropped > 0) return bad("Microphone", text, "The device, or its network, could not keep up: close what else runs.");
  return good("Microphone", text);
}

function playback({ answerMs, playedMs, receivedMs, gaps, gapMs, interruptions }) {
  if (playedMs === null) return undefined;
  const text = `sounded after ${Math.round(answerMs)} ms; ${Math.round(playedMs)} of ${Math.round(receivedMs)} ms played, ${gaps} gaps (${Math.round(gapMs)} ms)`;
  if (gaps > 0) return bad("Answer", text, "The network or the device was late: try a better network, or a larger jitterMs.");
  // What was cut short is not played to its end.
  const isWhole = interruptions > 0 || Math.abs(playedMs - receivedMs) < 100;
  return isWhole ? good("Answer", text) : bad("Answer", text, "Something was not played: say so in an issue.");
}

function echo({ echoDb, echoLikeness, interruptions }) {
  if (echoLikeness === null) return undefined;
  const cut = interruptions > 0 ? `, and the answer was interrupted ${interruptions} times` : "";
  if (echoLikeness < ECHO_LIKENESS) {
    const text = `the microphone does not follow the loudspeaker${cut}`;
    return interruptions > 0 ? bad("Echo", text, "Somebody spoke: check again where it is quiet.") : good("Echo", text);
  }
  const text = `the microphone hears the loudspeaker, at ${level(echoDb)} of it${cut}`;
  return bad("Echo", text, "Leave echoCancellation on, use headphones, or set halfDuplex.");
}

function hush({ hushMs }) {
  if (hushMs === null) return undefined;
  const text = `silent ${Math.round(hushMs)} ms after interrupt()`;
  return hushMs <= LATE_HUSH_MS ? good("Interruption", text) : bad("Interruption", text, "The page was busy, or its sound is buffered by the device.");
}

/** What a step failed with, and what to do about it. */
function failureOf({ failures }, step, name) {
  const code = [failures ?? []].flat().find((failure) => failure.startsWith(`${step}:`))?.slice(step.length + 1);
  return code && bad(name, `failed: ${code}`, REMEDIES[code] ?? "See docs/errors.md for this word.");
}

const REMEDIES = {
  "needs-gesture": "Tap the button again; on an iPhone also turn the silent switch off.",
  "autoplay-blocked": "Tap the button again; on an iPhone also turn the silent switch off.",
  "not-secure": "Microphones need https: or localhost. The README says how to reach this page from a phone.",
  "permission-denied": "Allow the microphone for this page in the browser's settings, and check again.",
  "permission-dismissed": "Allow the microphone when the browser asks for it, and check again.",
  "permission-policy": "Open the page by itself and not in a frame, or have its server allow the microphone.",
  "device-not-found": "Plug in a microphone, and check again.",
  "device-unavailable": "End the call or the application that uses the microphone, and check again.",
  "no-answer": "The service said nothing in time: check the network, and check again.",
  "no-end": "The answer did not end in time: say so in an issue.",
  "not-silent": "The answer went on: say so in an issue.",
  "token-unavailable": "Look what `cargo xtask demo` has printed.",
  "not-closed": "The session did not end: say so in an issue.",
};

function level(db) {
  return db === null ? "silent" : `${Math.round(db)} dB`;
}

function plain(name, text) {
  return { name, verdict: "plain", text };
}

function good(name, text) {
  return { name, verdict: "good", text };
}

function bad(name, text, remedy) {
  return { name, verdict: "bad", text, remedy };
}
