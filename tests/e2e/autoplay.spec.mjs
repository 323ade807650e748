/**
 * The browser's own rule for sound: none before the user has touched the page. In Chromium alone: Playwright evaluates
 * something in each new document of Firefox's as if the user had touched it, so that none is untouched there.
 */
import { expect, test } from "./support/bench.mjs";
import { SILENCE } from "./support/scenes.mjs";

// A page that was touched before leaves its touch to the next.
test.use({ microphone: SILENCE, unasked: { autoplay: false }, reuseContext: false });

for (const [what, refused, heard] of [
  ["speaker", [], "played"],
  ["connect", [], "played"],
  ["microphone", [], "listens"],
  ["resume", ["resumed: autoplay-blocked"], "played"],
]) {
  test(`before a click a device opens and is said to wait for one, and any click is enough (${what})`, async ({ page, server, printed }) => {
    // Asking the page anything would count as a touch, to a browser that is driven: it tells by itself.
    const said = () => printed.filter((line) => line.startsWith("log: ")).map((line) => line.slice("log: ".length));
    const before = ["told: needs-gesture", "opened: needs-gesture", ...refused];
    await page.goto(`${server}/tests/pages/autoplay.html?${what}`);
    await expect.poll(said).toEqual(before);
    await page.mouse.click(20, 20);
    await expect.poll(said).toEqual([...before, "told: running", `in the end: ${heard}`]);
  });
}
