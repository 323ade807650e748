import assert from "node:assert/strict";
import test from "node:test";

import { HEADERS, HOSTS, IN_CHROMIUM, IN_OTHERS, forms } from "../e2e/support/forms.mjs";

/** Each form as it is run, in Chromium and in one of the others: its values, and where. */
function runs(coverage, factors) {
  const isIn = { chromium: IN_OTHERS, others: IN_CHROMIUM };
  return Object.entries(isIn).flatMap(([browser, other]) =>
    forms(coverage, factors)
      .filter(({ tag }) => !tag.includes(other))
      .map(({ tag: _, ...values }) => ({ browser, ...values })),
  );
}

const FACTORS = { runIn: HOSTS, headers: HEADERS };

test("the full product is run in every browser", () => {
  assert.equal(runs("full", FACTORS).length, 8);
});

test("in pairs each two values meet, and no two forms have the same two", () => {
  const names = ["browser", "runIn", "headers"];
  const found = runs("pairs", FACTORS);
  for (const [index, one] of names.entries()) {
    for (const other of names.slice(index + 1)) {
      assert.equal(new Set(found.map((form) => `${form[one]} ${form[other]}`)).size, 4, `${one} and ${other}`);
    }
  }
  assert.equal(found.length, 4);
});

test("once is all of them in Chromium and the last elsewhere, one is one of them in each", () => {
  assert.deepEqual(runs("once", { runIn: HOSTS }), [
    { browser: "chromium", runIn: "worker" },
    { browser: "chromium", runIn: "page" },
    { browser: "others", runIn: "page" },
  ]);
  assert.deepEqual(runs("one", { runIn: HOSTS }), [
    { browser: "chromium", runIn: "worker" },
    { browser: "others", runIn: "page" },
  ]);
});
