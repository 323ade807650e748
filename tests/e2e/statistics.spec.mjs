/** What is counted of playback, in the names of WebRTC's statistics, against the sound itself. */
import { expect, test } from "./support/bench.mjs";

const OUT_HZ = 24_000;

for (const runIn of ["worker", "page"]) {
  test(`what is counted of an answer is what was played of it, with the session in the ${runIn}`, async ({ bench, page }) => {
    await bench.connect({ runIn });
    await bench.openSpeaker(OUT_HZ, { jitterMs: 60 });
    await page.evaluate(() => bench.session.sendRealtimeInput({ text: "what is counted of an answer" }));
    const { index } = await bench.until("turnComplete");
    const { playedMs } = await bench.until("playbackEnded", Math.min(index, (await bench.until("playbackStarted")).index));
    const stats = await bench.stats();
    const { samples } = await bench.recorded();
    const energy = samples.reduce((sum, sample) => sum + sample * sample, 0) / OUT_HZ;
    expect(stats.totalAudioEnergy / energy).toBeCloseTo(1, 2);
    const count = stats.jitterBufferEmittedCount;
    expect(count).toBe(stats.playbackSamplesPlayed);
    expect(count / 24).toBeCloseTo(playedMs, 0);
    expect(stats.totalSamplesReceived).toBe(count + stats.concealedSamples + stats.insertedSamplesForDeceleration);
    expect(stats.totalSamplesDuration).toBeCloseTo(stats.totalSamplesReceived / OUT_HZ, 6);
    expect(stats.silentConcealedSamples).toBe(stats.concealedSamples);
    expect(stats.removedSamplesForAcceleration).toBe(0);
    // Averages, in seconds: at least what was asked for; and no sample waits for longer than the answer is.
    expect(stats.jitterBufferTargetDelay / count).toBeGreaterThanOrEqual(0.0599);
    expect(stats.jitterBufferMinimumDelay).toBeLessThanOrEqual(stats.jitterBufferTargetDelay);
    expect(stats.jitterBufferDelay / count).toBeGreaterThan(0);
    expect(stats.jitterBufferDelay / count).toBeLessThan(count / OUT_HZ + 1);
  });
}

test("what the browser counts of a context's output is told in WebRTC's names, where it counts", async ({ bench, page }) => {
  await bench.connect();
  await bench.openSpeaker(OUT_HZ);
  const counts = await page.evaluate(() => "playbackStats" in AudioContext.prototype);
  const playout = () => page.evaluate(() => bench.speaker.playoutStats);
  if (counts) {
    await expect.poll(async () => (await playout()).totalSamplesDuration).toBeGreaterThan(0.5);
    const { totalSamplesDuration, totalSamplesCount, totalPlayoutDelay, synthesizedSamplesEvents } = await playout();
    expect(totalSamplesCount / totalSamplesDuration).toBeCloseTo(OUT_HZ, -1);
    expect(totalPlayoutDelay / totalSamplesCount, "seconds").toBeLessThan(1);
    expect(synthesizedSamplesEvents).toBeGreaterThanOrEqual(0);
  } else {
    expect(await playout()).toBeUndefined();
  }
  const given = { underrunDuration: 0.25, underrunEvents: 3, totalDuration: 10, averageLatency: 0.03 };
  await page.evaluate((value) => Object.defineProperty(bench.context, "playbackStats", { value }), given);
  expect(await playout()).toEqual({
    synthesizedSamplesDuration: 0.25,
    synthesizedSamplesEvents: 3,
    totalSamplesDuration: 10,
    totalPlayoutDelay: 0.03 * 10 * OUT_HZ,
    totalSamplesCount: 10 * OUT_HZ,
  });
  await page.evaluate(() => bench.speaker.stop());
  expect(await playout(), "of a speaker that is stopped").toBeUndefined();
});
