/** Another microphone in the middle of a conversation: what arrives, and what is left on. */
import { expect, test } from "./support/bench.mjs";
import { FORMS, ROUND, SEAM, arrived, useClockwork } from "./support/clockwork.mjs";
import { expectNothingLeft } from "./support/leftovers.mjs";

test.beforeEach(async ({ bench, page }) => {
  await bench.connect();
  await useClockwork(page);
});

test.afterEach(({ page }) => page.evaluate(() => clockwork.context.close()));

/** Every sample is the one that was due, of one device after the other; in between no more than a seam. */
function expectWhole(samples, ...devices) {
  // Before the devices began to count.
  let at = samples.findIndex((sample) => sample !== 0);
  const first = Array.from({ length: ROUND }, (_, index) => FORMS[devices[0]](index + 1)).indexOf(samples[at]);
  const begun = at - first;
  const due = (device, index) => FORMS[device](((((index - begun) % ROUND) + ROUND) % ROUND) + 1);
  for (const [turn, device] of devices.entries()) {
    const from = at;
    while (at < samples.length && samples[at] === due(device, at)) at++;
    expect(at - from, `samples of ${device}, without a gap`).toBeGreaterThan(ROUND / 10);
    const next = devices[turn + 1];
    // Whoever stops in the middle of a word is followed by silence.
    if (!next) return expect(samples.subarray(at).findIndex((sample) => sample !== 0), "a sample that nobody knows").toBe(-1);
    const seam = at;
    while (samples[at] !== due(next, at)) {
      // From one to the other in a straight line, on the same clock.
      const share = (at - seam + 1) / SEAM;
      const mixed = due(device, at) * (1 - share) + due(next, at) * share;
      expect(Math.abs(samples[at] - mixed), `sample ${at - seam} of the seam`).toBeLessThan((2 * 32_768) / SEAM);
      at++;
    }
    expect(at - seam, "samples of the seam").toBeLessThanOrEqual(SEAM);
  }
}

test("not a sample is missing or sent twice where another microphone takes over @exact", async ({ bench, page, simulator }) => {
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
  const stats = await bench.stats();
  expect(stats).toMatchObject({ captureSamplesLost: 0, audioFramesDropped: 0 });
  expectWhole(await arrived(bench, simulator), "a", "b", "c", "a");
  await expectNothingLeft(page, { simulator });
  expect(await page.evaluate(() => clockwork.live)).toEqual(["c"]);
});

test("a microphone that cannot be had leaves the one before as it was @exact", async ({ bench, page, simulator }) => {
  const errors = await page.evaluate(async () => {
    const errors = [];
    await open();
    await spoken(300);
    for (const [name, message] of [["NotReadableError", ""], ["OverconstrainedError", ""], ["NotAllowedError", ""]]) {
      clockwork.consent.b = Promise.reject(new DOMException(message, name));
      errors.push((await change("b")).error.code);
    }
    const [video] = document.createElement("canvas").captureStream().getTracks();
    const ended = clockwork.stream("b");
    ended.getTracks()[0].stop();
    for (const device of [video, new MediaStream([video]), {}, ended, ended.getTracks()[0]]) errors.push((await change(device)).error.code);
    video.stop();
    await spoken(300);
    return errors;
  });
  expect(errors).toEqual([
    "device-unavailable", "device-not-found", expect.stringMatching(/^permission-/),
    "invalid-option", "invalid-option", "invalid-option", "device-unavailable", "device-unavailable",
  ]);
  expect(await page.evaluate(() => [clockwork.live, bench.microphone.stopped])).toEqual([["a"], false]);
  expectWhole(await arrived(bench, simulator), "a");
});

test("of two microphones that are chosen at once the later is heard, however late consent comes for the earlier @exact", async ({ bench, page, simulator }) => {
  const outcome = await page.evaluate(async () => {
    await open();
    await spoken(300);
    let consent;
    clockwork.consent.b = new Promise((resolve) => (consent = resolve));
    const earlier = change("b");
    const { error } = await change("c");
    await spoken(300);
    consent();
    return { later: error?.code, earlier: (await earlier).error.code, live: clockwork.live };
  });
  expect(outcome).toEqual({ later: undefined, earlier: "aborted", live: ["c"] });
  expectWhole(await arrived(bench, simulator), "a", "c");
  expect(await page.evaluate(() => clockwork.live)).toEqual([]);
});

