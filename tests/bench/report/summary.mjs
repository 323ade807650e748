import { markdown } from "./tables.mjs";

/** The committed report: what was measured, on what, when, and how to do it again. All of it is made from one run. */
export function summary({ machine, run, contenders, measures }) {
  const parts = [
    "# Beside the others",
    INTRODUCTION,
    `Written by \`${run.command}\` on ${run.date}, from ${run.commit}. ${about(machine)} ${loadOf(run)}`,
    warning(run),
    `| who | of |\n|---|---|\n${contenders.map(({ title, versions }) => `| ${title} | ${versions.join(", ")} |`).join("\n")}`,
    ...measures.map((measure) => `## ${measure.title}\n\n${measure.about}\n\n${markdown(measure, contenders)}`),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

/** What is to be said of a run on a machine that had something else to do. */
export function warning({ load }) {
  return load.isTooMuch ? "**The machine had other things to do: these figures say nothing.**" : "";
}

export function about({ cpu, cores, memoryGb, system, chromium, node }) {
  return `Machine: ${cores} cores of ${cpu}, ${memoryGb} GB, ${system}; Chromium ${chromium}, headless, with devices of its own; Node ${node}.`;
}

export function loadOf({ load, tookS }) {
  const busy = `${Math.round(load.others * 100)} %`;
  return `It took ${Math.round(tookS / 60)} min; while no page was open, others used ${busy} of the processors; load average ${load.average.map((one) => one.toFixed(2)).join(" before, ")} after.`;
}

const INTRODUCTION = `<!-- Written by \`cargo xtask bench --summary\`: do not edit. -->

The packed package and what else talks to the Live API from a browser, in one Chromium, against one local server that answers as the service does:
one visit after the other, in turns, so that what the machine does meanwhile happens to all. A cell is the figure over all rounds together, in brackets the lowest and the highest of
the rounds, and behind the dot how many times the first row's it is, in the median of rounds; less is better throughout. There is no network between, no sound card and no user:
absolute figures move from machine to machine, ratios less. What each measurement is, and how to add one or a contender, is in [tests/bench](../tests/bench/README.md).`;
