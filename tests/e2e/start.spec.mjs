/** From the wish to the session: what is asked for at once, and what was there before. */
import { createServer } from "node:http";

import { expect, optionsWith, test as base } from "./support/bench.mjs";

const WASM = "gemini_live_web_bg.wasm";
const PARTS = ["live-audio.js", "live-loading.js", "live-microphone.js", "live-worker.js", "token", WASM];
const DEVICES = { speaker: true, microphone: true };

/** A page that imports the package, and does nothing with it yet. */
const PAGE = `<!doctype html><link rel="icon" href="data:,">
  <script type="importmap">{ "imports": { "gemini-live-web": "/pkg/gemini_live_web.js" } }</script>
  <script type="module">
    import { LiveSession, preload } from "gemini-live-web";
    let session;
    globalThis.start = {
      preload,
      connect: async (options) => ((session = await LiveSession.connect(options)), session.runsIn),
      close: () => session.close(),
    };
  </script>`;

/** A site in front of the tests' own, whose files a browser may keep, and which answers only when it is let. */
class Site {
  /** The names of what it was asked for. */
  asked = [];
  #held;
  #isHeld;
  #letGo;
  #server;

  static async before(server) {
    const site = new Site();
    site.#server = createServer((request, response) => site.#answer(server, request, response));
    await new Promise((resolve) => site.#server.listen(0, "127.0.0.1", resolve));
    site.url = `http://127.0.0.1:${site.#server.address().port}`;
    return site;
  }

  /** Answers for no file from here on, or for none of that name. */
  hold(name) {
    this.#isHeld = (asked) => !name || asked === name;
    this.#held = new Promise((resolve) => (this.#letGo = resolve));
  }

  letGo() {
    this.#letGo();
  }

  async #answer(server, { method, url }, response) {
    if (url === "/start.html") return response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
    const name = url.split("/").at(-1);
    // What looks for leftovers is none of the library's.
    if (name !== "watcher.js") {
      this.asked.push(name);
      if (this.#isHeld?.(name)) await this.#held;
    }
    const answer = await fetch(new URL(url, server), { method });
    const type = answer.headers.get("content-type");
    response.writeHead(answer.status, { "content-type": type, "cache-control": method === "GET" ? "max-age=600" : "no-store" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  close() {
    this.#letGo?.();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const test = base.extend({
  site: async ({ page, server, printed: _ }, use) => {
    const site = await Site.before(server);
    await page.goto(`${site.url}/start.html`);
    await page.waitForFunction(() => globalThis.start);
    site.asked.length = 0;
    await use(site);
    site.close();
  },
});

/** Notes what a page opens of devices from now on. */
const watchDevices = (page) =>
  page.evaluate(() => {
    const [asked, streams, contexts] = [[], [], []];
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async ({ audio }) => {
      asked.push({ ...audio, audioSession: navigator.audioSession?.type });
      const stream = await ask({ audio });
      streams.push(stream);
      return stream;
    };
    globalThis.AudioContext = class extends AudioContext {
      constructor(hints) {
        super(hints);
        contexts.push({ hints, context: this });
      }
    };
    globalThis.devices = () => ({
      asked,
      hints: contexts.map(({ hints }) => hints),
      live: streams.flatMap((stream) => stream.getTracks()).filter(({ readyState }) => readyState === "live").length,
      open: contexts.filter(({ context }) => context.state !== "closed").length,
    });
  });

const devices = (page) => page.evaluate(() => globalThis.devices());

const preload = (page) => page.evaluate(() => start.preload());

for (const kind of ["an endpoint", "a function"]) {
  test(`worklets, Worker, wasm and the token of ${kind} are asked for before any of them has come`, async ({ page, server, site }) => {
    const options = await optionsWith(server, DEVICES);
    site.hold();
    const connecting = page.evaluate(
      ([given, isFunction]) => {
        const token = async () => (await (await fetch("/token", { method: "POST" })).json()).token;
        return start.connect(isFunction ? { ...given, token } : given);
      },
      [options, kind === "a function"],
    );
    await expect.poll(() => [...site.asked].sort()).toEqual(PARTS.sort());
    site.letGo();
    expect(await connecting).toBe("worker");
    expect(site.asked.filter((name) => name === "token"), "asked for once").toHaveLength(1);
    await page.evaluate(() => start.close());
  });
}

test("after preload() a connect asks for the token, and for nothing else", async ({ page, server, site }) => {
  const options = await optionsWith(server, DEVICES);
  await preload(page);
  for (const name of ["live-audio.js", "live-loading.js", "live-microphone.js", "live-worker.js", WASM]) expect(site.asked).toContain(name);
  site.asked.length = 0;
  expect(await page.evaluate((given) => start.connect(given), options)).toBe("worker");
  expect(site.asked).toEqual(["token"]);
  // The Worker that waited is the one that is used.
  expect(page.workers()).toHaveLength(1);
  await page.evaluate(() => start.close());
});

test("preload() after a session has a Worker ready for the next one", async ({ page, server, site }) => {
  const options = await optionsWith(server, DEVICES);
  for (const round of ["first", "next"]) {
    await preload(page);
    expect(page.workers(), round).toHaveLength(1);
    site.asked.length = 0;
    expect(await page.evaluate((given) => start.connect(given), options)).toBe("worker");
    expect(site.asked, round).toEqual(["token"]);
    expect(page.workers(), round).toHaveLength(1);
    await page.evaluate(() => start.close());
    await expect.poll(() => page.workers().length).toBe(0);
  }
});

test("a connect that fails gives up what it began: the Worker, and the question for a token", async ({ page, server, site, printed }) => {
  const options = await optionsWith(server, { wasmUrl: "/no.wasm" });
  const { error, aborted } = await page.evaluate(async (given) => {
    let asked;
    const token = (signal) => ((asked = signal), new Promise(() => {}));
    const error = await start.connect({ ...given, token }).catch(({ code }) => code);
    return { error, aborted: asked.aborted };
  }, options);
  expect(error).toBe("wasm-unavailable");
  // The browser says that there is no such file.
  printed.length = 0;
  expect(aborted).toBe(true);
  expect(site.asked).toContain("no.wasm");
  await expect.poll(() => page.workers().length).toBe(0);
});

test("microphone and audio context are opened while the wasm is on its way, each once and as it was wished", async ({ page, server, site }) => {
  const options = await optionsWith(server, { speaker: true, microphone: { noiseSuppression: false }, latencyHint: "playback" });
  await watchDevices(page);
  site.hold(WASM);
  const connecting = page.evaluate((given) => start.connect(given), options);
  await expect.poll(() => devices(page)).toMatchObject({ live: 1, open: 1 });
  site.letGo();
  expect(await connecting).toBe("worker");
  const { asked, hints } = await devices(page);
  expect(asked).toMatchObject([{ echoCancellation: true, noiseSuppression: false }]);
  expect(hints).toEqual([{ latencyHint: "playback" }]);
  await page.evaluate(() => start.close());
});

test("a click while preload() waits for the wasm opens its devices at once", async ({ page, server, site }) => {
  const options = await optionsWith(server, DEVICES);
  await watchDevices(page);
  site.hold(WASM);
  const preloading = preload(page);
  await expect.poll(() => site.asked).toContain(WASM);
  const connecting = page.evaluate((given) => start.connect(given), options);
  await expect.poll(() => devices(page)).toMatchObject({ live: 1, open: 1 });
  site.letGo();
  await preloading;
  expect(await connecting).toBe("worker");
  expect((await devices(page)).asked).toHaveLength(1);
  await page.evaluate(() => start.close());
});

for (const [why, { changes, wasm = WASM, code }] of Object.entries({
  "has no wasm": { changes: { wasmUrl: "/no.wasm" }, wasm: "no.wasm", code: "wasm-unavailable" },
  "is refused": { changes: { turns: "many" }, code: "invalid-option" },
  "is aborted": { changes: {}, code: "aborted" },
})) {
  test(`a connect that ${why} gives back the devices that were opened ahead`, async ({ page, server, site, printed }) => {
    const options = await optionsWith(server, { ...DEVICES, ...changes });
    await watchDevices(page);
    site.hold(wasm);
    const connecting = page.evaluate((given) => {
      globalThis.stop = new AbortController();
      return start.connect({ ...given, signal: stop.signal }).catch((error) => error.code);
    }, options);
    await expect.poll(() => devices(page)).toMatchObject({ live: 1, open: 1 });
    if (code === "aborted") await page.evaluate(() => stop.abort());
    else site.letGo();
    expect(await connecting).toBe(code);
    await expect.poll(() => devices(page)).toMatchObject({ live: 0, open: 0 });
    // The wasm is awaited on, for whoever connects next.
    site.letGo();
    await page.evaluate(() => start.connect({}).catch(() => {}));
    // The browser says that there is no such file.
    printed.length = 0;
  });
}

test("a connect after one that had no wasm opens its devices once, and gives them back", async ({ page, server, site, printed }) => {
  const options = await optionsWith(server, DEVICES);
  await page.evaluate((given) => start.connect({ ...given, wasmUrl: "/no.wasm" }).catch(() => {}), options);
  // The browser says that there is no such file.
  printed.length = 0;
  await watchDevices(page);
  await page.evaluate((given) => start.connect(given), { ...options, wasmUrl: `/pkg/${WASM}` });
  const { asked, live, open } = await devices(page);
  expect([asked.length, live, open]).toEqual([1, 1, 1]);
  await page.evaluate(() => start.close());
  await expect.poll(() => devices(page)).toMatchObject({ live: 0, open: 0 });
});

test("where the system is told what the sound is for, no microphone is asked for before", async ({ page, server, site }) => {
  const options = await optionsWith(server, DEVICES);
  await page.evaluate(() => Object.defineProperty(navigator, "audioSession", { value: { type: "auto" }, configurable: true }));
  await watchDevices(page);
  expect(site.asked).toEqual([]);
  expect(await page.evaluate((given) => start.connect(given), options)).toBe("worker");
  expect((await devices(page)).asked).toMatchObject([{ audioSession: "play-and-record" }]);
  await page.evaluate(() => start.close());
});

for (const [why, changes] of Object.entries({ "runs on the page": { runIn: "page" }, fails: { token: "no token" } })) {
  test(`a connect that ${why} ends the Worker that stands by`, async ({ page, server, site }) => {
    const options = await optionsWith(server, changes);
    await preload(page);
    expect(page.workers()).toHaveLength(1);
    expect(site.asked).toContain("live-worker.js");
    await page.evaluate((given) => start.connect(given).then(start.close, () => {}), options);
    await expect.poll(() => page.workers().length).toBe(0);
  });
}

test("a Worker that no session takes ends by itself", async ({ page, site }) => {
  expect(site.asked).toEqual([]);
  await page.clock.install();
  await preload(page);
  expect(page.workers()).toHaveLength(1);
  await page.clock.runFor(301_000);
  await expect.poll(() => page.workers().length).toBe(0);
});
