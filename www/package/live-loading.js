// What is done with what the entry has begun to load, and what it says when that does not come. Fetched beside it, never before it.

/** The core's: this script does not import it, for bundlers would make a third script of it. */
let LiveError;

/**
 * Goes on with what the page has begun: compiles and starts the wasm, from its source or from the answer to a fetch of that.
 * The core has its host then.
 */
export async function load(page, source, answer) {
  LiveError = page.LiveError;
  page.host ??= hostOf(page);
  page.openAhead = () => later(openAhead(page));
  page.giveUp = () => giveUp(page);
  page.openAhead();
  try {
    page.module = await compile(source, answer, page.get);
    page.provide(page.host);
    await page.start({ module_or_path: page.module });
    loadToRecord(page);
  } catch (error) {
    throw error instanceof LiveError ? error : unusable("The wasm does not start", error);
  }
}

/** What only the page can know, for the core. */
function hostOf(page) {
  return {
    spawn(port, module) {
      const worker = takeStandby(page) ?? page.startWorker();
      try {
        worker.postMessage({ module, port }, [port]);
      } catch (error) {
        worker.terminate();
        throw error;
      }
      return worker;
    },
    async late(name) {
      if (!page.host[name]) await need(page, FIELDS[name]);
      if (name !== "openInput") return page.host[name];
      return (given, device) => claim(page, "input", wishOf(given, device)) ?? page.host.openInput(given, device);
    },
    openContext: (hints) => claim(page, "context", wishOf(hints)) ?? new AudioContext(hints),
    workletUrl: page.workletUrl,
    /** In place of the browser's: a token that was asked for ahead is not asked for again. */
    fetch(url, init) {
      for (const ahead of page.asked) if (ahead.url === url) return take(page, ahead, init.signal);
      return fetch(url, init);
    },
  };
}

/**
 * Opens what the core is going to ask for of the devices while the wasm comes: that of the connect that waits for it. What the core does not
 * ask for in the same words, or not at all, is given back.
 */
async function openAhead(page) {
  const { wish } = page;
  // Both the connect and what loads the wasm for it begin: of devices that were opened twice nobody would end the first.
  if (page.begun) return;
  // An iPhone is to be told first what the sound is for.
  if (!(wish instanceof Object) || wish.signal?.aborted || "audioSession" in navigator) return;
  const { speaker, microphone, workletUrl } = wish;
  const begun = (page.begun = {});
  const devices = [speaker, microphone].filter(Boolean);
  try {
    if (devices.some(({ context }) => !context)) begun.context = contextAhead(wish);
    // Of two addresses the core decides which it is.
    if (devices.every((device) => !device.workletUrl)) {
      later(begun.context?.made.audioWorklet.addModule(workletUrl ?? page.workletUrl()));
    }
  } catch {
    // The core says so.
  }
  if (microphone) await inputAhead(page, begun, microphone).catch(() => {});
}

function contextAhead({ latencyHint, renderSizeHint }) {
  const hints = Object.fromEntries(Object.entries({ latencyHint, renderSizeHint }).filter(([, hint]) => hint !== undefined));
  const made = new AudioContext(hints);
  return { wish: wishOf(hints), made, end: () => later(made.close()) };
}

async function inputAhead(page, begun, options) {
  await need(page, "microphone");
  // The connect may have been given up meanwhile.
  if (page.begun !== begun) return;
  const { capturePath = "worklet", track, stream, deviceId } = options;
  const { echoCancellation, noiseSuppression, autoGainControl, voiceIsolation, followDefault } = options;
  const asked = { echoCancellation, noiseSuppression, autoGainControl, voiceIsolation, followDefault, capturePath };
  const device = track ?? stream ?? deviceId;
  const made = page.host.openInput(asked, device);
  begun.input = { wish: wishOf(asked, device), made: later(made), end: () => later(made.then((input) => input.end())) };
}

/** What was opened ahead, if what is asked for is the same; else that is given back. */
function claim(page, kind, wish) {
  const one = page.begun?.[kind];
  if (!one) return undefined;
  delete page.begun[kind];
  if (wish.length === one.wish.length && wish.every((part, index) => part === one.wish[index])) return one.made;
  one.end();
}

/** Gives back what was opened ahead and not asked for. */
function giveUp(page) {
  for (const one of Object.values(page.begun ?? {})) one.end();
  page.begun = undefined;
}

/** Everything that is wished, to be compared: names, values, and the device. */
function wishOf(options, device) {
  return [...Object.entries(options).flat(), device];
}

/** Begun for somebody who asks for it later, and hears then what has come of it. */
function later(promise) {
  promise?.catch(() => {});
  return promise;
}

/** Which option needs what the core asks for. */
const FIELDS = { openInput: "microphone", watchPermission: "microphone", openPcm: "pcm", setSink: "sinkId", revive: "worklet" };

/** Loads what an option needs. */
export async function need(page, field) {
  try {
    Object.assign(page.host, await page.parts[field]?.());
    delete page.parts[field];
  } catch (error) {
    const message = `What \`${field}\` needs could not be loaded.`;
    throw new LiveError({ code: "wasm-unavailable", message, field, retryable: true }, { cause: error });
  }
}

/** What `preload` waits for beside the wasm. */
export async function makeReady(page, one, begun) {
  if (page.standby === one) one?.worker.postMessage({ module: page.module });
  // Whoever opens the microphone hears of it if it cannot be loaded.
  await Promise.allSettled([...begun, need(page, "microphone")]);
}

/** What records is loaded by the first who wishes it: no session is there before the wasm. */
function loadToRecord(page) {
  const { prototype } = page.LiveSession;
  const { record } = prototype;
  prototype.record = async function (options) {
    if (page.parts.record) await need(page, "record");
    return record.call(this, options);
  };
}

/**
 * Loads what the options need, and answers them with the token that was asked for ahead, and with what is left of the time,
 * unless connect refuses that as it is.
 */
export async function prepare(page, options, { ahead, begun, limit, needed }) {
  await Promise.all(needed.map((field) => need(page, field)));
  if (!(options instanceof Object)) return options;
  const changes = {};
  const { connectTimeoutMs: given } = options;
  const { ask, url } = ahead ?? {};
  if (ask && !url) changes.token = (signal) => take(page, ahead, signal) ?? ask(signal);
  if (given === undefined || given === limit) changes.connectTimeoutMs = Math.max(1, limit - (performance.now() - begun));
  return Object.assign(Object.create(Object.getPrototypeOf(options)), options, changes);
}

/** The answer with the token, for the first who asks, whose signal counts from then on. */
function take(page, ahead, signal) {
  const { answer, stop } = ahead;
  ahead.answer = undefined;
  page.asked.delete(ahead);
  if (answer) signal.addEventListener("abort", () => stop.abort(signal.reason));
  return answer;
}

/** The Worker that waits, if there is one and it has not failed. */
function takeStandby(page) {
  const one = page.standby;
  if (!one || one.url !== page.urls.workerUrl) return undefined;
  page.standby = undefined;
  clearTimeout(one.timer);
  if (one.hasFailed) throw new Error("The Worker does not start.");
  one.worker.onmessage = one.worker.onerror = null;
  return one.worker;
}

async function compile(source, begun, get) {
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
  const answer = given instanceof Response ? given : await fetched(given, begun ?? get(given));
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

async function fetched(url, answer) {
  try {
    return await answer;
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
