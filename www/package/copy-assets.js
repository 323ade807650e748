#!/usr/bin/env node
// Copies the files that the package's script loads by their address, for bundlers that do not:
//
//   npx gemini-live-web-assets dist

import { cpSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const FILES = ["gemini_live_web_bg.wasm", "live-worker.js", "live-core.js", "live-audio.js"];

const [directory, ...rest] = process.argv.slice(2);
if (!directory || directory.startsWith("-") || rest.length > 0) {
  console.error("usage: gemini-live-web-assets DIRECTORY\n\nCopies the wasm, the Worker and the worklets there: put them beside your bundle.");
  process.exit(2);
}
mkdirSync(directory, { recursive: true });
for (const file of FILES) {
  cpSync(fileURLToPath(new URL(file, import.meta.url)), join(directory, file));
  console.log(join(directory, file));
}
