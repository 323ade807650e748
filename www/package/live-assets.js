// Where the other files of the package are. Each address must stand here, literally, for bundlers to see it.

const OPTIONS = { type: "module", name: "gemini-live" };

/** The address of the wasm. */
export function wasm() {
  return atHome("gemini_live_web_bg.wasm") ?? wasmBeside();
}

/** The address of the worklets. */
export function worklet() {
  return atHome("live-audio.js") ?? new URL("./live-audio.js", import.meta.url);
}

/** Starts the Worker, from another address if need be. */
export function worker(url = atHome("live-worker.js")) {
  if (url) return new Worker(url, OPTIONS);
  return new Worker(new URL("./live-worker.js", import.meta.url), { type: "module", name: "gemini-live" });
}

function wasmBeside() {
  return new URL("./gemini_live_web_bg.wasm", import.meta.url);
}

/**
 * In development, Vite up to version 7 serves a copy of this script from a directory where the other files are not.
 * Later ones correct the addresses.
 */
function atHome(name) {
  const [root, copied] = wasmBeside().href.split("/.vite/deps/");
  return copied && `${root}/gemini-live-web/${name}`;
}
