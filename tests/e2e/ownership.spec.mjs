/** Who ends what: a session and its devices live until they are ended, not until they are forgotten. */
import { RAW, expect, test } from "./support/bench.mjs";
import { expectNothingLeft, leftOf } from "./support/leftovers.mjs";
import { SILENCE } from "./support/scenes.mjs";
import { audible } from "./support/sound.mjs";

// Whoever spoke would interrupt the answers that are waited for.
test.use({ microphone: SILENCE });

/** Collects garbage until what is to be collected is: what one round frees may be what held something else. */
async function collect(page) {
  for (let round = 0; round < 5; round++) {
    await page.requestGC();
    await page.waitForTimeout(20);
  }
}

const kinds = async (page, simulator) => (await leftOf(page, simulator)).map((line) => line.split(":")[0]);

for (const runIn of ["worker", "page"]) {
  test.describe(`session in the ${runIn}`, () => {
    test("a session that is only listened to outlives its handle, and the server's close ends all of it", async ({ bench, page, simulator }) => {
      // Opened first: some devices take longer than this session lasts.
      const options = await bench.options({ runIn, model: "models/sim-go-away", resumption: false, speaker: true, microphone: RAW });
      await page.evaluate(async (given) => {
        globalThis.heard = [];
        // In a function of its own, and the listener without the session: nothing here holds it.
        const begin = async () => {
          const session = await bench.LiveSession.connect(given);
          session.on("*", (event) => globalThis.heard.push(event.type));
        };
        await begin();
      }, options);
      await collect(page);
      expect(await kinds(page), "the session goes on").toContain("MediaStreamTrack");
      await expect.poll(() => page.evaluate(() => globalThis.heard.at(-1)), { timeout: 10_000 }).toBe("closed");
      await expectNothingLeft(page, { simulator });
    });

    test("devices run on when their handles are forgotten, and end with the session", async ({ bench, page, simulator }) => {
      await bench.connect({ runIn });
      await page.evaluate(async (raw) => {
        await bench.session.openMicrophone(raw);
        await bench.session.openSpeaker();
      }, RAW);
      await collect(page);
      const before = (await bench.stats()).audioFramesSent;
      await expect.poll(async () => (await bench.stats()).audioFramesSent).toBeGreaterThan(before);
      expect(await page.evaluate(() => [bench.session.microphone.stopped, bench.session.speaker.stopped])).toEqual([false, false]);
      await bench.close();
      expect(await page.evaluate(() => [bench.session.microphone, bench.session.speaker])).toEqual([undefined, undefined]);
      await expectNothingLeft(page, { simulator });
    });

    test("of two microphones or speakers at once the later stays, and nothing is left of the earlier", async ({ bench, page, simulator }) => {
      await bench.connect({ runIn });
      const stopped = await page.evaluate(async (raw) => {
        const session = bench.session;
        const microphones = await Promise.all([session.openMicrophone(raw), session.openMicrophone(raw)]);
        const speakers = await Promise.all([session.openSpeaker(), session.openSpeaker()]);
        // Stopping one that was superseded is nothing to its successor.
        microphones[0].stop();
        speakers[0].stop();
        return [...microphones, ...speakers].map((device) => device.stopped);
      }, RAW);
      expect(stopped).toEqual([true, false, true, false]);
      await expect.poll(async () => (await kinds(page)).filter((kind) => kind === "MediaStreamTrack" || kind === "processor"))
        .toEqual(["MediaStreamTrack", "processor", "processor"]);
      const before = (await bench.stats()).audioFramesSent;
      await expect.poll(async () => (await bench.stats()).audioFramesSent).toBeGreaterThan(before + 10);
      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "hello" }));
      await bench.until("playbackEnded");
      await bench.close();
      await expectNothingLeft(page, { simulator });
    });

    test("a speaker that cannot be opened leaves the one before as it was", async ({ bench, page }) => {
      await bench.connect({ runIn });
      await bench.openSpeaker();
      const { error } = await page.evaluate(() =>
        bench.attempt(async () => {
          const foreign = leftovers.own(new AudioContext());
          await bench.session.openSpeaker({ destination: foreign.destination }).finally(() => foreign.close());
        }),
      );
      expect(error).toMatchObject({ isLiveError: true, code: "device-unavailable" });
      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "hello" }));
      await bench.until("playbackEnded");
      expect(await page.evaluate(() => bench.speaker.stopped)).toBe(false);
    });

    for (const way of ["free", "dispose"]) {
      test(`${way} ends what it is called on`, async ({ bench, page, simulator }) => {
        await bench.connect({ runIn });
        await bench.openMicrophone();
        await page.evaluate(() => bench.session.openSpeaker().then((speaker) => (bench.speaker = speaker)));
        const end = (name) =>
          page.evaluate(([which, how]) => bench[which][how === "free" ? "free" : Symbol.dispose](), [name, way]);
        await end("microphone");
        await end("speaker");
        await expect.poll(() => kinds(page)).not.toContain("MediaStreamTrack");
        await expect.poll(() => kinds(page)).not.toContain("AudioContext");
        await end("session");
        await bench.until("loopEnded");
        // What is asked of it afterwards is answered in words.
        const after = await page.evaluate(() => bench.attempt(() => bench.session.sendRealtimeInput({ text: "late" })));
        expect(after.error).toMatchObject({ isLiveError: true, code: "not-open" });
        expect(await page.evaluate(() => [bench.microphone.stopped, bench.microphone.level()])).toEqual([true, 0]);
        await end("microphone");
        await expectNothingLeft(page, { simulator });
      });
    }

    test("devices that connect was asked for are open with it, and a denied one fails it whole", async ({ bench, page, simulator }) => {
      const outcome = await page.evaluate((given) => bench.connect(given), await bench.options({ runIn, speaker: true, microphone: RAW }));
      expect(outcome.error).toBeUndefined();
      expect(await page.evaluate(() => [bench.session.microphone.stopped, bench.session.speaker.stopped])).toEqual([false, false]);
      await expect.poll(async () => (await bench.stats()).audioFramesSent).toBeGreaterThan(0);
      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "hello" }));
      await bench.until("playbackEnded");
      await bench.close();
      await expectNothingLeft(page, { simulator });

      const before = (await simulator.connections()).length;
      const refused = await bench.tryToConnect({ runIn, speaker: true, microphone: { deviceId: "no-such-device" } });
      expect(refused.error).toMatchObject({ isLiveError: true, code: "device-not-found" });
      expect((await simulator.connections()).length, "the service was not dialled").toBe(before);
      await expectNothingLeft(page, { simulator });
    });
  });
}

