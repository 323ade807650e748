// Prints what a quantum of each processor takes: node tests/worklet/time.mjs
//
// In Node's V8 on this machine; the share is of one core, while somebody speaks and is spoken to.

import { FakePort, load, tone } from "./harness.mjs";

const BATCHES = 30, QUANTA = 500, QUANTUM = 128;
const deaf = Object.assign(new FakePort(), { postMessage() {} });

/** As many taps as Rust designs for 5 ms of what is filtered, or for 64; which they are takes no time. */
function filter(from, to) {
  const greatest = (a, b) => (b === 0 ? a : greatest(b, a % b));
  const up = to / greatest(from, to), down = from / greatest(from, to);
  const taps = from > to ? 4 * Math.ceil((5 * from) / 4_000) : 64;
  return { up, down, taps, coefficients: Float32Array.from({ length: up * taps }, (_, i) => Math.sin(i) / taps) };
}

function processor(rate, kind) {
  const { Capture, Playback } = load({ sampleRate: rate });
  const capacity = 131_072;
  if (kind === "capture") {
    const made = new Capture({ processorOptions: { ring: null, capacity, frame: 320, filter: filter(rate, 16_000) } });
    const input = [[tone(440, rate, QUANTUM)]];
    return () => made.process(input);
  }
  const made = new Playback({ processorOptions: { ring: null, capacity, filter: filter(24_000, rate), jitterMs: 18, timeStretch: true } });
  made.port.say({ port: deaf });
  const output = [[new Float32Array(QUANTUM), new Float32Array(QUANTUM)]];
  const speech = Int16Array.from(tone(200, 24_000, 960), (sample) => 32_767 * sample);
  // As it comes at the speed of speech; with a stall, so that it is stretched now and then.
  let due = 0, quanta = 0;
  return () => {
    const isStalled = quanta++ % 4_000 < 100;
    if (!isStalled) for (due += (QUANTUM * 24_000) / rate; due >= 960; due -= 960) made.ring.push(speech, 960);
    made.process([], output);
  };
}

console.log("| rate, Hz | processor | µs a quantum, median | longest batch | share of a core |\n|--:|---|--:|--:|--:|");
for (const rate of [44_100, 48_000, 96_000]) {
  for (const kind of ["capture", "playback"]) {
    const quantum = processor(rate, kind);
    for (let i = 0; i < 10_000; i++) quantum();
    const batches = Array.from({ length: BATCHES }, () => {
      const begin = performance.now();
      for (let i = 0; i < QUANTA; i++) quantum();
      return ((performance.now() - begin) * 1_000) / QUANTA;
    }).sort((a, b) => a - b);
    const median = batches[BATCHES >> 1];
    const share = (median / ((QUANTUM * 1e6) / rate)) * 100;
    console.log(`| ${rate} | ${kind} | ${median.toFixed(1)} | ${batches.at(-1).toFixed(1)} | ${share.toFixed(2)} % |`);
  }
}
