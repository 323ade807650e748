import { fileURLToPath } from "node:url";

import { defineConfig } from "@playwright/test";

/** Where recordings, traces and the like go. */
export const OUT_DIR = process.env.OUT_DIR || fileURLToPath(new URL("../../target/e2e", import.meta.url));

const firefox = { name: "firefox", use: { browserName: "firefox", channel: "moz-firefox" } };

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.mjs",
  outputDir: `${OUT_DIR}/results`,
  globalSetup: "./support/setup.mjs",
  // Real time: two browsers on two cores would make each other's sound stutter.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  // A shared machine stalls now and then for longer than any buffer. A test that needed it is named and counted.
  retries: 2,
  timeout: 60_000,
  // A spoken sentence and its answer's beginning last longer than the usual five seconds.
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: { headless: true, trace: "off" },
  // Firefox needs a sound server: `cargo xtask test e2e` starts one and says where both are.
  projects: [{ name: "chromium", use: { browserName: "chromium" } }, ...(process.env.FIREFOX ? [firefox] : [])],
});
