/** The microphone's way past the audio thread: what arrives, what is left on, and what browsers do that do not have it. */
import { RAW, expect, test } from "./support/bench.mjs";
import { FORMS, ROUND, SEAM, arrived, useTracks } from "./support/clockwork.mjs";
import { expectNothingLeft, leftOf } from "./support/leftovers.mjs";
import { PHRASE, RATE } from "./support/scenes.mjs";
import { alignFinely, level } from "./support/sound.mjs";

const WIRE_IN_HZ = 16_000;
/** How far two devices of the same context may be apart: what the browser gives of each comes in portions of its own. */
const CLOCK_ERROR = 0.05 * WIRE_IN_HZ;

const PAST = { ...RAW, capturePath: "track-processor" };
const PLACES = [["isolated", "worker"], ["plain", "worker"], ["isolated", "page"], ["plain", "page"]];

/**
 * What came of each device is a count without a gap, between two no more than a seam, and the second is where it was at that time.
 * Answers how many samples came of each.
 */
function expectWhole(samples, ...devices) {
  // Before the devices began to count.
  let at = samples.findIndex((sample) => sample !== 0);
  const places = (device) => new Map(Array.from({ length: ROUND }, (_, index) => [FORMS[device](index + 1), index]));
  const counts = [];
  let last;
  for (const [turn, device] of devices.entries()) {
    const of = places(device);
    const seam = at;
    while (turn > 0 && at - seam < 2 * SEAM && !(of.has(samples[at]) && of.get(samples[at + 1]) === (of.get(samples[at]) + 1) % ROUND)) at++;
    expect(at - seam, `samples of the seam before ${device}`).toBeLessThanOrEqual(turn > 0 ? SEAM : 0);
    const begun = of.get(samples[at]);
    if (last !== undefined) {
      const skipped = (((begun - last - (at - seam)) % ROUND) + ROUND) % ROUND;
      expect(Math.min(skipped, ROUND - skipped), "samples by which it was missed").toBeLessThan(CLOCK_ERROR);
    }
    const from = at;
    while (at < samples.length && of.get(samples[at]) === (begun + at - from) % ROUND) at++;
    last = (begun + at - from) % ROUND;
    counts.push(at - from);
    expect(at - from, `samples of ${device}, without a gap`).toBeGreaterThan(ROUND / 10);
  }
  // Whoever stops in the middle of a word is followed by silence.
  expect(samples.subarray(at).findIndex((sample) => sample !== 0), "a sample that nobody knows").toBe(-1);
  return counts;
}

for (const [headers, runIn] of PLACES) {
  test.describe(`${headers} headers, session in the ${runIn}`, () => {
    test.use({ headers });

    test("every sample that a track gives arrives, once and in order, and no worklet is on its way @exact", async ({ bench, page, simulator }) => {
      await bench.connect({ runIn });
      await useTracks(page);
      const [path, on] = await page.evaluate(async () => {
        const path = await open();
        await spoken(1_500);
        return [path, await leftovers.list()];
      });
      expect(path).toBe("track-processor");
      expect(on.filter((line) => line.startsWith("processor"))).toEqual([]);
      const [count] = expectWhole(await arrived(bench, simulator), "a");
      expect(count).toBeGreaterThan(ROUND);
      await page.evaluate(() => clockwork.context.close());
      await expectNothingLeft(page, { simulator });
    });

    test("not a sample is missing or sent twice where another track takes over @exact", async ({ bench, page, simulator }) => {
      await bench.connect({ runIn });
      await useTracks(page);
      const steps = await page.evaluate(async () => {
        await open();
        const steps = [clockwork.live.join()];
        for (const device of ["b", clockwork.stream("c"), undefined]) {
          await spoken(500);
          const { error } = await change(device);
          steps.push(error?.code ?? clockwork.live.toSorted().join());
        }
        await spoken(500);
        return steps;
      });
      // The application's own is left on, and each of the others ends with its turn.
      expect(steps).toEqual(["a", "b,c", "c", "a,c"]);
      expect(await bench.stats()).toMatchObject({ captureSamplesLost: 0, audioFramesDropped: 0 });
      expect((await bench.events("deviceChange")).map(({ reason }) => reason)).toEqual(["chosen", "chosen", "chosen"]);
      expectWhole(await arrived(bench, simulator), "a", "b", "c", "a");
      expect(await page.evaluate(() => clockwork.live)).toEqual(["c"]);
      await page.evaluate(() => clockwork.context.close());
      await expectNothingLeft(page, { simulator });
    });
  });
}

