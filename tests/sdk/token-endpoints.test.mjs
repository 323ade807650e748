// The examples of token endpoints, against the simulator.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { GoogleGenAI } from "@google/genai";

import { mintToken, tokenResponse } from "../../examples/token-endpoints/mint.js";
import worker from "../../examples/token-endpoints/worker.js";

const service = process.env.SIMULATOR_URL;
assert.ok(service, "SIMULATOR_URL names the simulator");

const children = [];
after(() => children.forEach((child) => child.kill()));

/** Connects with a token as the official SDK does, and says why it was refused, if it was. */
async function connect(token, config = { responseModalities: ["AUDIO"] }) {
  const ai = new GoogleGenAI({ apiKey: token, httpOptions: { apiVersion: "v1alpha", baseUrl: service } });
  const session = await ai.live.connect({ model: "sim-parrot", config, callbacks: { onmessage() {} } });
  session.close();
}

/** What the simulator knows of the latest connections. */
async function connections() {
  return (await fetch(new URL("/_simulator/connections", service))).json();
}

/** What the endpoint answers to a request with these headers. */
function ask(headers, { method = "POST", origins = [] } = {}) {
  const request = new Request("https://app.example/token", { method, headers });
  return tokenResponse(request, { apiKey: "a-key", service }, origins);
}

test("a minted token begins one session and not two", async () => {
  const { token, expireTime, newSessionExpireTime } = await mintToken({ apiKey: "a-key", service });
  assert.match(token, /^auth_tokens\//);
  assert.ok(Date.parse(newSessionExpireTime) < Date.parse(expireTime));
  await connect(token);
  await assert.rejects(connect(token), /used too many times/);
});

/** What every setup asks for that does not say otherwise. */
const LASTING = { sessionResumption: {}, contextWindowCompression: { slidingWindow: {} } };

test("a setup in the token is whole, and lasts", async () => {
  const setup = { model: "models/endpoint-example", generationConfig: { responseModalities: ["AUDIO"] } };
  const { token } = await mintToken({ apiKey: "a-key", service, setup });
  await connect(token, {});
  const { effective } = (await connections()).find(({ model }) => model === setup.model).setup;
  assert.deepEqual(effective, { ...setup, ...LASTING });
});

test("a config in the token is what its sessions are like", async () => {
  const config = { responseModalities: ["AUDIO"], systemInstruction: "Be brief.", outputAudioTranscription: {} };
  const { token } = await mintToken({ apiKey: "a-key", service, model: "endpoint-config", config });
  await connect(token, {});
  const { effective } = (await connections()).find(({ model }) => model === "models/endpoint-config").setup;
  assert.deepEqual(effective, {
    model: "models/endpoint-config",
    generationConfig: { responseModalities: ["AUDIO"] },
    systemInstruction: { role: "user", parts: [{ text: "Be brief." }] },
    outputAudioTranscription: {},
    ...LASTING,
  });
});

test("a locked field is the token's, and the others are the page's", async () => {
  const wishes = { model: "endpoint-mask", config: { temperature: 0.25 }, lockAdditionalFields: ["tools"] };
  const { token } = await mintToken({ apiKey: "a-key", service, ...wishes });
  await connect(token, { responseModalities: ["AUDIO"], temperature: 1, tools: [{ googleSearch: {} }] });
  const { effective } = (await connections()).find(({ model }) => model === "models/endpoint-mask").setup;
  assert.deepEqual(effective.generationConfig, { responseModalities: ["AUDIO"], temperature: 0.25 });
  assert.equal(effective.tools, undefined);
});

test("what cannot be minted is said before anything is sent, and without the key", async () => {
  await assert.rejects(mintToken({ apiKey: "", service }), /GEMINI_API_KEY/);
  await assert.rejects(mintToken({ apiKey: "k", service, expireAfterMs: 20 * 3_600_000 }), RangeError);
  await assert.rejects(mintToken({ apiKey: "bad-key", service }), (error) => {
    assert.match(error.message, /status 4\d\d/);
    assert.ok(!error.message.includes("bad-key"));
    return true;
  });
});

test("the edge worker answers a POST with a token and nothing else", async () => {
  const env = { GEMINI_API_KEY: "a-key", GEMINI_API_BASE_URL: service };
  const answer = await worker.fetch(new Request("http://edge/token", { method: "POST" }), env);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  await connect((await answer.json()).token);
  assert.equal((await worker.fetch(new Request("http://edge/token"), env)).status, 405);
});

test("a page of another site gets no token, and makes none be minted", async () => {
  for (const headers of [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: "https://blog.app.example" },
    { origin: "https://evil.example" },
    { origin: "null" },
  ]) {
    const answer = await ask(headers);
    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.equal((await answer.json()).token, undefined);
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
  }
  for (const headers of [{}, { "sec-fetch-site": "same-origin", origin: "https://app.example" }]) {
    assert.equal((await ask(headers)).status, 200, JSON.stringify(headers));
  }
});

test("a page of an origin that is named may ask, its browser beforehand", async () => {
  const headers = { origin: "https://pages.example", "sec-fetch-site": "cross-site" };
  const origins = ["https://pages.example"];
  const asked = await ask(headers, { method: "OPTIONS", origins });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers.get("access-control-allow-methods"), "POST");
  const answer = await ask(headers, { origins });
  assert.equal(answer.status, 200);
  for (const { headers } of [asked, answer]) {
    assert.equal(headers.get("access-control-allow-origin"), "https://pages.example");
    assert.equal(headers.get("vary"), "origin");
  }
});

/** Starts an example and answers its token endpoint, once it says where it listens. */
async function started(command, words, environment = {}) {
  const env = { ...process.env, GEMINI_API_KEY: "a-key", GEMINI_API_BASE_URL: service, PORT: "0", NO_COLOR: "1", ...environment };
  const child = spawn(command, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const lines = [child.stdout, child.stderr].map((stream) => once(createInterface(stream), "line"));
  const [line] = await Promise.race(lines);
  const listening = /^listening on (http:\S+)/i.exec(line);
  assert.ok(listening, line);
  return new URL("/token", listening[1]);
}

/** What every endpoint does: one token for a page of its own, none for anybody else or for a question. */
async function serves(url) {
  assert.equal(url.hostname, "127.0.0.1", "anybody in the network could mint");
  const answer = await fetch(url, { method: "POST" });
  assert.equal(answer.headers.get("cache-control"), "no-store");
  await connect((await answer.json()).token);
  const stranger = await fetch(url, { method: "POST", headers: { origin: "https://evil.example" } });
  assert.equal(stranger.status, 403);
  assert.equal((await fetch(url)).status, 405);
}

/** Deno's program: npm has it for most machines, and package.json asks for that of one. */
function deno() {
  try {
    return createRequire(import.meta.url).resolve("@deno/linux-x64-glibc/deno");
  } catch {
    return process.env.DENO;
  }
}

test("the Deno endpoint serves tokens, to this machine alone", { skip: !deno() && "no Deno: set DENO" }, async () => {
  const cache = mkdtempSync(join(tmpdir(), "deno-"));
  after(() => rmSync(cache, { recursive: true, force: true }));
  const script = fileURLToPath(new URL("../../examples/token-endpoints/deno.ts", import.meta.url));
  await serves(await started(deno(), ["run", "--allow-net", "--allow-env", script], { DENO_DIR: cache }));
});

test("the node endpoint serves tokens, to this machine alone", async () => {
  const script = fileURLToPath(new URL("../../examples/token-endpoints/node.mjs", import.meta.url));
  await serves(await started(process.execPath, [script]));
});
