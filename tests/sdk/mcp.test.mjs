// The example of tools from an MCP server, with the client and a server of the protocol's own packages.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

import { toolsOf } from "../../examples/mcp/mcp-tools.js";
import { Tools } from "../../src/web/page/tools.js";

const text = (words) => ({ content: [{ type: "text", text: words }] });

/** A client of a server with these tools: name, what it takes and gives, and what it does. */
async function clientOf(t, tools) {
  const server = new McpServer({ name: "server", version: "1.0.0" });
  for (const [name, config, work] of tools) server.registerTool(name, config, work);
  const [here, there] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: "client", version: "1.0.0" });
  await Promise.all([server.connect(there), client.connect(here)]);
  t.after(() => client.close());
  return client;
}

/** What the model is answered to calls. */
function served(tools) {
  const tool = new Tools(tools);
  const { promise, resolve } = deferred();
  tool.serve((answer) => void resolve(JSON.parse(answer).functionResponses), assert.fail);
  return { tool, answer: promise };
}

function deferred() {
  let resolve;
  const promise = new Promise((given) => (resolve = given));
  return { promise, resolve };
}

const inputSchema = z.object({ city: z.string() });
const called = (name, args) => JSON.stringify({ functionCalls: [{ id: "1", name, args }] });

test("every tool of the server becomes one of the session, with its JSON Schema", async (t) => {
  const client = await clientOf(t, [
    ["weather", { description: "The weather.", inputSchema }, () => text("clear")],
    ["clock", {}, () => text("noon")],
  ]);
  const tools = await toolsOf(client, { timeoutMs: 5000 });
  const { functionDeclarations: [weather, clock] } = new Tools(tools).declare({}).tools[0];
  assert.deepEqual([weather.name, weather.description], ["weather", "The weather."]);
  const { type, properties, required } = weather.parametersJsonSchema;
  assert.deepEqual({ type, properties, required }, { type: "object", properties: { city: { type: "string" } }, required: ["city"] });
  assert.deepEqual([clock.name, clock.description], ["clock", "clock"], "the API wants one");
  assert.equal(tools.clock.timeoutMs, 5000);
});

test("the server's answer is the model's, and so is its failure", async (t) => {
  const outputSchema = z.object({ sky: z.string() });
  const client = await clientOf(t, [
    ["plain", { inputSchema }, ({ city }) => text(`clear in ${city}`)],
    ["structured", { inputSchema, outputSchema }, () => ({ ...text("{}"), structuredContent: { sky: "clear" } })],
    ["mixed", {}, () => ({ content: [{ type: "image", data: "AAAA", mimeType: "image/png" }, ...text("a picture").content] })],
  ]);
  const tools = await toolsOf(client);
  for (const [name, response] of [
    ["plain", { output: "clear in Oslo" }],
    ["structured", { sky: "clear" }],
    ["mixed", { output: "a picture" }],
  ]) {
    const { tool, answer } = served(tools);
    tool.hear(called(name, { city: "Oslo" }));
    assert.deepEqual((await answer).response, response);
  }
});

test("a tool that fails is told to the model in its words", async (t) => {
  const client = await clientOf(t, [["broken", {}, () => ({ ...text("no such city"), isError: true })]]);
  const { broken } = await toolsOf(client);
  const { signal } = new AbortController();
  await assert.rejects(broken.handler({}, { signal }), /no such city/);
});

test("a call that the model takes back is cancelled on the server", async (t) => {
  const [begun, cancelled] = [deferred(), deferred()];
  const work = (context) => {
    context.mcpReq.signal.addEventListener("abort", () => cancelled.resolve());
    begun.resolve();
    return new Promise(() => {});
  };
  const client = await clientOf(t, [["slow", {}, work]]);
  const tool = new Tools(await toolsOf(client));
  tool.serve(assert.fail, assert.fail);
  tool.hear(called("slow"));
  await begun.promise;
  tool.hear(JSON.stringify({ ids: ["1"] }));
  await cancelled.promise;
});
