// Prints what a frame of the service's takes, from its bytes to samples, and through the session to the ring, as in the driver: at the
// package's own optimisation, in this Node's V8. `cargo xtask bench --decode` builds what it measures and starts it.

import { createRequire } from "node:module";

import { ringMemory } from "./harness.mjs";

const { Decoding } = createRequire(import.meta.url)(process.argv[2]);

const BATCHES = 400, FRAMES = 50, CAPACITY = 131_072, READ = 2;

/** A frame as the service sends it: JSON with spaces, in bytes. */
function frame(samples) {
  const data = Buffer.from(samples.buffer).toString("base64");
  const parts = [{ inlineData: { mimeType: "audio/pcm;rate=24000", data } }];
  return new TextEncoder().encode(JSON.stringify({ serverContent: { modelTurn: { parts } } }, null, 2));
}

/** The quickest batch, in microseconds for one time: whatever else the machine does only adds. */
function measured(work) {
  let best = Infinity;
  for (let batch = 0; batch < BATCHES; batch++) {
    const began = performance.now();
    for (let i = 0; i < FRAMES; i++) work();
    best = Math.min(best, performance.now() - began);
  }
  return ((best * 1_000) / FRAMES).toFixed(2);
}

/** What is common on pages. */
function byScript(bytes) {
  const { data } = JSON.parse(new TextDecoder().decode(bytes)).serverContent.modelTurn.parts[0].inlineData;
  const text = atob(data), out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return new Int16Array(out.buffer);
}

console.log("| frame, ms | to samples, µs | through the session to the ring, µs | JavaScript: JSON.parse, atob, a loop, µs |\n|--:|--:|--:|--:|");
for (const ms of [40, 250, 1_000]) {
  const samples = Int16Array.from({ length: ms * 24 }, (_, i) => 12_000 * Math.sin(i / 7) + (i % 97));
  const bytes = frame(samples);
  const memory = ringMemory(CAPACITY);
  const header = new Int32Array(memory, 0, 8);
  const decoding = new Decoding(memory);
  let written = 0, now = 0;
  const hear = () => {
    header[READ] = written;
    written = decoding.hear(bytes, (now += ms));
  };
  hear();
  const heard = new Int16Array(memory, 32, samples.length);
  if (!heard.every((sample, i) => sample === samples[i])) throw new Error("what is in the ring is not what was sent");
  console.log(`| ${ms} | ${measured(() => decoding.read(bytes))} | ${measured(hear)} | ${measured(() => byScript(bytes))} |`);
}
