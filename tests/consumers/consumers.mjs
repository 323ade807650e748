/**
 * Applications that use the packed package, each built or served by another tool in the way its users do.
 *
 * `build` puts static files into a directory; `serve` starts a development server and answers how to end it.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { freePort } from "../free-port.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PACKAGES = join(HERE, "node_modules");
/** The unpacked package. */
export const PACKAGE = join(PACKAGES, "gemini-live-web");

/** A build that takes longer hangs. */
const BUILD_MS = 120_000;
const START_MS = 60_000;

export const CONSUMERS = [
  { name: "esm", about: "plain modules and an import map", build: plain },
  { name: "vite", about: "Vite, build", build: (out) => vite("vite", out) },
  { name: "vite-dev", about: "Vite, development", serve: () => viteServer("vite") },
  { name: "vite-7", about: "Vite 7, build", build: (out) => vite("vite-7", out) },
  { name: "vite-7-dev", about: "Vite 7, development", serve: () => viteServer("vite-7") },
  { name: "webpack", about: "webpack 5, a classic script", build: (out) => webpack(out) },
  { name: "rollup", about: "Rollup and copied files", build: rollup },
  { name: "rollup-inline", about: "Rollup and the inline entry", build: rollupInline },
  { name: "esbuild", about: "esbuild and copied files", build: esbuild },
  { name: "esbuild-inline", about: "esbuild and the inline entry, a classic script", build: esbuildInline },
  { name: "parcel", about: "Parcel 2", build: parcel },
  { name: "next", about: "Next, build", build: next },
  { name: "next-dev", about: "Next, development", serve: nextServer },
  { name: "bare-web", about: "wasm-pack's target web, as plain modules", build: bareWeb },
  { name: "bare-bundler", about: "wasm-pack's target bundler, in webpack", build: bareBundler },
];

/** The directory that a build is to fill, empty. */
export function fresh(out) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  return out;
}

function plain(out) {
  cpSync(PACKAGE, join(out, "package"), { recursive: true });
  for (const file of ["app.js", "talk.js"]) cpSync(join(HERE, file), join(out, file));
  cpSync(join(HERE, "esm/index.html"), join(out, "index.html"));
}

function vite(version, out) {
  return run([bin(version, "bin/vite.js"), "build", "vite", "--outDir", out, "--emptyOutDir", "--base", "./"]);
}

async function viteServer(version) {
  const port = await freePort();
  const words = [bin(version, "bin/vite.js"), "vite", "--host", "127.0.0.1", "--port", port, "--strictPort", "--force"];
  return start(words, `http://127.0.0.1:${port}/`);
}

async function webpack(out, changes) {
  page("script.html", out);
  const { default: bundle } = await import("webpack");
  const compiler = bundle({
    mode: "production",
    context: HERE,
    entry: "./app.js",
    output: { path: out, filename: "bundle.js" },
    performance: { hints: false },
    ...changes,
  });
  const stats = await new Promise((resolve, reject) => compiler.run((error, done) => (error ? reject(error) : resolve(done))));
  await new Promise((resolve) => compiler.close(resolve));
  const complaints = stats.toString({ all: false, errors: true, warnings: true });
  if (complaints) throw new Error(complaints);
}

async function rollup(out) {
  await rolled("app.js", out);
  return copyAssets(out);
}

function rollupInline(out) {
  return rolled("inline.js", out);
}

async function rolled(input, out) {
  page("module.html", out);
  const [{ rollup: bundle }, { default: resolve }] = await Promise.all([import("rollup"), import("@rollup/plugin-node-resolve")]);
  const onwarn = ({ message }) => {
    throw new Error(message);
  };
  const bundled = await bundle({ input: join(HERE, input), plugins: [resolve({ browser: true })], onwarn });
  await bundled.write({ dir: out, format: "es", entryFileNames: "bundle.js" });
  await bundled.close();
}

