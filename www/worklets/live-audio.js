// Microphone to wire, wire to loudspeaker: what runs on the audio thread.
//
// One file without imports, although it is long: bundlers and wasm-bindgen carry it along as an asset that they do not read,
// so that what it imported would not be there, and a `data:` address has nothing beside it. Two files for addModule() would
// be two addresses in every option, policy and bundler, and could not share the ring.
// Nothing in process() allocates, logs, throws, waits or posts per quantum.
// The page's first message, { port }, leads to the driver. What either may say to a processor, and what it says:
//
//   both           "stop"   silence behind a fall, then the end; "drain": plays out first
//                  to the page: "ended", with the last quantum. The page may close the context then, but must not wait for
//                           it for ever: no quantum runs while the context is suspended
//                  "leave", to one that has failed: hands to the page what another can go on with: { port, ring, report }. That is
//                           made with the last two: it may run before it is told of its driver
//   live-capture   ring     to the driver: samples written so far, once per frame
//                  no ring  to the driver: ArrayBuffer of a frame, which it sends back; { lost } before a frame after a loss
//   live-playback  no ring  from the driver: ArrayBuffer of samples (never more than fit), "flush", "end"
//                  both     from the driver: "pause", "resume"
//                           from the driver, as its last word: ArrayBuffer of all the samples that did not fit any more
//                           to the page, when half of its ring is free and more of those go there: "more"
//                           to the driver: the report, every 100 ms while playing, and at once when playback starts,
//                           runs dry or has obeyed a flush

