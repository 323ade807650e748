/**
 * Measures the packed package beside its peers: what `cargo xtask bench` starts when everything is built and installed.
 *
 *   --quick           few and short visits, and no variants: to see that it works, not to quote
 *   --json FILE       everything that was measured, sample by sample
 *   --summary FILE    the report in Markdown; refused when the machine had other things to do, unless --anyway
 *   --only MEASURE    one measure alone; --with CONTENDER: with the first one alone. Both may be repeated
 *
 * CHROMIUM, PACKAGE_DIR and OUT_DIR say where things are. The report is `index.html` in OUT_DIR.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { CONTENDERS } from "./contenders/table.mjs";
import { launch } from "./machine/browser.mjs";
import { bundle } from "./machine/bundles.mjs";
import { Load } from "./machine/load.mjs";
import { commit, machine, versions } from "./machine/about.mjs";
import { Server } from "./machine/server.mjs";
import { Stage } from "./machine/visit.mjs";
import { MEASURES } from "./measures/index.mjs";
import { page, plots } from "./report/page.mjs";
import { summary, warning } from "./report/summary.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    summary: { type: "string" },
    anyway: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    with: { type: "string", multiple: true, default: [] },
  },
});

const out = process.env.OUT_DIR;
await mkdir(out, { recursive: true });
process.exitCode = await main();

async function main() {
  const began = performance.now();
  const contenders = invited();
  const measures = chosen(MEASURES, options.only);
  const load = new Load();
  const entries = await bundle(contenders, join(out, "built"));
  const server = await Server.start({
    "page/": join(HERE, "page"),
    "sound/": join(HERE, "sound"),
    "built/": join(out, "built"),
    "package/": process.env.PACKAGE_DIR,
    "": join(HERE, "page"),
  });
  const browser = await launch(process.env.CHROMIUM, out);
  try {
    const stage = new Stage({ browser, server, entries });
    const results = [];
    for (const measure of measures) results.push(await perform(measure, stage, contenders, load));
    const report = {
      machine: machine(browser.version()),
      run: {
        command: command(),
        date: `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
        commit: await commit(),
        isQuick: options.quick,
        tookS: (performance.now() - began) / 1000,
        load: load.sum(),
      },
      contenders: await Promise.all(contenders.map(async (one) => ({ ...one, isOurs: isOurs(one), versions: await versions(one) }))),
      measures: results,
    };
    return await write(report);
  } finally {
    await browser.close();
    await server.stop();
  }
}

function isOurs({ packages }) {
  return packages[0] === "gemini-live-web";
}

/** What was typed, but for where files are. */
function command() {
  const flags = ["quick", "json", "summary", "anyway"].filter((name) => options[name]).map((name) => `--${name}`);
  const names = ["only", "with"].flatMap((name) => options[name].map((word) => `--${name} ${word}`));
  return ["cargo xtask bench", ...flags, ...names].join(" ");
}

function chosen(all, ids) {
  const unknown = ids.filter((wanted) => !all.some(({ id }) => id === wanted));
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(", ")}; there are ${all.map(({ id }) => id).join(", ")}`);
  return ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id));
}

/** Who is measured: those that are named beside the first, or all; a quick run is without variants. */
function invited() {
  if (options.with.length > 0) return chosen(CONTENDERS, [CONTENDERS[0].id, ...options.with]);
  return CONTENDERS.filter(({ isVariant }) => !(options.quick && isVariant));
}

function takesPart(contender, { id, isFor = () => true }) {
  return isFor(contender) && (contender.measures ?? [id]).includes(id);
}

/** All rounds of a measure. Each round begins with another contender: none is always the one after a certain other. */
async function perform(measure, stage, contenders, load) {
  const taking = contenders.filter((one) => takesPart(one, measure));
  const results = Object.fromEntries(taking.map(({ id }) => [id, { rounds: [], failures: [] }]));
  const rounds = measure.rounds[options.quick ? "quick" : "full"];
  for (let round = 0; round < rounds; round++) {
    await load.look();
    const order = taking.map((_, turn) => taking[(turn + round) % taking.length]);
    const visit = (contender) => visitOnce(measure, stage, contender, { round, rounds, into: results[contender.id] });
    if (measure.isAtOnce) await Promise.all(order.map(visit));
    else for (const contender of order) await visit(contender);
  }
  const { run: _, ...told } = measure;
  return { ...told, results };
}

/** One visit. What fails is noted, and the others go on. */
async function visitOnce(measure, stage, contender, { round, rounds, into }) {
  const began = performance.now();
  const told = await measure.run(stage, contender, { quick: options.quick, round }).catch((error) => {
    into.failures.push(error.message);
    return undefined;
  });
  into.rounds[round] = told;
  const took = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`  ${measure.id} ${round + 1}/${rounds} ${contender.id}: ${told ? `${took} s` : `FAILED, ${into.failures.at(-1)}`}`);
}

/** Writes everything that was asked for; answers the exit code. */
async function write(report) {
  await writeFile(join(out, "index.html"), page(report));
  for (const measure of report.measures) {
    for (const [name, picture] of Object.entries(plots(measure, report.contenders))) await writeFile(join(out, name), picture);
  }
  if (options.json) await writeFile(options.json, `${JSON.stringify(report, undefined, 1)}\n`);
  const text = summary(report);
  console.log(`\n${text}\nreport: ${join(out, "index.html")}`);
  const isFit = !report.run.load.isTooMuch || options.anyway;
  if (options.summary && isFit) {
    await mkdir(dirname(options.summary), { recursive: true });
    await writeFile(options.summary, text);
  }
  if (!isFit) console.log(warning(report.run));
  const ours = report.contenders.filter((one) => one.isOurs).map(({ id }) => id);
  const failed = report.measures.some(({ results }) => ours.some((id) => results[id]?.failures.length > 0));
  return failed || (options.summary && !isFit) ? 1 : 0;
}
