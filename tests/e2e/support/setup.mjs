import { existsSync } from "node:fs";

import { serve } from "./servers.mjs";

/**
 * The servers that the tests use, by the headers they send, and the variables that name them: one each for every test that
 * runs at once, since each server has a simulator of its own, which knows which of its connections is the latest.
 */
const SERVERS = { isolated: "DEMO_URL", plain: "DEMO_PLAIN_URL" };

/** The address of a server: `isolated` or `plain`, for the one with that index of the tests that run at once. */
export function serverWith(headers, index) {
  return process.env[SERVERS[headers]].split(" ")[index];
}

/** Checks that there is a browser, and starts what `cargo xtask test e2e` has not started already. */
export default async function setup({ workers }) {
  const browser = process.env.WEBKIT_DRIVER || process.env.CHROMIUM || "/usr/bin/chromium";
  if (!existsSync(browser)) throw new Error(`No browser at ${browser}: install Chromium, or name it in CHROMIUM.`);
  const started = [];
  for (const [headers, variable] of Object.entries(SERVERS)) {
    if (process.env[variable]) continue;
    const servers = await Promise.all(Array.from({ length: workers }, () => serve(["--headers", headers])));
    process.env[variable] = servers.map(({ url }) => url).join(" ");
    started.push(...servers);
  }
  return () => Promise.all(started.map((server) => server.stop()));
}
