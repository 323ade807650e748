/** A page that does something else: the session in its Worker and the audio thread go on without it. */
import { RAW, expect, test } from "./support/bench.mjs";
import { align, compare, level, unexcused } from "./support/sound.mjs";

const WIRE_IN_HZ = 16_000;
const WIRE_OUT_HZ = 24_000;
const RAMP = 0.006 * WIRE_OUT_HZ;

/** For how long the page does nothing else at a time, where it is busy half of the time; and where it is once. */
const BUSY_MS = 250;
const BUSY_ONCE_MS = 3000;

/**
 * What the speaker is told to keep in store for parts that are late: more than a machine is slow by, less than this page is
 * busy at a time. A part that comes later leaves a gap by right. In Firefox it has to be more than that: it hands a Worker
 * the frames of its socket by way of the page's thread, so that they are as late as the page is busy.
 */
const CUSHION_MS = { chromium: 200, firefox: 350 };

/** The same where the page is busy for so long that no store would do: the most there is. */
const LARGEST_CUSHION_MS = 400;

/** What the simulator itself may be late by, of that. */
const LATE_MS = 80;

/** For how long nothing is heard while the page is busy once, for the same reason: at least and at most. */
const SILENCE_MS = { firefox: [1000, BUSY_ONCE_MS + 1000] };

/** Lasts longer than the page is busy at once, in real time; and through some of the times that it is busy by turns. */
const SENTENCE = "the page is busy for three seconds at once while all of this is being said";
const PHRASE = "the page is busy while all of this is being said";

/** Runs in the page: does nothing else for `busy` of every `every` milliseconds. */
function work([busy, every]) {
  globalThis.work = setInterval(() => {
    const end = performance.now() + busy;
    while (performance.now() < end);
  }, every);
}

/** Runs in the page: does nothing else for so long. */
function workOnce(busy) {
  const end = performance.now() + busy;
  while (performance.now() < end);
}

/** A service that is ahead of what is played, as the real one is: two and a half times as fast. */
const AHEAD = { name: "ahead-of-time", summary: "is ahead", steps: [{ do: { pacing: { part: "40ms", every: "16ms" } } }] };

/** For how long the page is busy then; and how much has come by that time which was not played yet, with what a test takes to say so. */
const BUSY_AHEAD_MS = 1000;
const AHEAD_MS = BUSY_AHEAD_MS + 300;

/** How much of the answer has come and was not played yet. */
async function aheadMs(bench) {
  const { playbackSamplesReceived, playbackSamplesPlayed } = await bench.stats();
  return (1000 * (playbackSamplesReceived - playbackSamplesPlayed)) / WIRE_OUT_HZ;
}

/** Says a sentence, in real time or as it is asked, to a page that does something; answers the gaps that were heard, but for the simulator's. */
async function hear(bench, { runIn = "worker", jitterMs, doing, text = PHRASE, leastMs = 5 * BUSY_MS, ...changes }) {
  await bench.connect({ runIn, model: "models/sim-real-time", ...changes });
  // What the simulator itself sends too late is to be a gap, and no splice: all else is compared sample by sample.
  await bench.openSpeaker(WIRE_OUT_HZ, { jitterMs, timeStretch: false });
  await bench.page.evaluate((text) => bench.session.sendRealtimeInput({ text }), text);
  await bench.until("playbackStarted");
  await doing();
  // After a long silence, playback ends and begins again.
  const { index } = await bench.until("turnComplete");
  await bench.until("playbackEnded", index);
  await bench.page.evaluate(() => clearInterval(globalThis.work));
  const played = await bench.recorded();
  const { id } = await bench.simulator.latest();
  const sent = await bench.simulator.sent(id);
  expect(sent.samples.length, "samples of the answer").toBeGreaterThan((leastMs / 1000) * WIRE_OUT_HZ);
  // The beginning alone: where something is put in, the rest lies elsewhere.
  const { offset } = align(sent.samples.subarray(0, WIRE_OUT_HZ / 2), played.samples);
  const { wrong, gaps } = compare(sent.samples, played.samples, offset, { ramp: RAMP, longest: 5 * WIRE_OUT_HZ });
  const { sent: paced } = await bench.simulator.audio(id);
  return { wrong, gaps: unexcused(gaps, paced, { rate: WIRE_OUT_HZ, ramp: RAMP, patienceMs: LATE_MS }) };
}