for (const runIn of ["worker", "page"]) {
  test.describe(`session in the ${runIn}`, () => {
    test("what a device gives at its own rate, in two channels, arrives as it was spoken", async ({ bench, page, simulator }) => {
      await bench.connect({ runIn });
      await bench.openMicrophone(PAST);
      expect(await page.evaluate(() => [bench.microphone.capturePath, bench.session.microphone.capturePath])).toEqual(["track-processor", "track-processor"]);
      await bench.until("inputTranscription");
      await bench.close();
      const { id, received } = await simulator.latest();
      expect(Object.keys(received.audio.mimeTypes)).toEqual(["audio/pcm;rate=16000"]);
      const { samples } = await simulator.received(id);
      const { part, offset, correlation } = alignFinely(PHRASE, RATE, samples, WIRE_IN_HZ);
      expect(correlation, "it is what was said").toBeGreaterThan(0.95);
      expect(level(samples.subarray(offset, offset + part.length)) / level(part), "loudness").toBeCloseTo(1, 1);
    });

    test("a track is read on when its handles are forgotten, and given back with all it gave at the session's end", async ({ bench, page, simulator }) => {
      await page.evaluate(() => {
        globalThis.given = [];
        const { read } = ReadableStreamDefaultReader.prototype;
        ReadableStreamDefaultReader.prototype.read = async function () {
          const result = await read.call(this);
          if (result.value instanceof AudioData) given.push(result.value);
          return result;
        };
      });
      await bench.connect({ runIn });
      await page.evaluate(async (options) => void (await bench.session.openMicrophone(options)), PAST);
      for (let round = 0; round < 5; round++) {
        await page.requestGC();
        await page.waitForTimeout(20);
      }
      const before = (await bench.stats()).audioFramesSent;
      await expect.poll(async () => (await bench.stats()).audioFramesSent).toBeGreaterThan(before + 20);
      await bench.close();
      await expectNothingLeft(page, { simulator });
      const [count, open] = await page.evaluate(() => [given.length, given.filter(({ format }) => format !== null).length]);
      expect(open, "of the AudioData that were read, those that were not closed").toBe(0);
      if (runIn === "page") expect(count).toBeGreaterThan(20);
    });

    test("a microphone that is stopped is given back at once, and the next one is heard", async ({ bench, page, simulator }) => {
      await bench.connect({ runIn });
      await useTracks(page);
      const live = await page.evaluate(async () => {
        const live = [];
        for (const deviceId of ["a", "b"]) {
          await open({ deviceId });
          await spoken(300);
          // How soon the browser begins to give it depends on the machine.
          await heard(10);
          live.push(clockwork.live.join());
          bench.microphone.stop();
          live.push(clockwork.live.join());
        }
        // The application's own track stays on, and nobody reads it any more.
        const stream = clockwork.stream("c");
        await open({ stream });
        bench.microphone.stop();
        live.push(clockwork.live.join());
        await spoken(300);
        stream.getTracks()[0].stop();
        return live;
      });
      expect(live).toEqual(["a", "", "b", "", "c"]);
      const samples = await arrived(bench, simulator);
      expect(samples.filter((sample) => sample > 0 && sample <= ROUND).length).toBeGreaterThan(ROUND / 10);
      expect(samples.filter((sample) => sample < 0).length).toBeGreaterThan(ROUND / 10);
      expect(samples.filter((sample) => sample > 16_384).length, "samples of a track that was stopped at once").toBeLessThan(ROUND / 10);
      await page.evaluate(() => clockwork.context.close());
      await expectNothingLeft(page, { simulator });
    });

    test("the default device takes the place of one that is unplugged, and nothing does of one that was chosen", async ({ bench, page, simulator }) => {
      await bench.connect({ runIn });
      await useTracks(page);
      await page.evaluate(async () => {
        await open();
        await spoken(500);
        clockwork.standard = "b";
        clockwork.unplug("a");
      });
      expect(await bench.until("deviceChange")).toMatchObject({ reason: "ended", label: "Default - b" });
      await page.evaluate(() => spoken(500));
      expect(await page.evaluate(() => [bench.microphone.stopped, bench.microphone.capturePath, clockwork.live])).toEqual([false, "track-processor", ["b"]]);
      await page.evaluate(async () => {
        await change("c");
        clockwork.unplug("c");
      });
      await bench.until("warning", 0, { code: "microphone-ended" });
      expect(await page.evaluate(() => [bench.microphone.stopped, clockwork.live, bench.session.state])).toEqual([true, [], "open"]);
      const samples = await arrived(bench, simulator);
      expect(samples.filter((sample) => sample < 0).length, "samples of what took its place").toBeGreaterThan(ROUND / 10);
      await page.evaluate(() => clockwork.context.close());
      await expectNothingLeft(page, { simulator });
    });

    test("who is muted is not heard, and the level goes on being measured", async ({ bench, page, simulator }) => {
      await bench.connect({ runIn });
      await useTracks(page);
      const measured = await page.evaluate(async () => {
        await open({ deviceId: "c" });
        await spoken(300);
        bench.microphone.mute();
        await change("b");
        // Of its second's worth, the half second in which it rises to its peak.
        while (bench.microphone.peak() < 0.4) await new Promise(requestAnimationFrame);
        const measured = [bench.microphone.level() > 0.2, bench.microphone.analyser instanceof AnalyserNode, bench.microphone.muted];
        bench.microphone.stop();
        return measured;
      });
      expect(measured).toEqual([true, true, true]);
      const samples = await arrived(bench, simulator);
      expect(samples.filter((sample) => sample < 0).length, "samples of a microphone that was muted").toBe(0);
      expect(samples.filter((sample) => sample > 16_384).length).toBeGreaterThan(ROUND / 10);
      await page.evaluate(() => clockwork.context.close());
    });
  });
}

