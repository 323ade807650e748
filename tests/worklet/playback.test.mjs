// The playback processor: what the loudspeaker gets, and what the driver is told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePort, filter, load, random, render, ringMemory } from "./harness.mjs";

const CAPACITY = 131_072;
const MS = 24;
const RAMP = 5 * MS;
/** How long an answer falls that was interrupted. */
const FALL = 4 * MS;
const TARGET = 40 * MS;
const HALF = 16_384;

/** A processor at 24 kHz, so that every sample can be named, and without a cushion, so that it starts at once. */
function playback({ ring = null, rate = 24_000, connected = true, jitterMs = 0 } = {}) {
  const processor = new (load({ sampleRate: rate }).Playback)({
    processorOptions: { ring, capacity: CAPACITY, filter: rate === 24_000 ? null : filter(24_000, rate), jitterMs },
  });
  const driver = new FakePort();
  if (connected) processor.port.say({ port: driver });
  const say = (count, value = HALF) => driver.say(new Int16Array(count).fill(value).buffer);
  return { processor, driver, say, report: () => driver.sent.at(-1) };
}

/** What is told, but for the sums, and what is for who listens along. */
function counters({ sums: _, time: __, paused: ___, ...rest }) {
  return rest;
}

/** How a ramp of `count` samples looks from silence up to the level of `say`. */
const rising = Array.from({ length: RAMP }, (_, i) => Math.fround(0.25 * (1 - Math.cos((Math.PI * (i + 1)) / RAMP))));

/** What of a sample is heard as it falls: a ramp whose slope, too, begins and ends with nothing. */
const falling = Array.from({ length: FALL }, (_, i) => 1 - (i + 1) / FALL - Math.sin(2 * Math.PI * (1 - (i + 1) / FALL)) / (2 * Math.PI));

function assertNear(samples, expected, what) {
  assert.equal(samples.length, expected.length, what);
  samples.forEach((sample, i) => assert.ok(Math.abs(sample - expected[i]) < 1e-6, `${what}: [${i}] ${sample}, not ${expected[i]}`));
}

/** The energy of what is heard at a frequency, faded in so that the beginning is no click. */
function power(samples, hz, rate) {
  const turn = (2 * Math.PI * hz) / rate, half = samples.length / 2;
  let [a, b] = [0, 0];
  samples.forEach((sample, i) => {
    const faded = i < half ? sample * (0.5 - 0.5 * Math.cos((Math.PI * i) / half)) : sample;
    a += faded * Math.cos(turn * i);
    b += faded * Math.sin(turn * i);
  });
  return a * a + b * b;
}

/** Plays until `say`'s level is reached. */
function playing(samples = 10_000) {
  const all = playback();
  all.say(samples);
  render(all.processor, 256);
  return all;
}

test("silence until something comes, and nothing to tell", () => {
  const { processor, driver } = playback();
  assert.ok(render(processor, 48_000).every((sample) => sample === 0));
  assert.deepEqual(driver.sent, []);
});

test("an utterance starts behind a 5 ms ramp and is played to the sample", () => {
  const { processor, driver } = playback();
  const samples = Int16Array.from({ length: 3_000 }, (_, i) => ((i * 7919) % 60_000) - 30_000);
  driver.say(samples.slice().buffer);
  driver.say("end");
  const output = render(processor, 3_200);
  assertNear(output.subarray(0, RAMP), rising.map((gain, i) => (samples[i] / 32_768) * 2 * gain), "ramp");
  assert.deepEqual([...output.subarray(RAMP, 3_000)], [...samples.subarray(RAMP)].map((sample) => sample / 32_768));
  assert.ok(output.subarray(3_000).every((sample) => sample === 0));
});

test("every output channel gets the same", () => {
  const { processor, say } = playback();
  say(10_000);
  const channels = [new Float32Array(500), new Float32Array(500), new Float32Array(500)];
  processor.process([], [channels]);
  assert.ok(channels[0][499] === 0.5);
  assert.deepEqual(channels[1], channels[0]);
  assert.deepEqual(channels[2], channels[0]);
});

test("playback waits until the jitter target is there beyond what came last", () => {
  const { processor, say } = playback({ jitterMs: 40 });
  say(5 * TARGET);
  assert.ok(render(processor, 128).every((sample) => sample === 0), "the next may come when this was played");
  say(TARGET);
  assert.ok(render(processor, 128)[0] > 0);
  assert.equal(processor.report.played, 128);
});

