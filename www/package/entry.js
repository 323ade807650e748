// What an application imports. The wasm is fetched and compiled when a conversation is wanted, not when the page loads; then
// nothing of what a conversation needs waits for anything else of it. Every download begins here, in the same turn; what is done with
// what comes stands in `live-loading.js`, which is one of them.

import * as assets from "./live-assets.js";
import start, { LiveError, LiveSession, provide } from "./live-core.js";

export { LiveError, LiveSession, Microphone, Speaker } from "./live-core.js";

const devices = () => import("./live-devices.js");

/** What is loaded for those alone who set an option, until it is loaded. The addresses stand here literally, for bundlers. */
const parts = {
  tools: () => import("./live-tools.js"),
  record: () => import("./live-recording.js"),
  pcm: () => import("./live-pcm.js"),
  microphone: () => import("./live-microphone.js"),
  sinkId: devices,
  wakeLock: devices,
  worklet: devices,
};

/** Where the application says that the files are. */
const urls = {};
/** Tokens that were asked for before the wasm was there to do it, at the address of an endpoint. */
const asked = new Set();

/**
 * What has begun, for `live-loading.js` to go on with: among it the options of the connect that waits for the wasm, the Worker that
 * stands by, and in the end the compiled wasm.
 */
const page = {
  LiveError,
  LiveSession,
  asked,
  get,
  parts,
  provide,
  start,
  urls,
  // Functions: in the package `assets` follows, and is not there yet.
  startWorker: () => assets.worker(urls.workerUrl),
  workletUrl: () => String(urls.workletUrl ?? assets.worklet()),
};

let loading;
let isLoaded = false;

/** Fetches and compiles the wasm, once for all who ask; after a failure, anew. Answers what goes on with the rest. */
function load(source) {
  loading ??= begin(source ?? urls.wasmUrl ?? assets.wasm()).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function begin(source) {
  // Asked for here, so that it does not wait for the script that reads the answer.
  const isAddress = typeof source === "string" || source instanceof URL;
  const answer = isAddress ? later(get(source)) : undefined;
  const part = await import("./live-loading.js").catch((cause) => {
    const message = "live-loading.js could not be loaded.";
    throw new LiveError({ code: "wasm-unavailable", message, retryable: true, cause });
  });
  await part.load(page, source, answer);
  isLoaded = true;
  return part;
}

/** Gets ready for `connect`, which otherwise does so itself. */
export async function preload(options) {
  note(options, ["wasmUrl", "workerUrl", "workletUrl"]);
  const one = standBy();
  const ready = [fetchAhead(page.workletUrl()), one?.ready, later(parts.microphone?.())];
  try {
    await (await load()).makeReady(page, one, ready);
  } catch (error) {
    endStandby(one);
    throw error;
  }
  // The next to ask tries again.
  if (one?.hasFailed) endStandby(one);
}

/** The same with a source of the application's own: an address, an answer to `fetch`, bytes, or a module. */
export default async function init(source) {
  await load(source);
}

/** For TypeScript alone, which knows by it what the arguments are. */
export const defineTool = (tool) => tool;

const { connect } = LiveSession;

LiveSession.connect = async function (options) {
  note(options, ["wasmUrl", "workerUrl"]);
  const needed = Object.keys(parts).filter((field) => options?.[field]);
  const begun = performance.now();
  const standing = isLoaded || options?.runIn === "page" ? page.standby : standBy();
  const ahead = isLoaded ? undefined : beginBeside(options ?? {});
  if (!isLoaded && !page.wish) {
    page.wish = options;
    page.openAhead?.();
  }
  const given = options?.connectTimeoutMs;
  // Whatever else it may be, connect refuses it.
  const limit = typeof given === "number" && given >= 1 && given <= 600_000 ? given : CONNECT_MS;
  try {
    // Awaited here: what was begun is given up behind it.
    if (isLoaded && needed.length === 0) return await connect(options);
    for (const field of needed) later(parts[field]());
    const prepared = load().then(({ prepare }) => prepare(page, options, { ahead, begun, limit, needed }));
    return await connect(await inTime(prepared, limit, options?.signal));
  } finally {
    if (ahead?.answer) ahead.stop.abort();
    asked.delete(ahead);
    if (page.wish === options) page.wish = page.giveUp?.();
    // A Worker that stands by is this session's, or nobody's.
    endStandby(standing);
  }
};

/** Begins what a session needs beside the wasm and the Worker. Answers the question for a token. */
function beginBeside({ token, speaker, microphone, workletUrl }) {
  if (speaker || microphone) fetchAhead(microphone?.workletUrl ?? speaker?.workletUrl ?? workletUrl ?? page.workletUrl());
  if (typeof token === "function") return askAhead(token);
  // The same as `TokenSource` takes for the address of a token endpoint.
  if (typeof token !== "string" || !/^(\.{0,2}\/|https?:)/.test(token)) return undefined;
  try {
    const url = new URL(token, document.baseURI).href;
    const ahead = askAhead((signal) => fetch(url, { method: "POST", signal }), url);
    asked.add(ahead);
    return ahead;
  } catch {
    // It is none, and connect says so.
    return undefined;
  }
}

function askAhead(ask, url) {
  const stop = new AbortController();
  // Whoever takes it hears of it.
  return { ask, url, stop, answer: later(new Promise((resolve) => resolve(ask(stop.signal)))) };
}

/** Has the browser fetch a script that is loaded soon: its cache has it then. */
async function fetchAhead(url) {
  if (/^(blob|data):/.test(url)) return;
  try {
    await (await get(url)).arrayBuffer();
  } catch {
    // Whoever loads it says so.
  }
}

/** A Worker that waits for its session, so that nobody waits for it then. Not for ever. */
function standBy() {
  const url = urls.workerUrl;
  if (page.standby && page.standby.url === url) return page.standby;
  endStandby(page.standby);
  let worker;
  try {
    worker = page.startWorker();
  } catch {
    // Whoever wants one hears why there is none.
    return undefined;
  }
  const one = { url, worker, hasFailed: false };
  one.ready = new Promise((resolve) => {
    worker.onmessage = resolve;
    worker.onerror = () => {
      one.hasFailed = true;
      resolve();
    };
    one.timer = setTimeout(() => {
      resolve();
      endStandby(one);
    }, STANDBY_MS);
  });
  return (page.standby = one);
}

/** Ends it if it stands by still: no session has taken it. */
function endStandby(one) {
  if (!one || page.standby !== one) return;
  clearTimeout(one.timer);
  one.worker.terminate();
  page.standby = undefined;
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

/** Begun for somebody who asks for it later, and hears then what has come of it. */
function later(promise) {
  promise?.catch(() => {});
  return promise;
}

function get(url) {
  return fetch(url, { signal: AbortSignal.timeout(LOAD_MS) });
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
