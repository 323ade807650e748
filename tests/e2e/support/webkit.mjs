/**
 * WebKitGTK, as Playwright's tests see a browser. Playwright drives no WebKit but one of its own, which is no registry's;
 * this is the one that its users have, driven by its own driver.
 *
 * `PAGE` replaces the fixtures `context` and `page`. Of a page there is what the tests of sessions use: `goto`, `reload`,
 * `evaluate`, `waitForFunction`, `waitForTimeout`, `workers`, `frames`, `on` for what is printed.
 */
import { readFileSync, readdirSync } from "node:fs";

import { fakeMicrophone, tellWhenListenedTo } from "./stage.mjs";
import { WebDriver } from "./webdriver.mjs";
import { readWav } from "./wav.mjs";

/** What `cargo xtask test webkit` says: the driver, and the browser that it drives. */
const { WEBKIT_DRIVER, MINI_BROWSER } = process.env;

const FIXTURES = {
  context: async ({ microphone, headers }, use) => {
    const context = new Context(headers === "isolated");
    await context.hear(microphone);
    await use(context);
    await context.close();
  },

  page: async ({ context }, use) => use(await context.newPage()),
};

/** The fixtures, or none where the tests run in a browser that Playwright drives. */
export const PAGE = WEBKIT_DRIVER ? FIXTURES : {};

/** Without the first, nothing plays before somebody has clicked; without the second nothing may listen. */
const SWITCHES = ["--automation", "--autoplay-policy=allow", "--enable-media-stream=true", "--enable-mock-capture-devices=true"];

/** Whether there is SharedArrayBuffer is a setting, and not the page's headers' choice as it is in Safari. */
const SHARING = { JSC_useSharedArrayBuffer: "1" };

/** It would look for one, and start one, to be told of what nobody tests. */
const WITHOUT_BUS = { DBUS_SESSION_BUS_ADDRESS: "disabled:" };

/** A browser for each page: a driver has one session. */
class Context {
  #environment;
  #scripts = [];
  #pages = [];

  constructor(isSharing) {
    this.#environment = { ...WITHOUT_BUS, ...(isSharing && SHARING) };
  }

  /** As Playwright's: the function is called in each page before anything else is. */
  async addInitScript(script, ...given) {
    this.#scripts.push(callOf(script, given));
  }

  /** What microphones hear: a file, or the tones and the hum of the engine's own mock device. */
  async hear({ wav, isOwn }) {
    if (isOwn) return;
    const { rate, samples } = readWav(readFileSync(wav));
    const isSilent = samples.every((sample) => sample === 0);
    const bytes = isSilent ? Buffer.alloc(0) : Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    await this.addInitScript(fakeMicrophone, bytes.toString("base64"), rate);
    await this.addInitScript(tellWhenListenedTo);
  }

  pages() {
    return this.#pages;
  }

