/** How much of an interrupted answer was heard: by what is told, and by the sound alone. */
import { expect, test } from "./support/bench.mjs";
import { align } from "./support/sound.mjs";

const OUT_HZ = 24_000;
/** The context is at the wire's rate, so a quantum is as many of the service's samples. */
const QUANTUM = 128;
const SENTENCE = "a rather long sentence that takes its time to be said aloud, and is not heard to its end";

/** Runs in the page: does nothing else most of the time. */
function work() {
  globalThis.work = setInterval(() => {
    const end = performance.now() + 120;
    while (performance.now() < end);
  }, 150);
}

/** How many samples of what was sent were heard before `until`, and where in the recording the first is. */
function heard(sent, samples, until) {
  const { offset } = align(sent.subarray(0, OUT_HZ / 4), samples.subarray(0, until));
  let last = until - 1;
  while (last > offset && samples[last] === 0) last--;
  return last + 1 - offset;
}

for (const headers of ["isolated", "plain"]) {
  test.describe(`${headers} headers`, () => {
    test.use({ headers });

    for (const runIn of ["worker", "page"]) {
      test(`of an interrupted answer so much is told as was heard, to a quantum, by a busy page with the session in the ${runIn}`, async ({ bench, page }) => {
        await bench.connect({ runIn });
        await bench.openSpeaker(OUT_HZ, { jitterMs: 300, timeStretch: false });
        await page.evaluate(work);
        await page.evaluate((text) => bench.session.sendRealtimeInput({ text }), SENTENCE);
        await expect.poll(async () => (await bench.stats()).playbackSamplesPlayed).toBeGreaterThan(0.4 * OUT_HZ);
        await page.evaluate(() => bench.session.interrupt());
        const { index } = await bench.until("playbackEnded");
        const { id } = await bench.simulator.latest();
        const sent = await bench.simulator.sent(id);
        await bench.until("turnComplete", index);
        // What the speaker says of the next answer it says behind its last word on this one.
        await page.evaluate(() => bench.session.sendRealtimeInput({ text: "well" }));
        const { frame } = await bench.until("playbackStarted", index);
        await page.evaluate(() => clearInterval(globalThis.work));
        const cut = await page.evaluate(() => bench.session.turns.find(({ interrupted }) => interrupted));
        const { samples } = await bench.recorded();
        const count = heard(sent.samples, samples, firstOfNext(samples, frame));
        expect(count).toBeGreaterThan(0.3 * OUT_HZ);
        // The last of a ramp is silence, and a word ends now and then: what was played is not less than what is heard of it.
        const excess = (cut.playedMs * OUT_HZ) / 1000 - count;
        expect(excess, `of ${count} samples`).toBeGreaterThanOrEqual(-1);
        expect(excess, `of ${count} samples`).toBeLessThanOrEqual(QUANTUM);
      });
    }
  });
}

/** Where the silence behind the interruption lies, from which the next answer is told to have begun about there. */
function firstOfNext(samples, about) {
  // The page hears of it late: back over what is heard of the next answer, to the silence ahead of it.
  let silent = 0;
  let at = Math.min(about, samples.length - 1);
  for (; at > 0 && silent < OUT_HZ / 10; at--) silent = samples[at] === 0 ? silent + 1 : 0;
  return at + silent;
}