test("a microphone is heard though its audio context does not run", async ({ bench, page, simulator }) => {
  await bench.connect();
  await page.evaluate(async (options) => {
    const context = leftovers.own(new AudioContext());
    bench.microphone = await bench.session.openMicrophone({ ...options, context });
    await context.suspend();
  }, PAST);
  await bench.until("inputTranscription");
  await bench.close();
  expect((await simulator.latest()).received.audio.samples).toBeGreaterThan(WIRE_IN_HZ);
});

test("a Worker that dies without a word leaves no track on", async ({ bench, page, simulator }) => {
  await page.addInitScript(() => {
    const Real = globalThis.Worker;
    globalThis.Worker = function (url, options) {
      return (globalThis.lastWorker = new Real(url, options));
    };
  });
  await page.reload();
  await page.waitForFunction(() => globalThis.bench);
  await bench.connect();
  await bench.openMicrophone(PAST);
  await page.evaluate(() => globalThis.lastWorker.terminate());
  // Another device, while nobody hears of it.
  await page.evaluate(() => bench.microphone.setDevice());
  expect((await leftOf(page)).filter((line) => line.startsWith("MediaStreamTrack"))).toHaveLength(1);
  await bench.close();
  await expectNothingLeft(page, { simulator });
});

test("a track that cannot be read is a microphone that has ended, and told", async ({ bench, page, printed }) => {
  await page.evaluate(() => {
    AudioData.prototype.copyTo = () => {
      throw new DOMException("", "NotSupportedError");
    };
  });
  await bench.connect({ runIn: "page" });
  await bench.openMicrophone(PAST);
  await bench.until("warning", 0, { code: "microphone-ended" });
  expect(await page.evaluate(() => [bench.microphone.stopped, bench.session.state])).toEqual([true, "open"]);
  expect(printed.filter((line) => /uncaught/.test(line))).toEqual([]);
});

for (const [what, take] of Object.entries({
  "has none": () => delete globalThis.MediaStreamTrackProcessor,
  "has it for video alone": () => {
    globalThis.MediaStreamTrackProcessor = class {
      constructor() {
        throw new TypeError("Input track must be a video track");
      }
    };
  },
})) {
  test(`where a browser ${what} the worklet is taken, which is told @devices`, async ({ bench, page, simulator }) => {
    await page.evaluate(take);
    await bench.connect();
    await bench.openMicrophone(PAST);
    expect(await page.evaluate(() => bench.microphone.capturePath)).toBe("worklet");
    await bench.until("inputTranscription");
    expect(await bench.events("warning")).toEqual([]);
    await bench.close();
    // A transcript comes with the first word, which is half a second long at least.
    expect((await simulator.latest()).received.audio.samples).toBeGreaterThan(WIRE_IN_HZ / 2);
  });
}

test("no other path is known, and the worklet is what is taken unasked", async ({ bench, page }) => {
  await bench.connect();
  const { error } = await page.evaluate((raw) => bench.openMicrophone({ ...raw, capturePath: "processor" }), RAW);
  expect(error).toMatchObject({ isLiveError: true, code: "invalid-option", field: "capturePath" });
  await bench.openMicrophone(RAW);
  expect(await page.evaluate(() => bench.microphone.capturePath)).toBe("worklet");
});
