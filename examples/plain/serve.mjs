// Serves this folder, or the one that is named, and makes tokens: GEMINI_API_KEY=… node serve.mjs [FOLDER]

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { tokenResponse } from "../token-endpoints/mint.js";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

const folder = resolve(process.argv[2] ?? fileURLToPath(new URL(".", import.meta.url))) + sep;
const options = { apiKey: process.env.GEMINI_API_KEY, service: process.env.GEMINI_API_BASE_URL };

const server = createServer(async ({ url, method, headers }, outgoing) => {
  const request = new Request(new URL(url, `http://${headers.host}`), { method, headers });
  const { pathname } = new URL(request.url);
  const response = pathname === "/token" ? await tokenResponse(request, options) : await file(pathname);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
});

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

/** The page, and what it imports: files of the kinds that a page loads, and of that folder alone. */
async function file(pathname) {
  try {
    const path = resolve(join(folder, pathname === "/" ? "index.html" : decodeURIComponent(pathname)));
    const type = TYPES[extname(path)];
    if (!type || !path.startsWith(folder)) throw new RangeError(path);
    return new Response(await readFile(path), { headers: { "content-type": type } });
  } catch {
    return new Response("no such file", { status: 404 });
  }
}
