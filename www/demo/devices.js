/**
 * Which microphone is heard and where the answer plays, chosen before a conversation or while it goes on; and what the user must know of
 * them: one sentence, the most urgent.
 */
export class Devices {
  #form;
  #note;
  #fail;
  #microphone;
  #speaker;
  /** Whether any device is open. */
  #isOn = false;
  /** What is the matter, by name. */
  #troubles = new Set();
  /** Offers what there is. */
  #list = async () => {
    const known = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    fill(this.#form.microphone, known.filter(({ kind }) => kind === "audioinput"));
    fill(this.#form.output, known.filter(({ kind }) => kind === "audiooutput"));
    this.#form.output.disabled = !("setSinkId" in AudioContext.prototype);
  };

  /** `form` has the fields `microphone`, `output` and `volume`; `fail(error)` shows why something could not be chosen. */
  constructor({ form, note, fail }) {
    this.#form = form.elements;
    this.#note = note;
    this.#fail = fail;
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.microphone.addEventListener("change", () => this.#choose(this.#form.microphone, (id) => this.#microphone?.setDevice(id)));
    this.#form.output.addEventListener("change", () => this.#choose(this.#form.output, (id) => this.#speaker?.setSinkId(id ?? "")));
    this.#form.volume.addEventListener("input", () => this.#setVolume());
    this.#list();
  }

  /** The chosen microphone's id; nothing for the system's default. */
  get deviceId() {
    return this.#form.microphone.value || undefined;
  }

  /** What a speaker is opened with. */
  get speaker() {
    return { sinkId: this.#form.output.value || undefined, volume: Number(this.#form.volume.value) };
  }

  /** These are open now, or none. Their names are known when the user has consented. */
  follow({ microphone, speaker } = {}) {
    this.#microphone = microphone;
    this.#speaker = speaker;
    const isOn = Boolean(microphone || speaker);
    if (isOn !== this.#isOn) navigator.mediaDevices?.[isOn ? "addEventListener" : "removeEventListener"]("devicechange", this.#list);
    this.#isOn = isOn;
    for (const name of microphone ? [] : speaker ? ["muted", "switched off"] : [...this.#troubles]) this.#troubles.delete(name);
    this.#list();
    this.#show();
  }

  unmuted() {
    this.#is("muted", false);
  }

  /** What the page does about events of the session. */
  reactions = {
    speechWhileMuted: () => this.#is("muted", true),
    deviceMute: ({ muted }) => this.#is("switched off", muted),
    permissionChange: ({ state }) => this.#is("denied", state === "denied"),
    audioStateChange: ({ state }) => {
      this.#is("silent", state === "needs-gesture");
      this.#is("interrupted", state === "interrupted");
    },
    deviceChange: ({ reason, deviceId }) => {
      if (reason !== "chosen") this.#form.microphone.value = "";
      else if (this.deviceId) this.#form.microphone.value = deviceId;
      this.#list();
    },
  };

  #is(trouble, isSo) {
    if (isSo) this.#troubles.add(trouble);
    else this.#troubles.delete(trouble);
    this.#show();
  }

  #show() {
    const trouble = Object.keys(SENTENCES).find((name) => this.#troubles.has(name));
    this.#note.textContent = trouble ? SENTENCES[trouble] : "";
    this.#note.hidden = !trouble;
  }

  /** Hands on what was chosen; what cannot be had is not chosen. */
  async #choose(select, hand) {
    try {
      await hand(select.value || undefined);
      select.dataset.chosen = select.value;
    } catch (error) {
      // Another was chosen meanwhile.
      if (error.code === "aborted") return;
      select.value = select.dataset.chosen ?? "";
      this.#fail(error);
    }
  }

  #setVolume() {
    if (this.#speaker) this.#speaker.volume = Number(this.#form.volume.value);
  }

}

/** By urgency. */
const SENTENCES = {
  silent: "The browser plays nothing before you press or click something.",
  interrupted: "The sound is interrupted, by a call perhaps. It goes on by itself.",
  denied: "The microphone is blocked. Allow it beside the page's address.",
  "switched off": "Your microphone is switched off, on itself or in the system.",
  muted: "You are muted.",
};

/** Offers devices by name, and the system's default. Without consent none has an id. */
function fill(select, devices) {
  const named = devices.filter(({ deviceId }) => deviceId && deviceId !== "default" && deviceId !== "communications");
  const chosen = select.value;
  const options = named.map(({ deviceId, label }, at) => new Option(label || `Device ${at + 1}`, deviceId));
  select.replaceChildren(new Option("The system's default", ""), ...options);
  // One that is gone is not chosen any more.
  select.value = named.some(({ deviceId }) => deviceId === chosen) ? chosen : "";
}
