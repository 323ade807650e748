// Tools whose handlers answer the model's calls.

import { CONFIG, WRITTEN, expect, test } from "./support/bench.mjs";
import { HOSTS, IN_CHROMIUM, forms } from "./support/forms.mjs";
import { SILENCE } from "./support/scenes.mjs";

test.use({ microphone: SILENCE });

/** The answers to calls that have arrived, in their order. */
async function answered(bench) {
  const { id } = await bench.simulator.latest();
  const messages = await bench.simulator.messages(id);
  return messages.flatMap(({ from, message }) => (from === "client" && message.toolResponse?.functionResponses) || []);
}

/** The functions that were declared. */
async function declared(bench) {
  const { setup } = await bench.simulator.latest();
  return (setup.received.tools ?? []).flatMap(({ functionDeclarations }) => functionDeclarations);
}

/** Says something in writing, and waits for the end of the turn that follows. */
async function ask(bench, page, text, from = 0) {
  await page.evaluate((words) => bench.session.sendRealtimeInput({ text: words }), text);
  return bench.until("turnComplete", from);
}

const codes = async (bench) => (await bench.events("warning")).map(({ code }) => code);

// Handlers run on the page, wherever the session does.
for (const { runIn, tag } of forms("once", { runIn: HOSTS })) {
  test.describe(`session in the ${runIn}`, { tag }, () => {
    test("what handlers return is the answer, each to its call, and they work at the same time", async ({ bench, page }) => {
      const given = await bench.options({ runIn, ...WRITTEN });
      await page.evaluate((options) => {
        const both = new Set();
        let meet;
        const met = new Promise((resolve) => (meet = resolve));
        /** Returns only when the other has begun. */
        const handler = (result) => async (args, { id, name }) => {
          if (both.add(`${name} ${id}`).size === 2) meet();
          await met;
          return result;
        };
        const clock = { declaration: { description: "Tells the time." }, handler: handler("half past nine") };
        const lamp = { declaration: { description: "Turns the lamp on." }, handler: handler({ brightness: 7 }) };
        return bench.connect({ ...options, tools: { clock, lamp } });
      }, given);
      await ask(bench, page, "call clock and lamp");
      const { functionCalls } = await bench.until("toolCall");
      expect(await bench.events("warning")).toEqual([]);
      await bench.close();
      const [clock, lamp] = functionCalls;
      expect(await answered(bench)).toEqual([
        { id: clock.id, name: "clock", response: { output: "half past nine" } },
        { id: lamp.id, name: "lamp", response: { brightness: 7 } },
      ]);
      expect(await declared(bench)).toEqual([
        { name: "clock", description: "Tells the time." },
        { name: "lamp", description: "Turns the lamp on." },
      ]);
    });

    test("a handler that throws, never returns or returns no JSON has one answer all the same", async ({ bench, page }) => {
      const given = await bench.options({ runIn, ...WRITTEN });
      await page.evaluate((options) => {
        globalThis.aborted = [];
        const tools = {
          thrower: { declaration: {}, handler: () => Promise.reject(new Error("no such city")) },
          sleeper: {
            declaration: {},
            timeoutMs: 200,
            handler: (_, { name, signal }) => new Promise(() => signal.addEventListener("abort", () => aborted.push(name))),
          },
          circle: {
            declaration: {},
            handler() {
              const circle = {};
              return Object.assign(circle, { circle });
            },
          },
          silent: { declaration: {}, handler() {} },
        };
        return bench.connect({ ...options, tools });
      }, given);
      let from = 0;
      for (const name of ["thrower", "sleeper", "circle", "silent"]) {
        from = (await ask(bench, page, `call ${name}`, from)).index + 1;
      }
      expect(await page.evaluate(() => aborted)).toEqual(["sleeper"]);
      expect(await codes(bench)).toEqual(["tool-failed", "tool-failed", "tool-failed"]);
      await bench.close();
      expect(await page.evaluate(() => aborted), "nothing else was given up").toEqual(["sleeper"]);
      const responses = Object.fromEntries((await answered(bench)).map(({ name, response }) => [name, response]));
      expect(responses).toEqual({
        thrower: { error: "no such city" },
        sleeper: { error: "The function did not answer in time." },
        circle: { error: expect.any(String) },
        silent: { output: "done" },
      });
      expect(await answered(bench)).toHaveLength(4);
    });

    test("a call that the model takes back aborts its handler, whose answer is not sent", async ({ bench, page }) => {
      const given = await bench.options({ runIn, ...WRITTEN });
      await page.evaluate((options) => {
        const handler = (_, { signal }) =>
          new Promise((resolve) => {
            globalThis.signal = signal;
            signal.addEventListener("abort", () => resolve("too late"));
          });
        return bench.connect({ ...options, tools: { clock: { declaration: {}, handler } } });
      }, given);
      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "call clock" }));
      await page.waitForFunction(() => globalThis.signal);
      expect(await page.evaluate(() => signal.aborted)).toBe(false);
      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "never mind" }));
      const { index } = await bench.until("toolCallCancellation");
      // The turn that was broken off, and the one about what was typed.
      const { index: broken } = await bench.until("turnComplete", index);
      await bench.until("turnComplete", broken + 1);
      expect(await page.evaluate(() => signal.aborted)).toBe(true);
      expect(await bench.events("warning"), "the handler has nothing to do with it").toEqual([]);
      await bench.close();
      expect(await answered(bench)).toEqual([]);
    });

    test("the end of the session aborts what handlers are at work on", async ({ bench, page }) => {
      const given = await bench.options({ runIn, ...WRITTEN });
      await page.evaluate((options) => {
        const handler = (_, { signal }) => new Promise(() => (globalThis.signal = signal));
        return bench.connect({ ...options, tools: { clock: { declaration: {}, handler } } });
      }, given);
      await page.evaluate(() => bench.session.sendRealtimeInput({ text: "call clock" }));
      await page.waitForFunction(() => globalThis.signal);
      await bench.close();
      expect(await page.evaluate(() => signal.aborted)).toBe(true);
    });
  });
}

