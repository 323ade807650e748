// SampleRing between two real threads; the other half is the Rust that the Worker runs, in threads.worker.mjs.
//
// Nothing is asked of the scheduler: both go on until enough of everything has been seen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

import { parts, random } from "./harness.mjs";

const [WRITE, FLUSH, READ] = [0, 1, 2];
const CAPACITY = 4096;
/** What has to be seen: samples that came over, and samples that were void before they could. */
const TAKEN_LEAST = 500_000;
const LOST_LEAST = 20_000;
const FLUSHES_LEAST = 20;
/** Positions wrap in the middle of what has to be seen. */
const START = -TAKEN_LEAST / 2;
const [RUNS, ENOUGH, TAKEN, LOST, AWAY] = [0, 1, 2, 3, 4];

const valueAt = (position) => ((position - START) >>> 0) % 30_011;

/** A ring of which no sample is played yet. */
function memoryOfRing() {
  const memory = new SharedArrayBuffer(32 + 2 * CAPACITY);
  new Int32Array(memory, 0, 4).fill(START);
  return memory;
}

function assertUnharmed(memory) {
  assert.ok(new Int32Array(memory, 16, 4).every((word) => word === 0), "reserved words");
}

/** Starts the other thread, waits until it runs, and promises what it finds. */
function start(role, memory, seed) {
  const gate = new SharedArrayBuffer(20);
  const shared = new Int32Array(gate);
  const workerData = { role, memory, gate, seed, start: START };
  const worker = new Worker(new URL("threads.worker.mjs", import.meta.url), { workerData });
  const found = new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  // An error of the other thread comes to nobody while this one waits or spins.
  assert.notEqual(Atomics.wait(shared, RUNS, 0, 30_000), "timed-out", "the other thread started");
  return { found, shared };
}

/** Hangs are failures: on a busy machine a tenth of this is needed. */
const deadline = () => Date.now() + 120_000;

for (const seed of [1, 2, 3]) {
  test(`playback: what is valid is heard once, in order, whenever the flushes come (seed ${seed})`, async () => {
    const memory = memoryOfRing();
    const header = new Int32Array(memory, 0, 4);
    const ring = new parts.SampleRing(memory, CAPACITY);
    const other = start("producer", memory, seed);
    const heard = { taken: 0, errors: 0, flushes: 0 };
    let flush = START;
    /** As playback does, a quantum at a time. */
    const listen = () => {
      ring.look();
      ring.skip();
      for (let i = 0; i < 128 && ring.left > 0; i++) {
        if (ring.take() !== valueAt(ring.position - 1)) heard.errors++;
        heard.taken++;
      }
      ring.commit();
      if (flush !== (flush = Atomics.load(header, FLUSH))) heard.flushes++;
    };
    const next = random(seed + 100);
    const end = deadline();
    while (heard.taken < TAKEN_LEAST || ring.lost < LOST_LEAST || heard.flushes < FLUSHES_LEAST) {
      listen();
      // Away now and then, so that a flush finds something to make void.
      if (next() >>> 24 === 0) {
        Atomics.store(other.shared, AWAY, 1);
        while (Atomics.load(header, FLUSH) === flush && Date.now() < end);
        Atomics.store(other.shared, AWAY, 0);
      }
      assert.ok(Date.now() < end, `${heard.taken} taken, ${ring.lost} void, ${heard.flushes} flushes`);
    }
    Atomics.store(other.shared, ENOUGH, 1);
    const { pushed } = await other.found;
    while (Atomics.load(header, READ) !== Atomics.load(header, WRITE)) listen();
    assertUnharmed(memory);
    assert.equal(heard.errors, 0);
    assert.equal(heard.taken + ring.lost, pushed);
    assert.equal(header[READ], (START + pushed) | 0);
  });

  test(`capture: a slow reader loses the oldest, knows how many, and keeps no overwritten sample (seed ${seed})`, async () => {
    const memory = memoryOfRing();
    const header = new Int32Array(memory, 0, 4);
    const ring = new parts.SampleRing(memory, CAPACITY);
    const other = start("consumer", memory, seed);
    const next = random(seed + 100);
    const frame = new Int16Array(320);
    const seen = (what) => Atomics.load(other.shared, what);
    const end = deadline();
    let pushed = 0;
    while (seen(TAKEN) < TAKEN_LEAST || seen(LOST) < LOST_LEAST) {
      for (let i = 0; i < 320; i++) frame[i] = valueAt(START + pushed + i);
      // Mostly the writer lets the reader keep up, or nearly everything would be lost.
      let patience = next() >>> 28 === 0 ? 0 : 100_000;
      while (patience-- > 0 && (header[WRITE] - Atomics.load(header, READ)) >>> 0 > CAPACITY - 640);
      ring.push(frame, 320);
      pushed += 320;
      assert.ok(Date.now() < end, `${seen(TAKEN)} taken, ${seen(LOST)} lost`);
    }
    Atomics.store(other.shared, ENOUGH, 1);
    const { taken, lost, errors } = await other.found;
    assertUnharmed(memory);
    assert.equal(errors, 0);
    assert.equal(taken + lost, pushed);
  });
}
