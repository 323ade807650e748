// The capture processor: what reaches the driver from a microphone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePort, feed, load, ringMemory, tone } from "./harness.mjs";

const CAPACITY = 32_768;
const FRAME = 320;
const BYTES = 2 * FRAME;

/** A processor whose device already has the wire's rate: what goes in comes out. */
function capture({ ring = null, connected = true, frame = FRAME } = {}) {
  const processor = new (load({ sampleRate: 16_000 }).Capture)({
    processorOptions: { ring, capacity: CAPACITY, frame, filter: null },
  });
  const driver = new FakePort();
  if (connected) processor.port.say({ port: driver });
  return { processor, driver };
}

/** Numbered samples as a microphone would give them. */
function numbered(from, count) {
  return Float32Array.from({ length: count }, (_, i) => ((from + i) % 30_000) / 32_768);
}

/** The numbers in the buffers among `sent`. */
function heard(sent) {
  const buffers = sent.filter((message) => message.byteLength === BYTES);
  return buffers.flatMap((buffer) => [...new Int16Array(buffer)]);
}

function range(from, to) {
  return Array.from({ length: to - from }, (_, i) => (from + i) % 30_000);
}

test("with a shared ring: all is written in its quantum, and told of once per frame", () => {
  const ring = ringMemory(CAPACITY);
  const { processor, driver } = capture({ ring });
  feed(processor, [numbered(0, 1_000)]);
  assert.deepEqual(driver.sent, [384, 640, 1_000]);
  assert.deepEqual([...new Int16Array(ring, 32, 1_000)], range(0, 1_000));
  assert.equal(new Uint32Array(ring)[0], 1_000);
  feed(processor, [numbered(1_000, 10)]);
  assert.equal(new Uint32Array(ring)[0], 1_010, "the driver need not wait for the frame that a mark must follow");
});

test("with a shared ring: positions that wrap are told as unsigned numbers", () => {
  const ring = ringMemory(CAPACITY, { start: -500 });
  const { processor, driver } = capture({ ring });
  feed(processor, [numbered(0, 640)]);
  assert.deepEqual(driver.sent, [2 ** 32 - 116, 140]);
});

test("with a shared ring: a driver that sleeps finds the newest two seconds", () => {
  const ring = ringMemory(CAPACITY);
  const { processor } = capture({ ring, connected: false });
  feed(processor, [numbered(0, 40_000)]);
  const [write, flush, read] = new Uint32Array(ring);
  assert.deepEqual([write, flush, read], [40_000, 40_000 - CAPACITY, 0]);
  const samples = new Int16Array(ring, 32);
  for (let i = flush; i < write; i++) assert.equal(samples[i % CAPACITY], i % 30_000);
});

test("with a shared ring: nothing that comes over the port is taken for a block", () => {
  const { processor, driver } = capture({ ring: ringMemory(CAPACITY) });
  driver.say(new ArrayBuffer(BYTES));
  assert.equal(processor.pooled, 0);
});

test("without: frames go over the port, moved, not copied", () => {
  const { processor, driver } = capture();
  const blocks = processor.pool.map(({ buffer }) => buffer);
  feed(processor, [numbered(0, 1_000)]);
  assert.deepEqual(heard(driver.sent), range(0, 960));
  assert.equal(blocks.filter(({ byteLength }) => byteLength === 0).length, 3);
});

test("without: blocks that come back are used again", () => {
  const { processor, driver } = capture();
  for (let i = 0; i < 100; i++) {
    feed(processor, [numbered(i * FRAME, FRAME)]);
    assert.deepEqual(heard(driver.sent), range(i * FRAME, (i + 1) * FRAME));
    driver.say(driver.sent.pop());
  }
  assert.equal(processor.pooled, 8);
});

test("without: when no block is left, frames wait, and none is lost within the ring's two seconds", () => {
  const { processor, driver } = capture();
  feed(processor, [numbered(0, 100 * FRAME)]);
  assert.equal(driver.sent.length, 8);
  for (let i = 0; i < 92; i++) driver.say(new ArrayBuffer(BYTES));
  assert.deepEqual(driver.sent.filter(({ lost }) => lost), []);
  assert.deepEqual(heard(driver.sent), range(0, 100 * FRAME));
});

test("without: beyond that the oldest are dropped, and their number is told before the next frame", () => {
  const { processor, driver } = capture();
  feed(processor, [numbered(0, 120 * FRAME)]);
  assert.deepEqual(heard(driver.sent), range(0, 8 * FRAME));
  driver.sent.length = 0;
  for (let i = 0; i < 102; i++) driver.say(new ArrayBuffer(BYTES));
  const lost = 112 * FRAME - CAPACITY;
  assert.deepEqual(driver.sent[0], { lost });
  assert.deepEqual(heard(driver.sent), range(8 * FRAME + lost, 110 * FRAME + lost));
  assert.equal(driver.sent.filter((message) => message.lost).length, 1);
  const waiting = 10 * FRAME - lost;
  feed(processor, [numbered(120 * FRAME, 120 * FRAME)]);
  for (let i = 0; i < 10; i++) driver.say(new ArrayBuffer(BYTES));
  const total = lost + waiting + 120 * FRAME - CAPACITY;
  assert.deepEqual(driver.sent.filter((message) => message.lost).at(-1), { lost: total }, "the total");
});

test("without: after a loss the delay is less than a frame again", () => {
  const { processor, driver } = capture();
  feed(processor, [numbered(0, 200 * FRAME)]);
  for (let i = 0; i < 200; i++) driver.say(new ArrayBuffer(BYTES));
  driver.sent.length = 0;
  feed(processor, [numbered(5_000, FRAME)]);
  const newest = heard(driver.sent).at(-1);
  assert.ok(newest >= 5_000 && newest < 5_000 + FRAME, `${newest}`);
});

