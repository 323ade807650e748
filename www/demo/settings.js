/**
 * What the user may choose before a session starts. The page's address can choose too:
 * `?model=models/sim-go-away&runIn=page&processing=off`.
 */
export class Settings {
  #form;

  constructor(form, { model }) {
    this.#form = form.elements;
    const query = new URLSearchParams(location.search);
    this.#form.model.value = query.get("model") ?? model;
    if (query.get("runIn") === "page") this.#form.runIn.value = "page";
    if (query.get("processing") === "off") this.#form.processing.checked = false;
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  get model() {
    return this.#form.model.value.trim();
  }

  get runIn() {
    return this.#form.runIn.value;
  }

  /** The browser's own processing of the microphone, all of it or none. */
  get microphone() {
    const wanted = this.#form.processing.checked;
    return { echoCancellation: wanted, noiseSuppression: wanted, autoGainControl: wanted };
  }
}
