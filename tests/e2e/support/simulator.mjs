import { readWav } from "./wav.mjs";

/** How long the simulator is asked to wait for what is to come. */
const LONGEST_WAIT_MS = 10_000;

/** Looks into the simulator: what a connection was sent, what it answered. */
export class Simulator {
  #url;

  constructor(url) {
    this.#url = url;
  }

  /** The simulator behind a demo server. */
  static async behind(server) {
    const { endpoint } = await (await fetch(new URL("/config.json", server))).json();
    return new Simulator(endpoint.replace(/^ws/, "http"));
  }

  /** Its address, for whoever wants to take it for the real service. */
  get url() {
    return this.#url;
  }

  async connections() {
    return (await this.#fetch("/_simulator/connections")).json();
  }

  /** The newest connection: tests run one after the other. */
  async latest() {
    return (await this.connections()).at(-1);
  }

  /** A connection, as soon as it is over. */
  async closed(id) {
    const [connection] = await (await this.#fetch(`/_simulator/connections?after=${id - 1}&closed=true&wait=${LONGEST_WAIT_MS}ms`)).json();
    if (connection?.id !== id) throw new Error(`Connection ${id} is still open after ${LONGEST_WAIT_MS} ms.`);
    return connection;
  }

  /** The connections of a run, oldest first: of one session, if the run has one. */
  async ofRun(run) {
    return (await this.#fetch(`/_simulator/connections?run=${run}`)).json();
  }

  /** Adds a script, which a model named `models/sim-…` chooses; answers the path that does so too. */
  async addScript(script) {
    const body = JSON.stringify(script);
    return (await (await this.#fetch("/_simulator/scripts", { method: "POST", body })).json()).path;
  }

  /** Does to an open connection what a script could: `go-away`, `cut`, `stall`. */
  async pull(id, lever, takes) {
    await this.#fetch(`/_simulator/connections/${id}/${lever}`, { method: "POST", body: takes && JSON.stringify(takes) });
  }

  /** When a connection offered its setup and when it was over, on the simulator's clock; `Infinity` for what never was. */
  async span({ id, openedMs, close }) {
    const setup = (await this.messages(id)).find(({ from }) => from === "client");
    return { offeredMs: setup ? openedMs + setup.ms : Infinity, closedMs: close ? openedMs + close.ms : Infinity };
  }

  /** Every message of a connection, `{ ms, from, message }`. */
  async messages(id) {
    return (await (await this.#fetch(`/_simulator/connections/${id}/log.json`)).json()).messages;
  }

  /** The first message of a connection that is such a one, as soon as it has come. */
  async message(id, isSuch) {
    const deadline = performance.now() + LONGEST_WAIT_MS;
    for (let after = 0; performance.now() < deadline; ) {
      const answer = await this.#fetch(`/_simulator/connections/${id}/log.json?after=${after}&wait=${LONGEST_WAIT_MS}ms`);
      const { messages, next } = await answer.json();
      const found = messages.find(isSuch);
      if (found) return found;
      after = next;
    }
    throw new Error(`No such message of connection ${id} within ${LONGEST_WAIT_MS} ms.`);
  }

  /** When audio went by, as `received` and `sent`: each with `frames`, `[ms, first sample, samples]`. */
  async audio(id) {
    return (await this.#fetch(`/_simulator/connections/${id}/audio.json`)).json();
  }

  /** The microphone's audio, as it arrived. */
  async received(id) {
    return this.#sound(id, "received.wav");
  }

  /** The answers' audio, as it was sent. */
  async sent(id) {
    return this.#sound(id, "sent.wav");
  }

  /** Where in `sent` the last answer begins: the turns before it may have been cut short. */
  async lastAnswer(id) {
    let samples = 0;
    let start = 0;
    let isOver = false;
    for (const { from, message } of await this.messages(id)) {
      const content = from === "server" ? (message.serverContent ?? {}) : {};
      const audio = (content.modelTurn?.parts ?? []).filter(({ inlineData }) => inlineData?.mimeType?.startsWith("audio/"));
      if (audio.length > 0 && isOver) {
        start = samples;
        isOver = false;
      }
      // The log holds `<1920 bytes>` in place of the sound itself.
      for (const { inlineData } of audio) samples += Number.parseInt(inlineData.data.slice(1), 10) / 2;
      isOver ||= content.turnComplete === true || content.interrupted === true;
    }
    return start;
  }

  async #sound(id, name) {
    const answer = await this.#fetch(`/_simulator/connections/${id}/${name}`);
    return readWav(Buffer.from(await answer.arrayBuffer()));
  }

  async #fetch(path, request) {
    const answer = await fetch(new URL(path, this.#url), request);
    if (!answer.ok) throw new Error(`The simulator answered ${answer.status} to ${path}: ${await answer.text()}`);
    return answer;
  }
}