for (const end of ["microphone.stop", "session.close", "session.free"]) {
  test(`consent to another microphone that comes after ${end}() switches nothing on`, async ({ page, simulator, bench }) => {
    const outcome = await page.evaluate(async (path) => {
      await open();
      let consent;
      clockwork.consent.b = new Promise((resolve) => (consent = resolve));
      const changing = change("b");
      // Now it is asked for.
      await spoken(0);
      const [owner, method] = path.split(".");
      const ended = bench[owner][method]();
      await spoken(0);
      const live = clockwork.live;
      consent();
      const { error } = await changing;
      await ended;
      return { live, code: error.code, after: clockwork.live, asked: clockwork.tracks.length, again: (await change("c")).error.code };
    }, end);
    expect(outcome).toEqual({ live: [], code: "not-open", after: [], asked: 2, again: "not-open" });
    await bench.close();
    await expectNothingLeft(page, { simulator });
  });
}

test("another microphone is as muted as the one before, and stops with the same handle", async ({ bench, page, simulator }) => {
  const outcome = await page.evaluate(async () => {
    await open();
    bench.microphone.mute();
    await change("b");
    await spoken(300);
    const { muted } = bench.microphone;
    bench.microphone.unmute();
    await spoken(500);
    bench.microphone.stop();
    return { muted, live: clockwork.live };
  });
  expect(outcome).toEqual({ muted: true, live: [] });
  const samples = await arrived(bench, simulator);
  const heard = samples.findIndex((sample) => sample < 0);
  // The silence that ends a sentence: nothing of `b` that came while it was muted, let alone its seam.
  expect(samples[heard - 1] ?? 0).toBe(0);
  expectWhole(samples.subarray(heard), "b");
});

test("a track of the application's own is heard and left to it", async ({ bench, page, simulator }) => {
  const outcome = await page.evaluate(async () => {
    const [track] = clockwork.stream("b").getTracks();
    const { error } = await bench.attempt(() => open({ track, stream: clockwork.stream("c"), deviceId: "a" }));
    await spoken(300);
    bench.microphone.stop();
    return { error, live: track.readyState };
  });
  expect(outcome).toEqual({ error: undefined, live: "live" });
  expectWhole(await arrived(bench, simulator), "b");
});

for (const hasStandardId of [true, false]) {
  const how = hasStandardId ? "by an id of its own" : "as the first of all";
  test(`another default device is heard and told (${how}) @exact`, async ({ bench, page, simulator }) => {
    await page.evaluate(async (has) => {
      clockwork.hasStandardId = has;
      await open();
      await spoken(300);
      clockwork.choose("b");
    }, hasStandardId);
    const event = await bench.until("deviceChange");
    await page.evaluate(async () => {
      // Another device that comes or goes is nothing to the one that is heard.
      clockwork.gone.add("c");
      clockwork.choose("b");
      await spoken(300);
    });
    const id = hasStandardId ? "default" : "b";
    const name = hasStandardId ? "Default - b" : "b";
    expect(event).toMatchObject({ reason: "default", label: name, deviceId: id });
    expect(await page.evaluate(() => [bench.microphone.label, bench.microphone.settings.deviceId, clockwork.live])).toEqual([name, id, ["b"]]);
    expect(await bench.events("deviceChange")).toHaveLength(1);
    expectWhole(await arrived(bench, simulator), "a", "b");
    await expectNothingLeft(page, { simulator });
  });
}

test("a device that was named, given or not to be followed stays, whatever the default is", async ({ bench, page }) => {
  const stays = await page.evaluate(async () => {
    const live = [];
    for (const options of [() => ({ deviceId: "a" }), () => ({ stream: clockwork.stream("a") }), () => ({ followDefault: false })]) {
      clockwork.standard = "a";
      await open(options());
      clockwork.choose("b");
      await spoken(200);
      live.push(clockwork.live.join());
      bench.microphone.stop();
      clockwork.tracks.forEach(({ track }) => track.stop());
    }
    return live;
  });
  expect(stays).toEqual(["a", "a", "a"]);
  expect(await bench.events("deviceChange")).toEqual([]);
});

