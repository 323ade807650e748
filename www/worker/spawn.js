/**
 * Starts the Worker in which the session runs, and hands it its end of the channel. The address must stand here,
 * literally, for bundlers to see it.
 *
 * The npm package has its own instead, in `www/package`: here the Worker imports the script that starts it, which not
 * every bundler survives.
 *
 * @param {MessagePort} port
 * @returns {Worker}
 */
export function spawn(port) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "gemini-live" });
  // What is posted while the Worker still waits for its wasm is lost: it says when it listens.
  worker.addEventListener("message", () => worker.postMessage({ port }, [port]), { once: true });
  return worker;
}