test.describe("while listening", () => {
  for (const headers of ["isolated", "plain"]) {
    test.describe(`${headers} headers`, () => {
      test.use({ headers });

      test("a page that is busy half of the time leaves no gap in an answer", async ({ bench, page, browserName }) => {
        const doing = () => page.evaluate(work, [BUSY_MS, 2 * BUSY_MS]);
        expect(await hear(bench, { jitterMs: CUSHION_MS[browserName], doing })).toEqual({ wrong: 0, gaps: [] });
      });

      test("of an answer nothing is lost to a page that is busy for three seconds, though Firefox is silent meanwhile", async ({ bench, page, browserName }) => {
        const doing = () => page.evaluate(workOnce, BUSY_ONCE_MS);
        const { wrong, gaps } = await hear(bench, { jitterMs: LARGEST_CUSHION_MS, doing, text: SENTENCE, leastMs: BUSY_ONCE_MS + 1000 });
        expect(wrong).toBe(0);
        const silences = SILENCE_MS[browserName] ? [SILENCE_MS[browserName]] : [];
        expect(gaps, JSON.stringify(gaps)).toHaveLength(silences.length);
        for (const [index, [least, most]] of silences.entries()) {
          const ms = (gaps[index].samples / WIRE_OUT_HZ) * 1000;
          expect(ms).toBeGreaterThan(least);
          expect(ms).toBeLessThan(most);
        }
      });
    });
  }

  for (const [headers, runIn] of [["isolated", "worker"], ["plain", "worker"], ["plain", "page"]]) {
    test.describe(`${headers} headers`, () => {
      test.use({ headers });

      test(`what has come ahead of its time is heard without a gap by a page that is busy for a second, with the session in the ${runIn}`, async ({ bench, page, simulator }) => {
        await simulator.addScript(AHEAD);
        const { endpoint } = await bench.options();
        let ahead;
        const doing = async () => {
          await expect.poll(async () => (ahead = await aheadMs(bench))).toBeGreaterThan(AHEAD_MS);
          await page.evaluate(workOnce, BUSY_AHEAD_MS);
        };
        const changes = { runIn, model: "models/sim-parrot", endpoint: `${endpoint}/s/${AHEAD.name}`, doing, text: SENTENCE };
        expect(await hear(bench, { jitterMs: CUSHION_MS.chromium, ...changes }), `${ahead} ms ahead`).toEqual({ wrong: 0, gaps: [] });
      });
    });
  }

  test("without a Worker a gap is heard, and found here", async ({ bench, page, browserName }) => {
    const doing = () => page.evaluate(work, [BUSY_MS, 2 * BUSY_MS]);
    const { gaps } = await hear(bench, { runIn: "page", jitterMs: CUSHION_MS[browserName], doing, text: SENTENCE });
    expect(gaps).not.toEqual([]);
  });
});

/** Talks to a page that is busy once, with its session there or in a Worker: what the microphone gave, and what arrived. */
async function talk(bench, runIn) {
  await bench.connect({ runIn });
  await bench.openMicrophone(RAW, WIRE_IN_HZ);
  // The recorder hears a little before the microphone is joined, and the audio thread joins it a little after the page has asked for
  // that: what has arrived came by way of it.
  await expect.poll(async () => (await bench.simulator.latest()).received.audio.samples).toBeGreaterThan(0);
  const joined = await bench.page.evaluate(() => bench.overheardSoFar());
  await bench.page.evaluate(workOnce, BUSY_ONCE_MS);
  await bench.until("inputTranscription");
  const stats = await bench.stats();
  await bench.close();
  const { samples: given } = await bench.overheard();
  const { samples: arrived } = await bench.simulator.received((await bench.simulator.latest()).id);
  expect(level(arrived), "it is speech").toBeGreaterThan(0.02);
  return { stats, joined, given, arrived };
}

/** How much later than `arrived` the same samples were given, all of them. */
function expectAllOf(arrived, given) {
  const { offset } = align(arrived, given);
  expect(offset).toBeGreaterThanOrEqual(0);
  const expected = given.subarray(offset, offset + arrived.length);
  const wrong = arrived.filter((sample, at) => !(Math.abs(sample - expected[at]) <= 1.01 / 32768));
  expect(wrong.length, `of ${arrived.length} samples`).toBe(0);
  return offset;
}

test.describe("while talking", () => {
  for (const headers of ["isolated", "plain"]) {
    test.describe(`${headers} headers`, () => {
      test.use({ headers });

      for (const runIn of ["worker", "page"]) {
        test(`of what is said to a page that is busy for three seconds nothing is lost, in the ${runIn}`, async ({ bench }) => {
          const { stats, joined, given, arrived } = await talk(bench, runIn);
          expect(arrived.length, "samples").toBeGreaterThan(2.5 * WIRE_IN_HZ);
          expect(expectAllOf(arrived, given), "samples lost at first").toBeLessThanOrEqual(joined);
          expect(stats).toMatchObject({ captureSamplesLost: 0, audioFramesDropped: 0 });
        });
      }
    });
  }
});
