import { RAW, expect, test } from "./support/bench.mjs";

test.use({ unasked: { grant: false } });

/** The user's answer to the question whether the page may listen. */
async function permit(page, server, setting) {
  const browser = await page.context().browser().newBrowserCDPSession();
  const { targetInfo } = await (await page.context().newCDPSession(page)).send("Target.getTargetInfo");
  await browser.send("Browser.setPermission", {
    origin: server,
    permission: { name: "microphone" },
    setting,
    browserContextId: targetInfo.browserContextId,
  });
}

test("a user may deny the microphone, type instead, and grant it later", async ({ bench, page, server }) => {
  await permit(page, server, "denied");
  await bench.connect();
  const { error } = await page.evaluate((raw) => bench.openMicrophone(raw), RAW);
  expect(error).toMatchObject({ isLiveError: true, code: "permission-denied" });
  expect(error.remedy).toBeTruthy();
  expect(await page.evaluate(() => bench.session.state)).toBe("open");

  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "hello" }));
  const typed = await bench.until("turnComplete");

  await permit(page, server, "granted");
  const { label, sampleRate } = await bench.openMicrophone();
  expect(label).not.toBe("");
  expect(sampleRate).toBeGreaterThan(0);
  await bench.until("inputTranscription", typed.index);
  expect((await bench.stats()).audioFramesSent).toBeGreaterThan(0);
});

test("a permission that is taken back while the microphone is on, and granted again, is told each time", async ({ bench, page, server }) => {
  await permit(page, server, "granted");
  await bench.connect();
  await bench.openMicrophone();
  await permit(page, server, "denied");
  const denied = await bench.until("permissionChange");
  expect(denied.state).toBe("denied");
  await bench.until("warning", 0, { code: "microphone-ended" });
  expect(await page.evaluate(() => bench.microphone.stopped)).toBe(true);

  await permit(page, server, "granted");
  expect((await bench.until("permissionChange", denied.index + 1)).state).toBe("granted");
  await bench.openMicrophone();
  expect(await page.evaluate(() => bench.microphone.stopped)).toBe(false);
});

test("a page whose own policy forbids the microphone is told that nobody was asked", async ({ bench, page, server, printed }) => {
  await permit(page, server, "granted");
  await page.route("**/bench.html", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "permissions-policy": "microphone=()" } });
  });
  await page.reload();
  await page.waitForFunction(() => globalThis.bench);
  await bench.connect();
  const { error } = await page.evaluate(() => bench.openMicrophone({}));
  expect(error).toMatchObject({ code: "permission-policy", retryable: false });
  // Chromium says so as well.
  const complaints = printed.splice(0).filter((line) => line.startsWith("error"));
  expect(complaints).toEqual([expect.stringContaining("Permissions policy violation: microphone")]);
});

test("a refusal says whether the user may be asked again, and where it is changed", async ({ bench, page, server }) => {
  await permit(page, server, "prompt");
  await bench.connect();
  const refusals = await page.evaluate(async () => {
    const refusals = [];
    const refuse = async (name, message, more) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(Object.assign(new DOMException(message, name), more));
      const { error } = await bench.openMicrophone({});
      refusals.push([error.code, error.retryable, error.field, error.remedy]);
    };
    await refuse("NotAllowedError", "Permission denied by system");
    await refuse("NotAllowedError", "Permission denied");
    await refuse("NotReadableError", "Could not start audio source");
    await refuse("OverconstrainedError", "", { constraint: "deviceId" });
    return refusals;
  });
  expect(refusals).toEqual([
    ["permission-denied", false, undefined, expect.stringContaining("system")],
    ["permission-dismissed", true, undefined, expect.stringContaining("click")],
    ["device-unavailable", false, undefined, expect.any(String)],
    ["device-not-found", false, "deviceId", expect.any(String)],
  ]);
});

test("the demo page tells who denies the microphone what to do, and tries again", async ({ page, server }) => {
  await permit(page, server, "denied");
  await page.goto(server);
  await page.getByRole("button", { name: "Start" }).click();
  const alert = page.getByRole("alert").locator(".error");
  await expect(alert).toHaveAttribute("data-code", "permission-denied");
  await expect(page.locator("#status")).toHaveText("No microphone");
  await page.getByLabel("Message").fill("hello");
  await page.getByLabel("Message").press("Enter");
  await expect(page.locator(".bubble.model .words").last()).toContainText("hello", { ignoreCase: true });

  await permit(page, server, "granted");
  await alert.getByRole("button", { name: "Try the microphone again" }).click();
  await expect(page.locator("#fact-microphone")).not.toHaveText("off");
  await expect(page.locator("#errors")).toBeEmpty();
});
