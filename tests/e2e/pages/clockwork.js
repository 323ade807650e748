/**
 * Microphones that count: each sample of one is the number of the context's sample that it is, in a form of its own, so that a
 * sample which is missing, doubled or of the wrong device is seen in what arrives. `getUserMedia` gives them by their names.
 */
import { FORMS, ROUND } from "../support/clockwork.mjs";

const RATE = 16_000;

export class Clockwork {
  context = leftovers.own(new AudioContext({ sampleRate: RATE }));
  /** Every track that was given out, by its device. */
  tracks = [];
  /** What `getUserMedia` waits for, or fails with, by the name of a device. */
  consent = {};
  /** The system's default, and whether it has an id of its own in the list, as in Chromium, or is the first. */
  standard = "a";
  hasStandardId = true;
  /** Devices that are not plugged in. */
  gone = new Set();
  #sounds = {};
  #carries;

  /** @param {object} [options]  `carries`: whether the tracks themselves carry what their devices count, for whoever reads them */
  constructor({ carries = false } = {}) {
    this.#carries = carries;
    const silence = new GainNode(this.context, { gain: 0 });
    silence.connect(this.context.destination);
    for (const [name, form] of Object.entries(FORMS)) {
      const buffer = new AudioBuffer({ length: ROUND, sampleRate: RATE });
      buffer.copyToChannel(Float32Array.from({ length: ROUND }, (_, at) => form(at + 1) / 32_768), 0);
      this.#sounds[name] = new AudioBufferSourceNode(this.context, { buffer, loop: true });
      // What leads nowhere does not run in every browser.
      this.#sounds[name].connect(silence);
    }
    // In one go: they count the same samples.
    for (const sound of Object.values(this.#sounds)) sound.start(0.2);
    this.context.createMediaStreamSource = (stream) => {
      const joined = new GainNode(this.context);
      this.#sounds[this.#nameOf(stream)].connect(joined);
      return joined;
    };
    navigator.mediaDevices.getUserMedia = async ({ audio }) => {
      const name = audio.deviceId?.exact ?? this.standard;
      await this.consent[name];
      if (this.gone.has(name)) throw new DOMException("", "NotFoundError");
      return this.stream(name, audio.deviceId ? name : this.hasStandardId ? "default" : name);
    };
    // Once in hundreds of times Chromium takes its consent back by itself.
    navigator.permissions.query = async () => Object.assign(new EventTarget(), { state: "granted" });
    navigator.mediaDevices.enumerateDevices = async () => {
      const names = Object.keys(FORMS).filter((name) => !this.gone.has(name));
      names.sort((one, other) => (other === this.standard) - (one === this.standard));
      const known = names.map((name) => describe(name, name));
      return this.hasStandardId ? [describe("default", names[0]), ...known] : known;
    };
  }

  /** Chooses the system's default. */
  choose(name) {
    this.standard = name;
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  }

  /** Takes a device away that is on, as a browser does it. */
  unplug(name) {
    this.gone.add(name);
    for (const { track } of this.tracks.filter((one) => one.name === name && one.track.readyState === "live")) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  }

  /** A stream of a device. */
  stream(name, deviceId = name) {
    const node = new MediaStreamAudioDestinationNode(this.context);
    if (this.#carries) this.#sounds[name].connect(node);
    const { stream } = node;
    const [track] = stream.getAudioTracks();
    const { label, groupId } = describe(deviceId, name);
    Object.defineProperty(track, "label", { value: label });
    track.getSettings = () => ({ deviceId, groupId });
    // Firefox hands on none of what scripts tell a track.
    const ears = new EventTarget();
    for (const way of ["addEventListener", "removeEventListener", "dispatchEvent"]) track[way] = ears[way].bind(ears);
    this.tracks.push({ name, track });
    return stream;
  }

  /** The devices that are on. */
  get live() {
    return this.tracks.filter(({ track }) => track.readyState === "live").map(({ name }) => name);
  }

  #nameOf(stream) {
    const [{ id }] = stream.getAudioTracks();
    return this.tracks.find(({ track }) => track.id === id).name;
  }
}

/** A device as the browser lists it. */
function describe(deviceId, name) {
  const label = deviceId === "default" ? `Default - ${name}` : name;
  return { kind: "audioinput", deviceId, groupId: `group of ${name}`, label };
}
