// Microphone to wire, wire to loudspeaker: what runs on the audio thread.
//
// One file without imports, although it is long: bundlers and wasm-bindgen carry it along as an asset that they do not read,
// so that what it imported would not be there, and a `data:` address has nothing beside it. Two files for addModule() would
// be two addresses in every option, policy and bundler, and could not share the ring.
// Nothing in process() allocates, logs, throws, waits or posts per quantum.
// The page's first message, { port }, leads to the driver. What either may say to a processor, and what it says:
//
//   both           "stop"   silence behind a ramp, then the end; "drain": plays out first
//                  to the page: "ended", with the last quantum. The page may close the context then, but must not wait for
//                           it for ever: no quantum runs while the context is suspended
//   live-capture   ring     to the driver: samples written so far, once per frame of 20 ms
//                  no ring  to the driver: ArrayBuffer of a frame, which it sends back; { lost } before a frame after a loss
//   live-playback  no ring  from the driver: ArrayBuffer of samples (never more than fit), "flush", "end"
//                  both     from the driver: "pause", "resume"
//                           from the driver, as its last word: ArrayBuffer of all the samples that did not fit any more
//                           to the page, when half of its ring is free and more of those go there: "more"
//                           to the driver: the report, every 100 ms while playing, and at once when playback starts,
//                           runs dry or has obeyed a flush

/** @typedef {{ up: number, down: number, taps: number, coefficients: Float32Array }} Filter */
/** @typedef {{ ring?: SharedArrayBuffer | null, capacity: number, filter?: Filter | null }} Options */

const WRITE = 0, FLUSH = 1, READ = 2, END = 3;

/**
 * Ring of 16-bit samples between one producer and one consumer; the other half is `audio::ring` in Rust.
 *
 *   byte  0      4      8     12     16            32                         32 + 2 * capacity
 *         WRITE  FLUSH  READ  END    zero, unused  sample sample sample ...
 *
 * Positions count samples since the start, modulo 2^32; position p lies in slot p mod capacity.
 *
 *   WRITE  producer  samples ever pushed
 *   FLUSH  producer  samples before this position are void
 *   READ   consumer  samples ever taken or skipped
 *   END    producer  an utterance is complete up to here
 *
 * Every word has one writer, so no lock is needed. Only the constructor allocates, and nothing waits.
 */
class SampleRing {
  #header; #samples; #mask;
  // The consumer's view, as of the last look().
  #read; #write; #flush; #end;
  #lost = 0;

  /**
   * @param {SharedArrayBuffer | ArrayBuffer | null | undefined} buffer  what the other half has; without, both are here
   * @param {number} capacity  a power of two
   */
  constructor(buffer, capacity) {
    const memory = buffer ?? new ArrayBuffer(32 + 2 * capacity);
    this.#header = new Int32Array(memory, 0, 8);
    this.#samples = new Int16Array(memory, 32, capacity);
    this.#mask = capacity - 1;
    this.#read = this.#flush = this.#end = this.#write = this.#header[READ];
  }

  /**
   * Producer. Pushes the first `count` samples; when the ring is full, the oldest ones become void.
   * @param {Int16Array} source @param {number} count
   */
  push(source, count) {
    const header = this.#header, samples = this.#samples, mask = this.#mask;
    const write = header[WRITE];
    const oldest = (write + count - samples.length) | 0;
    // Before anything is overwritten, or the consumer could take new samples for old ones.
    if (((oldest - header[FLUSH]) | 0) > 0) Atomics.store(header, FLUSH, oldest);
    for (let i = 0; i < count; i++) samples[(write + i) & mask] = source[i];
    Atomics.store(header, WRITE, (write + count) | 0);
  }

