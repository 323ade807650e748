// Where the package's other files are looked for, and the program that copies them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { PACKAGE, bytes, fresh, pretend, refusal } from "./support.mjs";

/** A Worker that says how it was made. */
class Made {
  constructor(url, options) {
    Object.assign(this, { url: String(url), options });
  }
}

const OPTIONS = { type: "module", name: "gemini-live" };

/** A part of the package's script, by itself. */
function assetsOf({ directory, load }) {
  cpSync(fileURLToPath(new URL("../../www/package/live-assets.js", import.meta.url)), join(directory, "live-assets.js"));
  return load("live-assets.js");
}

test("the files are looked for beside the script", async (t) => {
  const copy = fresh(t);
  const { directory } = copy;
  const assets = await assetsOf(copy);
  pretend(t, "Worker", Made);
  const beside = (name) => pathToFileURL(join(directory, name)).href;
  assert.equal(String(assets.wasm()), beside("gemini_live_web_bg.wasm"));
  assert.equal(String(assets.worklet()), beside("live-audio.js"));
  assert.deepEqual({ ...assets.worker() }, { url: beside("live-worker.js"), options: OPTIONS });
  assert.deepEqual({ ...assets.worker("/mine.js") }, { url: "/mine.js", options: OPTIONS });
});

test("from Vite's copy, they are looked for where the package is", async (t) => {
  const copy = fresh(t, "node_modules/.vite/deps");
  const { top } = copy;
  const assets = await assetsOf(copy);
  pretend(t, "Worker", Made);
  const home = (name) => pathToFileURL(join(top, "node_modules/gemini-live-web", name)).href;
  assert.equal(String(assets.wasm()), home("gemini_live_web_bg.wasm"));
  assert.equal(String(assets.worklet()), home("live-audio.js"));
  assert.deepEqual({ ...assets.worker() }, { url: home("live-worker.js"), options: OPTIONS });
  assert.deepEqual({ ...assets.worker("/mine.js") }, { url: "/mine.js", options: OPTIONS });
});

test("the inlined package starts from itself", async (t) => {
  const { preload, LiveSession } = await fresh(t).load("inline.js");
  await preload();
  assert.equal((await refusal(LiveSession.connect({ model: "m" }))).field, "token");
});

test("the inlined files are those of the package, under one address each", async (t) => {
  const assets = await fresh(t).load("live-inline.js");
  pretend(t, "Worker", Made);
  assert.ok(bytes().equals(assets.wasm()));
  const text = async (url) => {
    const answer = await fetch(url);
    assert.equal(answer.headers.get("content-type"), "text/javascript", "browsers run no module of another type");
    return answer.text();
  };
  assert.equal(await text(assets.worklet()), readFileSync(join(PACKAGE, "live-audio.js"), "utf8"));
  assert.equal(assets.worklet(), assets.worklet());
  const [worker, other] = [assets.worker(), assets.worker()];
  assert.deepEqual([worker.options, other.url], [OPTIONS, worker.url]);
  assert.notEqual(worker.url, assets.worklet());
  assert.match(await text(worker.url), /postMessage\(["']listening["']\)/);
  assert.deepEqual({ ...assets.worker("/mine.js") }, { url: "/mine.js", options: OPTIONS });
});

/** Runs the program that copies the files. */
const copy = (cwd, ...words) => promisify(execFile)(process.execPath, [join(PACKAGE, "copy-assets.js"), ...words], { cwd }).catch((error) => error);

test("the program copies what the script loads by its address, and says what", async (t) => {
  const top = mkdtempSync(join(tmpdir(), "assets-"));
  t.after(() => rmSync(top, { recursive: true }));
  for (const _ of ["anew", "over what is there"]) {
    const { code, stdout } = await copy(top, "some/where");
    assert.equal(code, undefined);
    const names = ["gemini_live_web_bg.wasm", "live-audio.js", "live-core.js", "live-worker.js"];
    assert.deepEqual(readdirSync(join(top, "some/where")).sort(), names);
    for (const name of names) assert.ok(readFileSync(join(top, "some/where", name)).equals(readFileSync(join(PACKAGE, name))), name);
    assert.deepEqual(stdout.trim().split("\n").sort(), names.map((name) => join("some/where", name)));
  }
});

for (const words of [[], ["--help"], ["-h"], ["one", "two"], [""]]) {
  test(`asked for [${words}], the program says how it is used, and copies nothing`, async (t) => {
    const top = mkdtempSync(join(tmpdir(), "assets-"));
    t.after(() => rmSync(top, { recursive: true }));
    const { code, stdout, stderr } = await copy(top, ...words);
    assert.deepEqual([code, stdout, readdirSync(top)], [2, "", []]);
    assert.match(stderr, /^usage: gemini-live-web-assets DIRECTORY/);
  });
}
