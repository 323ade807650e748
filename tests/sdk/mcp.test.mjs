// The example of tools from an MCP server, against a client that answers like one.
import assert from "node:assert/strict";
import { test } from "node:test";

import { toolsOf } from "../../examples/mcp/mcp-tools.js";

const text = (words) => ({ content: [{ type: "text", text: words }, { type: "image", data: "AAAA", mimeType: "image/png" }] });

/** A client whose tools are listed a page at a time. */
function clientWith(tools, results) {
  const calls = [];
  return {
    calls,
    async listTools(request) {
      const at = Number(request?.cursor ?? 0);
      const nextCursor = at + 1 < tools.length ? String(at + 1) : undefined;
      return { tools: [tools[at]], nextCursor };
    },
    async callTool(request, _, options) {
      calls.push({ ...request, ...options });
      return results[request.name];
    },
  };
}

const inputSchema = { type: "object", properties: { city: { type: "string" } } };

test("every tool of every page becomes a handler with its schema", async () => {
  const client = clientWith([{ name: "weather", description: "The weather.", inputSchema }, { name: "clock", inputSchema }], {});
  const tools = await toolsOf(client, { timeoutMs: 5 });
  assert.deepEqual(Object.keys(tools), ["weather", "clock"]);
  assert.deepEqual(tools.weather.declaration, { description: "The weather.", parametersJsonSchema: inputSchema });
  assert.equal(tools.clock.declaration.description, "clock", "the API wants one");
  assert.equal(tools.clock.timeoutMs, 5);
});

test("a handler calls the server's tool, and its signal goes there", async () => {
  const results = { plain: text("clear"), structured: { ...text("{}"), structuredContent: { sky: "clear" } }, broken: { ...text("no such city"), isError: true } };
  const client = clientWith(Object.keys(results).map((name) => ({ name, inputSchema })), results);
  const tools = await toolsOf(client);
  const { signal } = new AbortController();
  assert.equal(await tools.plain.handler({ city: "Oslo" }, { signal }), "clear");
  assert.deepEqual(client.calls, [{ name: "plain", arguments: { city: "Oslo" }, signal }]);
  assert.deepEqual(await tools.structured.handler({}, { signal }), { sky: "clear" });
  await assert.rejects(tools.broken.handler({}, { signal }), /no such city/);
});

test("a server that always has one more page is not asked for ever", async () => {
  let pages = 0;
  const client = { listTools: async () => ({ tools: [{ name: `t${++pages}`, inputSchema }], nextCursor: "again" }) };
  assert.equal(Object.keys(await toolsOf(client)).length, 100);
});
