// The starter with programs that pretend to be the simulator, and cargo.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const STARTER = fileURLToPath(new URL("gemini-live-simulator.js", import.meta.url));
const skip = process.platform === "win32" ? "the programs of these tests are scripts, which Windows does not start" : false;

const root = mkdtempSync(join(tmpdir(), "simulator-starter-"));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;

/** An empty folder. */
function folder() {
  const path = join(root, String(folders++));
  mkdirSync(path);
  return path;
}

/** A program that runs a script, in a folder of its own unless one is named. */
function program(script, name = "gemini-live-simulator", place = folder()) {
  const path = join(place, name);
  writeFileSync(path, `#!${process.execPath}\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Starts the starter where nothing is installed but what `env` names. */
function start(words, env = {}) {
  const child = spawn(process.execPath, [STARTER, ...words], {
    env: { PATH: folder(), HOME: folder(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", error: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (said.error += text));
  return { child, said, ended: once(child, "close").then(([code, signal]) => ({ code, signal, ...said })) };
}

const run = (words, env) => start(words, env).ended;

/** Waits until a started program has said something. */
async function heard({ child, said }) {
  while (!said.out.includes("\n")) await once(child.stdout, "data");
  return said.out.trim();
}

const ECHO = "console.log(JSON.stringify(process.argv.slice(2))); process.exit(7);";

test("arguments and exit code are the simulator's", { skip }, async () => {
  const ended = await run(["--port", "8090", "a b"], { GEMINI_LIVE_SIMULATOR: program(ECHO) });
  assert.deepEqual([ended.code, ended.out, ended.error], [7, '["--port","8090","a b"]\n', ""]);
});

test("it is found in PATH, and where cargo installs", { skip }, async () => {
  const found = program(ECHO);
  const home = folder();
  const cargo = folder();
  for (const place of [join(home, ".cargo"), cargo]) mkdirSync(join(place, "bin"), { recursive: true });
  program(ECHO, "gemini-live-simulator", join(home, ".cargo/bin"));
  program(ECHO, "gemini-live-simulator", join(cargo, "bin"));
  for (const env of [{ PATH: `${folder()}${delimiter}${dirname(found)}` }, { HOME: home }, { CARGO_HOME: cargo }]) {
    assert.equal((await run([], env)).code, 7, JSON.stringify(env));
  }
});

test("where it is not installed, one line says how to", async () => {
  const { code, out, error } = await run(["--port", "1"]);
  assert.deepEqual([code, out, error.trim().split("\n").length], [127, "", 1]);
  assert.match(error, /cargo install gemini-live-simulator/);
});

test("a path that leads nowhere is said, and nothing else is started", { skip }, async () => {
  const PATH = dirname(program(ECHO));
  const { code, error } = await run([], { PATH, GEMINI_LIVE_SIMULATOR: "/nowhere/simulator" });
  assert.equal(code, 127);
  assert.match(error, /^gemini-live-simulator: GEMINI_LIVE_SIMULATOR is \/nowhere\/simulator, .*\n$/);
});

test("it does not start itself under the name that npm gives it", { skip }, async () => {
  const bin = folder();
  symlinkSync(STARTER, join(bin, "gemini-live-simulator"));
  assert.equal((await run([], { PATH: bin })).code, 127);
  // As other package managers do it: a script that starts the starter.
  const shim = program(
    `const { status } = require("node:child_process").spawnSync(process.execPath, ["${STARTER}"], { stdio: "inherit" });
     process.exit(status);`,
  );
  const { code, error } = await run([], { PATH: dirname(shim) });
  assert.deepEqual([code, error.trim().split("\n").length], [127, 1]);
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
  test(`${signal} reaches the simulator, and its exit code comes back`, { skip }, async () => {
    const script = `process.on("${signal}", () => { console.log("told"); process.exit(5); });
      process.stdin.resume(); console.log("ready");`;
    const started = start([], { GEMINI_LIVE_SIMULATOR: program(script) });
    await heard(started);
    started.child.kill(signal);
    const { code, out } = await started.ended;
    assert.deepEqual([code, out], [5, "ready\ntold\n"]);
  });
}

test("a simulator that a signal ends ends the starter in the same way", { skip }, async () => {
  const { code, signal } = await run([], { GEMINI_LIVE_SIMULATOR: program('process.kill(process.pid, "SIGTERM");') });
  assert.deepEqual([code, signal], [null, "SIGTERM"]);
});

test("a starter that is killed leaves no simulator behind", { skip }, async () => {
  const script = `process.stdin.on("end", () => { require("node:fs").writeFileSync(process.argv[2], "ended"); });
    process.stdin.resume(); console.log("ready");`;
  const note = join(folder(), "note");
  const started = start([note], { GEMINI_LIVE_SIMULATOR: program(script) });
  await heard(started);
  started.child.kill("SIGKILL");
  // The simulator holds the other end of these: their end is its own.
  await started.ended;
  assert.equal(readFileSync(note, "utf8"), "ended");
});

test("with --install cargo installs this very version, and it is started", { skip }, async () => {
  const home = folder();
  mkdirSync(join(home, ".cargo/bin"), { recursive: true });
  const installed = join(home, ".cargo/bin/gemini-live-simulator");
  const cargo = program(
    `const { chmodSync, writeFileSync } = require("node:fs");
     console.log(process.argv.slice(2).join(" "));
     writeFileSync("${installed}", ${JSON.stringify(`#!${process.execPath}\n${ECHO}`)});
     chmodSync("${installed}", 0o755);`,
    "cargo",
  );
  const { code, out } = await run(["--install", "--port", "1"], { HOME: home, PATH: dirname(cargo) });
  const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  assert.deepEqual(out.split("\n"), [
    `install gemini-live-simulator --version ${version} --locked`,
    '["--port","1"]',
    "",
  ]);
  assert.equal(code, 7);
});

test("with --install, a missing or failing cargo is one line of ours", { skip }, async () => {
  const missing = await run(["--install"]);
  assert.deepEqual([missing.code, missing.error.trim().split("\n").length], [127, 1]);
  assert.match(missing.error, /rustup\.rs/);
  const failing = await run(["--install"], { PATH: dirname(program("process.exit(101);", "cargo")) });
  assert.equal(failing.code, 101);
});
