// Networks: when the parts of answers come. Each is made from a seed, so that what is measured on it can be measured again.

import { random } from "../harness.mjs";

/** Turns of a conversation, parts of each, and how long a part lasts. */
export const TURNS = 10, PARTS = 100, PART_MS = 40;

/** When part `k` would come, if none had to wait for the one before; `u` gives numbers from 0 to 1. */
const KINDS = {
  clean: { about: "real time, each part up to 6 ms late", at: (k, u) => PART_MS * k + 6 * u() },
  jitter: { about: "real time, late by 15 ms on average (exponential)", at: (k, u) => PART_MS * k + late(u, 15) },
  stalls: {
    about: "as `jitter`, and 3 parts of 200 by 100 to 250 ms more",
    at: (k, u) => PART_MS * k + late(u, 15) + (u() < 0.015 ? 100 + 150 * u() : 0),
  },
  bursts: {
    about: "real time, five parts at once, late by 15 ms on average",
    at: (k, u) => 5 * PART_MS * Math.floor(k / 5) + (k % 5 === 0 ? late(u, 15) : 0),
  },
  slow: { about: "seven percent slower than real time, late by 5 ms on average", at: (k, u) => 43 * k + late(u, 5) },
  ahead: {
    about: "twice as fast as real time, with the jitter of `stalls`",
    at: (k, u) => 20 * k + late(u, 15) + (u() < 0.015 ? 100 + 150 * u() : 0),
  },
};

const late = (u, meanMs) => -meanMs * Math.log(u());

export const networks = Object.entries(KINDS).map(([name, { about }]) => ({ name, about }));

/** A conversation over a network: for each turn, when its parts come, in milliseconds after the first. In order. */
export function conversation(network, seed) {
  const next = random(seed * 7919 + 13);
  const u = () => (next() + 0.5) / 2 ** 32;
  return Array.from({ length: TURNS }, () => {
    let latest = 0;
    const times = Array.from({ length: PARTS }, (_, k) => (latest = Math.max(latest, KINDS[network].at(k, u))));
    return times.map((time) => time - times[0]);
  });
}
