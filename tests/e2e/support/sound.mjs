/** What the tests need to compare sounds: resampling, alignment, level. Samples are Float32Arrays between -1 and 1. */

/** Half the width of the resampling kernel, in periods of the lower rate. */
const KERNEL_PERIODS = 32;

/** Root mean square. */
export function level(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

/** The part from the first to the last sample louder than `floor`. */
export function audible(samples, floor = 0.01) {
  let start = 0;
  while (start < samples.length && Math.abs(samples[start]) <= floor) start++;
  let end = samples.length;
  while (end > start && Math.abs(samples[end - 1]) <= floor) end--;
  return { start, end };
}

/** Stretches that are louder than `floor`, with pauses of less than `joinMs` inside them. */
export function utterances(samples, rate, { floor = 0.01, joinMs = 300 } = {}) {
  const join = (joinMs / 1000) * rate;
  const found = [];
  for (let index = 0; index < samples.length; index++) {
    if (Math.abs(samples[index]) <= floor) continue;
    const last = found.at(-1);
    if (last && index - last.end < join) last.end = index + 1;
    else found.push({ start: index, end: index + 1 });
  }
  return found;
}

/** Brings a sound to another rate by a windowed sinc. `shift` moves it by a part of an output sample. */
export function resample(samples, from, to, shift = 0) {
  if (from === to && shift === 0) return samples;
  const cutoff = Math.min(1, to / from) * 0.96;
  const half = KERNEL_PERIODS * Math.max(1, from / to);
  const output = new Float32Array(Math.floor((samples.length * to) / from));
  for (let index = 0; index < output.length; index++) {
    const centre = ((index + shift) * from) / to;
    const first = Math.max(0, Math.ceil(centre - half));
    const last = Math.min(samples.length - 1, Math.floor(centre + half));
    let sum = 0;
    for (let at = first; at <= last; at++) {
      const x = at - centre;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / half);
      sum += samples[at] * window * cutoff * sinc(cutoff * x);
    }
    output[index] = sum;
  }
  return output;
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/**
 * Where `part` lies in `whole`: the offset (which may be negative) of the best match and how good that is,
 * as the normalised correlation of the overlap, -1 to 1.
 */
export function align(part, whole) {
  const scores = correlate(part, whole);
  let offset = 0;
  let best = -Infinity;
  for (let lag = 1 - part.length; lag < whole.length; lag++) {
    const score = scores[(lag + scores.length) % scores.length];
    if (score > best) [best, offset] = [score, lag];
  }
  return { offset, correlation: correlationAt(part, whole, offset) };
}

/** The normalised correlation of `part` with `whole` from `offset` on. */
export function correlationAt(part, whole, offset) {
  let product = 0;
  let ours = 0;
  let theirs = 0;
  for (let index = 0; index < part.length; index++) {
    const other = whole[index + offset] ?? 0;
    product += part[index] * other;
    ours += part[index] * part[index];
    theirs += other * other;
  }
  return product / Math.sqrt(ours * theirs || 1);
}

/** Alignment below one sample: tries parts of a sample and keeps the best. Each moves it by no more than that from where the first is. */
export function alignFinely(part, rate, whole, wholeRate, steps = 4) {
  const first = resample(part, rate, wholeRate);
  const best = { ...align(first, whole), part: first };
  const { offset: about } = best;
  for (let step = 1; step < steps; step++) {
    const moved = resample(part, rate, wholeRate, step / steps);
    for (let offset = about - 2; offset <= about + 2; offset++) {
      const correlation = correlationAt(moved, whole, offset);
      if (correlation > best.correlation) Object.assign(best, { offset, correlation, part: moved });
    }
  }
  return best;
}

/**
 * Where each window of `part` lies in `whole`, as seen from `offset`, and how alike they are there. A wrong rate shows as
 * offsets that grow, a lost or repeated block as a step.
 */
export function windows(part, whole, offset, { window, search, floor = 0.02 }) {
  const found = [];
  for (let start = 0; start + window <= part.length; start += window) {
    const piece = part.subarray(start, start + window);
    if (level(piece) < floor) continue;
    const from = Math.max(0, offset + start - search);
    const around = whole.subarray(from, offset + start + window + search);
    const best = align(piece, around);
    found.push({ offset: best.offset + from - (offset + start), correlation: best.correlation });
  }
  return found;
}

/** The offsets of the windows. */
export function offsets(part, whole, offset, options) {
  return windows(part, whole, offset, options).map((found) => found.offset);
}

/**
 * As `align`, for a device whose clock is corrected now and then: that moves what follows by parts of a millisecond,
 * which no ear notices and no correlation of the whole survives. The correlation is that of the median window.
 */
export function alignLoosely(part, whole, rate) {
  const { offset } = align(part, whole);
  const found = windows(part, whole, offset, { window: Math.round(rate / 8), search: Math.round(rate / 20) });
  const correlations = found.map(({ correlation }) => correlation).sort((one, other) => one - other);
  return { offset, correlation: correlations[correlations.length >> 1] ?? 0 };
}

/**
 * Compares what was played with what was sent, sample by sample from `offset` on: how many samples differ, and where
 * something was put in (`{ at, samples }`, with a ramp of at most `ramp` samples on either side of it).
 */
export function compare(sent, played, offset, { ramp, tolerance = 1 / 32768, longest = 48_000 }) {
  const gaps = [];
  let wrong = 0;
  for (let index = ramp; index < sent.length - ramp; index++) {
    const isSame = Math.abs((played[index + offset] ?? 0) - sent[index]) <= tolerance;
    if (isSame) continue;
    const samples = goesOnAfter(sent, played, index + 2 * ramp, offset, longest, tolerance);
    if (samples === undefined) {
      wrong++;
      continue;
    }
    gaps.push({ at: index, samples });
    offset += samples;
    index += 2 * ramp;
  }
  return { wrong, gaps };
}

/**
 * How an answer ends in the recording of a context of its own rate that was interrupted when `position` samples of it were played,
 * the worklet's fall of `fall` samples included: by how much what is played there differs from it, at most, and how loud it is
 * for `silence` samples behind it. Found by what is played at full level ahead of the fall, wherever gaps have put that; `undefined` if it
 * is not there.
 */
export function endOf(sent, position, played, { fall, silence, tolerance = 1 / 32768 }) {
  const from = position - fall;
  // Long enough to be found nowhere else: not silence alone, which is found everywhere.
  let length = 256;
  while (length < from && level(sent.subarray(Math.max(0, from - length), from)) < 0.001) length *= 2;
  const probe = sent.subarray(Math.max(0, from - length), from);
  for (let at = probe.length; at + fall + silence <= played.length; at++) {
    const isThere = probe.every((sample, index) => Math.abs(played[at - probe.length + index] - sample) <= tolerance);
    if (!isThere) continue;
    let most = 0;
    for (let index = 0; index < fall; index++) {
      const left = (fall - 1 - index) / fall;
      const gain = left - Math.sin(2 * Math.PI * left) / (2 * Math.PI);
      most = Math.max(most, Math.abs(played[at + index] - gain * sent[from + index]));
    }
    return { differs: most > tolerance ? most : 0, behind: level(played.subarray(at + fall, at + fall + silence)) };
  }
  return undefined;
}

/** How much later than expected what was sent from `start` on is played, if it is. */
function goesOnAfter(sent, played, start, offset, longest, tolerance) {
  // Long enough to be found nowhere else: not silence alone, which is found everywhere.
  let length = 256;
  while (length < sent.length - start && level(sent.subarray(start, start + length)) < 0.001) length *= 2;
  const probe = sent.subarray(start, start + length);
  if (probe.length < 64 || level(probe) < 0.001) return undefined;
  const last = Math.min(longest, played.length - start - offset - probe.length);
  for (let later = 0; later <= last; later++) {
    if (probe.every((sample, at) => Math.abs(played[start + offset + later + at] - sample) <= tolerance)) return later;
  }
  return undefined;
}

/**
 * By how many milliseconds each frame of an answer was sent too late to be played on time, by the service's own record of
 * them: `[ms, first sample, samples]`. The first sets the pace. What is sent ahead of its time is late by less than 0.
 */
export function lateness(frames, rate) {
  return frames.map(([ms, first]) => ms - frames[0][0] - ((first - frames[0][1]) / rate) * 1000);
}

/** The gaps that are not the service's: all but those before a frame that was later than `patienceMs`. */
export function unexcused(gaps, { frames }, { rate, ramp, patienceMs = 0 }) {
  const late = lateness(frames, rate);
  return gaps.filter(({ at }) => {
    // The ramp before a gap is a part of it.
    const next = frames.findIndex(([, first]) => first >= at - ramp);
    return next < 0 || late[next] <= patienceMs;
  });
}

/** How often neighbouring offsets differ by more than `tolerance`. */
export function steps(offsetsFound, tolerance = 1) {
  return offsetsFound.filter((value, index) => index > 0 && Math.abs(value - offsetsFound[index - 1]) > tolerance).length;
}

/** Cross-correlation through the Fourier transform; index `lag` modulo the length is the score at that lag. */
function correlate(part, whole) {
  let size = 1;
  while (size < part.length + whole.length) size *= 2;
  const [aRe, aIm] = [new Float64Array(size), new Float64Array(size)];
  const [bRe, bIm] = [new Float64Array(size), new Float64Array(size)];
  aRe.set(part);
  bRe.set(whole);
  transform(aRe, aIm);
  transform(bRe, bIm);
  for (let index = 0; index < size; index++) {
    const re = aRe[index] * bRe[index] + aIm[index] * bIm[index];
    // Conjugated, so that a second forward transform inverts.
    const im = aRe[index] * bIm[index] - aIm[index] * bRe[index];
    aRe[index] = re;
    aIm[index] = -im;
  }
  transform(aRe, aIm);
  return aRe;
}

/** The fast Fourier transform, in place; lengths are powers of two. */
function transform(re, im) {
  const size = re.length;
  for (let index = 1, other = 0; index < size; index++) {
    let bit = size >> 1;
    for (; other & bit; bit >>= 1) other ^= bit;
    other ^= bit;
    if (index >= other) continue;
    [re[index], re[other]] = [re[other], re[index]];
    [im[index], im[other]] = [im[other], im[index]];
  }
  for (let length = 2; length <= size; length *= 2) butterflies(re, im, length);
}

function butterflies(re, im, length) {
  const half = length / 2;
  for (let turn = 0; turn < half; turn++) {
    const angle = (-2 * Math.PI * turn) / length;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    for (let low = turn; low < re.length; low += length) {
      const high = low + half;
      const tRe = re[high] * cos - im[high] * sin;
      const tIm = re[high] * sin + im[high] * cos;
      re[high] = re[low] - tRe;
      im[high] = im[low] - tIm;
      re[low] += tRe;
      im[low] += tIm;
    }
  }
}
