// An ephemeral token for one session, made with plain `fetch`: Node, Deno, Bun, edge workers.

const SERVICE = "https://generativelanguage.googleapis.com";

/**
 * Makes a token that a page can begin one session with.
 *
 * @param {object} options
 * @param {string} options.apiKey            stays on this side
 * @param {object} [options.setup]           what every session is to be like, under its names on the wire. The service
 *   then ignores what the page asks for, so it must be whole: the model with `models/`, `generationConfig.responseModalities`
 *   and all. Without it the page decides.
 * @param {number} [options.uses]            sessions that can be begun with it; resuming one costs nothing. Default 1
 * @param {number} [options.beginWithinMs]   until when a session can be begun. Default one minute
 * @param {number} [options.expireAfterMs]   until when sessions may last, less than 20 hours. Default half an hour
 * @param {string} [options.service]         another base URL: a proxy, or the simulator
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<{ token: string, expireTime: string, newSessionExpireTime: string }>}
 */
export async function mintToken({
  apiKey,
  setup,
  uses = 1,
  beginWithinMs = 60_000,
  expireAfterMs = 30 * 60_000,
  service = SERVICE,
  signal = AbortSignal.timeout(10_000),
}) {
  if (!apiKey) throw new Error("There is no API key: set GEMINI_API_KEY where this runs.");
  if (!(beginWithinMs <= expireAfterMs && expireAfterMs < 20 * 3_600_000)) {
    throw new RangeError("beginWithinMs must not exceed expireAfterMs, and that must be less than 20 hours.");
  }
  const after = (ms) => new Date(Date.now() + ms).toISOString();
  const body = { uses, expireTime: after(expireAfterMs), newSessionExpireTime: after(beginWithinMs) };
  if (setup) {
    // Without this a session cannot be resumed, and the page cannot ask for it any more.
    body.bidiGenerateContentSetup = { sessionResumption: {}, ...setup };
  }
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

/**
 * The same as an endpoint: takes a `Request`, gives a `Response`. Put your own sign-in in front of it, or anyone can talk on
 * your bill.
 *
 * @param {Request} request
 * @param {Parameters<typeof mintToken>[0]} options
 * @returns {Promise<Response>}
 */
export async function tokenResponse(request, options) {
  const headers = { "cache-control": "no-store" };
  if (request.method !== "POST") return new Response(null, { status: 405, headers: { ...headers, allow: "POST" } });
  try {
    return Response.json(await mintToken(options), { headers });
  } catch (error) {
    console.error(error.message);
    return Response.json({ error: "No token can be made at the moment." }, { status: 502, headers });
  }
}