test("otherwise playback waits for the target's time, to the sample", () => {
  for (const count of [500, 5 * TARGET]) {
    const { processor, say } = playback({ jitterMs: 40 });
    say(count);
    const output = render(processor, 2_000);
    assert.equal(output.findIndex((sample) => sample > 0), TARGET);
  }
});

test("what is complete is played at once", () => {
  const { processor, driver, say } = playback({ jitterMs: 40 });
  say(200);
  driver.say("end");
  const output = render(processor, 256);
  assert.ok(output[0] > 0 && output[199] === 0.5 && output[200] === 0);
  assert.equal(processor.report.concealmentEvents, 0);
});

test("barge-in is silence after a fall of 4 ms, from the next quantum on", () => {
  const { processor, driver, report } = playing();
  driver.say("flush");
  const output = render(processor, 256);
  assertNear(output.subarray(0, FALL), falling.map((gain) => 0.5 * gain), "fall");
  assert.ok(output.subarray(FALL).every((sample) => sample === 0));
  assert.deepEqual(counters(report()), { read: 10_000, ahead: 0, played: 256 + FALL, concealmentEvents: 0, concealedSamples: 0, insertedSamplesForDeceleration: 0, buffered: 0, playing: false });
});

test("barge-in is silence within 4 ms through the filter of a loudspeaker at another rate as well", () => {
  for (const rate of [44_100, 48_000]) {
    const { processor, driver, say } = playback({ rate });
    say(20_000);
    assert.ok(Math.abs(render(processor, 6_400).at(-1) - 0.5) < 1e-3);
    driver.say("flush");
    const output = render(processor, rate / 10);
    assert.ok(output[Math.round(0.003 * rate)] > 1e-3, "it falls, and does not break off");
    assert.ok(output.subarray(0.004 * rate).every((sample) => sample === 0));
  }
});

test("a barge-in is no more of a click than a ramp of 5 ms", () => {
  const rate = 48_000, half = 1_024, steps = 8, pitch = 225;
  const ramp = (at) => (at < 0 ? 1 : at > 0.005 * rate ? 0 : 0.5 + 0.5 * Math.cos((Math.PI * at) / (0.005 * rate)));
  const sums = { fall: new Map(), ramp: new Map() };
  for (let step = 0; step < steps; step++) {
    const { processor, driver } = playback({ rate });
    driver.say(Int16Array.from({ length: 24_000 }, (_, i) => 16_384 * Math.sin((2 * Math.PI * pitch * i) / 24_000)).buffer);
    // Of an even tone, cut at another place of its period each time.
    const before = render(processor, 64 * (80 + step), 64).slice(-half);
    driver.say("flush");
    const heard = [...before, ...render(processor, half, 64)];
    // The tone as it would have gone on, by its last two samples.
    const turn = (2 * Math.PI * pitch) / rate;
    const [second, last] = before.slice(-2);
    const slope = (last * Math.cos(turn) - second) / Math.sin(turn);
    const on = (at) => last * Math.cos(turn * at) + slope * Math.sin(turn * at);
    const ideal = heard.map((sample, at) => (at < half ? sample : ramp(at - half) * on(at - half + 1)));
    for (const [name, samples] of [["fall", heard], ["ramp", ideal]]) {
      for (let hz = 0; hz < 6_000; hz += 100) sums[name].set(hz, (sums[name].get(hz) ?? 0) + power(samples, hz, rate));
    }
  }
  const beyond = (sum, from) => 10 * Math.log10([...sum].reduce((total, [hz, energy]) => total + (hz > pitch + from ? energy : 0), 0));
  for (const [from, less] of [[500, 0], [1_000, 6], [2_000, 3]]) {
    const [fall, ramped] = [beyond(sums.fall, from), beyond(sums.ramp, from)];
    assert.ok(fall < ramped - less, `beyond ${from} Hz: ${fall} dB, and ${ramped} of a ramp`);
  }
});

