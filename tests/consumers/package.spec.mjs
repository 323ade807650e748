import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";

import { expect, test } from "@playwright/test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PACKAGE = join(HERE, "node_modules/gemini-live-web");

/** Runs a script under Node where the package is installed. */
async function node(...words) {
  const env = { ...process.env, FORCE_COLOR: "0" };
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: HERE, env });
  return stdout;
}

test("publint finds nothing", async () => {
  const { messages, pkg } = await publint({ pkgDir: PACKAGE, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

test("every export has types, wherever TypeScript looks for them", async () => {
  // Not for require(): the package is of modules, which `import()` loads from anywhere.
  const attw = join(HERE, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const answer = await node(attw, process.env.TARBALL, "--profile", "esm-only", "--format", "json");
  expect(Object.keys(JSON.parse(answer).problems ?? {})).toEqual(["CJSResolvesToESM"]);
});

test("under Node, importing is safe, and the wasm starts from bytes", async () => {
  const script = `
    const { readFileSync } = await import("node:fs");
    for (const name of ["gemini-live-web", "gemini-live-web/inline"]) {
      const library = await import(name);
      console.log(Object.keys(library).sort().join(" "));
      const wasm = readFileSync(new URL(import.meta.resolve("gemini-live-web/gemini_live_web_bg.wasm")));
      await library.default(wasm);
      const error = await library.LiveSession.connect({ model: "m" }).catch((error) => error);
      console.log(error instanceof library.LiveError, error.code, error.field);
    }`;
  const [names, error, ...inline] = (await node("--input-type=module", "--eval", script)).trim().split("\n");
  expect(names).toBe("LiveError LiveSession Microphone Speaker default defineTool preload");
  expect(error).toBe("true invalid-option token");
  expect(inline).toEqual([names, error]);
});

test("what the package exports is what its types declare", async () => {
  const names = await node("--input-type=module", "--eval", `console.log(Object.keys(await import("gemini-live-web")).join(" "))`);
  const types = readFileSync(join(PACKAGE, "gemini_live_web.d.ts"), "utf8");
  const declared = [...types.matchAll(/^export (default )?(?:class|function|const) (\w+)/gm)];
  const expected = declared.map(([, isDefault, name]) => (isDefault ? "default" : name));
  expect(names.trim().split(" ").sort()).toEqual([...new Set(expected)].sort());
});

test("nothing in the package names a file that it does not hold", () => {
  const manifest = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const targets = Object.values(manifest.exports).flatMap((target) => (typeof target === "string" ? target : Object.values(target)));
  const all = [manifest.main, manifest.module, manifest.types, ...Object.values(manifest.bin), ...manifest.sideEffects, ...targets];
  for (const target of all) expect(() => readFileSync(join(PACKAGE, target)), target).not.toThrow();
  const readme = readFileSync(join(PACKAGE, "README.md"), "utf8");
  const links = [...readme.matchAll(/\]\(([^)\s]+)/g), ...readme.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, target]) => target);
  expect(links.filter((target) => !/^(https?:|#|mailto:)/.test(target)), "links that lead nowhere on a registry's page").toEqual([]);
});
