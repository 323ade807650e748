// Prints what `docs/playback.md` says of gaps against delay: node tests/worklet/network/pareto.mjs

import { pathToFileURL } from "node:url";

import { fixed, measure, ours, peers } from "./players.mjs";
import { conversation, networks } from "./traces.mjs";

const SEEDS = 5;

/** Who plays: ours by its options, the peers, and buffers of a fixed size to compare with at any delay. */
export const players = {
  "`jitterMs: 18`, the default": ours(),
  "`jitterMs: 60`": ours({ jitterMs: 60 }),
  "`jitterMs: 120`": ours({ jitterMs: 120 }),
  "`jitterMs: 18, timeStretch: false`": ours({ timeStretch: false }),
  ...peers,
  ...Object.fromEntries([40, 60, 100, 150, 200, 300].map((ms) => [`fixed ${ms} ms`, fixed(ms)])),
};

/** What each player makes of each network. */
export function results(names = Object.keys(players), among = networks, seeds = SEEDS) {
  return among.map(({ name, about }) => {
    const conversations = Array.from({ length: seeds }, (_, i) => conversation(name, i + 1));
    return { name, about, found: Object.fromEntries(names.map((player) => [player, measure(players[player], conversations)])) };
  });
}

/** A table of Markdown for each network. */
export function tables(all = results()) {
  return all.map(({ name, about, found }) => {
    const rows = Object.entries(found).map(([player, { startMs, gaps, later, silenceMs, lagMs }]) =>
      `| ${player} | ${startMs.toFixed(0)} | ${gaps.toFixed(1)} | ${later.toFixed(2)} | ${silenceMs.toFixed(0)} | ${lagMs.toFixed(0)} |`,
    );
    return [
      `**${name}**: ${about}`,
      "",
      "| | start, ms | gaps | a turn, from the second on | silence, ms | lag, ms |",
      "|---|--:|--:|--:|--:|--:|",
      ...rows,
    ].join("\n");
  }).join("\n\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(tables());
