/**
 * What is measured, in this order. A measure is a file beside this one:
 *
 *   id, title, about      about: what is measured and how, for whoever reads the report
 *   rounds                how often every contender is visited, in a full and in a quick run
 *   metrics               columns of the report: `id`, `title`, `unit`; `statistic` of samples (`median`, `p90`, `p99`, `max`), which are those of
 *                         another id with `of`; `plot` if there is a picture of it; `ratio: false` where a quotient says nothing
 *   isFor(contender)      optional: whether a contender takes part
 *   isAtOnce              optional: whether all are visited at the same time
 *   run(stage, contender, { quick, round })   one visit: answers a figure, or samples, by the metrics' ids
 */
import { arrival } from "./arrival.mjs";
import { cost } from "./cost.mjs";
import { interruption } from "./interruption.mjs";
import { jitter } from "./jitter.mjs";
import { memory } from "./memory.mjs";
import { microphone } from "./microphone.mjs";
import { playback } from "./playback.mjs";
import { start } from "./start.mjs";
import { weight } from "./weight.mjs";

export const MEASURES = [weight, start, microphone, playback, jitter, arrival, interruption, cost, memory];
