// The other thread of threads.test.mjs: what `audio::ring` does in Rust, written out on the same bytes.

import { parentPort, workerData } from "node:worker_threads";

import { random } from "./harness.mjs";

const [WRITE, FLUSH, READ, END] = [0, 1, 2, 3];
const { role, memory, gate, seed, capacity, count, start } = workerData;
const header = new Int32Array(memory, 0, 8);
const samples = new Int16Array(memory, 32, capacity);
const next = random(seed);
const valueAt = (position) => ((position - start) >>> 0) % 30_011;
const last = (start + count) | 0;
const later = (a, b) => (((b - a) | 0) > 0 ? b : a);

Atomics.store(new Int32Array(gate), 0, 1);
Atomics.notify(new Int32Array(gate), 0);
parentPort.postMessage(role === "producer" ? produce() : consume());

/** `Producer`: pushes what fits, and flushes now and then. */
function produce() {
  let flushes = 0;
  let write = start;
  for (let left = count; left > 0; ) {
    const free = capacity - ((write - Atomics.load(header, READ)) >>> 0);
    const portion = Math.min(free, left, next() >>> 22);
    for (let i = 0; i < portion; i++) samples[(write + i) & (capacity - 1)] = valueAt(write + i);
    write = (write + portion) | 0;
    left -= portion;
    Atomics.store(header, WRITE, write);
    if (next() >>> 24 > 0) continue;
    flushes++;
    Atomics.store(header, FLUSH, write);
    Atomics.store(header, END, write);
  }
  return { flushes };
}

/** `Consumer`: takes portions, looks at FLUSH again after copying, and checks every sample it kept. */
function consume() {
  const out = new Int16Array(1_000);
  const found = { taken: 0, lost: 0, errors: 0, torn: 0 };
  let read = start;
  while (found.taken + found.lost < count) {
    const first = later(read, Atomics.load(header, FLUSH));
    const portion = Math.min(next() % out.length, (Atomics.load(header, WRITE) - first) >>> 0, capacity);
    for (let i = 0; i < portion; i++) out[i] = samples[(first + i) & (capacity - 1)];
    const end = (first + portion) | 0;
    const valid = later(first, Atomics.load(header, FLUSH));
    const voided = Math.min((valid - first) >>> 0, portion);
    for (let i = 0; i < portion; i++) {
      const isRight = out[i] === valueAt((first + i) | 0);
      if (i >= voided) found.errors += isRight ? 0 : 1;
      else found.torn += isRight ? 0 : 1;
    }
    found.taken += portion - voided;
    found.lost += ((later(end, valid) - read) >>> 0) - (portion - voided);
    read = later(end, valid);
    Atomics.store(header, READ, read);
    // Now and then the reader is away, until the writer has lost patience with it.
    if (next() >>> 24 === 0) while (((Atomics.load(header, FLUSH) - read) | 0) <= 0 && Atomics.load(header, WRITE) !== last);
  }
  return found;
}
