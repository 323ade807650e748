// What the browser does to an open device by itself.

import { RAW, expect, test } from "./support/bench.mjs";
import { HEADERS, IN_CHROMIUM, forms } from "./support/forms.mjs";
import { expectNothingLeft } from "./support/leftovers.mjs";
import { SILENCE } from "./support/scenes.mjs";
import { align, audible, compare } from "./support/sound.mjs";

// Whoever spoke would interrupt the answers that are waited for.
test.use({ microphone: SILENCE });

/**
 * Lets the page see the context that the library makes, as `theirs`: the last one that was asked to run. While there is a
 * `call`, it runs when that is over, and not before: what a telephone does.
 */
function showContext(page) {
  return page.evaluate(() => {
    const { resume } = AudioContext.prototype;
    AudioContext.prototype.resume = function () {
      globalThis.theirs = this;
      const asked = () => resume.call(this);
      return globalThis.call ? globalThis.call.then(asked) : asked();
    };
    globalThis.ring = () => {
      globalThis.call = new Promise((over) => (globalThis.hangUp = over));
      return theirs.suspend();
    };
  });
}

for (const device of ["openSpeaker", "openMicrophone"]) {
  test(`sound that the browser takes away is told, and goes on by itself, which is told too (${device})`, async ({ bench, page }) => {
    await showContext(page);
    await bench.connect();
    expect(await page.evaluate(() => bench.session.audioState)).toBeUndefined();
    await page.evaluate(({ device, raw }) => bench.session[device](device === "openMicrophone" ? raw : {}), { device, raw: RAW });
    await expect.poll(() => page.evaluate(() => bench.session.audioState)).toBe("running");
    // One that starts slowly is taken for one that needs a touch.
    const before = (await bench.events("audioStateChange")).length;
    let index = (await bench.events()).length;
    for (let time = 0; time < 2; time++) {
      await page.evaluate(() => ring());
      ({ index } = await bench.until("audioStateChange", index, { state: "interrupted" }));
      expect(await page.evaluate(() => bench.session.audioState)).toBe("interrupted");
      await page.evaluate(() => hangUp());
      ({ index } = await bench.until("audioStateChange", index, { state: "running" }));
      expect(await page.evaluate(() => theirs.state)).toBe("running");
    }
    await bench.close();
    expect(await bench.events("audioStateChange"), "the end is none").toHaveLength(before + 4);
  });
}

test("a context of the application's own that it suspends stays so until it is asked otherwise", async ({ bench, page }) => {
  await bench.connect();
  await bench.openSpeaker();
  await page.evaluate(() => bench.context.suspend());
  await bench.until("audioStateChange", 0, { state: "interrupted" });
  await page.evaluate(() => window.dispatchEvent(new MouseEvent("click")));
  expect(await page.evaluate(() => bench.context.state)).toBe("suspended");
  await page.evaluate(() => bench.session.resumeAudio());
  expect(await page.evaluate(() => [bench.context.state, bench.session.audioState])).toEqual(["running", "running"]);
});

/** Says all at once, so that the speaker has it; which waits a little, since a machine may be late with what follows the first part. */
const JITTER_MS = 200;
const FAST = { name: "says-all-at-once", steps: [{ do: { pacing: { burst: 1_000 } } }] };
/** More than the ring holds, which is 5.5 s. */
const LONG = Array(4).fill("one two three four five").join(" ");

test("an answer that is interrupted for a moment goes on where it was, and not a sample is lost", { tag: "@exact" }, async ({ bench, page, simulator }) => {
  await simulator.addScript(FAST);
  await bench.connect({ model: `models/sim-${FAST.name}` });
  await bench.openSpeaker(24_000, { jitterMs: JITTER_MS, timeStretch: false });
  await page.evaluate((text) => bench.session.sendRealtimeInput({ text }), LONG);
  await bench.until("playbackStarted");
  await page.evaluate(async () => {
    const pass = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    await pass(300);
    await bench.context.suspend();
    await pass(1_000);
    await bench.session.resumeAudio();
  });
  await bench.until("playbackEnded");
  const { samples: sent } = await simulator.sent((await simulator.latest()).id);
  expect(sent.length / 24_000, "seconds of the answer").toBeGreaterThan(5.6);
  const { samples: played } = await bench.recorded();
  const { offset } = align(sent.subarray(0, 12_000), played);
  expect(compare(sent, played, offset, { ramp: 144, longest: 24_000 })).toMatchObject({ wrong: 0, gaps: [] });
  expect(await bench.stats()).toMatchObject({ playbackSamplesDiscarded: 0 });
});

