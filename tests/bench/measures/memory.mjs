import { realTime } from "../machine/line.mjs";
import { now, sleep } from "../machine/time.mjs";

/** Until what is made once has been made. */
const WARM_UP_MS = 3_000;

const BYTES_OF_MB = 1e6;

export const memory = {
  id: "memory",
  title: "Memory of a conversation",
  about:
    "All talk at the same time, each in a process of its own; the microphone is on and an answer is played. What scripts hold after garbage collection, on the page, in " +
    "Workers and worklets together, and the memory of WebAssembly; and by how much the former grows after the first seconds. What the browser holds for them is not " +
    "in it.",
  rounds: { full: 1, quick: 1 },
  metrics: [
    { id: "heap", title: "scripts", unit: "MB", plot: true },
    { id: "wasm", title: "WebAssembly", unit: "MB", ratio: false },
    { id: "growth", title: "scripts, growth", unit: "kB/min", ratio: false },
  ],

  /** Nothing here depends on how busy the machine is. */
  isAtOnce: true,

  isFor: ({ isVariant }) => !isVariant,

  async run(stage, contender, { quick }) {
    const lengthMs = quick ? 3_000 : 30_000;
    const visit = await stage.visit(contender);
    try {
      const devtools = await visit.devtools();
      await visit.load();
      const { line } = await visit.start();
      const speech = line.say(realTime(WARM_UP_MS + lengthMs));
      await sleep(WARM_UP_MS);
      const [from, first] = [now(), await devtools.memory()];
      await speech;
      const [to, last] = [now(), await devtools.memory()];
      const growth = (last.heap - first.heap) / 1000 / ((to - from) / 60_000);
      return { heap: last.heap / BYTES_OF_MB, wasm: last.wasm / BYTES_OF_MB, growth };
    } finally {
      await visit.leave();
    }
  },
};
