// What an application imports. The wasm is fetched and compiled when a conversation is wanted, not when the page loads; then
// nothing of what a conversation needs waits for anything else of it.

import * as assets from "./live-assets.js";
import start, { LiveError, LiveSession, provide } from "./live-core.js";

export { LiveError, LiveSession, Microphone, Speaker } from "./live-core.js";

/** Where the application says that the files are. */
const urls = {};
let loading;
let isLoaded = false;
/** The wasm, compiled. */
let compiled;

const host = {
  spawn(port, module) {
    const worker = takeStandby() ?? assets.worker(urls.workerUrl);
    try {
      worker.postMessage({ module, port }, [port]);
    } catch (error) {
      worker.terminate();
      throw error;
    }
    return worker;
  },
  late: async (name) => host[name] ?? (await loadLate(name), host[name]),
  workletUrl: () => String(urls.workletUrl ?? assets.worklet()),
  /** For the core, in place of the browser's: a token that was asked for ahead is not asked for again. */
  fetch(url, init) {
    for (const ahead of asked) if (ahead.url === url) return ahead.take(init.signal);
    return fetch(url, init);
  },
};
provide(host);

/** Fetches and compiles the wasm, once for all who ask; after a failure, anew. */
function load(source) {
  loading ??= compile(source ?? urls.wasmUrl ?? assets.wasm())
    .then((module) => start({ module_or_path: (compiled = module) }))
    .then(
      () => {
        isLoaded = true;
      },
      (error) => {
        loading = undefined;
        throw error instanceof LiveError ? error : unusable("The wasm does not start", error);
      },
    );
  return loading;
}

/** Gets ready for `connect`, which otherwise does so itself. */
export async function preload(options) {
  note(options, ["wasmUrl", "workerUrl", "workletUrl"]);
  const one = standBy();
  // Whoever opens the microphone hears of it if it cannot be loaded.
  const ready = [fetchAhead(host.workletUrl()), one?.ready, host.late("openInput").catch(() => {})];
  try {
    await load();
    if (standby === one) one?.worker.postMessage({ module: compiled });
    await Promise.all(ready);
  } catch (error) {
    if (standby === one) endStandby();
    throw error;
  }
  // The next to ask tries again.
  if (standby === one && one?.hasFailed) endStandby();
}

/** The same with a source of the application's own: an address, an answer to `fetch`, bytes, or a module. */
export default async function init(source) {
  await load(source);
}

/** For TypeScript alone, which knows by it what the arguments are. */
export const defineTool = (tool) => tool;

const connect = LiveSession.connect;

LiveSession.connect = async function (options) {
  note(options, ["wasmUrl", "workerUrl"]);
  const late = Object.keys(LATE).filter((name) => options?.[LATE[name][0]] && !host[name]);
  const begun = performance.now();
  const ahead = begin(options);
  const given = options?.connectTimeoutMs;
  // Whatever else it may be, connect refuses it.
  const limit = typeof given === "number" && given >= 1 && given <= 600_000 ? given : CONNECT_MS;
  try {
    // Awaited here: what was begun is given up behind it.
    if (isLoaded && late.length === 0) return await connect(options);
    await inTime(Promise.all([load(), ...late.map(loadLate)]), limit, options?.signal);
    const { changes } = ahead;
    if (limit === given || given === undefined) changes.connectTimeoutMs = Math.max(1, limit - (performance.now() - begun));
    return await connect(options instanceof Object ? changed(options, changes) : options);
  } finally {
    ahead.end();
  }
};

/** Tokens that were asked for before the wasm was there to do it, at the address of an endpoint. */
const asked = new Set();

/**
 * Begins what a session needs beside the wasm, if that is still to come. Answers what is to be changed in its options, and how to
 * give up what is left. A Worker that stands by is this session's, or nobody's: it ends here if it is not taken.
 */
