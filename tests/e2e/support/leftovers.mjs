/**
 * What a page has left on: devices, audio contexts, Workers, sockets, worklet processors, ears for what happens around it.
 *
 * `watch` runs in every page before anything else and sees what is made there, whoever makes it. It keeps nothing alive:
 * a test of garbage collection finds what it would find without. `leftOf` asks the page, the browser and the simulator.
 *
 * A thing of the test's own is none of the library's business: `leftovers.own(thing)` in the page says so.
 */
import { expect } from "@playwright/test";

/** Devices and sockets are given back a little after the promise says so. */
const DEADLINE_MS = 3_000;

/** Fails with a list of what is left, unless nothing is, or it is of the kinds given. */
export async function expectNothingLeft(page, { simulator, mayLeave = [], timeout = DEADLINE_MS } = {}) {
  const found = async () => (await leftOf(page, simulator)).filter((line) => !mayLeave.includes(kindOf(line)));
  await expect.poll(found, { timeout, intervals: [0, 50, 100], message: "what is left on" }).toEqual([]);
}

/** What is left on now, a line each: the kind, and which one. */
export async function leftOf(page, simulator) {
  const frames = await Promise.all(page.frames().map(leftInFrame));
  // WebKitGTK's are counted, which takes a while.
  const workers = (await page.workers()).map((worker) => `Worker: ${new URL(worker.url()).pathname}`);
  const open = simulator ? (await simulator.connections()).filter(({ close }) => close === null) : [];
  return [...frames.flat(), ...workers, ...open.map(({ id, model }) => `connection: ${id} (${model ?? "no setup yet"})`)];
}

/** The same for one frame, without what only browser and simulator know. */
export function leftInFrame(frame) {
  return frame.evaluate(() => globalThis.leftovers?.list() ?? []);
}

/** Ends what the test did not end itself. */
export function leave(page) {
  return page.evaluate(async () => {
    await globalThis.bench?.leave();
    document.querySelector('#start[data-action="stop"]')?.click();
  });
}

function kindOf(line) {
  return line.slice(0, line.indexOf(":"));
}

/** Runs in the page. `holding`: what is made is held, by which a test of garbage collection would find nothing. */
export function watch({ watcher, holding }) {
  /** Everything that was made: `{ kind, about, isOn, thing }`. */
  const made = [];
  const own = new WeakSet();
  const watching = new WeakMap();
  const worklets = new WeakMap();

  const note = (kind, about, isOn, thing) => {
    made.push({ kind, about, isOn, thing: holding ? { deref: () => thing } : new WeakRef(thing) });
    return thing;
  };

  const noteTracks = (stream) => {
    for (const track of stream.getTracks()) {
      note("MediaStreamTrack", `${track.kind} ${track.label}`, (one) => one.readyState === "live", track);
    }
    return stream;
  };

  const onConstruction = (name, about, isOn) => {
    if (!globalThis[name]) return;
    globalThis[name] = new Proxy(globalThis[name], {
      construct: (target, words, as) => {
        const thing = Reflect.construct(target, words, as);
        return note(name, about(thing, ...words), isOn, thing);
      },
    });
  };

  const onCall = (type, name, replacement) => {
    const original = type?.prototype[name];
    if (!original) return;
    type.prototype[name] = function (...words) {
      return replacement.call(this, (...given) => original.apply(this, given), ...words);
    };
  };

  // The promise is handed on as it is: with another one in between, everybody would wait longer than without us.
  const stream = (original, ...words) => {
    const coming = original(...words);
    coming.then(noteTracks, () => {});
    return coming;
  };
  onCall(globalThis.MediaDevices, "getUserMedia", stream);
  onCall(globalThis.MediaDevices, "getDisplayMedia", stream);
  onCall(globalThis.MediaStream, "clone", (original) => noteTracks(original()));
  onCall(globalThis.AudioContext, "createMediaStreamDestination", (original) => {
    const node = original();
    noteTracks(node.stream);
    return node;
  });
  onCall(globalThis.MediaStreamTrack, "clone", (original) => {
    const track = original();
    return note("MediaStreamTrack", `clone of ${track.label}`, (one) => one.readyState === "live", track);
  });

  onCall(globalThis.WakeLock, "request", (original, ...words) => {
    const coming = original(...words);
    coming.then((lock) => note("WakeLock", "", (one) => !one.released, lock), () => {});
    return coming;
  });

  // Its worklet is held with it: WebKit forgets one that nobody holds, and makes another when it is asked for again.
  onConstruction("AudioContext", (context) => worklets.set(context, context.audioWorklet) && "", (context) => context.state !== "closed");
  // Without the query: it holds the token.
  onConstruction("WebSocket", (_, url) => String(url).split("?")[0], (socket) => socket.readyState !== WebSocket.CLOSED);

  // The audio thread itself is asked which processors it runs: our module gets there first.
  onCall(globalThis.AudioWorklet, "addModule", function (original, ...words) {
    if (!watching.has(this)) watching.set(this, original(watcher).then(() => true, () => false));
    return watching.get(this).then(() => original(...words));
  });

  const processorsIn = async (context) => {
    if (context.state !== "running" || !(await watching.get(context.audioWorklet))) return [];
    const watcher = new AudioWorkletNode(context, "leftovers", { numberOfInputs: 0 });
    const answer = new Promise((resolve) => (watcher.port.onmessage = ({ data }) => resolve(data)));
    const late = new Promise((resolve) => setTimeout(resolve, 500, ["the audio thread does not answer"]));
    watcher.port.postMessage("?");
    const running = await Promise.race([answer, late]);
    watcher.port.close();
    return running.filter((name) => name !== "recorder").map((name) => `processor: ${name}`);
  };

  // A session's ears for the network, for sleep, for devices and for what may let its sound go on: a page that is left has none.
  const EARS = ["offline", "online", "resume", "visibilitychange", "devicechange", "a permission"];
  const ears = new Map();
  const turn = (by) => function (original, kind, ...words) {
    const isPermission = globalThis.PermissionStatus && this instanceof PermissionStatus;
    const what = isPermission ? "a permission" : kind;
    if (EARS.includes(what)) ears.set(what, (ears.get(what) ?? 0) + by);
    return original(kind, ...words);
  };
  onCall(globalThis.EventTarget, "addEventListener", turn(1));
  onCall(globalThis.EventTarget, "removeEventListener", turn(-1));

  globalThis.leftovers = {
    own(thing) {
      for (const one of thing instanceof MediaStream ? thing.getTracks() : [thing]) own.add(one);
      return thing;
    },

    async list() {
      const left = made.map((one) => ({ ...one, thing: one.thing.deref() })).filter(({ thing, isOn }) => thing && isOn(thing));
      const foreign = left.filter(({ thing }) => !own.has(thing)).map(({ kind, about }) => `${kind}: ${about}`);
      const contexts = left.filter(({ kind }) => kind === "AudioContext").map(({ thing }) => processorsIn(thing));
      const listening = [...ears].filter(([, count]) => count > 0).map(([kind, count]) => `listener: ${count} for ${kind}`);
      return [...foreign, ...listening, ...(await Promise.all(contexts)).flat()];
    },
  };
}