test("what is counted as played of an interrupted answer is what was heard of it, to a quantum, at any rate", () => {
  for (const rate of [24_000, 44_100, 48_000, 96_000]) {
    for (let quanta = 40; quanta < 200; quanta += 23) {
      const { processor, driver, report } = playback({ rate });
      // The louder, the later: what is heard last at nearly its own level says which sample it was, and behind it lies the fall.
      driver.say(Int16Array.from({ length: 30_000 }, (_, i) => i).buffer);
      const before = render(processor, 128 * quanta);
      driver.say("flush");
      const output = [...before, ...render(processor, rate / 10)];
      const heard = Math.round(Math.max(...output) * 32_768) + FALL;
      const { read, played, playing } = report();
      assert.deepEqual([read, playing], [30_000, false]);
      assert.ok(Math.abs(played - heard) <= (128 * 24_000) / rate, `${rate} Hz: ${played}, not ${heard}`);
    }
  }
});

test("barge-in during the first ramp falls from where it is", () => {
  const { processor, driver, say } = playback();
  say(10_000);
  const up = render(processor, 60, 60);
  driver.say("flush");
  assertNear(render(processor, 128), [...falling.map((gain) => up.at(-1) * gain), ...Array(32).fill(0)], "fall");
});

test("barge-in before playback started is obeyed in silence", () => {
  const { processor, driver, say, report } = playback({ jitterMs: 40 });
  say(100);
  render(processor, 128);
  driver.say("flush");
  assert.ok(render(processor, 2_000).every((sample) => sample === 0));
  assert.deepEqual([report().read, report().played, report().buffered], [100, 0, 0]);
});

test("what follows a barge-in is a new utterance, with its own start", () => {
  const { processor, driver, say } = playing();
  driver.say("flush");
  say(TARGET, -HALF);
  const output = render(processor, 512);
  assert.ok(output.subarray(0, FALL).every((sample) => sample >= 0));
  assertNear(output.subarray(FALL, FALL + RAMP), rising.map((sample) => -sample), "the new one's ramp");
  assert.equal(processor.report.concealmentEvents, 0);
});

test("a second barge-in during the ramp of the first voids what came between", () => {
  const { processor, driver, say } = playing();
  driver.say("flush");
  render(processor, 60, 60);
  say(5_000, -HALF);
  driver.say("flush");
  const output = render(processor, 1_000);
  assert.ok(output.every((sample) => sample >= 0) && output.at(-1) === 0);
});

test("barge-in where the old utterance has nearly run out does not leak into the new one", () => {
  const { processor, driver, say } = playback();
  say(1_000);
  driver.say("end");
  render(processor, 990, 990);
  driver.say("flush");
  say(TARGET, -HALF);
  const output = render(processor, 256, 256);
  assert.ok(output.subarray(0, 10).every((sample) => sample > 0));
  assert.ok(output.subarray(10, FALL).every((sample) => sample === 0), "what falls is the old one");
  assertNear(output.subarray(FALL, FALL + RAMP), rising.map((sample) => -sample), "the new one's ramp");
});

test("a pause is silence after a 5 ms ramp, and what follows it goes on with the next sample", () => {
  for (const ring of [null, ringMemory(CAPACITY)]) {
    const { processor, driver, report } = playback({ ring });
    const samples = Int16Array.from({ length: 9_000 }, (_, i) => ((i * 7919) % 60_000) - 30_000);
    if (ring) {
      new Int16Array(ring, 32).set(samples);
      const header = new Int32Array(ring);
      header[0] = header[3] = samples.length;
    } else {
      driver.say(samples.slice().buffer);
      driver.say("end");
    }
    render(processor, 1_280);
    driver.say("pause");
    const fading = render(processor, 128);
    const gain = (i) => 2 * rising[i];
    assertNear(fading.subarray(0, RAMP - 1), rising.slice(0, -1).map((_, i) => (samples[1_280 + i] / 32_768) * gain(RAMP - 2 - i)), "down");
    assert.ok(render(processor, 100_000, 125).every((sample) => sample === 0), "however long it is");
    assert.deepEqual(counters(report()), { read: 1_400, ahead: 0, played: 1_400, concealmentEvents: 0, concealedSamples: 0, insertedSamplesForDeceleration: 0, buffered: 7_600, playing: true });
    driver.say("resume");
    const rest = render(processor, 8_192);
    assertNear(rest.subarray(0, RAMP), rising.map((_, i) => (samples[1_400 + i] / 32_768) * gain(i)), "up");
    assert.deepEqual([...rest.subarray(RAMP, 7_600)], [...samples.subarray(1_400 + RAMP)].map((sample) => sample / 32_768));
    assert.ok(rest.subarray(7_600).every((sample) => sample === 0));
    assert.deepEqual([report().played, report().concealmentEvents, report().playing], [9_000, 0, false]);
  }
});

