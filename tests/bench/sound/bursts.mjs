/**
 * What a microphone hears in the bench: bursts of tones, at times that chance chooses from a seed. Each has another pitch than those
 * around it, so that it is known again at the far end, whatever was lost on the way.
 */

const RATE = 48_000;
const BURST_S = 0.03;

/** The pitch of each burst in turn: far enough apart that a rate that is wrong by some hundredths changes none into its neighbour. */
const PITCHES = 24;
const LOWEST_HZ = 500;
const STEP = 1.08;

/** Samples of `seconds` of bursts, and where each begins, in seconds. */
export function bursts(seconds, seed = 1) {
  const samples = new Float32Array(Math.round(seconds * RATE));
  const onsets = [];
  const next = random(seed);
  // Not in a fixed step: where a burst falls in the device's frames of 10 ms must be left to chance.
  for (let at = 0.1; at + BURST_S < seconds; at += 0.15 + 0.15 * next()) {
    const first = Math.round(at * RATE);
    const hz = LOWEST_HZ * STEP ** (onsets.length % PITCHES);
    onsets.push(first / RATE);
    for (let index = 0; index < BURST_S * RATE; index++) {
      samples[first + index] = 0.5 * Math.cos((2 * Math.PI * hz * index) / RATE);
    }
  }
  return { rate: RATE, samples, onsets };
}

/**
 * When each burst was there at the near end and at the far one: both are lists of `{ at, pitch }` in milliseconds. Answers, for those of the
 * near end, `{ at, ms }`: how much later it came, or `ms: undefined` if it never did.
 */
export function delays(near, far) {
  const left = [...far];
  return near.map(({ at, pitch }) => {
    const found = left.findIndex((heard) => heard.pitch === pitch && heard.at > at - EARLY_MS && heard.at < at + LATE_MS);
    if (found < 0) return { at, ms: undefined };
    const [heard] = left.splice(found, 1);
    return { at, ms: heard.at - at };
  });
}

/** What two clocks may disagree about. */
const EARLY_MS = 5;

/** The same pitch comes again after more than 3.6 s. */
const LATE_MS = 3_000;

/**
 * Finds bursts in a sound that comes in pieces: `found` has each, as `{ at, pitch }`, when the piece came that holds its first sample.
 */
export class BurstDetector {
  found = [];
  #samples = 0;
  #lastLoud = -Infinity;
  #open;

  /** Takes the next piece, with the time at which it came and the number that stands for full scale. */
  take(samples, rate, at, scale = 1) {
    for (let index = 0; index < samples.length; index++) this.#hear(samples[index] / scale, this.#samples + index, rate, at);
    this.#samples += samples.length;
  }

  #hear(sample, position, rate, at) {
    if (Math.abs(sample) >= LOUD) {
      if (position - this.#lastLoud > QUIET_S * rate) this.#open = { at, from: position, before: sample, crossings: [] };
      this.#lastLoud = position;
    }
    const burst = this.#open;
    if (!burst) return;
    // Between the two samples, in proportion.
    if (burst.before < 0 !== sample < 0) burst.crossings.push(position - sample / (sample - burst.before));
    burst.before = sample;
    if (position - burst.from > LOOK_S * rate) {
      this.found.push({ at: burst.at, pitch: pitch(burst.crossings, rate) });
      this.#open = undefined;
    }
  }
}

/** Which of the pitches it is: two crossings are a period. */
function pitch(crossings, rate) {
  const periods = (crossings.length - 1) / 2;
  const hz = (periods * rate) / (crossings.at(-1) - crossings[0]);
  return Math.round(Math.log(hz / LOWEST_HZ) / Math.log(STEP));
}

/** Far above what a filter rings before a burst, and what a device hums. */
const LOUD = 0.1;

/** Bursts are further apart. */
const QUIET_S = 0.06;

/** Of a burst so much is looked at: its end is not a part of the tone. */
const LOOK_S = 0.025;

/** A number from 0 to 1, again and again the same for the same seed (a linear congruential generator). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
