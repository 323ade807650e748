/** A Worker that is slow, silent or dead: the page keeps its word for it. */
import { expect, test } from "./support/bench.mjs";

/** Makes the page's next Workers into ones of which nothing is heard, from the start or once they are ready. */
const replace = (page, script) =>
  page.addInitScript((source) => {
    const Real = globalThis.Worker;
    globalThis.Worker = function (url, options) {
      if (!source) return (globalThis.lastWorker = new Real(url, options));
      return (globalThis.lastWorker = new Real(URL.createObjectURL(new Blob([source], { type: "text/javascript" }))));
    };
  }, script);

const HANGING = "addEventListener('message', () => {});";
const SILENT = "addEventListener('message', ({ data: { port } }) => port.postMessage([0, 0, '']));";

/** The same page, with that in place. */
async function afresh(bench, page) {
  await page.reload();
  await page.waitForFunction(() => globalThis.bench);
  return bench;
}

/** Begins to connect, and aborts so much later: the answer does not wait for the Worker. */
async function expectAbort(bench, page, afterMs) {
  const options = await bench.options({ connectTimeoutMs: 60_000 });
  const outcome = await page.evaluate(async ([given, ms]) => {
    const stop = new AbortController();
    const connecting = bench.connect({ ...given, signal: stop.signal });
    setTimeout(() => stop.abort(), ms);
    return Promise.race([connecting, new Promise((resolve) => setTimeout(resolve, 2000, "nothing"))]);
  }, [options, afterMs]);
  expect(outcome.error).toMatchObject({ isLiveError: true, code: "aborted" });
}

test("a Worker that does not start is done without in time, with a warning", { tag: "@loading" }, async ({ bench, page }) => {
  await replace(page, HANGING);
  await afresh(bench, page);
  const outcome = await bench.connect({ connectTimeoutMs: 4000 });
  expect(outcome).toEqual({ state: "open", runsIn: "page" });
  expect(await bench.until("warning", 0, { code: "worker-unavailable" })).toMatchObject({ field: "runIn" });
});

test("a signal aborts at once while the Worker starts", async ({ bench, page }) => {
  await replace(page, HANGING);
  await afresh(bench, page);
  await expectAbort(bench, page, 20);
});

test("a Worker that falls silent is a timeout, and an abort does not wait for it", async ({ bench, page }) => {
  await replace(page, SILENT);
  await afresh(bench, page);
  const { error } = await bench.tryToConnect({ connectTimeoutMs: 1500 });
  expect(error).toMatchObject({ isLiveError: true, code: "timeout", retryable: true });
  await expectAbort(bench, page, 200);
});

test("a Worker that dies without a word: close is an end all the same", { tag: "@devices" }, async ({ bench, page, mayLeave }) => {
  expect(mayLeave).toEqual([]);
  await replace(page, "");
  await afresh(bench, page);
  await bench.connect();
  await bench.openMicrophone();
  await page.evaluate(() => globalThis.lastWorker.terminate());
  await bench.close();
  expect((await bench.until("loopEnded")).error).toBeUndefined();
  expect(await page.evaluate(() => bench.session.state)).toBe("closed");
  const { error } = await page.evaluate(() => bench.attempt(() => bench.session.sendRealtimeInput({ text: "late" })));
  expect(error).toMatchObject({ isLiveError: true, code: "not-open" });
});

test("a Worker that dies without a word is noticed by itself", async ({ bench, page }) => {
  await page.clock.install();
  await replace(page, "");
  await afresh(bench, page);
  await bench.connect();
  await bench.openMicrophone();
  await page.evaluate(() => globalThis.lastWorker.terminate());
  // The page asks it every four seconds, sooner where it has not answered, and gives it time to.
  await page.clock.runFor(12_500);
  const { error } = await bench.until("loopEnded");
  expect(error).toMatchObject({ isLiveError: true, code: "internal" });
  expect(await page.evaluate(() => bench.microphone.stopped)).toBe(true);
});

