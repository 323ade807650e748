/**
 * The tools of a server of the Model Context Protocol, for the option `tools` of `LiveSession.connect`.
 *
 * @param {import("@modelcontextprotocol/sdk/client/index.js").Client} client a client that is connected
 * @param {Partial<import("gemini-live-web").LiveTool>} [options] what all of them have, such as `approve` or `timeoutMs`
 * @returns {Promise<{ [name: string]: import("gemini-live-web").LiveTool }>}
 */
export async function toolsOf(client, options) {
  const tools = {};
  let cursor;
  for (let page = 0; page < MOST_PAGES; page++) {
    const listed = await client.listTools(cursor === undefined ? undefined : { cursor });
    for (const { name, description, inputSchema } of listed.tools) {
      const declaration = { description: description ?? name, parametersJsonSchema: inputSchema };
      tools[name] = { ...options, declaration, handler: (args, context) => call(client, name, args, context) };
    }
    cursor = listed.nextCursor;
    if (cursor === undefined) break;
  }
  return tools;
}

async function call(client, name, args, { signal }) {
  const result = await client.callTool({ name, arguments: args }, undefined, { signal });
  const texts = (result.content ?? []).filter(({ type }) => type === "text").map(({ text }) => text);
  if (result.isError) throw new Error(texts.join("\n") || `${name} has failed.`);
  return result.structuredContent ?? texts.join("\n");
}

/** A server that always has one more is not believed. */
const MOST_PAGES = 100;
