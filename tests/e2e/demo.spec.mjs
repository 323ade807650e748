import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "./support/bench.mjs";
import { serve } from "./support/servers.mjs";

const PHONE = { width: 360, height: 740 };

/** Opens the demo page and waits until it can be used. */
async function open(page, server, query = "") {
  await page.goto(`${server}/${query}`);
  await expect(page.locator("#start")).toBeEnabled();
}

/** What the user and the model said, as the page shows it. */
function bubbles(page, side) {
  return page.locator(`.bubble.${side} .words`);
}

test("a user starts, speaks, sees and hears the answer, mutes, and stops", { tag: "@devices" }, async ({ page, server, printed, simulator }) => {
  await open(page, server, "?processing=off");
  // Each level that is shown, and those that are told: one a second, which may be that of a pause.
  await page.locator("#output-meter").evaluate((meter) => {
    globalThis.levels = { shown: new Set(), told: [] };
    const shown = () => Number(/scaleX\((.*)\)/.exec(meter.firstElementChild.style.transform)?.[1] ?? 0);
    new MutationObserver(() => levels.shown.add(shown())).observe(meter.firstElementChild, { attributes: true });
    const isTold = () => levels.told.push([Number(meter.getAttribute("aria-valuenow")), 100 * shown()]);
    new MutationObserver(isTold).observe(meter, { attributes: true });
  });
  await expect(page.locator("#banner")).toHaveText("Simulator: it repeats your own words; no Gemini is involved.");
  await expect(page.locator("#status")).toHaveText("Ready");

  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.locator("#status")).toHaveText("The model is speaking");
  await expect(page.locator("#fact-runs-in")).toHaveText("a Worker");
  await expect(page.locator("#fact-memory")).toHaveText("available");
  await expect(bubbles(page, "user").first()).not.toBeEmpty();
  await expect(bubbles(page, "model").first()).not.toBeEmpty();
  await expect(page.locator("#latency")).toHaveText(/^\d+ ms$/);
  await expect(page.locator("#status")).toHaveText("Listening");
  const levels = await page.evaluate(() => ({ shown: levels.shown.size, told: levels.told }));
  expect(levels.shown, "levels of what is heard").toBeGreaterThan(2);
  expect(levels.told.length).toBeGreaterThan(0);
  // One is rounded to a hundredth, the other to a thousandth.
  for (const [told, shown] of levels.told) expect(Math.abs(told - shown)).toBeLessThan(0.6);
  await expect(page.locator("#fact-played")).toHaveText(/^[1-9][0-9.]* s, \d+ gaps?$/);

  const mute = page.getByRole("button", { name: "Mute" });
  await mute.click();
  await expect(mute).toHaveAttribute("aria-pressed", "true");
  await expect(page.locator("#status")).toHaveText("Muted");
  await mute.click();
  await expect(page.locator("#status")).toHaveText("Listening");

  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.locator("#status")).toHaveText("Ready");
  await expect(page.locator("#errors")).toBeEmpty();
  expect(printed).toEqual([]);
  const { id } = await simulator.latest();
  expect((await simulator.received(id)).samples.length).toBeGreaterThan(16_000);
});

test("everything can be done by keyboard, and the microphone is not needed to type", async ({ page, server, printed }) => {
  await open(page, server);
  const order = [];
  for (let press = 0; press < 5; press++) {
    await page.keyboard.press("Tab");
    order.push(await page.evaluate(() => document.activeElement.id));
  }
  expect(order).toEqual(["scroller", "start", "message", "send", "record"]);

  await page.getByLabel("Message").focus();
  await page.keyboard.type("hello there");
  await page.keyboard.press("Enter");
  await expect(bubbles(page, "user").last()).toHaveText("hello there");
  await expect(bubbles(page, "model").last()).toContainText("hello there", { ignoreCase: true });
  await expect(page.locator("#fact-microphone")).toHaveText("off");

  await page.getByRole("button", { name: "Stop" }).focus();
  await page.keyboard.press("Space");
  await expect(page.locator("#status")).toHaveText("Ready");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Stop" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#status")).toHaveText("Ready");
  expect(printed).toEqual([]);
});

