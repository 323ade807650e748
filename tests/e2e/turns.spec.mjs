/** The turns of a conversation: what the page is told of them, wherever the session runs, and what of them was heard. */
import { CONFIG, WRITTEN, expect, test } from "./support/bench.mjs";
import { HOSTS, IN_CHROMIUM, forms } from "./support/forms.mjs";
import { PHRASE, RATE, SPEECH } from "./support/scenes.mjs";
import { level } from "./support/sound.mjs";

const WIRE_IN_HZ = 16_000;
const OUT_HZ = 24_000;

// How turns are kept is the session's. Of the engine's are the reports of what was heard, which come by the same way from each host.
const FORMS = forms("once", { runIn: HOSTS });

for (const { runIn, tag } of FORMS) {
  test(`turns and history are on the page, with the session in the ${runIn}`, { tag }, async ({ bench, page }) => {
    await bench.connect({ runIn, ...WRITTEN });
    await page.evaluate(() => bench.session.sendRealtimeInput({ text: "good evening" }));
    const { index } = await bench.until("turnComplete");
    await bench.until("turn", index);
    const answer = (await bench.events("text")).map(({ text }) => text).join("");
    const { turns, history } = await page.evaluate(() => ({ turns: bench.session.turns, history: bench.session.history() }));
    expect(turns).toMatchObject([
      { id: 1, role: "user", text: "good evening", final: true, complete: true, interrupted: false },
      { id: 2, role: "model", text: answer, final: true, complete: true, interrupted: false },
    ]);
    expect(history).toEqual([
      { role: "user", parts: [{ text: "good evening" }] },
      { role: "model", parts: [{ text: answer }] },
    ]);
    const told = (await bench.events("turn")).map(({ turn }) => turn);
    expect(told.at(-1), "the last event has what the list has").toEqual(turns.at(-1));
  });
}

test("turns of another session begin with the history of one", { tag: IN_CHROMIUM }, async ({ bench, page }) => {
  await bench.connect(WRITTEN);
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "good evening" }));
  await bench.until("turnComplete");
  await page.evaluate(() => (globalThis.history_ = bench.session.history()));
  await bench.close();
  await bench.connect(WRITTEN);
  const carried = await page.evaluate(() => {
    bench.session.sendClientContent({ turns: history_, turnComplete: false });
    return history_.length;
  });
  await expect.poll(() => page.evaluate(() => bench.session.history().length)).toBe(carried);
  expect(await page.evaluate(() => JSON.stringify(bench.session.history()) === JSON.stringify(history_))).toBe(true);
});

test("no turn is told of where none are wanted", { tag: IN_CHROMIUM }, async ({ bench, page }) => {
  await bench.connect({ ...WRITTEN, turns: 0 });
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "hello" }));
  await bench.until("turnComplete");
  expect(await bench.events("turn")).toEqual([]);
  expect(await page.evaluate(() => bench.session.turns)).toEqual([]);
});

test("what was not heard of an interrupted answer is not in the history", async ({ bench, page }) => {
  await bench.connect();
  await bench.openSpeaker(OUT_HZ);
  await bench.openStage();
  await bench.say(SPEECH, RATE);
  await expect.poll(async () => (await bench.stats()).playbackSamplesPlayed).toBeGreaterThan(0.5 * OUT_HZ);
  await bench.say(SPEECH, RATE);
  const { index, playedMs } = await bench.until("interrupted");
  await bench.until("turn", index);
  const turns = await page.evaluate(() => bench.session.turns);
  const cut = turns.find((turn) => turn.interrupted);
  expect(cut).toMatchObject({ role: "model", complete: true });
  expect(cut.playedMs).toBeCloseTo(playedMs, 0);
  expect(cut.heard.length).toBeLessThan(cut.text.length);
  expect(cut.text.startsWith(cut.heard)).toBe(true);
  const said = await page.evaluate(() => bench.session.history().filter(({ role }) => role === "model").map(({ parts }) => parts[0].text));
  expect(said).not.toContain(cut.text);
});

/** How long something is heard, whatever is silent in between. */
function audibleMs(samples) {
  const block = OUT_HZ / 200;
  let blocks = 0;
  for (let at = 0; at < samples.length; at += block) blocks += level(samples.subarray(at, at + block)) > 1e-4;
  return blocks * 5;
}

