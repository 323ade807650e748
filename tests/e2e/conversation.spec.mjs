import { RAW, expect, test } from "./support/bench.mjs";
import { PHRASE, RATE } from "./support/scenes.mjs";
import { align, alignFinely, alignLoosely, audible, compare, level, offsets, resample, steps, unexcused } from "./support/sound.mjs";

const WIRE_IN_HZ = 16_000;
const WIRE_OUT_HZ = 24_000;

/** At this rate a microphone is recorded. */
const DEVICE_HZ = 48_000;

/**
 * Speaks the question and hears the answer out. Resolves with the simulator's record of it and what was played; with
 * `deviceHz`, with what the microphone gave as well.
 */
async function converse(bench, { sampleRate, runIn, deviceHz } = {}) {
  const session = await bench.connect({ runIn });
  await bench.openSpeaker(sampleRate);
  await bench.openMicrophone(RAW, deviceHz);
  await bench.until("playbackStarted");
  const heard = await bench.until("playbackEnded");
  const stats = await bench.stats();
  const played = await bench.recorded();
  const given = deviceHz && (await bench.overheard());
  await bench.close();
  const { id, received: told } = await bench.simulator.latest();
  return {
    session,
    heard,
    stats,
    played,
    given,
    told: told.audio,
    received: await bench.simulator.received(id),
    sent: await bench.simulator.sent(id),
    paced: (await bench.simulator.audio(id)).sent,
  };
}

/** What the simulator got is what was spoken: same words, same pace, in 20 ms frames that say they are at 16 kHz. */
function expectSpeech({ told, received, given, stats }, browserName) {
  expect(Object.keys(told.mimeTypes)).toEqual(["audio/pcm;rate=16000"]);
  // What the microphone had begun when it was closed goes out too: the last frame alone may be shorter.
  expect(told.samples).toBeLessThanOrEqual(told.messages * 320);
  expect(told.samples).toBeGreaterThan((told.messages - 1) * 320);
  expect(told.messages).toBeGreaterThanOrEqual(stats.audioFramesSent);
  expect(received.samples.length).toBe(told.samples);
  expect(stats.captureSamplesLost).toBe(0);
  expect(stats.audioFramesDropped).toBe(0);
  expectTheSameSound(received.samples, given);
  if (browserName !== "chromium") return;
  // A file it plays. What reaches Firefox went through a sound server, of which a machine that is late makes holes.
  const { part, offset, correlation } = alignFinely(PHRASE, RATE, received.samples, WIRE_IN_HZ);
  expect(correlation, "it is what was said").toBeGreaterThan(0.95);
  expect(level(received.samples.subarray(offset, offset + part.length)) / level(part), "loudness").toBeCloseTo(1, 1);
}

/** The same words as the microphone gave, holes of its own and all: as loud, and each where it belongs. */
function expectTheSameSound(received, given) {
  const { start, end } = audible(given.samples);
  expect(end - start, "samples of speech").toBeGreaterThan(1.2 * given.rate);
  const { part, offset, correlation } = alignFinely(given.samples.subarray(start, end), given.rate, received, WIRE_IN_HZ);
  expect(correlation).toBeGreaterThan(0.95);
  expect(level(received.subarray(offset, offset + part.length)) / level(part), "loudness").toBeCloseTo(1, 1);
  // A rate that is wrong by one in ten thousand would show.
  const pace = offsets(part, received, offset, { window: 3200, search: 480 });
  expect(pace.length).toBeGreaterThan(4);
  expect(steps(pace), `offsets of the windows: ${pace}`).toBe(0);
  expect(Math.abs(pace.at(-1) - pace[0])).toBeLessThanOrEqual(1);
}

/**
 * Every sample that was sent was played, in order and untouched but for the ramps at both ends, and nothing else. Where
 * there is a gap, the simulator has sent what follows too late, and the library has to say so.
 */
function expectEverySample({ played, sent, paced, stats }) {
  expect(played.rate).toBe(WIRE_OUT_HZ);
  const ramp = 0.006 * WIRE_OUT_HZ;
  // The beginning alone: where there is a gap, the rest lies elsewhere.
  const { offset } = align(sent.samples.subarray(0, WIRE_OUT_HZ / 2), played.samples);
  expect(offset).toBeGreaterThanOrEqual(0);
  expect(offset + sent.samples.length).toBeLessThanOrEqual(played.samples.length);
  const { wrong, gaps } = compare(sent.samples, played.samples, offset, { ramp });
  expect(wrong, `of ${sent.samples.length} samples`).toBe(0);
  expect(unexcused(gaps, paced, { rate: WIRE_OUT_HZ, ramp }), "gaps").toEqual([]);
  expect(stats.concealmentEvents > 0, "the library counts gaps").toBe(gaps.length > 0);
  const end = offset + sent.samples.length + gaps.reduce((sum, { samples }) => sum + samples, 0);
  expect(level(played.samples.subarray(0, offset)), "before the answer").toBe(0);
  expect(level(played.samples.subarray(end)), "after the answer").toBe(0);
}

/** What is sent is what was said, behind a chime. */
function expectTheSameWords({ samples }, browserName) {
  const { correlation } =
    browserName === "chromium"
      ? alignFinely(PHRASE, RATE, samples, WIRE_OUT_HZ)
      : alignLoosely(resample(PHRASE, RATE, WIRE_OUT_HZ), samples, WIRE_OUT_HZ);
  expect(correlation, "the user's own words").toBeGreaterThan(0.8);
}

