/** Below this nothing is heard. */
const SILENCE = 1e-3;

/** How often the ear listens while it waits for something. */
const LISTEN_INTERVAL_MS = 4;

/** Samples that it looks at: what was played within the last few milliseconds, and, for a level, within the last fifty. */
const LATEST_SAMPLES = 256;
const LEVEL_SAMPLES = 2048;

/** Hears what is on its way to the loudspeaker. */
export class Ear {
  #analyser;
  #samples = new Float32Array(LEVEL_SAMPLES);

  constructor(context) {
    this.#analyser = new AnalyserNode(context, { fftSize: LEVEL_SAMPLES });
    this.#analyser.connect(context.destination);
  }

  /** Where to connect what it is to hear. */
  get input() {
    return this.#analyser;
  }

  /** Root mean square of the last moment. */
  level() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return Math.sqrt(this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length);
  }

  /** Waits until something is heard. */
  async untilLoud(ms) {
    const deadline = performance.now() + ms;
    while (!this.#isLoud() && performance.now() < deadline) await listenAgain();
  }

  /** When the silence began that lasts for so long; `undefined` if there is none in time. */
  async untilSilent(ms, stillMs) {
    const deadline = performance.now() + ms;
    let since = performance.now();
    for (;;) {
      const now = performance.now();
      if (this.#isLoud()) since = undefined;
      else since ??= now;
      if (since !== undefined && now - since >= stillMs) return since;
      if (now > deadline) return undefined;
      await listenAgain();
    }
  }

  #isLoud() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return this.#samples.subarray(-LATEST_SAMPLES).some((sample) => Math.abs(sample) > SILENCE);
  }
}

/** By how many steps the microphone may be behind the loudspeaker. */
const LONGEST_DELAY = 8;

/**
 * How much the level of one sound follows that of another, -1 to 1: an echo does, with some delay; a voice in the room and
 * noise do not. `null` where one of them never changes.
 */
export function likenessOf(voice, heard) {
  let best = null;
  for (let delay = 0; delay <= LONGEST_DELAY; delay++) {
    const later = heard.slice(delay);
    const found = correlation(voice.slice(0, later.length), later);
    if (found !== null && (best === null || found > best)) best = found;
  }
  return best;
}

/** Decibels between two levels; `null` for silence. */
export function ratioDb(level, reference) {
  return level > 0 && reference > 0 ? 20 * Math.log10(level / reference) : null;
}

function correlation(one, other) {
  const [a, b] = [one, other].map(deviations);
  const dot = (x, y) => x.reduce((sum, value, index) => sum + value * y[index], 0);
  const scale = Math.sqrt(dot(a, a) * dot(b, b));
  return scale > 1e-9 ? dot(a, b) / scale : null;
}

function deviations(levels) {
  const mean = levels.reduce((sum, level) => sum + level, 0) / Math.max(1, levels.length);
  return levels.map((level) => level - mean);
}

function listenAgain() {
  return new Promise((resolve) => setTimeout(resolve, LISTEN_INTERVAL_MS));
}
