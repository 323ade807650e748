// Deno: GEMINI_API_KEY=… deno run --allow-net --allow-env deno.ts

import { tokenResponse } from "./mint.js";

declare const Deno: {
  env: { get(name: string): string | undefined };
  serve(options: { hostname: string; port: number }, handler: (request: Request) => Promise<Response>): unknown;
};

const apiKey = Deno.env.get("GEMINI_API_KEY") ?? "";
const service = Deno.env.get("GEMINI_API_BASE_URL");
const port = Number(Deno.env.get("PORT") ?? "3000");

// Deno's own default is every interface: anybody in the network could mint.
Deno.serve({ hostname: "127.0.0.1", port }, (request) => tokenResponse(request, service ? { apiKey, service } : { apiKey }));
