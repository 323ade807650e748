import { fileURLToPath } from "node:url";

import { defineConfig } from "@playwright/test";

import { EXACT, IN_EVERY_BROWSER, IN_WEBKIT_ALONE, NOT_IN_WEBKIT, both } from "./support/browsers.mjs";
import { IN_CHROMIUM, IN_OTHERS } from "./support/forms.mjs";

/** Where recordings, traces and the like go. */
export const OUT_DIR = process.env.OUT_DIR || fileURLToPath(new URL("../../target/e2e", import.meta.url));

/** How many tests run at once, and which (`loose`, `exact`; all if it is not said): `cargo xtask test e2e` decides. */
const together = Number(process.env.TOGETHER) || 1;
const isExact = process.env.WHICH === "exact";
const notNow = process.env.WHICH === "loose" ? [EXACT] : [];

const chromium = {
  name: "chromium",
  grep: isExact ? EXACT : undefined,
  grepInvert: [...notNow, new RegExp(IN_OTHERS), IN_WEBKIT_ALONE],
  use: { browserName: "chromium" },
};
const firefox = {
  name: "firefox",
  grep: isExact ? both(IN_EVERY_BROWSER, EXACT) : IN_EVERY_BROWSER,
  grepInvert: [...notNow, new RegExp(IN_CHROMIUM), IN_WEBKIT_ALONE],
  use: { browserName: "firefox", channel: "moz-firefox" },
};

/** Without Playwright's own ways to drive a browser: `support/webkit.mjs` is in their place. */
const webkit = {
  ...firefox,
  name: "webkitgtk",
  grepInvert: [...notNow, new RegExp(IN_CHROMIUM), NOT_IN_WEBKIT],
  use: { browserName: "webkit" },
};

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.mjs",
  outputDir: `${OUT_DIR}/results`,
  globalSetup: "./support/setup.mjs",
  // Conversations take their time, and hardly any of the processor's.
  workers: together,
  fullyParallel: true,
  forbidOnly: true,
  // Not to pass: it tells a race from a mistake. `cargo xtask test e2e` names a test that passes only now, and tries it five times
  // more by itself; one that passes each time is forgiven, as is one whose sound server died.
  retries: 1,
  timeout: 60_000,
  // A spoken sentence and its answer's beginning last longer than the usual five seconds.
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  // Most of what a test costs is a page's beginning. What a test has changed of it is taken back before the next.
  use: { headless: true, trace: "off", reuseContext: true },
  // `cargo xtask test e2e` finds it, with a sound server, and says where it is.
  projects: process.env.WEBKIT_DRIVER ? [webkit] : process.env.FIREFOX ? [chromium, firefox] : [chromium],
});
