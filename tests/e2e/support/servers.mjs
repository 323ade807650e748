import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const START_DEADLINE_MS = 60_000;

/** The tests' own pages are served beside the demo. */
const PAGES = `/tests/=${fileURLToPath(new URL("..", import.meta.url))}`;

/**
 * Starts `xtask serve` on a free port. Resolves with its URL and a way to end it.
 *
 * XTASK names the built binary; `cargo xtask test e2e` sets it.
 */
export function serve(words, environment = {}) {
  const [command, ...first] = process.env.XTASK ? [process.env.XTASK] : ["cargo", "xtask"];
  const child = spawn(command, [...first, "serve", "--port", "0", "--root", PAGES, ...words], {
    cwd: new URL("../../..", import.meta.url),
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = [];
  createInterface({ input: child.stderr }).on("line", (line) => printed.push(line));
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => fail("did not start in time"), START_DEADLINE_MS);
    const fail = (why) => {
      clearTimeout(deadline);
      child.kill();
      reject(new Error(`xtask serve ${why}: ${printed.join("\n") || "it printed nothing"}`));
    };
    child.once("error", (error) => fail(`could not be run (${error.message})`));
    child.once("exit", (code) => fail(`ended with code ${code}`));
    createInterface({ input: child.stdout }).on("line", (line) => {
      printed.push(line);
      const url = /https?:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (!url) return;
      clearTimeout(deadline);
      resolve({ url, printed, stop: () => stop(child) });
    });
  });
}

function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.removeAllListeners("exit");
    child.once("exit", resolve);
    child.kill();
  });
}
