import { expect, test } from "./support/bench.mjs";

/** Real time is not what these tests are about: the service is played by the test itself, on the page. */
const OPTIONS = { runIn: "page", token: "auth_tokens/none", endpoint: "wss://service.test" };

/** A service that accepts every setup, says its `greeting`, and gives `answer` frames to every text. */
async function playService(page, answer, { greeting = [], answersClose = true } = {}) {
  await page.routeWebSocket(/service\.test/, (socket) => {
    const send = (frame) => socket.send(JSON.stringify(frame));
    if (!answersClose) socket.onClose(() => {});
    socket.onMessage((text) => {
      const { setup, realtimeInput } = JSON.parse(text);
      if (setup) [{ setupComplete: {} }, ...greeting].forEach(send);
      if (realtimeInput?.text) answer(realtimeInput.text).forEach(send);
    });
  });
  // Only sockets of a page that was loaded since are played.
  await page.reload();
  await page.waitForFunction(() => globalThis.bench);
}

const parts = (list) => ({ serverContent: { modelTurn: { parts: list } } });
const sound = (data) => ({ inlineData: { mimeType: "audio/pcm;rate=24000", data } });
const COMPLETE = { serverContent: { generationComplete: true, turnComplete: true } };

/** So many seconds of a quiet tone, in base64. */
function tone(seconds) {
  const samples = Int16Array.from({ length: 24_000 * seconds }, (_, i) => 3000 * Math.sin(i / 10));
  return Buffer.from(samples.buffer).toString("base64");
}

async function say(page, text) {
  await page.evaluate((words) => bench.session.sendRealtimeInput({ text: words }), text);
}

test("a frame of ten thousand parts that cannot be played costs one warning, and the session goes on", async ({ bench, page }) => {
  await playService(page, (text) =>
    text === "go on" ? [parts([sound(tone(0.5))]), COMPLETE] : [parts(Array(10_000).fill(sound("!"))), COMPLETE],
  );
  await bench.connect(OPTIONS);
  await bench.openSpeaker();
  await say(page, "now");
  await bench.until("turnComplete");
  expect((await bench.events("warning")).map(({ code }) => code)).toEqual(["malformed-audio"]);
  await say(page, "go on");
  await bench.until("playbackEnded");
  expect((await bench.stats()).playbackSamplesPlayed).toBe(12_000);
  expect(await page.evaluate(() => bench.session.state)).toBe("open");
});

test("sound beyond the bound of what may wait costs one warning, and the session goes on", async ({ bench, page }) => {
  const minute = parts([sound(tone(60))]);
  await playService(page, () => [...Array(8).fill(minute), COMPLETE]);
  await bench.connect(OPTIONS);
  await bench.openSpeaker();
  await say(page, "now");
  await bench.until("turnComplete");
  expect((await bench.events("warning")).map(({ code }) => code)).toEqual(["playback-overflow"]);
  expect(await page.evaluate(() => bench.session.state)).toBe("open");
});

test("an address that the page's policy forbids is refused at once, by that name", { tag: "@socket" }, async ({ bench, page, server, printed }) => {
  const policy = `connect-src ${server}/pkg/ ${server}/config.json`;
  await page.route("**/bench.html", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
  await page.reload();
  await page.waitForFunction(() => globalThis.bench);
  const started = Date.now();
  const { error } = await bench.tryToConnect({ runIn: "page", token: "auth_tokens/none" });
  // The deadline of `connect`, which it must not wait for, is 15 s.
  expect(Date.now() - started).toBeLessThan(10_000);
  expect(error).toMatchObject({ isLiveError: true, code: "network", field: "endpoint" });
  expect(error.remedy).toContain("connect-src");
  // The browser tells of the violation itself, and Firefox of what was not caught a little later.
  await expect.poll(() => printed.some((line) => line.includes("connect-src"))).toBe(true);
  await page.waitForTimeout(300);
  printed.length = 0;
});

test("what the service says before there is a speaker is played when there is one", { tag: "@audio" }, async ({ bench, page }) => {
  const half = parts([sound(tone(0.5))]);
  await playService(page, () => [], { greeting: [half, half, COMPLETE] });
  await bench.connect(OPTIONS);
  await bench.until("turnComplete");
  await bench.openSpeaker();
  await bench.until("playbackEnded");
  const stats = await bench.stats();
  expect([stats.playbackSamplesPlayed, stats.playbackSamplesDiscarded]).toEqual([24_000, 0]);
  expect(await bench.events("warning")).toEqual([]);
});

test("nothing is heard of an interrupted answer, and all of the next one", { tag: "@audio" }, async ({ bench, page }) => {
  const INTERRUPTED = { serverContent: { interrupted: true } };
  const answers = {
    one: [parts([sound(tone(5))])],
    two: [INTERRUPTED, parts([sound(tone(5))]), { serverContent: { turnComplete: true } }, parts([sound(tone(0.5))]), COMPLETE],
  };
  await playService(page, (text) => answers[text]);
  await bench.connect(OPTIONS);
  await bench.openSpeaker();
  await say(page, "one");
  await bench.until("playbackStarted");
  await say(page, "two");
  const { index } = await bench.until("interrupted");
  const ended = await bench.until("playbackEnded", index);
  expect(ended.playedMs).toBe(500);
  const { playbackSamplesDiscarded: discarded, playbackSamplesPlayed: played } = await bench.stats();
  expect(discarded, "what came late, and the rest of what was interrupted").toBeGreaterThan(120_000);
  expect(discarded + played, "of all that came").toBe(120_000 + 120_000 + 12_000);
});

test("who closes a session hears no more of it, though the service does not answer the close", { tag: "@audio" }, async ({ bench, page }) => {
  await playService(page, () => [parts([sound(tone(5))])], { answersClose: false });
  await bench.connect(OPTIONS);
  await bench.openSpeaker();
  await say(page, "now");
  await bench.until("playbackStarted");
  const { before, after } = await page.evaluate(async () => {
    const closed = bench.session.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = (await bench.session.stats()).playbackSamplesPlayed;
    await closed;
    return { before, after: (await bench.session.stats()).playbackSamplesPlayed };
  });
  expect(after).toBe(before);
});
