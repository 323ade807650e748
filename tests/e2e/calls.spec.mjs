import { CONFIG, RAW, expect, test } from "./support/bench.mjs";
import { SILENCE } from "./support/scenes.mjs";

const CLOCK = { functionDeclarations: [{ name: "current_time", description: "Tells the time." }] };

// Whoever spoke would cancel the call.
test.use({ microphone: SILENCE });

test("an open microphone does not cost a 2.5 model's session while its function call is open", async ({ bench, page }) => {
  await bench.connect({ model: "models/gemini-2.5-flash-native-audio-latest", config: { ...CONFIG, tools: [CLOCK] } });
  await bench.openMicrophone(RAW);
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "call current_time" }));
  const { functionCalls } = await bench.until("toolCall");
  // The service closes a session of this model that sends audio now.
  await bench.until("warning", 0, { code: "microphone-held" });
  const framesAtCall = (await bench.stats()).audioFramesSent;
  await page.evaluate(([call]) => {
    const functionResponses = [{ id: call.id, name: call.name, response: { output: "half past nine" } }];
    bench.session.sendToolResponse({ functionResponses });
  }, functionCalls);
  await bench.until("turnComplete");
  expect(await page.evaluate(() => bench.session.state)).toBe("open");
  await expect.poll(async () => (await bench.stats()).audioFramesSent).toBeGreaterThan(framesAtCall);
});
