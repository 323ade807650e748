/** The demo page's devices: chosen while somebody speaks, and what is said of them. */
import { expect, test } from "./support/bench.mjs";

/** Opens the demo page, and has a conversation begun, with the microphone. */
async function converse(page, server) {
  await page.goto(`${server}/?processing=off`);
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.locator("#fact-microphone")).toContainText("kHz");
}

test("another microphone is chosen while somebody speaks, and one that cannot be had is not", { tag: "@devices" }, async ({ page, server, browserName, printed }) => {
  await converse(page, server);
  const microphones = page.getByLabel("Microphone");
  const names = () => microphones.locator("option").allTextContents();
  await expect.poll(names).toContain("The system's default");
  const [, ...ids] = await microphones.locator("option").evaluateAll((options) => options.map(({ value }) => value));
  expect(ids.length, "named since the user has consented").toBeGreaterThan(0);
  const chosen = ids.at(-1);
  const label = await microphones.locator("option").last().textContent();
  await microphones.selectOption(chosen);
  await expect(page.locator("#fact-microphone")).toContainText(label);
  await expect(microphones).toHaveValue(chosen);

  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("in use", "NotReadableError"));
  });
  await microphones.selectOption("");
  await expect(page.locator("#errors [data-code]")).toHaveAttribute("data-code", "device-unavailable");
  await expect(microphones).toHaveValue(chosen);
  await expect(page.locator("#fact-microphone")).toContainText(label);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.locator("#status")).toHaveText("Ready");
  expect(printed, browserName).toEqual([]);
});

test("who speaks while muted is told, until the microphone is heard again", { tag: "@devices" }, async ({ page, server }) => {
  await converse(page, server);
  const note = page.locator("#device-note");
  await page.getByRole("button", { name: "Mute" }).click();
  await expect(note).toHaveText("You are muted.");
  await page.getByRole("button", { name: "Mute" }).click();
  await expect(note).toBeHidden();
});

test("the answer is as loud as was chosen, before it and during it", async ({ page, server }) => {
  await page.addInitScript(() => {
    globalThis.gains = [];
    const create = BaseAudioContext.prototype.createGain;
    BaseAudioContext.prototype.createGain = function () {
      const node = create.call(this);
      gains.push(node);
      return node;
    };
  });
  await page.goto(server);
  const volume = page.getByLabel("Volume");
  await volume.fill("0.5");
  await page.getByLabel("Message").fill("hello");
  await page.getByLabel("Message").press("Enter");
  await expect(page.locator("#fact-speaker")).toContainText("kHz");
  const loudness = () => page.evaluate(() => gains.map(({ gain }) => gain.value).filter((value) => value !== 1));
  await expect.poll(loudness).toEqual([0.5]);
  await volume.fill("0.25");
  await expect.poll(loudness).toEqual([0.25]);
});