/** Both transcripts, and everything in its order. */
function expectEvents(types) {
  for (const type of ["inputTranscription", "outputTranscription", "generationComplete", "turnComplete", "usageMetadata"]) {
    expect(types).toContain(type);
  }
  expect(types.indexOf("playbackStarted")).toBeLessThan(types.indexOf("playbackEnded"));
  expect(types.indexOf("turnComplete")).toBeLessThan(types.indexOf("playbackEnded"));
}

/** Runs in the page: sees which memory the library's processors are given, and whether anybody wrote to it. */
function watchRings() {
  const made = [];
  globalThis.AudioWorkletNode = new Proxy(AudioWorkletNode, {
    construct: (target, words, as) => {
      const [, name, options] = words;
      if (name.startsWith("live-")) made.push({ name, ring: options.processorOptions.ring });
      return Reflect.construct(target, words, as);
    },
  });
  const use = (ring) => {
    if (!globalThis.SharedArrayBuffer || !(ring instanceof SharedArrayBuffer)) return "none";
    return new Int32Array(ring, 0, 8).some((word) => word !== 0) ? "used" : "idle";
  };
  globalThis.rings = () => made.map(({ name, ring }) => `${name} ${use(ring)}`).sort();
}

for (const [headers, runIn] of [["isolated", "worker"], ["plain", "worker"], ["isolated", "page"], ["plain", "page"]]) {
  test.describe(`${headers} headers, session in the ${runIn}`, () => {
    test.use({ headers });

    test("speech arrives as it was spoken, and the answer, the user's own words, is played as it was sent", async ({ bench, page, browserName }) => {
      await page.evaluate(watchRings);
      const exchange = await converse(bench, { sampleRate: WIRE_OUT_HZ, runIn, deviceHz: DEVICE_HZ });
      const { session, stats, sent, heard } = exchange;
      expect(session).toEqual({ state: "open", runsIn: runIn });
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(headers === "isolated");
      expect(await page.evaluate(() => globalThis.rings()), "memory shared with the audio thread").toEqual(
        headers === "isolated" ? ["live-capture used", "live-playback used"] : ["live-capture none", "live-playback none"],
      );
      expectSpeech(exchange, browserName);
      expectTheSameWords(sent, browserName);
      expectEvents((await bench.events()).map(({ type }) => type));
      expectEverySample(exchange);
      expect(stats.playbackSamplesReceived).toBe(sent.samples.length);
      expect(stats.playbackSamplesPlayed).toBe(sent.samples.length);
      expect(heard.playedMs).toBeCloseTo((sent.samples.length / WIRE_OUT_HZ) * 1000, -1);
    });
  });
}

for (const [headers, runIn] of [["isolated", "worker"], ["plain", "page"]]) {
  test.describe(`${headers} headers, session in the ${runIn}`, () => {
    test.use({ headers });

    test("every sample that the microphone gives arrives, once and in order", async ({ bench }) => {
      await bench.connect({ runIn });
      await bench.openMicrophone(RAW, WIRE_IN_HZ);
      await bench.until("inputTranscription");
      await bench.close();
      const given = await bench.overheard();
      const { samples: arrived } = await bench.simulator.received((await bench.simulator.latest()).id);
      const { offset } = align(arrived, given.samples);
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(level(arrived), "it is speech").toBeGreaterThan(0.02);
      const expected = given.samples.subarray(offset, offset + arrived.length);
      const wrong = arrived.filter((sample, at) => !(Math.abs(sample - expected[at]) <= 1.01 / 32768));
      expect(wrong.length, `of ${arrived.length} samples`).toBe(0);
    });
  });
}

test("at the device's rate the answer keeps its shape and its level, and its latency is told", async ({ bench }) => {
  const { played, sent } = await converse(bench);
  expect(played.rate).not.toBe(WIRE_OUT_HZ);
  const expected = resample(sent.samples, WIRE_OUT_HZ, played.rate);
  const { offset, correlation } = align(expected, played.samples);
  expect(correlation).toBeGreaterThan(0.98);
  const heard = played.samples.subarray(Math.max(0, offset), offset + expected.length);
  expect(level(heard) / level(expected)).toBeCloseTo(1, 1);

  const { latencyMs } = (await bench.events("playbackStarted"))[0];
  // The simulator waits for half a second of silence before it answers.
  expect(latencyMs).toBeGreaterThan(450);
  expect(latencyMs).toBeLessThan(10_000);
});

test("who mutes in the middle of a word is not heard any more, and the pause is told", async ({ bench, page }) => {
  await bench.connect();
  await bench.openMicrophone(RAW);
  await page.evaluate(async () => {
    // What the device gives is ahead of what is sent: of the first word nothing might be heard yet.
    await bench.until({ type: "userSpeechStart" });
    bench.microphone.mute();
  });
  expect(await page.evaluate(() => bench.microphone.muted)).toBe(true);
  const { id } = await bench.simulator.latest();
  await bench.simulator.message(id, ({ message }) => message.realtimeInput?.audioStreamEnd === true);
  await bench.close();
  const { samples } = await bench.simulator.received(id);
  const { start: first, end: last } = audible(samples, 0.02);
  expect(last - first, "samples of speech").toBeLessThan(0.5 * WIRE_IN_HZ);
  // What ends the turn is silence: as if nobody had switched anything off.
  expect(samples.length - last, "samples of silence").toBeGreaterThan(1.4 * WIRE_IN_HZ);
});
