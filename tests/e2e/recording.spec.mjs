/**
 * Recordings of sessions: what is in them, what is not, and that the simulator can play them again to the same client.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { WRITTEN, expect, test } from "./support/bench.mjs";
import { forms } from "./support/forms.mjs";
import { serve } from "./support/servers.mjs";

const SAID = ["the lamp is green", "recall"];
const SOON = { firstMs: 50, longestMs: 200, giveUpMs: 10_000 };
const ROTATES = { on: { connection: 1, after: "1s" }, do: { goAway: { timeLeft: "2s" } } };

/** Runs in the page: a conversation in writing, over two connections, and its recording. */
async function converse({ given, says, rotates }) {
  const tokens = [];
  const token = async () => {
    tokens.push((await (await fetch("/token", { method: "POST" })).json()).token);
    return tokens.at(-1);
  };
  const session = await bench.LiveSession.connect({ ...given, token });
  const events = [];
  const handles = [];
  let hears = () => {};
  session.on("*", (event) => {
    events.push(event);
    if (event.newHandle) handles.push(event.newHandle);
    hears();
  });
  const until = (type, count) =>
    new Promise((resolve) => {
      hears = () => events.filter((event) => event.type === type).length >= count && resolve();
      hears();
    });
  session.sendRealtimeInput({ text: says[0] });
  await until("turnComplete", 1);
  if (rotates) await until("resumed", 1);
  session.sendRealtimeInput({ text: says[1] });
  await until("turnComplete", 2);
  const { recording, runsIn } = session;
  await session.close();
  return {
    runsIn,
    events,
    secrets: [...tokens, ...handles],
    recording: recording && { text: recording.text(), stopped: recording.stopped, type: recording.blob().type, size: recording.blob().size },
  };
}

/**
 * The same with a function: of two calls the first is answered when its connection is gone, and the second, which is gone with its
 * own, never.
 */
async function converseWithCalls(given) {
  const events = [];
  const waiting = [];
  const until = (type, count = 1) =>
    new Promise((resolve) => {
      const hears = () => events.filter((event) => event.type === type).length >= count && resolve();
      waiting.push(hears);
      hears();
    });
  const handler = async (_, { signal }) => {
    await until("resumed");
    if (events.some(({ type }) => type === "turnComplete")) await new Promise((resolve) => (signal.onabort = resolve));
    return "noon";
  };
  const session = await bench.LiveSession.connect({ ...given, tools: { clock: { declaration: {}, handler } } });
  session.on("*", (event) => {
    events.push(event);
    for (const hears of waiting) hears();
  });
  const say = (text) => session.sendRealtimeInput({ text });
  say("call clock");
  await until("turnComplete");
  say("call clock");
  await until("toolCallCancellation");
  say("good evening");
  await until("turnComplete", 2);
  const { recording } = session;
  await session.close();
  return { events, text: recording?.text() };
}

/** What an application heard, but for what is made anew for each session: times, names and counts. */
const heard = (events) =>
  events
    .filter(({ type }) => type !== "sessionResumptionUpdate" && type !== "playbackEnded")
    .map(({ type, text, state, cause }) => ({ type, text, state, cause }));

/** The pieces in which a text comes are the same only as a whole. */
const spoken = (events) => events.map(({ type, text }) => (type === "text" || type === "outputTranscription" ? text : "")).join("");

const linesOf = (text) => text.trimEnd().split("\n").map((line) => JSON.parse(line));

/** A server whose simulator plays a recording. */
async function playing(text) {
  const directory = mkdtempSync(join(tmpdir(), "recording-"));
  const file = join(directory, "call.jsonl");
  writeFileSync(file, text);
  const server = await serve(["--replay", file]);
  const stop = async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  };
  return { ...server, stop };
}

