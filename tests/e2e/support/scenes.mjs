import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
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

/** Its first words, "good morning little parrot": what is spoken and answered in real time lasts no longer than it must. */
export const PHRASE = SPEECH.subarray(0, 1.4 * RATE);

/** Other words for a second speaker: the sentence backwards, which sounds like speech and correlates with nothing. */
export const OTHER_SPEECH = SPEECH.slice().reverse();

/** Writes sounds and pauses (in seconds) one after the other to a WAV file, and answers its path. */
export function stage(name, ...parts) {
  const pieces = parts.map((part) => (typeof part === "number" ? new Float32Array(Math.round(part * RATE)) : part));
  const samples = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  pieces.reduce((at, piece) => (samples.set(piece, at), at + piece.length), 0);
  const file = join(OUT_DIR, `${name}.wav`);
  const draft = `${file}.${process.pid}`;
  mkdirSync(OUT_DIR, { recursive: true });
  // In one go: tests that run at once make the same file, and a browser may be reading it.
  writeFileSync(draft, writeWav(samples, RATE));
  renameSync(draft, file);
  return file;
}

/**
 * The file that is the microphone of a Chromium, by the index of the test among those that run at once. It is read anew whenever the
 * device is opened, so that what it hears is each test's to choose, and needs no other browser.
 */
export function microphoneOf(index) {
  return join(OUT_DIR, `microphone-${index}.wav`);
}

/** Has a file be heard by that microphone. */
export function putBefore(index, { wav }) {
  const draft = join(OUT_DIR, `microphone-${index}.draft`);
  copyFileSync(wav, draft);
  renameSync(draft, microphoneOf(index));
}

/** A question, with silence before it in which the microphone is opened, and behind it, which ends it. */
export const QUESTION = { wav: stage("question", 1, PHRASE, 1.5) };

/** A room in which nobody speaks: whoever spoke would interrupt what is being said. */
export const SILENCE = { wav: stage("silence", 30) };
