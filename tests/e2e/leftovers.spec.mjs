import { RAW, expect, test } from "./support/bench.mjs";
import { expectNothingLeft, leftOf } from "./support/leftovers.mjs";

/** Ways to leave something on: what is done, what is said to be left, and the way to end it. */
const LEAKS = [
  {
    what: "a microphone",
    leak: (raw) => navigator.mediaDevices.getUserMedia({ audio: raw }).then((stream) => (globalThis.leak = stream)),
    said: /^MediaStreamTrack: audio ./,
    mend: () => globalThis.leak.getTracks().forEach((track) => track.stop()),
  },
  {
    what: "a copy of a microphone's track",
    leak: async (raw) => {
      const [track] = (await navigator.mediaDevices.getUserMedia({ audio: raw })).getTracks();
      globalThis.leak = track.clone();
      track.stop();
    },
    said: /^MediaStreamTrack: clone/,
    mend: () => globalThis.leak.stop(),
  },
  {
    what: "an audio context",
    leak: () => void (globalThis.leak = new AudioContext()),
    said: /^AudioContext: $/,
    mend: () => globalThis.leak.close(),
  },
  {
    what: "a Worker",
    leak: () => void (globalThis.leak = new Worker("/tests/pages/idle.js")),
    said: /^Worker: .*idle\.js$/,
    mend: () => globalThis.leak.terminate(),
  },
  {
    what: "a socket",
    leak: async () => {
      const { endpoint } = await (await fetch("/config.json")).json();
      globalThis.leak = new WebSocket(`${endpoint}/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContent?key=secret`);
      await new Promise((resolve) => (globalThis.leak.onopen = resolve));
    },
    said: /^WebSocket: [^?]*BidiGenerateContent$/,
    mend: () => globalThis.leak.close(),
  },
  {
    what: "an ear for the network",
    leak: () => addEventListener("offline", (globalThis.leak = () => {})),
    said: /^listener: 1 for offline$/,
    mend: () => removeEventListener("offline", globalThis.leak),
  },
  {
    what: "a processor in a context of the application's own",
    leak: async () => {
      const context = leftovers.own(new AudioContext());
      await context.audioWorklet.addModule("/tests/pages/idle.js");
      globalThis.leak = new AudioWorkletNode(context, "idle");
      globalThis.leak.connect(context.destination);
    },
    said: /^processor: idle$/,
    mend: () => globalThis.leak.port.postMessage("end"),
  },
];

for (const { what, leak, said, mend } of LEAKS) {
  test(`${what} that is left on is found, and gone once it is given back`, async ({ bench, page }) => {
    await page.evaluate(leak, RAW);
    await expect.poll(() => leftOf(page)).toEqual([expect.stringMatching(said)]);
    await expect(expectNothingLeft(page, { timeout: 300 })).rejects.toThrow(/what is left on/);
    await page.evaluate(mend);
    await expectNothingLeft(page, bench);
  });
}

test("a session that is open is found in all its parts", async ({ bench, page, simulator }) => {
  await bench.connect();
  await bench.openMicrophone();
  await bench.openSpeaker();
  const kinds = async () => (await leftOf(page, simulator)).map((line) => line.split(":")[0]).sort();
  // A processor runs from its first quantum on.
  await expect.poll(kinds).toEqual([
    "AudioContext", "MediaStreamTrack", "Worker", "connection", "listener", "listener", "processor", "processor",
  ]);
});

test("a session on the page hears of the network and of sleep for as long as it lasts", async ({ bench, page }) => {
  await bench.connect({ runIn: "page" });
  const ears = async () => (await leftOf(page)).filter((line) => line.startsWith("listener")).sort();
  expect(await ears()).toEqual(["listener: 1 for offline", "listener: 1 for online", "listener: 1 for resume"]);
  await bench.close();
  expect(await ears()).toEqual([]);
});

test.describe("after the test", () => {
  test.fail("a device that is left on fails it", async ({ bench, page }) => {
    await page.evaluate(LEAKS[0].leak, RAW);
    expect(bench.session).toBeUndefined();
  });
});
