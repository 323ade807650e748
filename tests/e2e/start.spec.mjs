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
  #letGo;
  #server;

  static async before(server) {
    const site = new Site();
    site.#server = createServer((request, response) => site.#answer(server, request, response));
    await new Promise((resolve) => site.#server.listen(0, "127.0.0.1", resolve));
    site.url = `http://127.0.0.1:${site.#server.address().port}`;
    return site;
  }

  hold() {
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
      await this.#held;
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
