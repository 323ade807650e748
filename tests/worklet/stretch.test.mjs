// Playback that is slower for a while: what it makes of voices, and when it lets them alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePort, load, random, render, sndr, tone } from "./harness.mjs";

const MS = 24;
const RATE = 24_000;
const QUANTUM = 120;
const PART = 40 * MS;
const RAMP = 5 * MS;
const FALL = 4 * MS;
const SPLICE = 5 * MS;

/** A player that has learnt that parts come up to `lateMs` late. */
function learnt({ lateMs = 200, timeStretch = true, jitterMs = 18 } = {}) {
  const processor = new (load({ sampleRate: RATE }).Playback)({
    processorOptions: { ring: null, capacity: 131_072, filter: null, jitterMs, timeStretch },
  });
  const driver = new FakePort();
  processor.port.say({ port: driver });
  driver.say(new Int16Array(PART).buffer);
  render(processor, lateMs * MS + PART, QUANTUM);
  driver.say(new Int16Array(PART).buffer);
  driver.say("end");
  render(processor, 1_000 * MS, QUANTUM);
  return { processor, driver };
}

/** What such a player makes of `samples` that come in time, or `early` but for the first of them. */
function play(samples, { during = () => {}, early = 0, ...options } = {}) {
  const { processor, driver } = learnt(options);
  const before = { ...processor.report };
  const pieces = [];
  const parts = Array.from({ length: Math.ceil(samples.length / PART) }, (_, i) => samples.slice(i * PART, (i + 1) * PART));
  for (let now = 0; parts.length > 0 || processor.isPlaying; now += QUANTUM) {
    if ((now === 0 || (now + early) % PART === 0) && parts.length > 0) driver.say(parts.shift().buffer);
    during({ now, processor, driver });
    if (parts.length === 0 && now % PART === QUANTUM) driver.say("end");
    pieces.push(render(processor, QUANTUM, QUANTUM));
  }
  const all = Float32Array.from(pieces.flatMap((piece) => [...piece]));
  const from = all.findIndex((sample) => sample !== 0), to = all.findLastIndex((sample) => sample !== 0);
  const { played, insertedSamplesForDeceleration: inserted, concealmentEvents } = processor.report;
  return {
    output: all.subarray(from, to + 1),
    startMs: from / MS,
    inserted: inserted - before.insertedSamplesForDeceleration,
    played: played - before.played,
    gaps: concealmentEvents - before.concealmentEvents,
  };
}

const words = (samples) => Int16Array.from(samples, (sample) => Math.round(sample * 32_767));

/** A vowel: the harmonics of a voice that goes up and down. */
function vowel(fromHz, toHz, count) {
  let phase = 0;
  return Float32Array.from({ length: count }, (_, i) => {
    phase += (2 * Math.PI * (fromHz + (toHz - fromHz) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / count)))) / RATE;
    return 0.1 * [1, 2, 3, 4, 5, 6].reduce((sum, k) => sum + Math.sin(k * phase) / k, 0);
  });
}

/** The longest step between two samples. */
const steepest = (samples) => samples.reduce((most, sample, i) => Math.max(most, Math.abs(sample - (samples[i - 1] ?? sample))), 0);

test("of a splice that an interruption cuts short, what does not sound any more is not counted", () => {
  const cut = new Set();
  for (let later = 0; later < 4; later++) {
    const { processor, driver } = learnt();
    const { ring, stretcher } = processor;
    const samples = words(tone(100, RATE, 2 * RATE));
    for (let at = 0; stretcher.left === 0; at += QUANTUM) {
      if (at % PART === 0) driver.say(samples.slice(at, at + PART).buffer);
      render(processor, QUANTUM, QUANTUM);
    }
    render(processor, later * QUANTUM / 2, QUANTUM / 2);
    const { left } = stretcher;
    driver.say("flush");
    render(processor, 10 * QUANTUM, QUANTUM);
    const { read, ahead, played } = driver.sent.at(-1);
    assert.deepEqual([read, ahead], [ring.written, 0]);
    // The fall sounds, and of the rest of the splice what is not repeated lies at its end.
    const unheard = Math.min(SPLICE, Math.max(0, left - FALL));
    assert.equal(ring.written - ring.lost - played, unheard);
    cut.add(unheard);
  }
  assert.ok(cut.size > 2, `cut short at several places: ${[...cut]}`);
});

test("a tone becomes longer by a tenth at most, and remains that tone", () => {
  for (const hz of [110, 237, 440, 1_000]) {
    const { output, inserted, played } = play(words(tone(hz, RATE, 4 * RATE)));
    assert.equal(played, 4 * RATE, "all of it, each sample counted once");
    assert.ok(inserted > 80 * MS && inserted <= 120 * MS, `${hz} Hz: ${inserted / MS} ms`);
    assert.ok(Math.abs(output.length - 4 * RATE - inserted) <= 2, `${hz} Hz: ${output.length}`);
    assert.ok(steepest(output) < 1.1 * 0.5 * 2 * Math.PI * hz / RATE + 0.001, `${hz} Hz: a step of ${steepest(output)}`);
    // Pieces between splices.
    for (let at = RATE / 2; at < 2 * RATE; at += RATE / 4) {
      const { gain, sndr: distance } = sndr(output.subarray(at, at + 200), hz, RATE);
      assert.ok(Math.abs(gain) < 0.6 && distance > 24, `${hz} Hz at ${at}: ${gain} dB, ${distance} dB`);
    }
  }
});

