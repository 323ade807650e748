import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { CONTENDERS } from "../contenders/table.mjs";
import { STATISTICS } from "../report/statistics.mjs";
import { MEASURES } from "./index.mjs";

const NEEDED = JSON.parse(readFileSync(new URL("../package.json", import.meta.url))).devDependencies;

test("every row has a name of its own, a file that starts and stops, and packages of one version", () => {
  assert.equal(new Set(CONTENDERS.map(({ id }) => id)).size, CONTENDERS.length);
  for (const { id, entry, packages, title } of CONTENDERS) {
    const file = new URL(`../contenders/${entry}`, import.meta.url);
    assert.ok(title && existsSync(file), id);
    const exported = readFileSync(file, "utf8").match(/(?<=^export (async )?function )\w+/gm);
    assert.deepEqual(exported.filter((name) => ["start", "stop"].includes(name)), ["start", "stop"], id);
    for (const name of packages) assert.match(NEEDED[name] ?? (name === "gemini-live-web" ? "0.0.0" : ""), /^\d+\.\d+\.\d+$/, name);
  }
});

test("what others are compared with takes part in everything", () => {
  const [first] = CONTENDERS;
  assert.ok(!first.isVariant && !first.measures);
  for (const { id, isFor } of MEASURES) assert.ok(isFor?.(first) ?? true, id);
});

test("every measure says what it is, and its columns are of figures and samples that there are", () => {
  assert.equal(new Set(MEASURES.map(({ id }) => id)).size, MEASURES.length);
  for (const { id, title, about, rounds, metrics } of MEASURES) {
    assert.ok(title && about.endsWith(".") && rounds.full >= rounds.quick && rounds.quick >= 1, id);
    assert.equal(new Set(metrics.map((metric) => metric.id)).size, metrics.length, id);
    for (const metric of metrics) {
      const where = `${id} ${metric.id}`;
      assert.ok(metric.title && metric.unit !== undefined, where);
      if (metric.statistic) assert.ok(STATISTICS[metric.statistic], where);
      if (metric.of) assert.ok(metrics.some((other) => other.id === metric.of && other.statistic), where);
    }
  }
});

test("a row that names measures names some that there are", () => {
  const known = MEASURES.map(({ id }) => id);
  for (const { id, measures = [] } of CONTENDERS) for (const name of measures) assert.ok(known.includes(name), id);
});
