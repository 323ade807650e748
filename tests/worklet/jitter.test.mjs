// Playback over a network that is not even: concealments, what they teach, and what that buys.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePort, filter, load, random, render } from "./harness.mjs";

const MS = 24;
/** What the speaker asks for unless the application says otherwise. */
const FLOOR_MS = 18;
const MARGIN_MS = 40;
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
  const before = all.run(FLOOR_MS + 100 + Math.min(gapMs, 0));
  if (gapMs < 0) return all;
  const during = all.run(gapMs);
  return { ...all, before, during };
}

test("running dry fades out ahead, and what follows fades in", () => {
  const { processor, say, run, before, during } = stalled(50);
  assert.ok(before.every((sample, i) => i === 0 || Math.abs(sample - before[i - 1]) < 0.01), "no step");
  assert.equal(before.at(-1), 0);
  assert.ok(during.every((sample) => sample === 0));
  say(200 * MS);
  const after = run(FLOOR_MS + 50 + MARGIN_MS + 10);
  assert.ok(after.every((sample, i) => Math.abs(sample - (after[i - 1] ?? 0)) < 0.01), "no step");
  assert.equal(after.at(-1), 0.5);
  assert.equal(processor.report.concealmentEvents, 1);
});

test("a concealment is counted once, with the silence that it put in", () => {
  const { processor, driver, say, run } = stalled(50);
  assert.deepEqual([processor.report.concealmentEvents, processor.report.concealedSamples], [0, 0], "not before it is known to be one");
  say(10 * MS);
  run(20);
  assert.equal(processor.report.concealmentEvents, 1);
  assert.equal(processor.report.concealedSamples, 70 * MS, "gathering again is silence, too");
  say(300 * MS);
  run(200);
  assert.equal(processor.report.concealmentEvents, 1);
  say(300 * MS);
  run(700);
  assert.deepEqual([driver.sent.at(-1).concealmentEvents, driver.sent.at(-1).concealedSamples], [1, processor.report.concealedSamples]);
});

test("after a first gap of up to 20 ms it plays on at once, after a longer one or a second it gathers", () => {
  for (const [gapMs, isTiny] of [[2, true], [15, true], [25, false]]) {
    const { processor, say, run } = stalled(gapMs);
    say(40 * MS);
    assert.equal(run(10).some((sample) => sample !== 0), isTiny, `${gapMs} ms`);
    if (!isTiny) continue;
    run(40);
    say(40 * MS);
    assert.ok(run(10).every((sample) => sample === 0), "a second one");
    assert.equal(processor.report.concealmentEvents, 2);
  }
});

test("silence after an utterance's end is no concealment, even when the end comes late", () => {
  const { processor, driver, say, run } = stalled(50);
  driver.say("end");
  run(1_000);
  say(100 * MS);
  run(200);
  assert.deepEqual([processor.report.concealmentEvents, processor.report.concealedSamples], [0, 0]);
  assert.ok(processor.target <= FLOOR_MS * MS);
});

test("silence after a barge-in is no concealment", () => {
  const { processor, driver, say, run } = stalled(50);
  driver.say("flush");
  run(1_000);
  say(100 * MS);
  run(80);
  assert.deepEqual([processor.report.concealmentEvents, processor.report.concealedSamples], [0, 0]);
});

test("after a concealment the target is what would have left 40 ms", () => {
  const { processor, say, run } = stalled(50);
  say(10 * MS);
  run(5);
  assert.equal(processor.target, (FLOOR_MS + 50 + MARGIN_MS) * MS);
  say(300 * MS);
  run(200);
  assert.equal(processor.target, (FLOOR_MS + 50 + MARGIN_MS) * MS, "the utterance goes on: no decay");
});

test("a chunk that was nearly too late teaches the same, without a gap", () => {
  const { processor, say, run } = stalled(-3);
  say(40 * MS);
  run(5);
  assert.equal(processor.target, (FLOOR_MS - 3 + MARGIN_MS) * MS);
  assert.equal(processor.report.concealmentEvents, 0);
});

test("the target never exceeds 400 ms", () => {
  const { processor, say, run } = stalled(390);
  say(10 * MS);
  run(5);
  assert.equal(processor.target, 400 * MS);
});

