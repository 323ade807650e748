import assert from "node:assert/strict";
import { test } from "node:test";

import { BurstDetector, bursts, delays } from "./bursts.mjs";
import { gaps, stretches } from "./silence.mjs";
import { FRAME, FRAME_MS } from "./tone.mjs";

/** What a detector finds in a sound that comes in pieces of 10 ms, each when it is over. */
function heard(samples, rate) {
  const detector = new BurstDetector();
  const piece = rate / 100;
  for (let from = 0; from < samples.length; from += piece) detector.take(samples.subarray(from, from + piece), rate, 10 * (from / piece));
  return detector.found;
}

test("every burst is found in the piece that it begins in, and known by its pitch", () => {
  const { samples, rate, onsets } = bursts(12);
  const found = heard(samples, rate);
  assert.equal(found.length, onsets.length);
  found.forEach(({ at, pitch }, index) => {
    assert.equal(pitch, index % 24);
    assert.ok(onsets[index] * 1000 >= at && onsets[index] * 1000 < at + 10);
  });
});

test("a burst is known again at another rate, by whole numbers, and when that rate is said wrong by a hundredth", () => {
  const { samples, onsets } = bursts(12);
  const thinned = Int16Array.from({ length: Math.floor(samples.length / 3) }, (_, index) => 32_767 * samples[3 * index]);
  const detector = new BurstDetector();
  detector.take(thinned, 16_160, 0, 32_768);
  assert.deepEqual(detector.found.map(({ pitch }) => pitch), onsets.map((_, index) => index % 24));
});

test("the same seed gives the same bursts, and no two pauses need be alike", () => {
  assert.deepEqual(bursts(5).onsets, bursts(5).onsets);
  assert.notDeepEqual(bursts(5, 2).onsets, bursts(5, 3).onsets);
});

test("what is lost on the way makes nothing else late", () => {
  const near = [0, 1, 2, 3].map((pitch) => ({ pitch, at: 200 * pitch }));
  const far = [near[0], near[2], near[3]].map(({ pitch, at }) => ({ pitch, at: at + 30 }));
  assert.deepEqual(delays(near, far).map(({ ms }) => ms), [30, undefined, 30, 30]);
});

test("a burst is not taken for the next one of its pitch", () => {
  assert.deepEqual(delays([{ pitch: 5, at: 0 }], [{ pitch: 5, at: 4_000 }]), [{ at: 0, ms: undefined }]);
});

const EDGES = [
  { frame: 100, loud: true },
  { frame: 1_100, loud: false },
  { frame: 1_600, loud: true },
  { frame: 3_600, loud: false },
];

test("what lies between two stretches of sound is a gap, before the first and behind the last is none", () => {
  const sound = stretches(EDGES);
  assert.deepEqual(sound, [[100, 1_100], [1_600, 3_600]]);
  assert.deepEqual(gaps(sound, 1_000, 3_000), { count: 1, silenceMs: 500, heardMs: 3_500, lagMs: 500 });
});

test("sound without a hole has no gap, and none at all is no length", () => {
  assert.deepEqual(gaps([[0, 3_000]], 1_000, 3_000), { count: 0, silenceMs: 0, heardMs: 3_000, lagMs: 0 });
  assert.equal(gaps([], 1_000, 3_000).heardMs, 0);
});

test("sound that has not ended is no stretch yet", () => {
  assert.deepEqual(stretches(EDGES.slice(0, 3)), [[100, 1_100]]);
});

test("frames of the tone follow each other without a moment that could be taken for silence", () => {
  const { inlineData } = JSON.parse(FRAME).serverContent.modelTurn.parts[0];
  const bytes = Buffer.from(inlineData.data, "base64");
  assert.equal(bytes.length, (2 * 24_000 * FRAME_MS) / 1000);
  let longest = 0;
  let quiet = 0;
  for (const frame of [bytes, bytes]) {
    for (let at = 0; at < frame.length; at += 2) {
      quiet = Math.abs(frame.readInt16LE(at)) < 0.003 * 32_768 ? quiet + 1 : 0;
      longest = Math.max(longest, quiet);
    }
  }
  assert.ok(longest <= 2, `${longest} samples`);
});
