import { join } from "node:path";

import { OUT_DIR } from "../e2e/playwright.config.mjs";
import { audible } from "../e2e/support/sound.mjs";
import { CONSUMERS, fresh } from "./consumers.mjs";
import { PAGE_MS, SERVER, expect, options, test } from "./support.mjs";

/** The tools at once, and what one of them makes in its turn: its builds and servers would disturb each other's cache. */
test.describe.configure({ mode: "parallel" });

for (const tool of new Set(CONSUMERS.map(({ name }) => toolOf(name)))) {
  test.describe(tool, () => {
    test.describe.configure({ mode: "default" });
    for (const consumer of CONSUMERS.filter(({ name }) => toolOf(name) === tool)) add(consumer);
  });
}

/** Of `next-dev` it is Next. What wasm-pack makes is plain modules, or webpack's. */
function toolOf(name) {
  return name.split("-")[0];
}

function add(consumer) {
  test.describe(consumer.name, () => {
    // A development server has a socket of its own in the page, and an ear for the network. Ours is seen from the simulator's
    // side too, and what listens for it in the other consumers.
    test.use({ mayLeave: consumer.serve ? ["WebSocket", "listener"] : [] });

    test(consumer.about, async ({ page, printed, servers, simulator }) => {
      const server = await consumer.serve?.();
      if (server) servers.push(server);
      await consumer.build?.(fresh(join(OUT_DIR, consumer.name)));
      await page.goto(server?.url ?? `${SERVER}/${consumer.name}/index.html`);
      await page.waitForFunction(() => globalThis.talk, undefined, { timeout: PAGE_MS });

      const { types, ...outcome } = await page.evaluate((given) => talk(given), await options());
      expect(outcome).toEqual({ runsIn: "worker", isSession: true, playbackSamplesPlayed: expect.any(Number) });
      expect(types).not.toContain("warning");
      expect(outcome.playbackSamplesPlayed, "samples of the answer that were played").toBeGreaterThan(12_000);

      const { id } = await simulator.latest();
      const { rate, samples } = await simulator.received(id);
      const { start, end } = audible(samples);
      expect((end - start) / rate, "seconds of speech that arrived").toBeGreaterThan(0.5);
      expect(printed.join("\n"), "credentials in the console").not.toMatch(/auth_tokens/);
    });
  });
}
