/**
 * Starts the Worker in which the driver runs. The address must stand here, literally, for bundlers to see it.
 *
 * @returns {Worker}
 */
export function spawn() {
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "gemini-live" });
}
