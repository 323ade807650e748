import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { OUT_DIR } from "../playwright.config.mjs";
import { audible } from "./sound.mjs";
import { readWav, writeWav } from "./wav.mjs";

const source = readWav(readFileSync(new URL("../fixtures/speech.wav", import.meta.url)));
const { start, end } = audible(source.samples);

/** The rate of the fixture and of everything made from it. */
export const RATE = source.rate;

/** The fixture's sentence without the silence around it. */
export const SPEECH = source.samples.subarray(start, end);

/** Other words for a second speaker: the sentence backwards, which sounds like speech and correlates with nothing. */
export const OTHER_SPEECH = SPEECH.slice().reverse();

/** Writes sounds and pauses (in seconds) one after the other to a WAV file, and answers its path. */
export function stage(name, ...parts) {
  const pieces = parts.map((part) => (typeof part === "number" ? new Float32Array(Math.round(part * RATE)) : part));
  const samples = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  pieces.reduce((at, piece) => (samples.set(piece, at), at + piece.length), 0);
  const file = join(OUT_DIR, `${name}.wav`);
  mkdirSync(OUT_DIR, { recursive: true });
  writeFileSync(file, writeWav(samples, RATE));
  return file;
}
