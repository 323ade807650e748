/**
 * The fixtures of the end-to-end tests.
 *
 * `bench` drives one session after the other in `pages/bench.html`:
 *
 *   connect(changes), tryToConnect(changes)   a session with the simulator; the second answers `{ value }` or `{ error }`
 *   openMicrophone(options, hz)               a microphone; with a rate it is recorded on its way to the library
 *   openStage(), say(samples, hz)             a microphone that hears what the test says, when the test says it
 *   openSpeaker(hz, options)                  a speaker, recorded on its way to the loudspeaker
 *   until(type, from, fields), events(type)   the events, in order, each with `at` (ms), `frame` (of the recording), `index`
 *   recorded(), overheard()                   what was played, what the microphone gave: `{ rate, samples }`
 *   stats(), close()                          the counters, the end
 *   page, server, simulator                   for everything else; in the page, `bench` is the other half
 *
 * The events of every session of the bench are held against their grammar (`grammar.mjs`).
 *
 * After every test, nothing may be left on (`leftovers.mjs`): a session of the bench or of the demo page that is still
 * open is closed, and then tracks, contexts, Workers, sockets and processors are counted. What a test opens itself it
 * closes itself, or names with `leftovers.own(thing)` in the page; what it leaves on purpose it says by
 * `test.use({ mayLeave: ["Worker"] })`.
 */
import { test as base, expect as expecting } from "@playwright/test";

import { isOfTheBrowser, launchOptionsOf, speakWhenListenedTo, whyNotIn } from "./browsers.mjs";
import { expectNothingLeft, leave, watch } from "./leftovers.mjs";
import { QUESTION, microphoneOf, putBefore } from "./scenes.mjs";
import { serverWith } from "./setup.mjs";
import { Simulator } from "./simulator.mjs";
import { SoundServer } from "./sound-server.mjs";
import { PAGE } from "./webkit.mjs";

/** The configuration that most sessions here use. */
export const CONFIG = { responseModalities: ["AUDIO"], inputAudioTranscription: {}, outputAudioTranscription: {} };

/**
 * A session that answers in writing. Nothing is spoken, so a turn is over as soon as it is written: for tests of which
 * audio is no part.
 */
export const WRITTEN = { model: "models/sim-text", config: { responseModalities: ["TEXT"] } };

/** A microphone that the browser leaves as it is: what the tests compare must not be filtered. */
export const RAW = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** Where the servers have `pages/watcher.js`. */
export const WATCHER = "/tests/pages/watcher.js";

/** A test with a page that has the packed package at hand, and the simulator that it talks to. */
export const test = base.extend(PAGE).extend({
  /** What the microphone hears (`wav`). WebKitGTK has a microphone of its own if it is to (`isOwn`), which hears no file. */
  microphone: [QUESTION, { option: true }],

  /** What pages may do unasked (`grant`, `autoplay`), see `launchOptionsOf`: what is not usual takes a browser of its own. */
  unasked: [{}, { scope: "worker", option: true }],

  /** The sound server of a Firefox. Each has one of its own: they must not hear each other, and one may die. */
  sound: [
    async ({ browserName }, use) => {
      const sound = browserName === "firefox" ? await SoundServer.start() : undefined;
      await use(sound);
      await sound?.stop();
    },
    { scope: "worker" },
  ],

  launchOptions: [
    async ({ browserName, unasked, sound }, use, { parallelIndex }) => {
      await use(launchOptionsOf(browserName, { wav: microphoneOf(parallelIndex), ...unasked }, sound));
    },
    { scope: "worker" },
  ],

  /** Leaves out what this browser cannot run. */
  isForThisBrowser: [
    async ({ browserName }, use, info) => {
      const why = whyNotIn(browserName, info);
      info.skip(Boolean(why), why);
      await use();
    },
    { auto: true },
  ],

  context: async ({ context, browserName, sound, microphone }, use, { parallelIndex }) => {
    putBefore(parallelIndex, microphone);
    if (browserName === "firefox") await context.addInitScript(forbidLatency);
    const hush = sound && (await speakWhenListenedTo(context, microphone.wav, sound));
    await use(context);
    hush?.();
    // Whatever the test says of itself: without a microphone in the machine it says nothing.
    await sound?.verify();
  },

  /** Headers of the server: `isolated` or `plain`. */
  headers: ["isolated", { option: true }],

  server: async ({ headers }, use, { parallelIndex }) => use(serverWith(headers, parallelIndex)),

  simulator: async ({ server }, use) => use(await Simulator.behind(server)),

  /** Everything the page printed; a test may empty it if it expects complaints. */
  printed: async ({ page, browserName }, use) => {
    const printed = whatIsPrinted(page, browserName);
    await use(printed);
    // WebKitGTK's are told with the next answer.
    await page.evaluate(() => {});
    expectNoComplaints(printed);
  },

  /** Kinds of things that a test leaves on, on purpose. */
  mayLeave: [[], { option: true }],

  nothingLeft: [
    async ({ isForThisBrowser: _, browserName, context, simulator, mayLeave }, use, info) => {
      // WebKit lets go of what JavaScript knows of a thing that is on, and of nobody's interest.
      await context.addInitScript(watch, { watcher: WATCHER, holding: browserName === "webkit" });
      await use();
      // A test that failed in the middle left what it was about to close.
      if (info.status !== "passed") return;
      for (const one of context.pages()) await leave(one);
      for (const one of context.pages()) await expectGrammar(one);
      for (const one of context.pages()) await expectNothingLeft(one, { simulator, mayLeave });
    },
    { auto: true },
  ],

  bench: async ({ page, server, printed, simulator }, use, info) => {
    await page.goto(`${server}/tests/pages/bench.html`);
    await page.waitForFunction(() => globalThis.bench);
    await use(new Bench(page, server, simulator));
    if (info.status === "passed") return;
    // A test that waits for what never comes does not say what came instead.
    const told = await page.evaluate(() => bench.events.slice(-50).map(({ type, code, state, at, message = "" }) => `${Math.round(at)} ${code ?? state ?? type} ${message}`.trim())).catch(() => []);
    console.log(`the last events of "${info.title}": ${told.join(", ")}`);
  },
});

