// The audio thread's global scope where there is no audio: loads the worklet's file and collects what it registers.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const FILE = fileURLToPath(new URL("../../www/worklets/live-audio.js", import.meta.url));
const SOURCE = readFileSync(FILE, "utf8");

/** A port that keeps what is posted, moved or copied as a real one would. */
export class FakePort {
  onmessage = null;
  sent = [];
  isClosed = false;

  postMessage(message, transfer) {
    this.sent.push(structuredClone(message, { transfer: transfer && [...transfer] }));
  }

  close() {
    this.isClosed = true;
  }

  /** What the other end says. */
  say(data) {
    this.onmessage({ data });
  }
}

/** Loads the worklet's file into a scope of its own; `globals` may replace what that scope has. */
export function load({ sampleRate = 48_000, globals = {} } = {}) {
  const processors = {};
  const registerProcessor = (name, processor) => (processors[name] = processor);
  class AudioWorkletProcessor {
    port = new FakePort();
  }
  // Its globals are parameters here: those of a vm context are so slow that they would hide everything else.
  const scope = { AudioWorkletProcessor, registerProcessor, sampleRate, currentTime: 0, ...globals };
  vm.compileFunction(SOURCE, Object.keys(scope), { filename: FILE })(...Object.values(scope));
  return { Capture: processors["live-capture"], Playback: processors["live-playback"], processors };
}

/** SampleRing and Resampler as the processors use them. */
export const parts = load().Capture.parts;

/** Bytes of a ring; shared, unless told otherwise. Its positions start at `start`. */
export function ringMemory(capacity, { start = 0, shared = true } = {}) {
  const bytes = 32 + 2 * capacity;
  const memory = shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  new Int32Array(memory, 0, 4).fill(start);
  return memory;
}

/** Seeded noise of 32-bit words; what `tests/worklet_fixtures.rs` makes as well. */
export function random(seed) {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
}

/** The filters that Rust designed, and what Rust made of the seeded noise with them. */
export const fixtures = JSON.parse(readFileSync(new URL("fixtures/resampler.json", import.meta.url), "utf8")).map(
  ({ coefficients, output, ...rest }) => ({
    ...rest,
    coefficients: new Float32Array(bytes(coefficients)),
    output: new Int16Array(bytes(output)),
  }),
);

export function filter(fromHz, toHz) {
  const { up, down, taps, coefficients } = fixtures.find((f) => f.fromHz === fromHz && f.toHz === toHz);
  return { up, down, taps, coefficients };
}

function bytes(base64) {
  return Uint8Array.from(Buffer.from(base64, "base64")).buffer;
}

/** Runs a capture processor over `samples` of each channel, `quantum` at a time; true while it wants to live. */
export function feed(capture, channels, quantum = 128) {
  let isAlive = true;
  for (let i = 0; i < channels[0].length; i += quantum) {
    isAlive = capture.process([channels.map((samples) => samples.subarray(i, i + quantum))], []);
  }
  return isAlive;
}

/** What a playback processor puts out in `count` samples, `quantum` at a time. */
export function render(playback, count, quantum = 128) {
  const output = new Float32Array(count);
  for (let i = 0; i < count; i += quantum) playback.process([], [[output.subarray(i, i + quantum)]]);
  return output;
}

/** A tone of half of full scale. */
export function tone(frequencyHz, rateHz, count) {
  return Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz));
}

/** Level of `samples` in dB, against a tone of half of full scale. */
export function level(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return 10 * Math.log10(power / 0.125 + 1e-20);
}

/** Distance in dB of a tone to everything else in `samples`: a least-squares fit, and what it leaves. */
export function sndr(samples, frequencyHz, rateHz) {
  const step = (2 * Math.PI * frequencyHz) / rateHz;
  let [ss, cc, sc, ys, yc] = [0, 0, 0, 0, 0];
  samples.forEach((y, i) => {
    const [s, c] = [Math.sin(step * i), Math.cos(step * i)];
    [ss, cc, sc, ys, yc] = [ss + s * s, cc + c * c, sc + s * c, ys + y * s, yc + y * c];
  });
  const determinant = ss * cc - sc * sc;
  const [a, b] = [(ys * cc - yc * sc) / determinant, (yc * ss - ys * sc) / determinant];
  const rest = Array.from(samples, (y, i) => y - a * Math.sin(step * i) - b * Math.cos(step * i));
  const power = rest.reduce((sum, y) => sum + y * y, 0) / rest.length;
  return { gain: 10 * Math.log10(((a * a + b * b) / 2) / 0.125), sndr: 10 * Math.log10((a * a + b * b) / 2 / power) };
}
