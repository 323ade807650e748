// The voice as samples: where in them the ear is, and what is never heard.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { openPcm } from "../../src/web/page/pcm.js";
import { FakePort } from "./harness.mjs";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

const RATE = 24_000;

/** A listener, the driver's end of its port, and a context whose loudspeaker is 50 ms behind. */
async function listening({ timestamps = true, aheadMs = 0, isOver = false } = {}) {
  const port = new FakePort();
  const context = { currentTime: 0, outputLatency: 0.05 };
  if (timestamps) context.getOutputTimestamp = () => ({ contextTime: context.currentTime - 0.05, performanceTime: performance.now() + aheadMs });
  const stops = [];
  const over = new AbortController();
  if (isOver) over.abort();
  const pcm = await openPcm(context, port, () => stops.push(pcm), over.signal);
  const audio = (epoch, at, turn, position, count) => port.say(["audio", epoch, at, turn, position, new Int16Array(count).fill(turn)]);
  const played = (epoch, at, total, queued, moves) => port.say(["played", epoch, at, total, queued, moves, context.currentTime]);
  return { pcm, port, context, stops, over, audio, played };
}

const near = (actual, expected, within = 3) => assert.ok(Math.abs(actual - expected) <= within, `${actual}, not ${expected}`);

test("chunks come in their order, each with its place in its turn", async () => {
  const { pcm, audio } = await listening();
  audio(0, 0, 2, 0, 2400);
  audio(0, 2400, 2, 2400, 960);
  const { value: first } = await pcm.next();
  const { value: second } = await pcm.next();
  assert.deepEqual({ ...first, samples: first.samples.length }, { turnId: 2, position: 0, positionMs: 0, type: "audio", sampleRate: RATE, samples: 2400 });
  assert.deepEqual([second.position, second.positionMs, second.samples[0]], [2400, 100, 2]);
  const third = pcm.next();
  audio(0, 3360, 0, 3360, 24);
  assert.equal("turnId" in (await third).value, false, "where no turns are kept");
});

for (const [where, told] of [
  ["", {}],
  [", also where no time of the output is told", { timestamps: false }],
  [", also where that is of another clock", { aheadMs: 945 }],
]) {
  test(`the ear is behind what was put out by the output latency${where}`, async () => {
    const { pcm, context, audio, played } = await listening(told);
    assert.equal(pcm.playback(), undefined);
    audio(0, 0, 2, 0, RATE);
    context.currentTime = 1;
    played(0, 64, 64, RATE - 64, true);
    assert.equal(pcm.playback(), undefined, "the first sample is on its way");
    context.currentTime = 1.25;
    near(pcm.playback().position, 64 + 0.2 * RATE);
    assert.equal(pcm.playback().playing, true);
    played(0, 6000, 6000, RATE - 6000, true);
    near(pcm.playback().position, 6000 - 0.05 * RATE);
    // It runs dry: nothing goes on but what is on its way.
    context.currentTime = 2;
    played(0, RATE, RATE, 0, false);
    near(pcm.playback().position, RATE - 0.05 * RATE);
    assert.equal(pcm.playback().playing, true);
    context.currentTime = 9;
    assert.deepEqual([pcm.playback().position, pcm.playback().playing], [RATE, false]);
  });
}

test("Firefox on Linux, which may never answer, is not asked for its latency", async (t) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
  Object.defineProperty(globalThis, "navigator", { value: { userAgent }, configurable: true });
  t.after(() => (before ? Object.defineProperty(globalThis, "navigator", before) : delete globalThis.navigator));
  const { pcm, context, audio, played } = await listening();
  const refuse = () => assert.fail("it was asked");
  Object.defineProperty(context, "outputLatency", { get: refuse });
  context.getOutputTimestamp = refuse;
  audio(0, 0, 2, 0, RATE);
  context.currentTime = 1;
  played(0, 6000, 6000, RATE - 6000, true);
  context.currentTime = 1.25;
  near(pcm.playback().position, 6000 + 0.25 * RATE);
});

