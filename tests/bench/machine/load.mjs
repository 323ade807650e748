import { cpus, loadavg } from "node:os";

import { median } from "../report/statistics.mjs";
import { sleep } from "./time.mjs";

/** Until what was left of a visit has been cleared away, and how long the machine is looked at then. */
const SETTLE_MS = 300;
const LOOK_MS = 300;

/** Above this share of the processors, whatever else runs is a part of what is measured. */
const MOST_OF_OTHERS = 0.1;

/** How much of the machine others use: looked at while no page is open. */
export class Load {
  #shares = [];
  #average = [loadavg()[0]];

  async look() {
    await sleep(SETTLE_MS);
    const before = times();
    await sleep(LOOK_MS);
    const after = times();
    this.#shares.push((after.busy - before.busy) / Math.max(1, after.all - before.all));
  }

  /** What was seen. */
  sum() {
    const others = median(this.#shares);
    return { others, isTooMuch: others > MOST_OF_OTHERS, average: [...this.#average, loadavg()[0]] };
  }
}

function times() {
  const sum = { busy: 0, all: 0 };
  for (const { times: spent } of cpus()) {
    const all = Object.values(spent).reduce((total, one) => total + one, 0);
    sum.all += all;
    sum.busy += all - spent.idle;
  }
  return sum;
}
