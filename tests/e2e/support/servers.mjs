import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const START_DEADLINE_MS = 60_000;

/** The tests' own pages are served beside the demo. */
const PAGES = `/tests/=${fileURLToPath(new URL("..", import.meta.url))}`;

/** Starts `xtask serve` on a free port. Resolves with its URL and a way to end it. */
export async function serve(words, environment = {}) {
  const all = ["serve", "--port", "0", "--root", PAGES, ...words];
  const env = { ...process.env, ...environment };
  const { address, printed, stop } = await start(all, /https?:\/\/127\.0\.0\.1:\d+/, { env });
  return { url: address, printed, stop };
}

/**
 * Starts a task of `xtask` that says where it is to be found. Resolves with that address, the lines it has printed so far,
 * a way to end it, and one to know whether it ends by itself before so many milliseconds are over.
 *
 * XTASK names the built binary; `cargo xtask test e2e` sets it. `options` are those of `spawn`.
 */
export function start(words, address, options) {
  const [command, ...first] = process.env.XTASK ? [process.env.XTASK] : ["cargo", "xtask"];
  const child = spawn(command, [...first, ...words], {
    cwd: new URL("../../..", import.meta.url),
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  const printed = [];
  createInterface({ input: child.stderr }).on("line", (line) => printed.push(line));
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => fail("did not start in time"), START_DEADLINE_MS);
    const fail = (why) => {
      clearTimeout(deadline);
      child.kill();
      reject(new Error(`xtask ${words[0]} ${why}: ${printed.join("\n") || "it printed nothing"}`));
    };
    child.once("error", (error) => fail(`could not be run (${error.message})`));
    // Not `exit`: then there may be lines of it that are still to come.
    const end = new Promise((resolve) => child.once("close", resolve)).then((code) => fail(`ended with code ${code}`));
    const stop = () => {
      child.kill();
      return end;
    };
    createInterface({ input: child.stdout }).on("line", (line) => {
      printed.push(line);
      const [found] = address.exec(line) ?? [];
      if (!found) return;
      clearTimeout(deadline);
      resolve({ address: found, printed, child, stop, endsWithin: (ms) => endsWithin(end, ms) });
    });
  });
}

function endsWithin(end, ms) {
  let timer;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  return Promise.race([end.then(() => true), patience]).finally(() => clearTimeout(timer));
}