/** @typedef {{ up: number, down: number, taps: number, coefficients: Float32Array }} Filter */
/** @typedef {{ ring?: SharedArrayBuffer | ArrayBuffer | null, capacity: number, frame: number, filter?: Filter | null }} Options */

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
  // The consumer's view, as of the last look(), and where it ended before that.
  #read; #write; #flush; #end; #before;
  #lost = 0;

  /**
   * @param {SharedArrayBuffer | ArrayBuffer | null | undefined} buffer  what the other half has; without, both are here, as they are
   *   in one that is not shared: another processor has left it
   * @param {number} capacity  a power of two
   */
  constructor(buffer, capacity) {
    const memory = (this.memory = buffer ?? new ArrayBuffer(32 + 2 * capacity));
    this.#header = new Int32Array(memory, 0, 8);
    this.#samples = new Int16Array(memory, 32, capacity);
    this.#mask = capacity - 1;
    this.#read = this.#flush = this.#end = this.#write = this.#before = this.#header[READ];
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
    this.#before = this.#write;
    this.#flush = Atomics.load(this.#header, FLUSH);
    this.#end = Atomics.load(this.#header, END);
    this.#write = Atomics.load(this.#header, WRITE);
    return (this.#write - this.#before) >>> 0;
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
  /** Consumer. Whether an utterance is complete before what the last look() saw come. */
  get isAnew() { return this.#before === this.#end; }
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

/**
 * Polyphase resampler; sample for sample what `audio::filter::Resampler` computes. Samples are read and stored where it is told,
 * neither given nor returned: where engines do not inline a function, they allocate each fraction that crosses its border.
 */
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
    this.sums = new Float64Array(2);
  }

  /** Whether next() can be called; otherwise push() is due. */
  get isReady() { return this.phase < this.up; }

  /** Takes one sample. @param {Float32Array} input @param {number} at */
  push(input, at) {
    this.history[this.oldest] = input[at];
    this.history[this.oldest + this.taps] = input[at];
    this.oldest = this.oldest + 1 === this.taps ? 0 : this.oldest + 1;
    this.phase -= this.up;
  }

  /** Forgets what it took. */
  clear() { this.history.fill(0); }

  /** Gives one sample. @param {Float32Array | Float64Array} output @param {number} at */
  next(output, at) {
    const { phase, sums } = this;
    this.phase += this.down;
    if (this.rows === this.up) {
      this.dot(phase, output, at);
      return;
    }
    const position = (phase * (this.rows - 1)) / this.up;
    const row = Math.floor(position);
    this.dot(row, sums, 0);
    this.dot(row + 1, sums, 1);
    output[at] = sums[0] + (position - row) * (sums[1] - sums[0]);
  }

  /** @param {number} row @param {Float32Array | Float64Array} output @param {number} at */
  dot(row, output, at) {
    const { history, coefficients, taps } = this;
    // Four sums, in this order: it is what Rust does, and it is faster than one.
    let a = 0, b = 0, c = 0, d = 0;
    for (let i = 0, h = this.oldest, k = row * taps; i < taps; i += 4, h += 4, k += 4) {
      a += history[h] * coefficients[k];
      b += history[h + 1] * coefficients[k + 1];
      c += history[h + 2] * coefficients[k + 2];
      d += history[h + 3] * coefficients[k + 3];
    }
    output[at] = a + b + (c + d);
  }
}

/** What both processors share: a ring, a resampler, and a driver to talk to. */
class LiveProcessor extends AudioWorkletProcessor {
  /** For tests: the parts that processors are made of. */
  static parts = { SampleRing, Resampler };

  /** @param {Options} options */
  constructor({ ring, capacity, filter }) {
    super();
    this.isShared = !!ring && !(ring instanceof ArrayBuffer);
    this.ring = new SampleRing(ring, capacity);
    this.resampler = filter ? new Resampler(filter) : null;
    this.isAlive = true;
    this.isStopping = this.isDraining = false;
    this.driver = /** @type {MessagePort | null} */ (null);
    this.report = /** @type {any} */ (undefined);
    this.port.onmessage = ({ data }) => this.receive(data);
  }

  /** @param {any} data */
  receive(data) {
    if (data === "stop") {
      this.isStopping = this.isDraining = true;
    } else if (data === "drain") {
      this.isDraining = true;
    } else if (data === "leave") {
      this.leave();
    } else if (data?.port) {
      this.driver = data.port;
      data.port.onmessage = this.port.onmessage;
    } else {
      this.hear(data);
    }
  }

  /** What else the driver says. @param {any} _data */
  hear(_data) {}

  /** It has failed. What it has is for another: the way to the driver, and its ring unless the driver has that too. */
  leave() {
    const { driver: port, report } = this;
    const ring = this.isShared ? undefined : this.ring.memory;
    const moved = [port, ring].filter((one) => one);
    this.isAlive = false;
    this.isDraining = true;
    this.driver = null;
    this.port.postMessage({ port, ring, report }, /** @type {Transferable[]} */ (moved));
  }

  /** There is nothing more to do: process() returns false from here on. */
  end() {
    this.isAlive = false;
    this.driver?.close();
    this.port.postMessage("ended");
  }
}

/** Blocks to send frames in: the ring's worth would be waste, fewer than the driver's longest nap would be loss. */
const BLOCKS = 8;

/** Microphone to wire: the input's channels averaged, at 16 kHz. The driver cuts them into frames. */
class LiveCapture extends LiveProcessor {
  /** @param {{ processorOptions: Options }} options */
  constructor({ processorOptions }) {
    super(processorOptions);
    // Samples at 16 kHz between two words to the driver: what one message on the wire holds.
    this.frame = processorOptions.frame;
    this.block = new Int16Array(this.frame);
    this.input = new Float32Array(1);
    this.made = new Float64Array(1);
    // Samples in the block, and since the driver was last told.
    this.filled = this.untold = 0;
    // The driver sends the blocks back: while none is here, samples wait in the ring.
    this.pool = /** @type {Int16Array[]} */ ([]);
    while (!this.isShared && this.pool.length < BLOCKS) this.pool.push(new Int16Array(this.frame));
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
      this.input[0] = sum / channels.length;
      this.store();
    }
    this.hand();
    return true;
  }

  /** Stores the next sample of the input. */
  store() {
    const { resampler, input, made } = this;
    if (!resampler) {
      made[0] = input[0];
      this.put();
      return;
    }
    resampler.push(input, 0);
    while (resampler.isReady) {
      resampler.next(made, 0);
      this.put();
    }
  }

  /** Puts what was made into the block. */
  put() {
    // Not a number becomes silence when it is stored.
    this.block[this.filled++] = Math.max(-32768, Math.min(32767, Math.floor(this.made[0] * 32768 + 0.5)));
    if (this.filled === this.frame) this.hand();
  }

  /** Hands on what there is: with a shared ring, the driver can take all of it whenever a mark must follow it. */
  hand() {
    this.ring.push(this.block, this.filled);
    this.untold += this.filled;
    this.filled = 0;
    if (this.untold < this.frame) return;
    this.untold %= this.frame;
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
    if (this.isShared || data?.byteLength !== 2 * this.frame || this.pooled === BLOCKS) return;
    this.pool[this.pooled++] = new Int16Array(data);
    this.send();
  }
}

