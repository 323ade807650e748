import assert from "node:assert/strict";
import { test } from "node:test";

import { page, plots } from "./page.mjs";
import { plot } from "./plot.mjs";
import { figures, quantile } from "./statistics.mjs";
import { summary } from "./summary.mjs";
import { markdown } from "./tables.mjs";
import { figure, number } from "./words.mjs";

const SAMPLES = { id: "delay", title: "delay", unit: "ms", statistic: "median", plot: true };
const PLAIN = { id: "kb", title: "weight", unit: "kB" };

const CONTENDERS = [
  { id: "ours", title: "Ours", isOurs: true, versions: ["ours 1"] },
  { id: "theirs", title: "Theirs <3", versions: ["theirs 2"] },
  { id: "broken", title: "Broken", versions: [] },
];

const MEASURE = {
  id: "speed",
  title: "Speed",
  about: "How fast.",
  metrics: [SAMPLES, PLAIN],
  results: {
    ours: { rounds: [{ delay: [1, 2, 3], kb: 10 }, { delay: [3], kb: 10 }], failures: [] },
    theirs: { rounds: [{ delay: [20], kb: 5 }, { delay: [60, 60], kb: 5 }], failures: [] },
    broken: { rounds: [undefined, undefined], failures: ["it hung", "it hung"] },
  },
};

const REPORT = {
  machine: { cpu: "a processor", cores: 2, memoryGb: 4, system: "Linux 6", chromium: "1", node: "20" },
  run: { command: "cargo xtask bench", date: "2026-01-02 03:04 UTC", commit: "commit abc", tookS: 120, load: { others: 0.02, isTooMuch: false, average: [0.1, 0.2] } },
  contenders: CONTENDERS,
  measures: [MEASURE],
};

test("a quantile lies between two values in proportion", () => {
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(quantile([1, 2, 3, 4, 5], 0.9), 4.6);
  assert.equal(quantile([7], 0.9), 7);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test("samples of all rounds are one lot, and the spread is that of the rounds", () => {
  const found = figures(SAMPLES, rounds());
  assert.deepEqual(found.ours, { value: 2.5, low: 2, high: 3, ratio: 1 });
  assert.deepEqual([found.theirs.value, found.theirs.low, found.theirs.high], [60, 20, 60]);
});

test("a ratio is made within a round, so that what changes between rounds is not in it", () => {
  // Ten times in the one, twenty times in the other.
  assert.equal(figures(SAMPLES, rounds()).theirs.ratio, 15);
});

test("another statistic can be made of the same samples", () => {
  const longest = { id: "longest", of: "delay", title: "longest", unit: "ms", statistic: "max" };
  assert.equal(figures(longest, rounds()).ours.value, 3);
});

test("a round that failed is not counted, nor compared with", () => {
  const found = figures(PLAIN, { ours: [undefined, { kb: 2 }], theirs: [{ kb: 8 }, { kb: 6 }] });
  assert.deepEqual(found.theirs, { value: 7, low: 6, high: 8, ratio: 3 });
  assert.equal(figures(PLAIN, rounds()).broken, undefined);
});

test("nothing is so many times nothing", () => {
  const found = figures(PLAIN, { ours: [{ kb: 0 }], theirs: [{ kb: 8 }] });
  assert.equal(found.theirs.ratio, undefined);
  assert.equal(figure(found.theirs), "8.00");
});

test("a number has the digits that say something", () => {
  assert.deepEqual([0, 0.304, 5.25, 99.4, 234.5, -0.001, -12.34].map(number), ["0", "0.30", "5.25", "99.4", "235", "0", "-12.3"]);
});

test("a cell has the spread where there is one, and the ratio of all but the first", () => {
  const found = figures(SAMPLES, rounds());
  assert.equal(figure(found.ours, { isFirst: true }), "2.50 (2.00–3.00)");
  assert.equal(figure(found.theirs), "60.0 (20.0–60.0) · 15.0×");
  assert.equal(figure(undefined), "–");
});

test("who failed has no figures, and says why", () => {
  const text = markdown(MEASURE, CONTENDERS);
  assert.match(text, /^\| Broken \| – \| – \|$/m);
  assert.match(text, /^Broken failed 2 times: it hung$/m);
});

test("who takes no part in a measure is not in its table", () => {
  const { broken: _, ...results } = MEASURE.results;
  assert.doesNotMatch(markdown({ ...MEASURE, results }, CONTENDERS), /Broken/);
});

test("the summary says machine, date, command and versions", () => {
  const text = summary(REPORT);
  for (const word of ["a processor", "2026-01-02 03:04 UTC", "`cargo xtask bench`", "commit abc", "theirs 2", "## Speed", "2 %"]) assert.ok(text.includes(word), word);
  assert.doesNotMatch(text, /say nothing/);
});

test("a run beside other work says so in both reports", () => {
  const run = { ...REPORT.run, load: { others: 0.4, isTooMuch: true, average: [3, 4] } };
  for (const text of [summary({ ...REPORT, run }), page({ ...REPORT, run })]) assert.match(text, /these figures say nothing/);
});

test("a bar is as long as its share of the longest", () => {
  const picture = plot(PLAIN, [
    { title: "a", found: { value: 50, low: 50, high: 50 }, ours: true },
    { title: "b", found: { value: 100, low: 100, high: 100 } },
  ]);
  const [one, other] = [...picture.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
  assert.ok(other > 100 && Math.abs(one * 2 - other) < 0.2);
});

test("a picture of nothing at all, or of a failure, is still one", () => {
  const picture = plot(PLAIN, [{ title: "a", found: { value: 0, low: 0, high: 0 } }, { title: "b" }]);
  assert.match(picture, />failed</);
  assert.doesNotMatch(picture, /NaN|Infinity|undefined/);
});

test("only what is marked is drawn, and no name breaks a picture or the page", () => {
  const drawn = plots(MEASURE, CONTENDERS);
  assert.deepEqual(Object.keys(drawn), ["speed-delay.svg"]);
  for (const text of [drawn["speed-delay.svg"], page(REPORT)]) {
    assert.ok(text.includes("Theirs &lt;3") && !text.includes("Theirs <3"));
    assert.doesNotMatch(text, /undefined|NaN/);
  }
});

function rounds() {
  return Object.fromEntries(Object.entries(MEASURE.results).map(([id, result]) => [id, result.rounds]));
}
