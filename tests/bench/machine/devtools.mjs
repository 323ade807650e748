import { within } from "./time.mjs";

const LONGEST_ANSWER_MS = 20_000;

/** The browser's own instruments, on one page with its Workers and worklets. */
export class Devtools {
  #page;
  #threads = [];
  #asked = 0;
  #answers = new Map();

  static async of(context, page) {
    const devtools = new Devtools();
    devtools.#page = await context.newCDPSession(page);
    return devtools;
  }

  /** Processor time used so far, in seconds, by the page's thread and by its process. */
  async processorTime() {
    await this.#page.send("Performance.enable", { timeDomain: "threadTicks" });
    const { metrics } = await this.#page.send("Performance.getMetrics");
    const value = (wanted) => metrics.find(({ name }) => name === wanted)?.value;
    return { at: value("Timestamp"), main: value("ThreadTime"), process: value("ProcessTime") };
  }

  /** Follows Workers and worklets, from now on. */
  async follow() {
    this.#page.on("Target.attachedToTarget", ({ sessionId }) => this.#threads.push(sessionId));
    this.#page.on("Target.detachedFromTarget", ({ sessionId }) => {
      this.#threads = this.#threads.filter((one) => one !== sessionId);
    });
    this.#page.on("Target.receivedMessageFromTarget", ({ message }) => {
      const { id, result } = JSON.parse(message);
      this.#answers.get(id)?.(result);
      this.#answers.delete(id);
    });
    // Not `flatten`: Playwright hands on the messages of the page's own session alone.
    await this.#page.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  }

  /** Bytes that scripts hold in all threads that are followed, after garbage collection, and the memory of WebAssembly. */
  async memory() {
    const sum = { heap: 0, wasm: 0 };
    const asks = [(...words) => this.#page.send(...words), ...this.#threads.map((thread) => (...words) => this.#ask(thread, ...words))];
    for (const ask of asks) {
      await ask("HeapProfiler.collectGarbage");
      const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await ask("Runtime.getHeapUsage");
      sum.heap += usedSize + embedderHeapUsedSize + backingStorageSize;
      sum.wasm += await wasm(ask);
    }
    return sum;
  }

  #ask(thread, method, params = {}) {
    const id = ++this.#asked;
    const answer = new Promise((resolve) => this.#answers.set(id, resolve));
    this.#page.send("Target.sendMessageToTarget", { sessionId: thread, message: JSON.stringify({ id, method, params }) }).catch(() => {});
    return within(LONGEST_ANSWER_MS, method, answer);
  }
}

/** Bytes of every `WebAssembly.Memory` of a thread. */
async function wasm(ask) {
  const { result } = await ask("Runtime.evaluate", { expression: "globalThis.WebAssembly?.Memory.prototype" });
  if (!result?.objectId) return 0;
  const { objects } = await ask("Runtime.queryObjects", { prototypeObjectId: result.objectId });
  const functionDeclaration = "function () { return this.reduce((sum, { buffer }) => sum + buffer.byteLength, 0); }";
  const { result: bytes } = await ask("Runtime.callFunctionOn", { objectId: objects.objectId, functionDeclaration, returnByValue: true });
  return bytes.value;
}
