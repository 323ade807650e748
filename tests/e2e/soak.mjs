/**
 * Sessions that go from connection to connection for a long time: `cargo xtask soak` runs this.
 *
 * DEMO_URL is a server with a simulator, whose script `soak` ends each connection after some seconds. SESSIONS at once, each on
 * a page of its own, in a Worker and on the page by turns, speak and listen for MINUTES; OUT_DIR is where the microphone's file
 * goes, CHROMIUM the browser. Every sample is followed from the microphone to the simulator, and from there to the loudspeaker.
 * Succeeds only if what was lost is accounted for, and nothing is left on.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { OUT_DIR } from "./playwright.config.mjs";
import { launchOptionsOf } from "./support/browsers.mjs";
import { within } from "./support/deadline.mjs";
import { watch } from "./support/leftovers.mjs";
import { PHRASE, RATE, stage } from "./support/scenes.mjs";
import { Simulator } from "./support/simulator.mjs";
import { ANSWER_MS, Soaked, TICK_MS, WIRE_IN_HZ, WIRE_OUT_HZ, sum, wait } from "./support/soaked.mjs";

/** Where what is known of each connection is written. */
const FILE = join(OUT_DIR, "soak.json");

/** What all of it may take beside the time that is soaked. */
const LONGEST_MS = 4 * 60_000;

/** Somebody who speaks now and then, and into every other answer. Behind it is some noise, so that no piece is like another. */
function speaker() {
  const pause = (seconds) => new Float32Array(seconds * RATE);
  const sounds = Array.from({ length: 8 }, () => [pause(1.5), PHRASE, pause(1.2), PHRASE, pause(3)]).flat();
  let seed = 1;
  const noise = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
  return { loops: true, wav: stage("soak", ...sounds.map((sound) => sound.map((sample) => 0.9 * sample + 0.003 * noise()))) };
}

/** Everything that is known, for whoever has to find out why something is unexplained. */
function write(all) {
  const known = all.map(({ runIn, stats, seen, spoken, heard, notes, closedAt, trace }) => {
    const { missing, twice } = spoken;
    return { runIn, stats, seen, notes, spoken: { missing, twice, tail: spoken.tail(closedAt) }, heard: { ...heard, played: undefined }, trace };
  });
  writeFileSync(FILE, `${JSON.stringify(known, null, 1)}\n`);
}

function report(all, minutes) {
  const judged = all.map((one) => one.judge());
  const total = (read) => sum(all.map(read));
  const ms = (name, rate) => `${Math.round((sum(judged.map(({ losses }) => losses[name])) / rate) * 1000)} ms`;
  const spoken = (name) => ms(name, WIRE_IN_HZ);
  const heard = (name) => ms(name, WIRE_OUT_HZ);
  const seconds = (read, rate) => `${(total(read) / rate).toFixed(1)} s`;
  const peak = (name) => Math.round(Math.max(...all.map(({ seen }) => seen[name])));
  const growth = (name) => {
    const kB = (read) => `${Math.round(total(read) / 1024)}`;
    return `${kB(({ before }) => before[name])} → ${kB(({ after }) => after[name])} kB`;
  };
  const unexplained = judged.flatMap((one, index) => {
    const { number, runIn } = all[index];
    const found = Object.entries(one.unexplained).filter(([, count]) => count > 0);
    return found.map(([what, count]) => `session ${number} (${runIn}): ${what}: ${count}`);
  });
  const left = all.flatMap(({ number, left: lines }) => lines.map((line) => `session ${number}: ${line}`));
  const most = Math.round((Math.max(...judged.map((one) => one.most)) / WIRE_IN_HZ) * 1000);
  const lines = {
    sessions: `${all.length} for ${minutes} min: ${total(({ links }) => links)} connections, ${total(({ cuts }) => cuts)} of which broke, ${total(({ closed }) => closed)} the service closed`,
    rotations: `${total(({ stats }) => stats.rotations)}`,
    spoken: `${seconds((one) => one.spoken.arrived, WIRE_IN_HZ)} arrived as the microphones gave them, of ${seconds((one) => one.closedAt, WIRE_IN_HZ)}`,
    "  lost": `${spoken("spokenOnTheWay")} on the way at breaks, and ${spoken("spokenInTheBrowser")} in the browser, at most ${most} ms at one; ${spoken("spokenAndCounted")} dropped and counted`,
    "  twice": `${spoken("spokenTwiceAtBreaks")} where connections broke`,
    written: `${total(({ notes }) => new Set(notes).size)} of ${total(({ seen }) => seen.notes)} notes arrived, the others on the way at breaks`,
    heard: `${seconds((one) => one.heard.exact, WIRE_OUT_HZ)} played as they were sent, of ${seconds((one) => one.heard.sent, WIRE_OUT_HZ)}`,
    "  cut": `${heard("heardInterrupted")} interrupted by the user, ${heard("heardInRamps")} in ramps`,
    "  lost ": `${heard("heardOnTheWay")} on the way when a connection ended`,
    queues: `at most ${peak("bufferedAmount")} bytes in a socket, ${peak("heldMs")} ms held, ${peak("queuedMs")} ms waiting to be played`,
    memory: `heap ${growth("heap")}, buffers ${growth("buffers")}, wasm ${growth("wasm")}, all sessions together`,
    details: FILE,
    "left on": left.join("; ") || "nothing",
    unexplained: unexplained.join("; ") || "nothing",
  };
  for (const [name, text] of Object.entries(lines)) console.log(`${name.padEnd(12)} ${text}`);
  return unexplained.length === 0 && left.length === 0;
}

async function main() {
  const { DEMO_URL, SESSIONS = "2", MINUTES = "1" } = process.env;
  if (!DEMO_URL) throw new Error("DEMO_URL is not set: run `cargo xtask soak`");
  const simulator = await within(ANSWER_MS, "ask the server", Simulator.behind(DEMO_URL));
  const browser = await chromium.launch({ ...launchOptionsOf("chromium", speaker()), headless: true, timeout: ANSWER_MS });
  try {
    const context = await within(ANSWER_MS, "open a context", browser.newContext());
    const witness = fileURLToPath(new URL("pages/witness.js", import.meta.url));
    await within(ANSWER_MS, "prepare the context", context.addInitScript({ path: witness }));
    await within(ANSWER_MS, "prepare the context", context.addInitScript(watch, "/tests/pages/watcher.js"));
    // One after the other: whoever begins is at the front, and is weighed there.
    let last = Promise.resolve();
    const begun = [];
    const live = async (_, number) => {
      last = last.then(() => Soaked.start(context, DEMO_URL, simulator, number, begun));
      const one = await last;
      const end = performance.now() + Number(MINUTES) * 60_000;
      while (performance.now() < end) {
        await wait(TICK_MS);
        await one.tick();
      }
      await one.end();
      return one;
    };
    const deadline = wait(Number(MINUTES) * 60_000 + LONGEST_MS).then(() => {
      const open = begun.filter(({ doing }) => doing !== "nothing");
      const what = open.map(({ number, runIn, doing }) => `session ${number} (${runIn}): ${doing}`);
      throw new Error(`it takes too long: ${what.join("; ")}`);
    });
    const all = await Promise.race([Promise.all(Array.from({ length: Number(SESSIONS) }, live)), deadline]);
    write(all);
    if (!report(all, MINUTES)) process.exitCode = 1;
  } finally {
    // The end of this process ends a browser too that does not.
    await within(ANSWER_MS, "close the browser", browser.close()).catch((error) => {
      console.error(error.message);
      process.exitCode = 1;
    });
  }
}

main().then(
  () => process.exit(),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
