// The other thread of threads.test.mjs: the Rust halves of the ring, on the same bytes.

import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

import { random } from "./harness.mjs";

// Built by `cargo xtask test worklet`.
const { Playing, Listening } = createRequire(import.meta.url)("../../target/ring/gemini_live_ring.js");

const [FLUSH, READ] = [1, 2];
const { role, memory, gate, seed, start } = workerData;
const header = new Int32Array(memory, 0, 8);
const [RUNS, ENOUGH, TAKEN, LOST, AWAY] = [0, 1, 2, 3, 4];
const shared = new Int32Array(gate);
const next = random(seed);
const valueAt = (position) => ((position - start) >>> 0) % 30_011;
const isEnough = () => Atomics.load(shared, ENOUGH) === 1;

const half = role === "producer" ? new Playing(memory) : new Listening(memory);
Atomics.store(shared, RUNS, 1);
Atomics.notify(shared, RUNS);
parentPort.postMessage(role === "producer" ? produce() : consume());

/** Pushes portions of any size, and flushes now and then, until the other side has had enough. */
function produce() {
  const found = { flushes: 0, pushed: 0 };
  const portion = new Int16Array(1024);
  while (!isEnough()) {
    const count = next() >>> 22;
    for (let i = 0; i < count; i++) portion[i] = valueAt(start + found.pushed + i);
    const pushed = half.push(portion.subarray(0, count));
    found.pushed += pushed;
    // By chance, but not while the ring is full; then only if the reader waits for it.
    const isWanted = pushed > 0 ? next() >>> 24 === 0 : Atomics.load(shared, AWAY) === 1;
    if (!isWanted) continue;
    found.flushes++;
    half.flush();
  }
  return found;
}

/** Takes portions of any size and looks at every sample, until the other side has written enough and all of it came. */
function consume() {
  const out = new Int16Array(1_000);
  const found = { taken: 0, lost: 0, errors: 0 };
  const look = (size) => {
    const portion = out.subarray(0, size);
    const count = half.pull(portion);
    found.lost += half.lost();
    const position = start + found.taken + found.lost;
    for (let i = 0; i < count; i++) if (portion[i] !== valueAt(position + i)) found.errors++;
    found.taken += count;
    Atomics.store(shared, TAKEN, found.taken);
    Atomics.store(shared, LOST, found.lost);
    return count + half.lost();
  };
  while (!isEnough()) {
    look(next() % out.length);
    // Now and then the reader is away, until the writer has lost patience with it.
    const read = Atomics.load(header, READ);
    if (next() >>> 24 === 0) while (((Atomics.load(header, FLUSH) - read) | 0) <= 0 && !isEnough());
  }
  while (look(out.length) > 0);
  return found;
}
