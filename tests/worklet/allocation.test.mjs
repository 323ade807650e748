// The audio thread allocates nothing: a collection of garbage there is a gap in the sound.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { filter, load, ringMemory } from "./harness.mjs";

setFlagsFromString("--expose-gc");
// What is inlined, and so does not allocate, must not depend on how soon another thread comes to compile it.
setFlagsFromString("--no-concurrent-recompilation");
const collect = runInNewContext("gc");

/** A driver that keeps nothing. */
const deaf = { postMessage() {}, close() {}, onmessage: null };

/** The constructors that a processor could allocate with, counting what they make. */
function countingConstructors() {
  const made = { count: 0 };
  const globals = {};
  for (const constructor of [Array, ArrayBuffer, Float32Array, Float64Array, Int16Array, Int32Array, Map, Object, Set, Uint8Array]) {
    globals[constructor.name] = new Proxy(constructor, {
      construct: (target, values) => (made.count++, Reflect.construct(target, values)),
    });
  }
  return { globals, made };
}

/** A processor of each kind and mode, and what a quantum of it is. */
function processors({ globals, rate = 48_000 } = {}) {
  const { Capture, Playback } = load({ sampleRate: rate, globals });
  const needed = (from, to) => (from === to ? null : filter(from, to));
  const input = [[Float32Array.from({ length: 128 }, (_, i) => Math.sin(i))]];
  const output = [[new Float32Array(128), new Float32Array(128)]];
  const playbackRing = ringMemory(131_072);
  const make = (Processor, ring, capacity, rest) => {
    const processor = new Processor({ processorOptions: { ring, capacity, ...rest } });
    processor.port.say({ port: deaf });
    return processor;
  };
  const captures = [ringMemory(32_768), null].map((ring) => {
    const capture = make(Capture, ring, 32_768, { frame: 320, filter: needed(rate, 16_000) });
    return () => capture.process(input);
  });
  const playbacks = [playbackRing, null].map((ring) => {
    const playback = make(Playback, ring, 131_072, { filter: needed(24_000, rate), jitterMs: 40, timeStretch: true });
    const speech = new Int16Array(64).fill(1_000);
    let quanta = 0;
    const quantum = () => {
      // A producer by hand: speech that stalls, a barge-in now and then, and pauses in which it runs dry.
      const at = quanta++ % 1_000;
      if (at < 700 && (at < 200 || at > 240)) playback.ring.push(speech, 64);
      if (quanta % 5_000 === 0) playback.ring.flush();
      playback.process(input, output);
    };
    return Object.assign(quantum, { report: playback.report });
  });
  return { captures, playbacks };
}

test("process() constructs nothing", () => {
  const { globals, made } = countingConstructors();
  const { captures, playbacks } = processors({ globals });
  assert.ok(made.count > 10, "the constructors are watched");
  made.count = 0;
  for (const quantum of [...captures, ...playbacks]) for (let i = 0; i < 20_000; i++) quantum();
  assert.equal(made.count, 0);
  for (const { report } of playbacks) {
    assert.ok(report.concealmentEvents > 0 && report.insertedSamplesForDeceleration > 0, "it ran dry, and played slower");
  }
});

const { captures, playbacks } = processors();
for (const [name, quantum] of Object.entries({
  "capture with a shared ring": captures[0],
  "capture without": captures[1],
  "playback with a shared ring": playbacks[0],
  "playback without": playbacks[1],
})) {
  test(`the heap does not grow: ${name}`, (t) => {
    // Compiled first, as a processor is after its first seconds.
    for (let i = 0; i < 30_000; i++) quantum();
    const growth = [0, 0, 0, 0, 0].map(() => {
      collect();
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < 10_000; i++) quantum();
      return (process.memoryUsage().heapUsed - before) / 10_000;
    });
    const least = Math.min(...growth);
    t.diagnostic(`${growth.map((bytes) => bytes.toFixed(2)).join(", ")} bytes per quantum`);
    // One object per quantum would be 16 bytes at least.
    assert.ok(least < 8, `${least} bytes per quantum`);
  });
}

test("an hour of talk leaves nothing behind", (t) => {
  const hour = processors({ rate: 24_000 });
  const quanta = [hour.captures[0], hour.captures[1], ...hour.playbacks];
  const minutes = (count) => {
    for (const quantum of quanta) for (let i = 0; i < (count * 60 * 24_000) / 128; i++) quantum();
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const growth = -minutes(10) + minutes(50);
  t.diagnostic(`${growth} bytes in 50 minutes`);
  // A byte per quantum would be two megabytes.
  assert.ok(growth < 100_000, `${growth} bytes`);
});
