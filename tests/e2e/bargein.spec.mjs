import { CONFIG, expect, test } from "./support/bench.mjs";
import { HEADERS, HOSTS, forms } from "./support/forms.mjs";
import { OTHER_SPEECH, RATE } from "./support/scenes.mjs";
import { align, compare, correlationAt, level } from "./support/sound.mjs";

const OUT_HZ = 24_000;

/** The fall of 4 ms, a block that is under way, and the time for the page to hear of it. */
const SILENT_AFTER_S = 0.15;

/** What the second speaker says. */
const OTHER_PHRASE = OTHER_SPEECH.subarray(0, RATE);

/** So much of the first answer is heard by then. */
const PATIENCE_S = 0.8;

/** What is answered with as many words: some three seconds, in which somebody else begins and is understood. */
const LONG = "a sentence that takes its time to be said aloud";

const ask = (bench) => bench.page.evaluate((text) => bench.session.sendRealtimeInput({ text }), LONG);

// What flushes either ring in every browser: the order of its words, which is the engine's to keep.
for (const { headers } of forms("full", { headers: HEADERS })) {
  test.describe(`${headers} headers`, () => {
    test.use({ headers });

    test("whoever speaks during an answer silences it at once and for good", async ({ bench }) => {
      await bench.connect();
      await bench.openSpeaker(OUT_HZ);
      await bench.openStage();
      await ask(bench);
      await expect.poll(async () => (await bench.stats()).playbackSamplesPlayed).toBeGreaterThan(PATIENCE_S * OUT_HZ);
      await bench.say(OTHER_PHRASE, RATE);
      const interrupted = await bench.until("interrupted");
      const second = await bench.until("playbackStarted", interrupted.index);
      await bench.until("playbackEnded", second.index);
      const played = await bench.recorded();
      const stats = await bench.stats();
      expect(interrupted.playedMs, "of the first answer").toBeGreaterThan(0);
      await bench.close();
      const { id } = await bench.simulator.latest();
      const sent = await bench.simulator.sent(id);

      // Against what was sent: what was heard may have holes, which are the stage's and not asked about here.
      const begins = await bench.simulator.lastAnswer(id);
      const first = sent.samples.subarray(0, begins);
      const hush = interrupted.frame + SILENT_AFTER_S * OUT_HZ;
      const answer = align(sent.samples.subarray(begins), played.samples);
      expect(answer.correlation, "the second answer was played").toBeGreaterThan(0.9);
      expect(answer.offset).toBeGreaterThan(hush);

      const before = align(first.subarray(0, PATIENCE_S * OUT_HZ), played.samples);
      expect(before.correlation, "the beginning of the first answer was played").toBeGreaterThan(0.9);
      expect(before.offset).toBeLessThan(interrupted.frame);
      const unheard = first.subarray(Math.max(0, hush - before.offset));
      expect(unheard.length, "some of the first answer was still to come").toBeGreaterThan(0.1 * OUT_HZ);
      expect(Math.abs(correlationAt(unheard, played.samples, hush)), "it did not come").toBeLessThan(0.3);

      // Between the two answers there is nothing: the chime before the second begins with it.
      const resumed = (await bench.events("playbackStarted")).at(-1).frame;
      const pause = played.samples.subarray(hush, Math.max(hush, resumed - SILENT_AFTER_S * OUT_HZ));
      expect(pause.length).toBeGreaterThan(0.2 * OUT_HZ);
      expect(level(pause)).toBeLessThan(1e-4);
      expect(stats.playbackSamplesPlayed).toBeLessThan(sent.samples.length);
    });
  });
}

test("with NO_INTERRUPTION whoever speaks during an answer does not silence it, and is answered after it", async ({ bench, page }) => {
  const realtimeInputConfig = { activityHandling: "NO_INTERRUPTION" };
  await bench.connect({ config: { ...CONFIG, realtimeInputConfig } });
  await bench.openSpeaker(OUT_HZ);
  await bench.openStage();
  await ask(bench);
  await expect.poll(async () => (await bench.stats()).playbackSamplesPlayed).toBeGreaterThan(PATIENCE_S * OUT_HZ);
  await bench.say(OTHER_PHRASE, RATE);
  // A machine that is late may still be playing the first answer when the second comes, and then plays both in one go.
  const { index } = await bench.until("generationComplete", (await bench.until("turnComplete")).index);
  await bench.until("playbackEnded", index);
  expect(await bench.events("interrupted")).toEqual([]);
  const [first] = await page.evaluate(() => bench.session.turns.filter(({ role }) => role === "model"));
  const played = await bench.recorded();
  await bench.close();
  const { id } = await bench.simulator.latest();
  const sent = await bench.simulator.sent(id);

  const answer = sent.samples.subarray(0, await bench.simulator.lastAnswer(id));
  expect(first.playedMs, "all of the first answer").toBeCloseTo(answer.length / (OUT_HZ / 1000), 0);
  const { offset } = align(answer.subarray(0, OUT_HZ / 2), played.samples);
  expect(compare(answer, played.samples, offset, { ramp: 0.006 * OUT_HZ }).wrong, `of ${answer.length} samples`).toBe(0);
});