test("a pause makes no step, wherever it begins and ends, through the filter of any loudspeaker", () => {
  for (const rate of [24_000, 44_100, 48_000]) {
    for (const [before, between] of [[6_400, 12_800], [6_400, 64], [64, 32], [32, 12_800]]) {
      const { processor, driver, say } = playback({ rate });
      say(100_000);
      const output = [0, ...render(processor, before, 32)];
      for (const word of ["pause", "resume", "pause", "resume"]) {
        driver.say(word);
        output.push(...render(processor, between, 32));
      }
      const steepest = Math.max(...output.slice(1).map((sample, i) => Math.abs(sample - output[i])));
      // A cosine of 5 ms from silence to a half.
      assert.ok(steepest < 0.01, `${rate} ${before} ${between}: ${steepest}`);
    }
  }
});

test("a barge-in during a pause is obeyed in silence, and the next utterance is heard once it goes on", () => {
  const { processor, driver, say, report } = playing();
  driver.say("pause");
  render(processor, 256);
  driver.say("flush");
  say(5_000, -HALF);
  driver.say("end");
  assert.ok(render(processor, 2_560).every((sample) => sample === 0));
  assert.deepEqual([report().read, report().playing], [10_000, false]);
  driver.say("resume");
  const output = render(processor, 5_120);
  assert.ok(output.every((sample) => sample <= 0));
  assert.deepEqual([output.filter((sample) => sample === -0.5).length, processor.report.played], [5_000 - RAMP + 1, 256 + RAMP + 5_000]);
});

test("a barge-in during the ramp of a pause fades on from there", () => {
  const { processor, driver } = playing();
  driver.say("pause");
  const down = render(processor, 60, 60);
  driver.say("flush");
  const paused = [...rising.slice(0, -1).reverse(), 0];
  const expected = paused.map((sample, i) => sample * (i < 60 ? 1 : falling[i - 60]));
  assertNear([...down, ...render(processor, 100, 100)], [...expected, ...Array(40).fill(0)], "both");
});

test("an utterance that begins during a pause waits for its end, and so does one that is nearly over", () => {
  const { processor, driver, say } = playback();
  driver.say("pause");
  say(3_000);
  driver.say("end");
  assert.ok(render(processor, 48_000).every((sample) => sample === 0));
  driver.say("resume");
  assert.equal(render(processor, 2_960, 80).at(-1), 0.5);
  driver.say("pause");
  render(processor, 48_000);
  assert.deepEqual([processor.report.played, processor.report.concealmentEvents], [3_000, 0]);
  driver.say("resume");
  render(processor, 128);
  assert.equal(driver.sent.at(-1).playing, false, "and its end is told");
});

test("who has paused and goes away lets it be heard to the end, or not at all", () => {
  for (const [word, most] of [["drain", 10_000], ["stop", 384]]) {
    const { processor, driver } = playing();
    driver.say("pause");
    render(processor, 1_280);
    driver.say(word);
    const output = untilEnded(processor, 20_000);
    assert.ok(output.length <= most + 384, word);
    assert.equal(output.includes(0.5), word === "drain");
  }
});

test("however playback is paused and fed, every sample is played once and in its order", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const word = random(seed);
    const below = (most) => (word() >>> 8) % most;
    const { processor, driver } = playback({ jitterMs: below(40) });
    const total = 20_000;
    let [given, seen, reached] = [0, -1, 0];
    while (reached < 2 * total && processor.report.played < total) {
      const count = Math.min(below(1_500), total - given);
      if (count && below(4) === 0) driver.say(Int16Array.from({ length: count }, (_, i) => 1 + given + i).buffer);
      else if (below(6) === 0) driver.say(["pause", "resume"][below(2)]);
      else if (below(60) === 0) driver.say("end");
      given = processor.ring.written;
      for (const sample of render(processor, 128)) {
        const at = Math.round(sample * 32_768) - 1;
        // What a ramp has touched is quieter than what follows it, and hardly ever a whole number.
        if (sample * 32_768 !== at + 1 || at <= seen) continue;
        assert.ok(at - seen <= 6 * RAMP, `seed ${seed}: ${at} after ${seen}`);
        seen = at;
      }
      reached++;
      if (reached > 5_000) driver.say("resume"), driver.say("end");
    }
    assert.ok(seen > total - 6 * RAMP, `seed ${seed}: ${seen}`);
    assert.equal(processor.report.played, total, `seed ${seed}`);
    assert.equal(processor.ring.position, total, `seed ${seed}`);
  }
});

