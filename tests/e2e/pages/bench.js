import init, { LiveError, LiveSession } from "gemini-live-web";

import { follower } from "../support/grammar.mjs";
import { Recording, encode } from "./recording.js";

/** One session at a time, with all its events kept, for tests to drive and to look into. */
class Bench {
  LiveSession = LiveSession;
  LiveError = LiveError;
  session;
  microphone;
  speaker;
  events = [];
  /** Events that must not come where they did. */
  ungrammatical = [];
  /** How the session's `for await` loop ended: `{}` or `{ error }`. */
  ending;
  #sessions = [];
  #waiting = [];
  #recording;
  #overheard;
  #context;
  #stage;

  /** Runs an action; a failure becomes data. */
  async attempt(action) {
    try {
      return { value: await action() };
    } catch (error) {
      return { error: plain(error) };
    }
  }

  async connect(options) {
    return this.attempt(async () => {
      this.session = await LiveSession.connect(options);
      this.#sessions.push(this.session);
      this.#listen(this.session);
      return { state: this.session.state, runsIn: this.session.runsIn };
    });
  }

  /** Opens a microphone; with a rate, in a context of that rate and recorded on its way to the library. */
  openMicrophone(options, sampleRate) {
    return this.attempt(async () => {
      const context = sampleRate && (await this.#listenAlong(sampleRate));
      this.microphone = await this.session.openMicrophone({ ...options, context });
      return { label: this.microphone.label, sampleRate: this.microphone.sampleRate };
    });
  }

  /** Opens a speaker that is recorded on its way to the destination; `sampleRate` as the device's if left out. */
  openSpeaker(sampleRate, options) {
    return this.attempt(async () => {
      this.#context = leftovers.own(new AudioContext(sampleRate ? { sampleRate } : {}));
      await this.#context.audioWorklet.addModule("./recorder.js");
      this.#recording = new Recording(this.#context);
      this.#recording.node.connect(this.#context.destination);
      this.speaker = await this.session.openSpeaker({ ...options, context: this.#context, destination: this.#recording.node });
      return { sampleRate: this.speaker.sampleRate };
    });
  }

  /** Opens a microphone that hears what `say` is told, and nothing else: whoever speaks can wait for what they hear. */
  openStage() {
    return this.attempt(async () => {
      this.#stage = new MediaStreamAudioDestinationNode(leftovers.own(new AudioContext()), { channelCount: 1 });
      this.microphone = await this.session.openMicrophone({ stream: this.#stage.stream });
    });
  }

  /** Says samples at a rate on the stage. */
  say(text, sampleRate) {
    const samples = new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
    const buffer = new AudioBuffer({ length: samples.length, sampleRate });
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(this.#stage.context, { buffer });
    source.connect(this.#stage);
    source.start();
  }

  /** A context whose microphones are recorded. Another source of the same stream would not hear the very same samples. */
  async #listenAlong(sampleRate) {
    const context = leftovers.own(new AudioContext({ sampleRate }));
    await context.audioWorklet.addModule("./recorder.js");
    this.#overheard = new Recording(context);
    // Only what leads to the destination runs; nobody is to hear himself.
    const silence = new GainNode(context, { gain: 0 });
    this.#overheard.node.connect(silence).connect(context.destination);
    context.createMediaStreamSource = (stream) => {
      const source = AudioContext.prototype.createMediaStreamSource.call(context, stream);
      source.connect(this.#overheard.node);
      return source;
    };
    return context;
  }

  /** The context of the speaker that is recorded. */
  get context() {
    return this.#context;
  }

  /** Where in the recording a time of the speaker's context is. */
  positionOf(time) {
    return this.#recording.position(time * this.#context.sampleRate);
  }

  /** The first event at or after an index of `events` that has these fields; waits for it if need be. */
  until(fields, from = 0) {
    const index = this.events.findIndex((event, at) => at >= from && has(event, fields));
    if (index >= 0) return Promise.resolve({ ...this.events[index], index });
    return new Promise((resolve) => this.#waiting.push({ fields, from, resolve }));
  }

  /** What was played, as text. */
  recorded() {
    return { rate: this.#context.sampleRate, samples: encode(this.#recording.samples()) };
  }

  /** What the microphone gave, as text. */
  overheard() {
    return { rate: this.microphone.sampleRate, samples: encode(this.#overheard.samples()) };
  }

  /** How many samples it has given so far. */
  overheardSoFar() {
    const { context } = this.#overheard.node;
    return Math.max(0, Math.round(this.#overheard.position(context.currentTime * context.sampleRate)));
  }

  /** What was played and what the microphone gave since this was asked last, as text. It is kept no longer. */
  take() {
    return { played: encode(this.#recording.take()), given: encode(this.#overheard.take()) };
  }

  stats() {
    return this.session.stats();
  }

  /** Closes every session that is still open. */
  async leave() {
    await Promise.allSettled(this.#sessions.map(async (session) => session.state === "closed" || session.close()));
  }

  /** Takes the events of one session, one by one, and keeps those that must not come where they do. */
  follower() {
    return follower((fault) => this.ungrammatical.push(fault));
  }

  async #listen(session) {
    const follow = this.follower();
    try {
      for await (const event of session) {
        follow(event);
        this.#take(event);
      }
      this.ending = {};
    } catch (error) {
      this.ending = { error: plain(error) };
    }
    this.#take({ type: "loopEnded", ...this.ending });
  }

  #take(event) {
    // While the recorder is still loading there is a context, and events come.
    const frame = this.#recording?.position(this.#context.currentTime * this.#context.sampleRate) ?? 0;
    const index = this.events.push({ ...event, at: performance.now(), frame: Math.round(frame) }) - 1;
    this.#waiting = this.#waiting.filter(({ fields, from, resolve }) => {
      if (!has(event, fields) || index < from) return true;
      resolve({ ...this.events[index], index });
      return false;
    });
  }
}

function has(event, fields) {
  return Object.entries(fields).every(([name, value]) => event[name] === value);
}

/** An error as data, with what a `LiveError` adds. */
function plain(error) {
  const { name, message, code, remedy, field, close, retryable } = error;
  return {
    isLiveError: error instanceof LiveError,
    isError: error instanceof Error,
    name,
    message,
    code,
    remedy,
    field,
    close: close && { code: close.code, reason: close.reason },
    retryable,
  };
}

await init();
globalThis.bench = new Bench();
