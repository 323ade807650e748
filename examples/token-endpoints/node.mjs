// Node 20 or later: GEMINI_API_KEY=… node node.mjs

import { createServer } from "node:http";

import { tokenResponse } from "./mint.js";

const options = { apiKey: process.env.GEMINI_API_KEY, service: process.env.GEMINI_API_BASE_URL };

const server = createServer(async (incoming, outgoing) => {
  const request = new Request(new URL(incoming.url, "http://localhost"), { method: incoming.method });
  const response = await tokenResponse(request, options);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
});

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
