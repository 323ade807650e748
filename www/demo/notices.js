/** Warnings that stay on the page. */
const LIMIT = 20;

/** What the user must know: failures with what to do about them, warnings, and who is on the other side. */
export class Notices {
  #errors;
  #warnings;
  #panel;
  #banner;

  constructor({ errors, warnings, panel, banner }) {
    this.#errors = errors;
    this.#warnings = warnings;
    this.#panel = panel;
    this.#banner = banner;
  }

  /** Says so for as long as the page is open. */
  announce(text) {
    this.#banner.textContent = text;
    this.#banner.hidden = false;
  }

  /** Shows a failure. `again` puts a button beside it: `{ label, action }`. */
  fail(error, again) {
    const { message, remedy, code } = describe(error);
    const box = document.createElement("div");
    box.className = "error";
    box.dataset.code = code;
    const text = document.createElement("p");
    text.append(strong(message), remedy ? ` ${remedy}` : "");
    box.append(text);
    if (again) box.append(button(again.label, () => { box.remove(); again.action(); }));
    const dismiss = button("Dismiss", () => box.remove());
    dismiss.className = "quiet";
    box.append(dismiss);
    this.#errors.replaceChildren(box);
  }

  /** Shows something worth knowing that stops nothing. */
  warn({ code, message }) {
    const entry = document.createElement("li");
    entry.dataset.code = code;
    entry.textContent = message;
    this.#warnings.append(entry);
    while (this.#warnings.children.length > LIMIT) this.#warnings.firstElementChild.remove();
    this.#panel.hidden = false;
  }

  clear() {
    this.#errors.replaceChildren();
    this.#warnings.replaceChildren();
    this.#panel.hidden = true;
  }
}

/** A `LiveError` explains itself; anything else is described as well as it can be. */
function describe(error) {
  if (typeof error?.code === "string" && typeof error.message === "string") return error;
  const message = error instanceof Error ? error.message : String(error);
  return { code: "unexpected", message, remedy: "Reload the page and try again." };
}

function strong(text) {
  const element = document.createElement("strong");
  element.textContent = text;
  return element;
}

function button(label, action) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = label;
  element.addEventListener("click", action);
  return element;
}