test("the model's tool calls are answered and logged", async ({ page, server }) => {
  await open(page, server);
  const ask = async (text) => {
    await page.getByLabel("Message").fill(text);
    await page.getByRole("button", { name: "Send" }).click();
  };
  await ask("call current_time");
  const [first, second] = [page.locator("#calls li").first(), page.locator("#calls li").nth(1)];
  await expect(first.locator(".ask")).toContainText("current_time(");
  await expect(first.locator(".answer")).toContainText("time");
  await ask("call set_page_colour in teal");
  await expect(second.locator(".ask")).toHaveText('set_page_colour(colour: "teal")');
  await expect(second).toHaveAttribute("data-outcome", "answered");
  expect(await page.evaluate(() => document.documentElement.style.getPropertyValue("--tint"))).toBe("teal");
});

test("an answer that the user talks over is marked", async ({ page, server }) => {
  await open(page, server);
  const say = async (text) => {
    await page.getByLabel("Message").fill(text);
    await page.getByLabel("Message").press("Enter");
  };
  await say("a long sentence that takes its time until somebody loses patience with it");
  await expect(page.locator("#status")).toHaveText("The model is speaking");
  await say("enough");
  await expect(page.locator(".bubble.model").first().locator(".mark")).toHaveText("Interrupted");
  await expect(bubbles(page, "model").nth(1)).toContainText("enough");
  await expect(page.locator(".mark")).toHaveCount(1);
  expect(await page.locator(".bubble").evaluateAll((all) => all.map(({ dataset }) => dataset.side))).toEqual([
    "user",
    "model",
    "user",
    "model",
  ]);
});

test("a conversation is recorded, and saved without what opens it to others", async ({ page, server, printed }) => {
  await open(page, server);
  const status = page.locator("#recording-status");
  const record = page.getByRole("button", { name: "Record", exact: true });
  const save = page.getByRole("button", { name: "Save recording" });
  await expect(status).toHaveText("Not recording.");
  await expect(save).toBeDisabled();
  await page.getByLabel("With audio").check();
  await record.click();
  await expect(record).toHaveAttribute("aria-pressed", "true");
  await expect(status).toHaveText("The next conversation is recorded, with audio.");
  await page.getByLabel("Message").fill("hello there");
  await page.getByLabel("Message").press("Enter");
  await expect(status).toHaveText("Recording, with audio.");
  await expect(bubbles(page, "model").last()).toContainText("hello there", { ignoreCase: true });
  await expect(page.locator("#recording-size")).toHaveText(/^[1-9][0-9.]* [kM]B$/);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(status).toHaveText("Recorded, with audio.");
  await expect(record).toHaveAttribute("aria-pressed", "false");
  const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
  expect(download.suggestedFilename()).toMatch(/^gemini-live-.*\.jsonl$/);
  const text = readFileSync(await download.path(), "utf8");
  const [header, setup] = text.split("\n", 2).map((line) => JSON.parse(line));
  expect([header.format, Object.keys(setup.message)]).toEqual(["gemini-live-recording", ["setup"]]);
  expect(text).toContain('"text":"hello there"');
  expect(text).not.toMatch(/auth_tokens|access_token/);
  expect(printed).toEqual([]);
});

test("a recording can be begun and ended in the middle of a conversation", async ({ page, server }) => {
  await open(page, server);
  const say = async (text) => {
    await page.getByLabel("Message").fill(text);
    await page.getByLabel("Message").press("Enter");
  };
  await say("one");
  await expect(bubbles(page, "model").first()).not.toBeEmpty();
  const record = page.getByRole("button", { name: "Record", exact: true });
  await record.click();
  await expect(page.locator("#recording-status")).toHaveText("Recording, without audio.");
  await record.click();
  await expect(page.locator("#recording-status")).toHaveText("Recorded, without audio.");
  await expect(page.getByRole("button", { name: "Save recording" })).toBeEnabled();
  await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
});

test("a server that is to record keeps each conversation, and another plays it", async ({ page }) => {
  const directory = mkdtempSync(join(tmpdir(), "recordings-"));
  const file = join(directory, "call.jsonl");
  const recording = await serve(["--record", file]);
  const converse = async (url) => {
    await open(page, `${url}`);
    await page.getByLabel("Message").fill("the lamp is green");
    await page.getByLabel("Message").press("Enter");
    await expect(bubbles(page, "model").last()).toContainText("the lamp is green", { ignoreCase: true });
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(page.locator("#status")).toHaveText("Ready");
  };
  for (const name of ["call.jsonl", "call-2.jsonl"]) {
    await converse(recording.url);
    await expect(page.locator("#recording-status")).toContainText(name);
  }
  await recording.stop();
  expect(readdirSync(directory).sort()).toEqual(["call-2.jsonl", "call.jsonl"]);
  const text = readFileSync(file, "utf8");
  expect(text).toContain('"text":"the lamp is green"');
  expect(text).not.toMatch(/auth_tokens|access_token/);

  const replaying = await serve(["--replay", file]);
  await converse(replaying.url);
  const [{ replay }] = await (await fetch(`${replaying.url}/_simulator/connections`)).json();
  expect(replay).toEqual({ connection: 1, divergences: [] });
  await replaying.stop();
  rmSync(directory, { recursive: true });
});

