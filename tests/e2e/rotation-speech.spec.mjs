/** What the user says while the session goes over to another connection. */
import { RAW, expect, test } from "./support/bench.mjs";
import { SPEECH, stage } from "./support/scenes.mjs";
import { align, audible, level } from "./support/sound.mjs";

const WIRE_IN_HZ = 16_000;

// Words enough for both connections, however late on a busy machine the first is seen to have heard some.
test.use({ microphone: { wav: stage("speech", 1, SPEECH, 1.5) } });

for (const runIn of ["worker", "page"]) {
  /** Has `lever` pulled in the middle of what the user says. Resolves with what the microphone gave, and what of it came over each connection. */
  const speak = async ({ bench, simulator }, { testId, retry }, lever, takes) => {
    const run = `${testId}-${retry}`;
    const { endpoint } = await bench.options();
    await bench.connect({ endpoint: `${endpoint}/s/parrot%40${run}`, runIn });
    await bench.openMicrophone(RAW, WIRE_IN_HZ);
    const [{ id }] = await simulator.ofRun(run);
    const speechMs = async () => {
      const { start, end } = audible((await simulator.received(id)).samples);
      return ((end - start) / WIRE_IN_HZ) * 1000;
    };
    await expect.poll(speechMs, { intervals: [50] }).toBeGreaterThan(300);
    await simulator.pull(id, lever, takes);
    const { lostMs } = await bench.until("resumed");
    await expect.poll(async () => (await simulator.ofRun(run)).at(-1).received.audio.samples).toBeGreaterThan(WIRE_IN_HZ);
    await bench.close();
    const given = (await bench.overheard()).samples;
    const parts = await Promise.all((await simulator.ofRun(run)).map(async ({ id }) => (await simulator.received(id)).samples));
    expect(parts.map((part) => level(part) > 0.005), "both connections heard speech").toEqual([true, true]);
    return { given, parts, lostMs };
  };

  /** Where a part lies in what the microphone gave, every sample of it. */
  const place = (part, given) => {
    const { offset } = align(part, given);
    const expected = given.subarray(offset, offset + part.length);
    const wrong = part.filter((sample, at) => !(Math.abs(sample - expected[at]) <= 1.01 / 32768));
    expect(wrong.length, `of ${part.length} samples`).toBe(0);
    return offset;
  };

  test(`what is said while the service goes away arrives, every sample once and in order (${runIn}) @exact`, async ({ bench, simulator }, info) => {
    const { given, parts, lostMs } = await speak({ bench, simulator }, info, "go-away", { timeLeft: "1.5s" });
    place(Float32Array.from(parts.flatMap((part) => [...part])), given);
    expect(lostMs).toBe(0);
  });

  test(`what is said while the connection breaks arrives, but for what was under way (${runIn}) @exact`, async ({ bench, simulator }, info) => {
    const { given, parts } = await speak({ bench, simulator }, info, "cut");
    const [first, second] = parts.map((part) => place(part, given));
    // What a socket had taken when it broke has arrived or has not: nobody can know.
    expect(Math.abs(second - first - parts[0].length) / WIRE_IN_HZ, "seconds that are missing, or came twice").toBeLessThan(0.2);
  });
}