  /** Producer. Makes all that was pushed void, and completes the utterance. */
  flush() {
    Atomics.store(this.#header, FLUSH, this.#header[WRITE]);
    this.finish();
  }

  /** Producer. Completes the utterance. */
  finish() { Atomics.store(this.#header, END, this.#header[WRITE]); }

  /** Producer. Samples ever pushed. */
  get written() { return this.#header[WRITE] >>> 0; }
  /** Producer. How many samples fit without voiding any. */
  get free() { return this.#samples.length - ((this.#header[WRITE] - Atomics.load(this.#header, READ)) >>> 0); }

  /**
   * Consumer. Sees what the producer did, and says how many samples have come.
   * FLUSH before WRITE: the producer stores them the other way round, and a flush beyond WRITE would be none.
   */
  look() {
    const before = this.#write;
    this.#flush = Atomics.load(this.#header, FLUSH);
    this.#end = Atomics.load(this.#header, END);
    this.#write = Atomics.load(this.#header, WRITE);
    return (this.#write - before) >>> 0;
  }

  /** Consumer. Samples ever taken or skipped. */
  get position() { return this.#read >>> 0; }
  /** Consumer. Samples that were void when they were skipped. */
  get lost() { return this.#lost; }
  /** Consumer. Samples that the last look() saw and that were not taken yet. */
  get left() { return (this.#write - this.#read) >>> 0; }
  /** Consumer. Whether the next sample is void. */
  get isVoid() { return this.#isAhead(this.#flush); }
  /** Consumer. Whether the utterance of the next sample is complete. */
  get isEnded() { return this.#isAhead(this.#end); }
  /** Consumer. Whether an utterance is complete after the last sample left. */
  get isComplete() { return this.#write === this.#end; }
  /** Consumer. Whether an utterance is complete before the next sample. */
  get isBetween() { return this.#read === this.#end; }

  /** A FLUSH or END that does not lie among what is left is one of long ago. @param {number} position */
  #isAhead(position) { return position !== this.#read && (position - this.#read) >>> 0 <= this.left; }

  /** Consumer. The next sample; there must be one left. */
  take() {
    const sample = this.#samples[this.#read & this.#mask];
    this.#read = (this.#read + 1) | 0;
    return sample;
  }

  /** Consumer. Takes all that the last look() saw for void. */
  abandon() { this.#flush = this.#write; }

  /** Consumer. Goes past what is void. */
  skip() {
    if (!this.isVoid) return;
    this.#lost += (this.#flush - this.#read) >>> 0;
    this.#read = this.#flush;
  }

  /** Consumer. Lets the producer reuse the room of what was taken. */
  commit() { Atomics.store(this.#header, READ, this.#read); }

  /** Consumer, with the producer on the same thread. Fills `output`, if there is enough. @param {Int16Array} output */
  pull(output) {
    this.look();
    this.skip();
    if (this.left < output.length) return false;
    for (let i = 0; i < output.length; i++) output[i] = this.take();
    this.commit();
    return true;
  }
}

/** Polyphase resampler; sample for sample what `audio::filter::Resampler` computes. */
class Resampler {
  /** @param {Filter} filter */
  constructor({ up, down, taps, coefficients }) {
    this.up = up;
    this.down = down;
    this.taps = taps;
    this.coefficients = coefficients;
    this.rows = coefficients.length / taps;
    // Every sample twice, so that the last `taps` lie in one piece wherever the oldest is.
    this.history = new Float32Array(2 * taps);
    this.oldest = 0;
    this.phase = up;
  }

  /** Whether next() can be called; otherwise push() is due. */
  get isReady() { return this.phase < this.up; }

  /** Takes one sample. @param {number} sample */
  push(sample) {
    this.history[this.oldest] = this.history[this.oldest + this.taps] = sample;
    this.oldest = this.oldest + 1 === this.taps ? 0 : this.oldest + 1;
    this.phase -= this.up;
  }

  /** Gives one sample. */
  next() {
    const phase = this.phase;
    this.phase += this.down;
    if (this.rows === this.up) return this.dot(phase);
    const position = (phase * (this.rows - 1)) / this.up;
    const row = Math.floor(position);
    const below = this.dot(row);
    return below + (position - row) * (this.dot(row + 1) - below);
  }

  /** @param {number} row */
  dot(row) {
    const { history, coefficients, taps } = this;
    // Four sums, in this order: it is what Rust does, and it is faster than one.
    let a = 0, b = 0, c = 0, d = 0;
    for (let i = 0, h = this.oldest, k = row * taps; i < taps; i += 4, h += 4, k += 4) {
      a += history[h] * coefficients[k];
      b += history[h + 1] * coefficients[k + 1];
      c += history[h + 2] * coefficients[k + 2];
      d += history[h + 3] * coefficients[k + 3];
    }
    return a + b + (c + d);
  }
}

/** What both processors share: a ring, a resampler, and a driver to talk to. */
class LiveProcessor extends AudioWorkletProcessor {
  /** For tests: the parts that processors are made of. */
  static parts = { SampleRing, Resampler };

  /** @param {Options} options */
  constructor({ ring, capacity, filter }) {
    super();
    this.isShared = !!ring;
    this.ring = new SampleRing(ring, capacity);
    this.resampler = filter ? new Resampler(filter) : null;
    this.isAlive = true;
    this.isStopping = this.isDraining = false;
    this.driver = /** @type {MessagePort | null} */ (null);
    this.port.onmessage = ({ data }) => this.receive(data);
  }

  /** @param {any} data */
  receive(data) {
    if (data === "stop") {
      this.isStopping = this.isDraining = true;
    } else if (data === "drain") {
      this.isDraining = true;
    } else if (data?.port) {
      this.driver = data.port;
      data.port.onmessage = this.port.onmessage;
    } else {
      this.hear(data);
    }
  }

  /** What else the driver says. @param {any} _data */
  hear(_data) {}

  /** There is nothing more to do: process() returns false from here on. */
  end() {
    this.isAlive = false;
    this.driver?.close();
    this.port.postMessage("ended");
  }
}

/** Samples at 16 kHz between two words to the driver: 20 ms, what one message on the wire holds. */
const FRAME = 320;
/** Blocks to send frames in: two seconds' worth would be waste, fewer than the driver's longest nap would be loss. */
const BLOCKS = 8;

/** Microphone to wire: the input's channels averaged, at 16 kHz. The driver cuts them into frames. */
class LiveCapture extends LiveProcessor {
  /** @param {{ processorOptions: Options }} options */
  constructor({ processorOptions }) {
    super(processorOptions);
    this.block = new Int16Array(FRAME);
    // Samples in the block, and since the driver was last told.
    this.filled = this.untold = 0;
    // The driver sends the blocks back: while none is here, samples wait in the ring.
    this.pool = /** @type {Int16Array[]} */ ([]);
    while (!this.isShared && this.pool.length < BLOCKS) this.pool.push(new Int16Array(FRAME));
    this.pooled = this.pool.length;
    this.transfer = /** @type {ArrayBuffer[]} */ ([]);
    this.loss = { lost: 0 };
  }

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    if (this.isDraining) {
      if (this.isAlive) this.end();
      return false;
    }
    const channels = inputs[0]; // none while nothing is connected: then no time passes for the listener
    const count = channels.length && channels[0].length;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let c = 0; c < channels.length; c++) sum += channels[c][i];
      this.store(sum / channels.length);
    }
    this.hand();
    return true;
  }

  /** @param {number} sample */
  store(sample) {
    const resampler = this.resampler;
    if (!resampler) return this.put(sample);
    resampler.push(sample);
    while (resampler.isReady) this.put(resampler.next());
  }

  /** @param {number} sample */
  put(sample) {
    // Not a number becomes silence when it is stored.
    this.block[this.filled++] = Math.max(-32768, Math.min(32767, Math.floor(sample * 32768 + 0.5)));
    if (this.filled === FRAME) this.hand();
  }

  /** Hands on what there is: with a shared ring, the driver can take all of it whenever a mark must follow it. */
  hand() {
    this.ring.push(this.block, this.filled);
    this.untold += this.filled;
    this.filled = 0;
    if (this.untold < FRAME) return;
    this.untold %= FRAME;
    if (this.isShared) this.driver?.postMessage(this.ring.written);
    else this.send();
  }

  /** Sends the frames that wait, as far as there are blocks. */
  send() {
    const { driver, ring, pool, loss } = this;
    while (driver && this.pooled > 0 && ring.pull(pool[this.pooled - 1])) {
      if (ring.lost !== loss.lost) {
        loss.lost = ring.lost;
        driver.postMessage(loss);
      }
      const { buffer } = pool[--this.pooled];
      this.transfer[0] = /** @type {ArrayBuffer} */ (buffer);
      driver.postMessage(buffer, this.transfer);
    }
  }

  /** @param {any} data */
  hear(data) {
    if (this.isShared || data?.byteLength !== 2 * FRAME || this.pooled === BLOCKS) return;
    this.pool[this.pooled++] = new Int16Array(data);
    this.send();
  }
}

/** 24 kHz samples in a millisecond. */
const MS = 24;
/** Samples of a ramp: 5 ms. */
const RAMP = 5 * MS;
/** What is to be left when the latest chunk comes. */
const MARGIN = 40 * MS;
/** After a gap as short as this it plays on at once, once in an utterance: gathering would be the longer silence. */
const TINY = 20 * MS;
/** The highest target. */
const MOST = 400 * MS;
/** A gap beyond this is no gap: the utterance was over, though no END said so (a tool is called, the model just stops). */
const LONGEST = MOST + MARGIN;

/**
 * Wire to loudspeaker.
 *
 *   silent   nothing to play. The first sample of an utterance starts the gathering
 *   gathers  until `target` samples' time has passed, or as many are there beyond a chunk, or the utterance's end is
 *   plays    until the ring is empty: at END the utterance is over, elsewhere it is starved
 *   starved  silence. If END comes, or nothing for LONGEST, it was none; if more comes, it was a concealment: the target
 *            grows, and it gathers, unless the gap was TINY
 *
 * The last chunk does not count as gathered: the service may speak in real time, so that the next comes only when this
 * one has been played, and without a cushion beyond it every chunk that is late by a millisecond leaves a hole.
 */
class LivePlayback extends LiveProcessor {
  /** @param {{ processorOptions: Options & { jitterMs: number } }} options */
  constructor({ processorOptions }) {
    super(processorOptions);
    this.floor = this.target = Math.round(processorOptions.jitterMs * MS);
    this.input = new Float32Array(1);
    this.ramp = Float32Array.from({ length: RAMP + 1 }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * i) / RAMP));
    this.isPlaying = this.isStarved = this.isFlushing = this.isUrgent = this.hasGoneOn = this.isPaused = false;
    // Where in the ramp; and how many samples it has starved, gathered, been silent, not reported.
    this.level = this.gap = this.waited = this.idle = this.elapsed = 0;
    // By how many samples this utterance is played later than its first chunk came; and its smallest chunk, where several
    // that come together look like one.
    this.cushion = this.chunk = 0;
    // What the driver left behind, and found no room in the ring yet.
    this.rest = new Int16Array();
    this.report = { read: 0, played: 0, concealmentEvents: 0, concealedSamples: 0, buffered: 0, playing: false };
  }

  /** @param {Float32Array[][]} _inputs @param {Float32Array[][]} outputs */
  process(_inputs, outputs) {
    if (!this.isAlive) return false;
    const channels = outputs[0];
    const output = channels[0];
    const { ring, resampler } = this;
    // Not as soon as there is any room: it allocates, and tells the page, which waits for the end.
    if (this.rest.length && ring.free > ring.left) {
      this.refill();
      this.port.postMessage("more");
    }
    this.look();
    // After that much silence the filter holds nothing else.
    const isQuiet = this.idle > (resampler ? resampler.taps : 0) && ring.left === 0;
    if (isQuiet) output.fill(0);
    else this.render(output);
    for (let c = 1; c < channels.length; c++) channels[c].set(output);
    ring.commit();
    this.tell(output.length);
    if (isQuiet && this.isDraining) this.end();
    return this.isAlive;
  }

  /** Sees what the driver did since the last quantum. */
  look() {
    const { ring } = this;
    const arrived = ring.look();
    // Nobody is left who could say to go on.
    if (this.isDraining) this.isPaused = false;
    if (this.isStopping) ring.abandon();
    // Once it is silent, what the driver goes on to push must not keep a stopped processor alive.
    if (this.isStopping && this.level === 0) ring.skip();
    if (ring.isVoid) this.isFlushing = true;
    if (arrived === 0) return;
    const isFirst = !this.isPlaying && !this.isStarved && this.waited === 0;
    this.chunk = isFirst ? arrived : Math.min(this.chunk, arrived);
    const spare = ring.left - arrived;
    // It fades out already: a chunk that is nearly too late teaches as much as one that is.
    if (this.isPlaying && spare < RAMP && !ring.isEnded && !this.isFlushing) this.learn(spare);
  }

  /** The target becomes what would have left MARGIN. @param {number} spare  what was left; below zero after a gap */
  learn(spare) {
    this.target = Math.max(this.target, Math.min(MOST, this.cushion + MARGIN - spare));
  }

  /** @param {Float32Array} output */
  render(output) {
    const { resampler, input } = this;
    for (let i = 0; i < output.length; i++) {
      if (!resampler) {
        this.next(output, i);
        continue;
      }
      while (!resampler.isReady) {
        this.next(input, 0);
        resampler.push(input[0]);
      }
      output[i] = resampler.next();
    }
  }

  /**
   * The next sample at 24 kHz. Stored, not returned: where engines do not inline a function, they allocate the fraction
   * that it returns.
   * @param {Float32Array} output @param {number} at
   */
  next(output, at) {
    const { ring, report } = this;
    output[at] = 0;
    if (this.isFlushing && (this.level === 0 || !ring.isVoid)) {
      // Faded out, or nothing left to fade.
      ring.skip();
      this.isFlushing = false;
      this.turn(false, false);
    }
    // Faded out: it stays where it is, and neither waits for anything nor misses it.
    if (this.isPaused && this.level === 0) return;
    if (!this.isPlaying && !this.starts()) return;
    const left = ring.left;
    if (left === 0) {
      // What follows is late, unless the utterance is over: starts() will see.
      this.turn(false, true);
      this.gap = 1;
      return;
    }
    // Fades out ahead of a flush or a pause, and of the ring's end unless the utterance ends there.
    if (this.isFlushing || this.isPaused || (left <= this.level && !ring.isComplete)) this.level--;
    else if (this.level < RAMP) this.level++;
    report.played++;
    output[at] = (ring.take() / 32768) * this.ramp[this.level];
  }

  /** Whether playback starts with this sample. */
  starts() {
    const { ring, report } = this;
    if (ring.isBetween || this.gap > LONGEST || this.isDraining) this.isStarved = false;
    if (ring.left === 0) {
      if (this.isStarved) this.gap++;
      else this.idle++;
      return false;
    }
    if (this.isStarved && this.waited === 0) this.conceal();
    this.idle = 0;
    this.waited++;
    if (!this.isGathered()) {
      if (this.isStarved) report.concealedSamples++;
      return false;
    }
    if (this.isStarved) {
      this.cushion += this.waited;
    } else {
      this.cushion = this.target;
      this.target = Math.max(this.floor, Math.floor(this.target * 0.98));
      this.hasGoneOn = false;
    }
    this.turn(true, false);
    return true;
  }

  /** More has come after a gap. */
  conceal() {
    this.report.concealmentEvents++;
    this.report.concealedSamples += this.gap;
    this.learn(-this.gap);
    this.cushion += this.gap;
  }

  isGathered() {
    const { ring, target } = this;
    if (this.waited > target || ring.left - this.chunk >= target || ring.isEnded || this.isDraining) return true;
    // A second short gap says that the cushion is too thin, where the first may have been one late chunk.
    const goesOn = this.isStarved && this.gap <= TINY && !this.hasGoneOn;
    if (goesOn) this.hasGoneOn = true;
    return goesOn;
  }

  /** @param {boolean} isPlaying @param {boolean} isStarved */
  turn(isPlaying, isStarved) {
    this.isPlaying = isPlaying;
    this.isStarved = isStarved;
    this.waited = this.level = 0;
    this.isUrgent = true;
  }

  /** Reports to the driver, if it is time. @param {number} count */
  tell(count) {
    const { ring, report, driver } = this;
    this.elapsed += count;
    const read = ring.position;
    const isDue = this.elapsed >= sampleRate / 10 && read !== report.read;
    if (!driver || !(isDue || this.isUrgent)) return;
    this.elapsed = 0;
    this.isUrgent = false;
    report.read = read;
    report.buffered = ring.left;
    report.playing = this.isPlaying;
    driver.postMessage(report);
  }

  /** @param {any} data */
  hear(data) {
    if (data?.byteLength) {
      this.rest = new Int16Array(data, 0, data.byteLength >> 1);
      this.refill();
    } else if (data === "pause" || data === "resume") {
      this.isPaused = data === "pause";
    } else if (!this.isShared) {
      if (data === "flush") this.ring.flush();
      if (data === "end") this.ring.finish();
    }
  }

  /** Moves of the rest into the ring what fits. The driver says nothing more, so the ring's producer is this one now. */
  refill() {
    const { ring, rest } = this;
    const count = Math.min(rest.length, ring.free);
    ring.push(rest, count);
    this.rest = rest.subarray(count);
  }
}

registerProcessor("live-capture", LiveCapture);
registerProcessor("live-playback", LivePlayback);
