// The check of a device: its code, and what it means.
import assert from "node:assert/strict";
import { test } from "node:test";

import { decode, encode } from "../../www/demo/check-code.js";
import { findingsOf } from "../../www/demo/check-findings.js";
import { likenessOf, ratioDb } from "../../www/demo/ear.js";

/** A device with which all is well. */
const WELL = {
  agent: "Mozilla/5.0 (a phone) – ünïcode",
  peer: "simulator",
  isolated: true,
  sharedMemory: true,
  runsIn: "worker",
  ring: "shared",
  contextHz: 48_000,
  baseLatencyMs: 10.123,
  outputLatencyMs: 30,
  connectMs: 210,
  capturedHz: 16_010,
  captureSamplesLost: 0,
  audioFramesDropped: 0,
  roomDb: -60,
  answerMs: 300,
  playedMs: 6000,
  receivedMs: 6010,
  gaps: 0,
  gapMs: 0,
  echoDb: -50,
  echoLikeness: 0.1,
  interruptions: 0,
  hushMs: 12,
  failures: [],
};

const verdicts = (changes) => Object.fromEntries(findingsOf(decode(encode({ ...WELL, ...changes }))).map(({ name, verdict }) => [name, verdict]));

test("a code holds the figures to a hundredth, and a text in any script", () => {
  assert.deepEqual(decode(encode(WELL)), { ...WELL, baseLatencyMs: 10.12 });
});

test("what was not measured is not in it, and nothing that is no figure", () => {
  const { agent, capturedHz, hushMs, ...others } = decode(encode({ agent: "a", capturedHz: NaN, hushMs: Infinity, gaps: { token: "secret" } }));
  assert.deepEqual([agent, capturedHz, hushMs], ["a", null, null]);
  assert.deepEqual(new Set(Object.values(others)), new Set([null]));
});

test("a code that was broken into lines is read, and one that is not whole is refused in words", () => {
  const code = encode(WELL);
  assert.deepEqual(decode(code.replace(/(.{60})/g, "$1\r\n")), decode(code));
  for (const wrong of [code.slice(0, -1), code.slice(0, 50), code.replace("glw1.W", "glw1.X"), "glw1."]) {
    assert.throws(() => decode(wrong), /not whole/);
  }
  assert.throws(() => decode("hello"), /begins with/);
});

test("a text that claims to be a code is read as text and no more of it than a code has", () => {
  const long = encode({ ...WELL, agent: `<img onerror=alert(1)>${"a".repeat(5000)}`, failures: Array(100).fill("b".repeat(500)) });
  const { agent, failures } = decode(long);
  assert.equal(agent.length, 300);
  assert.deepEqual([failures.length, failures[0].length], [20, 60]);
});

test("a device with which all is well has no bad line", () => {
  assert.ok(!Object.values(verdicts({})).includes("bad"));
});

test("each thing that is wrong has a bad line of its own, with what to do", () => {
  for (const [name, changes] of [
    ["Sound", { contextHz: null, failures: ["sound:needs-gesture"] }],
    ["Connection", { connectMs: null, failures: ["connect:token-unavailable"] }],
    ["Connection", { runsIn: "page" }],
    ["Microphone", { capturedHz: null, failures: ["microphone:a-word-of-another-version"] }],
    ["Microphone", { capturedHz: 15_000 }],
    ["Microphone", { captureSamplesLost: 320 }],
    ["Answer", { gaps: 2, gapMs: 50 }],
    ["Answer", { playedMs: 3000 }],
    ["Echo", { echoLikeness: 0.9 }],
    ["Echo", { interruptions: 1 }],
    ["Interruption", { hushMs: 900 }],
    ["End", { failures: ["end:not-closed"] }],
  ]) {
    const bad = findingsOf(decode(encode({ ...WELL, ...changes }))).filter(({ verdict }) => verdict === "bad");
    assert.deepEqual(bad.map((one) => one.name), [name], JSON.stringify(changes));
    assert.ok(bad[0].remedy, JSON.stringify(changes));
  }
});

test("an echo is known by following the voice, with a delay, and a room by not doing so", () => {
  const voice = Array.from({ length: 100 }, (_, at) => (Math.sin(at * at) > 0 ? 0.3 : 0.05));
  const echo = voice.map((_, at) => 0.1 * (voice[at - 3] ?? 0) + 0.001);
  const room = voice.map((_, at) => 0.01 + 0.005 * Math.sin(at * at * at));
  assert.ok(likenessOf(voice, echo) > 0.95);
  assert.ok(likenessOf(voice, room) < 0.5);
  assert.equal(likenessOf(voice, voice.map(() => 0)), null);
  assert.equal(ratioDb(0.1, 1), -20);
  assert.equal(ratioDb(0, 1), null);
});
