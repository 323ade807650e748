import { defineConfig } from "@playwright/test";

import { launchOptionsOf } from "../e2e/support/browsers.mjs";
import { SPEECH, RATE, stage } from "../e2e/support/scenes.mjs";

/** A word is enough, and every second counts as often as there are applications: it is spoken, and answered with itself. */
const WORDS = SPEECH.subarray(0, 0.7 * RATE);

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.mjs",
  outputDir: `${process.env.OUT_DIR}/results`,
  // Files at once, and in one of them the tools.
  workers: Number(process.env.TOGETHER) || 1,
  fullyParallel: false,
  forbidOnly: true,
  // As in the end-to-end tests: one that passes at the second try alone has failed.
  retries: 1,
  failOnFlakyTests: true,
  timeout: 180_000,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    headless: true,
    trace: "off",
    launchOptions: launchOptionsOf("chromium", { wav: stage("consumers", 0.3, WORDS, 1) }),
  },
});
