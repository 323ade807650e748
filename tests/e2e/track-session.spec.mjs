/** What a session does with a microphone that is read past the audio thread: the same as with any other. */
import { CONFIG, RAW, expect, test } from "./support/bench.mjs";
import { ROUND, arrived, behind, stretches, useTracks } from "./support/clockwork.mjs";
import { expectNothingLeft, leftOf } from "./support/leftovers.mjs";

const WIRE_IN_HZ = 16_000;
/** What a count may be off by that a script of the page reads: its clock stands still while it runs. */
const CLOCK = 0.05 * WIRE_IN_HZ;

const PAST = { ...RAW, capturePath: "track-processor" };

/** The service does not listen for speech: what counts may be one word without end. */
const MANUAL = { ...CONFIG, realtimeInputConfig: { automaticActivityDetection: { disabled: true } } };

/** Has microphones count, be read past the audio thread, and `counted()` say how far they have. */
async function useCounts(page) {
  await useTracks(page);
  await page.evaluate(() => {
    // Of a round, as the devices have it.
    globalThis.counted = () => Math.round((clockwork.context.currentTime - 0.2) * 16_000) % 16_000;
  });
}

/** The lengths of what was sent, but for the last of each stretch: what a microphone had begun goes out too. */
async function lengths(simulator) {
  const { received } = await simulator.audio((await simulator.latest()).id);
  return [...new Set(received.frames.map(([, , samples]) => samples))].sort((one, other) => other - one);
}

test("push-to-talk sends what was said from the pre-roll to the release, without a gap between them @exact", async ({ bench, page, simulator }) => {
  await bench.connect({ pushToTalk: true, preRollMs: 100, frameMs: 10, config: MANUAL });
  await useCounts(page);
  const [pressed, released] = await page.evaluate(async () => {
    await open();
    await spoken(500);
    bench.session.startTalking();
    const pressed = counted();
    await heard(30);
    bench.session.stopTalking();
    const released = counted();
    await spoken(150);
    return [pressed, released];
  });
  const found = stretches(await arrived(bench, simulator));
  expect(found.map(({ device }) => device)).toEqual(["a"]);
  const [{ from, count }] = found;
  expect(count, "samples").toBeGreaterThan(0.3 * WIRE_IN_HZ);
  expect(behind(from, pressed), "samples before the press").toBeGreaterThan(0.1 * WIRE_IN_HZ - CLOCK);
  expect(behind(from + count - CLOCK, released), "samples before the release").toBeLessThan(ROUND / 2);
  expect((await lengths(simulator))[0], "samples of 10 ms").toBe(160);
  await page.evaluate(() => clockwork.context.close());
});

test("who is muted is not heard till that is over, whichever device it is by then @exact", async ({ bench, page, simulator }) => {
  await bench.connect({ runIn: "page", frameMs: 100, config: MANUAL });
  await useCounts(page);
  const spectrum = await page.evaluate(async () => {
    await open({ deviceId: "c" });
    await heard(3);
    bench.microphone.mute();
    await change("b");
    await spoken(300);
    const { analyser } = bench.microphone;
    const bins = new Float32Array(analyser.frequencyBinCount);
    do {
      await spoken(10);
      analyser.getFloatFrequencyData(bins);
    } while (Math.max(...bins) < -20);
    bench.microphone.unmute();
    await heard(3);
    bench.microphone.mute();
    await spoken(200);
    return [...bins].indexOf(Math.max(...bins));
  });
  expect(spectrum, "the loudest of the spectrum, of what rises to its peak once in a second").toBeLessThan(4);
  const found = stretches(await arrived(bench, simulator));
  expect(found.map(({ device }) => device), "the one before the mute, the other behind it").toEqual(["c", "b"]);
  const [before, after] = found;
  expect(behind(before.from + before.count, after.from), "samples of the mute").toBeGreaterThan(0.3 * WIRE_IN_HZ - CLOCK);
  expect((await lengths(simulator))[0], "samples of 100 ms").toBe(1600);
  await page.evaluate(() => clockwork.context.close());
});

test("the echo gate holds it over the beginning of an answer, and no longer @exact", async ({ bench, page, simulator }) => {
  await bench.connect({ echoGateMs: 400, config: MANUAL });
  await useCounts(page);
  await bench.openSpeaker(24_000);
  await page.evaluate(async () => {
    await open();
    await heard(10);
    bench.session.sendRealtimeInput({ text: "one two three four five six" });
    await bench.until({ type: "playbackStarted" });
    await bench.until({ type: "playbackEnded" });
    await heard(10);
  });
  const ended = await bench.until("playbackEnded");
  expect(ended.playedMs, "the answer is longer").toBeGreaterThan(800);
  const found = stretches(await arrived(bench, simulator));
  expect(found.map(({ device }) => device)).toEqual(["a", "a"]);
  const [before, after] = found;
  expect(behind(before.from + before.count, after.from), "samples that were held").toBeGreaterThan(0.4 * WIRE_IN_HZ - CLOCK);
  expect(after.count, "what was said over the rest of the answer").toBeGreaterThan((ended.playedMs / 1000 - 0.4) * WIRE_IN_HZ - 4 * CLOCK);
  await page.evaluate(() => clockwork.context.close());
});

