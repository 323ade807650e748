/** Loops and listeners over one session: none hangs, none is told twice, and what is left is given up. */
import { WRITTEN, expect, test } from "./support/bench.mjs";

for (const runIn of ["worker", "page"]) {
  test.describe(`session in the ${runIn}`, () => {
    test("two loops both hear everything and both end", async ({ bench, page }) => {
      const options = await bench.options({ runIn, ...WRITTEN });
      const [one, other] = await page.evaluate(async (given) => {
        const session = await bench.LiveSession.connect(given);
        const loop = async () => {
          const heard = [];
          for await (const event of session) heard.push(event.type);
          return heard;
        };
        const loops = [loop(), loop()];
        session.sendRealtimeInput({ text: "hello" });
        await new Promise((resolve) => session.on("turnComplete", resolve));
        await session.close();
        return Promise.all(loops);
      }, options);
      expect(one).toEqual(other);
      expect(one).toContain("turnComplete");
      expect(one.at(-1)).toBe("closed");
    });

    test("several pending next() settle in order, and none is left over at the end", async ({ bench, page }) => {
      const options = await bench.options({ runIn });
      const results = await page.evaluate(async (given) => {
        const session = await bench.LiveSession.connect(given);
        const iterator = session[Symbol.asyncIterator]();
        const pending = Array.from({ length: 40 }, () => iterator.next());
        await session.close();
        return (await Promise.all(pending)).map(({ done, value }) => (done ? "done" : value.type));
      }, options);
      const end = results.indexOf("closed");
      expect(results.slice(0, end)).toContain("setupComplete");
      expect(results.slice(end + 1).every((one) => one === "done")).toBe(true);
      expect(end).toBeLessThan(39);
    });

    test("a loop that is left, and then listeners only: the session goes on", async ({ bench, page }) => {
      const options = await bench.options({ runIn, eventQueueLimit: 8, ...WRITTEN });
      const state = await page.evaluate(async (given) => {
        const session = await bench.LiveSession.connect(given);
        for await (const event of session) if (event.type === "setupComplete") break;
        let turns = 0;
        const told = new Promise((resolve) => session.on("turnComplete", () => ++turns === 3 && resolve()));
        session.on("turnComplete", () => turns < 3 && session.sendRealtimeInput({ text: "again" }));
        session.sendRealtimeInput({ text: "hello" });
        await told;
        const { state } = session;
        await session.close();
        return state;
      }, options);
      expect(state).toBe("open");
    });

    test("an application that does not take its events is told so by every way there is", async ({ bench, page }) => {
      const options = await bench.options({ runIn, eventQueueLimit: 4 });
      const { closed, thrown, late } = await page.evaluate(async (given) => {
        const session = await bench.LiveSession.connect(given);
        const closed = new Promise((resolve) => session.on("closed", resolve));
        const iterator = session[Symbol.asyncIterator]();
        session.sendRealtimeInput({ text: "hello" });
        const event = await closed;
        const outcomes = [];
        for (let taken = 0; taken < 10; taken++) {
          outcomes.push(await iterator.next().then(({ done, value }) => (done ? "done" : value.type), (error) => error.code));
        }
        return { closed: event.error?.code, thrown: outcomes.filter((one) => one === "event-overflow").length, late: outcomes.at(-1) };
      }, options);
      expect({ closed, thrown, late }).toEqual({ closed: "event-overflow", thrown: 1, late: "done" });
    });

    test("warnings of the config that overflow a tiny queue end the session and nothing hangs", async ({ bench, page }) => {
      const config = { responseModalities: ["AUDIO"], one: 1, two: 2, three: 3, four: 4, five: 5 };
      const { error } = await page.evaluate((given) => bench.connect(given), await bench.options({ runIn, eventQueueLimit: 2, config }));
      expect(error).toMatchObject({ isLiveError: true, code: "event-overflow" });
    });
  });
}
