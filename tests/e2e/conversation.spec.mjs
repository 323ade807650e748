import { readFileSync } from "node:fs";

import { RAW, expect, test } from "./support/bench.mjs";
import { alignFinely, align, audible, level, offsets, resample, steps, utterances } from "./support/sound.mjs";
import { readWav } from "./support/wav.mjs";

const WIRE_IN_HZ = 16_000;
const WIRE_OUT_HZ = 24_000;

/** A virtual machine may stall the browser's audio once in a while; the library must not add to it. */
const STALLS_ALLOWED = 2;

const source = readWav(readFileSync(new URL("./fixtures/speech.wav", import.meta.url)));
const { start, end } = audible(source.samples);
const speech = source.samples.subarray(start, end);

/** Speaks the fixture and hears the answer out. Resolves with the simulator's record of it and what was played. */
async function converse(bench, { sampleRate, driver } = {}) {
  const session = await bench.connect({ driver });
  await bench.openSpeaker(sampleRate);
  await bench.openMicrophone();
  await bench.until("playbackStarted");
  const heard = await bench.until("playbackEnded");
  const stats = await bench.stats();
  const played = await bench.recorded();
  await bench.close();
  const { id, received: told } = await bench.simulator.latest();
  return {
    session,
    heard,
    stats,
    played,
    told: told.audio,
    received: await bench.simulator.received(id),
    sent: await bench.simulator.sent(id),
  };
}

/** What the simulator got is what was spoken: same words, same pace, in 20 ms frames that say they are at 16 kHz. */
function expectSpeech({ told, received, stats }) {
  expect(Object.keys(told.mimeTypes)).toEqual(["audio/pcm;rate=16000"]);
  expect(told.samples).toBe(told.messages * 320);
  expect(told.messages).toBeGreaterThanOrEqual(stats.audioFramesSent);
  expect(received.samples.length).toBe(told.samples);
  expect(stats.captureSamplesLost).toBe(0);
  expect(stats.audioFramesDropped).toBe(0);
  const found = alignFinely(speech, source.rate, received.samples, WIRE_IN_HZ);
  expect(found.correlation).toBeGreaterThan(0.95);
  const pace = offsets(found.part, received.samples, found.offset, { window: 4000, search: 480 });
  expect(pace.length).toBeGreaterThan(4);
  const stalls = steps(pace);
  expect(stalls, `offsets of the windows: ${pace}`).toBeLessThanOrEqual(STALLS_ALLOWED);
  // Without a stall the last word is where it belongs: a rate that is wrong by one in ten thousand would show.
  if (stalls === 0) expect(Math.abs(pace.at(-1) - pace[0])).toBeLessThanOrEqual(1);
}

/** Every sample that was sent was played, in order and untouched but for the ramps at both ends, and nothing else. */
function expectEverySample(played, sent) {
  expect(played.rate).toBe(WIRE_OUT_HZ);
  const ramp = 0.006 * WIRE_OUT_HZ;
  const { offset } = align(sent.samples, played.samples);
  expect(offset).toBeGreaterThanOrEqual(0);
  expect(offset + sent.samples.length).toBeLessThanOrEqual(played.samples.length);
  let wrong = 0;
  for (let index = ramp; index < sent.samples.length - ramp; index++) {
    if (Math.abs(played.samples[index + offset] - sent.samples[index]) > 1 / 32768) wrong++;
  }
  expect(wrong, `of ${sent.samples.length} samples`).toBe(0);
  expect(level(played.samples.subarray(0, offset)), "before the answer").toBe(0);
  expect(level(played.samples.subarray(offset + sent.samples.length)), "after the answer").toBe(0);
}

for (const [headers, driver] of [["isolated", "worker"], ["plain", "worker"], ["isolated", "page"], ["plain", "page"]]) {
  test.describe(`${headers} headers, driver in the ${driver}`, () => {
    test.use({ headers });

    test("speech arrives as it was spoken and the answer is played as it was sent", async ({ bench, page }) => {
      const exchange = await converse(bench, { sampleRate: WIRE_OUT_HZ, driver });
      const { session, stats, sent, played, heard } = exchange;
      expect(session).toEqual({ state: "open", driver });
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(headers === "isolated");
      expectSpeech(exchange);
      if (stats.underruns === 0) expectEverySample(played, sent);
      else expect(stats.underruns).toBeLessThanOrEqual(STALLS_ALLOWED);
      expect(stats.playbackSamplesReceived).toBe(sent.samples.length);
      expect(stats.playbackSamplesPlayed).toBe(sent.samples.length);
      expect(heard.heardMs).toBeCloseTo((sent.samples.length / WIRE_OUT_HZ) * 1000, -1);
    });
  });
}

test("at the device's rate the answer keeps its shape and its level", async ({ bench }) => {
  const { played, sent } = await converse(bench);
  expect(played.rate).not.toBe(WIRE_OUT_HZ);
  const expected = resample(sent.samples, WIRE_OUT_HZ, played.rate);
  const { offset, correlation } = align(expected, played.samples);
  expect(correlation).toBeGreaterThan(0.98);
  const heard = played.samples.subarray(Math.max(0, offset), offset + expected.length);
  expect(level(heard) / level(expected)).toBeCloseTo(1, 1);
});

test("the answer is the person's own words behind a chime, with both transcripts", async ({ bench }) => {
  const { sent } = await converse(bench, { sampleRate: WIRE_OUT_HZ });
  const words = alignFinely(speech, source.rate, sent.samples, WIRE_OUT_HZ);
  expect(words.correlation).toBeGreaterThan(0.8);
  expect(utterances(sent.samples, WIRE_OUT_HZ).length).toBeGreaterThan(0);
  const types = (await bench.events()).map(({ type }) => type);
  for (const type of ["inputTranscription", "outputTranscription", "generationComplete", "turnComplete", "usageMetadata"]) {
    expect(types).toContain(type);
  }
  expect(types.indexOf("playbackStarted")).toBeLessThan(types.indexOf("playbackEnded"));
  expect(types.indexOf("turnComplete")).toBeLessThan(types.indexOf("playbackEnded"));
});

test("the turn's latency is told with the first sample of the answer", async ({ bench }) => {
  await converse(bench);
  const { latencyMs } = (await bench.events("playbackStarted"))[0];
  // The simulator waits for half a second of silence before it answers.
  expect(latencyMs).toBeGreaterThan(450);
  expect(latencyMs).toBeLessThan(10_000);
});

test("who mutes in the middle of a word is not heard any more, and the pause is told", async ({ bench, page }) => {
  await bench.connect();
  await bench.openMicrophone(RAW);
  await page.evaluate(async () => {
    while (bench.microphone.level() < 0.02) await new Promise(requestAnimationFrame);
    bench.microphone.mute();
  });
  expect(await page.evaluate(() => bench.microphone.muted)).toBe(true);
  const { id } = await bench.simulator.latest();
  const isPauseTold = ({ message }) => message.realtimeInput?.audioStreamEnd === true;
  await expect.poll(async () => (await bench.simulator.messages(id)).some(isPauseTold)).toBe(true);
  await bench.close();
  const { samples } = await bench.simulator.received(id);
  const { start: first, end: last } = audible(samples, 0.02);
  expect(last - first, "samples of speech").toBeLessThan(0.5 * WIRE_IN_HZ);
});
