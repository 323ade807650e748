import { existsSync } from "node:fs";

import { serve } from "./servers.mjs";

/** The servers that the tests use, by the headers they send, and the variables that name them. */
const SERVERS = { isolated: "DEMO_URL", plain: "DEMO_PLAIN_URL" };

/** The address of a server: `isolated` or `plain`. */
export function serverWith(headers) {
  return process.env[SERVERS[headers]];
}

/** Checks that there is a browser, and starts what `cargo xtask test e2e` has not started already. */
export default async function setup() {
  const browser = process.env.CHROMIUM || "/usr/bin/chromium";
  if (!existsSync(browser)) throw new Error(`No Chromium at ${browser}: install it, or name it in CHROMIUM.`);
  const started = [];
  for (const [headers, variable] of Object.entries(SERVERS)) {
    if (process.env[variable]) continue;
    const server = await serve(["--headers", headers]);
    process.env[variable] = server.url;
    started.push(server);
  }
  return () => Promise.all(started.map((server) => server.stop()));
}
