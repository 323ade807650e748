/** One session of a soak, and what became of every sample of it. */
import { RAW, optionsWith } from "./bench.mjs";
import { within } from "./deadline.mjs";
import { Gap, Heard, RAMPS, Spoken, asWire } from "./ledger.mjs";
import { leftOf } from "./leftovers.mjs";
import { Scale } from "./scale.mjs";

export const WIRE_IN_HZ = 16_000;
export const WIRE_OUT_HZ = 24_000;

/** How often pages are emptied of their recordings, and the simulator is asked what it has. */
export const TICK_MS = 2_000;

/** After so long everything has been played that a connection brought. */
const PLAYED_MS = 8_000;

/** How often a session says something in writing. */
const NOTE_MS = 4_000;

/** What a connection that ended may not have brought any more, either way. */
const ON_THE_WAY_MS = 1_000;

/** What a microphone has given when it is closed and need not send any more: what is no whole frame, and is in a quantum. */
const CLOSING_MS = 60;

/** How long things may take to be given back. */
const LEAVING_MS = 5_000;

/** How long a page, the browser or the simulator may take to answer, on a machine that has other work. */
export const ANSWER_MS = 30_000;

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const sum = (numbers) => numbers.reduce((one, other) => one + other, 0);
const least = (number) => Math.max(0, number);
const decoded = (text) => {
  const bytes = Buffer.from(text, "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};

/** Runs in the page: what only shows while it happens, and what is written now and then. */
function keepWatch(noteMs) {
  const seen = { bufferedAmount: 0, queuedMs: 0, heldMs: 0, restarted: 0, notes: 0 };
  const most = (name, value) => (seen[name] = Math.max(seen[name], value));
  const look = async () => {
    const told = await bench.session.stats().catch(() => undefined);
    // A Worker that is behind is asked again in a moment.
    if (!told) return;
    const { bufferedAmount, ...stats } = told;
    const open = stats.playbackSamplesReceived - stats.playbackSamplesPlayed - stats.playbackSamplesDiscarded;
    most("queuedMs", open / 24);
    most("bufferedAmount", bufferedAmount);
    // The bench keeps all events, for tests that are short.
    bench.events.length = 0;
  };
  bench.session.on("resumed", ({ heldMs }) => most("heldMs", heldMs));
  bench.session.on("restarted", () => seen.restarted++);
  // As if the model had said it: nobody answers.
  const note = () => ({ turns: [{ role: "model", parts: [{ text: `note ${seen.notes++}` }] }], turnComplete: false });
  const timers = [setInterval(look, 100), setInterval(() => bench.session.sendClientContent(note()), noteMs)];
  bench.endWatch = () => {
    timers.forEach(clearInterval);
    return seen;
  };
}

/** Behind how many samples of a connection the server said `interrupted`. */
function interruptionsOf(messages) {
  const found = [];
  let samples = 0;
  for (const { from, message } of messages) {
    const content = from === "server" ? (message.serverContent ?? {}) : {};
    // The log holds `<1920 bytes>` in place of the sound itself.
    for (const { inlineData } of content.modelTurn?.parts ?? []) samples += inlineData ? Number.parseInt(inlineData.data.slice(1), 10) / 2 : 0;
    if (content.interrupted) found.push(samples);
  }
  return found;
}

/** One session, and what is known of it. */
export class Soaked {
  spoken = new Spoken();
  heard = new Heard();
  links = 0;
  /** How many connections broke, and how many the service closed before they were left. */
  cuts = 0;
  closed = 0;
  /** Samples that were sent so shortly before a connection's end that they may not have come. */
  onTheWay = 0;
  /** Notes that sockets which broke had taken, and that did not come. */
  takenNotes = 0;
  /** The notes that arrived. */
  notes = [];
  problems = [];
  /** What is waited for, for whoever wonders why nothing comes. */
  doing = "begin";
  /** Of each connection, for whoever has to find out more. */
  trace = [];
  #waiting = [];
  #taken = new Set();
  #hasBroken = false;
  /** What is missing since a connection last received something; and how much of that came when the connection had ended. */
  #gap = new Gap();
  #late = 0;

  static async start(context, server, simulator, number, begun) {
    const one = new Soaked();
    Object.assign(one, { simulator, number, runIn: number % 2 ? "page" : "worker", run: `soak-${process.pid}-${number}` });
    begun.push(one);
    one.page = await one.#step("open a page", context.newPage());
    one.page.on("pageerror", (error) => one.problems.push(`uncaught: ${error.message}`));
    await one.#step("load the page", one.page.goto(`${server}/tests/pages/bench.html`));
    await one.#step("load the bench", one.page.waitForFunction(() => globalThis.bench));
    one.scale = await one.#step("attach the scale", Scale.under(one.page));
    await one.#begin(server);
    one.before = await one.#weigh();
    return one;
  }

  async #begin(server) {
    const { endpoint } = await this.#step("ask the server", optionsWith(server));
    const retry = { firstMs: 50, longestMs: 500, giveUpMs: 30_000 };
    const wishes = { endpoint: `${endpoint}/s/soak%40${this.run}`, runIn: this.runIn, retry };
    const given = await this.#step("ask the server", optionsWith(server, wishes));
    const act = async (what, action, words) => {
      const { error } = await this.#ask(what, action, words);
      if (error) throw new Error(`${this.#name()}: ${error.code ?? error.name}: ${error.message}`);
    };
    await act("connect", (options) => bench.connect(options), given);
    await act("open the speaker", (rate) => bench.openSpeaker(rate, { timeStretch: false }), WIRE_OUT_HZ);
    await act("open the microphone", (words) => bench.openMicrophone(...words), [RAW, WIRE_IN_HZ]);
    await this.#ask("begin the watch", keepWatch, NOTE_MS);
  }

  /** Waits for something, which is named if it fails or does not come. */
  async #step(what, coming) {
    this.doing = what;
    try {
      return await within(ANSWER_MS, what, coming);
    } catch (cause) {
      throw new Error(`${this.#name()}: ${what}`, { cause });
    }
  }

  #ask(what, action, words) {
    return this.#step(what, this.page.evaluate(action, words));
  }

  /** The heap, buffers and wasm memory, in bytes. Of a Worker's wasm its sockets tell. */
  async #weigh() {
    const weight = await this.#step("weigh", this.scale.weigh());
    const { sockets, wasm } = await this.#witnessed();
    return { ...weight, wasm: wasm + (this.runIn === "worker" ? sockets.at(-1).wasm : 0) };
  }

  #witnessed() {
    return this.#ask("ask the witness", (run) => witnessed(run), this.run);
  }

  #name() {
    return `session ${this.number} (${this.runIn})`;
  }

  /** Empties the page, and looks at the connections that are over. */
  async tick() {
    await this.#fetchAll(await this.#step("ask for connections", this.#over()));
    await this.#record();
    await this.#step("follow samples", this.#followAll(performance.now() - PLAYED_MS));
    this.doing = "live";
  }

  /** Closes the microphone, listens to the end, and ends the session. */
  async end() {
    this.seen = await this.#ask("end the watch", () => bench.endWatch());
    // What it gives while it is being closed, for as long as a machine takes that has much to do, nobody waits for.
    this.closedAt = await this.#ask("close the microphone", () => {
      const given = bench.overheardSoFar();
      bench.microphone.stop();
      return given;
    });
    // Connections go on ending, and the simulator remembers the latest alone.
    for (let waited = 0; waited < PLAYED_MS / 2; waited += TICK_MS) {
      await wait(TICK_MS);
      await this.tick();
    }
    this.after = await this.#weigh();
    // A connection may just have ended. A page that is behind draws no frames: they are not waited for.
    const state = () => bench.session.state !== "reconnecting" && bench.session.state;
    const settled = this.page.waitForFunction(state, undefined, { polling: 100, timeout: ANSWER_MS });
    this.state = await this.#step("be connected", settled.then((handle) => handle.jsonValue()));
    await this.#ask("close the session", () => bench.session.close());
    this.stats = await this.#ask("ask for the statistics", () => bench.stats());
    const error = await this.#ask("ask for the end", () => bench.ending?.error);
    if (error) this.problems.push(`${error.code ?? error.name}: ${error.message}`);
    await this.#fetchAll(await this.#step("see all connections end", this.#all()));
    await this.#record();
    await this.#step("follow samples", this.#followAll(Infinity));
    this.heard.end();
    this.left = await this.#step("look for leftovers", this.#leftovers());
    this.doing = "nothing";
  }

  async #over() {
    const links = await this.simulator.ofRun(this.run);
    return links.filter(({ id, close }) => close && !this.#taken.has(id)).sort((one, other) => one.id - other.id);
  }

  /** The last of them, when the simulator has seen all of them end. */
  async #all() {
    const deadline = performance.now() + LEAVING_MS;
    for (;;) {
      const links = await this.simulator.ofRun(this.run);
      if (links.every(({ close }) => close)) return this.#over();
      if (performance.now() > deadline) throw new Error(`session ${this.number}: a connection is still open`);
      await wait(100);
    }
  }

  async #record() {
    const { played, given } = await this.#ask("fetch the recordings", () => bench.take());
    this.heard.played.add(decoded(played));
    this.spoken.given.add(decoded(given));
  }

  async #fetchAll(links) {
    for (const link of links) await this.#step(`fetch connection ${link.id}`, this.#fetch(link));
  }

  /** Fetches what the simulator has of a connection that is over, before it forgets it. */
  async #fetch({ id, close, received: { audio } }) {
    this.#taken.add(id);
    this.links++;
    const [received, sent, { sent: timed }, messages] = await Promise.all([
      this.simulator.received(id),
      this.simulator.sent(id),
      this.simulator.audio(id),
      this.simulator.messages(id),
    ]);
    if (received.samples.length < audio.samples) throw new Error("the simulator has forgotten a connection: fewer sessions at once");
    const late = timed.frames.filter(([ms]) => ms > close.ms - ON_THE_WAY_MS);
    this.onTheWay += sum(late.map(([, , samples]) => samples));
    const contents = messages.filter(({ from }) => from === "client").map(({ message }) => message.clientContent);
    const notes = contents.map((content) => content?.turns?.[0].parts[0].text);
    this.notes.push(...notes.filter((text) => text?.startsWith("note ")).map((text) => Number.parseInt(text.slice(5), 10)));
    const written = contents.filter(Boolean).length;
    const sounds = { received: asWire(received.samples), sent: asWire(sent.samples), interruptions: interruptionsOf(messages) };
    this.#waiting.push({ id, close, written, at: performance.now(), ...sounds });
  }

  /** Follows those that were over by then: all of what they brought must have been recorded, and what came late counted. */
  async #followAll(before) {
    const links = await this.simulator.ofRun(this.run);
    const { sockets } = await this.#witnessed();
    while (this.#waiting[0]?.at < before) {
      const one = this.#waiting.shift();
      const late = links.find(({ id }) => id === one.id)?.late;
      if (!late) throw new Error("the simulator has forgotten a connection: fewer sessions at once");
      // Both are in the order in which the sockets opened.
      const socket = sockets[this.trace.length];
      if (!socket) throw new Error(`the witness has not seen connection ${one.id}`);
      this.#follow(one, late, socket);
    }
  }

  #follow({ id, close, written, received, sent, interruptions }, { counts, audioBytes }, socket) {
    const { missing, twice } = this.spoken;
    const before = [missing.length, twice.length];
    this.spoken.take(received, this.#hasBroken, WIRE_IN_HZ / 2);
    this.#explain(missing.slice(before[0]), twice.slice(before[1]));
    this.heard.take(sent, interruptions);
    const late = audioBytes / 2;
    const { given, unsent } = socket;
    this.trace.push({ id, close, given, unsent, received: received.length, late, counts, sent: sent.length, interruptions, missing: missing.length });
    // One that was too short to hear anything is no end of the gap.
    if (received.length > 0) {
      [this.#hasBroken, this.#late] = [false, 0];
      this.#gap = new Gap();
    }
    this.#gap.add(socket, received.length);
    this.#late += late;
    if (close.by === "client") return;
    this.takenNotes += given.notes - unsent.notes - written;
    this.#hasBroken = true;
    if (close.by === "network") this.cuts++;
    else this.closed++;
  }

  /** What is missing, or came twice, where connections broke, is no more than what their sockets had taken. */
  #explain(missing, twice) {
    for (const one of missing.filter(({ isAtBreak }) => isAtBreak)) {
      one.taken = this.#gap.takeMissing(one.samples);
      one.late = Math.min(one.taken, this.#late);
      this.#late -= one.late;
    }
    for (const one of twice) one.taken = one.isAtBreak ? this.#gap.takeTwice(one.samples) : 0;
  }

  async #leftovers() {
    const deadline = performance.now() + LEAVING_MS;
    for (;;) {
      const left = await leftOf(this.page);
      if (left.length === 0 || performance.now() > deadline) return left;
      await wait(100);
    }
  }

  /** What is lost by cause, in samples, and what has no cause. */
  judge() {
    const { spoken, heard, stats } = this;
    // In samples: what a socket had taken at a break, what is missing there and elsewhere, and what our counters know of.
    const atBreaks = spoken.missing.filter(({ isAtBreak }) => isAtBreak);
    // Where the user has just spoken, silence is sent for a microphone that is closed: then its tail is missing in front of that.
    const closing = (CLOSING_MS * WIRE_IN_HZ) / 1000;
    const beforeTail = ({ at, samples }) => least(Math.min(samples, this.closedAt - closing - at));
    const others = sum(spoken.missing.filter(({ isAtBreak }) => !isAtBreak).map(beforeTail));
    const taken = sum(atBreaks.map(({ taken }) => taken));
    const late = sum(atBreaks.map(({ late }) => late));
    // What was held goes out at once as a connection begins, and may meet its end with what was said in the second before.
    const inFlight = ((this.cuts + this.closed) * ON_THE_WAY_MS + stats.audioHeldMs) * (WIRE_IN_HZ / 1000);
    const tooMuch = sum(atBreaks.map((one) => least(beforeTail(one) - one.taken)));
    const counted = stats.audioFramesDropped * 320 + stats.captureSamplesLost;
    const twice = sum(spoken.twice.map(({ samples, taken }) => samples - taken));
    const onTheWay = heard.sent - stats.playbackSamplesReceived;
    // What never came was not played.
    const lost = least(heard.lost - least(onTheWay));
    const { playbackSamplesReceived, playbackSamplesPlayed, playbackSamplesDiscarded } = stats;
    const losses = {
      spokenOnTheWay: late,
      spokenInTheBrowser: taken - late,
      spokenAndCounted: Math.min(others, counted),
      spokenTwiceAtBreaks: sum(spoken.twice.map(({ samples }) => samples)) - twice,
      heardOnTheWay: least(onTheWay),
      heardInterrupted: heard.interrupted,
      heardInRamps: heard.inRamps,
    };
    const most = Math.max(0, ...atBreaks.map(({ taken }) => taken));
    const isThere = new Set(this.notes);
    const missing = Array.from({ length: this.seen.notes }, (_, note) => note).filter((note) => !isThere.has(note));
    const unexplained = {
      "spoken, not arrived": sum([others - counted, tooMuch - stats.audioLostMs * 16, spoken.tail(this.closedAt) - closing].map(least)),
      "taken by sockets that broke, more than was held and a second of each": least(taken - inFlight),
      "arrived twice": twice,
      "arrived, not spoken": spoken.foreign,
      "sent, not played": lost + least(onTheWay - this.onTheWay),
      "played, not sent": heard.foreign,
      "received, and counted as neither played nor discarded":
        Math.abs(playbackSamplesReceived - playbackSamplesPlayed - playbackSamplesDiscarded),
      "counted as played, and not": least(Math.abs(stats.playbackSamplesPlayed - heard.exact) - 2 * RAMPS * (heard.edges + 1)),
      "written, not arrived": least(missing.length - this.takenNotes),
      "written twice": this.notes.length - isThere.size,
      "begun anew": this.seen.restarted,
      [`${this.state} at the end`]: this.state === "open" ? 0 : 1,
      [`errors: ${this.problems.join("; ")}`]: this.problems.length,
    };
    return { losses, unexplained, most };
  }
}
