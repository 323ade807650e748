/** A page that does something else: the session in its Worker and the audio thread go on without it. */
import { RAW, expect, test } from "./support/bench.mjs";
import { align, compare, level } from "./support/sound.mjs";

const WIRE_IN_HZ = 16_000;
const WIRE_OUT_HZ = 24_000;
const RAMP = 0.006 * WIRE_OUT_HZ;

/** Each part of an answer of `sim-real-time` lasts as long. */
const PART_MS = 40;

/** For how long the page does nothing else at a time. */
const BUSY_MS = 250;

/**
 * What the speaker is told to keep in store for parts that are late: more than a machine is slow by, less than this page is
 * busy at a time. A part that comes later leaves a gap by right. In Firefox it has to be more than that: it hands a Worker
 * the frames of its socket by way of the page's thread, so that they are as late as the page is busy.
 */
const CUSHION_MS = { chromium: 200, firefox: 350 };

/** What the simulator itself may be late by, of that. */
const LATE_MS = 80;

/** Runs in the page: does nothing else for `busy` of every `every` milliseconds. */
function work([busy, every]) {
  globalThis.work = setInterval(() => {
    const end = performance.now() + busy;
    while (performance.now() < end);
  }, every);
}

/** Says a sentence in real time to a page that is busy for half of the time; answers the gaps that were heard, but for the simulator's. */
async function hear(bench, page, runIn, browserName) {
  await bench.connect({ runIn, model: "models/sim-real-time" });
  await bench.openSpeaker(WIRE_OUT_HZ, { jitterMs: CUSHION_MS[browserName] });
  await page.evaluate(work, [BUSY_MS, 2 * BUSY_MS]);
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "the page is busy for half of the time" }));
  await bench.until("playbackEnded");
  await page.evaluate(() => clearInterval(globalThis.work));
  const played = await bench.recorded();
  const { id } = await bench.simulator.latest();
  const sent = await bench.simulator.sent(id);
  expect(sent.samples.length, "samples of the answer").toBeGreaterThan(2 * WIRE_OUT_HZ);
  // The beginning alone: where something is put in, the rest lies elsewhere.
  const { offset } = align(sent.samples.subarray(0, WIRE_OUT_HZ / 2), played.samples);
  const { wrong, gaps } = compare(sent.samples, played.samples, offset, { ramp: RAMP });
  const late = lateness(await bench.simulator.messages(id));
  const ofThePage = gaps.filter(({ at }) => late[Math.ceil(at / WIRE_OUT_HZ / (PART_MS / 1000))] < LATE_MS);
  return { wrong, gaps: ofThePage };
}

/** By how much each part of an answer was sent later than the steady pace of those before it, by the simulator's record. */
function lateness(messages) {
  const isSound = ({ message }) => message.serverContent?.modelTurn?.parts?.some(({ inlineData }) => inlineData);
  const times = messages.filter(({ from, message }) => from === "server" && isSound({ message })).map(({ ms }) => ms);
  let earliest = Infinity;
  return times.map((ms, index) => {
    const start = ms - index * PART_MS;
    earliest = Math.min(earliest, start);
    return start - earliest;
  });
}

test.describe("while listening", () => {
  for (const headers of ["isolated", "plain"]) {
    test.describe(`${headers} headers`, () => {
      test.use({ headers });

      test("a page that is busy half of the time leaves no gap in an answer", async ({ bench, page, browserName }) => {
        expect(await hear(bench, page, "worker", browserName)).toEqual({ wrong: 0, gaps: [] });
      });
    });
  }

  test("without a Worker a gap is heard, and found here", async ({ bench, page, browserName }) => {
    const { gaps } = await hear(bench, page, "page", browserName);
    expect(gaps).not.toEqual([]);
  });
});

test.describe("while talking", () => {
  for (const headers of ["isolated", "plain"]) {
    test.describe(`${headers} headers`, () => {
      test.use({ headers });

      test("of what is said to a page that is busy for three seconds nothing is lost", async ({ bench, page }) => {
        await bench.connect();
        await bench.openMicrophone(RAW, WIRE_IN_HZ);
        await page.evaluate(() => {
          const end = performance.now() + 3000;
          while (performance.now() < end);
        });
        await bench.until("inputTranscription");
        await bench.close();
        const given = await bench.overheard();
        const { samples: arrived } = await bench.simulator.received((await bench.simulator.latest()).id);
        expect(arrived.length, "samples").toBeGreaterThan(2.5 * WIRE_IN_HZ);
        expect(level(arrived), "it is speech").toBeGreaterThan(0.02);
        const { offset } = align(arrived, given.samples);
        expect(offset).toBeGreaterThanOrEqual(0);
        const expected = given.samples.subarray(offset, offset + arrived.length);
        const wrong = arrived.filter((sample, at) => !(Math.abs(sample - expected[at]) <= 1.01 / 32768));
        expect(wrong.length, `of ${arrived.length} samples`).toBe(0);
      });
    });
  }
});
