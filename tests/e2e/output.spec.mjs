/** Where and how the browser plays: what it is asked for, which device it is, and the voice as a stream. */
import { RAW, expect, test } from "./support/bench.mjs";
import { IN_CHROMIUM } from "./support/forms.mjs";
import { expectNothingLeft } from "./support/leftovers.mjs";
import { SILENCE } from "./support/scenes.mjs";
import { align, audible, compare } from "./support/sound.mjs";

// Whoever spoke would interrupt the answers that are waited for.
test.use({ microphone: SILENCE });

test("what is asked of the browser for sound is what the application asks for, and its own choice otherwise", { tag: IN_CHROMIUM }, async ({ bench, page }) => {
  await page.addInitScript(() => {
    globalThis.contexts = [];
    // Whatever this browser would make of them.
    globalThis.AudioContext = new Proxy(AudioContext, {
      construct: (target, [options]) => contexts.push({ ...options }) && new target(),
    });
  });
  await page.reload();
  await page.waitForFunction(() => globalThis.bench);
  const [contexts, microphones] = await page.evaluate(async (given) => {
    const microphones = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = ({ audio }) => microphones.push(audio) && ask({ audio: true });
    for (const { microphone, ...options } of [
      { microphone: true },
      { latencyHint: "playback", renderSizeHint: "hardware", microphone: { noiseSuppression: false } },
      { latencyHint: 0.1, renderSizeHint: 256, microphone: { noiseSuppression: false, voiceIsolation: true, echoCancellation: false, autoGainControl: false } },
    ]) {
      await bench.connect({ ...given, ...options, microphone });
      await bench.session.close();
    }
    return [contexts, microphones];
  }, await bench.options());
  // A latency of 0 is never asked for unasked.
  expect(contexts).toEqual([{}, { latencyHint: "playback", renderSizeHint: "hardware" }, { latencyHint: 0.1, renderSizeHint: 256 }]);
  const usual = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true, voiceIsolation: true };
  const quiet = { ...usual, noiseSuppression: false, voiceIsolation: false };
  expect(microphones).toEqual([usual, quiet, { ...quiet, echoCancellation: false, autoGainControl: false, voiceIsolation: true }]);
});

test("where the machine was too slow the next context is a calmer one, unless the application has chosen, and what is open stays where it is", { tag: IN_CHROMIUM }, async ({ bench, page, simulator }) => {
  await page.addInitScript(() => {
    globalThis.contexts = [];
    globalThis.AudioContext = new Proxy(AudioContext, {
      construct: (target, [options], as) => {
        const context = Reflect.construct(target, [options], as);
        contexts.push({ hint: options?.latencyHint, context, stats: {} });
        return context;
      },
    });
    Object.defineProperty(AudioContext.prototype, "playbackStats", {
      configurable: true,
      get() {
        return contexts.find(({ context }) => context === this).stats;
      },
    });
  });
  await page.reload();
  await page.waitForFunction(() => globalThis.bench);
  const told = await page.evaluate(async ([given, raw]) => {
    const told = [];
    const tell = () => told.push(contexts.map(({ hint = "own" }) => hint).join());
    await bench.connect(given);
    await bench.session.openMicrophone(raw);
    // Neither two in a moment nor three in half a minute and more are a machine that is too slow.
    for (const [underrunEvents, totalDuration] of [[2, 1], [3, 31], [3, 30]]) {
      contexts[0].stats = { underrunEvents, totalDuration };
      await bench.session.openSpeaker();
      tell();
    }
    told.push(bench.session.microphone.stopped, contexts[0].context.state, contexts[1].context.state);
    await bench.session.close();
    told.push(contexts.map(({ context }) => context.state).join());
    for (const options of [{}, {}, {}, { latencyHint: 0.01 }, { latencyHint: 0.01 }]) {
      await bench.connect({ ...given, ...options });
      await bench.session.openSpeaker();
      contexts.at(-1).stats = { underrunEvents: 10, totalDuration: 20 };
      await bench.session.close();
    }
    tell();
    return told;
  }, [await bench.options(), RAW]);
  expect(told).toEqual(["own", "own", "own,balanced", false, "running", "running", "closed,closed", "own,balanced,balanced,playback,playback,0.01,0.01"]);
  await expectNothingLeft(page, { simulator });
});

test("an output device that is not there is refused in words, as is every one where the browser cannot choose", async ({ bench, page }) => {
  await bench.connect();
  const choose = (id) => page.evaluate((id) => bench.attempt(() => bench.session.openSpeaker({ sinkId: id })), id);
  const canChoose = await page.evaluate(() => "setSinkId" in AudioContext.prototype);
  expect((await choose("no-such-device")).error).toMatchObject({ isLiveError: true, code: canChoose ? "device-not-found" : "unsupported", field: "sinkId" });
  expect((await choose("")).error, "the default is there").toBeUndefined();
  expect(await page.evaluate(() => bench.session.speaker.sinkId)).toBe("");
});

