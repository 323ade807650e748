/**
 * How each browser is started, and what its microphone hears.
 *
 * Chromium plays a WAV file as its microphone. Firefox cannot: it takes its sound from a PulseAudio server of ours, into
 * which the file is played when a page begins to listen.
 */

import { tellWhenListenedTo } from "./stage.mjs";

/**
 * What is run in every browser, by a file's name or by a tag in a file about several things, and what the engine has to do
 * with it. Everything else runs in Chromium alone: options, messages and errors come out of the same wasm everywhere, by
 * way of no more of the browser than what is named here; `cargo xtask test browser` runs the crate's own tests in all.
 */
const ENGINE_MATTERS = [
  { where: "conversation.spec.mjs", why: "whole conversations in both hosts: devices, the audio clock, memory shared between threads" },
  { where: "bargein.spec.mjs", why: "flushing what the audio thread is playing" },
  { where: "busy.spec.mjs", why: "what a Worker and the audio thread do while the page cannot" },
  { where: "capture.spec.mjs", why: "the microphone that the engine has without a real one; in WebKitGTK alone, see below" },
  { where: "microphone.spec.mjs", why: "devices and their errors, which each engine names in its own way" },
  { where: "devices.spec.mjs", why: "what a page is told when a device is taken away or fails" },
  { where: "output.spec.mjs", why: "which device a context plays at, and its sound as a stream" },
  { where: "switching.spec.mjs", why: "when the audio thread hears of another source, and what a context's clock says of it" },
  { where: "permission.spec.mjs", why: "the user's consent" },
  { where: "rotation-speech.spec.mjs", why: "what a microphone gives while there is no socket" },
  { where: "rotation-calls.spec.mjs", why: "signals and promises of handlers while sockets come and go" },
  { where: "rotation.spec.mjs", why: "sockets that fail and are closed, the network's events, timers, and sound that goes on meanwhile" },
  { where: "ownership.spec.mjs", why: "garbage collection, and how devices and contexts are given back" },
  { where: "recording.spec.mjs", why: "frames as text and as bytes, on their way out of a Worker, and modules that are loaded late" },
  { where: "tools.spec.mjs", why: "promises, signals and timers of the page, in the engine's own order" },
  { where: "turns.spec.mjs", why: "what of an answer was heard, by the speaker's reports, and what a microphone gives while somebody talks" },
  { where: "heard.spec.mjs", why: "how many samples of an answer the audio thread has put out when it is interrupted" },
  { where: "statistics.spec.mjs", why: "what the audio thread counts of its sound, and what the browser does" },
  { where: "pcm.spec.mjs", why: "the clock of the output, and ports between a Worker and a page" },
  { where: "leftovers.spec.mjs", why: "the tools that look for leftovers have to see them in each engine" },
  { where: "check-page.spec.mjs", why: "what a person's browser is measured by" },
  { where: "examples.spec.mjs", why: "loading the package without a bundler" },
  { where: "@audio", why: "decoding, scheduling and playing sound" },
  { where: "@devices", why: "the microphone and the speaker" },
  { where: "@loading", why: "modules, the wasm, Workers and content security policies" },
  { where: "@socket", why: "how a socket opens, fails and closes, and what of that a page is told" },
];

/** The tests that run in every browser, as Playwright's `grep` sees them: file, titles and tags in one line. */
export const IN_EVERY_BROWSER = anyOf(ENGINE_MATTERS.map(({ where }) => where));

/**
 * Tests that compare sounds sample by sample. Fewer of them run at once: a machine that is late costs a browser that has no
 * sound card its samples, and that is not what is looked at here.
 */
export const EXACT = anyOf(["check.spec.mjs", "check-page.spec.mjs", "capture.spec.mjs", "conversation.spec.mjs", "bargein.spec.mjs", "busy.spec.mjs", "heard.spec.mjs", "statistics.spec.mjs", "pcm.spec.mjs", "@exact"]);

/** What matches both. */
export function both(one, other) {
  return new RegExp([one, other].map(({ source }) => `(?=.*(?:${source}))`).join(""));
}

function anyOf(words) {
  return new RegExp(words.map((word) => `${word.replaceAll(".", "\\.")}(?![\\w-])`).join("|"));
}

/**
 * Files that are not run in WebKitGTK. Its driver shares no more with Playwright's than `webkit.mjs` has of it; and the
 * microphone that hears a file there is the page's own work, which is late when the page is.
 */
const OTHERS_DRIVE = [
  { where: "demo.spec.mjs", why: "it clicks and types, in the demo page" },
  { where: "demo-choice.spec.mjs", why: "it clicks and chooses, in the demo page" },
  { where: "examples.spec.mjs", why: "it clicks, in the examples' pages" },
  { where: "permission.spec.mjs", why: "it clicks, and asks Chromium's own protocol" },
  { where: "hostile.spec.mjs", why: "it answers in the place of the server" },
  { where: "scripts.spec.mjs", why: "it has many pages in one browser" },
  { where: "busy.spec.mjs", why: "its page and its Worker's socket wait for the same thread: it is about how late the machine is" },
  { where: "rotation-speech.spec.mjs", why: "somebody speaks for seconds" },
];

