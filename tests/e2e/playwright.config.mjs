import { fileURLToPath } from "node:url";

import { defineConfig } from "@playwright/test";

/** Where recordings, traces and the like go. */
export const OUT_DIR = process.env.OUT_DIR || fileURLToPath(new URL("../../target/e2e", import.meta.url));

/** Chromium with a WAV file as its microphone. Without `%noloop` it would start again at its end. */
export function withMicrophone(wav, { grant = true } = {}) {
  const args = [
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-audio-capture=${wav}%noloop`,
  ];
  if (grant) args.push("--use-fake-ui-for-media-stream");
  return { executablePath: process.env.CHROMIUM || "/usr/bin/chromium", chromiumSandbox: false, args };
}

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.mjs",
  outputDir: `${OUT_DIR}/results`,
  globalSetup: "./support/setup.mjs",
  // Real time: two browsers on two cores would make each other's sound stutter.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  // A shared machine may stall for longer than any buffer; one such moment is not a mistake of ours.
  retries: 1,
  timeout: 60_000,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    headless: true,
    trace: "off",
    launchOptions: withMicrophone(fileURLToPath(new URL("./fixtures/speech.wav", import.meta.url))),
  },
});