async function esbuild(out) {
  page("module.html", out);
  await esbuilt({ entryPoints: [join(HERE, "app.js")], format: "esm", outfile: join(out, "bundle.js") });
  return copyAssets(out);
}

function esbuildInline(out) {
  page("script.html", out);
  return esbuilt({ entryPoints: [join(HERE, "inline.js")], format: "iife", outfile: join(out, "bundle.js") });
}

async function esbuilt(options) {
  const { build } = await import("esbuild");
  const { warnings } = await build({ bundle: true, minify: true, logLevel: "silent", ...options });
  if (warnings.length > 0) throw new Error(JSON.stringify(warnings));
}

function bareWeb(out) {
  cpSync(join(process.env.BARE, "web"), join(out, "package"), { recursive: true });
  cpSync(join(HERE, "bare.js"), join(out, "app.js"));
  cpSync(join(HERE, "talk.js"), join(out, "talk.js"));
  cpSync(join(HERE, "esm/index.html"), join(out, "index.html"));
}

function bareBundler(out) {
  const alias = { "gemini-live-web": join(process.env.BARE, "bundler/gemini_live_web.js") };
  return webpack(out, { entry: "./bare.js", experiments: { asyncWebAssembly: true }, resolve: { alias } });
}

function parcel(out) {
  // With a cache it takes files for written that were removed since.
  const words = ["build", "parcel/index.html", "--dist-dir", out, "--no-cache", "--cache-dir", join(out, "../.parcel-cache"), "--public-url", "./", "--no-source-maps"];
  return run([bin("parcel", "lib/bin.js"), ...words]);
}

async function next(out) {
  rmSync(join(HERE, "next/out"), { recursive: true, force: true });
  await run([bin("next", "dist/bin/next"), "build", "next"]);
  cpSync(join(HERE, "next/out"), out, { recursive: true });
}

async function nextServer() {
  const port = await freePort();
  const words = [bin("next", "dist/bin/next"), "dev", "next", "--hostname", "127.0.0.1", "--port", port];
  return start(words, `http://127.0.0.1:${port}/next`);
}

/** What `npx gemini-live-web-assets` runs. */
function copyAssets(out) {
  return run([join(PACKAGE, "copy-assets.js"), out]);
}

function page(file, out) {
  cpSync(join(HERE, file), join(out, "index.html"));
}

function bin(name, path) {
  return join(PACKAGES, name, path);
}

/** Runs a script under Node to its end. Fails with what it printed. */
function run(words) {
  const { child, printed } = node(words);
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${words.join(" ")} ${why}:\n${printed.join("")}`));
    const deadline = setTimeout(() => {
      end(child);
      fail(`did not end in ${BUILD_MS} ms`);
    }, BUILD_MS);
    child.once("error", (error) => fail(error.message));
    child.once("close", (code) => {
      clearTimeout(deadline);
      if (code === 0) resolve(printed.join(""));
      else fail(`ended with code ${code}`);
    });
  });
}

/** Starts a server; resolves when it answers. */
async function start(words, url) {
  const { child, printed } = node(words);
  const deadline = Date.now() + START_MS;
  const answers = () => fetch(url, { signal: AbortSignal.timeout(START_MS) }).then(({ ok }) => ok, () => false);
  while (!(await answers())) {
    if (Date.now() > deadline || child.exitCode !== null) {
      await end(child);
      throw new Error(`${words.join(" ")} does not serve ${url}:\n${printed.join("")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url, stop: () => end(child) };
}

function node(words) {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", PARCEL_WORKERS: "0", CI: "1" };
  // A group of its own: these tools start others.
  const child = spawn(process.execPath, words.map(String), { cwd: HERE, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const printed = [];
  for (const pipe of [child.stdout, child.stderr]) pipe.on("data", (text) => printed.push(String(text)));
  return { child, printed };
}

function end(child) {
  const gone = child.exitCode !== null || child.signalCode !== null;
  const ended = gone ? Promise.resolve() : new Promise((resolve) => child.once("exit", resolve));
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Already gone is what is wanted.
  }
  return ended;
}
