// Schemas of the libraries themselves: what is declared to the model, and what becomes of its arguments.
import assert from "node:assert/strict";
import { test } from "node:test";

import { toStandardJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { z } from "zod";
import * as mini from "zod/mini";

import { Tools } from "../../src/web/page/tools.js";

const small = mini.object({
  city: mini.string().register(mini.globalRegistry, { description: "Its name." }),
  days: mini._default(mini.int().check(mini.gte(1), mini.lte(7)), 3),
});

/** A city, and 1 to 7 days, for which there is a default. */
const SCHEMAS = {
  zod: z.object({ city: z.string().describe("Its name."), days: z.int().min(1).max(7).default(3) }),
  "zod/mini": mini.toJSONSchema(small),
  valibot: toStandardJsonSchema(
    v.object({
      city: v.pipe(v.string(), v.description("Its name.")),
      days: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7)), 3),
    }),
  ),
};

/** What the handler was called with, or what the model was told. */
async function call(parameters, args) {
  let given;
  const tools = new Tools({ forecast: { declaration: { parameters }, handler: (checked) => ((given = checked), "fine") } });
  const { response } = await new Promise((resolve) => {
    tools.serve(
      (text) => void resolve(JSON.parse(text).functionResponses),
      () => {},
    );
    tools.hear(JSON.stringify({ functionCalls: [{ id: "1", name: "forecast", args }] }));
  });
  return { given, response };
}

for (const [library, schema] of Object.entries(SCHEMAS)) {
  test(`a schema of ${library} is declared as the JSON Schema of what it takes`, () => {
    const config = new Tools({ forecast: { declaration: { description: "d", parameters: schema }, handler() {} } }).declare({});
    const [{ parametersJsonSchema, ...rest }] = config.tools[0].functionDeclarations;
    assert.deepEqual(rest, { name: "forecast", description: "d" });
    const { type, properties, required } = JSON.parse(JSON.stringify(parametersJsonSchema));
    assert.deepEqual([type, required], ["object", ["city"]], "what has a default may be left out");
    assert.deepEqual(properties.city, { type: "string", description: "Its name." });
    assert.deepEqual(properties.days, { type: "integer", minimum: 1, maximum: 7, default: 3 });
  });

  test(`a schema of ${library} checks the arguments and fills them in`, async () => {
    assert.deepEqual((await call(schema, { city: "Oslo", days: 2 })).given, { city: "Oslo", days: 2 });
    assert.deepEqual((await call(schema, { city: "Oslo" })).given, { city: "Oslo", days: 3 });
    for (const [wrong, field] of [[{ city: "Oslo", days: 8 }, "days"], [{ city: 5 }, "city"], [undefined, "city"]]) {
      const { given, response } = await call(schema, wrong);
      assert.equal(given, undefined);
      assert.match(response.error, new RegExp(`^Invalid arguments: .*${field}: `));
    }
  });
}

test("what has no JSON Schema is refused before the session, with what to do", () => {
  const declared = (parameters) => () => new Tools({ look: { declaration: { parameters }, handler() {} } });
  assert.throws(declared(v.object({ city: v.string() })), /tools\.look\.declaration\.parameters.*toStandardJsonSchema/);
  assert.throws(declared(small), /toJSONSchema\(\) of zod\/mini/);
  assert.throws(declared(z.object({ at: z.date() })), /Date/i);
});