test("an answer comes in parts where the model does not wait for it, scheduled as the tool or the part says", async ({ bench, page }) => {
  const given = await bench.options(WRITTEN);
  await page.evaluate((options) => {
    const lamp = {
      declaration: { behavior: "NON_BLOCKING" },
      scheduling: "WHEN_IDLE",
      async handler(_, { progress }) {
        progress("warming");
        progress({ glow: 3, scheduling: "SILENT" });
        // The parts do not wait for the last.
        await new Promise((resolve) => (globalThis.finish = resolve));
        globalThis.progress = progress;
        return "bright";
      },
    };
    return bench.connect({ ...options, tools: { lamp } });
  }, given);
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "call lamp" }));
  await expect.poll(async () => (await answered(bench)).length).toBe(2);
  await page.evaluate(() => finish());
  await expect.poll(async () => (await answered(bench)).length).toBe(3);
  // It is over: that goes nowhere.
  await page.evaluate(() => progress("afterglow"));
  await ask(bench, page, "thanks");
  expect(await bench.events("warning")).toEqual([]);
  await bench.close();
  const parts = await answered(bench);
  expect(new Set(parts.map(({ id }) => id)).size).toBe(1);
  expect(parts.map(({ id: _, name: __, ...rest }) => rest)).toEqual([
    { response: { output: "warming" }, willContinue: true, scheduling: "WHEN_IDLE" },
    { response: { glow: 3 }, willContinue: true, scheduling: "SILENT" },
    { response: { output: "bright" }, scheduling: "WHEN_IDLE" },
  ]);
});

test("a call is made only when the application approves of it, and the model is told otherwise", async ({ bench, page }) => {
  const given = await bench.options(WRITTEN);
  await page.evaluate((options) => {
    globalThis.asked = [];
    globalThis.made = 0;
    const pay = {
      declaration: { parameters: { type: "OBJECT", properties: { amount: { type: "NUMBER" } } } },
      // The time counts from the approval on.
      timeoutMs: 200,
      async approve({ signal, ...call }) {
        asked.push(call);
        globalThis.wasAborted ||= signal.aborted;
        await new Promise((resolve) => setTimeout(resolve, 400));
        return asked.length === 2;
      },
      handler: ({ amount }) => ({ paid: amount, times: ++made }),
    };
    return bench.connect({ ...options, tools: { pay } });
  }, given);
  const refused = await ask(bench, page, "call pay");
  await ask(bench, page, "call pay", refused.index + 1);
  const calls = (await bench.events("toolCall")).flatMap(({ functionCalls }) => functionCalls);
  expect(await page.evaluate(() => asked)).toEqual(calls.map(({ id, name, args }) => ({ id, name, args })));
  expect(await page.evaluate(() => wasAborted)).toBe(false);
  expect(await bench.events("warning")).toEqual([]);
  await bench.close();
  expect((await answered(bench)).map(({ response }) => response)).toEqual([
    { error: "The user did not allow this call." },
    { paid: 1.5, times: 1 },
  ]);
});

