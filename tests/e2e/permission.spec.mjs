import { RAW, expect, test } from "./support/bench.mjs";
import { QUESTION } from "./support/scenes.mjs";

test.use({ microphone: { ...QUESTION, grant: false } });

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
