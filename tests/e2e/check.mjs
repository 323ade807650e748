/**
 * One spoken exchange with the demo page, without anybody present: `cargo xtask demo --check FILE.wav` runs this.
 *
 * DEMO_URL is the page, WAV what the microphone hears, OUT_DIR where screenshot.png and report.json go, CHROMIUM the
 * browser. Succeeds only if the simulator received that speech and the page really played the answer, each as loud as it was
 * and without gaps.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { chromium } from "playwright-core";

import { Simulator } from "./support/simulator.mjs";
import { alignFinely, audible, lateness, level, offsets, resample, steps, utterances } from "./support/sound.mjs";
import { overheard, tap } from "./support/tap.mjs";
import { readWav, writeWav } from "./support/wav.mjs";

const MICROPHONE_HZ = 48_000;
const LEAD_S = 1;
const TAIL_S = 2;
const LONGEST_S = 120;

/** A quiet file still has to stand out from silence, in the simulator's ears too. */
const QUIETEST = 0.02;

/** Below this it was something else that was heard. */
const SAME_SOUND = 0.9;

/** By how much what arrives may be louder or softer than what was said. */
const SAME_LEVEL = 0.1;

/** How long nothing must be heard before the exchange is over. */
const SETTLED_S = 1.5;

const EXCHANGE_DEADLINE_MS = 45_000;
const PAGE_DEADLINE_MS = 20_000;

/** Something that whoever runs it can act on: it is printed without a stack. */
class Complaint extends Error {}

async function main() {
  const { DEMO_URL, WAV, OUT_DIR = "target/demo-check", CHROMIUM = "/usr/bin/chromium" } = process.env;
  if (!DEMO_URL || !WAV) throw new Complaint("DEMO_URL and WAV are not set: run `cargo xtask demo --check FILE.wav`.");
  if (!existsSync(CHROMIUM)) throw new Complaint(`There is no Chromium at ${CHROMIUM}: install it, or name it in CHROMIUM.`);
  mkdirSync(OUT_DIR, { recursive: true });
  for (const name of ["screenshot.png", "report.json"]) rmSync(join(OUT_DIR, name), { force: true });
  const spoken = load(WAV);
  const simulator = await simulatorBehind(DEMO_URL);
  const microphone = resolve(OUT_DIR, "microphone.wav");
  writeFileSync(microphone, writeWav(spoken.staged, MICROPHONE_HZ));

  const browser = await launch(CHROMIUM, microphone);
  try {
    const exchange = await hold(browser, DEMO_URL, spoken, simulator, OUT_DIR);
    const report = judge(spoken, exchange);
    writeFileSync(join(OUT_DIR, "report.json"), `${JSON.stringify({ file: WAV, ...report }, null, 2)}\n`);
    console.log(summary(report, OUT_DIR));
    if (report.problems.length > 0) throw new Complaint(report.problems.join(" "));
  } finally {
    await browser.close();
  }
}

/** Reads the file and stages it: one channel at 48 kHz, with silence around it where it has too little. */
function load(path) {
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Complaint(`${path} cannot be read: ${error.code === "ENOENT" ? "there is no such file" : error.message}.`);
  }
  let wav;
  try {
    wav = readWav(bytes);
  } catch (error) {
    throw new Complaint(`${path} cannot be used: ${error.message}. Make one with: ffmpeg -i FILE -c:a pcm_s16le speech.wav`);
  }
  if (wav.samples.length > LONGEST_S * wav.rate) throw new Complaint(`${path} is longer than ${LONGEST_S} s: one sentence will do.`);
  const samples = resample(wav.samples, wav.rate, MICROPHONE_HZ);
  const { start, end } = audible(samples, QUIETEST);
  if (end - start < 0.1 * MICROPHONE_HZ) throw new Complaint(`${path} holds no speech: it is silent, or nearly so.`);
  const lead = Math.max(0, LEAD_S * MICROPHONE_HZ - start);
  const tail = Math.max(0, TAIL_S * MICROPHONE_HZ - (samples.length - end));
  const staged = new Float32Array(lead + samples.length + tail);
  staged.set(samples, lead);
  return { staged, speech: samples.subarray(start, end) };
}

