// How the package gets its wasm, and what it says when it does not get it.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { bytes, fresh, hurry, options, pretend, refusal, serve } from "./support.mjs";

const TYPE = "application/wasm";

test("the wasm is fetched and compiled once, whoever asks and how often", async (t) => {
  const { preload, LiveSession } = await fresh(t).load();
  const server = await serve(t, { type: TYPE, body: bytes() });
  await Promise.all([preload({ wasmUrl: server.url }), preload(), refusal(LiveSession.connect(options()))]);
  await preload();
  assert.equal((await refusal(LiveSession.connect(options()))).code, "token-unavailable");
  assert.deepEqual(server.asked, ["/some.wasm"]);
});

test("preload is over when the wasm is there, and no sooner", async (t) => {
  const { preload, default: init, LiveSession } = await fresh(t).load();
  let isAnswered = false;
  const server = await serve(t, () => {
    isAnswered = true;
    return { type: TYPE, body: bytes() };
  });
  await preload({ wasmUrl: server.url });
  assert.ok(isAnswered);
  await init();
  assert.equal((await refusal(LiveSession.connect({ model: "m" }))).field, "token");
});

const SOURCES = {
  "bytes": () => bytes(),
  "a buffer": () => Uint8Array.from(bytes()).buffer,
  "a module": () => new WebAssembly.Module(bytes()),
  "an answer": () => new Response(bytes(), { headers: { "content-type": TYPE } }),
  "an answer without a type": () => new Response(bytes()),
  "a promise of bytes": async () => bytes(),
};

for (const [what, source] of Object.entries(SOURCES)) {
  test(`init takes ${what}`, async (t) => {
    const { default: init, LiveSession } = await fresh(t).load();
    await init(source());
    assert.equal((await refusal(LiveSession.connect({ model: "m" }))).field, "token");
  });
}

for (const [what, of] of Object.entries({ "an address": String, "a URL": (url) => new URL(url), "a request": (url) => new Request(url) })) {
  test(`init takes ${what}, and names it when it fails`, async (t) => {
    const server = await serve(t, (time) => (time === 1 ? { status: 404 } : { type: TYPE, body: bytes() }));
    const { default: init, LiveSession } = await fresh(t).load();
    const error = await refusal(init(of(server.url)));
    assert.equal(error.code, "wasm-unavailable");
    assert.equal(error.message, `${server.url} answers with HTTP status 404.`);
    await init(of(server.url));
    assert.equal((await refusal(LiveSession.connect({ model: "m" }))).field, "token");
  });
}

test("what init is given goes before an address given earlier", async (t) => {
  const server = await serve(t, { status: 404 });
  const { preload, default: init } = await fresh(t).load();
  await refusal(preload({ wasmUrl: server.url }));
  await init(bytes());
  assert.equal(server.asked.length, 1);
});

for (const [status, retryable] of [[404, false], [403, false], [429, true], [499, false], [500, true], [503, true]]) {
  test(`HTTP status ${status} ${retryable ? "may pass" : "stays"}, and the next to ask tries again`, async (t) => {
    const { preload, LiveError } = await fresh(t).load();
    const server = await serve(t, (time) => (time === 1 ? { status } : { type: TYPE, body: bytes() }));
    const error = await refusal(preload({ wasmUrl: server.url }));
    assert.ok(error instanceof LiveError);
    assert.deepEqual([error.code, error.field, error.retryable], ["wasm-unavailable", "wasmUrl", retryable]);
    assert.match(error.message, new RegExp(`${server.url} .* ${status}`));
    assert.match(error.remedy, /wasmUrl/);
    await preload();
  });
}

test("a server that is not there may be tried again", async (t) => {
  const { preload, LiveError } = await fresh(t).load();
  // Nobody listens at a port of this number.
  for (const url of ["http://127.0.0.1:1/some.wasm", new URL("http://127.0.0.1:1/some.wasm")]) {
    const error = await refusal(preload({ wasmUrl: url }));
    assert.ok(error instanceof LiveError);
    assert.deepEqual([error.code, error.field, error.retryable], ["wasm-unavailable", "wasmUrl", true]);
    assert.equal(error.message, "http://127.0.0.1:1/some.wasm could not be fetched.");
    assert.ok(error.cause instanceof TypeError);
  }
});

for (const [what, answer, type] of [
  ["a page", { type: "text/html", body: "<!doctype html>" }, "text/html"],
  ["of no type", { body: "no" }, "no type"],
  ["broken", { type: TYPE, body: "no" }, TYPE],
]) {
  test(`a wasm that is ${what} is an error that trying again does not mend`, async (t) => {
    const { preload, LiveError } = await fresh(t).load();
    const server = await serve(t, answer);
    const error = await refusal(preload({ wasmUrl: server.url }));
    assert.ok(error instanceof LiveError);
    assert.deepEqual([error.code, error.field, error.retryable], ["wasm-unavailable", "wasmUrl", false]);
    assert.ok(error.message.startsWith(`${server.url} (${type}) is no wasm that this page can use: `), error.message);
    assert.ok(error.cause instanceof WebAssembly.CompileError);
    assert.match(error.remedy, /wasm-unsafe-eval/);
  });
}

