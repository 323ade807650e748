/**
 * The voice as samples, with the place of each in its turn, and where in them the ear is. Here and not in wasm, and loaded by whoever
 * listens; Rust applications have the same.
 *
 * @param {AudioContext} context  that plays it
 * @param {MessagePort} port  to the driver: `src/web/driver/pcm.rs` has what comes
 * @param {() => void} stop  nobody listens any more
 * @param {AbortSignal} signal  aborts when the speaker is stopped
 */
export async function openPcm(context, port, stop, signal) {
  return new LivePcm(context, port, stop, signal);
}

/** Samples in a second, and in a millisecond. */
const RATE = 24_000;
const MS = RATE / 1000;
/** What may wait for who takes the events: a minute of samples, and so many events. */
const MOST_SAMPLES = 60 * RATE;
const MOST_EVENTS = 16_384;
/** What was played longer ago is heard by now, in headphones over the air as well. */
const HEARD = 5 * RATE;
/** How old an output timestamp may be, and by how much ahead. */
const MOST_AGE_MS = 2_000;
const SLACK_MS = 50;
/** How long the driver may take to say that the speaker is gone. */
const LAST_WORD_MS = 1_000;

class LivePcm {
  #context;
  #port;
  #stop;
  #isOver = false;
  #events = [];
  #waiting = [];
  #held = 0;
  #dropped = 0;
  /**
   * What the speaker was given, in its order. `from` is where a chunk lies among all samples that it plays, since it was opened:
   * known as soon as it has reached the chunk's epoch.
   */
  #chunks = [];
  /** What the speaker said last: how many samples it had played at a time of the context's. */
  #report;

  constructor(context, port, stop, signal) {
    this.#context = context;
    this.#port = port;
    this.#stop = stop;
    port.onmessage = ({ data: [what, ...rest] }) => {
      if (what === "audio") this.#take(...rest);
      else if (what === "played") this.#play(...rest);
      else this.#end();
    };
    // The driver has the last word, unless it is gone. The speaker may be, while this was loaded.
    const expect = () => setTimeout(() => this.#end(), LAST_WORD_MS);
    if (signal.aborted) expect();
    else signal.addEventListener("abort", expect);
  }

  get stopped() {
    return this.#isOver;
  }

  get droppedSamples() {
    return this.#dropped;
  }

  /** Where the ear is: what is heard now was put out by the audio thread a little earlier. */
  playback() {
    if (!this.#report) return undefined;
    const { time, played, isPlaying, queued } = this.#report;
    const since = (this.#heardTime() - time) * RATE;
    const heard = Math.min(played + (isPlaying ? since : Math.min(0, since)), played + queued);
    const chunk = this.#chunks.findLast(({ from }) => from <= heard);
    if (!chunk) return undefined;
    const { turnId, position, count, from } = chunk;
    const at = position + Math.min(count, heard - from);
    // What was put out last is still on its way.
    return place(turnId, at, { playing: isPlaying || heard < played });
  }

  /** What leaves the loudspeaker now, as a time of the context's. */
  #heardTime() {
    const context = this.#context;
    const { currentTime } = context;
    if (!tellsLatency()) return currentTime;
    const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp?.() ?? {};
    const age = performance.now() - performanceTime;
    // WebKit has been seen to tell times that are still to come, by another page's clock.
    if (contextTime > 0 && age > -SLACK_MS && age < MOST_AGE_MS) return Math.min(currentTime, contextTime + age / 1000);
    return currentTime - (context.outputLatency || context.baseLatency || 0);
  }

  #take(epoch, at, turnId, position, samples) {
    const chunk = { epoch, at, turnId, position, count: samples.length, from: undefined };
    this.#chunks.push(chunk);
    if (this.#report?.epoch === epoch) chunk.from = this.#report.before + at;
    this.#tell(place(turnId, position, { type: "audio", sampleRate: RATE, samples }));
  }

  #play(epoch, at, played, queued, isPlaying, time) {
    const before = played - at;
    const last = this.#report;
    this.#report = { epoch, before, played, queued, isPlaying, time };
    if (last && last.epoch !== epoch) this.#cut(last.epoch, epoch, before);
    // The latest are those of which it was not known.
    for (let i = this.#chunks.length - 1; i >= 0 && this.#chunks[i].from === undefined; i--) {
      if (this.#chunks[i].epoch === epoch) this.#chunks[i].from = before + this.#chunks[i].at;
    }
    const past = this.#chunks.findIndex(({ from, count }) => !(from + count < played - HEARD));
    // The last one is where the ear stays.
    if (past > 0) this.#chunks.splice(0, past);
    else if (past < 0) this.#chunks.splice(0, this.#chunks.length - 1);
  }

  /** The epochs before this one are over: of what they were given nothing is heard from this sample on. */
  #cut(last, epoch, end) {
    const told = new Set();
    for (const chunk of this.#chunks) {
      if (chunk.epoch === epoch || chunk.isCut) continue;
      chunk.isCut = true;
      const heard = chunk.epoch === last ? Math.max(0, Math.min(chunk.count, end - chunk.from || 0)) : 0;
      if (heard < chunk.count && !told.has(chunk.turnId)) {
        told.add(chunk.turnId);
        this.#tell(place(chunk.turnId, chunk.position + heard, { type: "interrupted" }));
      }
      chunk.count = heard;
    }
    this.#chunks = this.#chunks.filter(({ epoch: of, count }) => of === epoch || count > 0);
  }

  #tell(event) {
    const waiting = this.#waiting.shift();
    if (waiting) return waiting({ value: event, done: false });
    this.#events.push(event);
    this.#held += event.samples?.length ?? 0;
    while (this.#held > MOST_SAMPLES || this.#events.length > MOST_EVENTS) {
      const { samples } = this.#events.shift();
      this.#held -= samples?.length ?? 0;
      this.#dropped += samples?.length ?? 0;
    }
  }

  #end() {
    this.#isOver = true;
    this.#port.close();
    for (const resolve of this.#waiting.splice(0)) resolve({ value: undefined, done: true });
  }

  stop() {
    if (this.#isOver) return;
    this.#end();
    this.#stop();
  }

  async next() {
    const event = this.#events.shift();
    if (event) {
      this.#held -= event.samples?.length ?? 0;
      return { value: event, done: false };
    }
    if (this.#isOver) return { value: undefined, done: true };
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Whoever leaves the loop listens no more. */
  async return() {
    this.stop();
    this.#events = [];
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/** A place in a turn's audio. Where no turns are kept they have no number. */
function place(turnId, position, { type, ...rest }) {
  return { ...(type && { type }), ...(turnId > 0 && { turnId }), position, positionMs: position / MS, ...rest };
}

/**
 * Whether the browser may be asked for an output's latency. Firefox on Linux may never answer: its page asks the sound server, and holds
 * meanwhile what the audio thread waits for, which the sound server waits for.
 */
function tellsLatency() {
  return !/X11.*Firefox/.test(globalThis.navigator?.userAgent);
}
