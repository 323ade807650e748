import { LiveSession } from "gemini-live-web";

import { Ear, likenessOf, ratioDb } from "./ear.js";

/** What the model is asked to say: long enough to be measured, and to be interrupted. */
const QUESTION = "Please count slowly from one to ten: one, two, three, four, five, six, seven, eight, nine, ten.";

const GESTURE_MS = 3_000;
const CONSENT_MS = 60_000;
const QUIET_MS = 500;
const CAPTURE_MS = 3_000;
const ANSWER_MS = 20_000;
const ANSWER_END_MS = 40_000;
const HUSH_MS = 5_000;
const CLOSE_MS = 5_000;

/** How long an answer sounds before it is interrupted, and how long nothing may sound after. */
const SOUNDING_MS = 700;
const STILL_MS = 400;

/** How often the levels are read. */
const LEVEL_INTERVAL_MS = 50;

/** Samples in a frame of the wire. */
const FRAME_SAMPLES = 320;

/** Something that is no error of the library's: `code` is a word of ours. */
class Failure extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * One session that measures itself. It is begun by a click, for the sake of sound; each step goes on where the one before
 * has failed, as far as it can. `tell(step)` says what is being done.
 */
export class SelfTest {
  report = { agent: navigator.userAgent, failures: [] };
  #server;
  #tell;
  #context;
  #ear;
  #session;
  #microphone;
  #interruptions = 0;

  constructor(server, tell) {
    this.#server = server;
    this.#tell = tell;
  }

  /** Runs all of it. Answers the report, and leaves nothing on. */
  async run() {
    this.#look();
    try {
      // Before anything is waited for: later it would no longer be the click's.
      if ((await this.#step("sound", () => this.#start())) && (await this.#step("connect", () => this.#connect()))) {
        const hears = await this.#step("microphone", () => this.#capture());
        await this.#step("answer", () => this.#listen(hears));
        await this.#step("interruption", () => this.#interrupt());
      }
    } finally {
      await this.#step("end", () => this.#end());
    }
    return this.report;
  }

  async #step(name, action) {
    this.#tell(name);
    try {
      await action();
      return true;
    } catch (error) {
      this.report.failures.push(`${name}:${error?.code ?? error?.name ?? "unknown"}`);
      return false;
    }
  }

