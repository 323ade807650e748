#!/usr/bin/env node
// Finds the simulator that is installed and starts it: arguments, output, signals and exit code are its own.

import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const NAME = "gemini-live-simulator";
const SUFFIX = process.platform === "win32" ? ".exe" : "";

/** Where a program of ours may be given by its path. */
const OVERRIDE = "GEMINI_LIVE_SIMULATOR";

/** Set for the simulator, whose standard input is the starter: it ends with it, even if that is killed. */
const LIFELINE = "GEMINI_LIVE_SIMULATOR_STARTER";

/** As shells answer for a command that is not found. */
const NOT_FOUND = 127;

const own = realpathSync(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
const cargoPrograms = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "bin");

/** Whether there is a program at `path`; this starter, which npm puts into PATH under the same name, is none. */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() && realpathSync(path) !== own;
  } catch {
    return false;
  }
}

/** The program of that name, or undefined. */
function find(name) {
  // Some package managers put a script into PATH that starts this. It was followed once: not again.
  const path = process.env[LIFELINE] ? [] : (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return [...path, cargoPrograms].map((folder) => join(folder, name + SUFFIX)).find(isProgram);
}

function end(message, code = NOT_FOUND) {
  console.error(`${NAME}: ${message}`);
  process.exit(code);
}

function simulator() {
  const given = process.env[OVERRIDE];
  if (!given) return find(NAME);
  return isProgram(given) ? given : end(`${OVERRIDE} is ${given}, where there is no program`);
}

/** Has cargo install the simulator of this package's version. */
function install() {
  const cargo = find("cargo") ?? end("there is no cargo to install it with: get Rust from https://rustup.rs");
  const { status } = spawnSync(cargo, ["install", NAME, "--version", version, "--locked"], { stdio: "inherit" });
  if (status !== 0) end("cargo could not install it; the reasons are above", status ?? 1);
  return find(NAME) ?? end(`cargo installed it, but not into ${cargoPrograms}: put its place into PATH`);
}

function start(program, words) {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  // Before it is started: it may be ready, and somebody may end it, before this goes on. They are heard only after.
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  const child = spawn(program, words, {
    stdio: ["pipe", "inherit", "inherit"],
    env: { ...process.env, [LIFELINE]: String(process.pid) },
  });
  // Nothing is ever written to it; that it ends is the message.
  child.stdin.on("error", () => {});
  child.on("error", (error) => end(`${program} does not start: ${error.message}`, 126));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

const words = process.argv.slice(2).filter((word) => word !== "--install");
const wantsInstalling = words.length < process.argv.length - 2;
const found = simulator() ?? (wantsInstalling ? install() : undefined);
if (found) start(found, words);
else end(`not installed: run \`cargo install ${NAME}\`, or this with --install (Rust: https://rustup.rs)`);