/** How an answer's connection is left in the middle of it, and why that is said to be. */
const CUTS = {
  "whose connection breaks": { cause: "network", lever: "cut" },
  "whose service goes away": { cause: "go-away", lever: { goAway: { timeLeft: "200ms" } } },
};

for (const { runIn, tag } of FORMS) {
  for (const [what, { cause, lever }] of Object.entries(CUTS)) {
    test(`an answer ${what} is cut short in the turns, and heard as far as it had come (${runIn})`, { tag }, async ({ bench, page, simulator }, { testId, retry }) => {
      const name = what.replaceAll(" ", "-");
      await simulator.addScript({ name, summary: what, steps: [{ on: { connection: 1, audioPart: 6 }, do: lever }] });
      const { endpoint } = await bench.options();
      const run = `${testId}-${retry}`;
      await bench.connect({ endpoint: `${endpoint}/s/${name}%40${run}`, runIn });
      await bench.openSpeaker(OUT_HZ);
      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "one two three four five six seven eight nine ten eleven twelve thirteen" }));
      const { index } = await bench.until("resumed");
      expect((await bench.events("reconnecting"))[0].cause).toBe(cause);
      const words = (await bench.events("outputTranscription")).map(({ text }) => text).join("");
      const first = (await bench.events("turn")).map(({ turn }) => turn).find(({ interrupted }) => interrupted);
      expect(first, "told at once").toMatchObject({ role: "model", text: words.trim(), final: true, complete: true });
      expect(first.heard.length, "it comes faster than it is played").toBeLessThan(first.text.length);

      await bench.until("playbackEnded");
      // Where the service is slow, what it sent last comes after a silence that looks like the end.
      await expect.poll(async () => {
        const { playbackSamplesPlayed } = await bench.stats();
        await page.waitForTimeout(600);
        return (await bench.stats()).playbackSamplesPlayed - playbackSamplesPlayed;
      }).toBe(0);
      const { turns, history } = await page.evaluate(() => ({ turns: bench.session.turns, history: bench.session.history() }));
      const [, cut] = turns;
      expect(cut).toMatchObject({ id: first.id, text: first.text, interrupted: true });
      const [{ id }] = await simulator.ofRun(run);
      const sent = (await simulator.sent(id)).samples;
      const sentMs = (sent.length / OUT_HZ) * 1000;
      expect(cut.playedMs).toBeGreaterThan(0);
      expect(cut.playedMs).toBeLessThan(sentMs + 1);
      // By the sound alone: how much was under way when the connection was left, nobody here knows.
      const { samples } = await bench.recorded();
      const told = audibleMs(sent.subarray(0, (cut.playedMs * OUT_HZ) / 1000));
      expect(Math.abs(audibleMs(samples) - told), `of ${told} ms`).toBeLessThan(60);
      expect(cut.text.startsWith(cut.heard)).toBe(true);
      expect(cut.heard.length).toBeGreaterThan(first.heard.length);
      expect(history.map(({ parts }) => parts[0].text)).toEqual([expect.stringContaining("one two"), cut.heard]);

      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "fourteen" }));
      await bench.until("turnComplete", index);
      const after = await page.evaluate(() => bench.session.turns);
      expect(after.map(({ role, interrupted }) => [role, interrupted])).toEqual([["user", false], ["model", true], ["user", false], ["model", false]]);
      expect(after[1], "what is over stays as it was").toEqual(cut);
    });
  }
}

test("interrupt() silences the answer at once and for good; the next is heard", async ({ bench, page }) => {
  await bench.connect();
  await bench.openSpeaker(OUT_HZ);
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "a rather long sentence that takes its time to be said aloud" }));
  await expect.poll(async () => (await bench.stats()).playbackSamplesPlayed).toBeGreaterThan(0.3 * OUT_HZ);
  await page.evaluate(() => bench.session.interrupt());
  const silenced = await bench.until("playbackEnded");
  const { index } = await bench.until("turnComplete", silenced.index);
  expect(silenced.playedMs).toBeGreaterThan(0);
  const cut = await page.evaluate(() => bench.session.turns.find(({ interrupted }) => interrupted));
  expect(cut).toMatchObject({ role: "model", complete: true });
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "hello" }));
  const second = await bench.until("playbackStarted", index);
  await bench.until("playbackEnded", second.index);
  const { samples } = await bench.recorded();
  const hush = silenced.frame + 0.15 * OUT_HZ;
  const pause = samples.subarray(hush, Math.max(hush, second.frame - 0.15 * OUT_HZ));
  expect(level(pause), "nothing is heard between the two").toBeLessThan(1e-4);
});