/** Runs in the page: Firefox on Linux may never answer who asks for the latency of an output. */
function forbidLatency() {
  const refuse = () => {
    throw new Error("nobody may ask for that here: the page may stand still for ever");
  };
  Object.defineProperty(AudioContext.prototype, "outputLatency", { get: refuse });
  AudioContext.prototype.getOutputTimestamp = refuse;
}

/** Every session that a bench has opened has told what may come where it came. */
async function expectGrammar(page) {
  expect(await page.evaluate(() => globalThis.bench?.ungrammatical ?? []), "events that must not come where they did").toEqual([]);
}

/** Asks anew soon, and not a second later at last, as Playwright would: most of what is waited for comes within one. */
const ASK_AGAIN_MS = [20, 50, 100];

const poll = (ask, options) => expecting.poll(ask, { intervals: ASK_AGAIN_MS, ...(typeof options === "string" ? { message: options } : options) });

export const expect = new Proxy(expecting, { get: (all, name) => (name === "poll" ? poll : all[name]) });

/** What a page prints, from now on. */
export function whatIsPrinted(page, browserName) {
  const printed = [];
  const print = (kind, text) => isOfTheBrowser(browserName, text) || printed.push(`${kind}: ${text}`);
  page.on("console", (message) => print(message.type(), message.text()));
  page.on("pageerror", (error) => print("uncaught", error.message));
  return printed;
}

/** Nothing that was printed may be a complaint, or give away what opens a connection. */
export function expectNoComplaints(printed) {
  expect(printed.filter((line) => /^(error|uncaught|assert)/.test(line)), "complaints in the console").toEqual([]);
  expect(printed.join("\n"), "credentials in the console").not.toMatch(/auth_tokens|access_token|[?&]key=/);
}

/** Options of a session with the simulator behind a server. */
export async function optionsWith(server, changes) {
  const { endpoint } = await (await fetch(`${server}/config.json`)).json();
  return { model: "models/sim-parrot", token: "/token", endpoint, config: CONFIG, ...changes };
}

/** Drives `pages/bench.js` from the test's side. */
class Bench {
  constructor(page, server, simulator) {
    this.page = page;
    this.server = server;
    this.simulator = simulator;
  }

  /** Options of a session with the simulator. */
  async options(changes = {}) {
    return optionsWith(this.server, changes);
  }

  /** Connects; fails the test if that fails. */
  async connect(changes) {
    const outcome = await this.tryToConnect(changes);
    expect(outcome.error, "the error of connect").toBeUndefined();
    return outcome.value;
  }

  async tryToConnect(changes) {
    return this.page.evaluate((options) => bench.connect(options), await this.options(changes));
  }

  /** Opens a microphone, of its own rate or in a context of the one given; the latter is recorded. */
  async openMicrophone(options = RAW, sampleRate) {
    return succeed(await this.page.evaluate((given) => bench.openMicrophone(...given), [options, sampleRate]));
  }

  /** Opens a microphone in front of which nothing is said but by `say`. */
  async openStage() {
    succeed(await this.page.evaluate(() => bench.openStage()));
  }

  /** Says something there, now. */
  async say(samples, rate) {
    const text = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString("base64");
    await this.page.evaluate((given) => bench.say(...given), [text, rate]);
  }

  async openSpeaker(sampleRate, options) {
    return succeed(await this.page.evaluate((given) => bench.openSpeaker(...given), [sampleRate, options]));
  }

  /** The first event of a type from an index on, perhaps one with certain fields. */
  until(type, from = 0, fields = {}) {
    return this.page.evaluate(([wanted, start]) => bench.until(wanted, start), [{ type, ...fields }, from]);
  }

  events(type) {
    return this.page.evaluate((wanted) => bench.events.filter((event) => !wanted || event.type === wanted), type);
  }

  stats() {
    return this.page.evaluate(() => bench.stats());
  }

  /** What was played: `{ rate, samples }`. */
  async recorded() {
    return decoded(await this.page.evaluate(() => bench.recorded()));
  }

  /** What a microphone gave that was opened with a rate: `{ rate, samples }`. */
  async overheard() {
    return decoded(await this.page.evaluate(() => bench.overheard()));
  }

  /** Ends the session, so that the simulator has all there is. */
  async close() {
    await this.page.evaluate(() => bench.session.close());
  }
}

function decoded({ rate, samples }) {
  const bytes = Buffer.from(samples, "base64");
  return { rate, samples: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4) };
}

function succeed({ value, error }) {
  expect(error, "the error").toBeUndefined();
  return value;
}
