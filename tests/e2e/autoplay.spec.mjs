/**
 * The browser's own rule for sound: none before the user has touched the page. In Chromium alone: Playwright evaluates
 * something in each new document of Firefox's as if the user had touched it, so that none is untouched there.
 */
import { expect, test } from "./support/bench.mjs";
import { SILENCE } from "./support/scenes.mjs";

test.use({ microphone: { ...SILENCE, autoplay: false } });

for (const [what, before, after] of [
  ["speaker", "autoplay-blocked", "played"],
  ["connect", "autoplay-blocked", "played"],
  ["microphone", "autoplay-blocked", "listens"],
]) {
  test(`before a click a device is refused, in words, and opens with one (${what})`, async ({ page, server, printed }) => {
    // Asking the page anything would count as a touch, to a browser that is driven: it tells by itself.
    const said = () => printed.filter((line) => line.startsWith("log: ")).map((line) => line.slice("log: ".length));
    await page.goto(`${server}/tests/pages/autoplay.html?${what}`);
    await expect.poll(said).toEqual([`untouched: ${before}`]);
    await page.mouse.click(20, 20);
    await expect.poll(said).toEqual([`untouched: ${before}`, `clicked: ${after}`]);
  });
}
