/**
 * How each browser is started, and what its microphone hears.
 *
 * Chromium plays a WAV file as its microphone. Firefox cannot: it takes its sound from a PulseAudio server of ours
 * (FIREFOX_PULSE_SERVER), into which the file is played when a page begins to listen.
 */
import { spawn } from "node:child_process";

/**
 * Tests that only Chromium can run, and why. In other browsers they are counted as such; no other test may be left out.
 * Without `test` it is the whole file.
 */
const CHROMIUM_ONLY = [
  { file: "permission.spec.mjs", why: "only its protocol answers the question for the microphone" },
  { file: "check.spec.mjs", why: "the check starts a Chromium of its own" },
  { file: "ownership.spec.mjs", test: /before the connection was lost/, why: "in Firefox the recorded speaker is open only after that session has ended" },
  { file: "ownership.spec.mjs", test: /unplugged/, why: "Firefox tells nobody of an event that a test sends to a stopped track" },
];

/** Why a test is for Chromium only, if it is. */
export function whyOnlyChromium({ file, title }) {
  const rule = CHROMIUM_ONLY.find((one) => file.endsWith(`/${one.file}`) && (one.test?.test(title) ?? true));
  return rule?.why;
}

/**
 * Whether a line in the console is the browser's own and nobody can prevent it: Firefox prints one, with the whole
 * address, when a socket is closed that was still connecting.
 */
export function isOfTheBrowser(browserName, text) {
  return browserName === "firefox" && CLOSED_WHILE_CONNECTING.some((line) => line.test(text));
}

const CLOSED_WHILE_CONNECTING = [
  /^Firefox can.t establish a connection to the server at wss?:[^ ]*$/,
  /^The connection to wss?:[^ ]* was interrupted while the page was loading\.$/,
];

/** What a browser is launched with. `grant`: whether pages may listen without a person being asked. */
export function launchOptionsOf(browserName, { wav, grant = true }) {
  return browserName === "firefox" ? firefox(grant) : chromium(wav, grant);
}

function chromium(wav, grant) {
  const args = [
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    // Without `%noloop` it would start again at its end.
    `--use-file-for-fake-audio-capture=${wav}%noloop`,
  ];
  if (grant) args.push("--use-fake-ui-for-media-stream");
  // It refuses to be root's.
  const chromiumSandbox = process.getuid?.() !== 0;
  return { executablePath: process.env.CHROMIUM || "/usr/bin/chromium", chromiumSandbox, args };
}

function firefox(grant) {
  return {
    executablePath: process.env.FIREFOX,
    env: { ...process.env, PULSE_SERVER: process.env.FIREFOX_PULSE_SERVER },
    firefoxUserPrefs: {
      "media.navigator.permission.disabled": grant,
      "media.autoplay.default": 0,
      "media.autoplay.blocking_policy": 0,
    },
  };
}

/** In Firefox, speaks the file whenever a page has begun to listen. Answers how to end that. */
export async function speakWhenListenedTo(context, wav) {
  let voice;
  const speak = () => {
    voice?.kill();
    const env = { ...process.env, PULSE_SERVER: process.env.FIREFOX_PULSE_SERVER };
    voice = spawn("paplay", ["--device=stage", wav], { env, stdio: "ignore" });
    voice.on("error", (error) => console.error(`paplay could not be run: ${error.message}`));
  };
  await context.exposeBinding("isListening", speak);
  await context.addInitScript(() => {
    // A page that is not of a secure origin has none.
    if (!globalThis.MediaDevices) return;
    const original = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = function (...words) {
      const coming = original.apply(this, words);
      coming.then(() => globalThis.isListening(), () => {});
      return coming;
    };
  });
  return () => voice?.kill();
}
