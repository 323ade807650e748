/**
 * Recordings of sessions, in the format that `gemini-live-simulator replay` serves again: `simulator/docs/recordings.md`. Here and
 * not in wasm, and loaded by whoever records; Rust applications have the same.
 *
 * What goes over the wire is veiled before it is kept: a recording is made to be shown to others.
 */
export class Recorder {
  #veil;
  #leavesOut;
  #limit;
  #header;
  #links = new Map();
  /** Lines by their places, as far as they are kept: `#first` to `#next`, and before them those that open a connection. */
  #lines = new Map();
  #opening = [];
  #first = 0;
  #next = 0;
  #bytes = 0;
  #dropped = 0;
  /** When the recording began, on the driver's clock; and if a connection was open by then, the place of what followed. */
  #began;
  #late = -1;
  #isOver = false;
  #waiting = [];

  /**
   * @param {unknown} options as an application gives them: see `RecordOptions`
   * @param {string} by who records
   */
  constructor(options, by) {
    const given = options === undefined || options === true ? {} : options;
    if (typeof given !== "object" || !given) throw new TypeError("`record` is neither true nor an object of options.");
    for (const key of Object.keys(given)) {
      if (!KEYS.includes(key)) throw new TypeError(`\`record.${key}\` is not known; there are: ${KEYS.join(", ")}.`);
    }
    const { audio = false, limitBytes = LIMIT } = given;
    if (typeof audio !== "boolean") throw new TypeError("`record.audio` is not true or false.");
    if (!(limitBytes >= LEAST && limitBytes <= MOST)) {
      throw new TypeError(`\`record.limitBytes\` is not a number from ${LEAST} to ${MOST}.`);
    }
    this.#leavesOut = !audio;
    this.#limit = limitBytes;
    this.#veil = new Veil(this.#leavesOut);
    const recordedAt = new Date().toISOString();
    this.#header = JSON.stringify({ format: "gemini-live-recording", version: 1, recordedAt, by, audio });
    this.recording = new LiveRecording(this);
  }

