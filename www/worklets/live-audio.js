// Microphone to wire, wire to loudspeaker: what runs on the audio thread.
//
// One file without imports. Nothing in process() allocates, logs, throws, waits or posts per quantum.
// The page's first message, { port }, leads to the driver; "stop" from either ends the processor.
//
//   live-capture   ring     to the driver: samples written so far, once per complete frame
//                  no ring  to the driver: ArrayBuffer of a frame, which it sends back; { lost } before a frame after a loss
//   live-playback  no ring  from the driver: ArrayBuffer of samples (never more than fit), "flush", "end"
//                  both     to the driver: the report, every 100 ms while playing, and at once when playback starts,
//                           runs dry or has obeyed a flush

/** @typedef {{ up: number, down: number, taps: number, coefficients: Float32Array }} Filter */
/** @typedef {{ ring?: SharedArrayBuffer | null, capacity: number, filter?: Filter | null }} Options */

const WRITE = 0, FLUSH = 1, READ = 2, END = 3;

/**
 * Ring of 16-bit samples between one producer and one consumer; the other half is `audio::ring` in Rust.
 *
 * Eight 32-bit words, then the samples. Positions count samples since the start, modulo 2^32.
 *
 *   WRITE  producer  samples ever pushed
 *   FLUSH  producer  samples before this position are void
 *   READ   consumer  samples ever taken or skipped
 *   END    producer  an utterance is complete up to here
 */
class SampleRing {
  /**
   * @param {SharedArrayBuffer | ArrayBuffer | null | undefined} buffer  what the other half has; without, both are here
   * @param {number} capacity  a power of two
   * @param {number} [block]   samples are pushed, and dropped when the ring is full, in blocks of this many
   */
  constructor(buffer, capacity, block = 1) {
    const memory = buffer ?? new ArrayBuffer(32 + 2 * capacity);
    this.header = new Int32Array(memory, 0, 8);
    this.samples = new Int16Array(memory, 32, capacity);
    this.mask = capacity - 1;
    this.keep = capacity - (capacity % block);
    this.lost = 0;
    // The consumer's view, as of the last look().
    this.read = this.header[READ];
    this.flush = this.end = this.write = this.read;
  }

  /**
   * Producer. Pushes the first `count` samples; when the ring is full, the oldest ones become void.
   * @param {Int16Array} source @param {number} count
   */
  push(source, count) {
    const write = this.header[WRITE];
    const oldest = (write + count - this.keep) | 0;
    // Before anything is overwritten, or the consumer could take new samples for old ones.
    if (((oldest - this.header[FLUSH]) | 0) > 0) Atomics.store(this.header, FLUSH, oldest);
    for (let i = 0; i < count; i++) this.samples[(write + i) & this.mask] = source[i];
    Atomics.store(this.header, WRITE, (write + count) | 0);
  }

  /** Producer. Completes the utterance; `isVoid`: nothing of it is to be played any more. @param {boolean} isVoid */
  finish(isVoid) {
    const write = this.header[WRITE];
    if (isVoid) Atomics.store(this.header, FLUSH, write);
    Atomics.store(this.header, END, write);
  }

  /** Producer. How many samples fit without voiding any. */
  get free() { return this.mask + 1 - ((this.header[WRITE] - Atomics.load(this.header, READ)) >>> 0); }

  /** Consumer. Sees what the producer did. FLUSH before WRITE: the producer stores them the other way round. */
  look() {
    this.flush = Atomics.load(this.header, FLUSH);
    this.end = Atomics.load(this.header, END);
    this.write = Atomics.load(this.header, WRITE);
  }

  /** Consumer. Samples that the last look() saw and that were not taken yet. */
  get left() { return (this.write - this.read) >>> 0; }
  /** Consumer. Whether the next sample is void. */
  get isVoid() { return this.isAhead(this.flush); }
  /** Consumer. Whether the utterance of the next sample is complete. */
  get isEnded() { return this.isAhead(this.end); }
  /** A FLUSH or END that does not lie among what is left is one of long ago. @param {number} position */
  isAhead(position) { return position !== this.read && (position - this.read) >>> 0 <= this.left; }

