import { RAW, expect, test } from "./support/bench.mjs";
import { leftOf } from "./support/leftovers.mjs";

test("a microphone that is stopped is given back, and the session goes on", async ({ bench, page }) => {
  await bench.connect({ runIn: "page" });
  const before = await leftOf(page);
  await bench.openMicrophone();
  const isOn = async () => (await leftOf(page)).some((line) => line.startsWith("MediaStreamTrack"));
  expect(await isOn()).toBe(true);
  await page.evaluate(() => bench.microphone.stop());
  await expect.poll(() => leftOf(page), "what the session had without it").toEqual(before);
  expect(await page.evaluate(() => bench.session.state)).toBe("open");
});

test("a stream of the application's own is left to it, and nothing else is made of it", async ({ bench, page }) => {
  await bench.connect();
  const isLeftRunning = await page.evaluate(async (raw) => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: raw });
    const [track] = stream.getTracks();
    const own = await bench.session.openMicrophone({ stream });
    own.stop();
    const isLive = track.readyState === "live";
    track.stop();
    return isLive;
  }, RAW);
  expect(isLeftRunning).toBe(true);
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
