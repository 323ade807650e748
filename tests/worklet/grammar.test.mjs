// The grammar of events that browser tests follow, against the table that the one in Rust is held against as well.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { follower } from "../e2e/support/grammar.mjs";

const { words, rows } = JSON.parse(readFileSync(new URL("../fixtures/grammar.json", import.meta.url), "utf8"));

/** The event that a word of the table stands for. */
function event(word) {
  const [type, of] = word.split(" ");
  if (type === "state") return { type: "stateChange", state: of };
  return type === "reconnecting" ? { type, attempt: Number(of) } : { type };
}

/** What must not have come. */
function faults(heard) {
  const found = [];
  const follow = follower((fault) => found.push(fault));
  for (const word of heard) follow(event(word));
  return found;
}

test("the grammar is that of its table", () => {
  for (const { place, heard, may } of rows) {
    assert.deepEqual(faults(heard), [], place);
    assert.deepEqual(words.filter((word) => faults([...heard, word]).length === 0), may, place);
  }
});