/** 24 kHz samples in a millisecond. */
const MS = 24;
/** Samples of a ramp: 5 ms. */
const RAMP = 5 * MS;
/**
 * Milliseconds of the fall ahead of a flush. Its slope has no corner, as that of a ramp's cosine has: what it adds to a tone lies
 * nearer to it than with a ramp of 5 ms, and is less from 500 Hz beyond it on.
 */
const FALL_MS = 4;
/** How finely it is told how late chunks are; and the most by which audio is held back for those. */
const STEP = 5 * MS, MOST = 400 * MS;
/** So many chunks are remembered: those of several turns. */
const MEMORY = 1_000;
/** One chunk of so many may come later than the target. */
const SELDOM = 1 / 500;
/** What the target is beyond the latest chunk that counts: those that come even later are mostly late by little more. */
const MARGIN = 20 * MS;
/** A gap beyond this is no gap: the utterance was over, though no END said so (a tool is called, the model just stops). */
const LONGEST = 440 * MS;

/** How late chunks come: the share of each lateness, of which the latest chunks make up most. */
class Lateness {
  #shares = new Float32Array(MOST / STEP + 1);
  #count = 0;

  /** A chunk came, `late` samples' time later than the utterance's first promised, or earlier. @param {number} late */
  add(late) {
    const shares = this.#shares;
    this.#count = Math.min(MEMORY, this.#count + 1);
    const share = 1 / this.#count;
    for (let i = 0; i < shares.length; i++) shares[i] *= 1 - share;
    // By whole numbers: Math.ceil and its like box fractions, until an engine knows them better.
    const step = late > 0 ? ((late + STEP - 1) / STEP) | 0 : 0;
    shares[step < shares.length ? step : shares.length - 1] += share;
  }