test("without: what comes before the driver waits for it", () => {
  const { processor, driver } = capture({ connected: false });
  feed(processor, [numbered(0, 3 * FRAME)]);
  assert.deepEqual(driver.sent, []);
  processor.port.say({ port: driver });
  feed(processor, [numbered(3 * FRAME, FRAME)]);
  assert.deepEqual(heard(driver.sent), range(0, 4 * FRAME));
});

test("without: what is no block of ours, or one too many, is not taken", () => {
  const { processor, driver } = capture();
  driver.say(new ArrayBuffer(BYTES));
  assert.equal(processor.pooled, 8);
  feed(processor, [numbered(0, FRAME)]);
  for (const odd of [undefined, null, 7, "flush", {}, new ArrayBuffer(10)]) driver.say(odd);
  assert.equal(processor.pooled, 7);
  feed(processor, [numbered(FRAME, FRAME)]);
  assert.deepEqual(heard(driver.sent), range(0, 2 * FRAME));
});

test("channels are averaged", () => {
  const ring = ringMemory(CAPACITY);
  const { processor } = capture({ ring });
  const channel = (value) => new Float32Array(FRAME).fill(value);
  feed(processor, [channel(0.5), channel(-0.25), channel(0.125)]);
  assert.deepEqual(new Set(new Int16Array(ring, 32, FRAME)), new Set([4096]));
});

for (const frame of [160, 1_600]) {
  test(`frames of ${frame / 16} ms: told of once each, or moved as one buffer`, () => {
    const shared = capture({ ring: ringMemory(CAPACITY), frame });
    feed(shared.processor, [numbered(0, 16_000)]);
    assert.equal(shared.driver.sent.length, 16_000 / frame);
    const { processor, driver } = capture({ frame });
    const heard = [];
    for (let at = 0; at < 16_000; at += 320) {
      feed(processor, [numbered(at, 320)]);
      for (const buffer of driver.sent.splice(0)) {
        assert.equal(buffer.byteLength, 2 * frame);
        heard.push(...new Int16Array(buffer));
        driver.say(buffer);
      }
    }
    assert.deepEqual(heard, range(0, 16_000));
  });
}

test("while no channel is connected no time passes", () => {
  const { processor, driver } = capture();
  feed(processor, [numbered(0, 200)]);
  for (let i = 0; i < 100; i++) assert.equal(processor.process([[]]), true);
  feed(processor, [numbered(200, 120)]);
  assert.deepEqual(heard(driver.sent), range(0, FRAME));
});

test("samples beyond full scale saturate, and what is no number is silence", () => {
  const ring = ringMemory(CAPACITY);
  const { processor } = capture({ ring });
  const samples = new Float32Array(FRAME);
  samples.set([1, 1.5, -1, -1.5, NaN, Infinity, -Infinity, 0.5, -0.5, 1.4 / 32768, 1.6 / 32768, -1.4 / 32768, -1.6 / 32768]);
  feed(processor, [samples]);
  const expected = [32767, 32767, -32768, -32768, 0, 32767, -32768, 16384, -16384, 1, 2, -1, -2];
  assert.deepEqual([...new Int16Array(ring, 32, expected.length)], expected);
});

test("quanta of any size make the same frames", () => {
  for (const quantum of [1, 64, 128, 256, 333, 2_000]) {
    const { processor, driver } = capture();
    feed(processor, [numbered(0, 2_000)], quantum);
    assert.deepEqual(heard(driver.sent), range(0, 1_920), `${quantum}`);
  }
});

test("the microphone's rate makes no difference to the number of messages", () => {
  const { Capture } = load({ sampleRate: 48_000 });
  const filter = { up: 1, down: 3, taps: 4, coefficients: Float32Array.of(0, 0, 0, 1) };
  const processor = new Capture({ processorOptions: { ring: ringMemory(CAPACITY), capacity: CAPACITY, frame: FRAME, filter } });
  const driver = new FakePort();
  processor.port.say({ port: driver });
  feed(processor, [tone(440, 48_000, 48_000)]);
  assert.equal(driver.sent.length, 50);
});

for (const [from, word] of [["the page", "stop"], ["the page", "drain"], ["the driver", "stop"], ["the driver", "drain"]]) {
  test(`a ${word} from ${from} ends it, lets the driver go and tells the page, once`, () => {
    const { processor, driver } = capture();
    assert.equal(feed(processor, [numbered(0, 128)]), true);
    (from === "the page" ? processor.port : driver).say(word);
    assert.deepEqual(processor.port.sent, [], "not before its last quantum");
    assert.equal(feed(processor, [numbered(0, 1_280)]), false);
    assert.ok(driver.isClosed);
    assert.deepEqual(processor.port.sent, ["ended"]);
  });
}

test("a stop before there is a driver ends it too", () => {
  const { processor } = capture({ connected: false });
  processor.port.say("stop");
  assert.equal(feed(processor, [numbered(0, 128)]), false);
  assert.deepEqual(processor.port.sent, ["ended"]);
});

test("after a stop nothing is captured", () => {
  const ring = ringMemory(CAPACITY);
  const { processor, driver } = capture({ ring });
  processor.port.say("stop");
  feed(processor, [numbered(0, 1_280)]);
  assert.equal(new Uint32Array(ring)[0], 0);
  assert.deepEqual(driver.sent, []);
});
