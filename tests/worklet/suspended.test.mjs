// A context that is suspended runs no quantum, while messages and a shared ring go on: a phone call, a page in the
// background, a browser that wants a click first. What the processors make of it once their time goes on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePort, feed, load, render, ringMemory } from "./harness.mjs";

const MS = 24;
const RAMP = 5 * MS;
const FALL = 4 * MS;
const CAPACITY = 131_072;

/** A playback processor at 24 kHz; `say` is the driver's, over a port or into a shared ring. */
function playback({ shared = false } = {}) {
  const ring = shared ? ringMemory(CAPACITY) : null;
  const processor = new (load({ sampleRate: 24_000 }).Playback)({
    processorOptions: { ring, capacity: CAPACITY, filter: null, jitterMs: 18 },
  });
  const driver = new FakePort();
  processor.port.say({ port: driver });
  const post = { say: (samples) => driver.say(samples.buffer), flush: () => driver.say("flush"), end: () => driver.say("end") };
  return { processor, driver, ...(shared ? write(ring) : post), run: (ms) => render(processor, ms * MS, 120) };
}

/** The driver's half of a shared ring: WRITE, FLUSH and END are its own. */
function write(ring) {
  const [header, room] = [new Int32Array(ring, 0, 4), new Int16Array(ring, 32)];
  return {
    say(samples) {
      samples.forEach((sample, i) => (room[(header[0] + i) % CAPACITY] = sample));
      header[0] += samples.length;
    },
    flush: () => (header[1] = header[3] = header[0]),
    end: () => (header[3] = header[0]),
  };
}

/** Numbered samples, none of which is silence. */
function numbered(from, ms) {
  return Int16Array.from({ length: ms * MS }, (_, i) => 1_000 + from * MS + i);
}

function counters({ concealmentEvents, concealedSamples, played }) {
  return { concealmentEvents, concealedSamples, played };
}

for (const shared of [false, true]) {
  const way = shared ? "a shared ring" : "messages";

  test(`an answer goes on where it stood, and its end is not lost (${way})`, () => {
    const { processor, say, end, run } = playback({ shared });
    say(numbered(0, 200));
    const before = run(100);
    const { target } = processor;
    // Suspended: the service goes on.
    for (let ms = 200; ms < 1_000; ms += 40) say(numbered(ms, 40));
    end();
    const after = run(1_000);
    const heard = [...before, ...after].map((sample) => Math.round(sample * 32_768)).filter((sample) => sample !== 0);
    // The first of them lie in the ramp, which makes silence of the very first.
    const whole = [...numbered(0, 1_000)];
    assert.deepEqual(heard.slice(-whole.length + RAMP), whole.slice(RAMP));
    assert.deepEqual(counters(processor.report), { concealmentEvents: 0, concealedSamples: 0, played: whole.length });
    assert.ok(processor.target <= target, "nothing was learnt of the network");
  });

  test(`nothing is heard of an answer that was interrupted meanwhile, but its ramp (${way})`, () => {
    const { processor, say, flush, end, run } = playback({ shared });
    say(numbered(0, 200));
    run(100);
    say(numbered(200, 800));
    flush();
    say(numbered(1_200, 20));
    end();
    const heard = run(200).map((sample) => Math.round(sample * 32_768));
    const fresh = numbered(1_200, 20);
    const first = heard.findIndex((sample, i) => i >= FALL && sample !== 0);
    assert.ok(heard.slice(FALL, first).every((sample) => sample === 0));
    assert.deepEqual([...heard.slice(first).filter((sample) => sample !== 0)].slice(RAMP), [...fresh.slice(RAMP)]);
    assert.equal(processor.report.concealmentEvents, 0);
  });

  test(`a gap counts by the time that was heard, not by the clock (${way})`, () => {
    const { processor, say, run } = playback({ shared });
    say(numbered(0, 100));
    run(18 + 100 + 30);
    // Suspended, for however long.
    say(numbered(100, 200));
    run(400);
    const { concealmentEvents, concealedSamples } = processor.report;
    assert.equal(concealmentEvents, 1);
    assert.ok(concealedSamples < 150 * MS, `${concealedSamples / MS} ms`);
  });
}

test("a stop that comes meanwhile ends both processors as soon as their time goes on", () => {
  const speaker = playback();
  speaker.say(numbered(0, 500));
  speaker.run(100);
  speaker.processor.port.say("stop");
  assert.deepEqual(speaker.processor.port.sent, [], "nobody runs it");
  const heard = speaker.run(50);
  assert.ok(heard.slice(RAMP).every((sample) => sample === 0));
  assert.deepEqual(speaker.processor.port.sent, ["ended"]);

  const microphone = capture();
  feed(microphone.processor, [new Float32Array(128)]);
  microphone.processor.port.say("stop");
  assert.equal(feed(microphone.processor, [new Float32Array(128)]), false);
  assert.deepEqual(microphone.processor.port.sent, ["ended"]);
});

function capture() {
  const processor = new (load({ sampleRate: 16_000 }).Capture)({
    processorOptions: { ring: null, capacity: 32_768, frame: 320, filter: null },
  });
  const driver = new FakePort();
  processor.port.say({ port: driver });
  return { processor, driver };
}

test("a microphone goes on with what is said afterwards, and no frame is cut short", () => {
  const { processor, driver } = capture();
  const said = Float32Array.from({ length: 1_024 }, (_, i) => (i + 1) / 32_768);
  feed(processor, [said.subarray(0, 384)]);
  // Suspended: the driver gives back what it was sent.
  for (const buffer of driver.sent.splice(0)) driver.say(buffer);
  feed(processor, [said.subarray(384)]);
  const frames = driver.sent.map((buffer) => [...new Int16Array(buffer)]);
  assert.deepEqual(frames.flat(), Array.from({ length: 640 }, (_, i) => 321 + i));
  assert.equal(processor.ring.lost, 0);
});
