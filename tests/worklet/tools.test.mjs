// The rules by which handlers answer function calls: no browser is needed for those, only time, which stands still here.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Tools } from "../../src/web/page/tools.js";

/** Lets everything that waits for nothing but its turn go on. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

/** Tools that answer, and what they said. What `refused` says of an answer is why that is not taken. */
function serving(tools, refused = () => undefined) {
  const served = new Tools(tools);
  const answers = [];
  const warnings = [];
  served.serve(
    (text) => {
      const { functionResponses } = JSON.parse(text);
      const refusal = refused(functionResponses);
      if (refusal === undefined) answers.push(functionResponses);
      return refusal;
    },
    (message) => warnings.push(message),
  );
  return { served, answers, warnings };
}

const calling = (...calls) => JSON.stringify({ type: "toolCall", functionCalls: calls.map(([id, name, args = {}]) => ({ id, name, args })) });
const cancelling = (...ids) => JSON.stringify({ type: "toolCallCancellation", ids });

/** As the service has it: without arguments where there are none. */
const bare = (id, name, more) => JSON.stringify({ type: "toolCall", functionCalls: [{ id, name, ...more }] });

async function answerOf(tool, args) {
  const { served, answers } = serving({ look: tool });
  served.hear(calling(["1", "look", args]));
  await settle();
  assert.equal(answers.length, 1);
  const { id, name, ...rest } = answers[0];
  assert.deepEqual([id, name], ["1", "look"]);
  return rest;
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("whatever comes of a handler is an object for the model", async () => {
  const circle = {};
  circle.circle = circle;
  const results = [
    [{ sky: "clear" }, { sky: "clear" }],
    ["clear", { output: "clear" }],
    ["", { output: "" }],
    [[1, 2], { output: [1, 2] }],
    [0, { output: 0 }],
    [false, { output: false }],
    [new Date(0), { output: "1970-01-01T00:00:00.000Z" }],
    [undefined, { output: "done" }],
    [null, { output: "done" }],
    [{}, { output: "done" }],
    [{ nothing: undefined }, { output: "done" }],
  ];
  for (const [result, response] of results) {
    assert.deepEqual(await answerOf({ handler: () => result }), { response });
    assert.deepEqual(await answerOf({ handler: async () => result }), { response });
  }
  for (const wrong of [circle, 5n, () => {}, Symbol("s")]) {
    const { response } = await answerOf({ handler: () => wrong });
    assert.equal(typeof response.error, "string", String(typeof wrong));
    assert.equal(Object.keys(response).length, 1);
  }
  const thrown = [[new Error("no such city"), "no such city"], ["dark", "dark"], [undefined, "undefined"], [{ message: 5 }, "5"]];
  for (const [error, words] of thrown) {
    assert.deepEqual(await answerOf({ handler: () => Promise.reject(error) }), { response: { error: words } });
    const handler = () => {
      throw error;
    };
    assert.deepEqual(await answerOf({ handler }), { response: { error: words } });
  }
});

test("a result cannot keep its call open, and says when it is spoken of if it wants to", async () => {
  const tool = { scheduling: "WHEN_IDLE", handler: () => ({ willContinue: true }) };
  assert.deepEqual(await answerOf(tool), { response: { willContinue: true }, willContinue: false, scheduling: "WHEN_IDLE" });
  const response = { sky: "clear", scheduling: "SILENT" };
  assert.deepEqual(await answerOf({ ...tool, handler: () => response }), { response });
});

test("a handler has until its time is over, from the approval on", async () => {
  let approve;
  let finish;
  const { served, answers, warnings } = serving({
    pay: {
      timeoutMs: 1000,
      approve: () => new Promise((resolve) => (approve = resolve)),
      handler: (_, { signal }) => new Promise((resolve) => (finish = () => resolve(signal.aborted))),
    },
  });
  served.hear(calling(["1", "pay"]));
  await settle();
  mock.timers.tick(299_999);
  approve(true);
  await settle();
  mock.timers.tick(999);
  assert.deepEqual(answers, []);
  mock.timers.tick(1);
  assert.deepEqual(answers.map(({ response }) => response), [{ error: "The function did not answer in time." }]);
  assert.equal(warnings.length, 1);
  finish();
  await settle();
  assert.equal(answers.length, 1, "once");
  served.hear(calling(["2", "pay"]));
  await settle();
  mock.timers.tick(300_000);
  assert.equal(answers.length, 2, "nobody said yes or no");
  approve(true);
  finish = undefined;
  await settle();
  assert.equal(finish, undefined, "it is too late for that");
});

test("only true is an approval", async () => {
  for (const said of [false, undefined, "yes", 1, Promise.resolve(false)]) {
    const { response } = await answerOf({ approve: () => said, handler: assert.fail });
    assert.deepEqual(response, { error: "The user did not allow this call." });
  }
  assert.deepEqual(await answerOf({ approve: () => Promise.reject(new Error("closed")), handler: assert.fail }), { response: { error: "closed" } });
  assert.deepEqual(await answerOf({ approve: () => true, handler: () => 1 }), { response: { output: 1 } });
});

test("a call without arguments has none, not nothing", async () => {
  const z = { validate: (value) => ({ value: { ...value, days: value.days ?? 1 } }), jsonSchema: { input: () => ({}) } };
  const declaration = { parameters: { "~standard": z } };
  for (const more of [{}, { args: null }, { args: {} }]) {
    const { served, answers, warnings } = serving({
      look: { handler: ({ room = "none" }) => ({ room }) },
      ask: { approve: ({ args }) => args.room === undefined, handler: (args) => ({ args }) },
      checked: { declaration, handler: (args) => args },
    });
    ["look", "ask", "checked"].forEach((name) => served.hear(bare(name, name, more)));
    await settle();
    const responses = Object.fromEntries(answers.map(({ id, response }) => [id, response]));
    assert.deepEqual(responses, { look: { room: "none" }, ask: { args: {} }, checked: { days: 1 } });
    assert.deepEqual(warnings, []);
  }
});

test("a question that nobody waits for any more is told so", async () => {
  const ends = [
    ({ served }) => served.hear(cancelling("1")),
    ({ served }) => served.end(),
    () => mock.timers.tick(300_000),
  ];
  for (const end of ends) {
    let asked;
    const serves = serving({ pay: { approve: ({ signal }) => new Promise(() => (asked = signal)), handler: assert.fail } });
    serves.served.hear(calling(["1", "pay"]));
    await settle();
    assert.equal(asked.aborted, false);
    end(serves);
    assert.equal(asked.aborted, true, String(end));
  }
});

test("an answer that is refused has another in its place, and a part that is refused ends nothing", async () => {
  const refused = ({ response }) => (response.output === "bad" ? "It is bad." : undefined);
  const { served, answers, warnings } = serving({ look: { scheduling: "SILENT", handler: () => "bad" } }, refused);
  served.hear(calling(["1", "look"]));
  await settle();
  assert.deepEqual(answers, [{ id: "1", name: "look", response: { error: "It is bad." }, scheduling: "SILENT" }]);
  assert.match(warnings.join(), /look \(call 1\).*It is bad\./);
  const parts = serving({ look: { handler: (_, { progress }) => (progress("bad"), "good") } }, refused);
  parts.served.hear(calling(["1", "look"]));
  await settle();
  assert.deepEqual(parts.answers.map(({ response }) => response), [{ output: "good" }]);
  assert.match(parts.warnings.join(), /part.*It is bad\./);
  // A session that takes nothing is as good as over.
  const deaf = serving({ look: { handler: () => "good" } }, () => "The session is not open.");
  deaf.served.hear(calling(["1", "look"]));
  await settle();
  assert.deepEqual([deaf.answers, deaf.warnings], [[], []], "the model was told nothing");
});

test("whoever hears of an answer finds its call over", async () => {
  let progress;
  let served;
  const answers = [];
  served = new Tools({ look: { handler: (_, context) => ((progress = context.progress), "done") } });
  const send = (text) => {
    answers.push(JSON.parse(text).functionResponses.response.output);
    progress("afterglow");
    served.end();
  };
  served.serve(send, assert.fail);
  served.hear(calling(["1", "look"]));
  await settle();
  assert.deepEqual(answers, ["done"]);
});

test("arguments that a schema refuses reach neither approval nor handler", async () => {
  const issues = [{ message: "Expected a string", path: ["city"] }, { message: "Too many", path: [{ key: "days" }, 0] }, { message: "Odd" }];
  const validate = async ({ city }) => (city === "Oslo" ? { value: { city: "OSLO" } } : { issues });
  const declaration = { parameters: { "~standard": { validate, jsonSchema: { input: () => ({}) } } } };
  const refused = await answerOf({ declaration, approve: assert.fail, handler: assert.fail }, { city: "Rome" });
  assert.deepEqual(refused, { response: { error: "Invalid arguments: city: Expected a string; days: 0: Too many; Odd" } });
  const seen = [];
  const tool = { declaration, approve: ({ args }) => seen.push(args) > 0, handler: (args) => seen.push(args) };
  await answerOf(tool, { city: "Oslo" });
  assert.deepEqual(seen, [{ city: "OSLO" }, { city: "OSLO" }]);
});

test("what is declared is plain, with the schema of a library as JSON Schema", () => {
  const handler = () => {};
  const json = { type: "object" };
  const targets = [];
  const input = (options) => (targets.push(options), json);
  const tools = {
    plain: { handler, declaration: { description: "d", behavior: "NON_BLOCKING", parameters: { type: "OBJECT" } } },
    bare: { handler, declaration: {} },
    standard: { handler, declaration: { description: "s", parameters: { "~standard": { jsonSchema: { input } }, toJSONSchema: assert.fail } } },
    older: { handler, declaration: { parameters: { "~standard": {}, toJSONSchema: input } } },
    elsewhere: { handler },
  };
  const functionDeclarations = [
    { name: "plain", description: "d", behavior: "NON_BLOCKING", parameters: { type: "OBJECT" } },
    { name: "bare" },
    { name: "standard", description: "s", parametersJsonSchema: json },
    { name: "older", parametersJsonSchema: json },
  ];
  const served = new Tools(tools);
  const [first, second] = [{ googleSearch: {} }, { codeExecution: {} }];
  assert.deepEqual(served.declare(undefined), { tools: [{ functionDeclarations }] });
  assert.deepEqual(served.declare({ a: 1, tools: [first, second] }), { a: 1, tools: [first, second, { functionDeclarations }] });
  assert.deepEqual(served.declare({ tools: first }), { tools: [first, { functionDeclarations }] });
  assert.equal(served.declare("config"), "config", "that is refused by whoever reads it");
  assert.equal(new Tools({ elsewhere: tools.elsewhere }).declare(undefined), undefined);
  assert.deepEqual(targets, [{ target: "draft-2020-12" }, { io: "input" }]);
});

test("tools that cannot be used are refused by name", () => {
  const handler = () => {};
  for (const [tools, word] of [
    [5, /not an object/],
    [null, /not an object/],
    [{ look: null }, /tools\.look\.handler/],
    [{ look: { handler: "f" } }, /tools\.look\.handler/],
    [{ look: { handler, approve: true } }, /tools\.look\.approve/],
    [{ look: { handler, timeoutMs: 0 } }, /tools\.look\.timeoutMs/],
    [{ look: { handler, scheduling: 5 } }, /tools\.look\.scheduling/],
    [{ look: { handler, timeoutMs: 3_600_001 } }, /tools\.look\.timeoutMs/],
    [{ look: { handler, timeout: 5 } }, /tools\.look\.timeout.*timeoutMs/],
    [{ look: { handler, declaration: { parameters: { "~standard": {} } } } }, /tools\.look\.declaration\.parameters.*JSON Schema/],
  ]) {
    assert.throws(() => new Tools(tools), word);
  }
});

test("no more calls are at work at once than are held, and those have an answer as well", async () => {
  let made = 0;
  const { served, answers, warnings } = serving({ look: { handler: () => ++made } });
  const calls = Array.from({ length: 100 }, (_, id) => [String(id), "look"]);
  served.hear(calling(...calls));
  await settle();
  assert.equal(made, 64);
  assert.deepEqual(answers.map(({ id }) => id).sort(), calls.map(([id]) => id).sort());
  const refused = answers.filter(({ response }) => response.error === "Too many calls are open.");
  assert.deepEqual([refused.length, warnings.length], [36, 36]);
  served.hear(calling(["again", "look"]));
  await settle();
  assert.equal(made, 65, "there is room again");
});

/** Numbers from 0 to 1, the same for the same seed. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/**
 * Whatever happens in whatever order: a call that was begun has one answer, or was taken back and its signal aborts; parts come
 * before the answer; nothing comes after any of that, nor after the end. An answer that is not taken has another in its place.
 */
async function play(seed) {
  const next = random(seed);
  const pick = (count) => Math.floor(next() * count);
  const handlers = new Map();
  const open = new Map();
  const wanted = [];
  const tool = {
    timeoutMs: 100,
    handler: (_, context) => new Promise((resolve, reject) => handlers.set(context.id, { ...context, resolve, reject })),
  };
  const { served, answers } = serving({ look: tool }, ({ response }) => (response.output < 0 ? "Refused." : undefined));
  let now = 0;
  let isOver = false;
  const lateBy = (time) => [...open].filter(([, due]) => due <= time).sort(([, one], [, other]) => one - other);
  for (let step = 0; step < 80 && !isOver; step++) {
    const id = String(pick(6));
    const handler = handlers.get(id);
    const what = pick(7);
    if (what <= 1) {
      served.hear(calling([id, "look"]));
      if (!open.has(id)) open.set(id, now + 100);
    } else if (what === 2) {
      const isTaken = pick(4) > 0;
      handler?.progress(isTaken ? step : -1);
      if (isTaken && handler && open.has(id) && !handler.signal.aborted && !handler.isDone) wanted.push([id, { output: step }, true]);
    } else if (what === 3 && handler && open.has(id) && !handler.isDone) {
      const [, response] = [
        () => [handler.reject(new Error("no")), { error: "no" }],
        () => [handler.resolve(step), { output: step }],
        () => [handler.resolve(-1), { error: "Refused." }],
      ][pick(3)]();
      wanted.push([id, response, false]);
      open.delete(id);
      handler.isDone = true;
    } else if (what === 4) {
      served.hear(cancelling(id));
      if (open.delete(id) && handler) handler.isDone = assert.equal(handler.signal.aborted, true) ?? true;
    } else if (what === 5) {
      const ms = pick(80);
      for (const [late] of lateBy(now + ms)) {
        wanted.push([late, { error: "The function did not answer in time." }, false]);
        open.delete(late);
        const given = handlers.get(late);
        if (given) given.isDone = true;
      }
      mock.timers.tick(ms);
      now += ms;
    } else if (step > 40) {
      served.end();
      isOver = true;
    }
    await settle();
    // A call that was made again has a new handler.
    for (const [known, given] of handlers) if (given.isDone && !open.has(known)) given.resolve("late");
  }
  if (!isOver) served.end();
  await settle();
  for (const id of open.keys()) assert.equal(handlers.get(id).signal.aborted, true, `${seed}: ${id}`);
  served.hear(calling(["9", "look"]));
  await settle();
  mock.timers.tick(10_000);
  await settle();
  assert.deepEqual(answers.map(({ id, response, willContinue = false }) => [id, response, willContinue]), wanted, `seed ${seed}`);
}

test("every call is settled once, whatever happens in whatever order", async () => {
  for (let seed = 1; seed <= 300; seed++) await play(seed);
});
