// What only some pages need of devices, loaded when they do: an output of their own, a screen that stays on, and another processor in
// the place of one that has failed.

/**
 * Where an audio context plays: at the system's default, which changes by itself, or at a device that is there until somebody takes
 * it away.
 */

const FAILURES = {
  NotFoundError: ["device-not-found", "There is no such audio output.", "Choose a deviceId of an `audiooutput` that enumerateDevices() names."],
  NotAllowedError: ["permission-denied", "The audio output was not allowed.", "Ask for it by selectAudioOutput(), or open the microphone first."],
  NotSupportedError: ["unsupported", "This browser plays at the system's default output alone.", "Leave `sinkId` out, or let users choose in their system."],
};
const USUAL = ["device-unavailable", "The audio output could not be opened.", "Close other programs that use it, then try again."];

/** By context: how to stop looking whether its device is there. */
const watched = new WeakMap();
/** By context: when it was last wished to play at the default. What was wished before that may come later, and is not followed. */
const left = new WeakMap();

/**
 * Has a context play at the device of this id, or at the default (`""`). When the device is gone it plays at the default, and
 * `gone` is called.
 *
 * @param {AudioContext} context @param {string} id @param {() => void} [gone]
 */
export async function setSink(context, id, gone) {
  // First: a context that is closed takes no other device, and is not to be followed all the same.
  if (!id) {
    forget(context);
    left.set(context, {});
  }
  const wish = left.get(context);
  try {
    if (context.setSinkId) await context.setSinkId(id);
    else if (id) throw new DOMException("", "NotSupportedError");
  } catch (error) {
    const [code, message, remedy] = FAILURES[error.name] ?? USUAL;
    throw { code, message, remedy, field: "sinkId", retryable: false };
  }
  forget(context);
  if (id && left.get(context) === wish) watch(context, id, gone);
}

function forget(context) {
  watched.get(context)?.();
  watched.delete(context);
}

function watch(context, id, gone) {
  const devices = navigator.mediaDevices;
  const look = async () => {
    const outputs = (await devices.enumerateDevices()).filter(({ kind }) => kind === "audiooutput");
    // Without permission none has a name: that says nothing.
    if (outputs.every(({ deviceId }) => !deviceId) || outputs.some(({ deviceId }) => deviceId === id)) return;
    if (!watched.has(context)) return;
    await setSink(context, "").catch(() => {});
    gone?.();
  };
  devices.addEventListener("devicechange", look);
  watched.set(context, () => devices.removeEventListener("devicechange", look));
}

/** Keeps the screen on while the page is seen. The browser takes it back from a page that is hidden, and may refuse it. */
export class WakeLock {
  #isOver = false;
  #lock;
  #take = async () => {
    if (this.#isOver || this.#isHeld || document.visibilityState !== "visible") return;
    // A battery that is low, or a policy: the conversation goes on without.
    const lock = await navigator.wakeLock?.request("screen").catch(() => {});
    // It may have been ended meanwhile, or asked for twice, and nobody else knows of this one.
    if (this.#isOver || this.#isHeld) lock?.release();
    else this.#lock = lock;
  };

  constructor() {
    document.addEventListener("visibilitychange", this.#take);
    this.#take();
  }

  get #isHeld() {
    return this.#lock?.released === false;
  }

  /** Lets the screen go out again. */
  end() {
    this.#isOver = true;
    document.removeEventListener("visibilitychange", this.#take);
    this.#lock?.release();
  }
}

/** How long a processor that has failed may take to answer: its scope may have gone with it. */
const ANSWER_MS = 500;

/**
 * Another node in the place of one whose processor has failed: with the way to the driver, and with what was queued.
 *
 * @param {AudioWorkletNode} node  what has failed @param {string} name @param {AudioWorkletNodeOptions} settings
 * @param {AudioNode} neighbour  what it played into; or, where it has no outputs, what it heard
 */
export async function revive(node, name, settings, neighbour) {
  const left = await new Promise((resolve) => {
    node.port.onmessage = ({ data }) => resolve(data);
    node.port.postMessage("leave");
    setTimeout(resolve, ANSWER_MS);
  });
  node.port.onmessage = null;
  if (!left?.port) throw new Error("It has left nothing.");
  const { processorOptions } = settings;
  const { port, report, ring = processorOptions.ring } = left;
  const next = new AudioWorkletNode(node.context, name, { ...settings, processorOptions: { ...processorOptions, ring, report } });
  next.port.postMessage({ port }, [port]);
  const isSource = settings.numberOfOutputs > 0;
  if (isSource) node.disconnect();
  else neighbour.disconnect(node);
  if (isSource) next.connect(neighbour);
  else neighbour.connect(next);
  return next;
}
