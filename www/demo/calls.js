/** Calls that stay in the log. */
const LIMIT = 50;

/** The log of tool calls: what the model asked for and what it was told. */
export class Calls {
  #list;
  #empty;

  constructor({ list, empty }) {
    this.#list = list;
    this.#empty = empty;
  }

  /** Adds a call with its answer. */
  add({ id, name, args }, response) {
    const entry = document.createElement("li");
    entry.dataset.id = id ?? "";
    entry.dataset.outcome = "error" in response ? "error" : "answered";
    entry.append(code("ask", `${name}(${compact(args)})`), code("answer", compact(response)));
    this.#list.append(entry);
    while (this.#list.children.length > LIMIT) this.#list.firstElementChild.remove();
    this.#empty.hidden = true;
  }

  /** The model no longer wants the answers to these. */
  cancel(ids) {
    for (const entry of this.#list.children) {
      if (ids.includes(entry.dataset.id)) entry.dataset.outcome = "cancelled";
    }
  }

  clear() {
    this.#list.replaceChildren();
    this.#empty.hidden = false;
  }
}

function code(name, text) {
  const element = document.createElement("code");
  element.className = name;
  element.textContent = text;
  return element;
}

/** An object as a user would write it on one line: `colour: "teal"`. */
function compact(object) {
  return Object.entries(object)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join(", ");
}
