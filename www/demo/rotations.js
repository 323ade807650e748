/** Lines that stay in the log. */
const LIMIT = 50;

const CAUSES = {
  "go-away": "the service closes this connection",
  network: "the connection was lost",
  offline: "there is no network",
  silence: "the service says nothing any more",
  wake: "this machine slept",
  service: "the service is in trouble",
  token: "the token has expired",
};

/** What becomes of the session's connections: a line for each change, and a button while the next is waited for. */
export class Rotations {
  #panel;
  #list;
  #retry;

  constructor({ panel, list, retry }) {
    this.#panel = panel;
    this.#list = list;
    this.#retry = retry;
  }

  goesAway({ timeLeft }) {
    this.#add("announced", `The service closes this connection in ${timeLeft ?? "a moment"}.`);
  }

  reconnecting({ cause, attempt, retryInMs }) {
    const when = retryInMs === undefined ? "when there is one" : retryInMs > 0 ? `in ${seconds(retryInMs)}` : "now";
    this.#add("reconnecting", `Connecting again, ${when}: ${CAUSES[cause] ?? cause}. (${attempt})`);
    this.#retry.hidden = retryInMs === 0;
  }

  resumed({ heldMs, lostMs }) {
    this.#add("resumed", `Another connection, the same conversation.${kept(heldMs, lostMs)}`);
  }

  restarted({ reseeded, reseededTurns, heldMs, lostMs }) {
    const told = reseeded ? `, and was told of ${reseededTurns} turns` : "";
    this.#add("restarted", `Another connection; the service has forgotten what was said${told}.${kept(heldMs, lostMs)}`);
  }

  /** There is nothing to wait for. */
  rest() {
    this.#retry.hidden = true;
  }

  clear() {
    this.#list.replaceChildren();
    this.#panel.hidden = true;
    this.rest();
  }

  #add(kind, text) {
    const entry = document.createElement("li");
    entry.dataset.kind = kind;
    const time = document.createElement("time");
    time.textContent = new Date().toLocaleTimeString([], { hour12: false });
    entry.append(time, ` ${text}`);
    this.#list.append(entry);
    while (this.#list.children.length > LIMIT) this.#list.firstElementChild.remove();
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#panel.hidden = false;
    this.#retry.hidden = true;
  }
}

/** What nobody notices is not told. */
const NOTICED_MS = 50;

function kept(heldMs, lostMs) {
  const held = heldMs > NOTICED_MS ? ` ${seconds(heldMs)} of your voice waited and was sent.` : "";
  const lost = lostMs > NOTICED_MS ? ` ${seconds(lostMs)} of it were lost.` : "";
  return held + lost;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