test("a voice keeps its pitch and its level, without a step", () => {
  const voice = vowel(95, 180, 4 * RATE);
  const { output, inserted, gaps } = play(words(voice));
  assert.ok(inserted > 60 * MS, `${inserted / MS} ms`);
  assert.equal(gaps, 0);
  assert.ok(steepest(output) < 1.2 * steepest(voice), `${steepest(output)}, not ${steepest(voice)}`);
  const rms = (samples) => Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
  assert.ok(Math.abs(rms(output) / rms(voice) - 1) < 0.03);
  // As many periods longer as it lasts longer: the pitch is that of before.
  const periods = (samples) => samples.reduce((count, sample, i) => count + (i > 0 && samples[i - 1] < 0 && sample >= 0 ? 1 : 0), 0);
  const pitch = (samples) => (periods(samples) * RATE) / samples.length;
  assert.ok(Math.abs(pitch(output) / pitch(voice) - 1) < 0.02, `${pitch(output)}, not ${pitch(voice)}`);
});

test("it stops when the cushion is what it should be, and starts with half of that", () => {
  const { output, startMs, inserted } = play(new Int16Array(6 * RATE).fill(8_000));
  assert.ok(startMs >= 110 && startMs <= 116, `${startMs} ms`);
  assert.ok(inserted >= 105 * MS && inserted <= 120 * MS, `${inserted / MS} ms`);
  assert.ok(output.subarray(RAMP, -RAMP).every((sample) => Math.abs(sample - 8_000 / 32_768) < 1e-6));
});

test("noise is not repeated, and silence is", () => {
  const next = random(7);
  const noise = Int16Array.from({ length: 4 * RATE }, () => (next() / 2 ** 32 - 0.5) * 20_000);
  assert.equal(play(noise).inserted, 0);
  const hush = Int16Array.from({ length: 4 * RATE }, () => 1 + next() / 2 ** 32 * 60);
  assert.ok(play(hush).inserted > 80 * MS);
});

test("every sample is played as it came on an even network, where it is switched off, and where enough is there", () => {
  const samples = words(vowel(95, 180, 4 * RATE));
  const exact = (output) => {
    const wanted = samples.subarray(RAMP, samples.length - RAMP);
    assert.equal(wanted.findIndex((sample, i) => output[RAMP + i] !== sample / 32_768), -1);
  };
  exact(play(samples, { lateMs: 15 }).output);
  exact(play(samples, { timeStretch: false }).output);
  exact(play(samples, { jitterMs: 300 }).output);
  exact(play(samples, { jitterMs: 120, lateMs: 15, early: QUANTUM }).output);
  exact(play(samples, { during: ({ now, driver }) => now === 0 && driver.say(samples.slice(PART).buffer) }).output.subarray(0, samples.length));
});

/** Such a processor in the middle of an answer, ten parts of which it has played. */
function speaking(samples) {
  const { processor, driver } = learnt();
  for (let part = 0; part < 10; part++) {
    driver.say(samples.slice(part * PART, (part + 1) * PART).buffer);
    render(processor, PART, QUANTUM);
  }
  return { processor, driver };
}

test("a barge-in during a splice is silence after a 5 ms ramp, and nothing of it comes later", () => {
  const samples = words(vowel(95, 180, 2 * RATE));
  let during = 0;
  for (let at = 0; at < 40; at++) {
    const { processor, driver } = speaking(samples);
    driver.say(samples.slice(10 * PART, 15 * PART).buffer.slice(0, 2 * PART));
    render(processor, at * 64, 64);
    during += processor.stretcher.left > 0 ? 1 : 0;
    driver.say("flush");
    const after = render(processor, 20 * QUANTUM, QUANTUM);
    assert.ok(after.subarray(RAMP).every((sample) => sample === 0), `at ${at}`);
    driver.say(new Int16Array(PART).fill(16_384).buffer);
    driver.say("end");
    const next = render(processor, QUANTUM, QUANTUM);
    assert.ok(next.every((sample, i) => sample > 0 && sample >= (next[i - 1] ?? 0)), `at ${at}: the next answer's own ramp`);
  }
  assert.ok(during > 0, "a splice was interrupted");
});

test("a stop during a pause in the middle of a splice is silence to the end", () => {
  const samples = words(vowel(95, 180, 2 * RATE));
  let during = 0;
  for (let at = 0; at < 40; at++) {
    const { processor, driver } = speaking(samples);
    driver.say(samples.slice(10 * PART, 15 * PART).buffer);
    render(processor, at * 64, 64);
    driver.say("pause");
    render(processor, 2 * RAMP, RAMP);
    assert.equal(processor.level, 0);
    during += processor.stretcher.left > 0 ? 1 : 0;
    processor.port.say("stop");
    const output = [];
    for (let i = 0; i < 100 && processor.isAlive; i++) output.push(...render(processor, QUANTUM, QUANTUM));
    assert.ok(!processor.isAlive && output.every((sample) => sample === 0), `at ${at}`);
  }
  assert.ok(during > 0, "a splice was paused");
});