function begin(options) {
  const { token, runIn, speaker, microphone, workletUrl } = options ?? {};
  const standing = isLoaded || runIn === "page" ? standby : standBy();
  let ahead;
  if (!isLoaded) {
    if (speaker || microphone) fetchAhead(microphone?.workletUrl ?? speaker?.workletUrl ?? workletUrl ?? host.workletUrl());
    ahead = typeof token === "function" ? askAhead(token) : askEndpoint(token);
  }
  const isFunction = ahead && !ahead.url;
  return {
    changes: isFunction ? { token: (signal) => ahead.take(signal) ?? token(signal) } : {},
    end() {
      ahead?.end();
      if (standing && standby === standing) endStandby();
    },
  };
}

/** The same as `TokenSource` takes for the address of a token endpoint. */
function askEndpoint(token) {
  if (typeof token !== "string" || !/^(\.{0,2}\/|https?:)/.test(token)) return undefined;
  let url;
  try {
    url = new URL(token, document.baseURI).href;
  } catch {
    // It is none, and connect says so.
    return undefined;
  }
  const ahead = askAhead((signal) => fetch(url, { method: "POST", signal }), url);
  asked.add(ahead);
  return ahead;
}

function askAhead(ask, url) {
  const stop = new AbortController();
  let answer = new Promise((resolve) => resolve(ask(stop.signal)));
  // Whoever takes it hears of it.
  answer.catch(() => {});
  const ahead = {
    url,
    /** The answer, for the first who asks, whose signal counts from then on. */
    take(signal) {
      const taken = answer;
      answer = undefined;
      asked.delete(ahead);
      if (taken) signal.addEventListener("abort", () => stop.abort(signal.reason));
      return taken;
    },
    end() {
      if (answer) stop.abort();
      asked.delete(ahead);
    },
  };
  return ahead;
}

/** Has the browser fetch a script that is loaded soon: its cache has it then. */
async function fetchAhead(url) {
  if (/^(blob|data):/.test(url)) return;
  try {
    await (await fetch(url, { signal: AbortSignal.timeout(LOAD_MS) })).arrayBuffer();
  } catch {
    // Whoever loads it says so.
  }
}

/** A Worker that waits for its session, so that nobody waits for it then. Not for ever. */
let standby;

function standBy() {
  if (standby && standby.url === urls.workerUrl) return standby;
  endStandby();
  let worker;
  try {
    worker = assets.worker(urls.workerUrl);
  } catch {
    // Whoever wants one hears why there is none.
    return undefined;
  }
  const one = { url: urls.workerUrl, worker, hasFailed: false };
  one.ready = new Promise((resolve) => {
    worker.onmessage = resolve;
    worker.onerror = () => {
      one.hasFailed = true;
      resolve();
    };
    one.timer = setTimeout(() => {
      resolve();
      if (standby === one) endStandby();
    }, STANDBY_MS);
  });
  return (standby = one);
}

/** The Worker that waits, if there is one and it has not failed. */
function takeStandby() {
  const one = standby;
  if (!one || one.url !== urls.workerUrl) return undefined;
  standby = undefined;
  clearTimeout(one.timer);
  if (one.hasFailed) throw new Error("The Worker does not start.");
  one.worker.onmessage = one.worker.onerror = null;
  return one.worker;
}

function endStandby() {
  clearTimeout(standby?.timer);
  standby?.worker.terminate();
  standby = undefined;
}

const { record } = LiveSession.prototype;

LiveSession.prototype.record = async function (options) {
  if (!host.Recorder) await loadLate("Recorder");
  return record.call(this, options);
};

/** What answers function calls, for those who have tools; what records; what keeps the screen on; what chooses outputs; what rebuilds processors. The addresses stand here literally, for bundlers. */
const LATE = {
  Tools: ["tools", () => import("./live-tools.js")],
  Recorder: ["record", () => import("./live-recording.js")],
  setSink: ["sinkId", () => import("./live-devices.js")],
  openInput: ["microphone", () => import("./live-microphone.js")],
  watchPermission: ["microphone", () => import("./live-microphone.js")],
  revive: ["worklet", () => import("./live-devices.js")],
  WakeLock: ["wakeLock", () => import("./live-devices.js")],
};

