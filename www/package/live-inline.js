// The other files of the package as text, for bundlers that carry scripts alone. The package step fills it in.

const WASM = "@wasm";
const WORKER = "@worker";
const WORKLET = "@worklet";

/** The bytes of the wasm. */
export function wasm() {
  return Uint8Array.from(atob(WASM), (letter) => letter.charCodeAt(0));
}

/** The address of the worklets: one for as long as the page lives. */
export const worklet = once(WORKLET);

const workerUrl = once(WORKER);

/** Starts the Worker, from another address if need be. */
export function worker(url = workerUrl()) {
  return new Worker(url, { type: "module", name: "gemini-live" });
}

function once(text) {
  let url;
  return () => (url ??= URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
}
