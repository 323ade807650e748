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

/**
 * Has a context play at the device of this id, or at the default (`""`). When the device is gone it plays at the default, and
 * `gone` is called.
 *
 * @param {AudioContext} context @param {string} id @param {() => void} [gone]
 */
export async function setSink(context, id, gone) {
  // First: a context that is closed takes no other device, and is not to be followed all the same.
  if (!id) forget(context);
  try {
    if (context.setSinkId) await context.setSinkId(id);
    else if (id) throw new DOMException("", "NotSupportedError");
  } catch (error) {
    const [code, message, remedy] = FAILURES[error.name] ?? USUAL;
    throw { code, message, remedy, field: "sinkId", retryable: false };
  }
  forget(context);
  if (id) watch(context, id, gone);
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