  /** What all but one of so many come before. */
  get usual() {
    let rest = 0, i = this.#shares.length;
    while (--i > 0 && (rest += this.#shares[i]) < SELDOM);
    return i * STEP;
  }
}

/** Samples over which a splice goes from one place to another like it; and the periods of voices, from 400 Hz down to 67. */
const SPLICE = 5 * MS, SHORTEST = 60, PERIOD = 15 * MS;
/** How like two places have to be, where 1 is the same; and what is silence, as the energy of one sample. */
const ALIKE = 0.6, SILENCE = 1e4;
/** What is played with it lasts longer by no more than one part in so many. */
const SLOWNESS = 10;

/** Takes samples of a ring one by one, and when told to, a period of the voice twice: slower, at the same pitch (WSOLA). */
class Stretcher {
  #ring;
  // The latest samples, as a ring of their own: those behind the reader are not its any more.
  #past = new Int16Array(PERIOD);
  #latest = 0;
  // A period before what is taken, and what is taken, of which `at` comes next.
  #splice = new Int16Array(PERIOD + SPLICE);
  #at = PERIOD + SPLICE;
  // How many samples must be taken before it can stretch again.
  #rest = PERIOD;

  /** @param {SampleRing} ring */
  constructor(ring) { this.#ring = ring; }

  /** Samples left of the splice; then those of the ring. */
  get left() { return PERIOD + SPLICE - this.#at; }
  /** How many of them were taken out of the ring for it, and not played before. */
  get ahead() { return this.left < SPLICE ? this.left : SPLICE; }
  get isReady() { return this.#rest <= 0 && this.left === 0; }

  /** What comes next does not continue what came before. */
  break() {
    this.#at = PERIOD + SPLICE;
    this.#rest = PERIOD;
  }

  /** The next sample; there must be one left. */
  take() { return this.left > 0 ? this.#splice[this.#at++] : this.#keep(); }

  #keep() {
    const sample = this.#ring.take();
    this.#past[this.#latest] = sample;
    this.#latest = this.#latest + 1 === PERIOD ? 0 : this.#latest + 1;
    this.#rest--;
    return sample;
  }

  /** Takes SPLICE samples, to be given behind a period that they are like; says how many more they become. */
  stretch() {
    const splice = this.#splice, past = this.#past;
    for (let i = 0; i < PERIOD; i++) splice[i] = past[(this.#latest + i) % PERIOD];
    for (let i = PERIOD; i < PERIOD + SPLICE; i++) splice[i] = this.#keep();
    const period = this.#period(), from = PERIOD - period;
    // In place: what is written was read before, if the period is shorter than the splice.
    for (let i = 0; i < SPLICE && period; i++) {
      splice[from + i] += (i / SPLICE - 1) * (splice[from + i] - splice[PERIOD + i]);
    }
    this.#at = from;
    this.#rest = Math.max(SPLICE, SLOWNESS * period);
    return period;
  }

  /** After how many samples the voice repeats itself; 0 if it does not. Roughly at first, then to the sample. */
  #period() {
    const near = this.#best(PERIOD, SHORTEST, 4);
    return near && this.#best(Math.min(PERIOD, near + 3), Math.max(SHORTEST, near - 3), 1);
  }

  /** The period, from the longest down, whose samples are the most like the splice's. @param {number} longest @param {number} shortest @param {number} step */
  #best(longest, shortest, step) {
    const splice = this.#splice;
    let best = 0, most = ALIKE;
    for (let period = longest; period >= shortest; period -= step) {
      let both = (SPLICE / step) * SILENCE, before = both, after = both;
      for (let i = PERIOD; i < PERIOD + SPLICE; i += step) {
        const a = splice[i], b = splice[i - period];
        both += a * b;
        before += b * b;
        after += a * a;
      }
      const alike = both / Math.sqrt(before * after);
      if (alike <= most) continue;
      most = alike;
      best = period;
    }
    return best;
  }
}

/**
 * Wire to loudspeaker.
 *
 *   silent   nothing to play. The first sample of an utterance starts the gathering
 *   gathers  until the cushion is enough to start with, or as many samples are there beyond a chunk, or the utterance's end is
 *   plays    until the ring is empty: at END the utterance is over, elsewhere it is starved. Slower by a tenth, as long as the
 *            cushion is less than the target and what is there does not make up for it
 *   starved  silence. If END comes, or nothing for LONGEST, it was none; if more comes, it was a concealment, and it gathers.
 *            What the silence lasted counts: where it was longer than what is usual, it plays on at once
 *
 * A chunk is late against the first of its utterance: what is played `cushion` samples' time after that, as was sent, runs
 * dry at each that is later. The service may speak in real time, so the last chunk counts as no cushion. The network's
 * lateness is known from this alone: after a pause for a tool, as at each END, what comes is the first again.
 *
 * Where it may play slower, it starts with half of the target and makes the rest on its way. It never plays faster: who
 * listens waits for an answer's beginning, not for its end.
 */
class LivePlayback extends LiveProcessor {
  /** @param {{ processorOptions: Options & { jitterMs: number, timeStretch?: boolean, report?: any } }} options */
  constructor({ processorOptions }) {
    super(processorOptions);
    this.floor = this.target = Math.round(processorOptions.jitterMs * MS);
    this.lateness = new Lateness();
    this.isElastic = !!processorOptions.timeStretch;
    this.stretcher = new Stretcher(this.ring);
    this.input = new Float32Array(1);
    this.ramp = Float32Array.from({ length: RAMP + 1 }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * i) / RAMP));
    const fall = Math.round((FALL_MS * sampleRate) / 1_000);
    this.fall = Float32Array.from({ length: fall }, (_, i) => 1 - (i + 1) / fall).map((left) => left - Math.sin(2 * Math.PI * left) / (2 * Math.PI));
    // How far it has fallen.
    this.fallen = 0;
    this.isPlaying = this.isStarved = this.isFlushing = this.isFalling = this.isUrgent = this.isPaused = false;
    // Where in the ramp; and how many samples it has starved, been silent, not reported.
    this.level = this.gap = this.idle = this.elapsed = 0;
    // Of this utterance: samples' time since its first chunk, samples that came, and its smallest chunk, where several that
    // come together look like one.
    this.age = this.come = this.chunk = 0;
    // What the driver left behind, and found no room in the ring yet.
    this.rest = new Int16Array();
    // What the network alone asks for, of the target.
    this.usual = 0;
    // `sums` are jitterBufferTargetDelay, jitterBufferMinimumDelay and totalAudioEnergy, and of how many samples the first two are.
    this.report = processorOptions.report ?? {
      read: 0,
      ahead: 0,
      played: 0,
      concealmentEvents: 0,
      concealedSamples: 0,
      insertedSamplesForDeceleration: 0,
      sums: new Float64Array(4),
      time: 0,
      paused: false,
      buffered: 0,
      playing: false,
    };
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
    if (isQuiet) {
      output.fill(0);
    } else {
      this.render(output);
      this.measure(output);
    }
    for (let c = 1; c < channels.length; c++) channels[c].set(output);
    ring.commit();
    this.tell(output.length);
    if (isQuiet && this.isDraining) this.end();
    return this.isAlive;
  }

  /** Adds up the energy of what sounds. @param {Float32Array} output */
  measure(output) {
    let energy = 0;
    for (let i = 0; i < output.length; i++) energy += output[i] * output[i];
    this.report.sums[2] += energy / sampleRate;
  }

  /** Adds up the targets with which samples were played, in seconds: before the target changes, and before it is told. */
  account() {
    const { played, sums } = this.report;
    const count = played - sums[3];
    sums[0] += (count * this.target) / (1_000 * MS);
    sums[1] += (count * this.usual) / (1_000 * MS);
    sums[3] = played;
  }

  /** Sees what the driver did since the last quantum. */
  look() {
    const { ring } = this;
    const arrived = ring.look();
    // Nobody is left who could say to go on.
    if (this.isDraining) this.isPaused = false;
    if (this.isStopping) ring.abandon();
    // Once it is silent, what the driver goes on to push must not keep a stopped processor alive.
    if (this.isStopping && this.level === 0) {
      ring.skip();
      // Or what a pause left of a splice would still be heard.
      this.stretcher.break();
    }
    if (ring.isVoid && !this.isFlushing) {
      this.isFlushing = true;
      this.isFalling = this.level > 0;
      this.fallen = 0;
    }
    if (arrived > 0) this.arrive(arrived);
    if (this.isElastic && this.isThin()) this.report.insertedSamplesForDeceleration += this.stretcher.stretch();
  }

  /** Whether more time is needed than there is, and can be made. */
  isThin() {
    const { ring, stretcher, floor, target } = this;
    const isSteady = this.isPlaying && this.level === RAMP && !this.isFlushing && !ring.isComplete && stretcher.isReady;
    // What the application asked for it waits for, or finds; and enough is left to fade out, or to be flushed.
    const isWanted = target > floor && this.cushion < target && ring.left - this.chunk < target;
    return isSteady && isWanted && ring.left > SPLICE + RAMP;
  }

  /** So many samples came. @param {number} count */
  arrive(count) {
    const { ring, floor } = this;
    const isFirst = !this.isPlaying && !this.isStarved && ring.left === count;
    if (isFirst || ring.isAnew) {
      // In its own time, if the last one is still being played: it is due when that is over.
      this.age = this.come = 0;
      this.chunk = count;
    } else {
      // Where more than half of the ring was full, the driver waited for room, as ahead of a pause: the network was not late.
      this.lateness.add(ring.left > 2 * count + ring.free ? 0 : this.age - this.come);
      this.chunk = Math.min(this.chunk, count);
      const { usual } = this.lateness;
      this.account();
      this.usual = usual;
      this.target = usual > floor ? Math.min(MOST, usual + MARGIN) : floor;
    }
    this.come += count;
  }

  /** By how many samples what is played next is later than the first chunk promised. */
  get cushion() { return this.age - this.come + this.left; }

  /** Samples to be played. */
  get left() { return this.ring.left + this.stretcher.left; }

  /** @param {Float32Array} output */
  render(output) {
    const { resampler, input } = this;
    for (let i = 0; i < output.length; i++) {
      if (resampler) {
        while (!resampler.isReady) {
          this.next(input, 0);
          resampler.push(input, 0);
        }
        resampler.next(output, i);
      } else {
        this.next(output, i);
      }
      if (this.isFalling) this.drop(output, i);
    }
  }

  /**
   * Falls by a sample, of what the filter gives: what that still holds is to be heard no more than what waits.
   * @param {Float32Array} output @param {number} at
   */
  drop(output, at) {
    output[at] *= this.fall[this.fallen++];
    if (this.fallen < this.fall.length) return;
    this.isFalling = false;
    this.resampler?.clear();
    this.obey();
  }

  /** It is silent, and goes past what was flushed. */
  obey() {
    const { ring } = this;
    ring.skip();
    this.isFlushing = false;
    this.age = 0;
    this.come = this.chunk = ring.left;
    this.turn(false, false);
  }

  /**
   * The next sample at 24 kHz. Stored, not returned: where engines do not inline a function, they allocate the fraction
   * that it returns.
   * @param {Float32Array} output @param {number} at
   */
  next(output, at) {
    const { ring, report, stretcher } = this;
    output[at] = 0;
    this.age++;
    if (this.isFlushing && !this.isFalling) this.obey();
    // What comes behind the flush is not to fall.
    if (this.isFalling && !ring.isVoid) return;
    // Faded out: it stays where it is, and neither waits for anything nor misses it.
    if (this.isPaused && this.level === 0) return;
    if (!this.isPlaying && !this.starts()) return;
    const { left } = this;
    if (left === 0) {
      // What follows is late, unless the utterance is over: starts() will see.
      this.turn(false, true);
      this.gap = 1;
      return;
    }
    // Fades out ahead of a pause, and of the ring's end unless the utterance ends there.
    if (this.isPaused || (left <= this.level && !ring.isComplete)) {
      this.level--;
      // Where it pauses is told when it is there.
      if (this.isPaused && this.level === 0) this.isUrgent = true;
    } else if (this.level < RAMP && !this.isFalling) {
      this.level++;
    }
    // Each once, when it sounds: of a splice that is cut short the rest never does.
    if (stretcher.left <= SPLICE) report.played++;
    output[at] = (stretcher.take() / 32768) * this.ramp[this.level];
  }

  /** Whether playback starts with this sample. */
  starts() {
    const { ring } = this;
    if (ring.isBetween || this.gap > LONGEST || this.isDraining) this.isStarved = false;
    if (ring.left === 0) {
      if (this.isStarved) this.gap++;
      else this.idle++;
      return false;
    }
    this.idle = 0;
    if (this.isStarved) this.conceal();
    if (!this.isGathered()) return false;
    this.turn(true, false);
    return true;
  }

  /** More has come after a gap: the silence before this sample is known to have been one. */
  conceal() {
    if (this.gap > 0) this.report.concealmentEvents++;
    this.report.concealedSamples += this.gap;
    this.gap = 0;
    if (!this.isGathered()) this.report.concealedSamples++;
  }

  isGathered() {
    const { ring, floor, target } = this;
    const enough = this.isElastic ? Math.max(floor, target >> 1) : target;
    return this.cushion > enough || ring.left - this.chunk >= enough || ring.isEnded || this.isDraining;
  }

  /** @param {boolean} isPlaying @param {boolean} isStarved */
  turn(isPlaying, isStarved) {
    this.isPlaying = isPlaying;
    this.isStarved = isStarved;
    this.level = 0;
    this.isUrgent = true;
    this.stretcher.break();
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
    report.ahead = this.stretcher.ahead;
    this.account();
    report.buffered = ring.left;
    report.playing = this.isPlaying;
    // When the next sample is due, as the page's clock of the context has it.
    report.time = currentTime + count / sampleRate;
    report.paused = this.isPaused && this.level === 0;
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
