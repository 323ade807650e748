// @ts-check

/**
 * The tools of a server of the Model Context Protocol, for the option `tools` of `LiveSession.connect`.
 *
 * @param {import("@modelcontextprotocol/client").Client} client a client that is connected
 * @param {Partial<import("gemini-live-web").LiveTool>} [options] what all of them have, such as `approve` or `timeoutMs`
 * @returns {Promise<{ [name: string]: import("gemini-live-web").LiveTool }>}
 */
export async function toolsOf(client, options) {
  const { tools } = await client.listTools();
  const entries = tools.map(({ name, description = name, inputSchema }) => {
    /** @type {import("gemini-live-web").LiveTool} */
    const tool = {
      ...options,
      declaration: { description, parametersJsonSchema: inputSchema },
      handler: (args, { signal }) => call(client, { name, arguments: args }, signal),
    };
    return [name, tool];
  });
  return Object.fromEntries(entries);
}

/**
 * @param {import("@modelcontextprotocol/client").Client} client
 * @param {{ name: string, arguments: import("gemini-live-web").ToolArgs }} request
 * @param {AbortSignal} signal ends the call on the server as well
 */
async function call(client, request, signal) {
  // The tool's own `timeoutMs` limits it, by the signal.
  const result = await client.callTool({ ...request, arguments: { ...request.arguments } }, { signal, timeout: LONGEST_MS });
  const texts = result.content.flatMap((part) => (part.type === "text" ? part.text : []));
  if (result.isError) throw new Error(texts.join("\n") || `${request.name} has failed.`);
  return result.structuredContent ?? texts.join("\n");
}

const LONGEST_MS = 3_600_000;