test("the driver is told at once of start, running dry and flush, and every 100 ms between", () => {
  const { processor, driver, say } = playback();
  say(12_000);
  driver.say("end");
  const told = [];
  for (let quantum = 0; quantum < 200; quantum++) {
    render(processor, 128);
    if (driver.sent.length > told.length) told.push(quantum);
  }
  assert.deepEqual(told, [0, 19, 38, 57, 76, 93]);
  assert.deepEqual(counters(driver.sent[0]), { read: 128, ahead: 0, played: 128, concealmentEvents: 0, concealedSamples: 0, insertedSamplesForDeceleration: 0, buffered: 11_872, playing: true });
  assert.deepEqual(counters(driver.sent.at(-1)), { read: 12_000, ahead: 0, played: 12_000, concealmentEvents: 0, concealedSamples: 0, insertedSamplesForDeceleration: 0, buffered: 0, playing: false });
  driver.say("flush");
  render(processor, 128);
  assert.equal(driver.sent.length, told.length, "a flush of nothing is no news");
});

test("the energy that is told is that of what comes out, at any rate", () => {
  for (const rate of [24_000, 44_100, 48_000]) {
    const { processor, driver, say, report } = playback({ rate });
    say(10_000);
    say(5_000, -HALF / 2);
    driver.say("end");
    const output = render(processor, 128 * 400);
    const energy = output.reduce((sum, sample) => sum + sample * sample, 0) / rate;
    const [, , told] = report().sums;
    // Behind the last report there is what the filter still holds.
    assert.ok(Math.abs(told - energy) < 0.001 * energy, `${rate} Hz: ${told}, not ${energy}`);
  }
});

test("the target is summed up as it was when samples were played, and beside it what the network asks for", () => {
  const { processor, driver, say, report } = playback({ jitterMs: 40 });
  const sums = () => [...report().sums.subarray(0, 2)].map((sum) => Math.round(sum * 1e6) / 1e6);
  say(4_800);
  driver.say("end");
  render(processor, 128 * 50);
  assert.deepEqual(sums(), [(4_800 * 40) / 1000, 0]);
  // One that comes 123 ms later than the first promised: with the margin of 20, more than was asked for.
  say(240);
  render(processor, 128 * 25);
  say(2_400);
  driver.say("end");
  render(processor, 128 * 100);
  const { target, usual } = processor;
  assert.deepEqual([report().played, usual, target], [7_440, 125 * MS, 145 * MS]);
  const before = report().sums[3];
  say(2_400);
  driver.say("end");
  const [asked, needed] = report().sums;
  render(processor, 128 * 60);
  const [after, later] = report().sums;
  assert.equal(report().played, before + 2_400);
  assert.ok(Math.abs(after - asked - (2_400 * target) / 24_000) < 1e-6, `${after - asked}`);
  assert.ok(Math.abs(later - needed - (2_400 * usual) / 24_000) < 1e-6, `${later - needed}`);
});

test("the shared ring is read where the driver writes it, and its room is given back", () => {
  const ring = ringMemory(CAPACITY, { start: -1_000 });
  const { processor, driver, report } = playback({ ring });
  const header = new Int32Array(ring, 0, 8);
  new Int16Array(ring, 32).fill(HALF);
  header[0] += 3_000;
  assert.equal(render(processor, 512).at(-1), 0.5);
  assert.equal(header[2], -1_000 + 512);
  header[1] = header[3] = header[0];
  assert.equal(render(processor, 512).at(-1), 0);
  assert.equal(header[2], 2_000);
  assert.deepEqual([report().read, report().played], [2_000, 512 + FALL]);
  header[0] += 1_000;
  for (const word of ["flush", "end"]) driver.say(word);
  assert.deepEqual([header[1], header[3]], [2_000, 2_000], "words are for a ring of one's own");
});

test("more than fits overwrites nothing, and waits for room", () => {
  const { processor, driver } = playback();
  const samples = Int16Array.from({ length: CAPACITY + 1_000 }, (_, i) => i % 30_000);
  driver.say(samples.slice().buffer);
  const output = render(processor, CAPACITY + 256);
  assert.equal(output[CAPACITY - 1], ((CAPACITY - 1) % 30_000) / 32_768);
  assert.equal(output[CAPACITY], (CAPACITY % 30_000) / 32_768);
});