test("what is said while the service goes away arrives over both connections, every sample once @exact", async ({ bench, page, simulator }, { testId, retry }) => {
  const run = `${testId}-${retry}`;
  const { endpoint } = await bench.options();
  await bench.connect({ endpoint: `${endpoint}/s/parrot%40${run}` });
  await useCounts(page);
  await page.evaluate(async () => {
    await open();
    await heard(10);
  });
  // Long enough for a machine that is late: what a connection takes at its very end may be lost with it.
  await simulator.pull((await simulator.ofRun(run))[0].id, "go-away", { timeLeft: "1.5s" });
  expect(await bench.until("resumed")).toMatchObject({ lostMs: 0 });
  await page.evaluate(() => heard(10));
  await bench.close();
  const parts = await Promise.all((await simulator.ofRun(run)).map(async ({ id }) => (await simulator.received(id)).samples));
  expect(parts).toHaveLength(2);
  const samples = Float32Array.from(parts.flatMap((part) => [...part])).map((sample) => Math.round(sample * 32_768));
  const found = stretches(samples);
  expect(found, JSON.stringify(found)).toHaveLength(1);
  await page.evaluate(() => clockwork.context.close());
});

test("of what is said to a page that is busy for three seconds nothing is lost, in the Worker and on the page @exact", async ({ bench, page, simulator }, { testId, retry }) => {
  const run = `${testId}-${retry}`;
  const { endpoint } = await bench.options();
  const options = await bench.options({ endpoint: `${endpoint}/s/parrot%40${run}`, config: MANUAL });
  await page.evaluate((given) => bench.connect({ ...given, runIn: "page" }), options);
  await useCounts(page);
  const left = await page.evaluate(async (given) => {
    // Of two sessions each has its own.
    const other = await bench.LiveSession.connect({ ...given, runIn: "worker" });
    await other.openMicrophone({ context: clockwork.context, capturePath: "track-processor", deviceId: "b" });
    await open();
    await heard(10);
    for (const end = performance.now() + 3_000; performance.now() < end; );
    // What waited for the page is taken one by one.
    await heard(160);
    await other.close();
    const left = [clockwork.live.join(), (await bench.stats()).captureSamplesLost, (await other.stats()).captureSamplesLost];
    await heard(10);
    return left;
  }, options);
  expect(left, "the other one's microphone, and no sample lost").toEqual(["a", 0, 0]);
  await bench.close();
  for (const { id } of await simulator.ofRun(run)) {
    const samples = (await simulator.received(id)).samples.map((sample) => Math.round(sample * 32_768));
    const found = stretches(samples);
    expect(found, JSON.stringify(found)).toHaveLength(1);
    expect(found[0].count, "samples").toBeGreaterThan(3 * WIRE_IN_HZ);
  }
  await page.evaluate(() => clockwork.context.close());
});

for (const runIn of ["worker", "page"]) {
  test(`wherever opening it ends, by a signal or an error, nothing is left on (${runIn})`, async ({ bench, page, simulator }) => {
    const codes = await page.evaluate(
      async ([given, past]) => {
        /** Connects with the microphone, while a function of the browser's is another. Answers how that ends, and how often it was called. */
        const connect = async (type, name, other, options) => {
          const original = type?.prototype[name];
          const stop = new AbortController();
          let calls = 0;
          if (type) {
            type.prototype[name] = function (...words) {
              calls++;
              return other.call(this, stop, () => original.apply(this, words));
            };
          }
          const { error } = await bench.attempt(() => bench.LiveSession.connect({ ...given, microphone: past, signal: stop.signal, ...options?.(stop) }));
          if (type) type.prototype[name] = original;
          return [name, error?.code, calls > 0 || !type];
        };
        const abortIn = (stop, answer) => setTimeout(() => stop.abort(), 50) && answer;
        const late = (stop, go) => abortIn(stop, new Promise((resolve) => setTimeout(resolve, 150)).then(go));
        const never = (stop) => abortIn(stop, new Promise(() => {}));
        const fail = () => {
          throw new DOMException("failed", "InvalidStateError");
        };
        const refuse = () => Promise.reject(new DOMException("failed", "AbortError"));
        return [
          await connect(MediaDevices, "getUserMedia", late),
          await connect(AudioWorklet, "addModule", never),
          await connect(AudioWorklet, "addModule", refuse),
          await connect(AudioContext, "createMediaStreamSource", fail),
          await connect(BaseAudioContext, "createAnalyser", fail),
          await connect(undefined, "token", undefined, (stop) => ({ token: () => never(stop) })),
        ];
      },
      [await bench.options({ runIn }), PAST],
    );
    expect(codes).toEqual([
      ["getUserMedia", "aborted", true],
      ["addModule", "aborted", true],
      ["addModule", "worklet-unavailable", true],
      ["createMediaStreamSource", "device-unavailable", true],
      ["createAnalyser", "unsupported", true],
      ["token", "aborted", true],
    ]);
    await expectNothingLeft(page, { simulator });
  });
}

test("a page that is left takes microphone, Worker and connection with it", async ({ bench, page, server, simulator }) => {
  await bench.connect();
  await bench.openMicrophone(PAST);
  const { id } = await simulator.latest();
  await expect.poll(async () => (await simulator.latest()).received.audio.samples).toBeGreaterThan(0);
  await page.goto(`${server}/tests/pages/bench.html`);
  await simulator.closed(id);
  await expect.poll(() => leftOf(page, simulator)).toEqual([]);
});
