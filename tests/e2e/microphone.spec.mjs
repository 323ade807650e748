import { withMicrophone } from "./playwright.config.mjs";
import { RAW, expect, test } from "./support/bench.mjs";
import { SPEECH, stage } from "./support/scenes.mjs";

const sentence = stage("permission", 1, SPEECH, 2);

/** The person's answer to the question whether the page may listen. */
async function permit(page, server, setting) {
  const browser = await page.context().browser().newBrowserCDPSession();
  const { targetInfo } = await (await page.context().newCDPSession(page)).send("Target.getTargetInfo");
  await browser.send("Browser.setPermission", {
    origin: server,
    permission: { name: "microphone" },
    setting,
    browserContextId: targetInfo.browserContextId,
  });
}

test.describe("a person who is asked", () => {
  test.use({ launchOptions: withMicrophone(sentence, { grant: false }) });

  test("may deny the microphone, type instead, and grant it later", async ({ bench, page, server }) => {
    await permit(page, server, "denied");
    await bench.connect();
    const { error } = await page.evaluate((raw) => bench.openMicrophone(raw), RAW);
    expect(error).toMatchObject({ isLiveError: true, code: "permission-denied" });
    expect(error.remedy).toBeTruthy();
    expect(await page.evaluate(() => bench.session.state)).toBe("open");

    await page.evaluate(() => bench.session.sendRealtimeInput({ text: "hello" }));
    const typed = await bench.until("turnComplete");

    await permit(page, server, "granted");
    const { label, sampleRate } = await bench.openMicrophone();
    expect(label).not.toBe("");
    expect(sampleRate).toBeGreaterThan(0);
    await bench.until("inputTranscription", typed.index);
    expect((await bench.stats()).audioFramesSent).toBeGreaterThan(0);
  });
});

test("a microphone that is stopped is given back", async ({ bench, page }) => {
  await bench.connect();
  const ended = await page.evaluate(async (raw) => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: raw });
    const [track] = stream.getTracks();
    const own = await bench.session.openMicrophone({ stream });
    own.stop();
    const isLeftRunning = track.readyState === "live";
    track.stop();
    return { isLeftRunning };
  }, RAW);
  expect(ended.isLeftRunning, "a stream of the application's own").toBe(true);
});

test("a device that does not exist is device-not-found", async ({ bench, page }) => {
  await bench.connect();
  const { error } = await page.evaluate(() => bench.openMicrophone({ deviceId: "no-such-device" }));
  expect(error).toMatchObject({ isLiveError: true, code: "device-not-found" });
});

test("the level follows what is said", async ({ bench, page }) => {
  await bench.connect();
  await bench.openMicrophone(RAW);
  const loudest = await page.evaluate(async () => {
    let level = 0;
    while (level < 0.05) {
      await new Promise(requestAnimationFrame);
      level = Math.max(level, bench.microphone.level());
    }
    return level;
  });
  expect(loudest).toBeLessThanOrEqual(1);
});
