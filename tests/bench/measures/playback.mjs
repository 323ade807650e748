import { realTime } from "../machine/line.mjs";
import { sleep } from "../machine/time.mjs";
import { gaps, stretches } from "../sound/silence.mjs";

const WARM_UP_MS = 600;

/** How much later than it was sent an answer mostly has ended, and may end. */
const TAIL_MS = 500;
const LONGEST_TAIL_MS = 5_000;

export const playback = {
  id: "playback",
  title: "Gaps in playback",
  about:
    "An answer in frames of 40 ms, each sent when the one before has been played: silence of more than a millisecond between its first and " +
    "its last sample, as it is heard at the loudspeaker; and how much later than its own length it ends. Idle, and with the page busy for 250 of every 500 ms.",
  rounds: { full: 2, quick: 1 },
  metrics: [
    { id: "idleStart", title: "idle, first frame → first sound", unit: "ms", plot: true },
    { id: "idleGaps", title: "idle, gaps", unit: "", ratio: false },
    { id: "idleSilence", title: "idle, silence put in", unit: "ms", ratio: false },
    { id: "busyGaps", title: "busy, gaps", unit: "", ratio: false },
    { id: "busySilence", title: "busy, silence put in", unit: "ms", plot: true, ratio: false },
    { id: "busyLag", title: "busy, later at its end", unit: "ms", ratio: false },
  ],

  async run(stage, contender, { quick }) {
    const [idleMs, busyMs] = quick ? [1_200, 1_600] : [3_000, 3_600];
    const visit = await stage.visit(contender, { ear: true });
    try {
      await visit.load();
      const { line } = await visit.start();
      await sleep(WARM_UP_MS);
      const idle = await answer(visit, line, realTime(idleMs));
      await visit.block();
      await sleep(WARM_UP_MS);
      const busy = await answer(visit, line, realTime(busyMs));
      await visit.unblock();
      return {
        idleStart: idle.startMs,
        idleGaps: idle.count,
        idleSilence: idle.silenceMs,
        busyGaps: busy.count,
        busySilence: busy.silenceMs,
        busyLag: busy.lagMs,
      };
    } finally {
      await visit.leave();
    }
  },
};

/** Has the service speak, a frame at each of the times, and tells what was heard of it. */
export async function answer(visit, line, times) {
  const said = await line.say(times);
  line.complete();
  await sleep(TAIL_MS);
  const { rate, edges } = await visit.heardWhen(({ edges: all }) => !all.at(-1)?.loud, LONGEST_TAIL_MS, "the end of an answer");
  const sound = stretches(edges.filter(({ at }) => at >= said.first));
  if (sound.length === 0) throw new Error(`${visit.contender.id}: nothing of an answer was heard`);
  const first = edges.find(({ loud, at }) => loud && at >= said.first);
  return { ...gaps(sound, rate, said.lengthMs), startMs: first.at - said.first };
}