test("a connection that goes away is seen to be followed by another, and the conversation goes on", async ({ page, server, printed, simulator }) => {
  const steps = [{ on: { connection: 1, after: "1s" }, do: { goAway: { timeLeft: "9s" } } }];
  await simulator.addScript({ name: "goes-away", summary: "goAway with time for an answer", steps });
  await open(page, server, "?model=models/sim-goes-away");
  const say = async (text) => {
    await page.getByLabel("Message").fill(text);
    await page.getByLabel("Message").press("Enter");
  };
  await say("hello there");
  const log = page.locator("#rotations");
  await expect(log.locator('[data-kind="announced"]')).toContainText("in 9s");
  await expect(log.locator('[data-kind="reconnecting"]')).toContainText("the service closes this connection");
  await expect(log.locator('[data-kind="resumed"]')).toContainText("the same conversation");
  await expect(page.locator("#fact-state")).toHaveText("open");
  await expect(page.locator("#retry")).toBeHidden();
  await say("recall");
  await expect(bubbles(page, "model").last()).toContainText("You said: hello there");
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.locator("#status")).toHaveText("Ready");
  await expect(page.locator("#errors")).toBeEmpty();
  expect(printed).toEqual([]);
});

test("a service that stays away is waited for, and need not be", async ({ page, server, printed, simulator, browserName }, { retry }) => {
  const away = { on: { upgrade: true, attempt: { from: 2, to: 4 } }, do: { refuseUpgrade: { status: 503 } } };
  const steps = [{ on: { connection: 1, after: "1s" }, do: "cut" }, away];
  await simulator.addScript({ name: "away-thrice", summary: "cut, then 503 three times", steps });
  await page.route("**/config.json", async (route) => {
    const config = await (await route.fetch()).json();
    await route.fulfill({ json: { ...config, endpoint: `${config.endpoint}/s/away-thrice%40demo-${browserName}-${retry}` } });
  });
  await open(page, server);
  await page.getByLabel("Message").fill("hello there");
  await page.getByLabel("Message").press("Enter");
  await expect(page.locator("#status")).toHaveText("Reconnecting");
  await page.getByRole("button", { name: "Connect now" }).click();
  await expect(page.locator('#rotations [data-kind="resumed"]')).toBeVisible();
  await expect(page.locator("#fact-state")).toHaveText("open");
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.locator("#errors")).toBeEmpty();
  printed.length = 0; // the browser itself tells of an answer that is no socket's
});

test("a refused session says why and what to do", async ({ page, server }) => {
  await open(page, server, "?model=models/sim-refuse-1007");
  await page.getByRole("button", { name: "Start" }).click();
  const alert = page.getByRole("alert").locator(".error");
  await expect(alert).toHaveAttribute("data-code", "setup-refused");
  await expect(alert.locator("strong")).not.toBeEmpty();
  await expect(page.locator("#status")).toHaveText("Ready");
  await expect(page.getByRole("button", { name: "Start" })).toBeEnabled();
});

test("stop while connecting is no error", async ({ page, server }) => {
  await open(page, server, "?model=models/sim-deaf");
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.locator("#status")).toHaveText("Connecting");
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.locator("#status")).toHaveText("Ready");
  await expect(page.locator("#errors")).toBeEmpty();
});

test("a screen reader is told what cannot be heard, and does not talk over each answer", async ({ page, server }) => {
  await open(page, server, "?processing=off");
  const spoken = page.locator("#spoken");
  await spoken.evaluate((element) => {
    globalThis.told = [];
    new MutationObserver(() => told.push(element.textContent)).observe(element, { childList: true });
  });
  await page.getByRole("button", { name: "Start" }).click();
  for (const shown of ["The model is speaking", "Listening"]) await expect(page.locator("#status")).toHaveText(shown);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(spoken).toHaveText("Ready");
  const told = await page.evaluate(() => globalThis.told);
  expect(told).not.toContain("The model is speaking");
  expect(told.filter((text) => text === "Listening")).toHaveLength(1);
});

