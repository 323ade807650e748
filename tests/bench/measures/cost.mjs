import { realTime } from "../machine/line.mjs";
import { sleep } from "../machine/time.mjs";

/** Until everything is compiled that is going to be. */
const WARM_UP_MS = 1_200;

export const cost = {
  id: "cost",
  title: "What a conversation costs",
  about:
    "The microphone is on and an answer is played, in frames of 40 ms: processor time that a second of it takes, on the page's own thread and in " +
    "all threads of its process. Nobody listens along.",
  rounds: { full: 2, quick: 1 },
  metrics: [
    { id: "main", title: "main thread", unit: "ms/s", plot: true },
    { id: "process", title: "renderer process", unit: "ms/s", plot: true },
    { id: "messages", title: "messages sent", unit: "/s", ratio: false },
  ],

  async run(stage, contender, { quick }) {
    const window = quick ? 1_500 : 4_000;
    const visit = await stage.visit(contender);
    try {
      await visit.load();
      const { line } = await visit.start();
      const speech = line.say(realTime(WARM_UP_MS + window + 300));
      await sleep(WARM_UP_MS);
      const devtools = await visit.devtools();
      const before = { ...(await devtools.processorTime()), messages: line.messages };
      await sleep(window);
      const after = { ...(await devtools.processorTime()), messages: line.messages };
      await speech;
      const seconds = after.at - before.at;
      return {
        main: ((after.main - before.main) / seconds) * 1000,
        process: ((after.process - before.process) / seconds) * 1000,
        messages: (after.messages - before.messages) / seconds,
      };
    } finally {
      await visit.leave();
    }
  },
};