test("what is no audio is not played", () => {
  const { processor, driver } = playback();
  for (const odd of [undefined, null, 7, "stopp", {}, new ArrayBuffer(0), new ArrayBuffer(1)]) driver.say(odd);
  driver.say(new Uint8Array([0, 0x40, 9]).buffer);
  render(processor, 2_000);
  assert.equal(processor.report.played, 1);
});

test("playback goes on without a driver", () => {
  const ring = ringMemory(CAPACITY);
  const { processor } = playback({ ring, connected: false });
  new Int16Array(ring, 32).fill(HALF);
  new Int32Array(ring)[0] = 5_000;
  assert.equal(render(processor, 512).at(-1), 0.5);
});

test("the filter rests while there is nothing to play, and loses nothing by it", () => {
  const { processor, say } = playback({ rate: 48_000 });
  render(processor, 48_000);
  const before = [...processor.resampler.history];
  let calls = 0;
  const next = processor.next.bind(processor);
  processor.next = (...where) => (calls++, next(...where));
  render(processor, 48_000);
  assert.equal(calls, 0);
  assert.ok(before.every((sample) => sample === 0));
  say(5_000);
  assert.ok(Math.abs(render(processor, 1_280).at(-1) - 0.5) < 1e-3);
});

test("an utterance's last sound leaves the filter before it rests", () => {
  const { processor, driver, say } = playback({ rate: 48_000 });
  render(processor, 48_000);
  say(6_400);
  driver.say("end");
  render(processor, 12_800);
  assert.ok(Math.abs(render(processor, 64).at(0)) > 0.4);
  assert.equal(processor.report.played, 6_400);
});

test("while it plays at the pace of what comes, the position is told all the same", () => {
  const { processor, driver, say } = playback();
  say(2_400);
  for (let i = 0; i < 20; i++) {
    render(processor, 2_400, 120);
    say(2_400);
  }
  assert.equal(driver.sent.length, 20);
});

test("while nothing plays, a stop and a drain end it with the next quantum, once", () => {
  for (const rate of [24_000, 48_000]) {
    for (const word of ["stop", "drain"]) {
      const { processor, driver } = playback({ rate });
      render(processor, rate);
      driver.say(word);
      assert.deepEqual(processor.port.sent, []);
      assert.equal(processor.process([], [[new Float32Array(128)]]), false);
      assert.ok(driver.isClosed);
      render(processor, 1_000);
      assert.deepEqual(processor.port.sent, ["ended"]);
    }
  }
});

/** What comes out until the processor ends. */
function untilEnded(processor, most) {
  const output = [];
  const quantum = new Float32Array(128);
  for (let isAlive = true; isAlive && output.length < most; ) {
    isAlive = processor.process([], [[quantum]]);
    output.push(...quantum);
  }
  assert.deepEqual(processor.port.sent.filter((word) => word !== "more"), ["ended"]);
  return output;
}

test("a stop in mid-speech is a fall, and then the end", () => {
  for (const ring of [null, ringMemory(CAPACITY)]) {
    const { processor, driver, say } = playback({ ring });
    if (ring) {
      new Int16Array(ring, 32).fill(HALF);
      new Int32Array(ring)[0] = 10_000;
    } else say(10_000);
    render(processor, 256);
    processor.port.say("stop");
    const output = untilEnded(processor, 10_000);
    assertNear(output.slice(0, FALL), falling.map((gain) => 0.5 * gain), "fall");
    assert.ok(output.length <= 384 && output.slice(FALL).every((sample) => sample === 0));
    assert.ok(driver.isClosed);
  }
});

test("a stop through a filter ends when the filter is silent, without a step", () => {
  for (const rate of [44_100, 48_000]) {
    const { processor, say } = playback({ rate });
    say(20_000);
    const before = render(processor, 6_400).at(-1);
    processor.port.say("stop");
    const output = [before, ...untilEnded(processor, rate)];
    assert.ok(output.length < 0.016 * rate, `${(output.length / rate) * 1000} ms`);
    assert.ok(output.every((sample, i) => Math.abs(sample - (output[i - 1] ?? sample)) < 0.01), "no step");
    assert.ok(Math.abs(output.at(-1)) < 1e-4);
  }
});