for (const [what, end] of Object.entries({ "a pause for a tool": false, "a stream without turnComplete": false, "turns that are complete": true })) {
  test(`${what} of two seconds counts nothing and teaches nothing`, () => {
    const { processor, driver, say, run } = playback();
    for (let i = 0; i < 10; i++) {
      say(1_000 * MS);
      if (end) driver.say("end");
      run(3_000);
    }
    assert.deepEqual([processor.report.concealmentEvents, processor.report.concealedSamples], [0, 0]);
    assert.equal(processor.target, FLOOR_MS * MS);
    assert.equal(processor.isStarved, false);
    assert.equal(processor.report.played, 10_000 * MS);
  });
}

test("a gap up to the highest target and the margin is one, a longer one is the end of the utterance", () => {
  for (const [gapMs, events] of [[430, 1], [450, 0]]) {
    const { processor, say, run } = stalled(gapMs);
    say(100 * MS);
    run(600);
    assert.equal(processor.report.concealmentEvents, events, `${gapMs} ms`);
    assert.equal(processor.report.played, 200 * MS);
  }
});

test("the target is kept for the next utterances, two percent less each, down to its floor", () => {
  const { processor, driver, say, run } = stalled(50);
  const utterance = () => {
    say(200 * MS);
    driver.say("end");
    run(300);
  };
  utterance();
  const learnt = processor.target;
  utterance();
  assert.ok(Math.abs(processor.target - 0.98 * learnt) <= 1);
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
    const before = processor.report.concealmentEvents;
    let started = null;
    for (let now = 0, frame = 0; frame < 100 || processor.isPlaying; now += 5) {
      for (; frame < 100 && arrivals[frame] <= now; frame++) say(40 * MS);
      if (frame === 100) driver.say("end");
      run(5);
      if (processor.isPlaying) started ??= now - arrivals[0];
    }
    run(100);
    found.delays.push(started);
    found.gaps += processor.report.concealmentEvents - before;
    if (turn > 0) found.laterGaps += processor.report.concealmentEvents - before;
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

/** Turns of frames of 40 ms that come at the speed of speech, each up to 3 ms early or late, to a loudspeaker at `rate`. */
function realTime(rate, seed) {
  const processor = new (load({ sampleRate: rate }).Playback)({
    processorOptions: { ring: null, capacity: 131_072, filter: rate === 24_000 ? null : filter(24_000, rate), jitterMs: FLOOR_MS },
  });
  const driver = new FakePort();
  processor.port.say({ port: driver });
  const uniform = ((next) => () => next() / 2 ** 32)(random(seed));
  const frame = new Int16Array(40 * MS).fill(16_384);
  const quantumMs = 128_000 / rate;
  const turns = [];
  for (let now = 0, turn = 0; turn < 5; turn++) {
    const start = now + 10 * uniform();
    const arrivals = Array.from({ length: 50 }, (_, i) => start + 40 * i + 6 * uniform());
    const output = [];
    for (const until = start + 50 * 40 + 100; now < until; now += quantumMs) {
      while (arrivals.length > 0 && arrivals[0] <= now) {
        driver.say(frame.slice().buffer);
        turns[turn] ??= { from: (arrivals[0] - now) / quantumMs * 128 + output.length };
        arrivals.shift();
        if (arrivals.length === 0) driver.say("end");
      }
      output.push(...render(processor, 128));
    }
    const first = output.findIndex((sample) => sample !== 0);
    const last = output.findLastIndex((sample) => sample > 0.4);
    const speech = output.slice(first, last + 1);
    turns[turn].delayMs = ((first - turns[turn].from) * 1_000) / rate;
    // The rest beyond 5 ms of ramp: any dip of it is to be heard, a hole the more so.
    turns[turn].quietest = Math.min(...speech.slice(Math.ceil(0.007 * rate)));
    turns[turn].lengthMs = (speech.length * 1_000) / rate;
  }
  return { turns, report: processor.report };
}

for (const rate of [24_000, 44_100, 48_000]) {
  test(`frames at real time, 3 ms early or late, leave no hole at ${rate} Hz, in the first answer as in later ones`, (t) => {
    for (let seed = 1; seed <= 20; seed++) {
      const { turns, report } = realTime(rate, seed);
      assert.deepEqual([report.concealmentEvents, report.concealedSamples], [0, 0]);
      for (const [i, { delayMs, quietest, lengthMs }] of turns.entries()) {
        assert.ok(quietest > 0.4, `seed ${seed}, answer ${i + 1}: down to ${quietest}`);
        assert.ok(Math.abs(lengthMs - 2_000) < 6, `seed ${seed}, answer ${i + 1}: ${lengthMs} ms long`);
        assert.ok(delayMs <= 25, `seed ${seed}, answer ${i + 1}: starts after ${delayMs} ms`);
      }
    }
  });
}
