// Node 20 or later: GEMINI_API_KEY=… node node.mjs

import { createServer } from "node:http";

import { tokenResponse } from "./mint.js";

const options = { apiKey: process.env.GEMINI_API_KEY, service: process.env.GEMINI_API_BASE_URL };

const server = createServer(async ({ url, method, headers }, outgoing) => {
  const request = new Request(new URL(url, `http://${headers.host}`), { method, headers });
  const response = await tokenResponse(request, options);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
});

// From this machine alone: put your own server in front of it.
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