  /**
   * Takes in what the driver tells; `src/web/driver/tap.rs` has what there is. Answers whether it wants more.
   *
   * @param {[string, number, number, any, string]} told
   */
  hear([what, ms, link, value, reason]) {
    if (this.#isOver) return false;
    if (what === "begin") this.#begin(ms, value);
    else if (what === "address") this.#address(value);
    else if (what === "handle") this.#veil.handle(value);
    // What was told before was meant for the recording before.
    else if (this.#began === undefined) return true;
    else if (what === "end") this.end(ms);
    else this.#take(what, ms, link, value, reason);
    return !this.#isOver;
  }

  /** The session is over, or nobody wants more of it. */
  end(ms) {
    if (this.#isOver) return;
    // The driver closes what is open when its session ends.
    for (const [link, { isClosed }] of this.#links) {
      if (!isClosed && ms !== undefined) this.#take("client", ms, link, 1000, "");
    }
    this.#isOver = true;
    this.#changed();
  }

  get isOver() {
    return this.#isOver;
  }

  get audio() {
    return !this.#leavesOut;
  }

  get bytes() {
    return this.#bytes;
  }

  get dropped() {
    return this.#dropped;
  }

  /** All there is, line by line. */
  all() {
    return [this.#header, ...this.#since(0, 0).texts];
  }

  /** The same and what is still to come. Who takes them too slowly misses what is dropped meanwhile. */
  async *each() {
    yield this.#header;
    let [place, ms] = [0, 0];
    while (true) {
      const found = this.#since(place, ms);
      place = this.#next;
      ms = found.ms;
      yield* found.texts;
      if (place < this.#next) continue;
      if (this.#isOver) return;
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
  }

  #begin(ms, opening) {
    if (this.#began !== undefined) return;
    this.#began = opening[0]?.[1] ?? ms;
    for (const told of opening) this.#take(...told);
    this.#opening = [...this.#lines.values()];
    this.#lines.clear();
    this.#first = this.#next;
    if (opening.length > 0) this.#late = this.#first;
  }

  /** A token is in the address that is dialled. It may have been said before, in a text. */
  #address(url) {
    for (const token of this.#veil.learn(url)) {
      for (const line of [...this.#opening, ...this.#lines.values()]) line.text = line.text.replaceAll(token, VEILED);
    }
  }

  #take(from, ms, link, value, reason) {
    const known = this.#links.get(link);
    const isClose = typeof value === "number";
    // Who closes is answered with the same; and what never opened has nothing to close.
    if (isClose && (known?.isClosed || (from === "client" && !known))) return;
    const state = known ?? { connection: this.#links.size + 1, answers: 0 };
    this.#links.set(link, state);
    const told = isClose ? this.#close(from, value, reason) : this.#frame(from, value);
    if (isClose) state.isClosed = true;
    const opens = !known && told.message?.setup ? SETUP : from === "server" && !isClose && state.answers++ === 0 ? ANSWER : undefined;
    this.#keep({ ms: Math.round(ms - this.#began), connection: state.connection, ...told }, opens);
  }

  #close(from, code, reason) {
    // The browser's word for an end that nobody sent.
    if (code === LOST) return { from: "network", close: { code } };
    return { from, close: { code, ...(reason && { reason: this.#veil.text(reason) }) } };
  }

  #frame(from, frame) {
    const text = typeof frame === "string" ? frame : new TextDecoder().decode(frame);
    const message = parsed(text);
    const isMessage = message instanceof Object && !Array.isArray(message);
    try {
      return isMessage ? { from, message: this.#veil.message(message, from) } : { from, text: this.#veil.raw(text) };
    } catch {
      // Nested too deeply.
      return { from, text: VEILED };
    }
  }

  #keep(line, opens) {
    const text = JSON.stringify(line);
    const { ms, connection } = line;
    const place = this.#next++;
    const bytes = new TextEncoder().encode(text).length + 1;
    this.#lines.set(place, { place, ms, connection, opens, bytes, text });
    this.#bytes += bytes;
    this.#makeRoom();
    this.#changed();
  }

  /** The oldest lines go, but for those that open the connection of what stays: without them nothing of it can be played. */
  #makeRoom() {
    while (this.#bytes > this.#limit && this.#first < this.#next) {
      const line = this.#lines.get(this.#first);
      this.#lines.delete(this.#first++);
      if (line.opens === SETUP) this.#drop(...this.#opening.splice(0));
      if (line.opens) this.#opening.push(line);
      else this.#drop(line);
    }
    if (this.#first > 0 && this.#lines.get(this.#first)?.opens === SETUP) this.#drop(...this.#opening.splice(0));
  }

  #drop(...lines) {
    this.#dropped += lines.length;
    for (const { bytes } of lines) this.#bytes -= bytes;
  }

  /** The lines from a place on, the last of those before it being of `since`; and of when the last of them is. */
  #since(place, since) {
    const opening = this.#opening.filter((line) => line.place >= place);
    const lines = [];
    for (let at = Math.max(place, this.#first); at < this.#next; at++) lines.push(this.#lines.get(at));
    const before = opening.at(-1)?.ms ?? since;
    const missing = Math.max(0, this.#first - place) - opening.length;
    const hole = [];
    if (lines.length > 0 && (missing > 0 || place <= this.#late)) {
      hole.push(JSON.stringify({ leftOut: { ms: lines[0].ms - before, lines: missing } }));
    }
    const texts = [...opening.map(({ text }) => text), ...hole, ...lines.map(({ text }) => text)];
    return { texts, ms: lines.at(-1)?.ms ?? before };
  }

  #changed() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A recording, as the application has it. It outlives its session. */
class LiveRecording {
  #recorder;

  constructor(recorder) {
    this.#recorder = recorder;
  }

  get stopped() {
    return this.#recorder.isOver;
  }

  get audio() {
    return this.#recorder.audio;
  }

  get bytes() {
    return this.#recorder.bytes;
  }

  get droppedLines() {
    return this.#recorder.dropped;
  }

  stop() {
    this.#recorder.end();
  }

  text() {
    return this.#recorder.all().map((line) => `${line}\n`).join("");
  }

  blob() {
    return new Blob([this.text()], { type: "application/jsonl" });
  }

  [Symbol.asyncIterator]() {
    return this.#recorder.each();
  }
}

/** What stands in the place of what opens something to whoever reads it. */
class Veil {
  #leavesOut;
  #tokens = new Set();
  #handles = new Map();
  #latest = [];

  constructor(leavesOut) {
    this.#leavesOut = leavesOut;
  }

  /** The credentials in an address are veiled from now on, wherever they come. Answers those that are new, as JSON has them. */
  learn(url) {
    const found = [...new URL(url).searchParams.values()].flatMap((value) => [value, encodeURIComponent(value)]);
    // What is shorter is none, and half of a text would vanish with it.
    const tokens = [...new Set(found)].filter((value) => value.length >= SHORTEST && !this.#tokens.has(value));
    for (const token of tokens) this.#tokens.add(token);
    return tokens.map((token) => JSON.stringify(token).slice(1, -1));
  }

  /** A message of one side's. */
  message(value, from) {
    return this.#walk(value, "", from, false);
  }

  /** A text of either side's: a credential is known by its looks, or because it was used. */
  text(text) {
    let veiled = text;
    for (const token of this.#tokens) veiled = veiled.replaceAll(token, VEILED);
    for (const [handle, name] of this.#latest) veiled = veiled.replaceAll(handle, name);
    for (const [looks, instead] of LOOKS) veiled = veiled.replace(looks, instead);
    return veiled;
  }

  /** A text that is no message. What stands in quotes there may be the value of anything: names of fields stay. */
  raw(text) {
    return this.text(text.replace(QUOTED, (quoted, end, colon) => (colon ? quoted : `"${VEILED}${end}`)));
  }

  #walk(value, name, from, isSecret, depth = 0) {
    if (depth > DEEPEST) throw new RangeError();
    if (typeof value === "string") return isSecret ? VEILED : this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item, name, from, isSecret, depth + 1));
    if (!(value instanceof Object)) return value;
    const fields = Object.entries(value).map(([key, inner]) => {
      if (typeof inner === "string" && RESUMPTION.includes(name) && HANDLES.includes(key)) return [key, this.handle(inner)];
      const left = this.#leavesOut && !isSecret && typeof inner === "string" ? lengthOf(key, inner, value, name, from) : undefined;
      const hides = isSecret || SECRETS.includes(key.replaceAll(/[-_]/g, "").toLowerCase());
      return [this.text(key), left ?? this.#walk(inner, key, from, hides, depth + 1)];
    });
    return Object.fromEntries(fields);
  }

  /** A handle's name, which stands for it from now on wherever it comes. */
  handle(handle) {
    if (!handle) return handle;
    const known = this.#handles.get(handle);
    if (known) return known;
    const name = `handle-${this.#handles.size + 1}`;
    this.#handles.set(handle, name);
    if (handle.length >= SHORTEST) this.#latest = [...this.#latest, [handle, name]].slice(-MOST_HANDLES);
    return name;
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What stands for sound, pictures and voices that are left out; nothing if it is none of these. */
function lengthOf(key, base64, { mimeType, mime_type = mimeType }, name, from) {
  const bytes = Math.floor((base64.replace(/=+$/, "").length * 3) / 4);
  if (SAMPLES.includes(key)) return { bytes };
  if (key !== "data" || !(typeof mime_type === "string" || MEDIA.includes(name))) return undefined;
  const type = String(mime_type ?? (name === "audio" ? "audio/pcm" : ""));
  if (type.startsWith("audio/")) {
    const rate = Number(/rate=(\d+)/.exec(type)?.[1] ?? (from === "client" ? 16_000 : 24_000));
    return { samples: bytes >> 1, rate };
  }
  // What the model draws is asked for when it is played.
  return from === "client" ? { bytes } : undefined;
}

const KEYS = ["audio", "limitBytes"];
/** Half an hour without audio, four minutes with it. */
const LIMIT = 16 << 20;
const LEAST = 1 << 16;
const MOST = 1 << 30;
const SETUP = 1;
const ANSWER = 2;
const LOST = 1006;
const VEILED = "…";
const SHORTEST = 8;
/** Each answer brings a new handle. In texts only the latest are looked for. */
const MOST_HANDLES = 64;
const RESUMPTION = ["sessionResumption", "session_resumption", "sessionResumptionUpdate", "session_resumption_update"];
const HANDLES = ["handle", "newHandle", "new_handle"];
const MEDIA = ["audio", "video", "mediaChunks", "media_chunks", "inlineData", "inline_data"];
const SAMPLES = ["voiceSampleAudio", "voice_sample_audio", "consentAudio", "consent_audio", "imageData", "image_data"];
/** Who reads the file follows no further than 127. */
const DEEPEST = 100;
/** Fields with credentials of the application's, without dashes and capitals: `tests/fixtures/secrets.json` has them, too. */
const SECRETS = [
  ...["apikey", "apikeystring", "xgoogapikey", "xapikey", "authconfig", "authorization", "accesstoken", "refreshtoken"],
  ...["clientsecret", "password", "cookie", "headers"],
];
const QUOTED = /"[^"\\]*(?:\\.[^"\\]*)*("?)(\s*:)?/gs;
/** What stands behind `=`. */
const GIVEN = /=(?:\\*"[^"]*"|\\*'[^']*'|\\*["']?[^&\s"'<>]*)/.source;
const IN_ADDRESS = /([?&;#])(?:[\w.-]*(?:token|key|secret|password|signature)|sig)/.source;
const IN_WORDS = /(?:access|refresh|id)_?token|api[-_]?key|client[-_]?secret|password/.source;
const IN_JSON = SECRETS.map((name) => [...name].join("[-_]?")).join("|");
/**
 * How tokens and keys look: the service's own, those in an address, Google's keys and access tokens, those in a header, and the
 * fields for them in a text that is JSON. And halves of letters, which no reader of JSON takes.
 */
const LOOKS = [
  [/auth_tokens(?:\/|%(?:25)*2F)[\w.~%+/=-]+/gi, `auth_tokens/${VEILED}`],
  [new RegExp(`(?:${IN_ADDRESS}|${IN_WORDS})${GIVEN}`, "gi"), `$1${VEILED}`],
  [/(?:AIza|\bAQ\.|\bya29\.)[\w-]{16,}/g, VEILED],
  [/\b(Bearer\s+)[\w.~+/-]{8,}=*/gi, `$1${VEILED}`],
  [new RegExp(`((\\\\{0,9}["'])(?:${IN_JSON})\\2\\s*:\\s*\\2)(?:(?!\\2)(?:\\\\.|[^\\\\]))*`, "gis"), `$1${VEILED}`],
  [/\p{Surrogate}/gu, "\uFFFD"],
];