for (const type of ["application/octet-stream", "text/plain", undefined, "application/wasm; charset=binary"]) {
  test(`a wasm of the type ${type} is compiled all the same`, async (t) => {
    const { preload, LiveSession } = await fresh(t).load();
    const server = await serve(t, { type, body: bytes() });
    await preload({ wasmUrl: server.url });
    assert.equal((await refusal(LiveSession.connect({ model: "m" }))).field, "token");
  });
}

test("a wasm of the right type is compiled while it arrives", async (t) => {
  const { preload } = await fresh(t).load();
  const server = await serve(t, { type: TYPE, body: bytes() });
  // Whoever waits for the whole of it takes this way.
  pretend(t, "arrayBuffer", () => assert.fail("it was kept until all of it was there"), Response.prototype);
  await preload({ wasmUrl: server.url });
});

test("bytes that are no wasm are an error that says so", async (t) => {
  const { default: init, LiveError } = await fresh(t).load();
  for (const source of [new Uint8Array(4), new ArrayBuffer(4)]) {
    const error = await refusal(init(source));
    assert.ok(error instanceof LiveError);
    assert.deepEqual([error.code, error.retryable], ["wasm-unavailable", false]);
    assert.match(error.message, /^The bytes given are no wasm that this page can use: /);
    assert.ok(error.cause instanceof WebAssembly.CompileError);
  }
});

