// Playback over a network that is not even: underruns, what they teach, and what that buys.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePort, load, random, render } from "./harness.mjs";

const MS = 24;
const FLOOR_MS = 40;
const QUANTUM = 120;

function playback(jitterMs = FLOOR_MS) {
  const processor = new (load({ sampleRate: 24_000 }).Playback)({
    processorOptions: { ring: null, capacity: 131_072, filter: null, jitterMs },
  });
  const driver = new FakePort();
  processor.port.say({ port: driver });
  const say = (count) => driver.say(new Int16Array(count).fill(16_384).buffer);
  return { processor, driver, say, run: (ms) => render(processor, ms * MS, QUANTUM) };
}

/** An utterance that stalls for `gapMs` once 100 ms of it have been played. */
function stalled(gapMs) {
  const all = playback();
  all.say(100 * MS);
  const before = all.run(100);
  const during = all.run(gapMs);
  return { ...all, before, during };
}

test("running dry fades out ahead, and what follows fades in", () => {
  const { processor, say, run, before, during } = stalled(50);
  assert.ok(before.every((sample, i) => i === 0 || Math.abs(sample - before[i - 1]) < 0.01), "no step");
  assert.equal(before.at(-1), 0);
  assert.ok(during.every((sample) => sample === 0));
  say(200 * MS);
  const after = run(90);
  assert.ok(after.every((sample, i) => Math.abs(sample - (after[i - 1] ?? 0)) < 0.01), "no step");
  assert.equal(after.at(-1), 0.5);
  assert.equal(processor.report.underruns, 1);
});

test("an underrun is counted once, with the silence that it put in", () => {
  const { processor, driver, say, run } = stalled(50);
  assert.deepEqual([processor.report.underruns, processor.report.concealed], [0, 0], "not before it is known to be one");
  say(10 * MS);
  run(20);
  assert.equal(processor.report.underruns, 1);
  assert.equal(processor.report.concealed, 70 * MS, "gathering again is silence, too");
  say(300 * MS);
  run(200);
  assert.equal(processor.report.concealed, 70 * MS);
  assert.deepEqual([driver.sent.at(-1).underruns, driver.sent.at(-1).concealed], [1, 70 * MS]);
});

test("silence after an utterance's end is no underrun, even when the end comes late", () => {
  const { processor, driver, say, run } = stalled(50);
  driver.say("end");
  run(1_000);
  say(100 * MS);
  run(200);
  assert.deepEqual([processor.report.underruns, processor.report.concealed], [0, 0]);
  assert.ok(processor.target <= FLOOR_MS * MS);
});

test("silence after a barge-in is no underrun", () => {
  const { processor, driver, say, run } = stalled(50);
  driver.say("flush");
  run(1_000);
  say(100 * MS);
  run(80);
  assert.deepEqual([processor.report.underruns, processor.report.concealed], [0, 0]);
});

test("after an underrun the target is what would have been enough, and 40 ms", () => {
  const { processor, say, run } = stalled(50);
  say(10 * MS);
  run(5);
  assert.equal(processor.target, (FLOOR_MS + 50 + 40) * MS);
  say(300 * MS);
  run(200);
  assert.equal(processor.target, (FLOOR_MS + 50 + 40) * MS, "the utterance goes on: no decay");
});

test("the target never exceeds 400 ms", () => {
  const { processor, say, run } = stalled(5_000);
  say(10 * MS);
  run(5);
  assert.equal(processor.target, 400 * MS);
});

test("the target is kept for the next utterances, two percent less each, down to its floor", () => {
  const { processor, driver, say, run } = stalled(50);
  const utterance = () => {
    say(200 * MS);
    driver.say("end");
    run(220);
  };
  utterance();
  const learnt = processor.target;
  utterance();
  assert.ok(Math.abs(processor.target - 0.98 * learnt) < 1e-6);
  for (let i = 0; i < 100; i++) utterance();
  assert.equal(processor.target, FLOOR_MS * MS);
});

/** Ten turns of four seconds in frames of 40 ms at the speed of speech; late by `lateMs` on average, some by 100 to 250 more. */
function talk(seed, { jitterMs, learns, lateMs, stalls }) {
  const { processor, driver, say, run } = playback(jitterMs);
  if (!learns) Object.defineProperty(processor, "target", { get: () => jitterMs * MS, set: () => {} });
  const next = random(seed);
  const uniform = () => (next() + 0.5) / 2 ** 32;
  const found = { gaps: 0, laterGaps: 0, delays: [] };
  for (let turn = 0; turn < 10; turn++) {
    const arrivals = [];
    for (let frame = 0; frame < 100; frame++) {
      const late = -lateMs * Math.log(uniform()) + (uniform() < stalls ? 100 + 150 * uniform() : 0);
      arrivals.push(Math.max(arrivals.at(-1) ?? 0, 40 * frame + late));
    }
    const before = processor.report.underruns;
    let started = null;
    for (let now = 0, frame = 0; frame < 100 || processor.isPlaying; now += 5) {
      for (; frame < 100 && arrivals[frame] <= now; frame++) say(40 * MS);
      if (frame === 100) driver.say("end");
      run(5);
      if (processor.isPlaying) started ??= now - arrivals[0];
    }
    run(100);
    found.delays.push(started);
    found.gaps += processor.report.underruns - before;
    if (turn > 0) found.laterGaps += processor.report.underruns - before;
  }
  return found;
}

/** Means over 20 conversations: gaps, gaps per turn after the first, median delay of a turn's start in ms. */
function conversations(network) {
  const all = Array.from({ length: 20 }, (_, i) => talk(i + 1, network));
  const mean = (of) => all.reduce((sum, found) => sum + of(found), 0) / all.length;
  const delays = all.flatMap(({ delays }) => delays).sort((a, b) => a - b);
  return { gaps: mean(({ gaps }) => gaps), later: mean(({ laterGaps }) => laterGaps / 9), delay: delays[delays.length >> 1] };
}

test("on a harsh network it learns to play with a tenth of the gaps", (t) => {
  const none = conversations({ jitterMs: 0, learns: false, lateMs: 15, stalls: 0.015 });
  const fixed = conversations({ jitterMs: 60, learns: false, lateMs: 15, stalls: 0.015 });
  const learnt = conversations({ jitterMs: FLOOR_MS, learns: true, lateMs: 15, stalls: 0.015 });
  for (const [name, { gaps, later, delay }] of Object.entries({ none, fixed, learnt })) {
    t.diagnostic(`${name}: ${gaps.toFixed(1)} gaps in ten turns, ${later.toFixed(2)} a turn after the first, start after ${delay.toFixed(0)} ms`);
  }
  assert.ok(learnt.gaps < none.gaps / 7 && learnt.gaps < fixed.gaps / 3);
  assert.ok(learnt.later <= 0.25);
  assert.ok(learnt.delay <= 260);
});

test("on a network of small jitter it settles where a gap is rare", (t) => {
  const { gaps, later, delay } = conversations({ jitterMs: FLOOR_MS, learns: true, lateMs: 15, stalls: 0 });
  t.diagnostic(`jitter alone: ${gaps.toFixed(1)} gaps in ten turns, ${later.toFixed(2)} a turn after the first, start after ${delay.toFixed(0)} ms`);
  assert.ok(later <= 0.2 && delay <= 110);
});

test("on an even network it starts after its floor, always, and never runs dry", () => {
  const { gaps, delay } = conversations({ jitterMs: FLOOR_MS, learns: true, lateMs: 0, stalls: 0 });
  assert.ok(gaps === 0 && delay <= FLOOR_MS, `${gaps} ${delay}`);
});