test("a turn detection is its fields in the setup, and what the config says itself is said", { tag: IN_CHROMIUM }, async ({ bench }) => {
  const automaticActivityDetection = { silenceDurationMs: 1200 };
  await bench.connect({ ...WRITTEN, turnDetection: "patient", config: { ...WRITTEN.config, realtimeInputConfig: { automaticActivityDetection } } });
  await bench.close();
  const { id } = await bench.simulator.latest();
  const [{ message }] = await bench.simulator.messages(id);
  expect(message.setup.realtimeInputConfig).toEqual({
    automaticActivityDetection: {
      startOfSpeechSensitivity: "START_SENSITIVITY_HIGH",
      endOfSpeechSensitivity: "END_SENSITIVITY_LOW",
      prefixPaddingMs: 20,
      silenceDurationMs: 1200,
    },
  });
  const manual = { automaticActivityDetection: { disabled: true } };
  const refused = await bench.tryToConnect({ turnDetection: "quick", config: { ...CONFIG, realtimeInputConfig: manual } });
  expect(refused.error).toMatchObject({
    code: "invalid-config",
    field: "realtimeInputConfig.automaticActivityDetection.disabled",
  });
  const unknown = await bench.tryToConnect({ turnDetection: "slow" });
  expect(unknown.error).toMatchObject({ code: "invalid-option", field: "turnDetection" });
});

for (const { runIn, tag } of FORMS) {
  test(`push-to-talk sends what was said from a moment before the press to the release, in the ${runIn}`, { tag }, async ({ bench, page }) => {
    const realtimeInputConfig = { automaticActivityDetection: { disabled: true } };
    await bench.connect({ runIn, pushToTalk: true, preRollMs: 100, config: { ...CONFIG, realtimeInputConfig } });
    await bench.openStage();
    await expect.poll(() => page.evaluate(() => bench.microphone.stopped)).toBe(false);
    expect((await bench.stats()).audioFramesSent, "before the press").toBe(0);
    await page.evaluate(() => bench.session.startTalking());
    await bench.say(PHRASE, RATE);
    await bench.until("userSpeechStart");
    await bench.until("userSpeechEnd");
    await page.evaluate(() => bench.session.stopTalking());
    await bench.until("turnComplete");
    const [question] = await page.evaluate(() => bench.session.turns);
    expect(question.role).toBe("user");
    const sent = (await bench.stats()).audioFramesSent;
    // All that was said; of the silence around it Firefox's stage gives nothing.
    const { received } = await bench.simulator.latest();
    expect(received.audio.samples).toBeGreaterThanOrEqual((PHRASE.length / RATE) * WIRE_IN_HZ);
    // Nothing leaves after the release.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
    expect((await bench.stats()).audioFramesSent).toBe(sent);
  });

  test(`the usage is summed and priced, and a budget ends the session, in the ${runIn}`, { tag }, async ({ bench, page }) => {
    const prices = { prompt: { TEXT: 1e6, AUDIO: 1e6 }, response: { TEXT: 1e6, AUDIO: 1e6 } };
    await bench.connect({ runIn, ...WRITTEN, prices });
    for (const text of ["one", "two"]) {
      const from = (await bench.events()).length;
      await page.evaluate((typed) => bench.session.sendRealtimeInput({ text: typed }), text);
      await bench.until("turnComplete", from);
    }
    const told = await bench.events("usageMetadata");
    const total = told.reduce((sum, { totalTokenCount = 0 }) => sum + totalTokenCount, 0);
    expect(total).toBeGreaterThan(0);
    const usage = await page.evaluate(() => bench.session.usage);
    expect(usage.totalTokenCount).toBe(total);
    expect(usage.cost).toBeGreaterThan(0);
    await bench.close();

    await bench.connect({ runIn, ...WRITTEN, budget: { tokens: 1 } });
    await page.evaluate(() => bench.session.sendRealtimeInput({ text: "one" }));
    await expect.poll(() => page.evaluate(() => bench.session.state)).toBe("closed");
    expect((await bench.events("closed")).at(-1).error.code).toBe("budget-exhausted");
  });
}
