import { now, sleep } from "../machine/time.mjs";
import { delays } from "../sound/bursts.mjs";

/** Until devices and codecs have warmed up. */
const WARM_UP_MS = 700;

export const microphone = {
  id: "microphone",
  title: "From the microphone to the wire",
  about:
    "Bursts of a tone at times left to chance: from the moment at which any script could see the first sample (a " +
    "MediaStreamTrackProcessor beside the contender) to the arrival of the message that holds it at the server. The browser's filters are off. Idle, and with the page " +
    "busy for 250 of every 500 ms.",
  rounds: { full: 2, quick: 1 },
  metrics: [
    { id: "idle", title: "idle, median", unit: "ms", statistic: "median", plot: true },
    { id: "idleP90", of: "idle", title: "idle, 90 %", unit: "ms", statistic: "p90" },
    { id: "busy", title: "busy, median", unit: "ms", statistic: "median" },
    { id: "busyP90", of: "busy", title: "busy, 90 %", unit: "ms", statistic: "p90", plot: true },
    { id: "busyMax", of: "busy", title: "busy, longest", unit: "ms", statistic: "max" },
    { id: "busyLost", title: "busy, never came", unit: "%", ratio: false },
  ],

  async run(stage, contender, { quick }) {
    const [idleMs, busyMs] = quick ? [1_200, 1_500] : [3_000, 4_000];
    const visit = await stage.visit(contender, { microphone: true });
    try {
      await visit.load();
      const { line } = await visit.start();
      await sleep(WARM_UP_MS);
      const idle = [now(), now() + idleMs];
      await sleep(idleMs);
      await visit.block();
      await sleep(WARM_UP_MS / 2);
      const busy = [now(), now() + busyMs];
      await sleep(busyMs);
      await visit.unblock();
      // What was said last is still on its way.
      await sleep(WARM_UP_MS / 2);
      const { bursts } = await visit.heard();
      const all = delays(bursts, line.bursts);
      const among = ([from, to]) => all.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms);
      const came = (ms) => ms !== undefined;
      // Now and then what listens beside the contender is at odds with the server about when or what that was, and no burst seems to come.
      const known = all.filter(({ ms }) => came(ms)).length;
      if (known < line.bursts.length / 2) throw new Error(`of ${line.bursts.length} bursts that came only ${known} are known`);
      const lost = among(busy).filter((ms) => !came(ms)).length / among(busy).length;
      return { idle: among(idle).filter(came), busy: among(busy).filter(came), busyLost: 100 * lost };
    } finally {
      await visit.leave();
    }
  },
};
