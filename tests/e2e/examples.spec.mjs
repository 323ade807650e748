import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "./support/bench.mjs";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));
const installed = fileURLToPath(new URL("../node_modules/gemini-live-web", import.meta.url));

/** The examples as somebody has them who has installed the package: a copy, and where it is served. */
async function serveExample(name, copy, environment) {
  rmSync(copy, { recursive: true, force: true });
  for (const folder of [name, "token-endpoints"]) {
    cpSync(join(examples, folder), join(copy, folder), { recursive: true, filter: (path) => !path.includes("node_modules") });
  }
  // What the tests watch every page with, where they look for it.
  cpSync(fileURLToPath(new URL("pages", import.meta.url)), join(copy, name, "tests/pages"), { recursive: true });
  mkdirSync(join(copy, name, "node_modules"));
  symlinkSync(process.env.PACKAGE_DIR || installed, join(copy, name, "node_modules/gemini-live-web"));
  const child = spawn(process.execPath, [join(copy, name, "serve.mjs")], {
    env: { ...process.env, ...environment, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await new Promise((resolve) => createInterface(child.stdout).once("line", (text) => resolve([text])));
  return { url: line.replace("listening on ", ""), stop: () => child.kill() };
}

test("the page without a bundler talks", async ({ page, simulator, printed }, info) => {
  const endpoint = simulator.url.replace("http", "ws");
  const server = await serveExample("plain", info.outputPath("examples"), { GEMINI_API_KEY: "a-key", GEMINI_API_BASE_URL: simulator.url });
  try {
    await page.goto(`${server.url}/?endpoint=${endpoint}`);
    await page.getByRole("button", { name: "Talk" }).click();
    await expect(page.locator("#caption")).not.toBeEmpty();
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(page.getByRole("button", { name: "Talk" })).toBeEnabled();
    expect(printed).toEqual([]);
    const { id } = await simulator.latest();
    expect((await simulator.received(id)).samples.length).toBeGreaterThan(16_000);
  } finally {
    server.stop();
  }
});
