/**
 * Many on one page: each in a frame of its own, at the same time. For tests that wait more than they work; most of what a
 * page costs is its beginning. What one frame leaves on is told from what the others do.
 */
import { WATCHER, whatIsPrinted } from "./bench.mjs";
import { leftInFrame, watch } from "./leftovers.mjs";

/** Devices, sockets and Workers are given back a little after the promise says so. */
const LEAVING_MS = 3_000;

/** How often it is looked whether they were. */
const LOOK_MS = 50;

/** How many are at it at once: a machine that is late costs devices their deadlines. */
const AT_ONCE = 4;

export class Crowd {
  #context;
  #page;
  #outcomes;
  /** Elements and frames by name, as far as they have come. */
  #frames = new Map();
  #left;

  /**
   * Runs, for each of `members` (by name), `act(frame, name)` in a frame with the bench. What they leave on is looked for
   * when all of them are done: who is still at it has devices.
   */
  static async gather(browser, server, simulator, members, act) {
    const crowd = new Crowd();
    crowd.#context = await browser.newContext();
    await crowd.#context.addInitScript(watch, { watcher: WATCHER });
    crowd.#page = await crowd.#context.newPage();
    /** What the page prints, whichever frame it is. */
    crowd.printed = whatIsPrinted(crowd.#page, browser.browserType().name());
    await crowd.#page.goto(`${server}/tests/pages/bench.html`);
    const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve());
    crowd.#outcomes = new Map();
    members.forEach((name, index) => {
      const outcome = lanes[index % AT_ONCE].then(() => crowd.#run(name, act));
      crowd.#outcomes.set(name, outcome);
      // Whoever waits for it hears why.
      lanes[index % AT_ONCE] = outcome.catch(() => {});
    });
    crowd.#left = Promise.all(lanes).then(() => crowd.#looked(members, simulator));
    crowd.#left.catch(() => {});
    return crowd;
  }

  /** What `act` has answered for a member. */
  outcome(name) {
    return this.#outcomes.get(name);
  }

  /** What a member has left on, a line each, once all are done. */
  async leftBy(name) {
    return (await this.#left).get(name);
  }

  async leave() {
    await this.#context.close();
  }

  async #run(name, act) {
    const element = await this.#page.evaluateHandle(() => {
      const frame = document.createElement("iframe");
      frame.src = "/tests/pages/bench.html";
      // What a browser does not show it may slow down.
      frame.style = "width: 40px; height: 40px";
      document.body.append(frame);
      return new Promise((resolve) => (frame.onload = () => resolve(frame)));
    });
    const frame = await element.asElement().contentFrame();
    this.#frames.set(name, { element, frame });
    await frame.waitForFunction(() => globalThis.bench);
    return act(frame, name);
  }

  async #looked(members, simulator) {
    const deadline = performance.now() + LEAVING_MS;
    const wait = () => new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    for (;;) {
      const left = new Map();
      for (const name of members) left.set(name, await this.#leftBy(name, simulator));
      const isClean = this.#page.workers().length === 0 && [...left.values()].every((lines) => lines.length === 0);
      if (isClean) return left;
      if (performance.now() > deadline) return this.#withWorkers(left, wait);
      await wait();
    }
  }

  async #leftBy(name, simulator) {
    const open = (await simulator.connections()).filter(({ close, script }) => close === null && script === name);
    const { frame } = this.#frames.get(name) ?? {};
    return [...(frame ? await leftInFrame(frame) : []), ...open.map(({ id }) => `connection: ${id}`)];
  }

  /** Whose a Worker is nobody says, but it ends with its frame. */
  async #withWorkers(left, wait) {
    for (const [name, lines] of left) {
      const before = this.#page.workers();
      await this.#frames.get(name)?.element.evaluate((frame) => frame.remove());
      const deadline = performance.now() + LEAVING_MS / 10;
      while (before.length > 0 && performance.now() < deadline) await wait();
      const now = new Set(this.#page.workers());
      for (const worker of before) if (!now.has(worker)) lines.push(`Worker: ${new URL(worker.url()).pathname}`);
    }
    return left;
  }
}
