// Deno: GEMINI_API_KEY=… deno run --allow-net --allow-env deno.ts

import { tokenResponse } from "./mint.js";

declare const Deno: {
  env: { get(name: string): string | undefined };
  serve(handler: (request: Request) => Promise<Response>): unknown;
};

const apiKey = Deno.env.get("GEMINI_API_KEY") ?? "";
const service = Deno.env.get("GEMINI_API_BASE_URL");

Deno.serve((request) => tokenResponse(request, service ? { apiKey, service } : { apiKey }));
