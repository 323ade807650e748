// What the browser does to an open device by itself.

import { RAW, expect, test } from "./support/bench.mjs";

/** Lets the page see the context that the library makes: the last one that was asked to run. */
function showContext(page) {
  return page.evaluate(() => {
    const { resume } = AudioContext.prototype;
    AudioContext.prototype.resume = function () {
      globalThis.theirs = this;
      return resume.call(this);
    };
  });
}

for (const device of ["openSpeaker", "openMicrophone"]) {
  test(`sound that the browser takes away is said once each time, and none of it when the session ends (${device})`, async ({ bench, page }) => {
    await showContext(page);
    await bench.connect();
    await page.evaluate(
      async ({ device, raw }) => {
        await bench.session[device](device === "openMicrophone" ? raw : {});
        await theirs.suspend();
      },
      { device, raw: RAW },
    );
    const { index } = await bench.until("warning", 0, { code: "audio-interrupted" });
    await page.evaluate(async () => {
      // Two changes in one turn are told as one.
      const changed = new Promise((resolve) => theirs.addEventListener("statechange", resolve, { once: true }));
      await theirs.resume();
      await changed;
      await theirs.suspend();
    });
    await bench.until("warning", index + 1, { code: "audio-interrupted" });
    await page.evaluate(() => theirs.resume());
    await bench.close();
    expect(await bench.events("warning")).toHaveLength(2);
  });
}

for (const device of ["openSpeaker", "openMicrophone"]) {
  test(`a processor that fails is said to be silent (${device})`, async ({ bench, page, printed }) => {
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
    expect(await page.evaluate(() => bench.session.state)).toBe("open");
    await page.evaluate(async () => {
      bench.broken.stop();
      await bench.own.close();
    });
    // Firefox prints what the processor threw; nothing else may be there.
    expect(printed.splice(0).filter((line) => line !== "uncaught: broken")).toEqual([]);
  });
}

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
  expect(code).toBe("permission-denied");
  expect(stray).toEqual([]);
});
