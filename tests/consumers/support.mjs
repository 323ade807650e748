/** What the tests of the applications share. */
import { readFileSync } from "node:fs";

import { expect, test as base } from "@playwright/test";

import { expectNothingLeft, watch } from "../e2e/support/leftovers.mjs";
import { Simulator } from "../e2e/support/simulator.mjs";

/**
 * Where everything that was built is served, and where tokens and the simulator are: of those there are, the one of the
 * Playwright worker that this runs in.
 */
export const SERVER = process.env.DEMO_PLAIN_URL?.split(" ")[process.env.TEST_PARALLEL_INDEX ?? 0];

/** A page that has not started by then does not start. */
export const PAGE_MS = 30_000;

/** As an address that is the same under every server. */
const WATCHER = `data:text/javascript,${encodeURIComponent(readFileSync(new URL("../e2e/pages/watcher.js", import.meta.url), "utf8"))}`;

export const test = base.extend({
  /** Kinds of things that a test leaves on, on purpose. */
  mayLeave: [[], { option: true }],

  simulator: async ({}, use) => use(await Simulator.behind(SERVER)),

  /** Development servers, which end after everything else. */
  servers: async ({}, use) => {
    const servers = [];
    await use(servers);
    for (const server of servers) await server.stop();
  },

  nothingLeft: [
    async ({ context, mayLeave, servers, simulator }, use, info) => {
      await context.addInitScript(watch, { watcher: WATCHER });
      await use();
      if (info.status !== "passed") return;
      for (const page of context.pages()) await expectNothingLeft(page, { simulator, mayLeave });
    },
    { auto: true },
  ],

  /** Everything the page printed. */
  printed: async ({ page, servers }, use) => {
    const printed = [];
    page.on("console", (message) => printed.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => printed.push(`uncaught: ${error.message}`));
    await use(printed);
    expect(printed.filter((line) => /^(error|uncaught|assert|warning)/.test(line)), "complaints in the console").toEqual([]);
  },
});

export { expect };

/** What `connect` needs, none of it of the page's own origin: a development server has neither tokens nor the simulator. */
export async function options(changes) {
  const ask = async (path, method) => (await fetch(new URL(path, SERVER), { method })).json();
  const [{ endpoint }, { token }] = await Promise.all([ask("/config.json", "GET"), ask("/token", "POST")]);
  return { model: "models/sim-parrot", endpoint, token, config: { responseModalities: ["AUDIO"] }, ...changes };
}