  /** Consumer. Goes past what is void. */
  skip() {
    if (!this.isVoid) return;
    this.lost += (this.flush - this.read) >>> 0;
    this.read = this.flush;
  }

  /** Consumer. Lets the producer reuse the room of what was taken. */
  commit() { Atomics.store(this.header, READ, this.read); }

  /** Consumer, with the producer on the same thread. Fills `output`, if there is enough. @param {Int16Array} output */
  pull(output) {
    this.look();
    this.skip();
    if (this.left < output.length) return false;
    for (let i = 0; i < output.length; i++) output[i] = this.samples[(this.read + i) & this.mask];
    this.read = (this.read + output.length) | 0;
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

  /** @param {Options} options @param {number} [block] */
  constructor({ ring, capacity, filter }, block) {
    super();
    this.isShared = !!ring;
    this.ring = new SampleRing(ring, capacity, block);
    this.resampler = filter ? new Resampler(filter) : null;
    this.isAlive = true;
    this.driver = /** @type {MessagePort | null} */ (null);
    this.port.onmessage = ({ data }) => this.receive(data);
  }

  /** @param {any} data */
  receive(data) {
    if (data === "stop") {
      this.isAlive = false;
      this.driver?.close();
    } else if (data?.port) {
      this.driver = data.port;
      data.port.onmessage = this.port.onmessage;
    } else if (!this.isShared) {
      this.hear(data);
    }
  }

  /** What the driver says when the ring is not shared. @param {any} _data */
  hear(_data) {}
}

/** Microphone to wire: the input's channels averaged, at 16 kHz, in frames. */
class LiveCapture extends LiveProcessor {
  /** @param {{ processorOptions: Options & { frame: number } }} options */
  constructor({ processorOptions }) {
    super(processorOptions, processorOptions.frame);
    this.frame = new Int16Array(processorOptions.frame);
    this.filled = 0;
    // Blocks to send frames in. The driver sends them back: while none is here, frames wait in the ring.
    this.pool = /** @type {Int16Array[]} */ ([]);
    while (!this.isShared && this.pool.length < 8) this.pool.push(new Int16Array(this.frame.length));
    this.pooled = this.pool.length;
    this.transfer = /** @type {ArrayBuffer[]} */ ([]);
    this.loss = { lost: 0 };
  }

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const channels = inputs[0]; // none while nothing is connected: then no time passes for the listener
    const count = channels.length && channels[0].length;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let c = 0; c < channels.length; c++) sum += channels[c][i];
      this.take(sum / channels.length);
    }
    return this.isAlive;
  }

  /** @param {number} sample */
  take(sample) {
    const resampler = this.resampler;
    if (!resampler) return this.store(sample);
    resampler.push(sample);
    while (resampler.isReady) this.store(resampler.next());
  }

  /** @param {number} sample */
  store(sample) {
    // Not a number becomes silence when it is stored.
    this.frame[this.filled++] = Math.max(-32768, Math.min(32767, Math.floor(sample * 32768 + 0.5)));
    if (this.filled < this.frame.length) return;
    this.filled = 0;
    this.ring.push(this.frame, this.frame.length);
    if (this.isShared) this.driver?.postMessage(this.ring.header[WRITE] >>> 0);
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
    if (data?.byteLength !== this.frame.byteLength || this.pooled === 8) return;
    this.pool[this.pooled++] = new Int16Array(data);
    this.send();
  }
}

/** 24 kHz samples in a millisecond. */
const MS = 24;
/** Samples of a ramp: 5 ms. */
const RAMP = 5 * MS;
/** What the target grows by, beyond the gap that it was too small for: the service sends about 40 ms at a time. */
const MARGIN = 40 * MS;
/** Most samples that are gathered before an utterance starts. */
const MOST = 400 * MS;

