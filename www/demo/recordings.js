/**
 * What goes over the wire, recorded when the user wants it: of the conversation that is held, or of the next one. The server may
 * want every conversation for itself.
 */
export class Recordings {
  #button;
  #audio;
  #status;
  #size;
  #save;
  /** What the server wants, if it does: `{ audio }`. */
  #asked;
  #isWanted = false;
  /** The latest; it may be over. */
  #recording;
  /** That of the session that is open. */
  #current;

  constructor({ button, audio, status, size, save }) {
    this.#button = button;
    this.#audio = audio;
    this.#status = status;
    this.#size = size;
    this.#save = save;
  }

  /** Brings the controls to life. `failed` hears of what goes wrong. */
  begin({ record }, conversation, failed) {
    this.#asked = record;
    this.#isWanted = Boolean(record);
    this.#audio.checked = record?.audio ?? false;
    this.#button.addEventListener("click", () => this.#toggle(conversation()).catch(failed));
    this.#save.addEventListener("click", () => this.#download());
    this.show();
  }

  /** The option of `connect`. */
  get option() {
    const audio = this.#audio.checked;
    return this.#isWanted && { audio, ...(audio && { limitBytes: LIMIT_BYTES }) };
  }

  /** A session is open. The button may have been pressed since it was dialled. */
  async follow(session) {
    if (this.#isWanted) this.#take(session.recording ?? (await session.record(this.option)));
    else session.recording?.stop();
    this.show();
  }

  /** The session is over, or it failed and left this. */
  async end(left) {
    if (left) this.#take(left);
    const recording = this.#current;
    this.#current = undefined;
    this.#isWanted = Boolean(this.#asked);
    this.show();
    // Where no connection was made there is nothing to keep.
    if (!this.#asked || !recording?.text().includes('"setup"')) return;
    const answer = await fetch("/recording", { method: "POST", body: recording.blob() });
    const { file, error } = await answer.json();
    if (!answer.ok) throw new Error(`The server did not keep the recording: ${error.message}`);
    this.#status.textContent = `Written to ${file}.`;
  }

  /** Brings the controls in line with what is recorded. */
  show() {
    const isOn = this.#isOn;
    this.#button.setAttribute("aria-pressed", String(this.#isWanted));
    this.#button.disabled = Boolean(this.#asked);
    this.#audio.disabled = this.#isWanted;
    this.#save.disabled = !this.#recording;
    const text = this.#situation(isOn);
    if (this.#status.textContent !== text) this.#status.textContent = text;
    this.#size.value = this.#recording ? sizeOf(this.#recording) : "–";
    this.#button.dataset.recording = String(isOn);
  }

  get #isOn() {
    return this.#isWanted && this.#recording?.stopped === false;
  }

  #situation(isOn) {
    const audio = (isOn ? this.#recording.audio : this.#audio.checked) ? "with audio" : "without audio";
    if (isOn) return `Recording, ${audio}.`;
    if (this.#isWanted) return `The next conversation is recorded, ${audio}.`;
    return this.#recording ? `Recorded, ${this.#recording.audio ? "with audio" : "without audio"}.` : "Not recording.";
  }

  async #toggle(conversation) {
    this.#isWanted = !this.#isWanted;
    this.show();
    if (!this.#isWanted) this.#recording?.stop();
    else this.#take(await conversation?.record(this.option));
    this.show();
  }

  #take(recording) {
    if (!recording) return;
    this.#current = this.#recording = recording;
    // The button may have been pressed while it was waited for.
    if (!this.#isWanted) recording.stop();
  }

  #download() {
    const url = URL.createObjectURL(this.#recording.blob());
    const link = document.createElement("a");
    link.href = url;
    link.download = `gemini-live-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.jsonl`;
    link.click();
    // Some browsers begin only after this.
    setTimeout(() => URL.revokeObjectURL(url), REVOKE_MS);
  }
}

const REVOKE_MS = 10_000;
/** A quarter of an hour with audio. The server takes files of up to 64 MiB. */
const LIMIT_BYTES = 60 << 20;

function sizeOf({ bytes, droppedLines }) {
  const size = bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
  return droppedLines > 0 ? `${size}, the oldest ${droppedLines} lines dropped` : size;
}
