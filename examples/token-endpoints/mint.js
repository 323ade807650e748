// An ephemeral token for one session, made with plain `fetch`: Node, Deno, Bun, edge workers.

import { fieldMask, lasting, wireSetup } from "./setup.js";

const SERVICE = "https://generativelanguage.googleapis.com";

/**
 * Makes a token that a page can begin one session with.
 *
 * Without `model`, `config` and `setup` the page decides what its session is like: whoever has the token may use any model
 * and any option.
 *
 * @param {object} options
 * @param {string} options.apiKey            stays on this side
 * @param {string} [options.model]           the model of every session
 * @param {{ readonly [option: string]: unknown }} [options.config]   what every session is like, as `LiveSession.connect` and
 *   `@google/genai` take it. The service then ignores what the page asks for, so it must be whole
 * @param {readonly string[]} [options.lockAdditionalFields]   given, even if empty: only the options in `config` and those named
 *   here are fixed, and all others are the page's
 * @param {object} [options.setup]           instead of `model` and `config`: the same under its names on the wire
 * @param {number} [options.uses]            sessions that can be begun with it; resuming one costs nothing. Default 1
 * @param {number} [options.beginWithinMs]   until when a session can be begun. Default one minute
 * @param {number} [options.expireAfterMs]   until when sessions may last, less than 20 hours. Default half an hour
 * @param {string} [options.service]         another base URL: a proxy, or the simulator
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<{ token: string, expireTime: string, newSessionExpireTime: string }>}
 */
export async function mintToken({ apiKey, service = SERVICE, signal = AbortSignal.timeout(10_000), ...wishes }) {
  if (!apiKey) throw new Error("There is no API key: set GEMINI_API_KEY where this runs.");
  const body = tokenRequest(wishes);
  const response = await fetch(new URL("/v1alpha/auth_tokens", service), {
    method: "POST",
    headers: { "content-type": "application/json", "x-goog-api-key": apiKey },
    body: JSON.stringify(body),
    signal,
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok || typeof answer.name !== "string") {
    // The service's own words; they do not hold the key.
    throw new Error(`No token: status ${response.status}, ${answer.error?.message ?? "no reason given"}`);
  }
  const { expireTime = body.expireTime, newSessionExpireTime = body.newSessionExpireTime } = answer;
  return { token: answer.name, expireTime, newSessionExpireTime };
}

/** The body of the request for a token. */
export function tokenRequest({
  model,
  config,
  lockAdditionalFields,
  setup = model === undefined && config === undefined ? undefined : wireSetup(model, config),
  uses = 1,
  beginWithinMs = 60_000,
  expireAfterMs = 30 * 60_000,
}) {
  if (!(beginWithinMs <= expireAfterMs && expireAfterMs < 20 * 3_600_000)) {
    throw new RangeError("beginWithinMs must not exceed expireAfterMs, and that must be less than 20 hours.");
  }
  const after = (ms) => new Date(Date.now() + ms).toISOString();
  const body = { uses, expireTime: after(expireAfterMs), newSessionExpireTime: after(beginWithinMs) };
  if (lockAdditionalFields) {
    // Resumption is left to the page: fixed here, it would overwrite the page's handle.
    const { sessionResumption: _, ...fixed } = setup ?? {};
    const mask = fieldMask(fixed, lockAdditionalFields);
    return { ...body, ...(setup && { bidiGenerateContentSetup: fixed }), ...(mask && { fieldMask: mask }) };
  }
  // That the service takes the page's handle then is assumed: no document says so.
  return setup ? { ...body, bidiGenerateContentSetup: { ...lasting(setup.model, config), ...setup } } : body;
}

/**
 * The same as an endpoint: takes a `Request`, gives a `Response`. Put your own sign-in in front of it, or anyone can talk on
 * your bill.
 *
 * @param {Request} request
 * @param {Parameters<typeof mintToken>[0]} options
 * @param {readonly string[]} [origins]   pages of other origins that may ask too, such as `https://app.example`
 * @returns {Promise<Response>}
 */
export async function tokenResponse(request, options, origins = []) {
  const origin = request.headers.get("origin");
  const headers = { "cache-control": "no-store", vary: "origin" };
  if (origins.includes(origin)) headers["access-control-allow-origin"] = origin;
  else if (!isOwnPage(request, origin)) return refuse(403, "Tokens are for this site's own pages.", headers);
  if (request.method === "OPTIONS") {
    const allowed = { "access-control-allow-methods": "POST", "access-control-allow-headers": "*" };
    return new Response(null, { status: 204, headers: { ...headers, ...allowed } });
  }
  if (request.method !== "POST") return refuse(405, "Ask with POST.", { ...headers, allow: "POST, OPTIONS" });
  try {
    return Response.json(await mintToken(options), { headers });
  } catch (error) {
    console.error(error.message);
    return refuse(502, "No token can be made at the moment.", headers);
  }
}

/**
 * Whether a page of this site asks, or no page at all. A page from elsewhere could not read the answer, but each question
 * costs: the browser says where it comes from, in `Sec-Fetch-Site` and `Origin`, and scripts cannot forge either.
 */
function isOwnPage(request, origin) {
  const site = request.headers.get("sec-fetch-site") ?? "none";
  const isOwnOrigin = origin === null || (URL.canParse(origin) && new URL(origin).host === new URL(request.url).host);
  return isOwnOrigin && (site === "same-origin" || site === "none");
}

function refuse(status, error, headers) {
  return Response.json({ error }, { status, headers });
}