test("a stop is not put off by a driver that goes on", () => {
  const { processor, driver, say } = playing();
  driver.say("stop");
  const output = [];
  for (let i = 0; i < 20; i++) {
    say(5_000);
    output.push(...render(processor, 128));
  }
  assert.deepEqual(processor.port.sent, ["ended"]);
  assert.ok(output.slice(RAMP).every((sample) => sample === 0));
});

test("a drain plays all that is there, and then ends", () => {
  const { processor, driver } = playback({ jitterMs: 40 });
  const samples = Int16Array.from({ length: 3_000 }, (_, i) => ((i * 7919) % 60_000) - 30_000);
  driver.say(samples.slice().buffer);
  driver.say("end");
  driver.say("drain");
  const output = untilEnded(processor, 10_000);
  assert.deepEqual(output.slice(RAMP, 3_000), [...samples.subarray(RAMP)].map((sample) => sample / 32_768));
  assert.ok(output.length < 3_400 && output.slice(3_000).every((sample) => sample === 0));
});

test("a drain in the middle of an utterance fades its last sound out, and teaches nothing", () => {
  const { processor, driver } = playing(1_000);
  driver.say("drain");
  const output = untilEnded(processor, 10_000);
  assert.ok(output.every((sample, i) => i === 0 || Math.abs(sample - output[i - 1]) < 0.01), "no step");
  assert.equal(processor.report.played, 1_000);
  assert.equal(processor.report.concealmentEvents, 0);
});

for (const isShared of [false, true]) {
  test(`what the driver leaves behind is played after all that the ring holds (${isShared ? "shared" : "ports"})`, () => {
    const ring = isShared ? ringMemory(CAPACITY) : null;
    const { processor, driver } = playback({ ring });
    const samples = Int16Array.from({ length: 3 * CAPACITY + 77 }, (_, i) => ((i * 7919) % 60_000) - 30_000);
    if (ring) {
      new Int16Array(ring, 32).set(samples.subarray(0, CAPACITY));
      new Int32Array(ring, 0, 4)[0] += CAPACITY;
    } else {
      driver.say(samples.slice(0, CAPACITY).buffer);
    }
    driver.say(samples.slice(CAPACITY).buffer);
    // The page's word may come first.
    processor.port.say("drain");
    const output = untilEnded(processor, 4 * CAPACITY);
    const played = output.slice(RAMP, samples.length - RAMP);
    const wanted = samples.subarray(RAMP, samples.length - RAMP);
    assert.equal(played.findIndex((sample, i) => sample !== wanted[i] / 32_768), -1);
    assert.equal(processor.report.played, samples.length);
    assert.equal(processor.report.concealmentEvents, 0);
    // Often enough for a page that gives up when it has heard nothing for six seconds, and no more.
    assert.deepEqual(processor.port.sent, [...Array(4).fill("more"), "ended"]);
  });
}

test("a stop ends what the driver left behind, too, whichever comes first", () => {
  for (const words of [["stop", "rest"], ["rest", "stop"]]) {
    const { processor, say } = playing(CAPACITY);
    for (const word of words) word === "stop" ? processor.port.say(word) : say(3 * CAPACITY);
    assert.ok(untilEnded(processor, 10_000).length <= 640, words.join());
  }
});

test("a flush ahead of a drain leaves nothing to play", () => {
  const { processor, driver } = playing();
  driver.say("flush");
  driver.say("drain");
  assert.ok(untilEnded(processor, 10_000).slice(FALL).every((sample) => sample === 0));
  assert.equal(processor.report.played, 256 + FALL);
});

test("a stop during a drain ends it at once", () => {
  const { processor, driver } = playing(100_000);
  driver.say("drain");
  render(processor, 1_280);
  processor.port.say("stop");
  assert.ok(untilEnded(processor, 10_000).length <= 384);
});

test("the report's position is where the ring was read to, and what was played is what lies before it since a flush", () => {
  const ring = ringMemory(CAPACITY, { start: -1_000 });
  const { processor, report } = playback({ ring });
  new Int16Array(ring, 32).fill(HALF);
  const header = new Int32Array(ring, 0, 4);
  header[0] += 5_000;
  render(processor, 4_096);
  const { read, played } = report();
  assert.equal(read, (-1_000 + played) >>> 0);
  header[1] = header[3] = header[0];
  render(processor, 128);
  assert.equal(report().read, 4_000, "at the flush");
  header[0] += 5_000;
  render(processor, 128);
  assert.equal(report().playing, true);
  assert.equal(report().read - 4_000, 128);
});
