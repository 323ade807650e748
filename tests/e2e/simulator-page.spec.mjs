import { expect, test } from "./support/bench.mjs";

test("the simulator's page shows who is connected and how that ended", async ({ bench, server, context }) => {
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${server}/_simulator/`);
  await expect(page.locator("#endpoint")).toHaveText(server.replace("http", "ws"));
  const parrot = page.getByRole("row", { name: /parrot answers with the speaker's own words/ });
  await expect(parrot).toBeVisible();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy the endpoint of parrot" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(`${server.replace("http", "ws")}/s/parrot`);

  await bench.connect();
  const { id } = await bench.simulator.latest();
  const row = page.locator("#connections tr").filter({ has: page.locator(`td:first-child:text-is("${id}")`) });
  await expect(row).toContainText("models/sim-parrot");
  await expect(row.locator(".live")).toHaveText("open");
  // Rows that stay the same stay in place: a link that has the focus keeps it.
  const link = row.getByRole("link", { name: "messages" });
  await bench.close();
  await expect(row).toContainText("ended by the client, 1000");
  await link.focus();
  await page.waitForResponse("**/_simulator/connections");
  await page.waitForResponse("**/_simulator/connections");
  await expect(link).toBeFocused();
  expect(await (await fetch(`${server}${await link.getAttribute("href")}`)).json()).toMatchObject({ id });
  expect(complaints).toEqual([]);
  await page.close();
});

test("the simulator's page can be read by day and by night, and at the width of a telephone", async ({ page, server, printed }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const colours = () =>
    page.evaluate(() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]);
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`${server}/_simulator/`);
  await expect(page.locator("#scripts tr").first()).toBeVisible();
  const [text, ground] = await colours();
  await page.emulateMedia({ colorScheme: "dark" });
  const night = await colours();
  expect(night).not.toContain(text);
  expect(night).not.toContain(ground);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(printed).toEqual([]);
});
