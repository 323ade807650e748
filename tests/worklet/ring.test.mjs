// SampleRing on one thread.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load, parts, ringMemory } from "./harness.mjs";

const { SampleRing } = parts;
const [WRITE, FLUSH, READ, END] = [0, 1, 2, 3];

const numbers = (from, count) => Int16Array.from({ length: count }, (_, i) => from + i);

/** All that can be taken, sample by sample, as playback does. */
function take(ring) {
  const taken = [];
  ring.look();
  ring.skip();
  while (ring.left > 0) taken.push(ring.take());
  ring.commit();
  return taken;
}

for (const start of [0, 50, -100, 2 ** 31 - 100]) {
  test(`samples come out as they went in, positions from ${start >>> 0} on`, () => {
    const memory = ringMemory(64, { start });
    const header = new Int32Array(memory, 0, 4);
    const ring = new SampleRing(memory, 64);
    for (let round = 0; round < 20; round++) {
      ring.push(numbers(round * 100, 30), 30);
      assert.deepEqual(take(ring), [...numbers(round * 100, 30)]);
    }
    assert.deepEqual([header[WRITE], header[READ]], [(start + 600) | 0, (start + 600) | 0]);
    assert.deepEqual([ring.written, ring.position], [(start + 600) >>> 0, (start + 600) >>> 0]);
    assert.equal(ring.lost, 0);
  });
}

test("a full ring drops its oldest samples and counts them", () => {
  for (const start of [0, -100]) {
    const memory = ringMemory(64, { start });
    const ring = new SampleRing(memory, 64);
    for (let i = 0; i < 100; i += 10) ring.push(numbers(i, 10), 10);
    assert.deepEqual(take(ring), [...numbers(36, 64)]);
    assert.equal(ring.lost, 36);
    assert.equal(new Int32Array(memory)[FLUSH], (start + 36) | 0);
  }
});

test("one sample too many makes one void", () => {
  const memory = ringMemory(64);
  const ring = new SampleRing(memory, 64);
  ring.push(numbers(0, 64), 64);
  assert.equal(new Int32Array(memory)[FLUSH], 0);
  ring.push(numbers(64, 1), 1);
  assert.equal(new Int32Array(memory)[FLUSH], 1);
  assert.deepEqual([take(ring), ring.lost], [[...numbers(1, 64)], 1]);
});

test("FLUSH is stored before a sample is overwritten, and WRITE after", () => {
  const memory = ringMemory(64);
  const log = [];
  const watched = { load: Atomics.load, store: (_, word) => log.push([word, samples[0]]) };
  const ring = new (loadWith({ Atomics: watched }).SampleRing)(memory, 64);
  const samples = new Int16Array(memory, 32);
  samples[0] = 7;
  new Int32Array(memory)[WRITE] = 64;
  ring.push(numbers(100, 10), 10);
  assert.deepEqual(log, [[FLUSH, 7], [WRITE, 100]]);
});

test("FLUSH is seen before WRITE, so that it never lies beyond it", () => {
  const order = [];
  const watched = { store: Atomics.store, load: (_, word) => (order.push(word), 0) };
  new (loadWith({ Atomics: watched }).SampleRing)(null, 64).look();
  assert.deepEqual(order, [FLUSH, END, WRITE]);
});

test("a look says how much has come since the last one", () => {
  const ring = new SampleRing(null, 64);
  assert.equal(ring.look(), 0);
  ring.push(numbers(0, 30), 30);
  ring.push(numbers(0, 10), 10);
  assert.equal(ring.look(), 40);
  ring.push(numbers(0, 5), 5);
  assert.equal(ring.look(), 5);
  assert.equal(ring.look(), 0);
});

test("what was abandoned is void, and what comes later is not", () => {
  const ring = new SampleRing(null, 64);
  ring.push(numbers(0, 30), 30);
  ring.look();
  ring.abandon();
  assert.ok(ring.isVoid);
  ring.push(numbers(100, 5), 5);
  ring.skip();
  assert.deepEqual(take(ring), [...numbers(100, 5)]);
});

test("a flush voids what was pushed before it, and ends the utterance", () => {
  const ring = new SampleRing(null, 64);
  ring.push(numbers(0, 30), 30);
  ring.flush();
  ring.push(numbers(100, 5), 5);
  ring.look();
  assert.ok(ring.isVoid && ring.isEnded);
  assert.deepEqual(take(ring), [...numbers(100, 5)]);
  assert.equal(ring.lost, 30);
  assert.ok(!ring.isVoid && !ring.isEnded);
});

test("an end voids nothing", () => {
  const ring = new SampleRing(null, 64);
  ring.push(numbers(0, 30), 30);
  ring.finish();
  ring.look();
  assert.ok(!ring.isVoid && ring.isEnded && ring.isComplete && !ring.isBetween);
  assert.deepEqual(take(ring), [...numbers(0, 30)]);
});

test("a flush or an end of long ago is not taken for one to come", () => {
  for (const position of [2 ** 31 + 5, -(2 ** 31), -70, 0]) {
    const memory = ringMemory(64, { start: position });
    const ring = new SampleRing(memory, 64);
    new Int32Array(memory).set([position + 60, 0, position, 0]);
    ring.look();
    assert.equal(ring.left, 60);
    assert.equal(ring.isVoid, false, `${position}`);
    assert.equal(ring.isEnded, false, `${position}`);
  }
});

test("a pull takes a whole block or nothing", () => {
  const memory = ringMemory(64);
  const ring = new SampleRing(memory, 64);
  const block = new Int16Array(20);
  assert.equal(ring.pull(block), false);
  ring.push(numbers(0, 20), 20);
  assert.equal(ring.pull(block), true);
  assert.deepEqual(block, numbers(0, 20));
  assert.equal(ring.pull(block), false);
  assert.equal(new Int32Array(memory)[READ], 20);
});

test("free counts what fits, and a flush frees nothing until it is obeyed", () => {
  const ring = new SampleRing(ringMemory(64, { start: -10 }), 64);
  ring.push(numbers(0, 40), 40);
  ring.flush();
  assert.equal(ring.free, 24);
  take(ring);
  assert.equal(ring.free, 64);
});

test("a ring goes on where its header says", () => {
  const memory = ringMemory(64, { start: 1234 });
  new SampleRing(memory, 64).push(numbers(0, 10), 10);
  assert.deepEqual(take(new SampleRing(memory, 64)), [...numbers(0, 10)]);
});

function loadWith(globals) {
  return load({ globals }).Capture.parts;
}
