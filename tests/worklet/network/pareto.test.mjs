// Gaps against delay, ours beside others, on the same networks.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { peers } from "./players.mjs";
import { results, tables } from "./pareto.mjs";

const DOCUMENT = new URL("../../../docs/playback.md", import.meta.url);
const [BEGIN, END] = ["<!-- what pareto.mjs prints -->\n", "\n<!-- the end of it -->"];

const all = results();
const of = (network) => all.find(({ name }) => name === network).found;
const byDefault = (network) => of(network)["`jitterMs: 18`, the default"];

test("the documentation says what is measured", () => {
  const text = readFileSync(DOCUMENT, "utf8");
  const [before, rest] = text.split(BEGIN), after = rest.split(END)[1];
  const now = [before, BEGIN, tables(all), END, after].join("");
  if (process.env.UPDATE_DOCS) writeFileSync(DOCUMENT, now);
  else assert.equal(text, now, "UPDATE_DOCS=1 writes it");
});

test("on a clean network an answer starts within 25 ms, without a gap and as long as it is", () => {
  const { startMs, gaps, lagMs } = byDefault("clean");
  assert.ok(startMs <= 25 && gaps === 0 && Math.abs(lagMs) < 1, JSON.stringify(byDefault("clean")));
});

test("gaps are a seventh of those of whoever keeps no store, wherever parts come at the speed of speech", () => {
  for (const network of ["clean", "jitter", "stalls", "bursts", "slow"]) {
    for (const peer of ["at once (Firebase, Google's example)", "node rebuilt (Pipecat)"]) {
      assert.ok(byDefault(network).gaps <= of(network)[peer].gaps / 7, `${network}: ${byDefault(network).gaps}, ${of(network)[peer].gaps}`);
    }
  }
});

test("from the second turn on a gap is rare", () => {
  for (const { name } of all) assert.ok(byDefault(name).later <= 0.2, `${name}: ${byDefault(name).later}`);
});

test("who starts no sooner than ours has no fewer gaps", () => {
  for (const { name, found } of all) {
    const names = Object.keys(found);
    for (const one of names.filter((player) => player.includes("jitterMs") && !player.includes("false"))) {
      for (const other of names.filter((player) => player in peers || player.startsWith("fixed"))) {
        const { startMs, gaps } = found[other];
        // Where all is there long before it is due, the few gaps at the start are a matter of chance.
        const chance = name === "ahead" ? 0.5 : 0;
        assert.ok(startMs > found[one].startMs || gaps >= found[one].gaps - chance, `${name}: ${other} beats ${one}`);
      }
    }
  }
});

test("where the service is slower than speech, playing slower costs less than waiting", () => {
  const [stretched, gathered] = [byDefault("slow"), of("slow")["`jitterMs: 18, timeStretch: false`"]];
  assert.ok(stretched.startMs < 0.6 * gathered.startMs && stretched.gaps < gathered.gaps / 4);
  assert.ok(stretched.later === 0 && stretched.silenceMs < 20);
});
