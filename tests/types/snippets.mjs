// The fenced blocks of the repository's Markdown files, with what they need around them.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Folders in which nobody wrote anything. */
const IGNORED = ["node_modules", "target", "pkg", ".git"];

/**
 * The blocks in one of `languages`. What a block takes for granted stands in a comment right above it, which no reader
 * sees: `<!-- ts: declare const caption: HTMLElement; -->`.
 *
 * @returns {{ file: string, line: number, language: string, given: string, code: string }[]}
 */
export function snippets(...languages) {
  const wanted = new RegExp(
    `(?:^<!-- (?:${languages.join("|")}): ([^]*?) -->\\n)?^\`\`\`(${languages.join("|")})\\n([^]*?)^\`\`\`$`,
    "gm",
  );
  return prose().flatMap((path) => {
    const text = readFileSync(path, "utf8");
    return [...text.matchAll(wanted)].map((match) => {
      const [whole, given = "", language, code] = match;
      // The line of the code's first word.
      const line = text.slice(0, match.index + whole.lastIndexOf(code + "```")).split("\n").length;
      return { file: relative(root, path), line, language, given, code };
    });
  });
}

/** What the fences say, each once. */
export function languages() {
  const fences = prose().flatMap((path) => [...readFileSync(path, "utf8").matchAll(/^```(.*)\n[^]*?^```$/gm)]);
  return [...new Set(fences.map(([, language]) => language))];
}

/** Every Markdown file of the repository. */
function prose(folder = root) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return IGNORED.includes(entry.name) ? [] : prose(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}