test("of an interrupted answer it is told what is never heard, to the sample, and the next turn begins anew", async () => {
  const { pcm, context, audio, played } = await listening();
  audio(0, 0, 2, 0, 4800);
  audio(0, 4800, 2, 4800, 4800);
  context.currentTime = 1;
  played(0, 2000, 2000, 7600, true);
  // The flush, with the next answer behind it: it has played on, and a ramp.
  audio(1, 0, 4, 0, 2400);
  context.currentTime = 1.1;
  played(1, 0, 4520, 2400, false);
  const events = [];
  for (let i = 0; i < 4; i++) events.push((await pcm.next()).value);
  assert.deepEqual(events.map(({ type }) => type), ["audio", "audio", "audio", "interrupted"]);
  assert.deepEqual(events[3], { turnId: 2, position: 4520, positionMs: 4520 / 24, type: "interrupted" });
  near(pcm.playback().position, 4520 - 0.05 * RATE);
  context.currentTime = 1.3;
  played(1, 240, 4760, 2160, true);
  context.currentTime = 1.36;
  const { turnId, position } = pcm.playback();
  assert.equal(turnId, 4);
  near(position, 240 + 0.01 * RATE);
});

test("two answers that are flushed before the speaker has a word are both told", async () => {
  const { pcm, audio, played } = await listening();
  audio(0, 0, 2, 0, 4800);
  played(0, 100, 100, 4700, true);
  audio(1, 0, 4, 0, 4800);
  audio(2, 0, 6, 0, 4800);
  played(2, 0, 700, 4800, false);
  const told = [];
  for (let i = 0; i < 5; i++) told.push((await pcm.next()).value);
  const cut = told.filter(({ type }) => type === "interrupted").map(({ turnId, position }) => [turnId, position]);
  assert.deepEqual(cut, [[2, 700], [4, 0]]);
});

test("what was heard to its end is not interrupted by the next flush", async () => {
  const { pcm, audio, played, port } = await listening();
  audio(0, 0, 2, 0, 4800);
  played(0, 4800, 4800, 0, false);
  audio(1, 0, 4, 0, 100);
  played(1, 50, 4850, 50, true);
  port.say(["end"]);
  const types = [];
  for await (const { type } of pcm) types.push(type);
  assert.deepEqual(types, ["audio", "audio"]);
  assert.deepEqual([pcm.stopped, port.isClosed], [true, true]);
});

test("a minute is kept for who does not take it, and what was dropped is counted", async () => {
  const { pcm, audio } = await listening();
  for (let at = 0; at < 70 * RATE; at += RATE) audio(0, at, 2, at, RATE);
  assert.equal(pcm.droppedSamples, 10 * RATE);
  assert.equal((await pcm.next()).value.position, 10 * RATE);
});

test("who listens for hours keeps no more than what may still be heard", async () => {
  const { pcm, audio, played } = await listening();
  let given = 0;
  const minutes = async (count) => {
    for (const end = given + count * 60 * RATE; given < end; given += 2400) {
      audio(0, given, 2, given, 2400);
      await pcm.next();
      played(0, given + 2400, given + 2400, 0, true);
    }
    collect();
    return process.memoryUsage().heapUsed;
  };
  const growth = -(await minutes(10)) + (await minutes(110));
  // A chunk is a hundred bytes or so, and there were 66 000.
  assert.ok(growth < 500_000, `${growth} bytes`);
});

test("who stops, or leaves the loop, is told nothing more, and says so once", async () => {
  for (const how of ["stop", "leave"]) {
    const { pcm, audio, port, stops } = await listening();
    audio(0, 0, 2, 0, 100);
    if (how === "stop") pcm.stop();
    else for await (const _ of pcm) break;
    pcm.stop();
    assert.deepEqual([stops.length, pcm.stopped, port.isClosed], [1, true, true]);
    if (how === "stop") assert.equal((await pcm.next()).value.type, "audio", "what has come is there");
    assert.equal((await pcm.next()).done, true);
  }
});

for (const [when, isEarly] of [["", false], [", also where that was stopped before there was a loop", true]]) {
  test(`a loop ends with its speaker, though the driver is gone and says nothing${when}`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { pcm, audio, over } = await listening({ isOver: isEarly });
    over.abort();
    // What is on its way is told still.
    audio(0, 0, 2, 0, 480);
    assert.equal((await pcm.next()).value.samples.length, 480);
    const next = pcm.next();
    t.mock.timers.tick(1_000);
    assert.deepEqual(await next, { value: undefined, done: true });
    assert.equal(pcm.stopped, true);
  });
}