test("a Worker that fails while the user is asked for the microphone is done without", async ({ bench, page }) => {
  await replace(page, "");
  await page.addInitScript(() => {
    // Firefox runs this on its blank page too, which may use no devices.
    if (!navigator.mediaDevices) return;
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const asked = new Promise((resolve) => (globalThis.consent = resolve));
    navigator.mediaDevices.getUserMedia = (wanted) => asked.then(() => ask(wanted));
  });
  await afresh(bench, page);
  const outcome = await page.evaluate(async (given) => {
    const connecting = bench.connect(given);
    while (!globalThis.lastWorker) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 1000)); // It has long been ready.
    globalThis.lastWorker.dispatchEvent(new ErrorEvent("error", { message: "late", cancelable: true }));
    globalThis.lastWorker.terminate();
    globalThis.consent();
    return connecting;
  }, await bench.options({ microphone: true }));
  expect(outcome.error).toBeUndefined();
  expect(outcome.value).toMatchObject({ state: "open", runsIn: "page" });
});

test("a Worker that crashes is told once, with what it said", async ({ bench, page }) => {
  await replace(page, "");
  await afresh(bench, page);
  await bench.connect();
  await page.evaluate(() => {
    globalThis.ends = [];
    bench.session.on("closed", (event) => globalThis.ends.push(event.error));
    for (const message of ["first words", "second words"]) {
      globalThis.lastWorker.dispatchEvent(new ErrorEvent("error", { message, cancelable: true }));
    }
  });
  const { error } = await bench.until("loopEnded");
  expect(error).toMatchObject({ isLiveError: true, code: "internal" });
  expect(error.message).toContain("first words");
  const ends = await page.evaluate(() => globalThis.ends);
  expect(ends).toHaveLength(1);
});

for (const [what, end] of Object.entries({
  crashes: () => globalThis.lastWorker.dispatchEvent(new ErrorEvent("error", { message: "crash", cancelable: true })),
  "dies without a word": () => (globalThis.lastWorker.terminate(), bench.session.close()),
})) {
  test(`a Worker that ${what} while it waits for a token: nobody is asked for it any longer`, async ({ bench, page }) => {
    await replace(page, "");
    await afresh(bench, page);
    const steps = [{ on: { connection: 1, after: "0.5s" }, do: "cut" }];
    await bench.simulator.addScript({ name: "cut-for-a-token", summary: "a cut", steps });
    const { endpoint } = await bench.options();
    await page.evaluate((given) => {
      const first = fetch("/token", { method: "POST" }).then((answer) => answer.json());
      globalThis.asked = [];
      const token = (signal) => (globalThis.asked.push(signal) === 1 ? first : new Promise(() => {}));
      return bench.connect({ ...given, token });
    }, await bench.options({ endpoint: `${endpoint}/s/cut-for-a-token` }));
    const aborted = () => page.evaluate(() => globalThis.asked.map(({ aborted }) => aborted));
    await expect.poll(aborted).toEqual([false, false]);
    await page.evaluate(end);
    await bench.until("closed");
    await expect.poll(aborted).toEqual([false, true]);
  });
}

test("what is asked of a Worker costs no memory that is never given back", async ({ bench, page }) => {
  await page.addInitScript(() => {
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (...words) => {
      const instance = await instantiate(...words);
      globalThis.wasmMemory = Object.values(instance.exports).find((one) => one instanceof WebAssembly.Memory);
      return instance;
    };
  });
  await afresh(bench, page);
  await bench.connect();
  const grown = await page.evaluate(async () => {
    const memory = globalThis.wasmMemory;
    const ask = async (times) => {
      for (let time = 0; time < times; time++) await bench.session.stats();
    };
    await ask(500);
    const before = memory.buffer.byteLength;
    await ask(4000);
    return memory.buffer.byteLength - before;
  });
  expect(grown).toBeLessThanOrEqual(65_536);
});
