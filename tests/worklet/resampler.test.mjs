// The worklet's resampler against Rust's, and against the figures that the filters are designed for.

import assert from "node:assert/strict";
import { test } from "node:test";

import { feed, FakePort, filter, fixtures, level, load, parts, random, render, ringMemory, sndr, tone } from "./harness.mjs";

/** What the driver would read: all that a capture processor wrote, as floats. */
function captured(channels, deviceRate) {
  const ring = ringMemory(32_768);
  const { Capture } = load({ sampleRate: deviceRate });
  const capture = new Capture({ processorOptions: { ring, capacity: 32_768, frame: 320, filter: filter(deviceRate, 16_000) } });
  feed(capture, channels);
  const written = new Uint32Array(ring)[0];
  return Array.from(new Int16Array(ring, 32, written), (sample) => sample / 32768);
}

/** What a playback processor makes of 24 kHz samples, past its ramp. */
function played(samples, deviceRate) {
  const { Playback } = load({ sampleRate: deviceRate });
  const options = { ring: null, capacity: 131_072, filter: filter(24_000, deviceRate), jitterMs: 0 };
  const playback = new Playback({ processorOptions: options });
  playback.receive({ port: new FakePort() });
  playback.driver.say(Int16Array.from(samples, (sample) => Math.round(sample * 32768)).buffer);
  const start = Math.ceil(deviceRate / 50);
  return render(playback, start + deviceRate / 10).subarray(start);
}

for (const { fromHz, toHz, output, ...design } of fixtures) {
  test(`${fromHz} -> ${toHz} Hz is sample for sample what Rust computes`, () => {
    const next = random(1);
    const resampler = new parts.Resampler(design);
    const made = [];
    const [input, sample] = [new Float32Array(1), new Float64Array(1)];
    for (let i = 0; i < 1_000; i++) {
      input[0] = ((next() >> 16) << 16 >> 16) / 32768;
      resampler.push(input, 0);
      while (resampler.isReady) {
        resampler.next(sample, 0);
        made.push(Math.max(-32768, Math.min(32767, Math.floor(sample[0] * 32768 + 0.5))));
      }
    }
    assert.deepEqual(made, [...output]);
  });
}

test("the fixtures hold one filter that interpolates, and exact ones", () => {
  const rows = fixtures.map(({ coefficients, taps, up }) => coefficients.length / taps - up);
  assert.deepEqual(rows.map((beyond) => beyond === 0), [true, true, true, true, true, false]);
});

for (const deviceRate of [48_000, 24_000]) {
  test(`a voice from a ${deviceRate} Hz microphone reaches the ring clean to 7 kHz`, () => {
    for (const frequency of [300, 1_000, 4_000, 7_000]) {
      const found = sndr(captured([tone(frequency, deviceRate, deviceRate / 4)], deviceRate).slice(640), frequency, 16_000);
      // What is left is the rounding to 16 bits: 92 dB below a tone of half of full scale.
      assert.ok(Math.abs(found.gain) < 0.1 && found.sndr > 90, `${frequency} Hz: ${JSON.stringify(found)}`);
    }
  });

  test(`what 16 kHz cannot hold does not reach the ring from a ${deviceRate} Hz microphone`, () => {
    for (const frequency of [8_500, 10_000, 11_900]) {
      const leak = level(captured([tone(frequency, deviceRate, deviceRate / 4)], deviceRate).slice(640));
      assert.ok(leak < -90, `${frequency} Hz: ${leak} dB`);
    }
  });
}

for (const deviceRate of [44_100, 48_000]) {
  test(`an answer reaches a ${deviceRate} Hz loudspeaker clean to 10 kHz`, () => {
    for (const frequency of [300, 1_000, 4_000, 8_000, 10_000]) {
      const found = sndr(played(tone(frequency, 24_000, 12_000), deviceRate), frequency, deviceRate);
      assert.ok(Math.abs(found.gain) < 0.1 && found.sndr > 90, `${frequency} Hz: ${JSON.stringify(found)}`);
    }
  });
}

test("an hour of any microphone is an hour on the wire, to the sample", () => {
  for (const deviceRate of [44_100, 48_000, 47_999]) {
    // The stepping does not look at the coefficients: eight of them, all zero, show the same count in less time.
    const divisor = { 44_100: 100, 48_000: 16_000, 47_999: 1 }[deviceRate];
    const [up, down] = [16_000 / divisor, deviceRate / divisor];
    const ring = ringMemory(32_768);
    const { Capture } = load({ sampleRate: deviceRate });
    const options = { ring, capacity: 32_768, frame: 320, filter: { up, down, taps: 4, coefficients: new Float32Array(8) } };
    const capture = new Capture({ processorOptions: options });
    const quantum = [[new Float32Array(128)]];
    let left = 3_600 * deviceRate;
    for (; left >= 128; left -= 128) capture.process(quantum);
    capture.process([[new Float32Array(left)]]);
    assert.equal(new Uint32Array(ring)[0], 3_600 * 16_000, `${deviceRate}`);
  }
});

test("quanta of any size make the same stream", () => {
  const samples = tone(997, 48_000, 9_600);
  const run = (quantum) => {
    const ring = ringMemory(32_768);
    const { Capture } = load();
    const options = { ring, capacity: 32_768, frame: 320, filter: filter(48_000, 16_000) };
    feed(new Capture({ processorOptions: options }), [samples], quantum);
    return new Int16Array(ring, 32, 3_200);
  };
  const reference = run(128);
  for (const quantum of [1, 64, 100, 256, 9_600]) assert.deepEqual(run(quantum), reference, `${quantum}`);
});
