/**
 * The tools of a session, and the function calls that their handlers are at work on. Here and not in wasm, where it would weigh
 * three times as much; Rust applications have the same.
 *
 * Each call of a function that has a handler is answered once, by the handler or in its place, unless the model takes it back or
 * the session ends. Nothing of that depends on how the handler behaves.
 */
export class Tools {
  #known = new Map();
  #open = new Map();
  #send;
  #warn;

  /** @param {unknown} tools as an application gives them: see `LiveTool` */
  constructor(tools) {
    if (typeof tools !== "object" || !tools) throw new TypeError("`tools` is not an object of tools by their names.");
    for (const [name, tool] of Object.entries(tools)) {
      const refuse = (key, why) => {
        throw new TypeError(`\`tools.${name}.${key}\` ${why}.`);
      };
      for (const key of Object.keys(tool ?? {})) {
        if (!KEYS.includes(key)) refuse(key, `is not known; there are: ${KEYS.join(", ")}`);
      }
      const { handler, approve, timeoutMs = HANDLER_MS, scheduling } = tool ?? {};
      if (typeof handler !== "function") refuse("handler", "is not a function");
      if (typeof (approve ?? handler) !== "function") refuse("approve", "is not a function");
      if (!(timeoutMs >= 1 && timeoutMs <= 3_600_000)) refuse("timeoutMs", "is not a number from 1 to 3600000");
      if (typeof (scheduling ?? "") !== "string") refuse("scheduling", "is not a text");
      const declaration = tool.declaration && declarationOf(name, tool.declaration, refuse);
      // Called on what the application gave: it may be an object of a class.
      this.#known.set(name, { tool, declaration, timeoutMs });
    }
  }