test("a schema is declared as its JSON Schema and checks the arguments", { tag: IN_CHROMIUM }, async ({ bench, page }) => {
  const given = await bench.options(WRITTEN);
  const jsonSchema = { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } }, required: ["city", "days"] };
  await page.evaluate(
    ({ options, schema }) => {
      globalThis.made = [];
      // As zod, ArkType and valibot have it.
      const parameters = {
        "~standard": {
          version: 1,
          vendor: "test",
          async validate({ city, days }) {
            if (days !== 1 || made.length > 0) return { issues: [{ message: "too far", path: [{ key: "days" }, 0] }] };
            return { value: { city: city.toUpperCase(), days } };
          },
          jsonSchema: { input: ({ target }) => ({ ...schema, $comment: target }) },
        },
      };
      const forecast = { declaration: { description: "The weather.", parameters }, handler: (args) => void made.push(args) };
      return bench.connect({ ...options, tools: { forecast } });
    },
    { options: given, schema: jsonSchema },
  );
  const first = await ask(bench, page, "call forecast in Oslo");
  await ask(bench, page, "call forecast in Rome", first.index + 1);
  expect(await page.evaluate(() => made)).toEqual([{ city: "OSLO", days: 1 }]);
  await bench.close();
  expect(await declared(bench)).toEqual([
    { name: "forecast", description: "The weather.", parametersJsonSchema: { ...jsonSchema, $comment: "draft-2020-12" } },
  ]);
  expect((await answered(bench)).map(({ response }) => response)).toEqual([
    { output: "done" },
    { error: "Invalid arguments: days: 0: too far" },
  ]);
});

test("calls of functions without a handler are left to whoever listens, beside tools of the config", { tag: IN_CHROMIUM }, async ({ bench, page }) => {
  const given = await bench.options({ ...WRITTEN, config: { ...WRITTEN.config, tools: [{ functionDeclarations: [{ name: "lamp" }, { name: "clock" }] }] } });
  await page.evaluate((options) => bench.connect({ ...options, tools: { clock: { handler: () => "noon" } } }), given);
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "call lamp and clock" }));
  const { functionCalls } = await bench.until("toolCall");
  const [lamp, clock] = functionCalls;
  const raw = ({ id, name }, output) => ({ id, name, response: { output } });
  await expect.poll(async () => (await answered(bench)).length).toBe(1);
  await page.evaluate((functionResponses) => bench.session.sendToolResponse({ functionResponses }), [raw(lamp, "bright"), raw(clock, "one")]);
  await bench.until("warning", 0, { code: "answered-call" });
  await bench.until("turnComplete");
  await bench.close();
  expect(await answered(bench)).toEqual([raw(clock, "noon"), raw(lamp, "bright")]);
});

test("a 2.5 model's session outlives an open microphone while a handler is at work", { tag: IN_CHROMIUM }, async ({ bench, page }) => {
  const given = await bench.options({ model: "models/gemini-2.5-flash-native-audio-latest", config: CONFIG });
  await page.evaluate((options) => {
    const handler = () => new Promise((resolve) => (globalThis.finish = () => resolve("noon")));
    return bench.connect({ ...options, tools: { clock: { declaration: {}, handler } } });
  }, given);
  await bench.openMicrophone();
  await page.evaluate(() => bench.session.sendRealtimeInput({ text: "call clock" }));
  await bench.until("warning", 0, { code: "microphone-held" });
  await page.evaluate(() => finish());
  await bench.until("turnComplete");
  expect(await page.evaluate(() => bench.session.state)).toBe("open");
});

for (const [what, tools, message] of [
  ["no object", '"clock"', "not an object"],
  ["no handler", "{ clock: {} }", "tools.clock.handler"],
  ["a slip", "{ clock: { handler() {}, timeout: 5 } }", "timeoutMs"],
  ["no time", "{ clock: { handler() {}, timeoutMs: 0 } }", "timeoutMs"],
  ["a schema that nobody can read", '{ clock: { handler() {}, declaration: { parameters: { "~standard": {} } } } }', "JSON Schema"],
]) {
  test(`tools that cannot be used are refused before anything is sent: ${what}`, { tag: IN_CHROMIUM }, async ({ bench, page }) => {
    const given = await bench.options();
    const { error } = await page.evaluate(
      ([options, text]) => bench.connect({ ...options, tools: new Function(`return ${text}`)() }),
      [given, tools],
    );
    expect(error).toMatchObject({ isLiveError: true, code: "invalid-option", field: "tools" });
    expect(error.message).toContain(message);
  });
}
