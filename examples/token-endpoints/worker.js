// An edge worker (Cloudflare and the like): `wrangler secret put GEMINI_API_KEY`, then `wrangler deploy`.

import { tokenResponse } from "./mint.js";

export default {
  /**
   * @param {Request} request
   * @param {{ GEMINI_API_KEY: string, GEMINI_API_BASE_URL?: string }} env
   */
  fetch(request, env) {
    return tokenResponse(request, { apiKey: env.GEMINI_API_KEY, service: env.GEMINI_API_BASE_URL });
  },
};
