// Every TypeScript block of README and docs, compiled as strictly as the tests' own programs.

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import ts from "typescript";

import { languages, root, snippets } from "./snippets.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { config } = ts.readConfigFile(join(here, "tsconfig.json"), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, here);

// The packages that blocks import are the tests' own, wherever the block stands.
options.paths = { "*": [join(here, "../node_modules/*")] };
options.allowJs = true;

const blocks = snippets("ts").map(({ file, line, given, code }, index) => {
  // On one line, so that the errors' lines are those of the block.
  const before = given.replaceAll("\n", " ");
  const path = join(root, dirname(file), `snippet-${index}.ts`);
  return { place: `${file}:${line}`, line, path, text: `${before}\n${code}\nexport {};` };
});

/** Examples that are files. */
const examples = ["examples/token-endpoints/deno.ts", "examples/mcp/mcp-tools.js"].map((place) => ({ place, line: 1, path: join(root, place) }));

/** TypeScript reads the blocks as if each were a file beside the one it stands in. */
function program() {
  const texts = new Map(blocks.map(({ path, text }) => [path, text]));
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    texts.has(path) ? ts.createSourceFile(path, texts.get(path), rest[0], true) : getSourceFile(path, ...rest);
  return ts.createProgram([...texts.keys(), ...examples.map(({ path }) => path)], options, host);
}

const compiled = program();

test("README and docs have TypeScript blocks", () => {
  assert.ok(blocks.some(({ place }) => place.startsWith("README.md")));
});

test("every block is of a language that is compiled, or of one that cannot be", () => {
  const compiled = ["ts", "rust"];
  const others = ["", "diff", "html", "json", "jsonl", "sh", "text", "toml"];
  assert.deepEqual(languages().filter((language) => ![...compiled, ...others].includes(language)), []);
});

for (const { place, path, line } of [...blocks, ...examples]) {
  test(`${place} compiles`, () => {
    const source = compiled.getSourceFile(path);
    const errors = [...compiled.getSyntacticDiagnostics(source), ...compiled.getSemanticDiagnostics(source)];
    const told = errors.map(({ start, messageText }) => {
      const at = source.getLineAndCharacterOfPosition(start).line;
      return `line ${line + at - 1}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
    assert.deepEqual(told, []);
  });
}
