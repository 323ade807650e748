import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const HERE = fileURLToPath(new URL("..", import.meta.url));

/** What a run was on. Of the machine itself nothing is told but what it can do. */
export function machine(chromium) {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    chromium,
    node: process.versions.node,
  };
}

/** The names and versions of what a contender is made of. */
export async function versions({ packages }) {
  return Promise.all(
    packages.map(async (name) => {
      const directory = name === "gemini-live-web" ? process.env.PACKAGE_DIR : join(HERE, "node_modules", name);
      const { version } = JSON.parse(await readFile(join(directory, "package.json")));
      return `${name} ${version}`;
    }),
  );
}

/** The commit that is measured, and whether something was changed since. */
export async function commit() {
  const git = async (...words) => (await promisify(execFile)("git", words, { cwd: HERE })).stdout.trim();
  try {
    const changed = await git("status", "--porcelain", "--untracked-files=no");
    return `commit ${await git("rev-parse", "--short", "HEAD")}${changed ? " with changes" : ""}`;
  } catch {
    return "no known commit";
  }
}
