import { spawn } from "node:child_process";

import { freePort } from "../../free-port.mjs";

/** How long a driver may take to listen, and to end. */
const START_DEADLINE_MS = 15_000;
const END_DEADLINE_MS = 5_000;

/** How often it is tried. */
const MOST_STARTS = 3;

/** How long a command may take. What waits in a page is ended by the test's own deadline. */
const COMMAND_DEADLINE_MS = 90_000;

/** How many letters of what they print are kept. */
const LONGEST_LAST_WORDS = 2000;

/**
 * A browser that is driven by its own driver, in the words of https://www.w3.org/TR/webdriver2/: the few that tests need.
 * A client from the registry would bring a hundred times as much, and drivers for browsers that Playwright drives.
 */
export class WebDriver {
  #address;
  #session;
  #process;
  #printed = "";

  constructor(address, child) {
    this.#address = address;
    this.#process = child;
    child.stderr.on("data", (bytes) => (this.#printed = (this.#printed + bytes).slice(-LONGEST_LAST_WORDS)));
  }

  /**
   * Starts a driver, and the browser that the capabilities describe. Both take ports that somebody else may take in the same
   * moment, and then one waits for the other: what does not start is started again.
   */
  static async start(...words) {
    for (let tries = 1; ; tries++) {
      try {
        return await WebDriver.#start(...words);
      } catch (error) {
        if (tries === MOST_STARTS) throw error;
      }
    }
  }

  static async #start(program, capabilities, environment) {
    const port = await freePort();
    const child = spawn(program, [`--port=${port}`], { env: { ...process.env, ...environment }, stdio: ["ignore", "ignore", "pipe"] });
    const driver = new WebDriver(`http://127.0.0.1:${port}`, child);
    try {
      await driver.#untilItListens();
      const { sessionId } = await driver.#ask("POST", "/session", { capabilities: { alwaysMatch: capabilities } }, START_DEADLINE_MS);
      driver.#session = `/session/${sessionId}`;
      await driver.#ask("POST", `${driver.#session}/timeouts`, { script: COMMAND_DEADLINE_MS });
      return driver;
    } catch (error) {
      await driver.stop();
      throw new Error(`${program} does not start: ${error.message} ${driver.lastWords}`);
    }
  }

  /** The end of what driver and browser have printed. */
  get lastWords() {
    return this.#printed.trim();
  }

  /** The process that drives: the browser's own descend from it. */
  get pid() {
    return this.#process.pid;
  }

  async open(url) {
    await this.#ask("POST", `${this.#session}/url`, { url });
  }

  async reload() {
    await this.#ask("POST", `${this.#session}/refresh`, {});
  }

  /** Calls a function of the page's, given as its body, and answers what it returns. */
  execute(script, ...args) {
    return this.#ask("POST", `${this.#session}/execute/sync`, { script, args });
  }

  /** The same, with a last argument that it has to be called with what is to be answered. */
  executeAsync(script, ...args) {
    return this.#ask("POST", `${this.#session}/execute/async`, { script, args });
  }

  /** Ends the browser, and then its driver. */
  async stop() {
    const end = new Promise((resolve) => this.#process.once("exit", resolve));
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    // Whose browser has died has no session any more.
    if (this.#session) await this.#ask("DELETE", this.#session, undefined, END_DEADLINE_MS).catch(() => {});
    this.#process.kill();
    const patience = setTimeout(() => this.#process.kill("SIGKILL"), END_DEADLINE_MS);
    await end;
    clearTimeout(patience);
  }

  async #untilItListens() {
    const deadline = performance.now() + START_DEADLINE_MS;
    for (;;) {
      const isReady = await this.#ask("GET", "/status").then(({ ready }) => ready, () => false);
      // Who answers may be another's.
      if (performance.now() > deadline || this.#process.exitCode !== null) throw new Error("it does not listen.");
      if (isReady) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #ask(method, path, body, deadlineMs = COMMAND_DEADLINE_MS + 5_000) {
    const answer = await fetch(this.#address + path, {
      method,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(deadlineMs),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }
}