// How long an answer is kept the session says, by what the speaker reports; that test before this has a suspended one in each engine.
test("a context that was suspended for longer plays no old answer, and the next one whole", { tag: ["@exact", IN_CHROMIUM] }, async ({ bench, page, simulator }) => {
  await simulator.addScript(FAST);
  await bench.connect({ model: `models/sim-${FAST.name}` });
  await bench.openSpeaker(24_000, { jitterMs: JITTER_MS, timeStretch: false });
  await page.evaluate((text) => bench.session.sendRealtimeInput({ text }), LONG);
  await bench.until("playbackStarted");
  await bench.until("generationComplete");
  const { playbackSamplesReceived: old } = await bench.stats();
  await page.evaluate(() => bench.context.suspend());
  const { samples: before } = await bench.recorded();
  const { index } = await bench.until("playbackEnded");
  await bench.until("warning", 0, { code: "no-speaker" });
  await page.evaluate(() => bench.session.resumeAudio());
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "six seven eight" }));
  await bench.until("playbackEnded", index + 1);
  const { samples: sent } = await simulator.sent((await simulator.latest()).id);
  const after = (await bench.recorded()).samples.subarray(before.length);
  const next = sent.subarray(old);
  const { offset } = align(next.subarray(0, 12_000), after);
  expect(compare(next, after, offset, { ramp: 144, longest: 24_000 })).toMatchObject({ wrong: 0, gaps: [] });
  expect(offset, "before it there is less than the fade, and silence").toBeGreaterThanOrEqual(0);
  const { start, end } = audible(after.subarray(0, offset));
  expect(end - start).toBeLessThan(0.02 * 24_000);
  const stats = await bench.stats();
  expect(stats.playbackSamplesPlayed + stats.playbackSamplesDiscarded).toBe(stats.playbackSamplesReceived);
  expect(stats.playbackSamplesDiscarded).toBeGreaterThan(24_000);
});

test("the screen stays on while the session is open, also after the page was hidden, and no longer", async ({ bench, page }) => {
  await page.evaluate(() => {
    globalThis.locks = [];
    // A browser without a screen has none to keep on.
    const request = async () => {
      const lock = { released: false, release: async () => void (lock.released = true) };
      locks.push(lock);
      return lock;
    };
    Object.defineProperty(navigator, "wakeLock", { value: { request }, configurable: true });
    globalThis.show = (state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    };
  });
  const held = () => page.evaluate(() => locks.map(({ released }) => !released));
  await bench.connect();
  await bench.close();
  expect(await held(), "unless it is wished").toEqual([]);
  await bench.connect({ wakeLock: true });
  await expect.poll(held).toEqual([true]);
  await page.evaluate(() => {
    locks[0].released = true;
    show("hidden");
  });
  expect(await held(), "a page that is hidden needs none").toEqual([false]);
  await page.evaluate(() => show("visible"));
  await expect.poll(held).toEqual([false, true]);
  await bench.close();
  await expect.poll(held).toEqual([false, false]);
  await page.evaluate(() => show("visible"));
  expect(await held()).toEqual([false, false]);
});