test("consent that comes when nobody waits any more switches nothing on", async ({ bench, page }) => {
  await bench.connect();
  const { error, state } = await page.evaluate(async (raw) => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    let consent;
    const asked = new Promise((resolve) => (consent = resolve));
    navigator.mediaDevices.getUserMedia = (wanted) => asked.then(() => ask(wanted)).then((stream) => (globalThis.late = stream));
    const opening = bench.attempt(() => bench.session.openMicrophone(raw));
    await bench.session.close();
    consent();
    const { error } = await opening;
    return { error, state: globalThis.late.getTracks()[0].readyState };
  }, RAW);
  expect(error).toMatchObject({ isLiveError: true, code: "not-open" });
  expect(state).toBe("ended");
});

test("nothing is opened any more once the end is wished, though the end takes its time", async ({ bench, page }) => {
  await bench.connect();
  const outcome = await page.evaluate(async (raw) => {
    const state = () => bench.session.state;
    const closing = bench.session.close();
    const before = state();
    const [microphone, speaker] = await Promise.all([
      bench.attempt(() => bench.session.openMicrophone(raw)),
      bench.attempt(() => bench.session.openSpeaker()),
    ]);
    await closing;
    return { before, codes: [microphone.error?.code, speaker.error?.code], after: state() };
  }, RAW);
  expect(outcome).toEqual({ before: "open", codes: ["not-open", "not-open"], after: "closed" });
});