test("the default device takes the place of one that is unplugged, and nothing does of one that was chosen", async ({ bench, page, simulator }) => {
  await page.evaluate(async () => {
    await open();
    await spoken(300);
    clockwork.standard = "b";
    clockwork.unplug("a");
  });
  expect(await bench.until("deviceChange")).toMatchObject({ reason: "ended", label: "Default - b" });
  expect(await page.evaluate(() => [bench.microphone.stopped, clockwork.live])).toEqual([false, ["b"]]);

  await page.evaluate(async () => {
    await change("c");
    clockwork.unplug("c");
  });
  await bench.until("warning", 0, { code: "microphone-ended" });
  expect(await page.evaluate(() => [bench.microphone.stopped, clockwork.live])).toEqual([true, []]);
  expect(await page.evaluate(() => bench.session.state)).toBe("open");
  expect((await bench.events("deviceChange")).map(({ reason }) => reason)).toEqual(["ended", "chosen"]);
  await bench.close();
  await expectNothingLeft(page, { simulator });
});

test("where no other device is left the microphone is stopped, and told to be gone once", async ({ bench, page }) => {
  await page.evaluate(async () => {
    await open();
    for (const name of ["b", "c"]) clockwork.gone.add(name);
    clockwork.unplug("a");
  });
  const { message } = await bench.until("warning", 0, { code: "microphone-ended" });
  expect(message).toMatch(/No other could take its place: There is no such microphone\.$/);
  await page.evaluate(() => spoken(100));
  expect(await page.evaluate(() => bench.microphone.stopped)).toBe(true);
  expect(await bench.events("warning")).toHaveLength(1);
});

test("a user who takes back consent is not asked again unasked", async ({ bench, page }) => {
  const asked = await page.evaluate(async () => {
    navigator.permissions.query = async () => Object.assign(new EventTarget(), { state: "prompt" });
    await open();
    const [{ track }] = clockwork.tracks;
    track.stop();
    track.dispatchEvent(new Event("ended"));
    await bench.until({ type: "warning", code: "microphone-ended" });
    return clockwork.tracks.length;
  });
  expect(asked).toBe(1);
});

test("a choice that fails after the device before was unplugged leaves the default, and none where that is not wanted", async ({ bench, page }) => {
  const refuse = async (options) => {
    await page.evaluate(async (given) => {
      clockwork.standard = "a";
      clockwork.gone.clear();
      await open(given);
      let refuse;
      clockwork.consent.b = new Promise((_, reject) => (refuse = reject));
      const changing = change("b");
      await spoken(0);
      clockwork.standard = "c";
      clockwork.unplug("a");
      await spoken(100);
      refuse(new DOMException("", "NotReadableError"));
      await changing;
    }, options);
  };
  await refuse({});
  expect(await bench.until("deviceChange")).toMatchObject({ reason: "ended", label: "Default - c" });
  await refuse({ followDefault: false });
  await bench.until("warning", 0, { code: "microphone-ended" });
  expect(await page.evaluate(() => [bench.microphone.stopped, clockwork.live])).toEqual([true, []]);
});

test("a microphone that its own switch or the system mutes is told, and so is the next that is not", async ({ bench, page }) => {
  await page.evaluate(async () => {
    await open();
    const [{ track }] = clockwork.tracks;
    for (const is of [true, false, true]) {
      Object.defineProperty(track, "muted", { value: is, configurable: true });
      track.dispatchEvent(new Event(is ? "mute" : "unmute"));
    }
    await change("b");
  });
  await bench.until("deviceChange");
  expect((await bench.events("deviceMute")).map(({ muted }) => muted)).toEqual([true, false, true, false]);
  expect(await page.evaluate(() => bench.microphone.muted)).toBe(false);
});

test("who speaks into a muted microphone is told, and nothing of it arrives", async ({ bench, page, simulator }) => {
  await page.evaluate(async () => {
    await open();
    bench.microphone.mute();
  });
  await bench.until("speechWhileMuted");
  const samples = await arrived(bench, simulator);
  // All that is heard is what came before it was muted.
  expect(samples.filter((sample) => sample !== 0).length).toBeLessThan(ROUND);
});