  async newPage() {
    const options = { binary: MINI_BROWSER, args: SWITCHES };
    const driver = await WebDriver.start(WEBKIT_DRIVER, { "webkitgtk:browserOptions": options }, this.#environment);
    const page = new Page(this, driver, this.#scripts);
    this.#pages.push(page);
    return page;
  }

  async close() {
    for (const page of this.#pages) await page.close();
  }

  forget(page) {
    this.#pages = this.#pages.filter((one) => one !== page);
  }
}

class Page {
  #context;
  #driver;
  #scripts;
  #ears = { console: [], pageerror: [] };
  #watch;
  #death;

  constructor(context, driver, scripts) {
    this.#context = context;
    this.#driver = driver;
    this.#scripts = scripts;
  }

  context() {
    return this.#context;
  }

  /** There is no other. */
  frames() {
    return [this];
  }

  on(event, listener) {
    this.#ears[event].push(listener);
  }

  async addInitScript(script, ...given) {
    this.#scripts.push(callOf(script, given));
  }

  /**
   * Opens a page. The driver cannot have scripts run before the page's own: so a document of the same server, which has the
   * same headers and no script, is opened first, and the page is written into it behind the scripts.
   */
  async goto(url) {
    await this.#driver.open(new URL(EMPTY, url).href);
    this.#watchOver();
    await this.#write(url);
  }

  async reload() {
    await this.#driver.execute('history.replaceState(null, "", arguments[0])', EMPTY);
    await this.#driver.reload();
    await this.#write(this.url);
  }

  async #write(url) {
    const html = await (await fetch(url)).text();
    const scripts = [callOf(keepWhatIsPrinted, []), callOf(keepWorkers, []), callOf(keepDevices, []), ...this.#scripts];
    const write = "document.open(); SCRIPTS; document.write(html); document.close();".replace("SCRIPTS", () => scripts.join(";\n"));
    await this.#driver.execute(`const [url, html] = arguments; history.replaceState(null, "", url);\n${write}`, url, html);
    this.url = url;
    await this.waitForFunction(() => document.readyState === "complete");
  }

  async evaluate(script, ...given) {
    const source = `const done = arguments[0];
      (async () => ${callOf(script, given)})().then(
        (value) => ({ value }),
        (error) => ({ error: String(error), stack: error?.stack }),
      ).then((outcome) => done((${asText})({ ...outcome, printed: globalThis.printed?.splice(0) }, "${UNDEFINED}")));`;
    const text = await this.#unlessItDies(this.#driver.executeAsync(source));
    const { value, error, stack, printed } = JSON.parse(text, (_, one) => (one === UNDEFINED ? undefined : one));
    this.#tell(printed ?? []);
    if (error) throw new Error(`in the page: ${error}\n${stack}`);
    return value;
  }

  async waitForFunction(script, ...given) {
    while (!(await this.evaluate(script, ...given))) await this.waitForTimeout(50);
  }

  waitForTimeout(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /**
   * The Workers that there are. How many, by the threads that the browser has: a page cannot know whether one has ended. How
   * they were called says the page.
   */
  async workers() {
    const names = await this.evaluate(() => globalThis.workersMade());
    const threads = descendants(this.#driver.pid).flatMap(threadsOf).filter((name) => WORKER_THREAD.test(name));
    return threads.map((_, at) => ({ url: () => names[at] ?? "unknown:" }));
  }

  async close() {
    clearInterval(this.#watch);
    this.#context.forget(this);
    await this.#driver.stop();
  }

  /** The driver does not say that the process with the page has crashed: it answers nothing any more, or nonsense. */
  #watchOver() {
    clearInterval(this.#watch);
    const mine = descendants(this.#driver.pid).filter((pid) => read(`/proc/${pid}/comm`).startsWith("WebKitWebProc"));
    this.#death = new Promise((_, reject) => {
      const look = () => {
        if (mine.every((pid) => isAlive(pid))) return;
        clearInterval(this.#watch);
        reject(new Error(`the browser died (WebKitWebProcess): ${this.#driver.lastWords.replaceAll("\n", " ")}`));
      };
      this.#watch = setInterval(look, BETWEEN_LOOKS_MS);
    });
    // Whoever waits for something hears of it.
    this.#death.catch(() => {});
  }

  async #unlessItDies(answer) {
    try {
      return await Promise.race([answer, this.#death]);
    } catch (error) {
      // It may have died just now.
      answer.catch(() => {});
      await Promise.race([this.#death, this.waitForTimeout(2 * BETWEEN_LOOKS_MS)]);
      throw error;
    }
  }

  #tell(printed) {
    for (const { event, type, text } of printed) {
      const told = event === "console" ? { type: () => type, text: () => text } : { message: text };
      for (const listener of this.#ears[event]) listener(told);
    }
  }
}

/** A page without a script. */
const EMPTY = "/tests/pages/empty.html";

/** How often is looked whether the browser lives. */
const BETWEEN_LOOKS_MS = 250;

/** What a Worker's thread is called. */
const WORKER_THREAD = /^WebCore: Worker/;

/** The call of a function, as text. */
function callOf(script, given) {
  return `(${script})(${given.map(literal).join(", ")})`;
}

/** What stands in JSON for what it does not know, in lists; elsewhere it is left out. */
const UNDEFINED = "(undefined)";

/** Runs in the page. */
function asText(outcome, missing) {
  return JSON.stringify(outcome, function (_, value) {
    return value === undefined && Array.isArray(this) ? missing : value;
  });
}

/** Plain data as JavaScript, which knows more than JSON: what is undefined stays so. */
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value === null || typeof value !== "object") return typeof value === "string" ? JSON.stringify(value) : String(value);
  return `{ ${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${literal(one)}`).join(", ")} }`;
}

/** Runs in the page. The driver does not tell what is printed. */
function keepWhatIsPrinted() {
  const printed = (globalThis.printed = []);
  for (const type of ["error", "warn", "info", "log", "assert"]) {
    const print = console[type];
    console[type] = (...words) => {
      const isKept = type !== "assert" || !words[0];
      if (isKept) printed.push({ event: "console", type, text: words.map(String).join(" ") });
      print.apply(console, words);
    };
  }
  const fail = (text) => printed.push({ event: "pageerror", text });
  addEventListener("error", ({ message }) => fail(message));
  addEventListener("unhandledrejection", ({ reason }) => fail(String(reason)));
}

/** Runs in the page. What tests change of it would be forgotten with the object: WebKit makes another when it is asked for again. */
function keepDevices() {
  globalThis.kept = navigator.mediaDevices;
}

/** Runs in the page: what its Workers are called, youngest first. */
function keepWorkers() {
  const made = [];
  globalThis.workersMade = () => made;
  globalThis.Worker = new Proxy(Worker, {
    construct: (target, words, as) => {
      made.unshift(new URL(words[0], location.href).href);
      return Reflect.construct(target, words, as);
    },
  });
}

/** A process and all that descend from it. */
function descendants(pid) {
  const parents = new Map(readdirSync("/proc").filter(Number).map((name) => [Number(name), parentOf(name)]));
  const below = (one) => [one, ...[...parents].filter(([, parent]) => parent === one).flatMap(([child]) => below(child))];
  return below(pid);
}

function parentOf(pid) {
  // Behind the name, which may hold anything: the state, and then it.
  return Number(read(`/proc/${pid}/stat`).split(") ").at(-1).split(" ")[1]);
}

/** Whether there is such a process, which has not ended and waits to be asked about it. */
function isAlive(pid) {
  return /\) [^ZX]/.test(read(`/proc/${pid}/stat`));
}

function threadsOf(pid) {
  const threads = attempt(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  return threads.map((thread) => read(`/proc/${pid}/task/${thread}/comm`).trim());
}

/** A process that has ended meanwhile has no files. */
function read(path) {
  return attempt(() => readFileSync(path, "utf8")) ?? "";
}

function attempt(action) {
  try {
    return action();
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ESRCH") return undefined;
    throw error;
  }
}