test("an output device is played at until another is chosen or it is gone, which is told", async ({ bench, page }) => {
  await page.evaluate(() => {
    globalThis.sinks = [];
    AudioContext.prototype.setSinkId = async function (id) {
      sinks.push(id);
    };
    globalThis.outputs = ["one", "two"];
    navigator.mediaDevices.enumerateDevices = async () => outputs.map((deviceId) => ({ kind: "audiooutput", deviceId }));
  });
  const change = (outputs) =>
    page.evaluate((now) => {
      globalThis.outputs = now;
      navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    }, outputs);
  const sinks = () => page.evaluate(() => sinks);
  await bench.connect();
  await page.evaluate(() => bench.session.openSpeaker({ sinkId: "one" }).then((speaker) => (bench.speaker = speaker)));
  await page.evaluate(() => bench.speaker.setSinkId("two"));
  expect(await sinks()).toEqual(["one", "two"]);
  expect(await page.evaluate(() => bench.speaker.sinkId)).toBe("two");
  await change(["two"]);
  await change([""]);
  await change(["one"]);
  await bench.until("warning", 0, { code: "sink-gone" });
  expect(await sinks(), "the system's default").toEqual(["one", "two", ""]);
  expect(await page.evaluate(() => bench.speaker.sinkId)).toBe("");
  await page.evaluate(() => bench.speaker.setSinkId("one"));
  await bench.close();
  await change([""]);
  expect(await bench.events("warning")).toHaveLength(1);
});

test("an output device that comes when nobody waits for it any more is not followed", async ({ bench, page }) => {
  const code = await page.evaluate(async (given) => {
    const stop = new AbortController();
    const chosen = [];
    let come;
    AudioContext.prototype.setSinkId = async function (id) {
      chosen.push(id);
      if (!id) return;
      setTimeout(() => stop.abort());
      await new Promise((resolve) => (come = resolve));
    };
    const { error } = await bench.attempt(() => bench.LiveSession.connect({ ...given, speaker: { sinkId: "one" }, signal: stop.signal }));
    while (chosen.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    come();
    return [error.code, ...chosen];
  }, await bench.options());
  expect(code, "the default is wished again").toEqual(["aborted", "one", ""]);
});

test("the voice is a stream as well, and heard once: here, or with no volume there", { tag: "@exact" }, async ({ bench, page, browserName, simulator }) => {
  await bench.connect();
  await bench.openSpeaker(24_000, { timeStretch: false });
  await page.evaluate(() => {
    const { stream } = bench.speaker;
    bench.isSame = bench.speaker.stream === stream;
    [bench.track] = stream.getTracks();
    const elsewhere = (bench.elsewhere = leftovers.own(new AudioContext()));
    const analyser = new AnalyserNode(elsewhere);
    elsewhere.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const bins = new Float32Array(bench.speaker.analyser.frequencyBinCount);
    // What is heard elsewhere; and what the speaker's meter says, in level, peak and loudest of the spectrum.
    bench.peak = 0;
    bench.meter = [0, 0, -Infinity];
    bench.listening = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      bench.peak = Math.max(bench.peak, ...samples);
      bench.speaker.analyser.getFloatFrequencyData(bins);
      const seen = [bench.speaker.level(), bench.speaker.peak(), Math.max(...bins)];
      bench.meter = bench.meter.map((most, at) => Math.max(most, seen[at]));
    }, 20);
  });
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "one two three" }));
  const { index } = await bench.until("playbackEnded");
  expect(await page.evaluate(() => [bench.isSame, bench.peak > 0.01])).toEqual([true, true]);
  const latencyMs = await page.evaluate(() => bench.speaker.latencyMs);
  if (browserName === "firefox") {
    expect(latencyMs, "who asks may never be answered").toBe(0);
  } else {
    expect(latencyMs).toBeGreaterThan(0);
    const asked = await page.evaluate(() => bench.context.outputLatency * 1000);
    expect(Math.abs(latencyMs - asked), "the device's, as it was a moment ago").toBeLessThan(100);
  }
  const { samples: sent } = await simulator.sent((await simulator.latest()).id);
  const { samples: played } = await bench.recorded();
  const { offset } = align(sent.subarray(0, 12_000), played);
  expect(compare(sent, played, offset, { ramp: 144, longest: 24_000 })).toMatchObject({ wrong: 0 });
  const meter = await page.evaluate(() => bench.meter);
  const loudest = played.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  expect(meter[1], "peak").toBeLessThanOrEqual(loudest + 1e-6);
  expect(meter[1]).toBeGreaterThan(loudest / 4);
  expect(meter[0], "level").toBeLessThan(meter[1]);
  expect(meter[0]).toBeGreaterThan(meter[1] / 10);
  expect(meter[2], "dB of its spectrum").toBeGreaterThan(-60);
  await page.evaluate(() => {
    bench.meter = [0, 0, -Infinity];
    bench.peak = bench.speaker.volume = 0;
    bench.session.sendRealtimeInput({ text: "four five six" });
  });
  await bench.until("playbackEnded", index + 1);
  expect(await page.evaluate(() => [bench.peak > 0.01, bench.meter[1] > 0.01]), "it is heard elsewhere, and measured ahead of the volume").toEqual([true, true]);
  const { start, end } = audible((await bench.recorded()).samples.subarray(played.length), 0.001);
  expect(end - start, "and not here").toBe(0);
  const stats = await bench.stats();
  expect(stats.playbackSamplesPlayed).toBe(stats.playbackSamplesReceived);
  await page.evaluate(async () => {
    clearInterval(bench.listening);
    bench.speaker.stop();
    await bench.elsewhere.close();
  });
  await expect.poll(() => page.evaluate(() => bench.track.readyState)).toBe("ended");
  expect(await page.evaluate(() => [bench.speaker.stream, bench.speaker.analyser, bench.speaker.level()])).toEqual([undefined, undefined, 0]);
});