/** A sound as steady as no voice is: how soon somebody takes it for speech is a matter of their settings alone. */
function noise(seconds) {
  return Float32Array.from({ length: seconds * RATE }, (_, i) => 0.3 * Math.sin(i * i));
}

/** Begins an answer that takes some seconds, in front of a microphone, and waits until some of it is heard. */
async function answering(bench, prefixPaddingMs, options) {
  const realtimeInputConfig = { automaticActivityDetection: { prefixPaddingMs } };
  await bench.connect({ ...options, bargeIn: true, config: { ...CONFIG, realtimeInputConfig } });
  await bench.openSpeaker(OUT_HZ);
  await bench.openStage();
  await ask(bench);
  await expect.poll(async () => (await bench.stats()).playbackSamplesPlayed).toBeGreaterThan(0.5 * OUT_HZ);
}

// Whether somebody speaks is heard where the session is. The two tests together have each host with each ring.
for (const { runIn, headers, tag } of forms("one", { runIn: HOSTS, headers: HEADERS })) {
  test.describe(`with bargeIn, in the ${runIn}, ${headers} headers`, { tag }, () => {
    test.use({ headers });

    test("a cough pauses the answer, and all of it is heard", async ({ bench }) => {
      await answering(bench, 1000, { runIn });
      await bench.say(noise(0.3), RATE);
      const paused = await bench.until("playbackPaused");
      const resumed = await bench.until("playbackResumed", paused.index);
      const ended = await bench.until("playbackEnded", resumed.index);
      const played = await bench.recorded();
      const stats = await bench.stats();
      expect(await bench.events("interrupted")).toEqual([]);
      expect([stats.playbackPauses, stats.falseInterruptions]).toEqual([1, 1]);
      await bench.close();
      const { samples: sent } = await bench.simulator.sent((await bench.simulator.latest()).id);
      expect(stats.playbackSamplesPlayed, "each sample once").toBe(sent.length);
      expect(ended.playedMs).toBeCloseTo(sent.length / (OUT_HZ / 1000), 0);

      const { offset } = align(sent.subarray(0, OUT_HZ / 2), played.samples);
      const { wrong, gaps } = compare(sent, played.samples, offset, { ramp: 0.006 * OUT_HZ, longest: 4 * OUT_HZ });
      expect(wrong, `of ${sent.length} samples`).toBe(0);
      const [pause, ...others] = gaps.filter(({ samples }) => samples > 0.5 * OUT_HZ);
      expect(others).toEqual([]);
      expect(Math.abs(pause.samples - (resumed.pausedMs / 1000) * OUT_HZ), "of the pause").toBeLessThan(SILENT_AFTER_S * OUT_HZ);
    });
  });
}

for (const { runIn, headers, tag } of forms("one", { runIn: ["page", "worker"], headers: HEADERS })) {
  test.describe(`with bargeIn, in the ${runIn}, ${headers} headers`, { tag }, () => {
    test.use({ headers });

    test("whoever speaks hears nothing more before the service has said that it is interrupted", async ({ bench }) => {
      await answering(bench, 2000, { runIn });
      const { id } = await bench.simulator.latest();
      await bench.say(noise(3), RATE);
      const paused = await bench.until("playbackPaused");
      const hush = paused.frame + SILENT_AFTER_S * OUT_HZ;
      await expect.poll(async () => (await bench.recorded()).samples.length).toBeGreaterThan(hush + 0.2 * OUT_HZ);
      const silence = (await bench.recorded()).samples.subarray(hush);
      const words = (await bench.simulator.messages(id)).map(({ message }) => message);
      expect(words.filter(({ serverContent }) => serverContent?.interrupted), "the service has not said so").toEqual([]);
      expect(level(silence)).toBeLessThan(1e-4);

      const interrupted = await bench.until("interrupted", paused.index);
      const { samples } = await bench.recorded();
      expect(level(samples.subarray(hush, interrupted.frame)), "nor is anything heard until then").toBeLessThan(1e-4);
      const stats = await bench.stats();
      expect([stats.playbackPauses, stats.falseInterruptions]).toEqual([1, 0]);
      expect(await bench.events("playbackResumed")).toEqual([]);
      expect(interrupted.playedMs).toBeCloseTo(stats.playbackSamplesPlayed / (OUT_HZ / 1000), 0);
    });
  });
}