/**
 * Wire to loudspeaker.
 *
 *   silent   nothing to play. The first sample of an utterance starts the gathering
 *   gathers  until `target` samples are there, or its end is, or `target` samples' time has passed
 *   plays    until the ring is empty: at END the utterance is over, elsewhere it is starved
 *   starved  silence. If END comes, it was none; if more comes, it was an underrun: the target grows, and it gathers
 */
class LivePlayback extends LiveProcessor {
  /** @param {{ processorOptions: Options & { jitterMs: number } }} options */
  constructor({ processorOptions }) {
    super(processorOptions);
    this.floor = this.target = processorOptions.jitterMs * MS;
    this.ramp = Float32Array.from({ length: RAMP + 1 }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * i) / RAMP));
    this.isPlaying = this.isStarved = this.isFlushing = this.isUrgent = false;
    // Where in the ramp; and how many samples it has starved, gathered, been silent, not reported.
    this.level = this.gap = this.waited = this.idle = this.elapsed = 0;
    this.report = { read: 0, played: 0, underruns: 0, concealed: 0, buffered: 0, playing: false };
  }

  /** @param {Float32Array[][]} _inputs @param {Float32Array[][]} outputs */
  process(_inputs, outputs) {
    const channels = outputs[0];
    const output = channels[0];
    const { ring, resampler } = this;
    ring.look();
    if (ring.isVoid) this.isFlushing = true;
    // After that much silence the filter holds nothing else.
    if (resampler && this.idle > resampler.taps && ring.left === 0) output.fill(0);
    else {
      for (let i = 0; i < output.length; i++) output[i] = resampler ? this.resample(resampler) : this.next();
    }
    for (let c = 1; c < channels.length; c++) channels[c].set(output);
    ring.commit();
    this.tell(output.length);
    return this.isAlive;
  }

  /** @param {Resampler} resampler */
  resample(resampler) {
    while (!resampler.isReady) resampler.push(this.next());
    return resampler.next();
  }

  /** The next sample at 24 kHz. */
  next() {
    const { ring, report } = this;
    if (this.isFlushing && (this.level === 0 || !ring.isVoid)) {
      // Faded out, or nothing left to fade.
      ring.skip();
      this.isFlushing = false;
      this.turn(false, false);
    }
    if (!this.isPlaying && !this.starts()) return 0;
    const left = ring.left;
    if (left === 0) {
      // What follows is late, unless the utterance is over: starts() will see.
      this.turn(false, true);
      this.gap = 1;
      return 0;
    }
    // Fades out ahead of a flush, and of the ring's end unless the utterance ends there.
    if (this.isFlushing || (left <= this.level && ring.write !== ring.end)) this.level--;
    else if (this.level < RAMP) this.level++;
    report.played++;
    const sample = ring.samples[ring.read & ring.mask];
    ring.read = (ring.read + 1) | 0;
    return (sample / 32768) * this.ramp[this.level];
  }

  /** Whether playback starts with this sample. */
  starts() {
    const { ring, report } = this;
    const left = ring.left;
    if (ring.end === ring.read) this.isStarved = false;
    if (left === 0) {
      if (this.isStarved) this.gap++;
      else this.idle++;
      return false;
    }
    if (this.isStarved && this.waited === 0) {
      report.underruns++;
      report.concealed += this.gap;
      this.target = Math.min(MOST, this.target + this.gap + MARGIN);
    }
    this.idle = 0;
    this.waited++;
    if (left < this.target && this.waited < this.target && !ring.isEnded) {
      if (this.isStarved) report.concealed++;
      return false;
    }
    if (!this.isStarved) this.target = Math.max(this.floor, this.target * 0.98);
    this.turn(true, false);
    return true;
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
    const read = ring.read >>> 0;
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
    const { ring } = this;
    if (data === "flush" || data === "end") {
      ring.finish(data === "flush");
    } else if (data?.byteLength) {
      const samples = new Int16Array(data, 0, data.byteLength >> 1);
      ring.push(samples, Math.min(samples.length, ring.free));
    }
  }
}

registerProcessor("live-capture", LiveCapture);
registerProcessor("live-playback", LivePlayback);
