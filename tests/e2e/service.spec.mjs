import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CONFIG, expect, test } from "./support/bench.mjs";
import { serve } from "./support/servers.mjs";

const KEY = "test-key-that-must-not-show";

/** The code path of the real service, with the simulator in its place. */
const real = test.extend({
  upstream: async ({ simulator }, use) => {
    const environment = { GEMINI_API_KEY: KEY, GEMINI_API_BASE_URL: simulator.url };
    const server = await serve([], environment);
    await use(server);
    await server.stop();
  },
});

real("with a key the page gets real tokens and never the key", async ({ upstream, page, printed, simulator }) => {
  const seen = [];
  page.on("response", async (response) => seen.push(response.url(), await response.text().catch(() => "")));
  page.on("websocket", (socket) => seen.push(socket.url()));
  await page.goto(upstream.url);
  await expect(page.locator("#start")).toBeEnabled();
  await expect(page.locator("#banner")).toContainText("an application's own should be locked");
  await page.getByLabel("Message").fill("hello");
  await page.getByLabel("Message").press("Enter");
  await expect(page.locator(".bubble.model")).toContainText("hello", { ignoreCase: true });
  expect(seen.join("\n")).not.toContain(KEY);
  expect(seen.some((line) => line.includes("BidiGenerateContentConstrained?access_token=auth_tokens%2F"))).toBe(true);
  expect(upstream.printed.join("\n")).not.toContain(KEY);
  expect(upstream.printed.join("\n")).not.toContain("auth_tokens/");
  expect(printed.join("\n")).not.toContain(KEY);
  expect((await simulator.latest()).credential).toBe("token");
});

test("with a key a real conversation is recorded by one command, without key, token or handle", async ({ page, simulator }) => {
  const directory = mkdtempSync(join(tmpdir(), "recordings-"));
  const file = join(directory, "call.jsonl");
  const server = await serve(["--record", file, "--record-audio"], { GEMINI_API_KEY: KEY, GEMINI_API_BASE_URL: simulator.url });
  const seen = [];
  page.on("websocket", (socket) => {
    seen.push(new URL(socket.url()).searchParams.get("access_token"));
    socket.on("framereceived", ({ payload }) => seen.push(/"newHandle": ?"([^"]+)"/.exec(String(payload))?.[1]));
  });
  await page.goto(`${server.url}/?runIn=page`);
  await expect(page.locator("#recording-status")).toHaveText("The next conversation is recorded, with audio.");
  await page.getByLabel("Message").fill("hello");
  await page.getByLabel("Message").press("Enter");
  await expect(page.locator(".bubble.model")).toContainText("hello", { ignoreCase: true });
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.locator("#recording-status")).toHaveText(`Written to ${file}.`);
  await server.stop();
  const text = readFileSync(file, "utf8");
  rmSync(directory, { recursive: true });
  expect(text).toContain('"handle-1"');
  const secrets = [KEY, ...seen.filter(Boolean)];
  expect(secrets.length, "the key, a token, a handle").toBeGreaterThan(2);
  for (const secret of secrets) expect(text.includes(secret), "a secret").toBe(false);
});

test("a token that is used up is refused as a token", async ({ bench, page }) => {
  const token = (await (await fetch(`${bench.server}/token`, { method: "POST" })).json()).token;
  await bench.connect({ token: token });
  await bench.close();
  const { error } = await bench.tryToConnect({ token });
  expect(error).toMatchObject({ isLiveError: true, code: "token-refused" });
  expect(JSON.stringify(error)).not.toContain(token);
  expect(await page.evaluate(() => bench.session.state)).toBe("closed");
});

test("a token that carries a setup of its own is diagnosed when it takes the transcripts away", async ({ bench, page }) => {
  const request = {
    uses: 1,
    bidiGenerateContentSetup: { model: "models/sim-parrot", generationConfig: { responseModalities: ["AUDIO"] } },
  };
  const answer = await fetch(`${bench.simulator.url}/v1alpha/auth_tokens`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-goog-api-key": KEY },
    body: JSON.stringify(request),
  });
  expect(answer.status, await answer.clone().text()).toBe(200);
  const { name: token } = await answer.json();
  await bench.connect({ token });
  await bench.openSpeaker();
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "hello" }));
  const diagnosis = await bench.until("diagnosis");
  expect(diagnosis.missing.join()).toContain("outputAudioTranscription");
  expect(diagnosis.message).not.toBe("");
  expect(diagnosis.remedy).not.toBe("");
});

test("no error shows the token", async ({ bench, page, printed }) => {
  const options = await bench.options({ config: CONFIG, model: "models/sim-refuse-1007" });
  const { token } = await (await fetch(`${bench.server}/token`, { method: "POST" })).json();
  const { error } = await page.evaluate((given) => bench.connect(given), { ...options, token });
  expect(JSON.stringify(error)).not.toContain(token.replace("auth_tokens/", ""));
  expect(printed.join("\n")).not.toContain(token.replace("auth_tokens/", ""));
});
