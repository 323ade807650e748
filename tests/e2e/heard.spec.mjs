/** How much of an interrupted answer was heard: by what is told, and by the sound alone. */
import { expect, test } from "./support/bench.mjs";
import { endOf } from "./support/sound.mjs";

/** The wire's rate, and the context's: every sample can be compared. */
const OUT_HZ = 24_000;
const FALL = 0.004 * OUT_HZ;
/** Heard behind it at least, before the next answer can begin. */
const SILENCE = 0.05 * OUT_HZ;
const SENTENCE = "a rather long sentence that takes its time to be said aloud, and is not heard to its end";

/** Runs in the page: does nothing else most of the time. */
function work() {
  globalThis.work = setInterval(() => {
    const end = performance.now() + 120;
    while (performance.now() < end);
  }, 150);
}

for (const headers of ["isolated", "plain"]) {
  test.describe(`${headers} headers`, () => {
    test.use({ headers });

    for (const runIn of ["worker", "page"]) {
      test(`of an interrupted answer so much is told as was heard, to the sample, by a busy page with the session in the ${runIn}`, async ({ bench, page }) => {
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
        await bench.until("playbackStarted", index);
        await page.evaluate(() => clearInterval(globalThis.work));
        const cut = await page.evaluate(() => bench.session.turns.find(({ interrupted }) => interrupted));
        const { samples } = await bench.recorded();
        const position = Math.round((cut.playedMs * OUT_HZ) / 1000);
        expect(position).toBeGreaterThan(0.3 * OUT_HZ);
        // To the sample: what was heard fades out right there, and nothing comes behind it.
        expect(endOf(sent.samples, position, samples, { fall: FALL, silence: SILENCE })).toEqual({ differs: 0, behind: 0 });
      });
    }
  });
}
