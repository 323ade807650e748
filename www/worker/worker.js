// The Worker in which the session runs: starts the wasm and hands it the page's port.

import * as glue from "../../../../gemini_live_web.js";

let started;

addEventListener("message", async ({ data: { module, port } }) => {
  try {
    // Made for bundlers, the glue has started by being imported, and exports no function for that. The page's
    // compiled module saves a second compilation where the page has it; it may come ahead of the port.
    if ("default" in glue) await (started ??= glue.default({ module_or_path: module }));
    if (port) glue.drive(port);
  } catch {
    port?.postMessage(["failed"]);
  }
});

postMessage("listening");
