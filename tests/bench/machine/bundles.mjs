import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

import { build } from "esbuild";

const CONTENDERS = fileURLToPath(new URL("../contenders/", import.meta.url));

/**
 * Bundles each contender's file as an application would: tree-shaken, minified, split where it imports late. Our own package stays
 * as it is published. Answers the entry of each, below `directory`.
 */
export async function bundle(contenders, directory) {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const entries = new Map();
  for (const entry of new Set(contenders.map((one) => one.entry))) {
    const name = entry.replace(/\.mjs$/, "");
    await build({
      entryPoints: [join(CONTENDERS, entry)],
      outdir: join(directory, name),
      entryNames: "main",
      bundle: true,
      minify: true,
      splitting: true,
      format: "esm",
      target: "es2022",
      platform: "browser",
      conditions: ["browser", "module", "import"],
      define: { "process.env.NODE_ENV": '"production"' },
      loader: { ".worklet.js": "file" },
      external: ["gemini-live-web"],
      legalComments: "none",
      logLevel: "error",
    });
    entries.set(entry, `built/${name}/main.js`);
  }
  return entries;
}
