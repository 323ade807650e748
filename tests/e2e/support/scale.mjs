import { within } from "./deadline.mjs";

/** A garbage collection takes a while where others work. */
const ANSWER_MS = 20_000;

const NOTHING = { heap: 0, buffers: 0 };

/** What a page and its Workers weigh behind a garbage collection, in Chromium: the heap, and buffers, in bytes. */
export class Scale {
  #session;
  #workers = new Map();
  #answers = new Map();
  #next = 1;

  static async under(page) {
    const scale = new Scale();
    const session = await page.context().newCDPSession(page);
    scale.#session = session;
    session.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
      if (targetInfo.type === "worker") scale.#workers.set(sessionId, targetInfo);
    });
    session.on("Target.detachedFromTarget", ({ sessionId }) => scale.#forget(sessionId));
    session.on("Target.receivedMessageFromTarget", ({ message }) => {
      const { id, result, error } = JSON.parse(message);
      const waiting = scale.#answers.get(id);
      scale.#answers.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
    });
    const attaching = session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    await within(ANSWER_MS, "Target.setAutoAttach", attaching);
    return scale;
  }

  async weigh() {
    const page = weighOne((method, words) => within(ANSWER_MS, `the page, ${method}`, this.#session.send(method, words)));
    const workers = [...this.#workers.keys()].map((sessionId) => this.#weighWorker(sessionId));
    const found = await Promise.all([page, ...workers]);
    return { heap: sum(found.map(({ heap }) => heap)), buffers: sum(found.map(({ buffers }) => buffers)) };
  }

  /** One that goes meanwhile weighs nothing. */
  async #weighWorker(sessionId) {
    try {
      return await weighOne((method, words) => within(ANSWER_MS, `a Worker, ${method}`, this.#sendTo(sessionId, method, words)));
    } catch (error) {
      if (this.#workers.has(sessionId)) throw error;
      return NOTHING;
    }
  }

  async #sendTo(sessionId, method, params) {
    if (!this.#workers.has(sessionId)) throw new Error("the Worker has gone");
    const id = this.#next++;
    const answer = new Promise((resolve, reject) => this.#answers.set(id, { sessionId, resolve, reject }));
    const message = JSON.stringify({ id, method, params });
    const [result] = await Promise.all([answer, this.#session.send("Target.sendMessageToTarget", { sessionId, message })]);
    return result;
  }

  /** Who is asked and goes, answers nothing. */
  #forget(gone) {
    this.#workers.delete(gone);
    for (const [id, { sessionId, reject }] of this.#answers) {
      if (sessionId !== gone) continue;
      this.#answers.delete(id);
      reject(new Error("the Worker has gone"));
    }
  }
}

/** Without wasm memory, of which the witness tells: `Runtime.queryObjects`, which finds it, is not answered now and then. */
async function weighOne(send) {
  await send("HeapProfiler.enable");
  await send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = await send("Runtime.getHeapUsage");
  return { heap: usedSize, buffers: backingStorageSize };
}

function sum(numbers) {
  return numbers.reduce((one, other) => one + other, 0);
}
