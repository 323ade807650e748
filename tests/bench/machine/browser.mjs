import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { writeWav } from "../../e2e/support/wav.mjs";
import { bursts } from "../sound/bursts.mjs";

/** Longer than anything lasts here: the device plays it again from its beginning. */
const MICROPHONE_S = 60;

/** One headless Chromium for everybody, whose microphone hears bursts of a tone. */
export async function launch(executablePath, directory) {
  const { samples, rate } = bursts(MICROPHONE_S);
  const wav = join(directory, "microphone.wav");
  await writeFile(wav, writeWav(samples, rate));
  return chromium.launch({
    executablePath,
    // It refuses to be root's.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-audio-capture=${wav}`,
      "--autoplay-policy=no-user-gesture-required",
      // A page that is not in front is not to be slower.
      "--disable-renderer-backgrounding",
      "--disable-background-timer-throttling",
      // Nobody talks to the world: a peer that would is seen to fail.
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      "--js-flags=--expose-gc",
    ],
  });
}