test("the system is told what the sound is for, unless the application has, and it is taken back", async ({ bench, page }) => {
  await page.evaluate(() => {
    Object.defineProperty(navigator, "audioSession", { value: { type: "auto" }, configurable: true });
  });
  const type = () => page.evaluate(() => navigator.audioSession.type);
  await bench.connect();
  await page.evaluate(() => bench.session.openSpeaker());
  expect(await type(), "heard though a switch says silent").toBe("playback");
  await page.evaluate((raw) => bench.session.openMicrophone(raw), RAW);
  expect(await type()).toBe("play-and-record");
  // The next session may be there before the last has gone.
  await page.evaluate(async (given) => {
    globalThis.next = await bench.LiveSession.connect({ ...given, speaker: true });
  }, await bench.options());
  expect(await type()).toBe("play-and-record");
  await bench.close();
  await expect.poll(() => page.evaluate(() => bench.session.speaker)).toBeUndefined();
  expect(await type(), "for the next one").not.toBe("auto");
  await page.evaluate(() => next.close());
  await expect.poll(type).toBe("auto");
  await page.evaluate(() => (navigator.audioSession.type = "ambient"));
  await bench.connect();
  await page.evaluate(() => bench.session.openSpeaker());
  expect(await type()).toBe("ambient");
  await bench.close();
  expect(await type()).toBe("ambient");
});

/** The worklets, of which the processor of a name throws in the first quantum in which it was asked to. */
async function failing(page, name) {
  return page.evaluate(async (name) => {
    const script = await (await fetch("/pkg/live-audio.js")).text();
    const fail = `
      let fails = false;
      const register = registerProcessor;
      registerProcessor = (name, Processor) => register(name, class extends Processor {
        constructor(options) {
          super(options);
          const { onmessage } = this.port;
          this.port.onmessage = (event) => event.data === "fail" ? (fails = true) : onmessage.call(this.port, event);
        }
        process(...given) {
          if (!fails) return super.process(...given);
          fails = false;
          throw new Error("failed");
        }
      });`;
    // The node as the page sees it: the last one that was made.
    globalThis.AudioWorkletNode = new Proxy(AudioWorkletNode, {
      construct(target, [context, kind, ...rest], as) {
        const node = Reflect.construct(target, [context, kind, ...rest], as);
        if (kind === name) globalThis.failing = node;
        return node;
      },
    });
    return `data:text/javascript,${encodeURIComponent(`{${fail}}\n${script}`)}`;
  }, name);
}

// What it takes over of a ring is in the ring, and elsewhere as well.
for (const { headers, tag } of forms("once", { headers: HEADERS })) {
  test.describe(`${headers} headers`, { tag }, () => {
    test.use({ headers });

    test("a processor that fails in the middle of an answer is rebuilt, and no word is lost; the second time its speaker ends", { tag: "@exact" }, async ({ bench, page, simulator, printed }) => {
      await simulator.addScript(FAST);
      await bench.connect({ model: `models/sim-${FAST.name}` });
      const workletUrl = await failing(page, "live-playback");
      await bench.openSpeaker(24_000, { timeStretch: false, workletUrl });
      await page.evaluate((text) => bench.session.sendRealtimeInput({ text }), "one two three four five");
      await bench.until("playbackStarted");
      await page.waitForTimeout(300);
      await page.evaluate(() => failing.port.postMessage("fail"));
      await bench.until("warning", 0, { code: "worklet-failed" });
      const { index } = await bench.until("playbackEnded");
      const { samples: sent } = await simulator.sent((await simulator.latest()).id);
      const { samples: played } = await bench.recorded();
      const { offset } = align(sent.subarray(0, 6_000), played);
      const { wrong, gaps } = compare(sent, played, offset, { ramp: 300, longest: 48_000 });
      expect({ wrong, gaps: gaps.length }).toEqual({ wrong: 0, gaps: 1 });
      const stats = await bench.stats();
      expect(stats).toMatchObject({ playbackSamplesDiscarded: 0 });
      await page.evaluate(() => failing.port.postMessage("fail"));
      await bench.until("warning", index, { code: "worklet-failed" });
      await expect.poll(() => page.evaluate(() => [bench.speaker.stopped, bench.session.state])).toEqual([true, "open"]);
      // Firefox prints what the processor threw; nothing else may be there.
      expect(printed.splice(0).filter((line) => !line.endsWith("failed"))).toEqual([]);
    });

    test("a processor that fails while somebody speaks is rebuilt, and goes on", async ({ bench, page, printed }) => {
      await bench.connect();
      const workletUrl = await failing(page, "live-capture");
      await page.evaluate((options) => bench.session.openMicrophone(options), { ...RAW, workletUrl });
      await expect.poll(async () => (await bench.stats()).audioFramesSent).toBeGreaterThan(5);
      await page.evaluate(() => failing.port.postMessage("fail"));
      await bench.until("warning", 0, { code: "worklet-failed" });
      const { audioFramesSent } = await bench.stats();
      await expect.poll(async () => (await bench.stats()).audioFramesSent).toBeGreaterThan(audioFramesSent + 20);
      expect(printed.splice(0).filter((line) => !line.endsWith("failed"))).toEqual([]);
    });
  });
}

