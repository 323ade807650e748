import { defineConfig } from "@playwright/test";

import { launchOptionsOf } from "../e2e/support/browsers.mjs";
import { SPEECH, RATE, stage } from "../e2e/support/scenes.mjs";

/** A word or two are enough, and every second counts as often as there are applications. */
const WORDS = SPEECH.subarray(0, 1.2 * RATE);

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.mjs",
  outputDir: `${process.env.OUT_DIR}/results`,
  // Files at once, not the tests in them: of one tool's builds and servers each would disturb the other's cache.
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