test("a device that cannot be had fails connect at once, whatever the user is being asked", async ({ bench, page }) => {
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
  });
  // For both: the microphone's own script would bring the speaker's processor as well.
  const { error } = await bench.tryToConnect({ workletUrl: "/tests/pages/recorder.js", speaker: true, microphone: true });
  expect(error).toMatchObject({ isLiveError: true, code: "worklet-unavailable" });
});

test("a context that is closed opens no device", async ({ bench, page }) => {
  await bench.connect();
  const codes = await page.evaluate(async (raw) => {
    const context = leftovers.own(new AudioContext());
    await context.close();
    const opened = [bench.attempt(() => bench.session.openSpeaker({ context })), bench.attempt(() => bench.session.openMicrophone({ ...raw, context }))];
    return (await Promise.all(opened)).map(({ error }) => error?.code);
  }, RAW);
  expect(codes).toEqual(["unsupported", "unsupported"]);
});

test("a signal aborts a connect that waits for consent, and consent is then too late", async ({ bench, page }) => {
  const state = await page.evaluate(async ({ given, raw }) => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    let consent;
    const asked = new Promise((resolve) => (consent = resolve));
    const stop = new AbortController();
    navigator.mediaDevices.getUserMedia = (wanted) => {
      setTimeout(() => stop.abort());
      return asked.then(() => ask(wanted)).then((stream) => (globalThis.late = stream));
    };
    const connecting = bench.attempt(() => bench.LiveSession.connect({ ...given, signal: stop.signal, microphone: raw }));
    const { error } = await connecting;
    consent();
    while (globalThis.late?.getTracks()[0].readyState !== "ended") await new Promise((resolve) => setTimeout(resolve, 5));
    return error.code;
  }, { given: await bench.options(), raw: RAW });
  expect(state).toBe("aborted");
});

test("a microphone that is unplugged is stopped and said to be gone", async ({ bench, page, sound }) => {
  await page.evaluate(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      [globalThis.theirs] = stream.getTracks();
      return stream;
    };
  });
  await bench.connect();
  await bench.openMicrophone({ ...RAW, followDefault: false });
  const plugIn = await sound?.unplug();
  try {
    // Chromium's is a file, which nobody can unplug: this is what it does with a device.
    if (!sound) {
      await page.evaluate(() => {
        theirs.stop();
        theirs.dispatchEvent(new Event("ended"));
      });
    }
    await bench.until("warning", 0, { code: "microphone-ended" });
  } finally {
    await plugIn?.();
  }
  expect(await page.evaluate(() => bench.microphone.stopped)).toBe(true);
  expect(await page.evaluate(() => bench.session.state)).toBe("open");
});

for (const runIn of ["worker", "page"]) {
  test(`what had come before the connection was lost is heard to its end (${runIn})`, async ({ bench, page, simulator }) => {
    const sayAll = { do: { pacing: { burst: 1_000 } } };
    const close = { on: { turnStart: 1, delay: "1s" }, do: { close: { code: 1011, reason: "Internal error encountered." } } };
    await simulator.addScript({ name: "says-all-and-closes", steps: [sayAll, close] });
    await bench.connect({ runIn, model: "models/sim-says-all-and-closes", resumption: false });
    await bench.openSpeaker(24_000);
    const words = Array(7).fill("one two three four five").join(" ");
    await page.evaluate((text) => bench.session.sendRealtimeInput({ text }), words);
    await bench.until("closed");
    const sent = await simulator.sent((await simulator.latest()).id);
    expect(sent.samples.length / sent.rate, "its ring holds 5.5 s of it").toBeGreaterThan(9);
    await expect.poll(() => page.evaluate(() => bench.speaker.stopped), { timeout: 30_000 }).toBe(true);
    const played = await bench.recorded();
    const heard = audible(played.samples);
    const wanted = audible(sent.samples);
    expect((heard.end - heard.start) / (wanted.end - wanted.start)).toBeGreaterThan(0.98);
  });
}