/** The same as Playwright's `grepInvert` sees them. */
export const NOT_IN_WEBKIT = anyOf(OTHERS_DRIVE.map(({ where }) => where));

/**
 * What is run in WebKitGTK alone: its tests' microphone is the page's own, so that the browser's is looked at by itself. The others'
 * is that of every test there, and conversation.spec.mjs compares what it gives with what arrives.
 */
export const IN_WEBKIT_ALONE = anyOf(["capture.spec.mjs"]);

/**
 * Tests that only Chromium can run, and why. In other browsers they are counted as such; no other test may be left out.
 * Without `test` it is the whole file.
 */
const CHROMIUM_ONLY = [
  { file: "permission.spec.mjs", why: "only its protocol answers the question for the microphone" },
  { file: "busy.spec.mjs", test: /without a Worker/, why: "what Firefox has to keep in store hides the gap" },
  { file: "rotation.spec.mjs", test: /\(worker\)$/, why: "what drives Firefox does not reach into a Worker, to take its network or its time" },
  { file: "ownership.spec.mjs", test: /before the connection was lost/, why: "in Firefox the recorded speaker is open only after that session has ended" },
];

/** The same for tests that WebKitGTK alone cannot run. */
const NOT_WEBKIT = [
  { file: "conversation.spec.mjs", test: /in the middle of a word/, why: "its microphone is the page's own work" },
  { file: "bargein.spec.mjs", test: /cough|hears nothing more/, why: "its microphone is the page's own work" },
  { file: "microphone.spec.mjs", test: /takes over, and comes back/, why: "its microphone is the page's own work, and the only one" },
  { file: "ownership.spec.mjs", test: /outlives its handle|handles are forgotten/, why: "nothing has it collect garbage" },
  { file: "ownership.spec.mjs", test: /^dispose/, why: "it has no Symbol.dispose yet" },
  { file: "rotation.spec.mjs", test: /beside a token that holds the setup/, why: "its driver does not answer in the place of the server" },
];

/** Why a test is not for this browser, if it is not. `suite/playwright.rs` knows how the reason begins. */
export function whyNotIn(browserName, { file, title }) {
  const ruleOf = (rules) => rules.find((one) => file.endsWith(`/${one.file}`) && (one.test?.test(title) ?? true));
  const chromium = browserName !== "chromium" && ruleOf(CHROMIUM_ONLY);
  if (chromium) return `Chromium only: ${chromium.why}`;
  const webkit = browserName === "webkit" && ruleOf(NOT_WEBKIT);
  return webkit ? `not in WebKitGTK: ${webkit.why}` : undefined;
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

/**
 * What a browser is launched with. `grant`: whether pages may listen without the user being asked; `autoplay`: whether they
 * may play before the user has touched them; `loops`: whether the file begins again at its end; `sound`: the server that a
 * Firefox hears and plays with.
 */
export function launchOptionsOf(browserName, { wav, grant = true, autoplay = true, loops = false }, sound) {
  // WebKitGTK is not Playwright's to launch.
  if (browserName === "webkit") return {};
  return browserName === "firefox" ? firefox(grant, sound) : chromium(wav, grant, autoplay, loops);
}

function chromium(wav, grant, autoplay, loops) {
  const args = [
    "--use-fake-device-for-media-stream",
    // Without `%noloop` it starts again at its end.
    `--use-file-for-fake-audio-capture=${wav}${loops ? "" : "%noloop"}`,
  ];
  if (autoplay) args.push("--autoplay-policy=no-user-gesture-required");
  if (grant) args.push("--use-fake-ui-for-media-stream");
  // It refuses to be root's.
  const chromiumSandbox = process.getuid?.() !== 0;
  return { executablePath: process.env.CHROMIUM || "/usr/bin/chromium", chromiumSandbox, args };
}

function firefox(grant, sound) {
  return {
    executablePath: process.env.FIREFOX,
    env: { ...process.env, PULSE_SERVER: sound.address },
    firefoxUserPrefs: {
      "media.navigator.permission.disabled": grant,
      "media.autoplay.default": 0,
      "media.autoplay.blocking_policy": 0,
    },
  };
}

/**
 * In Firefox, speaks the file whenever a microphone is joined to something that runs. Not as soon as there is one: until the
 * graph behind it stands, a machine that has much to do takes longer than the file is silent. Answers how to end that.
 */
export async function speakWhenListenedTo(context, wav, sound) {
  let hush = () => {};
  const speak = () => {
    hush();
    hush = sound.speak(wav);
  };
  await context.exposeBinding("isListening", speak);
  await context.addInitScript(tellWhenListenedTo);
  return () => hush();
}
