// A session's config, as `@google/genai` and `LiveSession.connect` take it, in the form of the wire: what a token carries.

/**
 * The setup that a page with this model and config would send.
 *
 * @param {string | undefined} model   with or without `models/`
 * @param {{ readonly [option: string]: unknown }} [config]
 * @returns {{ [field: string]: unknown }}
 */
export function wireSetup(model, config = {}) {
  const setup = {};
  if (model !== undefined) setup.model = modelName(model);
  const generation = { ...config.generationConfig };
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined || value === null || name === "generationConfig" || IGNORED.includes(name)) continue;
    if (value === false && name in LASTING) continue;
    if (GENERATION.includes(name)) generation[name] = joined(name, generation[name], value);
    else if (SETUP.includes(name)) setup[name] = name in WRITTEN ? WRITTEN[name](value) : value;
    else throw new TypeError(`config: there is no option "${name}", or the Gemini API does not take it.`);
  }
  if (config.generationConfig || Object.keys(generation).length > 0) setup.generationConfig = generation;
  refuseForeign(setup);
  return setup;
}

/**
 * What a session asks for by itself so that it lasts, as `LiveSession.connect` does, which no page can ask for any more once the
 * token holds a setup. `null` or `false` in the config switches either off; models without a conversation take neither.
 *
 * @param {string} [model]
 * @param {{ readonly [option: string]: unknown }} [config]
 */
export function lasting(model = "", config = {}) {
  if (/-translate|-transcribe/.test(model)) return {};
  return Object.fromEntries(Object.entries(LASTING).filter(([name]) => config[name] !== null && config[name] !== false));
}

/**
 * The mask that fixes a setup's fields and those that `names` names as a config does (`temperature`, `tools`, …), which then
 * stay at the service's default. Everything else is the page's.
 *
 * @param {{ readonly [field: string]: unknown }} setup
 * @param {readonly string[]} names
 * @returns {string | undefined} nothing, where nothing is to be fixed
 */
export function fieldMask(setup, names) {
  const paths = Object.entries(setup).flatMap(([name, value]) => {
    const inner = Array.isArray(value) || typeof value !== "object" ? [] : Object.keys(value);
    return inner.length > 0 ? inner.map((field) => `${name}.${field}`) : [name];
  });
  const others = names.map((name) => (GENERATION.includes(name) ? `generationConfig.${name}` : name));
  return [...new Set([...paths, ...others])].sort().join(",") || undefined;
}

function modelName(model) {
  if (typeof model !== "string" || !/^[^?&\s]+$/.test(model) || model.includes("..")) {
    throw new TypeError("model: this is no name of a model.");
  }
  return /^(models|tunedModels)\//.test(model) ? model : `models/${model}`;
}

/** What is said both flat and in `generationConfig` must agree; objects are laid into each other. */
function joined(name, nested, flat) {
  if (nested === undefined || JSON.stringify(nested) === JSON.stringify(flat)) return flat;
  if (typeof nested === "object" && typeof flat === "object" && !Array.isArray(flat)) return { ...nested, ...flat };
  throw new TypeError(`config: generationConfig has another "${name}". Give one.`);
}

/** A text, a part, or a list of them is what the user's side of a content is made of. */
function content(value) {
  if (value.parts) return value;
  const part = (piece) => (typeof piece === "string" ? { text: piece } : piece);
  return { role: "user", parts: [value].flat().map(part) };
}

function tool(value) {
  if (typeof value.callTool === "function") {
    throw new TypeError("config: tools: give function declarations; the page answers their calls.");
  }
  if (!value.functionDeclarations) return value;
  return { ...value, functionDeclarations: value.functionDeclarations.map(declaration) };
}

/** `parameters` is the service's own kind of schema. A whole JSON Schema has a field of its own. */
function declaration({ parameters, ...rest }) {
  if (parameters === undefined) return rest;
  return parameters.$schema ? { ...rest, parametersJsonSchema: parameters } : { ...rest, parameters: schema(parameters) };
}

/** JSON Schema as the service's own kind has it: types in upper case, and `nullable` instead of the type `null`. */
function schema({ type, anyOf, properties, items, additionalProperties: _, ...rest }) {
  const types = [type ?? []].flat().filter((name) => name !== "null");
  const choices = (anyOf ?? (types.length > 1 ? types.map((type) => ({ type })) : [])).filter(({ type }) => type !== "null");
  const isNullable = [type].flat().includes("null") || anyOf?.some(({ type }) => type === "null");
  // One choice besides null is that choice.
  const single = choices.length === 1 && isNullable ? schema(choices[0]) : undefined;
  return {
    ...rest,
    ...(isNullable && { nullable: true }),
    ...(types.length === 1 && { type: types[0].toUpperCase() }),
    ...(single ?? (choices.length > 0 && { anyOf: choices.map(schema) })),
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, schema(of)])) }),
    ...(items && { items: schema(items) }),
  };
}

/** Vertex AI's own options: the Gemini API would refuse each session that the token begins. */
function refuseForeign({ sessionResumption, safetySettings = [], generationConfig }) {
  const foreign = {
    "sessionResumption.transparent": sessionResumption?.transparent,
    "safetySettings.method": safetySettings.find(({ method }) => method !== undefined),
    "speechConfig.multiSpeakerVoiceConfig": generationConfig?.speechConfig?.multiSpeakerVoiceConfig,
  };
  for (const [field, value] of Object.entries(foreign)) {
    if (value !== undefined) throw new TypeError(`config: the Gemini API's live sessions do not take "${field}".`);
  }
}

const WRITTEN = { systemInstruction: content, tools: (tools) => tools.map(tool) };

const LASTING = { sessionResumption: {}, contextWindowCompression: { slidingWindow: {} } };

/** Options of a connection, which a token does not have. */
const IGNORED = ["httpOptions", "abortSignal"];

/** Options that a config has flat, or in `generationConfig`, which is where the wire has them. */
const GENERATION = [
  "responseModalities",
  "speechConfig",
  "thinkingConfig",
  "mediaResolution",
  "enableAffectiveDialog",
  "translationConfig",
  "temperature",
  "topP",
  "topK",
  "maxOutputTokens",
  "seed",
];

const SETUP = [
  "systemInstruction",
  "tools",
  "realtimeInputConfig",
  "sessionResumption",
  "contextWindowCompression",
  "inputAudioTranscription",
  "outputAudioTranscription",
  "proactivity",
  "historyConfig",
  "avatarConfig",
  "safetySettings",
  "labels",
];
