import { BurstDetector } from "../sound/bursts.mjs";
import { FRAME, FRAME_MS, message } from "../sound/tone.mjs";
import { now, sleep, within } from "./time.mjs";

const LONGEST_WAIT_MS = 15_000;

/** One connection of a contender, from the side of the service: what came and when, and what is said. */
export class Line {
  /** When the socket was open, and when the setup, the first audio and the first audio that is no silence came. */
  at = { open: now() };
  setup;
  messages = 0;
  samples = 0;
  closed;
  #socket;
  #detector = new BurstDetector();
  #says;
  #greeting;

  /** `greeting`: for how many milliseconds the service speaks as soon as the session is set up. */
  constructor(socket, { greeting = 0 } = {}) {
    this.#socket = socket;
    this.#greeting = greeting;
    this.ready = new Promise((resolve) => {
      this.#says = resolve;
    });
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("message", (bytes) => this.#take(bytes, now()));
    socket.on("error", () => {});
  }

  /** Resolves when the session is set up. */
  opened() {
    return within(LONGEST_WAIT_MS, "a setup", this.ready);
  }

  /** The microphone's bursts, by the arrival of the messages that they begin in. */
  get bursts() {
    return this.#detector.found;
  }

  /** When the first audio came. */
  async heardSomething() {
    const deadline = now() + LONGEST_WAIT_MS;
    while (!this.at.audio) {
      if (now() > deadline) throw new Error("nothing came from the microphone");
      await sleep(10);
    }
    return this.at.audio;
  }

  /**
   * Says frames: each when its time has come, in milliseconds from now; all at once unless times are given. Answers when the
   * first and the last left.
   */
  async say(times) {
    const start = now();
    const left = [];
    for (const time of times) {
      const wait = start + time - now();
      if (wait > 0) await sleep(wait);
      if (!this.#isOpen()) throw new Error("the contender hung up while it was spoken to");
      left.push(now());
      this.#socket.send(FRAME);
    }
    return { first: left[0], last: left.at(-1), lengthMs: times.length * FRAME_MS };
  }

  /** The user has interrupted the answer. Answers when that was said. */
  interrupt() {
    const at = now();
    this.#send({ serverContent: { interrupted: true } });
    return at;
  }

  /** The answer is over. */
  complete() {
    this.#send({ serverContent: { generationComplete: true } });
    this.#send({ serverContent: { turnComplete: true } });
  }

  #send(value) {
    if (this.#isOpen()) this.#socket.send(message(value));
  }

  #isOpen() {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #take(bytes, at) {
    this.messages++;
    const said = JSON.parse(bytes);
    if (said.setup) this.#accept(said.setup, at);
    const { audio, mediaChunks = [] } = said.realtimeInput ?? {};
    for (const { data, mimeType } of audio ? [audio] : mediaChunks) this.#hear(Buffer.from(data, "base64"), mimeType, at);
  }

  #accept(setup, at) {
    this.setup = setup;
    this.at.setup = at;
    this.#send({ setupComplete: {} });
    this.#says();
    if (this.#greeting > 0) {
      this.at.greeting = now();
      this.say(realTime(this.#greeting)).catch(() => {});
    }
  }

  #hear(bytes, mimeType, at) {
    const rate = Number(/rate=(\d+)/.exec(mimeType)?.[1] ?? 16_000);
    this.at.audio ??= at;
    this.samples += bytes.length / 2;
    const samples = new Int16Array(bytes.length / 2);
    for (let index = 0; index < samples.length; index++) samples[index] = bytes.readInt16LE(2 * index);
    this.#detector.take(samples, rate, at, 32_768);
  }
}

/** The times of frames that come as fast as they are played, for so long. */
export function realTime(ms) {
  return Array.from({ length: Math.round(ms / FRAME_MS) }, (_, index) => index * FRAME_MS);
}

/** The times of frames that all come at once. */
export function atOnce(ms) {
  return Array.from({ length: Math.round(ms / FRAME_MS) }, () => 0);
}