test.describe("on a phone", () => {
  test.use({ viewport: PHONE, hasTouch: true });

  test("nothing is wider than the screen and the controls are large enough to touch", async ({ page, server, browserName }) => {
    await open(page, server);
    await page.getByLabel("Message").fill(`a word of ${"w".repeat(80)} letters`);
    const send = page.getByRole("button", { name: "Send" });
    // Firefox is not told of fingers by what drives it.
    await (browserName === "firefox" ? send.click() : send.tap());
    await expect(bubbles(page, "model").last()).not.toBeEmpty();
    const { wide, tall } = await page.evaluate(() => {
      const controls = [...document.querySelectorAll("#start, #mute, #message, #send")];
      return {
        wide: document.documentElement.scrollWidth,
        tall: Math.min(...controls.map((control) => control.getBoundingClientRect().height)),
      };
    });
    expect(wide).toBeLessThanOrEqual(PHONE.width);
    expect(tall).toBeGreaterThanOrEqual(44);
  });
});

test.describe("without isolation", () => {
  test.use({ headers: "plain" });

  // In Chromium: conversation.spec.mjs is on the page, without shared memory, in every browser.
  test("the page works just the same", async ({ page, server, printed }) => {
    await open(page, server, "?runIn=page");
    await page.getByRole("button", { name: "Start" }).click();
    await expect(page.locator("#status")).toHaveText("The model is speaking");
    await expect(page.locator("#fact-runs-in")).toHaveText("the page");
    await expect(page.locator("#fact-memory")).toHaveText("not available");
    expect(printed).toEqual([]);
  });
});

test("a strict content security policy is enough", { tag: "@loading" }, async ({ page, server, printed }) => {
  const policies = new Map();
  page.on("response", (response) => policies.set(new URL(response.url()).pathname, response.headers()["content-security-policy"]));
  await open(page, server);
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.locator("#status")).toHaveText("The model is speaking");
  await expect(page.locator("#fact-runs-in")).toHaveText("a Worker");
  expect(policies.get("/")).toMatch(/^default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-\S+'; connect-src 'self' ws:/);
  const [worker] = [...policies.keys()].filter((path) => path.endsWith("worker.js"));
  expect(policies.get(worker), "the Worker's own policy").toMatch(/^default-src 'self'; script-src 'self' 'wasm-unsafe-eval';/);
  expect([...policies.values()].join()).not.toMatch(/blob:|unsafe-inline|'unsafe-eval'/);
  expect(printed).toEqual([]);
});

test("the user is asked for the microphone once, however often they press", { tag: "@devices" }, async ({ page, server, printed }) => {
  await page.addInitScript(() => {
    // Firefox runs this on its blank page too, which may use no devices.
    if (!navigator.mediaDevices) return;
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    globalThis.asked = [];
    navigator.mediaDevices.getUserMedia = (constraints) =>
      new Promise((resolve, reject) => asked.push(() => ask(constraints).then(resolve, reject)));
  });
  await open(page, server);
  await page.getByLabel("Message").fill("hello");
  await page.getByRole("button", { name: "Send" }).click();
  const use = page.getByRole("button", { name: "Use microphone" });
  await expect(use).toBeEnabled();
  await use.evaluate((button) => (button.click(), button.click()));
  await expect(use).toBeDisabled();
  await expect(page.locator("#status")).toHaveText("Waiting for the microphone");
  expect(await page.evaluate(() => asked.length)).toBe(1);
  await page.evaluate(() => asked[0]());
  await expect(page.getByRole("button", { name: "Mute" })).toBeEnabled();
  expect(await page.evaluate(() => asked.length)).toBe(1);
  expect(printed).toEqual([]);
});

test("a page that breaks at an event ends its session", async ({ page, server, simulator }) => {
  await open(page, server);
  await page.locator("#latency").evaluate((output) =>
    Object.defineProperty(output, "value", {
      set(text) {
        if (text.endsWith("ms")) throw new Error("the page is broken");
      },
    }),
  );
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByRole("alert").locator(".error")).toContainText("the page is broken");
  await expect(page.locator("#status")).toHaveText("Ready");
  await expect(page.getByRole("button", { name: "Start" })).toBeEnabled();
  await simulator.closed((await simulator.latest()).id);
});

test("what could not be sent is not lost, nor what was typed meanwhile", async ({ page, server }) => {
  await open(page, server, "?model=models/sim-deaf");
  await page.getByLabel("Message").fill("first");
  await page.getByLabel("Message").press("Enter");
  await expect(page.locator("#status")).toHaveText("Connecting");
  await page.getByLabel("Message").fill("second");
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByLabel("Message")).toHaveValue("first second");
});
