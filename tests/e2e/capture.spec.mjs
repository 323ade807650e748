/** The microphone that the browser itself has in the tests: what it gives is compared with what arrives, whatever it is. */
import { RAW, expect, test } from "./support/bench.mjs";
import { QUESTION } from "./support/scenes.mjs";
import { alignFinely, audible, level } from "./support/sound.mjs";

const WIRE_IN_HZ = 16_000;

/** At this rate it is recorded. */
const DEVICE_HZ = 48_000;

test.use({ microphone: { ...QUESTION, isOwn: true } });

for (const [headers, runIn] of [["isolated", "worker"], ["plain", "page"]]) {
  test.describe(`${headers} headers, session in the ${runIn}`, () => {
    test.use({ headers });

    test("what the browser's own microphone gives arrives, at 16 kHz", async ({ bench }) => {
      await bench.connect({ runIn });
      await bench.openMicrophone(RAW, DEVICE_HZ);
      // Three seconds: the question is over, and a device that bips has done so.
      await expect.poll(async () => (await bench.stats()).audioFramesSent).toBeGreaterThan(150);
      const given = await bench.overheard();
      await bench.close();
      const { id, received } = await bench.simulator.latest();
      expect(Object.keys(received.audio.mimeTypes)).toEqual(["audio/pcm;rate=16000"]);
      const { samples: arrived } = await bench.simulator.received(id);
      expect(arrived.length).toBe(received.audio.samples);
      const { start, end } = audible(given.samples);
      expect(end - start, "samples of sound").toBeGreaterThan(0.5 * DEVICE_HZ);
      const sound = given.samples.subarray(start, Math.min(end, start + DEVICE_HZ));
      const { part, offset, correlation } = alignFinely(sound, DEVICE_HZ, arrived, WIRE_IN_HZ);
      expect(correlation).toBeGreaterThan(0.95);
      expect(level(arrived.subarray(offset, offset + part.length)) / level(part), "loudness").toBeCloseTo(1, 1);
    });
  });
}
