// The conversion that a backend's `mint.js` does, against recordings of what the official SDK makes of the same.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { tokenRequest } from "../../examples/token-endpoints/mint.js";
import { fieldMask, wireSetup } from "../../examples/token-endpoints/setup.js";

const folder = new URL("../fixtures/oracle/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
const recorded = files.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));

/** Recordings of oddities, of the SDK or of the input, in which the two need not agree. */
const ODD = ["sdk_quirk", "js_dynamic_type", "unknown_field", "null", "python_sdk_only"];

const isPlain = ({ tags }) => !tags.some((tag) => ODD.includes(tag));

/**
 * The paths of a mask. The SDK names the places of a list, which a mask cannot, and knows which options are under
 * `generationConfig` only where there is a setup.
 */
function paths(mask) {
  const path = (name) => name.replace(/^(tools|safetySettings)\.\d+$/, "$1").replace(/^generationConfig\./, "");
  return new Set(mask?.split(",").map(path));
}

test("a config becomes the setup that the SDK makes of it", () => {
  const cases = recorded.flatMap(({ setup }) => setup).filter(isPlain);
  assert.ok(cases.length > 100, `${cases.length} cases`);
  for (const { name, input, expect } of cases) {
    const convert = () => wireSetup(input.model, input.config ?? undefined);
    if (expect.outcome === "sent") assert.deepEqual(convert(), expect.message.setup, name);
  }
});

test("constraints become the setup and the mask that the SDK makes of them", () => {
  const cases = recorded.flatMap(({ tokens }) => tokens).filter(isPlain);
  const constrained = cases.filter(({ input }) => input.config?.liveConnectConstraints);
  assert.ok(constrained.length > 15, `${constrained.length} cases`);
  for (const { name, input, expect } of constrained) {
    const { liveConnectConstraints, lockAdditionalFields } = input.config;
    const { model, config = {} } = liveConnectConstraints;
    const convert = () => wireSetup(model, config);
    if (!expect.request) {
      assert.throws(convert, TypeError, name);
      continue;
    }
    const { bidiGenerateContentSetup = {}, fieldMask: mask } = expect.request.body;
    const setup = convert();
    assert.deepEqual(setup, bidiGenerateContentSetup, name);
    if (!lockAdditionalFields) continue;
    assert.deepEqual(paths(fieldMask(setup, lockAdditionalFields)), paths(mask), name);
  }
});

test("what the Gemini API does not take is refused, and so is what has no name there", () => {
  for (const config of [
    { explicitVadSignal: true },
    { sessionResumption: { transparent: true } },
    { safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", method: "SEVERITY" }] },
    { speechConfig: { multiSpeakerVoiceConfig: {} } },
    { responseModality: ["AUDIO"] },
    { tools: [{ callTool() {}, tool() {} }] },
    { temperature: 1, generationConfig: { temperature: 0.5 } },
  ]) {
    assert.throws(() => wireSetup("m", config), TypeError, JSON.stringify(config));
  }
  for (const model of ["", "a?b", "a b", "../m", 7]) assert.throws(() => wireSetup(model), TypeError, String(model));
});

test("a whole lock lasts, and a partial one leaves that to the page", () => {
  const wishes = { model: "m", config: { temperature: 0.5 } };
  const { sessionResumption, contextWindowCompression } = tokenRequest(wishes).bidiGenerateContentSetup;
  assert.deepEqual({ sessionResumption, contextWindowCompression }, { sessionResumption: {}, contextWindowCompression: { slidingWindow: {} } });
  const without = { sessionResumption: null, contextWindowCompression: false };
  assert.deepEqual(tokenRequest({ model: "m", config: without }).bidiGenerateContentSetup, { model: "models/m" });
  assert.deepEqual(tokenRequest({ model: "gemini-3.5-live-translate" }).bidiGenerateContentSetup, { model: "models/gemini-3.5-live-translate" });
  const partial = tokenRequest({ ...wishes, lockAdditionalFields: ["tools", "topP"] });
  assert.equal(partial.fieldMask, "generationConfig.temperature,generationConfig.topP,model,tools");
  assert.deepEqual(Object.keys(partial.bidiGenerateContentSetup).sort(), ["generationConfig", "model"]);
  assert.equal(tokenRequest({}).bidiGenerateContentSetup, undefined);
});

test("every option that the library knows is known here", () => {
  const types = readFileSync(new URL("../../src/protocol/types.d.ts", import.meta.url), "utf8");
  const [, body] = /^export interface LiveConfig \{([^]*?)^\}/m.exec(types);
  const options = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
  assert.ok(options.length > 20, `${options.length} options`);
  const value = (option) => (["tools", "safetySettings"].includes(option) ? [] : {});
  for (const option of options) assert.doesNotThrow(() => wireSetup("m", { [option]: value(option) }), option);
});
