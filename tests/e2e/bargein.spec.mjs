import { CONFIG, expect, test } from "./support/bench.mjs";
import { OTHER_SPEECH, RATE, SPEECH } from "./support/scenes.mjs";
import { align, compare, correlationAt, level } from "./support/sound.mjs";

const OUT_HZ = 24_000;

/** The 5 ms ramp, a block that is under way, and the time for the page to hear of it. */
const SILENT_AFTER_S = 0.15;

/** What the second speaker says. */
const OTHER_PHRASE = OTHER_SPEECH.subarray(0, 1.3 * RATE);

/** So much of the first answer is heard by then: it lasts as long as its question. */
const PATIENCE_S = 0.8;

for (const headers of ["isolated", "plain"]) {
  test.describe(`${headers} headers`, () => {
    test.use({ headers });

    test("whoever speaks during an answer silences it at once and for good", async ({ bench }) => {
      await bench.connect();
      await bench.openSpeaker(OUT_HZ);
      await bench.openStage();
      await bench.say(SPEECH, RATE);
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

test("with NO_INTERRUPTION whoever speaks during an answer does not silence it, and is answered after it", async ({ bench }) => {
  const realtimeInputConfig = { activityHandling: "NO_INTERRUPTION" };
  await bench.connect({ config: { ...CONFIG, realtimeInputConfig } });
  await bench.openSpeaker(OUT_HZ);
  await bench.openStage();
  await bench.say(SPEECH, RATE);
  await expect.poll(async () => (await bench.stats()).playbackSamplesPlayed).toBeGreaterThan(PATIENCE_S * OUT_HZ);
  await bench.say(OTHER_PHRASE, RATE);
  const first = await bench.until("playbackEnded");
  await bench.until("playbackStarted", first.index);
  expect(await bench.events("interrupted")).toEqual([]);
  const played = await bench.recorded();
  await bench.close();
  const { id } = await bench.simulator.latest();
  const sent = await bench.simulator.sent(id);

  const answer = sent.samples.subarray(0, await bench.simulator.lastAnswer(id));
  expect(first.playedMs, "all of the first answer").toBeCloseTo(answer.length / (OUT_HZ / 1000), 0);
  const { offset } = align(answer.subarray(0, OUT_HZ / 2), played.samples);
  expect(compare(answer, played.samples, offset, { ramp: 0.006 * OUT_HZ }).wrong, `of ${answer.length} samples`).toBe(0);
});
