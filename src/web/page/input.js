/**
 * A microphone's way in: the device that is heard, and how another takes its place. Here and not in wasm, because nearly every
 * line is a call of the browser's, and loaded with the first microphone; Rust applications have the same.
 *
 * What is opened is a `Line`. The one that is heard leads through a gain of its own to one node that stays, which is all that the
 * rest knows. Another line takes its place at one moment of the context's clock: five milliseconds in which one is faded into the
 * other, with nothing missing before or behind them. Whatever does not become the line that is heard is ended where it is found out.
 */
class MicrophoneInput {
  #options;
  #context;
  #node;
  #line;
  /** Where what is heard goes past the audio thread, if it does. */
  #bypass;
  /** The driver's end of that way. */
  port;
  /** Every line that is on: the one that is heard, and those that come or go. */
  #lines = new Set();
  /** The latest wish for another device outdates those before. */
  #wish = 0;
  #pending = 0;
  #isOver = false;
  /** Until when the last two lines are faded. */
  #seam = 0;
  #tell;
  /** The system's default when it was taken. */
  #standard;
  /** Whether the device was last told to be mute. */
  #isMute = false;
  #attend = () => this.#lookAfter();

  /** @param {object} options as `MicrophoneOptions` has them */
  constructor(options) {
    this.#options = options;
  }

  /** What is heard now. */
  get track() {
    return this.#line.track;
  }

