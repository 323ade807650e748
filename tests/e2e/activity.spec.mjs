// The application says itself when the user speaks.

import { CONFIG, RAW, expect, test } from "./support/bench.mjs";
import { PHRASE, RATE } from "./support/scenes.mjs";
import { align, alignFinely, compare } from "./support/sound.mjs";

const WIRE_IN_HZ = 16_000;

/** The audio thread's block: what it has not finished is not there yet. */
const BLOCK = 128;

const MANUAL = { ...CONFIG, realtimeInputConfig: { automaticActivityDetection: { disabled: true } } };

/** Says a mark in the page. Resolves with how many samples the microphone had given by then. */
function mark(page, name) {
  return page.evaluate((kind) => {
    const at = bench.overheardSoFar();
    bench.session.sendRealtimeInput({ [kind]: {} });
    return { kind, at };
  }, name);
}

/** The marks as they arrived, each with the number of samples before it. */
async function marksOf(simulator, id) {
  const marks = [];
  let samples = 0;
  for (const { from, message } of await simulator.messages(id)) {
    const input = (from === "client" && message.realtimeInput) || {};
    // The log holds `<640 bytes>` in place of the sound itself.
    if (input.audio) samples += Number.parseInt(input.audio.data.slice(1), 10) / 2;
    for (const kind of ["activityStart", "activityEnd", "audioStreamEnd"]) {
      if (kind in input) marks.push({ kind, samples });
    }
  }
  return marks;
}

for (const runIn of ["worker", "page"]) {
  test(`marks of activity stand between the samples that they were said between, and none of those is lost (${runIn})`, async ({ bench, page }) => {
    await bench.connect({ runIn, config: MANUAL });
    await bench.openMicrophone(RAW, WIRE_IN_HZ);
    const said = [];
    // Wherever in a frame that may be.
    for (let pair = 0; pair < 8; pair++) {
      said.push(await mark(page, "activityStart"));
      await expect.poll(() => page.evaluate(() => bench.overheardSoFar())).toBeGreaterThan(said.at(-1).at + 1111);
      said.push(await mark(page, "activityEnd"));
    }
    said.push(await mark(page, "activityStart"));
    const whole = 2.9 * WIRE_IN_HZ;
    await expect.poll(() => page.evaluate(() => bench.overheardSoFar())).toBeGreaterThan(whole);
    said.push(await mark(page, "activityEnd"));
    await bench.until("turnComplete", (await bench.until("generationComplete")).index);
    const given = await bench.overheard();
    await bench.close();
    const { id } = await bench.simulator.latest();
    const { samples } = await bench.simulator.received(id);
    const arrived = await marksOf(bench.simulator, id);
    expect(arrived.map(({ kind }) => kind)).toEqual(said.map(({ kind }) => kind));

    // Across all marks, sample by sample, what arrived is what the microphone gave.
    const { offset } = align(samples.subarray(0, whole), given.samples);
    const { wrong, gaps } = compare(samples.subarray(0, whole), given.samples, offset, { ramp: 0 });
    expect(wrong, `of ${whole} samples`).toBe(0);
    expect(gaps).toEqual([]);
    for (const [index, { kind, samples: before }] of arrived.entries()) {
      expect(before + offset, `${kind} ${index}`).toBeGreaterThanOrEqual(said[index].at - BLOCK);
    }
  });
}

test("what is said between two marks is one turn, whatever pauses it has", async ({ bench, page }) => {
  await bench.connect({ config: MANUAL });
  await bench.openMicrophone(RAW, WIRE_IN_HZ);
  await mark(page, "activityStart");
  await expect.poll(() => page.evaluate(() => bench.overheardSoFar())).toBeGreaterThan(3.6 * WIRE_IN_HZ);
  expect(await bench.events("outputTranscription"), "nobody answers before the end").toEqual([]);
  await mark(page, "activityEnd");
  await bench.until("turnComplete");
  expect(await bench.events("warning")).toEqual([]);
  await bench.close();
  const { id } = await bench.simulator.latest();
  const marks = await marksOf(bench.simulator, id);
  expect(marks.map(({ kind }) => kind)).toEqual(["activityStart", "activityEnd"]);
  const { samples } = await bench.simulator.received(id);
  const { offset, correlation, part } = alignFinely(PHRASE, RATE, samples, WIRE_IN_HZ);
  expect(correlation, "the user's own words").toBeGreaterThan(0.95);
  expect(offset).toBeGreaterThan(marks[0].samples);
  expect(offset + part.length).toBeLessThan(marks[1].samples);
});
