import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { OUT_DIR } from "../e2e/playwright.config.mjs";
import { CONSUMERS, PACKAGE, fresh } from "./consumers.mjs";
import { PAGE_MS, SERVER, expect, options, test } from "./support.mjs";

const esm = CONSUMERS.find(({ name }) => name === "esm");

test.beforeAll(() => {
  esm.build(fresh(join(OUT_DIR, "loading")));
  const elsewhere = fresh(join(OUT_DIR, "elsewhere"));
  for (const name of ["live-worker.js", "live-core.js", "live-audio.js"]) cpSync(join(PACKAGE, name), join(elsewhere, name));
  cpSync(join(PACKAGE, "gemini_live_web_bg.wasm"), join(elsewhere, "all.wasm"));
});

test.beforeEach(async ({ page }) => {
  page.requests = [];
  page.on("request", (request) => page.requests.push(new URL(request.url()).pathname.split("/").at(-1)));
});

async function openPage(page) {
  await page.goto(`${SERVER}/loading/index.html`);
  await page.waitForFunction(() => globalThis.talk, undefined, { timeout: PAGE_MS });
}

test("the wasm is fetched at the first connect, once, and not before", async ({ page }) => {
  await openPage(page);
  await page.waitForLoadState("networkidle");
  const scripts = ["index.html", "app.js", "gemini_live_web.js", "talk.js", "live-core.js"];
  expect(page.requests.sort()).toEqual(scripts.sort());
  const refused = await options({ token: "no token" });
  await page.evaluate((given) => Promise.all([fail(given), fail(given)]), refused);
  await page.evaluate((given) => fail(given), refused);
  expect(page.requests.filter((name) => name.endsWith(".wasm"))).toHaveLength(1);
});

const BROKEN = [
  { what: "is not there", answer: { status: 404 }, message: /gemini_live_web_bg\.wasm answers with HTTP status 404/, cause: /undefined/ },
  {
    what: "is a page",
    answer: { contentType: "text/html", body: "<!doctype html>" },
    message: /\(text\/html\) is no wasm/,
    cause: /CompileError/,
  },
  { what: "is broken", answer: { contentType: "application/wasm", body: "no" }, message: /is no wasm/, cause: /CompileError/ },
];

for (const { what, answer, message, cause } of BROKEN) {
  test(`a wasm that ${what} is a LiveError that says so, and the next connect tries again`, async ({ page }) => {
    await page.route("**/*.wasm", (route) => route.fulfill(answer), { times: 1 });
    await openPage(page);
    const given = await options({ token: "no token" });
    const error = await page.evaluate((given) => fail(given), given);
    expect(error).toMatchObject({ isLiveError: true, code: "wasm-unavailable" });
    expect(error.message).toMatch(message);
    expect(error.cause).toMatch(cause);
    expect(await page.evaluate((given) => fail(given), given)).not.toMatchObject({ code: "wasm-unavailable" });
  });
}

test("a server that is gone is a LiveError that may be tried again", async ({ page }) => {
  await page.route("**/*.wasm", (route) => route.abort("connectionrefused"));
  await openPage(page);
  const error = await page.evaluate((given) => fail(given), await options());
  expect(error).toMatchObject({ isLiveError: true, code: "wasm-unavailable" });
  expect(error.cause).toMatch(/TypeError/);
});

test("a wasm of the wrong type is compiled all the same", async ({ page, simulator, printed }) => {
  const body = readFileSync(join(PACKAGE, "gemini_live_web_bg.wasm"));
  await page.route("**/*.wasm", (route) => route.fulfill({ contentType: "application/octet-stream", body }));
  await openPage(page);
  expect(await page.evaluate((given) => talk(given), await options())).toMatchObject({ runsIn: "worker" });
  expect(await simulator.latest()).toBeDefined();
  expect(printed).toEqual([]);
});

test("the signal and the deadline of connect end the wait for the wasm", async ({ page }) => {
  await page.route("**/*.wasm", () => {});
  await openPage(page);
  const given = await options();
  const late = await page.evaluate((given) => fail({ ...given, connectTimeoutMs: 300 }), given);
  expect(late).toMatchObject({ isLiveError: true, code: "timeout" });
  const aborted = await page.evaluate((given) => {
    const stop = new AbortController();
    const failing = fail({ ...given, signal: stop.signal });
    stop.abort();
    return failing;
  }, given);
  expect(aborted).toMatchObject({ isLiveError: true, code: "aborted" });
});

test("an address that is none is refused by name", async ({ page }) => {
  await openPage(page);
  const error = await page.evaluate((given) => fail({ ...given, workerUrl: 5 }), await options());
  expect(error).toMatchObject({ isLiveError: true, code: "invalid-option" });
  expect(error.message).toContain("workerUrl");
});

test("the files may be served from elsewhere", async ({ page }) => {
  await openPage(page);
  const at = (name) => `${SERVER}/elsewhere/${name}`;
  const urls = { wasmUrl: at("all.wasm"), workerUrl: at("live-worker.js"), workletUrl: at("live-audio.js") };
  const given = { ...(await options()), ...urls };
  expect(await page.evaluate((given) => talk(given), given)).toMatchObject({ runsIn: "worker" });
  expect(page.requests.filter((name) => name.endsWith(".wasm"))).toEqual(["all.wasm"]);
  const asked = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  expect(asked).toEqual(expect.arrayContaining([urls.wasmUrl, urls.workerUrl]));
  expect(asked.filter((url) => url.includes("/loading/package/live-audio"))).toEqual([]);
});

test("a strict content security policy is enough", async ({ page, printed }) => {
  await CONSUMERS.find(({ name }) => name === "webpack").build(fresh(join(OUT_DIR, "policy")));
  const { endpoint } = await options();
  const policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' ${endpoint}; img-src data:`;
  await page.route("**/policy/index.html", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
  await page.goto(`${SERVER}/policy/index.html`);
  await page.waitForFunction(() => globalThis.talk, undefined, { timeout: PAGE_MS });
  expect(await page.evaluate((given) => talk(given), await options())).toMatchObject({ runsIn: "worker" });
  expect(printed).toEqual([]);
});
