import { atOnce } from "../machine/line.mjs";
import { now, sleep } from "../machine/time.mjs";
import { random } from "../sound/bursts.mjs";

const WARM_UP_MS = 600;

/** So much is waiting to be played. */
const AHEAD_MS = 3_000;

/** So long is looked at an answer that was interrupted, idle and busy; what is still heard then counts as this. */
const LONGEST_MS = { idle: 350, busy: 700 };

export const interruption = {
  id: "interruption",
  title: "From the interruption to silence",
  about:
    "Three seconds of an answer are there, and somewhere in its first the service says that the user has interrupted it: until the last sample " +
    "that is heard. Idle, and with the page busy for 250 of every 500 ms.",
  rounds: { full: 2, quick: 1 },
  metrics: [
    { id: "idle", title: "idle, median", unit: "ms", statistic: "median" },
    { id: "idleMax", of: "idle", title: "idle, longest", unit: "ms", statistic: "max" },
    { id: "busy", title: "busy, median", unit: "ms", statistic: "median", plot: true },
    { id: "busyMax", of: "busy", title: "busy, longest", unit: "ms", statistic: "max", plot: true },
  ],

  async run(stage, contender, { quick, round }) {
    const [idleTimes, busyTimes] = quick ? [1, 2] : [2, 4];
    const next = random(round + 1);
    const visit = await stage.visit(contender, { ear: true });
    try {
      await visit.load();
      const { line } = await visit.start();
      await sleep(WARM_UP_MS);
      const idle = await interrupt(line, idleTimes, LONGEST_MS.idle, next);
      await visit.block();
      const busy = await interrupt(line, busyTimes, LONGEST_MS.busy, next);
      await visit.unblock();
      const heard = await visit.heard();
      const after = (all, longestMs) => all.map((at) => silentAfter(heard, at, longestMs)).filter((ms) => ms !== undefined);
      return { idle: after(idle, LONGEST_MS.idle), busy: after(busy, LONGEST_MS.busy) };
    } finally {
      await visit.leave();
    }
  },
};

/** Has the service speak and be interrupted, so many times; answers when it said so. */
async function interrupt(line, times, longestMs, next) {
  const at = [];
  for (let count = 0; count < times; count++) {
    await line.say(atOnce(AHEAD_MS));
    await sleep(300 + 500 * next());
    at.push(line.interrupt());
    line.complete();
    await sleep(longestMs);
  }
  return at;
}

/** How long after a time the last of what was playing then was heard; nothing if nothing was. */
function silentAfter({ rate, edges }, time, longestMs) {
  const before = edges.findLast(({ at }) => at < time);
  if (!before?.loud) return undefined;
  const during = edges.filter(({ at }) => at >= time && at < time + longestMs);
  const last = during.at(-1);
  if (!last || last.loud) return longestMs;
  // What was heard last may have been rendered just before.
  return Math.max(0, last.at - ((last.rendered - last.frame) / rate) * 1000 - time);
}