  /**
   * Opens a device, and gives up the one before when this one is heard. If it cannot be had, that one stays.
   *
   * @param {unknown} device its id, a stream, a track, or nothing: the system's default
   * @param {string} reason why it is changed
   */
  async open(device, reason = "chosen", mostMs = PROMPT_MS) {
    const wish = ++this.#wish;
    this.#pending++;
    try {
      const line = await this.#opened(device, mostMs, wish);
      if (reason === "default" && line.name === this.#line.name) this.#end(line);
      else await this.#replace(line, reason);
    } finally {
      this.#pending--;
      this.#attend();
    }
  }

  /** Leads what is heard into a context. Answers the node behind which it is heard. */
  join(context) {
    this.#context = context;
    this.#node = context.createGain();
    this.#line.join(context, this.#node);
    if (this.#options.capturePath === "track-processor") this.#lead();
    return this.#node;
  }

  /** Leads what is heard past the audio thread, if the browser can. */
  #lead() {
    const { port1, port2 } = new MessageChannel();
    const bypass = new Bypass(port1, () => this.#onSilence());
    try {
      // Not in every browser that has it is it for audio as well.
      bypass.lead(processed(this.#line.track));
      this.#bypass = bypass;
      this.port = port2;
    } catch {
      bypass.end();
    }
  }

  /** Tells from here on what becomes of it: `ended` is the last. @param {(event: object) => void} tell */
  watch(tell) {
    this.#tell = tell;
    navigator.mediaDevices?.addEventListener("devicechange", this.#attend);
    this.#attend();
  }

  /** Stops listening. What comes after is stopped when it comes. */
  end() {
    this.#isOver = true;
    this.#wish++;
    navigator.mediaDevices?.removeEventListener("devicechange", this.#attend);
    this.#lines.forEach((line) => this.#end(line));
    this.#node?.disconnect();
    this.#bypass?.end();
  }

  /** A line that is on, and heard by nobody yet. */
  async #opened(device, mostMs, wish) {
    const line = isOwn(device) ? new Line(trackOf(device)) : await asked(this.#options, device, mostMs);
    this.#lines.add(line);
    for (const kind of HAPPENINGS) line.track.addEventListener(kind, this.#attend);
    try {
      if (this.#node) {
        line.join(this.#context, this.#node, 0);
        await line.sounds(this.#context, () => wish !== this.#wish);
      }
      if (this.#isOver) throw failure("not-open", "The microphone is stopped.", "Open one again.");
      if (wish !== this.#wish) throw failure("aborted", "Another microphone was chosen meanwhile.");
      if (line.track.readyState === "ended") throw ENDED;
      if (this.#bypass) line.readable = processed(line.track);
    } catch (error) {
      this.#end(line);
      throw error;
    }
    return line;
  }

  /** Fades the line that is heard into another, and ends it. */
  async #replace(line, reason) {
    const before = this.#line;
    this.#line = line;
    this.#standard = undefined;
    if (!before) return;
    const context = this.#context;
    // Ahead, since the audio thread is: a fade that has begun when it hears of it would begin with a jump.
    const from = Math.max(context.currentTime + AHEAD_S, this.#seam);
    this.#seam = from + SEAM_S;
    before.fade(0, from);
    line.fade(1, from);
    const seam = this.#seam;
    // Neither a context that does not run is waited for, nor a Worker that has died.
    await until(this.#bypass?.lead(line.readable) ?? (() => context.currentTime > seam), STANDSTILL_MS);
    this.#end(before);
    if (!this.#isOver) this.#tell?.({ type: "deviceChange", reason, label: line.track.label, deviceId: line.deviceId });
  }

  /** Sees to what is heard: at first, when something has happened to it or to the devices, and after each wish for another. */
  #lookAfter() {
    const line = this.#line;
    if (!this.#tell || !this.#rests(line)) return;
    const { track } = line;
    if (!isLive(track)) return void this.#recover(line);
    if (track.muted !== this.#isMute) {
      this.#isMute = track.muted;
      this.#tell({ type: "deviceMute", muted: track.muted });
    }
    this.#follow(line);
  }

  /** Nothing comes of a track any more that is read past the audio thread: it has ended, or cannot be read. */
  #onSilence() {
    if (isLive(this.#line.track) && this.#rests(this.#line)) this.#tell?.({ type: "ended" });
    else this.#attend();
  }

  /** Whether this line is heard, and nobody is about to change that. */
  #rests(line) {
    return !this.#isOver && this.#pending === 0 && line === this.#line;
  }

  /** Hears another default device of the system's, unless the application has chosen one. */
  async #follow(line) {
    if (!this.#follows(line)) return;
    const standard = await standardInput();
    if (!standard || !this.#rests(line)) return;
    const before = this.#standard ?? standard;
    this.#standard = standard;
    // If it cannot be had, this one is heard on.
    if (standard !== before) this.open(undefined, "default", UNASKED_MS).catch(() => {});
  }

  /** The device is gone, or the user's consent: the system's default takes its place, or nothing does. */
  async #recover(line) {
    if (line.isRecovered) return;
    line.isRecovered = true;
    let why = "";
    if (this.#follows(line) && (await isStillAllowed(line)) && this.#rests(line)) {
      await this.open(undefined, "ended", UNASKED_MS).catch(({ message }) => (why = ` No other could take its place: ${message}`));
    }
    // Whatever else is wished for meanwhile comes by here again.
    line.isRecovered = false;
    if (this.#rests(line)) this.#tell({ type: "ended", why });
  }

  #follows(line) {
    return line.isStandard && this.#options.followDefault !== false;
  }

  #end(line) {
    this.#lines.delete(line);
    // The application may have given the same track again.
    const isShared = [...this.#lines].some(({ track }) => track === line.track);
    for (const kind of isShared ? [] : HAPPENINGS) line.track.removeEventListener(kind, this.#attend);
    line.end();
  }
}

/**
 * An input with its first device. Whoever does not wait for it any more ends it when it comes.
 *
 * @param {object} options as `MicrophoneOptions` has them @param {unknown} device see `open`
 */
export async function openInput(options, device) {
  const input = new MicrophoneInput(options);
  await input.open(device);
  return input;
}

/** One device that is on. */
class Line {
  #stream;
  #isOurs;
  #source;
  #gain;

  /** @param {MediaStreamTrack} track @param {MediaStream} [ours] what is ended with it; without it the track is the application's */
  constructor(track, ours) {
    this.track = track;
    this.#isOurs = Boolean(ours);
    // Of the one track: with several a source takes which it likes. Not a clone, which somebody would have to stop.
    this.#stream = ours ?? new MediaStream([track]);
    const { deviceId = "", groupId } = track.getSettings();
    Object.assign(this, { deviceId, groupId });
    /** By which it is known from others. */
    this.name = nameOf({ deviceId, groupId, label: track.label });
  }

  join(context, node, gain = 1) {
    try {
      this.#source = context.createMediaStreamSource(this.#stream);
      this.#gain = context.createGain();
      this.#gain.gain.value = gain;
      this.#source.connect(this.#gain).connect(node);
    } catch {
      const remedy = "Leave `context` out, so that one at the device's own rate is made.";
      throw failure("device-unavailable", "The microphone could not be connected to the audio context.", remedy);
    }
  }

  /** Waits until something comes: a headset takes its time. What gives nothing, not even noise, is not waited for for long. */
  async sounds(context, isOutdated) {
    const meter = context.createAnalyser();
    const samples = new Float32Array(meter.fftSize);
    this.#source.connect(meter);
    await until(() => {
      meter.getFloatTimeDomainData(samples);
      return isOutdated() || this.track.muted || context.state !== "running" || samples.some(Boolean);
    }, this.#isOurs ? SILENT_MS : OWN_SILENT_MS);
    // None of it if it was ended meanwhile, which has taken it apart.
    meter.disconnect();
  }

  fade(gain, from) {
    const { gain: level } = this.#gain;
    level.setValueAtTime(1 - gain, from);
    level.linearRampToValueAtTime(gain, from + SEAM_S);
  }

  end() {
    this.#source?.disconnect();
    this.#gain?.disconnect();
    if (this.#isOurs) this.#stream.getTracks().forEach((track) => track.stop());
  }
}

/** A way to the driver past the audio thread: it reads the tracks itself, wherever it runs, and says by its number which one is heard. */
class Bypass {
  #port;
  #led = 0;
  #heard = 0;

  /** @param {MessagePort} port @param {() => void} silence called when nothing comes of the track that is heard */
  constructor(port, silence) {
    this.#port = port;
    port.onmessage = ({ data }) => {
      if (data > 0) this.#heard = data;
      if (data === 0) silence();
    };
  }

  /** Has the driver hear another track. Answers whether it does by now. @param {ReadableStream} readable */
  lead(readable) {
    const turn = ++this.#led;
    // Chromium hands it over whole: what the track gives from here on does not come by this thread.
    this.#port.postMessage({ track: readable }, [readable]);
    return () => this.#heard >= turn;
  }

  end() {
    this.#port.onmessage = null;
    this.#port.close();
  }
}

/** What a track gives, as it comes from the browser. Where nobody takes it as much is kept as in the ring of a worklet. */
function processed(track) {
  return new MediaStreamTrackProcessor({ track, maxBufferSize: MOST_PORTIONS }).readable;
}

/** Whether it is the application's own: a stream or a track. Not by its class, which another frame has its own of. */
function isOwn(device) {
  return Object(device) === device;
}

function trackOf(device) {
  const track = device.getAudioTracks ? device.getAudioTracks().find(isLive) ?? device.getAudioTracks()[0] : device;
  if (track?.kind !== "audio" || !track.readyState) {
    throw failure("invalid-option", "What is given for the microphone holds no audio track.", "Give a track of kind `audio`, or a stream with one.");
  }
  if (!isLive(track)) throw ENDED;
  return track;
}

function isLive({ readyState }) {
  return readyState === "live";
}

/** A line to a device that the user is asked for. An answer that comes too late switches nothing on. */
function asked(options, device, mostMs) {
  return new Promise((resolve, reject) => {
    const { mediaDevices } = navigator;
    if (!mediaDevices) {
      const remedy = "Serve it over https: or from localhost, and allow the microphone in its permissions policy.";
      throw failure("unsupported", "This page may not use a microphone.", remedy);
    }
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      const remedy = "Allow or block it where the browser asks, then try again.";
      reject(failure("timeout", "Nobody answered the question for the microphone.", remedy));
    }, mostMs);
    mediaDevices.getUserMedia({ audio: constraintsOf(options, device) }).then(
      (stream) => {
        clearTimeout(deadline);
        const line = new Line(stream.getAudioTracks()[0], stream);
        line.isStandard = !isNamed(device);
        if (isLate) line.end();
        else resolve(line);
      },
      async (error) => {
        clearTimeout(deadline);
        reject(await refusal(error));
      },
    );
  });
}

function constraintsOf(options, device) {
  const { echoCancellation = true, noiseSuppression = true, autoGainControl = true, voiceIsolation = noiseSuppression } = options;
  const constraints = { channelCount: 1, echoCancellation, noiseSuppression, autoGainControl, voiceIsolation };
  return isNamed(device) ? { ...constraints, deviceId: { exact: device } } : constraints;
}

/** Whether one device is meant: Chromium has an id for whichever is the system's default, which other browsers do not know. */
function isNamed(device) {
  return Boolean(device) && device !== "default";
}

/** The microphones there are: before consent, without their names. */
async function inputs() {
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return devices.filter(({ kind }) => kind === "audioinput");
}

/** The system's default microphone by its name, if it is known: where it has no id of its own, it is the first. */
async function standardInput() {
  const known = await inputs();
  const standard = known.find(({ deviceId }) => deviceId === "default") ?? known[0];
  return standard?.deviceId && nameOf(standard);
}

function nameOf({ deviceId, groupId, label }) {
  return [deviceId, groupId, label].join();
}

/** Whether another device may be opened unasked: a user who has taken back consent must not be asked for it at once. */
async function isStillAllowed({ deviceId, groupId }) {
  const state = (await permission())?.state;
  if (state !== "prompt" && state) return state === "granted";
  // Consent for this once, or nobody knows: a device that is not there any more has gone by itself.
  return !(await inputs()).some((device) => device.deviceId === deviceId && device.groupId === groupId);
}

/** The permission for microphones, where it can be asked for. */
function permission() {
  const asked = navigator.permissions?.query({ name: "microphone" }).catch(() => {});
  return Promise.race([asked, new Promise((resolve) => setTimeout(resolve, ANSWER_MS))]);
}

/**
 * Tells how the user or the browser changes the permission for microphones, till the signal aborts.
 *
 * @param {(state: string) => void} tell @param {AbortSignal} signal
 */
export async function watchPermission(tell, signal) {
  const status = await permission();
  if (!status || signal.aborted) return;
  const told = () => tell(status.state);
  status.addEventListener("change", told);
  signal.addEventListener("abort", () => status.removeEventListener("change", told));
}

/** What the browser says, in this package's words. By its name and not by its class: in Firefox not all of these are DOMExceptions. */
async function refusal({ name, message, constraint }) {
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return denial(name, message);
    case "NotFoundError":
    case "OverconstrainedError":
      return failure("device-not-found", "There is no such microphone.", undefined, constraint);
    default:
      return failure("device-unavailable", "The microphone could not be opened.");
  }
}

async function denial(name, message) {
  if (name === "SecurityError" || document.featurePolicy?.allowsFeature("microphone") === false) {
    return failure("permission-policy", "The page's permissions policy forbids the microphone.");
  }
  if (/system/i.test(message)) {
    return failure("permission-denied", "The system does not let the browser hear.", "Allow it in the system's settings, then try again.");
  }
  if (/dismiss/i.test(message) || (await permission())?.state === "prompt") {
    return { ...failure("permission-dismissed", "The user has not allowed the microphone this time."), retryable: true };
  }
  return failure("permission-denied", "The microphone was not allowed.");
}

/** Waits until something is so, but no longer than `mostMs`. */
async function until(isSo, mostMs) {
  for (const end = performance.now() + mostMs; !isSo() && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The fields of a `LiveError`; without a remedy it is what the catalogue of codes has. */
function failure(code, message, remedy, field) {
  return { code, message, remedy, field };
}

const ENDED = failure("device-unavailable", "The track given for the microphone has ended.", "Give one that is live.");
const PROMPT_MS = 120_000;
/** How long the browser may take over a device that nobody has asked for. */
const UNASKED_MS = 5_000;
const ANSWER_MS = 1_000;
const HAPPENINGS = ["ended", "mute", "unmute"];
/** How long another device may give nothing at all before it is taken nevertheless: the user's, or the application's. */
const SILENT_MS = 2_000;
const OWN_SILENT_MS = 100;
const AHEAD_S = 0.05;
const SEAM_S = 0.005;
const STANDSTILL_MS = 1_000;
/** Of 10 ms each: sixteen seconds. */
const MOST_PORTIONS = 1_600;
