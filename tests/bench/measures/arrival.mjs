import { atOnce, realTime } from "../machine/line.mjs";
import { sleep } from "../machine/time.mjs";

const WARM_UP_MS = 600;

/** Until the last of what was said has come. */
const TAIL_MS = 500;

/** Audio that comes at once, so often. */
const BURST_MS = 3_000;

export const arrival = {
  id: "arrival",
  title: "From the socket to the audio thread",
  about:
    "From the message event of a frame of 40 ms until its samples are where the audio thread takes them from: in shared memory, or in a " +
    "message to it. In real time, and 75 frames at once. Every page is isolated here, for a clock of 5 µs, and the microphone is off. Of our " +
    "own only: where peers hand over is not one place.",
  rounds: { full: 2, quick: 1 },
  isFor: ({ packages }) => packages[0] === "gemini-live-web",
  metrics: [
    { id: "paced", title: "real time, median", unit: "ms", statistic: "median" },
    { id: "pacedP99", of: "paced", title: "real time, 99 %", unit: "ms", statistic: "p99" },
    { id: "burst", title: "at once, median", unit: "ms", statistic: "median" },
    { id: "burstP99", of: "burst", title: "at once, 99 %", unit: "ms", statistic: "p99" },
  ],

  async run(stage, contender, { quick }) {
    const [pacedMs, bursts] = quick ? [2_000, 1] : [8_000, 4];
    const visit = await stage.visit(contender, { probe: true });
    try {
      await visit.load();
      const { line } = await visit.start();
      await sleep(WARM_UP_MS);
      const paced = await arrivals(visit, line, [realTime(pacedMs)]);
      const burst = await arrivals(visit, line, Array.from({ length: bursts }, () => atOnce(BURST_MS)));
      return { paced, burst };
    } finally {
      await visit.leave();
    }
  },
};

/** Has the service speak, answer by answer, and tells how long after each of its frames the audio of it was there. */
async function arrivals(visit, line, answers) {
  for (const times of answers) {
    const { lengthMs } = await line.say(times);
    line.complete();
    // The next is not to find the ring full.
    await sleep(times.at(-1) > 0 ? TAIL_MS : lengthMs + TAIL_MS);
  }
  const seen = await visit.arrivals();
  const wanted = answers.reduce((count, times) => count + times.length, 0);
  if (seen.length !== wanted) throw new Error(`${visit.contender.id}: of ${wanted} frames ${seen.length} were seen to arrive`);
  return seen;
}
