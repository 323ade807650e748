// The Worker in which the driver runs: starts the page's compiled wasm and hands the page's port to it.

import init, { drive } from "../../../../gemini_live_web.js";

addEventListener(
  "message",
  async ({ data: { module, port } }) => {
    try {
      await init({ module_or_path: module });
      drive(port);
    } catch {
      port.postMessage(["failed"]);
    }
  },
  { once: true },
);