for (const device of ["openSpeaker", "openMicrophone"]) {
  test(`a processor that fails and cannot be rebuilt ends its device (${device})`, async ({ bench, page, printed }) => {
    await bench.connect();
    await page.evaluate(
      async ({ device, raw }) => {
        const own = leftovers.own(new AudioContext());
        const options = { context: own, workletUrl: "/tests/pages/broken.js", ...(device === "openMicrophone" && raw) };
        bench.own = own;
        bench.broken = await bench.session[device](options);
      },
      { device, raw: RAW },
    );
    await bench.until("warning", 0, { code: "worklet-failed" });
    await expect.poll(() => page.evaluate(() => bench.broken.stopped), "another of its kind is not there").toBe(true);
    expect(await page.evaluate(() => bench.session.state)).toBe("open");
    await page.evaluate(async () => {
      bench.broken.stop();
      await bench.own.close();
    });
    // Firefox prints what the processor threw; nothing else may be there.
    expect(printed.splice(0).filter((line) => line !== "uncaught: broken")).toEqual([]);
  });
}

test("a processor whose place is taken too late ends its device, and nothing takes its place", { tag: IN_CHROMIUM }, async ({ bench, page, printed }) => {
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route("**/live-devices.js", (route) => held.then(() => route.continue()));
  await bench.connect();
  const workletUrl = await failing(page, "live-playback");
  await page.evaluate(async (workletUrl) => {
    const { disconnect } = AudioNode.prototype;
    globalThis.left = new Set();
    AudioNode.prototype.disconnect = function (...from) {
      left.add(this);
      disconnect.apply(this, from);
    };
    bench.own = leftovers.own(new AudioContext());
    bench.speaker = await bench.session.openSpeaker({ context: bench.own, workletUrl });
    globalThis.first = failing;
    failing.port.postMessage("fail");
  }, workletUrl);
  await expect.poll(() => page.evaluate(() => bench.speaker.stopped)).toBe(true);
  letGo();
  await expect.poll(() => page.evaluate(() => [failing !== first, left.has(failing)]), "another, that is left").toEqual([true, true]);
  await bench.close();
  await expectNothingLeft(page);
  await page.evaluate(() => bench.own.close());
  expect(printed.splice(0).filter((line) => !line.endsWith("failed"))).toEqual([]);
});

test("a microphone that is denied while the context still waits for a click rejects once, and nothing else does", async ({ bench, page }) => {
  await bench.connect();
  const { code, stray } = await page.evaluate(async () => {
    const stray = [];
    addEventListener("unhandledrejection", ({ reason }) => stray.push(String(reason)));
    // What a browser does that has seen no click: the context waits, and its promise is rejected when it is closed.
    AudioContext.prototype.resume = function () {
      return new Promise((_, reject) => {
        this.addEventListener("statechange", () => this.state === "closed" && reject(new DOMException("closed", "InvalidStateError")));
      });
    };
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    const { error } = await bench.attempt(() => bench.session.openMicrophone());
    await bench.session.close();
    // Unhandled rejections are told behind the tasks of the turn.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { code: error.code, stray };
  });
  // Nobody has denied it for good, where the browser can be asked that.
  expect(code).toMatch(/^permission-d(enied|ismissed)$/);
  expect(stray).toEqual([]);
});
