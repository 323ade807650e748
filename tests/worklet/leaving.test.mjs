// A processor that has failed: what another that takes its place goes on with.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePort, feed, load, render, ringMemory } from "./harness.mjs";

const MS = 24;
const CAPACITY = 131_072;

/** One that goes on where another left, which it is told of later; or the first. */
function processor(kind, ring, left) {
  const made = new (load({ sampleRate: kind === "Playback" ? 24_000 : 16_000 })[kind])({
    processorOptions: { ring: left?.ring ?? ring, report: left?.report, capacity: CAPACITY, frame: 320, filter: null, jitterMs: 18 },
  });
  if (!left) made.port.say({ port: new FakePort() });
  return made;
}

/** What a processor leaves behind. A port of a test cannot be moved. */
function leave(dying) {
  let left;
  dying.port.postMessage = (message) => (left = message);
  dying.port.say("leave");
  assert.equal(dying.process([[]], [[new Float32Array(128)]]), false, "it is not run any more");
  return left;
}

const numbered = (from, count) => Int16Array.from({ length: count }, (_, i) => 1_000 + from + i);

for (const isShared of [false, true]) {
  const way = isShared ? "a shared ring" : "messages";

  test(`of an answer nothing is lost when its processor fails (${way})`, () => {
    const ring = isShared ? ringMemory(CAPACITY) : null;
    const header = ring && new Int32Array(ring, 0, 4);
    const first = processor("Playback", ring);
    const { driver } = first;
    const say = (samples) => {
      if (!ring) return driver.say(samples.buffer);
      new Int16Array(ring, 32).set(samples, header[0]);
      header[0] += samples.length;
    };
    const end = () => (ring ? (header[3] = header[0]) : driver.say("end"));
    say(numbered(0, 400 * MS));
    const before = render(first, 120 * MS, 120);
    const left = leave(first);
    const second = processor("Playback", ring, left);
    const early = render(second, 240, 120);
    second.port.say({ port: left.port });
    assert.equal(second.driver, driver);
    say(numbered(400 * MS, 100 * MS));
    end();
    const after = render(second, 600 * MS, 120);
    const heard = [...before, ...early, ...after].map((sample) => Math.round(sample * 32_768)).filter((sample) => sample !== 0);
    // Ramps lie at its beginning, and where the second goes on; what is between and behind is whole.
    const ramp = 5 * MS;
    assert.ok(Math.abs(heard.length - 500 * MS) <= 2, "the first of a ramp is silence");
    assert.deepEqual(heard.slice(-300 * MS), [...numbered(200 * MS, 300 * MS)]);
    assert.deepEqual(heard.slice(ramp, 100 * MS - ramp), [...numbered(ramp + 1, 100 * MS - 2 * ramp)]);
    assert.equal(second.report.played, 500 * MS, "what the first has played counts");
    assert.equal(driver.sent.at(-1).read, 500 * MS);
  });
}

test("of what was said nothing is lost when its processor fails, whose driver was slow", () => {
  const first = processor("Capture", null);
  const { driver } = first;
  const said = Float32Array.from({ length: 320 * 20 }, (_, i) => (i + 1) / 32_768);
  // The driver sends no block back: of twelve frames, four wait in the ring.
  feed(first, [said.subarray(0, 320 * 12)], 160);
  const left = leave(first);
  const second = processor("Capture", null, left);
  second.port.say({ port: left.port });
  feed(second, [said.subarray(320 * 12)], 160);
  const arrived = driver.sent.flatMap((block) => [...new Int16Array(block)]);
  assert.deepEqual(arrived, Array.from({ length: 320 * 16 }, (_, i) => i + 1));
});
