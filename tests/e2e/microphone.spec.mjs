import { RAW, expect, test } from "./support/bench.mjs";
import { HEADERS, IN_CHROMIUM, forms } from "./support/forms.mjs";
import { leftOf } from "./support/leftovers.mjs";
import { align, level } from "./support/sound.mjs";

const WIRE_IN_HZ = 16_000;

test("a microphone that is stopped is given back, and the session goes on", async ({ bench, page }) => {
  await bench.connect({ runIn: "page" });
  const before = await leftOf(page);
  await bench.openMicrophone();
  const isOn = async () => (await leftOf(page)).some((line) => line.startsWith("MediaStreamTrack"));
  expect(await isOn()).toBe(true);
  await page.evaluate(() => bench.microphone.stop());
  // Whether it may be opened again is told from here on.
  await expect.poll(() => leftOf(page), "what the session had without it").toEqual([...before, "listener: 1 for a permission"]);
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

test("the analyser is there for a spectrum, and the level stays right whatever is looked at with it", async ({ bench, page }) => {
  await bench.connect();
  const measured = await page.evaluate(async () => {
    const { Clockwork } = await import("/tests/pages/clockwork.js");
    const { context } = new Clockwork();
    const microphone = await bench.session.openMicrophone({ context, deviceId: "c" });
    const ear = microphone.analyser;
    // Of its second's worth, the half second in which it rises to its peak.
    while (microphone.peak() < 0.9) await new Promise(requestAnimationFrame);
    const levels = [microphone.level()];
    for (const fftSize of [256, 8192]) {
      ear.fftSize = fftSize;
      levels.push(microphone.level());
    }
    const spectrum = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(spectrum);
    microphone.stop();
    const stopped = [microphone.analyser, microphone.peak(), microphone.settings.deviceId];
    await context.close();
    return { levels, loudest: Math.max(...spectrum), stopped };
  });
  for (const level of measured.levels) expect(level).toBeGreaterThan(0.5);
  expect(measured.loudest).toBeGreaterThan(-30);
  expect(measured.stopped).toEqual([undefined, 0, undefined]);
});

test("another of the browser's own microphones takes over, and comes back", async ({ bench, page, sound }) => {
  const takeOut = await sound?.plugIn();
  try {
    await bench.connect();
    await bench.openMicrophone();
    const labels = await page.evaluate(async () => {
      const known = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "audioinput");
      const { deviceId, groupId } = bench.microphone.settings;
      // In Firefox all are of one group.
      const isOther = (one) => one.label === "Other" || (one.deviceId !== "default" && one.groupId !== groupId);
      const other = known.find(isOther);
      const labels = [other.label, bench.microphone.label];
      for (const device of [other.deviceId, deviceId]) {
        await bench.microphone.setDevice(device);
        labels.push(bench.microphone.label);
      }
      return labels;
    });
    const [other, first] = labels;
    expect(labels).toEqual([other, first, other, first]);
    expect(other).not.toBe(first);
    const before = (await bench.stats()).audioFramesSent;
    await expect.poll(async () => (await bench.stats()).audioFramesSent).toBeGreaterThan(before + 10);
    expect((await leftOf(page)).filter((line) => line.startsWith("MediaStreamTrack"))).toHaveLength(1);
  } finally {
    await takeOut?.();
  }
});

test("the system's own default is followed when the user chooses another, and when it is unplugged", async ({ bench, page, sound }) => {
  // Chromium's devices are its own invention, and so is which is the default: `switching.spec.mjs` has what it tells.
  if (!sound) return;
  const takeOut = await sound.plugIn();
  let plugIn;
  try {
    await bench.connect();
    const { label } = await bench.openMicrophone();
    await sound.choose("other");
    const chosen = await bench.until("deviceChange");
    expect(chosen).toMatchObject({ reason: "default", label: "Other" });
    await sound.choose("microphone");
    const back = await bench.until("deviceChange", chosen.index + 1);
    expect(back).toMatchObject({ reason: "default", label });
    plugIn = await sound.unplug();
    expect((await bench.until("deviceChange", back.index + 1)).label).not.toBe(label);
    const before = (await bench.stats()).audioFramesSent;
    await expect.poll(async () => (await bench.stats()).audioFramesSent).toBeGreaterThan(before + 10);
  } finally {
    await plugIn?.();
    await takeOut();
  }
});

// What is cut into frames comes out of either ring, in order: conversation.spec.mjs has both of them in every browser.
for (const { headers, frameMs, tag } of forms("pairs", { headers: HEADERS, frameMs: [10, 100] })) {
  test.describe(`${headers} headers`, () => {
    test.use({ headers });

    test(`a message holds ${frameMs} ms of the microphone if it is to, and no sample is another`, { tag }, async ({ bench }) => {
      await bench.connect({ frameMs });
      await bench.openMicrophone(RAW, WIRE_IN_HZ);
      await bench.until("inputTranscription");
      await bench.close();
      const { id } = await bench.simulator.latest();
      const { received } = await bench.simulator.audio(id);
      // What the microphone had begun when it was closed goes out too.
      const lengths = received.frames.slice(0, -1).map(([, , samples]) => samples);
      expect(lengths.length).toBeGreaterThan(3);
      expect([...new Set(lengths)]).toEqual([(frameMs / 1000) * WIRE_IN_HZ]);
      const { samples: arrived } = await bench.simulator.received(id);
      const { samples: given } = await bench.overheard();
      expect(level(arrived), "it is speech").toBeGreaterThan(0.02);
      const { offset } = align(arrived, given);
      const wrong = arrived.filter((sample, at) => !(Math.abs(sample - given[offset + at]) <= 1.01 / 32768));
      expect(wrong.length, `of ${arrived.length} samples`).toBe(0);
    });
  });
}

test("a frame of any other length is refused", { tag: IN_CHROMIUM }, async ({ bench }) => {
  for (const frameMs of [9, 101, 0, -20]) {
    const { error } = await bench.tryToConnect({ frameMs });
    expect(error).toMatchObject({ isLiveError: true, code: "invalid-option", field: "frameMs" });
  }
});
