import { CONFIG, RAW, WRITTEN, expect, test } from "./support/bench.mjs";
import { SILENCE } from "./support/scenes.mjs";

const CLOCK = { functionDeclarations: [{ name: "current_time", description: "Tells the time." }] };

/** The model does not wait for it. */
const LAMP = { functionDeclarations: [{ name: "lamp", description: "Turns the lamp on.", behavior: "NON_BLOCKING" }] };

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

/** Has a function called by its name. Resolves with the call. */
async function called(bench, page, name) {
  await page.evaluate((text) => bench.session.sendRealtimeInput({ text }), `call ${name}`);
  const { functionCalls } = await bench.until("toolCall");
  return functionCalls[0];
}

function answer(page, ...functionResponses) {
  return page.evaluate((responses) => bench.session.sendToolResponse({ functionResponses: responses }), functionResponses);
}

/** The answers to calls that have arrived, in their order. */
async function answered(bench) {
  const { id } = await bench.simulator.latest();
  const messages = await bench.simulator.messages(id);
  return messages.flatMap(({ from, message }) => (from === "client" && message.toolResponse?.functionResponses) || []);
}

async function written(bench) {
  return (await bench.events("text")).map(({ text }) => text).join("");
}

for (const runIn of ["worker", "page"]) {
  test(`the answer to a call that the model has taken back is not sent, and that is told (${runIn})`, async ({ bench, page }) => {
    await bench.connect({ runIn, ...WRITTEN, config: { ...WRITTEN.config, tools: [CLOCK] } });
    const { id, name } = await called(bench, page, "current_time");
    await page.evaluate(() => bench.session.sendRealtimeInput({ text: "never mind" }));
    const { ids, index } = await bench.until("toolCallCancellation");
    expect(ids).toEqual([id]);
    await answer(page, { id, name, response: { output: "half past nine" } });
    const warning = await bench.until("warning", index, { code: "cancelled-call" });
    expect(warning.message).toContain(id);
    await bench.until("turnComplete", index);
    expect(await page.evaluate(() => bench.session.state)).toBe("open");
    await bench.close();
    expect(await answered(bench)).toEqual([]);
    expect(await written(bench)).not.toContain("half past nine");
  });
}

test("of several answers in one message those to cancelled calls alone are left out", async ({ bench, page }) => {
  const { functionDeclarations: [lamp] } = LAMP;
  const tools = [{ functionDeclarations: [...CLOCK.functionDeclarations, lamp] }];
  await bench.connect({ ...WRITTEN, config: { ...WRITTEN.config, tools } });
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "call current_time and lamp" }));
  const { functionCalls: [clock, light] } = await bench.until("toolCall");
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "never mind" }));
  // What the model does not wait for it does not take back either.
  expect((await bench.until("toolCallCancellation")).ids).toEqual([clock.id]);
  await answer(
    page,
    { id: clock.id, name: clock.name, response: { output: "half past nine" } },
    { id: light.id, name: light.name, response: { output: "bright" }, scheduling: "SILENT" },
  );
  await bench.until("warning", 0, { code: "cancelled-call" });
  await bench.close();
  expect((await answered(bench)).map(({ id }) => id)).toEqual([light.id]);
});

/** What is said of an answer, and whether something else was broken off for it. */
const SCHEDULED = {
  SILENT: { isSaid: false, isInterrupting: false },
  WHEN_IDLE: { isSaid: true, isInterrupting: false },
  INTERRUPT: { isSaid: true, isInterrupting: true },
};

for (const [scheduling, { isSaid, isInterrupting }] of Object.entries(SCHEDULED)) {
  test(`an answer that the model does not wait for is spoken of as scheduled (${scheduling})`, async ({ bench, page }) => {
    await bench.connect({ model: "models/sim-real-time", config: { ...CONFIG, tools: [LAMP] } });
    await bench.openSpeaker();
    const { id, name } = await called(bench, page, "lamp");
    // It goes on to speak meanwhile.
    const speaking = await bench.until("playbackStarted");
    await answer(page, { id, name, response: { output: "bright" }, scheduling });
    const over = await bench.until("turnComplete", speaking.index);
    // The next turn begins behind what would have been said. What is said may follow without a pause, as one playback.
    if (!isSaid) await page.evaluate(() => bench.session.sendRealtimeInput({ text: "thanks" }));
    await bench.until("turnComplete", over.index + 1);
    const said = (await bench.events("outputTranscription")).map(({ text }) => text).join("");
    expect(said.includes("bright"), said).toBe(isSaid);
    expect((await bench.events("interrupted")).length > 0).toBe(isInterrupting);
    expect(await bench.events("warning")).toEqual([]);
    await bench.close();
    expect(await answered(bench)).toMatchObject([{ id, scheduling, response: { output: "bright" } }]);
  });
}

test("an answer that continues keeps its call open until the last part", async ({ bench, page }) => {
  await bench.connect({ ...WRITTEN, config: { ...WRITTEN.config, tools: [LAMP] } });
  const { id, name } = await called(bench, page, "lamp");
  const part = (output, more) => ({ id, name, response: { output }, scheduling: "WHEN_IDLE", ...more });
  let from = (await bench.until("turnComplete")).index + 1;
  for (const output of ["warming", "glowing"]) {
    await answer(page, part(output, { willContinue: true }));
    from = (await bench.until("turnComplete", from)).index + 1;
  }
  await answer(page, part("bright"));
  await bench.until("turnComplete", from);
  expect(await written(bench)).toMatch(/warming[^]*glowing[^]*bright/);
  expect(await bench.events("warning")).toEqual([]);
  await bench.close();
  expect((await answered(bench)).map(({ response, willContinue }) => [response.output, willContinue])).toEqual([
    ["warming", true],
    ["glowing", true],
    ["bright", undefined],
  ]);
});