// Elsewhere in the Worker, out of which each frame has to come.
for (const { runIn, tag } of forms("once", { runIn: ["page", "worker"] })) {
  test.describe(`session in the ${runIn}`, { tag }, () => {
    test("a conversation over two connections is recorded without secrets, and played again it is the same", async ({ bench, context, page, simulator }) => {
      await simulator.addScript({ name: "rotates", summary: "a rotation", steps: [ROTATES] });
      const { endpoint } = await bench.options();
      const given = await bench.options({ ...WRITTEN, endpoint: `${endpoint}/s/rotates`, retry: SOON, runIn, record: true });
      const first = await page.evaluate(converse, { given, says: SAID, rotates: true });
      expect(first.runsIn).toBe(runIn);
      expect(first.recording).toMatchObject({ stopped: true, type: "application/jsonl", size: first.recording.text.length });

      const { text } = first.recording;
      expect(first.secrets.length, "two tokens, and handles").toBeGreaterThan(3);
      for (const secret of first.secrets) expect(text.includes(secret), "a secret").toBe(false);
      expect(text).not.toMatch(/auth_tokens|access_token|[?&]key=/);

      const [header, ...lines] = linesOf(text);
      expect(header).toMatchObject({ format: "gemini-live-recording", version: 1, audio: false });
      const links = [1, 2].map((number) => lines.filter(({ connection }) => connection === number));
      expect(links[0].length + links[1].length).toBe(lines.length);
      const [one, two] = links.map(([{ message }]) => message.setup.sessionResumption);
      expect(one.handle, "the first connection resumes nothing").toBeUndefined();
      expect(two.handle).toMatch(/^handle-\d+$/);
      const told = links[0].map(({ message }) => message?.sessionResumptionUpdate?.newHandle);
      expect(told, "by the name that the first connection was told").toContain(two.handle);
      expect(links.map((link) => link.at(-1).close.code), "each is seen to its end").toEqual([1000, 1000]);
      expect(lines.map(({ ms }) => ms)).toEqual(lines.map(({ ms }) => ms).sort((a, b) => a - b));

      const again = await playing(text);
      const other = await context.newPage();
      await other.goto(`${again.url}/tests/pages/bench.html`);
      await other.waitForFunction(() => globalThis.bench);
      const played = await other.evaluate(converse, {
        given: { ...given, record: undefined, endpoint: again.url.replace("http", "ws") },
        says: SAID,
        rotates: true,
      });
      await other.close();
      const connections = await (await fetch(`${again.url}/_simulator/connections`)).json();
      await again.stop();
      expect(heard(played.events)).toEqual(heard(first.events));
      expect(spoken(played.events)).toBe(spoken(first.events));
      expect(played.recording).toBeUndefined();
      expect(connections.map(({ replay }) => replay)).toEqual([
        { connection: 1, divergences: [] },
        { connection: 2, divergences: [] },
      ]);
    });

    test("a call that outlives its connection, and one that does not, are played again with what became of them", async ({ bench, context, page, simulator }) => {
      const call = { connection: 1, toolCall: 1 };
      const steps = [
        { on: call, do: { resumption: { newHandle: "fresh", resumable: true } } },
        { on: { ...call, delay: "300ms" }, do: "cut" },
        { on: { connection: 2, toolCall: 1 }, do: "cut" },
      ];
      await simulator.addScript({ name: "calls", summary: "calls and breaks", steps });
      const { endpoint } = await bench.options();
      const given = await bench.options({ ...WRITTEN, endpoint: `${endpoint}/s/calls`, retry: SOON, runIn, record: true });
      const first = await page.evaluate(converseWithCalls, given);
      const again = await playing(first.text);
      const other = await context.newPage();
      await other.goto(`${again.url}/tests/pages/bench.html`);
      await other.waitForFunction(() => globalThis.bench);
      const played = await other.evaluate(converseWithCalls, { ...given, record: undefined, endpoint: again.url.replace("http", "ws") });
      await other.close();
      const connections = await (await fetch(`${again.url}/_simulator/connections`)).json();
      await again.stop();
      const calls = ({ events }) => events.map(({ functionCalls, ids }) => functionCalls ?? ids).filter(Boolean);
      expect(calls(first).length, "two calls, one of which is taken back").toBe(3);
      expect(calls(played)).toEqual(calls(first));
      expect(heard(played.events)).toEqual(heard(first.events));
      expect(connections.map(({ replay }) => replay.divergences)).toEqual([[], [], []]);
    });

    test("what is recorded from a moment on begins with the setup, and ends when it is stopped or another begins", async ({ bench, page, simulator }) => {
      await bench.connect({ ...WRITTEN, runIn });
      const say = (text) => page.evaluate((text) => bench.session.sendRealtimeInput({ text }), text);
      await say("before");
      const { index } = await bench.until("turnComplete");
      const begin = () => page.evaluate(async () => {
        globalThis.before = bench.session.recording;
        const recording = await bench.session.record();
        return recording === bench.session.recording;
      });
      expect(await begin()).toBe(true);
      // It came before the recording began, and nothing has offered it yet.
      const { newHandle } = (await bench.events("sessionResumptionUpdate")).at(-1);
      await say(`meanwhile ${newHandle}`);
      const next = await bench.until("turnComplete", index + 1);
      expect(await begin()).toBe(true);
      const [text, isStopped] = await page.evaluate(() => [before.text(), before.stopped]);
      expect(isStopped, "a session has one recording").toBe(true);
      const [, setup, complete, hole, first] = linesOf(text);
      expect([Object.keys(setup.message), Object.keys(complete.message)]).toEqual([["setup"], ["setupComplete"]]);
      expect(hole.leftOut).toEqual({ ms: first.ms - complete.ms, lines: 0 });
      expect(first.message.realtimeInput.text).toMatch(/^meanwhile handle-\d+$/);
      expect(text).not.toContain('"before"');

      await page.evaluate(() => bench.session.recording.stop());
      await say("after");
      await bench.until("turnComplete", next.index + 1);
      const stopped = await page.evaluate(() => bench.session.recording.text());
      expect(linesOf(stopped).length, "its header, and what opened the connection").toBe(3);
      expect(await simulator.latest().then(({ received }) => received.counts["realtimeInput.text"]), "the session goes on").toBe(3);
      await bench.close();
      const refused = await page.evaluate(() => bench.attempt(() => bench.session.record()));
      expect(refused.error.code).toBe("not-open");
    });

    test("lines can be taken as they come, until the session ends", async ({ bench, page }) => {
      const lines = await page.evaluate(
        async (options) => {
          const session = await bench.LiveSession.connect(options);
          const lines = [];
          const isOver = (async () => {
            for await (const line of session.recording) lines.push(line);
          })();
          session.sendRealtimeInput({ text: "hello" });
          for await (const { type } of session) if (type === "turnComplete") break;
          await session.close();
          await isOver;
          return { lines, text: session.recording.text() };
        },
        await bench.options({ ...WRITTEN, runIn, record: {} }),
      );
      expect(lines.lines.map((line) => `${line}\n`).join("")).toBe(lines.text);
    });

    test("a setup that is refused is in the recording of the error", async ({ bench, page }) => {
      const { endpoint } = await bench.options();
      const given = await bench.options({ ...WRITTEN, endpoint: `${endpoint}/s/refuse-1007`, runIn, record: { audio: true } });
      const text = await page.evaluate(
        (options) => bench.LiveSession.connect(options).then(() => undefined, (error) => error.recording.text()),
        given,
      );
      const [header, { message }, { from, close }] = linesOf(text);
      expect([header.audio, Object.keys(message), from]).toEqual([true, ["setup"], "server"]);
      expect(close.code).toBeGreaterThan(1000);
      expect(close.reason).not.toBe("");
    });

    test("the recording of a connect that ended before anything was dialled is over", async ({ bench, page }) => {
      const lines = await page.evaluate(
        async (options) => {
          navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
          const error = await bench.LiveSession.connect({ ...options, microphone: true }).catch((error) => error);
          const lines = [];
          for await (const line of error.recording) lines.push(line);
          return lines;
        },
        await bench.options({ ...WRITTEN, runIn, record: true }),
      );
      expect(lines).toHaveLength(1);
    });
  });
}

test("what was said is told by its length, unless audio is wanted", async ({ bench, page, simulator }) => {
  await bench.connect({ record: { audio: true } });
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "one two three" }));
  await bench.until("turnComplete");
  const { id } = await simulator.latest();
  await bench.close();
  const base64 = linesOf(await page.evaluate(() => bench.session.recording.text()))
    .flatMap(({ message }) => message?.serverContent?.modelTurn?.parts ?? [])
    .map(({ inlineData }) => Buffer.from(inlineData?.data ?? "", "base64").length / 2);
  const { sent } = await simulator.closed(id);
  expect(base64.reduce((sum, samples) => sum + samples, 0), "every sample").toBe(sent.audio.samples);
});
