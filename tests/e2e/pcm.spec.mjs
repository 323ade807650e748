/** The voice as samples, for recordings and mouths: what the service sent, where the ear is, and what is never heard. */
import { expect, test } from "./support/bench.mjs";
import { align, endOf, level } from "./support/sound.mjs";

const OUT_HZ = 24_000;
const FALL = 0.004 * OUT_HZ;

/** Runs in the page: listens from now on, and keeps what comes. */
async function listen() {
  const pcm = await bench.speaker.pcm();
  const kept = (globalThis.kept = { pcm, audio: [], cuts: [] });
  kept.over = (async () => {
    for await (const event of pcm) {
      (event.type === "audio" ? kept.audio : kept.cuts).push(event);
    }
  })();
}

/** What was kept, the samples as text on their way here: as numbers they would take seconds. */
async function kept(page) {
  const { audio, ...rest } = await page.evaluate(() => {
    const text = ({ buffer }) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
    const { audio, cuts, pcm } = globalThis.kept;
    return { audio: audio.map((event) => ({ ...event, samples: text(event.samples) })), cuts, stopped: pcm.stopped };
  });
  const samplesOf = (text) => new Int16Array(new Uint8Array(Buffer.from(text, "base64")).buffer);
  return { ...rest, audio: audio.map((event) => ({ ...event, samples: samplesOf(event.samples) })) };
}

/** The samples of a turn, as they were told. */
function said(audio, id) {
  return Float32Array.from(audio.filter(({ turnId }) => turnId === id).flatMap(({ samples }) => [...samples]), (sample) => sample / 32_768);
}

for (const headers of ["isolated", "plain"]) {
  test.describe(`${headers} headers`, () => {
    test.use({ headers });

    for (const runIn of ["worker", "page"]) {
      test(`who listens gets the answer as it was sent, and what of it is never heard (${runIn})`, async ({ bench, page }) => {
        await bench.connect({ runIn });
        await bench.openSpeaker(OUT_HZ, { jitterMs: 200, timeStretch: false });
        await page.evaluate(listen);
        await page.evaluate(() => bench.session.sendRealtimeInput({ text: "a sentence that takes its time to be said" }));
        await expect.poll(async () => (await bench.stats()).playbackSamplesPlayed).toBeGreaterThan(0.4 * OUT_HZ);
        await page.evaluate(() => bench.session.interrupt());
        await expect.poll(() => page.evaluate(() => globalThis.kept.cuts.length)).toBe(1);
        const { index } = await bench.until("playbackEnded");
        // On a machine that is late it may have come first.
        await bench.until("turnComplete");
        await page.evaluate(() => bench.session.sendRealtimeInput({ text: "well" }));
        await bench.until("playbackStarted", index);
        const next = await bench.until("playbackEnded", (await bench.until("playbackStarted", index)).index);
        const { audio, cuts, stopped } = await kept(page);
        const turns = await page.evaluate(() => bench.session.turns.filter(({ role }) => role === "model"));
        expect(stopped).toBe(false);
        // Each chunk follows the one before in its turn.
        for (const { id } of turns) {
          let at = 0;
          for (const { position, positionMs, samples } of audio.filter(({ turnId }) => turnId === id)) {
            expect([position, positionMs]).toEqual([at, at / 24]);
            at += samples.length;
          }
        }
        const sent = (await bench.simulator.sent((await bench.simulator.latest()).id)).samples;
        const [first, second] = turns.map(({ id }) => said(audio, id));
        expect(level(first), "it is speech").toBeGreaterThan(0.02);
        expect(first.findIndex((sample, at) => sample !== sent[at]), "a sample that is another").toBe(-1);
        expect(second.findIndex((sample, at) => sample !== sent.at(at - second.length))).toBe(-1);
        // What is never heard begins where the recording of the loudspeaker ends, and is what the turn says.
        expect(cuts).toEqual([{ type: "interrupted", turnId: turns[0].id, position: cuts[0].position, positionMs: cuts[0].position / 24 }]);
        expect(cuts[0].positionMs).toBeCloseTo(turns[0].playedMs, 2);
        const { samples } = await bench.recorded();
        expect(endOf(first, cuts[0].position, samples, { fall: FALL, silence: 1200 })).toEqual({ differs: 0, behind: 0 });
        const ear = await page.evaluate(() => kept.pcm.playback());
        expect(ear).toMatchObject({ turnId: turns[1].id });
        expect(ear.positionMs).toBeLessThanOrEqual(next.playedMs + 1);
        await page.evaluate(() => bench.speaker.stop());
        await page.evaluate(() => kept.over);
        expect(await page.evaluate(() => globalThis.kept.pcm.stopped), "it ends with its speaker").toBe(true);
        expect((await page.evaluate(() => bench.attempt(() => bench.speaker.pcm()))).error).toMatchObject({ code: "not-open" });
      });
    }
  });
}

test("the ear is where the loudspeaker is, the output's delay taken off where it is told", async ({ bench, page, browserName }) => {
  await bench.connect();
  await bench.openSpeaker(OUT_HZ, { jitterMs: 200, timeStretch: false });
  await page.evaluate(listen);
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "where is the ear in all of this that is being said to it, and how would one know that it is there" }));
  await bench.until("playbackStarted");
  // Each frame: where the ear is, and which sample the loudspeaker is at by the context's own clock.
  const looks = await page.evaluate(async (tellsLatency) => {
    const looks = [];
    let isOver = false;
    bench.until({ type: "playbackEnded" }).then(() => (isOver = true));
    while (looks.length < 40 && !isOver) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      const ear = kept.pcm.playback();
      const { currentTime } = bench.context;
      const { contextTime, performanceTime } = tellsLatency ? bench.context.getOutputTimestamp() : {};
      // WebKitGTK's is of another clock, and still to come.
      const isKnown = contextTime > 0 && performanceTime <= performance.now();
      const out = isKnown ? contextTime + (performance.now() - performanceTime) / 1000 : currentTime - (tellsLatency ? bench.context.outputLatency : 0);
      if (ear?.playing) looks.push({ ...ear, frame: bench.positionOf(Math.min(out, currentTime)) });
    }
    return looks;
  }, browserName !== "firefox");
  await bench.until("playbackEnded");
  const { audio } = await kept(page);
  const first = said(audio, looks[0].turnId);
  const { samples } = await bench.recorded();
  const { offset } = align(first.subarray(0, OUT_HZ / 2), samples);
  const errors = looks.map(({ position, frame }) => Math.abs(frame - offset - position)).sort((one, other) => one - other);
  // Two quanta: one that is being put out, and one that the report was of.
  expect(looks.length, "looks").toBeGreaterThan(5);
  expect(errors[looks.length >> 1], `samples: ${errors.join(" ")}`).toBeLessThanOrEqual(256);
});

test("another who listens takes the place of the one before, and who leaves the loop is told nothing more", async ({ bench, page }) => {
  await bench.connect();
  await bench.openSpeaker(OUT_HZ);
  await page.evaluate(listen);
  await page.evaluate(async () => {
    globalThis.first = kept;
    globalThis.other = await bench.speaker.pcm();
    await first.over;
  });
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "hello" }));
  const taken = await page.evaluate(async () => {
    for await (const { type } of other) return [type, first.pcm.stopped, first.audio.length];
  });
  expect(taken).toEqual(["audio", true, 0]);
  expect(await page.evaluate(() => other.stopped)).toBe(true);
});