test("a wasm that is another's is an error that says so, and not the start of a session", async (t) => {
  const { default: init, LiveError } = await fresh(t).load();
  // The smallest module there is: it exports nothing.
  const error = await refusal(init(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
  assert.ok(error instanceof LiveError);
  assert.deepEqual([error.code, error.retryable], ["wasm-unavailable", false]);
  assert.match(error.message, /^The wasm does not start: /);
  assert.ok(error.cause instanceof Error);
});

test("a browser without WebAssembly is told apart", async (t) => {
  const { preload, LiveError } = await fresh(t).load();
  pretend(t, "WebAssembly", undefined);
  const error = await refusal(preload());
  assert.ok(error instanceof LiveError);
  assert.deepEqual([error.code, error.retryable], ["unsupported", false]);
});

test("the wasm is asked for beside the script that goes on with it, whose own failure is told apart", async (t) => {
  const { directory, load } = fresh(t);
  rmSync(join(directory, "live-loading.js"));
  const { preload, LiveSession, LiveError } = await load();
  let server;
  const asked = new Promise((resolve) => {
    server = serve(t, () => (resolve(), { type: TYPE, body: bytes() }));
  });
  server = await server;
  for (const failing of [preload({ wasmUrl: server.url }), LiveSession.connect(options())]) {
    const error = await refusal(failing);
    assert.ok(error instanceof LiveError);
    assert.deepEqual([error.code, error.retryable], ["wasm-unavailable", true]);
    assert.match(error.message, /^live-loading.js could not be loaded/);
    assert.equal(error.cause.code, "ERR_MODULE_NOT_FOUND");
  }
  // It would wait for ever if nobody asked.
  await asked;
});

test("an address that is none is refused by name, before anything is fetched", async (t) => {
  const { preload, LiveSession, LiveError } = await fresh(t).load();
  const server = await serve(t, { status: 404 });
  for (const field of ["wasmUrl", "workerUrl", "workletUrl"]) {
    for (const value of [5, null, {}]) {
      const error = await refusal(preload({ wasmUrl: server.url, [field]: value }));
      assert.ok(error instanceof LiveError);
      assert.deepEqual([error.code, error.field, error.retryable], ["invalid-option", field, false]);
      if (field === "workletUrl") continue;
      const refused = await refusal(LiveSession.connect(options({ [field]: value })));
      assert.deepEqual([refused.code, refused.field], ["invalid-option", field]);
    }
  }
  assert.deepEqual(server.asked, []);
  assert.equal((await refusal(preload({ wasmUrl: new URL(server.url), workerUrl: undefined }))).code, "wasm-unavailable");
});

test("a fetch that is never answered is given up after a minute, and so is what is fetched beside it", async (t) => {
  const { preload } = await fresh(t).load();
  const server = await serve(t, "never");
  const waits = hurry(t);
  const error = await refusal(preload({ wasmUrl: server.url }));
  // Node's own are shorter.
  const limits = waits.filter((ms) => ms > 5_000);
  assert.deepEqual([error.code, error.retryable, limits], ["wasm-unavailable", true, [60_000, 60_000]]);
  assert.equal(error.cause.name, "TimeoutError");
});

for (const [given, limit] of [[undefined, 15_000], [1, 1], [600_000, 600_000], [0.5, 15_000], [600_001, 15_000], ["20", 15_000], [20n, 15_000]]) {
  test(`connectTimeoutMs of ${typeof given} ${given} waits ${limit} ms for the wasm`, async (t) => {
    const { LiveSession, LiveError } = await fresh(t).load();
    const server = await serve(t, "never");
    const waits = hurry(t, { isFetchPatient: true });
    const error = await refusal(LiveSession.connect(options({ wasmUrl: server.url, connectTimeoutMs: given })));
    assert.ok(error instanceof LiveError);
    assert.deepEqual([error.code, error.retryable, waits], ["timeout", true, [limit]]);
    assert.match(error.message, new RegExp(`No session after ${limit} ms`));
    assert.match(error.remedy, /preload/);
  });
}

for (const given of [0, 600_001, "20", 20n, NaN, null]) {
  test(`connectTimeoutMs of ${typeof given} ${given} is refused, whether the wasm is there or not`, async (t) => {
    const { LiveSession } = await fresh(t).load();
    const server = await serve(t, { type: TYPE, body: bytes() });
    for (const _ of ["first", "then"]) {
      const error = await refusal(LiveSession.connect(options({ wasmUrl: server.url, connectTimeoutMs: given })));
      assert.deepEqual([error.code, error.field], ["invalid-option", "connectTimeoutMs"]);
    }
  });
}

test("connect goes on with what it was given, once the wasm is there", async (t) => {
  const { LiveSession } = await fresh(t).load();
  const server = await serve(t, { type: TYPE, body: bytes() });
  class Options {
    wasmUrl = server.url;
    connectTimeoutMs = 20_000;
    #asked = 0;
    get model() {
      return "m";
    }
    get asked() {
      return this.#asked;
    }
  }
  const given = new Options();
  let asked = 0;
  given.token = async () => {
    asked += 1;
    throw new Error("no token today");
  };
  const error = await refusal(LiveSession.connect(given));
  assert.deepEqual([error.code, asked], ["token-unavailable", 1]);
  assert.equal(given.connectTimeoutMs, 20_000, "the application's own object was changed");
});

for (const given of [undefined, null, 5, "m", {}]) {
  test(`connect refuses ${JSON.stringify(given)} as such, whether the wasm is there or not`, async (t) => {
    const { preload, LiveSession } = await fresh(t).load();
    const server = await serve(t, { type: TYPE, body: bytes() });
    await refusal(LiveSession.connect({ wasmUrl: server.url, workerUrl: 5 }));
    const first = await refusal(LiveSession.connect(given));
    const then = await refusal(LiveSession.connect(given));
    assert.equal(first.code, "invalid-option");
    assert.deepEqual([first.code, first.field, first.message], [then.code, then.field, then.message]);
    await preload();
  });
}

test("a signal ends the wait for the wasm, and nothing listens to it afterwards", async (t) => {
  const { LiveSession, LiveError } = await fresh(t).load();
  const server = await serve(t, "never");
  const stop = new AbortController();
  const failing = refusal(LiveSession.connect(options({ wasmUrl: server.url, signal: stop.signal })));
  assert.equal(getEventListeners(stop.signal, "abort").length, 1);
  stop.abort();
  const error = await failing;
  assert.ok(error instanceof LiveError);
  assert.deepEqual([error.code, error.retryable], ["aborted", false]);
  assert.equal(getEventListeners(stop.signal, "abort").length, 0);
});

test("a signal that has aborted already ends it at once", async (t) => {
  const { LiveSession } = await fresh(t).load();
  const server = await serve(t, "never");
  const given = options({ wasmUrl: server.url, signal: AbortSignal.abort() });
  assert.equal((await refusal(LiveSession.connect(given))).code, "aborted");
});

test("once the wasm is there, its deadline is over, its signal is left alone, and the session has the rest of the time", async (t) => {
  const { LiveSession } = await fresh(t).load();
  const server = await serve(t, { type: TYPE, body: bytes() });
  const { signal } = new AbortController();
  const running = new Map();
  const waits = [];
  const [begin, end, now] = [setTimeout, clearTimeout, performance.now.bind(performance)];
  // As in a page that has been open for long.
  pretend(t, "now", () => now() + 1_000_000, performance);
  pretend(t, "setTimeout", (work, ms, ...words) => {
    const timer = begin(work, ms, ...words);
    // One that nobody clears is found below, and not waited for.
    timer.unref();
    // Node's own are shorter.
    if (ms > 5_000) {
      running.set(timer, ms);
      waits.push(ms);
    }
    return timer;
  });
  pretend(t, "clearTimeout", (timer) => {
    running.delete(timer);
    end(timer);
  });
  const error = await refusal(LiveSession.connect(options({ wasmUrl: server.url, signal, connectTimeoutMs: 500_000 })));
  assert.equal(error.code, "token-unavailable");
  assert.deepEqual([getEventListeners(signal, "abort").length, [...running.values()]], [0, []]);
  const [first, rest] = waits;
  assert.equal(first, 500_000);
  assert.ok(rest < 500_000 && rest > 250_000, `${rest} ms were left`);
});

test("what is no signal is refused by name, and not waited for", async (t) => {
  const { LiveSession } = await fresh(t).load();
  const server = await serve(t, { type: TYPE, body: bytes() });
  const error = await refusal(LiveSession.connect(options({ wasmUrl: server.url, signal: { aborted: true } })));
  assert.deepEqual([error.code, error.field], ["invalid-option", "signal"]);
});