async function simulatorBehind(url) {
  const config = await fetch(new URL("/config.json", url))
    .then((answer) => answer.json())
    .catch((error) => {
      throw new Complaint(`The demo at ${url} does not answer: ${error.cause?.message ?? error.message}.`);
    });
  if (config.mode !== "simulator") throw new Complaint("The check needs the simulator: run it without GEMINI_API_KEY.");
  return Simulator.behind(url);
}

function launch(executablePath, microphone) {
  const args = [
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-audio-capture=${microphone}%noloop`,
  ];
  // Chromium's sandbox refuses to be root's.
  const chromiumSandbox = process.getuid?.() !== 0;
  return chromium.launch({ executablePath, headless: true, chromiumSandbox, args }).catch((error) => {
    throw new Complaint(`Chromium does not start: ${error.message.split("\n")[0]}`);
  });
}

/** Opens the page, starts it, and waits until the answer has been heard to its end. */
async function hold(browser, url, spoken, simulator, folder) {
  // The page's policy forbids scripts that are not the server's. What listens in is none of its.
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, bypassCSP: true });
  await page.addInitScript(tap, readFileSync(new URL("./pages/recorder.js", import.meta.url), "utf8"));
  const demo = new URL(url);
  // The browser's echo and noise processing changes sound; what is compared must not be changed.
  demo.searchParams.set("processing", "off");
  try {
    await page.goto(demo.href, { timeout: PAGE_DEADLINE_MS });
    await page.locator("#start:enabled, #errors .error").first().waitFor({ timeout: PAGE_DEADLINE_MS });
    await complainIfThePageDoes(page);
    await page.locator("#start").click();
    await untilAnswered(page, spoken.staged.length / MICROPHONE_HZ);
  } finally {
    await page.screenshot({ path: join(folder, "screenshot.png") }).catch(() => {});
  }
  const shown = await read(page);
  const sound = await overheard(page);
  await page.locator("#start").click();
  await page.locator('#status[data-status="ready"]').waitFor({ timeout: PAGE_DEADLINE_MS });
  const { id, received: told } = await simulator.latest();
  const [received, sent] = [await simulator.received(id), await simulator.sent(id)];
  const start = await simulator.lastAnswer(id);
  const { frames } = (await simulator.audio(id)).sent;
  const answer = { samples: sent.samples.subarray(start), frames: frames.filter(([, first]) => first >= start) };
  return { shown, sound, told: told.audio, received, sent, answer };
}

/** Waits until the file has been spoken, an answer has sounded, and nothing more has been heard for a while. */
async function untilAnswered(page, spokenS) {
  const deadline = EXCHANGE_DEADLINE_MS + 2000 * spokenS;
  const over = page.waitForFunction(
    ([spoken, settled]) => {
      if (document.querySelector("#errors .error")) return true;
      const { rate, blocks } = globalThis.ear;
      if (!rate || blocks.length === 0) return false;
      const loud = (input) => (block) => block.heard[input].some((sample) => Math.abs(sample) > 0.005);
      const first = blocks.find((block) => block.heard[1].some((sample) => sample !== 0));
      const end = blocks.at(-1).frame;
      const since = (block) => (block ? (end - block.frame) / rate : 0);
      const lastAnswer = blocks.findLast(loud(0));
      return since(first) > spoken && since(lastAnswer) > settled && lastAnswer.frame > (blocks.findLast(loud(1))?.frame ?? 0);
    },
    [spokenS, SETTLED_S],
    { timeout: deadline, polling: 250 },
  );
  await over.catch(() => {
    throw new Complaint(`No answer was heard within ${Math.round(deadline / 1000)} s (see the screenshot).`);
  });
  await complainIfThePageDoes(page);
}

async function complainIfThePageDoes(page) {
  const error = page.locator("#errors .error p");
  if (await error.count()) throw new Complaint(`The page says: ${await error.first().innerText()}`);
}

/** What the page shows. */
function read(page) {
  return page.evaluate(() => {
    const played = document.querySelector("#fact-played").dataset;
    const bubbles = [...document.querySelectorAll(".bubble")];
    return {
      samplesPlayed: Number(played.samples),
      concealmentEvents: Number(played.concealmentEvents),
      latencyMs: Number.parseFloat(document.querySelector("#latency").textContent),
      runsIn: document.querySelector("#fact-runs-in").textContent,
      transcripts: bubbles.map((bubble) => ({
        side: bubble.dataset.side,
        text: bubble.querySelector(".words").textContent,
        interrupted: bubble.dataset.interrupted === "true",
      })),
    };
  });
}

/** Compares what was spoken with what arrived, and the last answer that was sent with what was heard. */
function judge(spoken, { shown, sound, told, received, sent, answer }) {
  const arrived = likeness(spoken.speech, MICROPHONE_HZ, received.samples, received.rate, 4);
  // A browser that is late has a microphone with holes: what was lost behind it is another matter.
  const microphone = audible(sound.input, QUIETEST);
  const given = likeness(sound.input.subarray(microphone.start, microphone.end), sound.rate, received.samples, received.rate);
  const { start, end } = audible(answer.samples);
  const heard = likeness(answer.samples.subarray(start, end), sent.rate, sound.output, sound.rate);
  const report = {
    received: {
      samples: told.samples,
      rateHz: told.rate,
      ...arrived,
      gapsBehindMicrophone: given.gaps,
    },
    played: {
      samples: shown.samplesPlayed,
      samplesSent: sent.samples.length,
      concealmentEvents: shown.concealmentEvents,
      ...heard,
      simulatorLateMs: Math.max(0, ...lateness(answer.frames, sent.rate)),
      deviceRateHz: sound.rate,
    },
    endOfSpeechToFirstAudioMs: { shownByPage: shown.latencyMs, measured: measuredLatency(sound) },
    runsIn: shown.runsIn,
    transcripts: shown.transcripts,
  };
  return { ...report, problems: problems(report) };
}

/** How one sound is found in another: its shape, its level, and where pieces of it lie closer or farther apart. */
function likeness(samples, rate, whole, wholeRate, fineness = 1) {
  const { part, offset, correlation } = alignFinely(samples, rate, whole, wholeRate, fineness);
  const found = whole.subarray(Math.max(0, offset), offset + part.length);
  const pace = offsets(part, whole, offset, { window: Math.round(wholeRate / 4), search: Math.round(wholeRate / 33) });
  return { correlation: round(correlation, 4), level: round(level(found) / (level(part) || 1), 3), gaps: steps(pace) };
}

/** From the last sample of speech in the microphone to the first sample of the answer, on the audio clock. */
function measuredLatency({ rate, output, input }) {
  const speechEnd = audible(input, QUIETEST).end;
  const next = utterances(output, rate).find(({ start }) => start > speechEnd);
  return next ? Math.round(((next.start - speechEnd) / rate) * 1000) : null;
}

function problems({ received, played, transcripts }) {
  const found = [];
  if (received.rateHz !== 16_000) found.push(`The simulator was told ${received.rateHz} Hz instead of 16000 Hz.`);
  if (received.correlation < SAME_SOUND) found.push(`The simulator did not receive that speech (correlation ${received.correlation}).`);
  if (!isAsLoud(received)) found.push(`The speech arrived with ${received.level} times its level.`);
  if (received.gapsBehindMicrophone > 0) found.push(`Of what the microphone gave, ${received.gapsBehindMicrophone} pieces lie elsewhere.`);
  if (!(played.samples > 0)) found.push("The page played nothing.");
  else if (played.correlation < SAME_SOUND) found.push(`The page did not play the answer (correlation ${played.correlation}).`);
  else if (!isAsLoud(played)) found.push(`The answer was heard with ${played.level} times its level.`);
  if (played.gaps > 0 && played.simulatorLateMs === 0) found.push(`The answer was heard with ${played.gaps} gaps.`);
  if (!transcripts.some(({ side, text }) => side === "model" && text)) found.push("The page showed no transcript of the answer.");
  return found;
}

function isAsLoud({ level: ratio }) {
  return Math.abs(ratio - 1) <= SAME_LEVEL;
}

function summary({ received, played, endOfSpeechToFirstAudioMs: latency, problems: found }, folder) {
  return [
    `received  ${received.samples} samples at ${received.rateHz} Hz, correlation ${received.correlation}, level ${received.level}`,
    `played    ${played.samples} of ${played.samplesSent} samples, ${played.gaps} gaps, correlation ${played.correlation}, level ${played.level}`,
    `latency   ${latency.measured ?? "–"} ms from the end of speech to the first sound of the answer`,
    `${found.length === 0 ? "passed" : "failed"}    ${join(folder, "report.json")}, ${join(folder, "screenshot.png")}`,
  ].join("\n");
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}

main().catch((error) => {
  console.error(error instanceof Complaint ? error.message : error);
  process.exitCode = 1;
});
