import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { OUT_DIR } from "./playwright.config.mjs";
import { expect, test } from "./support/bench.mjs";
import { QUESTION } from "./support/scenes.mjs";

/** Runs `check.mjs` as `cargo xtask demo --check` does. */
async function check(server, wav) {
  const env = { ...process.env, DEMO_URL: server, WAV: wav, OUT_DIR: join(OUT_DIR, "check") };
  const child = spawn(process.execPath, [fileURLToPath(new URL("check.mjs", import.meta.url))], { env });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => printed.push(bytes));
  const code = await new Promise((resolve) => child.once("exit", resolve));
  return { code, printed: Buffer.concat(printed).toString() };
}

test("the demo holds an exchange without anybody present, and says how it went", async ({ server }) => {
  test.setTimeout(120_000);
  const { code, printed } = await check(server, QUESTION.wav);
  expect(printed).toContain("passed");
  expect(code).toBe(0);
  const report = JSON.parse(readFileSync(join(OUT_DIR, "check/report.json"), "utf8"));
  expect(report.problems).toEqual([]);
});
