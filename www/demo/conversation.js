import { LiveSession } from "gemini-live-web";

/** How often the counters are read. */
const COUNT_INTERVAL_MS = 500;

/**
 * One session with its microphone and speaker, from start to end.
 *
 * Tells `view` what happens: `connected(session)`, `event(event)`, `devices({ microphone, speaker })`, `counted(stats)`,
 * `failed(error, retry)` and, exactly once and last, `ended(recording)`, with what a connect that failed had recorded.
 */
export class Conversation {
  #view;
  #session;
  #speaker;
  #microphone;
  /** Resolves when the user has decided; meanwhile nobody asks again. */
  #asking;
  #counting = 0;
  #stop = new AbortController();

  constructor(view) {
    this.#view = view;
  }

  /** Whether messages can be sent: between two connections they wait. */
  get isOpen() {
    return this.#session?.state === "open" || this.isReconnecting;
  }

  /** Whether the session goes over to another connection. */
  get isReconnecting() {
    return this.#session?.state === "reconnecting";
  }

  get microphone() {
    return this.#microphone;
  }

  get speaker() {
    return this.#speaker;
  }

  /** Whether the browser is asking the user for the microphone. */
  get isAsking() {
    return this.#asking !== undefined;
  }

  /** Connects and opens the speaker, with what `speaker()` says then. Answers whether that worked. */
  async open(options, speaker) {
    try {
      this.#session = await LiveSession.connect({ ...options, signal: this.#stop.signal });
    } catch (error) {
      if (error.code !== "aborted") this.#view.failed(error);
      this.#view.ended(error.recording);
      return false;
    }
    this.#view.connected(this.#session);
    this.#listen(this.#session);
    this.#counting = setInterval(() => this.#count(), COUNT_INTERVAL_MS);
    await this.#openSpeaker(speaker);
    return this.isOpen;
  }

  /** Lets the model hear the user, by what `options()` says then. A refusal is shown; the session goes on with typed messages. */
  openMicrophone(options) {
    this.#asking ??= this.#askForMicrophone(options).finally(() => {
      this.#asking = undefined;
      this.#tellDevices();
    });
    // The prompt may stay open for long: the page shows that it is.
    this.#tellDevices();
    return this.#asking;
  }

  async #askForMicrophone(options) {
    try {
      this.#microphone = await this.#session.openMicrophone(options());
    } catch (error) {
      if (this.isOpen) this.#view.failed(error, { label: "Try the microphone again", action: () => this.openMicrophone(options) });
    }
  }

  /** Sends a typed message. */
  say(text) {
    this.#session.sendRealtimeInput({ text });
  }

  respond(functionResponses) {
    this.#session.sendToolResponse({ functionResponses });
  }

  /** Records from now on, if it is open; it will ask when it is. */
  async record(options) {
    return this.isOpen ? this.#session.record(options) : undefined;
  }

  /** Does not wait for the next attempt to connect. */
  retryNow() {
    this.#session.retryNow();
  }

  /** Ends it, also while it is still connecting. */
  async close() {
    this.#stop.abort();
    await this.#session?.close();
  }

  async #openSpeaker(options) {
    try {
      this.#speaker = await this.#session.openSpeaker(options());
    } catch (error) {
      if (this.isOpen) this.#view.failed(error, { label: "Turn the sound on", action: () => this.#openSpeaker(options) });
    }
    this.#tellDevices();
  }

  async #listen(session) {
    try {
      for await (const event of session) this.#view.event(event);
    } catch (error) {
      if (error.code !== "aborted") this.#view.failed(error);
    }
    this.#release();
    // When it was the page that failed, nobody listens any more, and an open session costs.
    await session.close();
    this.#view.ended();
  }

  async #count() {
    const stats = await this.#session.stats().catch(() => undefined);
    if (stats && this.isOpen) this.#view.counted(stats);
  }

  #tellDevices() {
    this.#view.devices({ microphone: this.#microphone, speaker: this.#speaker });
  }

  #release() {
    clearInterval(this.#counting);
    this.#microphone?.stop();
    this.#speaker?.stop();
    this.#microphone = undefined;
    this.#speaker = undefined;
  }
}
