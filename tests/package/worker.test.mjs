// The Worker's script, as far as it is not the session's.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { fresh, pretend } from "./support.mjs";

test("a Worker that cannot start says so at once: the page need not wait for it", async (t) => {
  const said = [];
  const listeners = {};
  pretend(t, "addEventListener", (type, listener) => (listeners[type] = listener));
  pretend(t, "postMessage", (message) => said.push(message));
  await fresh(t).load("live-worker.js");
  assert.deepEqual(said, ["listening"]);
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  const answer = once(port1, "message");
  // The smallest module there is, which is not the session's.
  const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  // The module may come ahead: then nobody can be told yet.
  await listeners.message({ data: { module } });
  await listeners.message({ data: { module, port: port2 } });
  assert.deepEqual(await Promise.race([answer.then(([event]) => event), new Promise((end) => setTimeout(end, 5_000).unref())]), ["failed"]);
});
