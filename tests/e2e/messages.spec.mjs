import { WRITTEN, expect, test } from "./support/bench.mjs";

const CLOCK = { functionDeclarations: [{ name: "current_time", description: "Tells the time." }] };

for (const runIn of ["worker", "page"]) {
  test.describe(`session in the ${runIn}`, () => {
    test("typed text is answered", async ({ bench, page }) => {
      await bench.connect({ runIn });
      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "hello" }));
      await bench.until("turnComplete");
      const answers = await bench.events("outputTranscription");
      expect(answers.map(({ text }) => text).join("").toLowerCase()).toContain("hello");
    });

    test("client content is answered", async ({ bench, page }) => {
      await bench.connect({ runIn, ...WRITTEN });
      await page.evaluate(() => bench.session.sendClientContent({ turns: "good evening", turnComplete: true }));
      await bench.until("turnComplete");
      const answers = await bench.events("text");
      expect(answers.map(({ text }) => text).join("").toLowerCase()).toContain("good evening");
    });

    test("a tool is called, answered, and its result comes back in words", async ({ bench, page }) => {
      await bench.connect({ runIn, ...WRITTEN, config: { ...WRITTEN.config, tools: [CLOCK] } });
      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "call current_time" }));
      const { functionCalls } = await bench.until("toolCall");
      expect(functionCalls).toHaveLength(1);
      expect(functionCalls[0].name).toBe("current_time");
      await page.evaluate(([call]) => {
        const functionResponses = [{ id: call.id, name: call.name, response: { output: "half past nine" } }];
        bench.session.sendToolResponse({ functionResponses });
      }, functionCalls);
      await bench.until("turnComplete");
      const answers = await bench.events("text");
      expect(answers.map(({ text }) => text).join("")).toContain("half past nine");
    });

    test("a frame that is not JSON is reported and the session goes on", async ({ bench, page }) => {
      await bench.connect({ runIn, model: "models/sim-bad-json" });
      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "hello" }));
      const warning = await bench.until("warning", 0, { code: "malformed-frame" });
      expect(warning.message).not.toBe("");
      await bench.until("turnComplete");
      expect(await page.evaluate(() => bench.session.state)).toBe("open");
      expect((await bench.stats()).malformedMessages).toBeGreaterThan(0);
    });
  });
}

test("listeners hear the events of their type until they are ended", async ({ bench, page }) => {
  await bench.connect(WRITTEN);
  await page.evaluate(() => {
    globalThis.heard = [];
    globalThis.end = bench.session.on("text", (event) => globalThis.heard.push(event.type));
    bench.session.on("*", (event) => globalThis.heard.push(`any ${event.type}`));
    bench.session.sendRealtimeInput({ text: "one" });
  });
  const first = await bench.until("turnComplete");
  await page.evaluate(() => {
    globalThis.end();
    bench.session.sendRealtimeInput({ text: "two" });
  });
  await bench.until("turnComplete", first.index + 1);
  const heard = await page.evaluate(() => globalThis.heard);
  expect(heard).toContain("text");
  expect(heard.lastIndexOf("text")).toBeLessThan(heard.indexOf("any turnComplete"));
  expect(heard.filter((type) => type === "any turnComplete")).toHaveLength(2);
});

test("a malformed message is refused at once and names the field", async ({ bench, page }) => {
  await bench.connect();
  const { error } = await page.evaluate(() =>
    bench.attempt(() => bench.session.sendToolResponse({ functionResponses: [{ id: "1", name: "x", response: 5 }] })),
  );
  expect(error).toMatchObject({ isLiveError: true, code: "invalid-message" });
  expect(error.field).toContain("response");
  expect(await page.evaluate(() => bench.session.state)).toBe("open");
});

test("a service that is about to hang up says when", async ({ bench }) => {
  await bench.connect({ model: "models/sim-go-away" });
  expect((await bench.until("goAway")).timeLeft).toBe("2s");
});

for (const [model, code, close] of [["sim-close-1011", "closed-by-server", 1011], ["sim-drop", "network", 1006]]) {
  test(`a connection that ends by itself, and is not to be made again, ends the loop with ${code}`, { tag: "@socket" }, async ({ bench, page }) => {
    await bench.connect({ model: `models/${model}`, resumption: false });
    const { error } = await bench.until("loopEnded");
    expect(error).toMatchObject({ isLiveError: true, code, retryable: true, close: { code: close } });
    expect((await bench.events("closed"))[0].error).toMatchObject({ code });
    expect(await page.evaluate(() => bench.session.state)).toBe("closed");
  });
}
