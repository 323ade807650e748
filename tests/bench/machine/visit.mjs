import { Devtools } from "./devtools.mjs";
import { now, sleep, within } from "./time.mjs";

const LONGEST_START_MS = 20_000;

/** Files of a visit that are the bench's own, and weigh nothing. */
const isOfTheBench = (path) => ["", "page/", "sound/"].some((own) => (own ? path.startsWith(own) : path === own));

/** How much of the main thread's time a busy page takes: 250 ms of every 500. */
const BUSY = [250, 500];

/** Brings contenders onto pages of a browser, one visit after the other. */
export class Stage {
  constructor({ browser, server, entries }) {
    this.browser = browser;
    this.server = server;
    this.entries = entries;
  }

  /**
   * A contender's page, in a context of its own: nothing is cached. `ear` and `microphone`: whether is listened there; `greeting`:
   * milliseconds that the service speaks unasked. `probe`: notes when audio arrives, by the finer clock of isolated pages, without a
   * microphone. The visit ends with `leave`.
   */
  async visit(contender, { ear = false, microphone = false, probe = false, greeting = 0 } = {}) {
    const guest = this.server.expect({ isolated: contender.isolated || probe, line: { greeting } });
    const context = await this.browser.newContext();
    try {
      const page = await context.newPage();
      const visit = new Visit({ contender, guest, context, page });
      const options = { ...contender.options, ...(probe && { microphone: false }) };
      const query = new URLSearchParams({ entry: this.entries.get(contender.entry), options: JSON.stringify(options) });
      if (ear) query.set("ear", "");
      if (microphone) query.set("microphone", "");
      // Without shared memory, where the contender is measured without.
      if (probe) query.set("probe", contender.isolated ? "shared" : "ports");
      await page.goto(`${guest.url}?${query}`);
      await page.waitForFunction(() => globalThis.bench);
      await visit.settle();
      return visit;
    } catch (error) {
      await context.close();
      throw error;
    }
  }
}

/** One page with one contender, seen from both sides. Times that come from the page are told on this process' clock. */
class Visit {
  /** What the page complained of. */
  complaints = [];
  #offset = 0;

  constructor({ contender, guest, context, page }) {
    Object.assign(this, { contender, guest, context, page });
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && this.complaints.push(message.text()));
  }

  async settle() {
    this.#offset = await this.page.evaluate(() => bench.clockOffset());
  }

  /** Loads the contender's code; answers when that began. */
  async load() {
    return (await this.#ask("load", () => bench.load())) + this.#offset;
  }

  /** Begins a conversation; answers when the click was, and the service's side of it. */
  async start() {
    const index = this.guest.lines.length;
    const click = (await this.#ask("start", () => bench.start())) + this.#offset;
    const line = await this.guest.opened(index);
    return { click, line };
  }

  async stop() {
    await this.#ask("stop", () => bench.stop());
  }

  async block() {
    await this.page.evaluate((times) => bench.block(...times), BUSY);
  }

  async unblock() {
    await this.page.evaluate(() => bench.unblock());
  }

  /** The ear's edges of the context that is heard, and the microphone's bursts. */
  async heard() {
    const { edges, bursts } = await this.#ask("what was heard", () => bench.heard());
    const shifted = (list) => list.map((one) => ({ ...one, at: one.at + this.#offset }));
    const loud = edges.findLast(({ loud }) => loud)?.context;
    const ears = shifted(edges.filter(({ context }) => context === loud));
    return { rate: ears[0]?.sampleRate ?? 0, edges: ears.filter((edge) => "loud" in edge), bursts: shifted(bursts) };
  }

  /** Answers the ear's edges as soon as some condition holds for them. */
  async heardWhen(isSuch, ms, what) {
    const deadline = now() + ms;
    for (;;) {
      const heard = await this.heard();
      if (isSuch(heard)) return heard;
      if (now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
      await sleep(50);
    }
  }

  /** How long after each message its audio was where the audio thread takes it from, since this was last asked: milliseconds. */
  arrivals() {
    return this.#ask("what arrived", () => bench.arrivals());
  }

  /** The browser's instruments for this page. Workers and worklets are known to them that begin after this. */
  async devtools() {
    const devtools = await Devtools.of(this.context, this.page);
    await devtools.follow();
    return devtools;
  }

  /** What was downloaded of the contender, from a place in the order of downloads on. */
  downloads(from = 0) {
    return this.guest.weighable(from, isOfTheBench);
  }

  async leave() {
    await this.context.close();
  }

  async #ask(what, question) {
    const answer = within(LONGEST_START_MS, `${this.contender.id}: ${what}`, this.page.evaluate(question));
    return answer.catch((error) => {
      throw new Error([error.message.split("\n")[0], ...this.complaints.slice(0, 3)].join(" · "));
    });
  }
}
