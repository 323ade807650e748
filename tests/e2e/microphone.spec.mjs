import { RAW, expect, test } from "./support/bench.mjs";

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
