/** What the tests of the package's own scripts share: the package under Node, which has all of a browser that loading needs. */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const PACKAGE = process.env.PACKAGE_DIR ?? fileURLToPath(new URL("../node_modules/gemini-live-web", import.meta.url));
const WASM = "gemini_live_web_bg.wasm";

/** The wasm, as bytes. */
export const bytes = () => readFileSync(join(PACKAGE, WASM));

/** A copy of the package in which nothing is loaded yet: where it lies, and how to import from it. */
export function fresh(test, below = "") {
  const top = mkdtempSync(join(tmpdir(), "package-"));
  test.after(() => rmSync(top, { recursive: true }));
  const directory = join(top, below);
  const scripts = readdirSync(PACKAGE).filter((name) => name.endsWith(".js"));
  for (const name of scripts) cpSync(join(PACKAGE, name), join(directory, name));
  symlinkSync(join(PACKAGE, WASM), join(directory, WASM));
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
  return { top, directory, load: (name = "gemini_live_web.js") => import(pathToFileURL(join(directory, name))) };
}

/** Options that are all right, with which a connect gets as far as the token, and ends there. */
export function options(changes) {
  const token = () => {
    throw new Error("no token today");
  };
  return { model: "m", token, ...changes };
}

/** How a promise is refused. */
export const refusal = (promise) =>
  promise.then(
    (value) => ({ code: "none", value }),
    (error) => error,
  );

/** A server that answers as it is told: with a status, a type and a body; or never. It keeps what it was asked for. */
export async function serve(test, answer) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    const now = typeof answer === "function" ? answer(asked.length) : answer;
    if (now === "never") return;
    const { status = 200, type, body = "" } = now;
    response.writeHead(status, type === undefined ? {} : { "content-type": type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, url: `http://127.0.0.1:${server.address().port}/some.wasm` };
}

/** Sets a property of the global object until the test is over. */
export function pretend(test, name, value, of = globalThis) {
  const was = Object.getOwnPropertyDescriptor(of, name);
  Object.defineProperty(of, name, { value, configurable: true, writable: true });
  test.after(() => (was ? Object.defineProperty(of, name, was) : delete of[name]));
}

/** Lets every wait pass in a millisecond, or those for `fetch` never, and keeps how long they were to be. */
export function hurry(test, { isFetchPatient = false } = {}) {
  const waits = [];
  const [later, limited] = [setTimeout, AbortSignal.timeout];
  const wait = (work, ms, ...words) => {
    waits.push(ms);
    return later(work, 1, ...words);
  };
  const limit = (ms) => {
    if (isFetchPatient) return new AbortController().signal;
    waits.push(ms);
    return limited.call(AbortSignal, 1);
  };
  pretend(test, "setTimeout", wait);
  pretend(test, "timeout", limit, AbortSignal);
  return waits;
}
