/** The browser's own rule for sound: none before the user has touched the page. */
import { expect, test } from "./support/bench.mjs";
import { SILENCE } from "./support/scenes.mjs";

test.use({ microphone: { ...SILENCE, autoplay: false } });

test("sound is refused before a click, in words, and starts with one", async ({ page, server, printed }) => {
  // Asking the page anything would count as a touch, to a browser that is driven: it tells by itself.
  const said = () => printed.filter((line) => line.startsWith("log: ")).map((line) => line.slice("log: ".length));
  await page.goto(`${server}/tests/pages/autoplay.html`);
  await expect.poll(said).toEqual(["untouched: autoplay-blocked"]);
  await page.mouse.click(20, 20);
  await expect.poll(said).toEqual(["untouched: autoplay-blocked", "clicked: played"]);
});
