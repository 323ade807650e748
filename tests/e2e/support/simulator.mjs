import { readWav } from "./wav.mjs";

/** Looks into the simulator: what a connection was sent, what it answered. */
export class Simulator {
  #url;

  constructor(url) {
    this.#url = url;
  }

  /** The simulator behind a demo server. */
  static async behind(server) {
    const { endpoint } = await (await fetch(`${server}/config.json`)).json();
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

  /** Every message of a connection, `{ ms, from, message }`. */
  async messages(id) {
    return (await (await this.#fetch(`/_simulator/connections/${id}/log.json`)).json()).messages;
  }

  /** The microphone's audio, as it arrived. */
  async received(id) {
    return this.#sound(id, "received.wav");
  }

  /** The answers' audio, as it was sent. */
  async sent(id) {
    return this.#sound(id, "sent.wav");
  }

  async #sound(id, name) {
    const answer = await this.#fetch(`/_simulator/connections/${id}/${name}`);
    return readWav(Buffer.from(await answer.arrayBuffer()));
  }

  async #fetch(path) {
    const answer = await fetch(new URL(path, this.#url));
    if (!answer.ok) throw new Error(`The simulator answered ${answer.status} to ${path}: ${await answer.text()}`);
    return answer;
  }
}
