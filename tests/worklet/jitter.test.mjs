// Playback over a network that is not even: concealments, what they teach, and what that buys.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePort, filter, load, random, render } from "./harness.mjs";

const MS = 24;
/** What the speaker asks for unless the application says otherwise. */
const FLOOR_MS = 18;
const MARGIN_MS = 20;
/** How finely it is known how late something was. */
const STEP_MS = 5;
const QUANTUM = 120;

function playback({ jitterMs = FLOOR_MS, timeStretch = false } = {}) {
  const processor = new (load({ sampleRate: 24_000 }).Playback)({
    processorOptions: { ring: null, capacity: 131_072, filter: null, jitterMs, timeStretch },
  });
  const driver = new FakePort();
  processor.port.say({ port: driver });
  const say = (count) => driver.say(new Int16Array(count).fill(16_384).buffer);
  return { processor, driver, say, run: (ms) => render(processor, ms * MS, QUANTUM) };
}

/** An utterance that stalls for `gapMs` once 100 ms of it have been played. */
function stalled(gapMs, options) {
  const all = playback(options);
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
  const after = run(MARGIN_MS + STEP_MS + 10);
  assert.ok(after.every((sample, i) => Math.abs(sample - (after[i - 1] ?? 0)) < 0.01), "no step");
  assert.equal(after.at(-1), 0.5);
  assert.equal(processor.report.concealmentEvents, 1);
});

test("a concealment is counted once, with the silence that it put in", () => {
  const { processor, driver, say, run } = stalled(50);
  assert.deepEqual([processor.report.concealmentEvents, processor.report.concealedSamples], [0, 0], "not before it is known to be one");
  say(40 * MS);
  const gathered = run(30).findIndex((sample) => sample !== 0);
  assert.ok(gathered > 0);
  assert.equal(processor.report.concealmentEvents, 1);
  assert.equal(processor.report.concealedSamples, 50 * MS + gathered, "gathering again is silence, too");
  say(300 * MS);
  run(200);
  assert.equal(processor.report.concealmentEvents, 1);
  say(300 * MS);
  run(700);
  assert.deepEqual([driver.sent.at(-1).concealmentEvents, driver.sent.at(-1).concealedSamples], [1, processor.report.concealedSamples]);
});

test("where it may play slower it plays on at once after a gap, elsewhere it gathers up to its target", () => {
  for (const gapMs of [2, 15, 50, 200]) {
    for (const timeStretch of [true, false]) {
      const { processor, say, run } = stalled(gapMs, { timeStretch });
      say(40 * MS);
      const after = run(MARGIN_MS + STEP_MS + 10);
      const start = after.findIndex((sample) => sample !== 0);
      if (timeStretch) assert.equal(start, 0, `${gapMs} ms`);
      else assert.ok(start >= MARGIN_MS * MS && start <= (MARGIN_MS + STEP_MS) * MS, `${gapMs} ms: ${start}`);
      assert.equal(processor.report.concealedSamples, gapMs * MS + start);
    }
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

test("the target is 20 ms beyond what was late, whether that left a gap or not", () => {
  for (const gapMs of [50, 3, -3, -10]) {
    const { processor, say, run } = stalled(gapMs);
    say(40 * MS);
    run(5);
    const lateMs = STEP_MS * Math.ceil((FLOOR_MS + gapMs) / STEP_MS);
    assert.equal(processor.target, (lateMs > FLOOR_MS ? lateMs + MARGIN_MS : FLOOR_MS) * MS, `${gapMs} ms`);
    assert.equal(processor.report.concealmentEvents, gapMs > 0 ? 1 : 0);
  }
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

test("the target is kept for the next utterances, till what was late has become too seldom to count", () => {
  const { processor, driver, say, run } = stalled(50);
  say(100 * MS);
  driver.say("end");
  run(200);
  const learnt = processor.target;
  assert.equal(learnt, (70 + MARGIN_MS) * MS);
  const utterance = () => {
    for (let i = 0; i < 50; i++) {
      say(40 * MS);
      run(40);
    }
    driver.say("end");
    run(500);
  };
  for (let i = 0; i < 5; i++) {
    assert.equal(processor.target, learnt, `utterance ${i + 1}`);
    utterance();
  }
  for (let i = 0; i < 40; i++) utterance();
  assert.equal(processor.target, FLOOR_MS * MS);
});

test("an answer that comes together with the end of the one before is not late, however long nothing came", () => {
  const { processor, driver, say, run } = stalled(300);
  driver.say("end");
  for (let i = 0; i < 25; i++) {
    say(40 * MS);
    run(40);
  }
  assert.equal(processor.target, FLOOR_MS * MS);
  assert.equal(processor.report.concealmentEvents, 0);
});

test("what waited for room behind a pause is not late", () => {
  const CAPACITY = 131_072;
  const { processor, driver, say, run } = playback();
  // A long answer comes at once; the driver fills the ring, and again after each report.
  let written = CAPACITY;
  say(CAPACITY);
  const listen = (ms) => {
    for (let i = 0; i < ms / 100; i++) {
      run(100);
      const room = CAPACITY - written + driver.sent.at(-1).read;
      if (room > 0) say(room);
      written += room;
    }
  };
  listen(1_000);
  for (let pause = 0; pause < 2; pause++) {
    driver.say("pause");
    listen(5_000);
    driver.say("resume");
    listen(1_000);
  }
  assert.ok(processor.age > processor.come, "it looks late");
  assert.equal(processor.target, FLOOR_MS * MS);
  assert.equal(processor.report.concealmentEvents, 0);
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
