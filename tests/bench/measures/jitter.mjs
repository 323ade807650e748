import { sleep } from "../machine/time.mjs";
import { conversation } from "../../worklet/network/traces.mjs";
import { median } from "../report/statistics.mjs";
import { answer } from "./playback.mjs";

const WARM_UP_MS = 600;

/** The network, of those that `docs/playback.md` has in virtual time, that is hardest without being slower than the sound. */
const NETWORK = "stalls";

export const jitter = {
  id: "jitter",
  title: "An uneven network",
  about:
    "Answers of four seconds in frames of 40 ms, late by 15 ms on average and 3 of 200 by 100 to 250 ms more: the same trace for all, from the seed that " +
    "docs/playback.md has in virtual time (`stalls`). A start that is later can spare gaps: both are told.",
  rounds: { full: 1, quick: 1 },
  metrics: [
    { id: "start", title: "first frame → first sound, median", unit: "ms" },
    { id: "gaps", title: "gaps in an answer", unit: "", plot: true },
    { id: "silence", title: "silence put in an answer", unit: "ms", plot: true },
  ],

  isFor: ({ isVariant }) => !isVariant,

  async run(stage, contender, { quick, round }) {
    const turns = conversation(NETWORK, round + 1).slice(0, quick ? 1 : 4);
    const visit = await stage.visit(contender, { ear: true });
    try {
      await visit.load();
      const { line } = await visit.start();
      await sleep(WARM_UP_MS);
      const found = [];
      for (const times of turns) found.push(await answer(visit, line, quick ? times.slice(0, 50) : times));
      const mean = (of) => found.reduce((sum, one) => sum + of(one), 0) / found.length;
      return { start: median(found.map(({ startMs }) => startMs)), gaps: mean(({ count }) => count), silence: mean(({ silenceMs }) => silenceMs) };
    } finally {
      await visit.leave();
    }
  },
};
