// The examples of token endpoints, against the simulator.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { GoogleGenAI } from "@google/genai";

import { mintToken } from "../../examples/token-endpoints/mint.js";
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

test("a minted token begins one session and not two", async () => {
  const { token, expireTime, newSessionExpireTime } = await mintToken({ apiKey: "a-key", service });
  assert.match(token, /^auth_tokens\//);
  assert.ok(Date.parse(newSessionExpireTime) < Date.parse(expireTime));
  await connect(token);
  await assert.rejects(connect(token), /used too many times/);
});

test("a setup in the token is whole, and can be resumed", async () => {
  const setup = { model: "models/endpoint-example", generationConfig: { responseModalities: ["AUDIO"] } };
  const { token } = await mintToken({ apiKey: "a-key", service, setup });
  await connect(token, {});
  const connections = await (await fetch(new URL("/_simulator/connections", service))).json();
  const { effective } = connections.find(({ model }) => model === setup.model).setup;
  assert.deepEqual(effective, { ...setup, sessionResumption: {} });
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

test("the node endpoint serves tokens", async () => {
  const script = fileURLToPath(new URL("../../examples/token-endpoints/node.mjs", import.meta.url));
  const env = { ...process.env, GEMINI_API_KEY: "a-key", GEMINI_API_BASE_URL: service, PORT: "0" };
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [line] = await once(createInterface(child.stdout), "line");
  const answer = await fetch(new URL("/token", line.replace("listening on ", "")), { method: "POST" });
  await connect((await answer.json()).token);
});
