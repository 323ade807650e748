import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import ts from "typescript";

const folder = process.env.PACKAGE_DIR ?? fileURLToPath(new URL("../node_modules/gemini-live-web", import.meta.url));
const file = join(folder, "gemini_live_web.d.ts");
const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);

/** Every node below one, itself included. */
function* nodes(node) {
  yield node;
  for (const child of node.getChildren(source)) yield* nodes(child);
}

function place(node) {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  const text = ts.isSourceFile(node.parent) ? node.getText(source) : node.parent.getText(source);
  return `line ${line + 1}: ${text.slice(0, 120)}`;
}

test("no type of the package is any", () => {
  const found = [...nodes(source)].filter((node) => node.kind === ts.SyntaxKind.AnyKeyword);
  assert.deepEqual(found.map(place), []);
});

test("every public declaration is documented", () => {
  const isPublic = (node) =>
    (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) &&
    node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const declared = [...nodes(source)].filter(isPublic);
  const isDocumented = (node) => ts.getJSDocCommentsAndTags(node).length > 0;
  // An interface may add to a class: one of the two speaks for both.
  const named = new Set(declared.filter(isDocumented).map((node) => node.name.text));
  const silent = declared.filter((node) => !named.has(node.name.text));
  assert.deepEqual(silent.map((node) => node.name.text), []);
});

test("every member of what is public is documented", () => {
  // What wasm-bindgen writes into each class by itself; the class says what they do.
  const GENERATED = ["free", "[Symbol.dispose]"];
  const isMember = (node) =>
    ts.isPropertySignature(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isGetAccessor(node) ||
    ts.isFunctionDeclaration(node) ||
    (ts.isConstructorDeclaration(node) && !node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword));
  // An event's name says itself what it is.
  const isName = (node) => node.name?.getText(source) === "type" && !node.questionToken;
  const silent = [...nodes(source)].filter(
    (node) =>
      isMember(node) && !isName(node) && !GENERATED.includes(node.name?.getText(source)) && ts.getJSDocCommentsAndTags(node).length === 0,
  );
  assert.deepEqual(silent.map(place), []);
});

test("properties that an application reads are readonly", () => {
  const isWritable = (node) =>
    ts.isPropertySignature(node) && !node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword);
  const found = [...nodes(source)].filter(isWritable);
  assert.deepEqual(found.map(place), []);
});