  /** The config with what the tools declare. */
  declare(config) {
    const functionDeclarations = [...this.#known.values()].flatMap(({ declaration }) => declaration ?? []);
    // What is no object is refused by whoever reads it.
    if (functionDeclarations.length === 0 || typeof (config ?? {}) !== "object") return config;
    return { ...config, tools: [config?.tools ?? [], { functionDeclarations }].flat() };
  }

  /**
   * @param {(response: string) => string | undefined} send sends a tool response; answers why it did not
   * @param {(message: string) => void} warn tells the application of a handler that failed
   */
  serve(send, warn) {
    this.#send = send;
    this.#warn = warn;
  }

  /** Hears of calls, or that some are taken back: the text of an event. */
  hear(event) {
    const { ids = [], functionCalls = [] } = JSON.parse(event);
    for (const id of ids) this.#close(id)?.controller.abort();
    for (const { id, name, args } of functionCalls) {
      const known = this.#known.get(name);
      if (!known || !id || !this.#send || this.#open.has(id)) continue;
      const call = { id, name, ...known, controller: new AbortController() };
      const isTooMany = this.#open.size >= MOST_CALLS;
      this.#open.set(id, call);
      // Off the path of what is received: a handler may keep the page busy. The service leaves out arguments that there are none of.
      queueMicrotask(() => (isTooMany ? this.#fail(call, "Too many calls are open.") : this.#work(call, args ?? {})));
    }
  }

  /** The session is over, or about to be. */
  end() {
    this.#send = undefined;
    for (const id of [...this.#open.keys()]) this.#close(id).controller.abort();
  }

  async #work(call, given) {
    const { id, name, tool, timeoutMs, controller } = call;
    const { signal } = controller;
    try {
      this.#limit(call, tool.approve ? APPROVAL_MS : timeoutMs);
      const args = await checked(tool, given);
      if (tool.approve && !signal.aborted) {
        const approved = await tool.approve({ id, name, args, signal });
        if (approved !== true) return this.#respond(call, { error: "The user did not allow this call." });
        this.#limit(call, timeoutMs);
      }
      if (signal.aborted) return;
      const progress = (part) => this.#respond(call, part, true);
      this.#respond(call, await tool.handler(args, { id, name, signal, progress }));
    } catch (error) {
      this.#fail(call, String(error?.message ?? error));
    }
  }

  /** What the call has not got by then it gets in its handler's place. */
  #limit(call, ms) {
    if (this.#open.get(call.id) !== call) return;
    clearTimeout(call.timer);
    call.timer = setTimeout(() => {
      this.#fail(call, "The function did not answer in time.");
      call.controller.abort();
    }, ms);
  }

  #fail(call, error) {
    if (this.#open.get(call.id) !== call) return;
    this.#close(call.id);
    this.#excuse(call, error);
  }

  /** Answers in the handler's place. */
  #excuse(call, error) {
    const refusal = this.#say(call, { error });
    if (refusal === undefined) this.#warn(`Function ${call.name} (call ${call.id}) failed, and the model was told: ${error}`);
  }

  /** Sends the answer or a part of it, unless the call is over. */
  #respond(call, value, willContinue = false) {
    if (this.#open.get(call.id) !== call) return;
    const response = responseOf(value);
    // First: whoever hears of what is sent finds the call over.
    if (!willContinue) this.#close(call.id);
    const refusal = this.#say(call, response, willContinue);
    if (refusal === undefined) return;
    if (willContinue) this.#warn(`A part of the answer of ${call.name} (call ${call.id}) was not sent: ${refusal}`);
    else this.#excuse(call, refusal);
  }

  /** @returns {string | undefined} why it was not sent */
  #say({ id, name, tool }, response, willContinue = false) {
    const answer = { id, name, response };
    // A result with a field of this name would be taken for the answer's own, and the call never end.
    if (willContinue || "willContinue" in response) answer.willContinue = willContinue;
    // What the handler says of one answer counts more: it is read where it stands.
    if (tool.scheduling && !("scheduling" in response)) answer.scheduling = tool.scheduling;
    return this.#send ? this.#send(JSON.stringify({ functionResponses: answer })) : "The session is over.";
  }

  #close(id) {
    const call = this.#open.get(id);
    clearTimeout(call?.timer);
    this.#open.delete(id);
    return call;
  }
}

/** With the schema of a library as the JSON Schema that the service takes. */
function declarationOf(name, { parameters, ...rest }, refuse) {
  const standard = parameters?.["~standard"];
  if (!standard && !parameters?.toJSONSchema) return { ...rest, ...(parameters && { parameters }), name };
  const schema = standard?.jsonSchema?.input({ target: "draft-2020-12" }) ?? parameters.toJSONSchema?.({ io: "input" });
  return { ...rest, name, parametersJsonSchema: schema ?? refuse("declaration.parameters", NO_JSON_SCHEMA) };
}

/** The arguments as the schema gives them: models make some up that it does not take. */
async function checked(tool, args) {
  const result = await tool.declaration?.parameters?.["~standard"]?.validate?.(args);
  if (!result?.issues) return result ? result.value : args;
  const issues = result.issues.map(({ message, path = [] }) => [...path.map((step) => step?.key ?? step), message].join(": "));
  throw new TypeError(`Invalid arguments: ${issues.join("; ")}`);
}

/** An object, which is all that the service takes. One that holds nothing would have some models call again and again. */
function responseOf(value) {
  // What has no JSON throws here.
  const plain = value === undefined ? null : JSON.parse(JSON.stringify(value));
  const isObject = plain instanceof Object && !Array.isArray(plain);
  if (isObject && Object.keys(plain).length > 0) return plain;
  return { output: isObject || plain === null ? "done" : plain };
}

const KEYS = ["declaration", "handler", "approve", "timeoutMs", "scheduling"];
const HANDLER_MS = 30_000;
/** For somebody who reads what is asked. */
const APPROVAL_MS = 300_000;
const MOST_CALLS = 64;
const NO_JSON_SCHEMA =
  "cannot be written as JSON Schema; toStandardJsonSchema() of @valibot/to-json-schema makes one that can, and toJSONSchema() of zod/mini";