  #look() {
    this.report.peer = this.#server.mode;
    this.report.isolated = globalThis.crossOriginIsolated === true;
    this.report.sharedMemory = typeof SharedArrayBuffer === "function";
  }

  async #start() {
    this.#context = new AudioContext({ latencyHint: "interactive" });
    await before(this.#context.resume(), GESTURE_MS, "needs-gesture");
    this.#ear = new Ear(this.#context);
    this.report.contextHz = this.#context.sampleRate;
    this.report.baseLatencyMs = this.#context.baseLatency * 1000;
  }

  async #connect() {
    const { endpoint, model } = this.#server;
    const speaker = { context: this.#context, destination: this.#ear.input };
    const config = { responseModalities: ["AUDIO"] };
    const began = performance.now();
    const rings = watchRings();
    try {
      this.#session = await LiveSession.connect({ model, token: "/token", endpoint, config, speaker });
    } finally {
      rings.end();
    }
    this.report.connectMs = performance.now() - began;
    this.report.runsIn = this.#session.runsIn;
    // 0 is what it is where nobody knows.
    this.report.outputLatencyMs = this.#session.speaker.latencyMs || null;
    this.report.ring = rings.kind();
    this.#session.on("interrupted", () => this.#interruptions++);
  }

  async #capture() {
    if (!globalThis.isSecureContext || !navigator.mediaDevices) throw new Failure("not-secure");
    const opening = this.#session.openMicrophone({ context: this.#context });
    // Who decides too late decides for nobody: the session is over then, and with it the microphone.
    this.#microphone = await before(opening, CONSENT_MS, "permission-dismissed");
    await pause(QUIET_MS);
    const first = await this.#session.stats();
    const began = performance.now();
    const room = await this.#levelsFor(pause(CAPTURE_MS), () => this.#microphone.level());
    const last = await this.#session.stats();
    const seconds = (performance.now() - began) / 1000;
    this.report.capturedHz = ((last.audioFramesSent - first.audioFramesSent) * FRAME_SAMPLES) / seconds;
    this.report.captureSamplesLost = last.captureSamplesLost;
    this.report.audioFramesDropped = last.audioFramesDropped;
    this.report.roomDb = ratioDb(mean(room), 1);
  }

  /** Hears an answer to its end, and whether the microphone hears it too. */
  async #listen(hears) {
    this.#interruptions = 0;
    const before = await this.#session.stats();
    const asked = performance.now();
    await this.#ask();
    this.report.answerMs = performance.now() - asked;
    const ended = this.#until("playbackEnded", ANSWER_END_MS, "no-end");
    const pairs = await this.#levelsFor(ended, () => [this.#ear.level(), hears ? this.#microphone.level() : 0]);
    const { playedMs } = await ended;
    const stats = await this.#session.stats();
    this.report.playedMs = playedMs;
    this.report.receivedMs = (stats.playbackSamplesReceived - before.playbackSamplesReceived) / 24;
    this.report.gaps = stats.concealmentEvents - before.concealmentEvents;
    this.report.gapMs = (stats.concealedSamples - before.concealedSamples) / 24;
    this.report.interruptions = this.#interruptions;
    if (!hears) return;
    const [voice, heard] = [0, 1].map((side) => pairs.map((pair) => pair[side]));
    this.report.echoLikeness = likenessOf(voice, heard);
    this.report.echoDb = ratioDb(mean(heard), mean(voice));
  }

  /** Interrupts an answer, and measures how long it is still heard. */
  async #interrupt() {
    this.#microphone?.mute();
    await this.#ask();
    await pause(SOUNDING_MS);
    await this.#ear.untilLoud(HUSH_MS);
    const wished = performance.now();
    this.#session.interrupt();
    const silentAt = await this.#ear.untilSilent(HUSH_MS, STILL_MS);
    if (silentAt === undefined) throw new Failure("not-silent");
    this.report.hushMs = Math.max(0, silentAt - wished);
  }

  /** Asks for an answer, and waits until it sounds. */
  #ask() {
    const started = this.#until("playbackStarted", ANSWER_MS, "no-answer");
    this.#session.sendRealtimeInput({ text: QUESTION });
    return started;
  }

  #until(type, ms, code) {
    const event = new Promise((resolve) => {
      const stop = this.#session.on(type, (found) => {
        stop();
        resolve(found);
      });
    });
    return before(event, ms, code);
  }

  /** What `read` says, again and again, until something has happened. */
  async #levelsFor(happening, read) {
    const levels = [];
    const timer = setInterval(() => levels.push(read()), LEVEL_INTERVAL_MS);
    await happening.finally(() => clearInterval(timer));
    return levels;
  }

  async #end() {
    try {
      if (this.#session) await before(this.#session.close(), CLOSE_MS, "not-closed");
    } finally {
      await this.#context?.close();
    }
  }
}

/** Sees which memory the library's processors are given. */
function watchRings() {
  const Real = globalThis.AudioWorkletNode;
  let kind = null;
  globalThis.AudioWorkletNode = new Proxy(Real, {
    construct: (target, words, as) => {
      const ring = words[2]?.processorOptions?.ring;
      const isShared = typeof SharedArrayBuffer === "function" && ring instanceof SharedArrayBuffer;
      kind = isShared ? "shared" : "ports";
      return Reflect.construct(target, words, as);
    },
  });
  return { kind: () => kind, end: () => (globalThis.AudioWorkletNode = Real) };
}

/** What a promise resolves with, unless it takes too long. */
function before(promise, ms, code) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Failure(code)), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function mean(levels) {
  return levels.reduce((sum, one) => sum + one, 0) / Math.max(1, levels.length);
}
