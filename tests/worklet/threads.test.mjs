// SampleRing between two real threads; the other half is the protocol of `audio::ring`, in threads.worker.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

import { parts, random } from "./harness.mjs";

const [WRITE, READ] = [0, 2];
const CAPACITY = 4096;
const COUNT = 4_000_000;
/** Positions wrap in the middle of the run. */
const START = -COUNT / 2;
const CANARY = 0x5a5a;

const valueAt = (position) => ((position - START) >>> 0) % 30_011;

/** A ring of which no sample is played yet, with canaries behind it. */
function guarded() {
  const memory = new SharedArrayBuffer(32 + 2 * CAPACITY + 64);
  new Int32Array(memory, 0, 4).fill(START);
  new Int16Array(memory, 32 + 2 * CAPACITY).fill(CANARY);
  return memory;
}

function assertUnharmed(memory) {
  assert.ok(new Int16Array(memory, 32 + 2 * CAPACITY).every((word) => word === CANARY), "canaries");
  assert.ok(new Int32Array(memory, 16, 4).every((word) => word === 0), "reserved words");
}

/** Starts the other thread, waits until it runs, and promises what it finds. */
function start(role, memory, seed) {
  const gate = new SharedArrayBuffer(4);
  const workerData = { role, memory, gate, seed, capacity: CAPACITY, count: COUNT, start: START };
  const worker = new Worker(new URL("threads.worker.mjs", import.meta.url), { workerData });
  const found = new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  assert.notEqual(Atomics.wait(new Int32Array(gate), 0, 0, 30_000), "timed-out", "the other thread started");
  return found;
}

/** Takes everything as playback does, a quantum at a time, until `COUNT` samples are taken or skipped. */
function listen(ring, deadline) {
  const heard = { taken: 0, errors: 0 };
  while (heard.taken + ring.lost < COUNT && Date.now() < deadline) {
    ring.look();
    ring.skip();
    for (let i = 0; i < 128 && ring.left > 0; i++) {
      const expected = valueAt(ring.position);
      if (ring.take() !== expected) heard.errors++;
      heard.taken++;
    }
    ring.commit();
  }
  return heard;
}

for (const seed of [1, 2, 3]) {
  test(`playback: what is valid is heard once, in order, whenever the flushes come (seed ${seed})`, async () => {
    const memory = guarded();
    const ring = new parts.SampleRing(memory, CAPACITY);
    const other = start("producer", memory, seed);
    const heard = listen(ring, Date.now() + 60_000);
    const { flushes } = await other;
    assertUnharmed(memory);
    assert.equal(heard.errors, 0);
    assert.equal(heard.taken + ring.lost, COUNT);
    assert.equal(new Int32Array(memory)[READ], (START + COUNT) | 0);
    assert.ok(flushes > 10 && heard.taken > COUNT / 10, `${flushes} flushes, ${heard.taken} taken, ${ring.lost} void`);
  });

  test(`capture: a slow reader loses the oldest, knows how many, and keeps no overwritten sample (seed ${seed})`, async () => {
    const memory = guarded();
    const ring = new parts.SampleRing(memory, CAPACITY);
    const header = new Int32Array(memory, 0, 4);
    const other = start("consumer", memory, seed);
    const next = random(seed + 100);
    const frame = new Int16Array(320);
    for (let pushed = 0; pushed < COUNT; pushed += 320) {
      for (let i = 0; i < 320; i++) frame[i] = valueAt(START + pushed + i);
      // Mostly the writer lets the reader keep up, or nearly everything would be lost.
      let patience = next() >>> 28 === 0 ? 0 : 100_000;
      while (patience-- > 0 && ((header[WRITE] - Atomics.load(header, READ)) >>> 0) > CAPACITY - 640);
      ring.push(frame, 320);
    }
    const { taken, lost, errors } = await other;
    assertUnharmed(memory);
    assert.equal(errors, 0);
    assert.equal(taken + lost, COUNT);
    assert.ok(lost > 0 && taken > COUNT / 10, `${taken} taken, ${lost} lost`);
  });
}