async function loadLate(name) {
  const [field, get] = LATE[name];
  try {
    host[name] = (await get())[name];
  } catch (error) {
    const message = `What \`${field}\` needs could not be loaded.`;
    throw new LiveError({ code: "wasm-unavailable", message, field, retryable: true }, { cause: error });
  }
}

function changed(options, changes) {
  return Object.assign(Object.create(Object.getPrototypeOf(options)), options, changes);
}

function note(options, names) {
  for (const name of names) {
    const url = options?.[name];
    if (url === undefined) continue;
    if (typeof url !== "string" && !(url instanceof URL)) {
      throw new LiveError({ code: "invalid-option", message: `\`${name}\` is not a URL.`, field: name, retryable: false });
    }
    urls[name] = url;
  }
}

async function compile(source) {
  if (typeof WebAssembly === "undefined") {
    const message = "This browser has no WebAssembly, or has it switched off.";
    throw new LiveError({ code: "unsupported", message, retryable: false });
  }
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  if (ArrayBuffer.isView(given) || given instanceof ArrayBuffer) {
    return WebAssembly.compile(given).catch((error) => {
      throw unusable("The bytes given are no wasm that this page can use", error);
    });
  }
  const answer = given instanceof Response ? given : await fetched(given);
  if (!answer.ok) {
    const isPassing = answer.status >= 500 || answer.status === 429;
    throw missing(`${answer.url} answers with HTTP status ${answer.status}.`, undefined, isPassing);
  }
  const type = answer.headers.get("content-type") ?? "no type";
  try {
    // Any other type is refused there, even this one with parameters; but what it is decides.
    if (type === "application/wasm") return await WebAssembly.compileStreaming(answer);
    return await WebAssembly.compile(await answer.arrayBuffer());
  } catch (error) {
    throw unusable(`${answer.url} (${type}) is no wasm that this page can use`, error);
  }
}

async function fetched(url) {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(LOAD_MS) });
  } catch (error) {
    throw missing(`${String(url.url ?? url)} could not be fetched.`, error, true);
  }
}

function missing(what, cause, retryable) {
  const remedy = "Check that gemini_live_web_bg.wasm is served and allowed by the content security policy; or set `wasmUrl`.";
  return new LiveError({ code: "wasm-unavailable", message: what, remedy, field: "wasmUrl", retryable, cause });
}

function unusable(what, cause) {
  const remedy =
    "Check that the address is that of gemini_live_web_bg.wasm, of this version, and that the content security policy " +
    "has `script-src 'wasm-unsafe-eval'`; or set `wasmUrl`.";
  const message = `${what}: ${cause?.message ?? cause}`;
  return new LiveError({ code: "wasm-unavailable", message, remedy, field: "wasmUrl", retryable: false, cause });
}

/** Waits for the work no longer than until the signal aborts or the time is over. The work itself goes on, for others. */
function inTime(work, ms, signal) {
  let end;
  return new Promise((resolve, reject) => {
    const watched = signal instanceof AbortSignal ? signal : undefined;
    const onAbort = () =>
      reject(new LiveError({ code: "aborted", message: "The connect was aborted by its signal.", retryable: false }));
    const timer = setTimeout(() => {
      const message = `No session after ${ms} ms: the wasm did not come.`;
      const remedy = "Check the network, call preload() earlier, or raise connectTimeoutMs.";
      reject(new LiveError({ code: "timeout", message, remedy, retryable: true }));
    }, ms);
    watched?.addEventListener("abort", onAbort);
    if (watched?.aborted) onAbort();
    end = () => {
      clearTimeout(timer);
      watched?.removeEventListener("abort", onAbort);
    };
    work.then(resolve, reject);
  }).finally(end);
}

/** As the session's own default. */
const CONNECT_MS = 15_000;
/** For so long a Worker waits that no session takes. */
const STANDBY_MS = 300_000;
const LOAD_MS = 60_000;
