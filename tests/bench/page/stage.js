/**
 * The page that a contender plays on. What `?ear` and `?microphone` ask for is put in place before any of the contender's code runs;
 * without them nothing of the browser is touched but the address of sockets, which all lead here.
 */
const query = new URL(location.href).searchParams;
const now = () => performance.timeOrigin + performance.now();
const here = new URL(".", location.href).href;

/** Within which probes on other threads have told what they saw. */
const PROBES_TELL_MS = 300;

/** Sockets of contenders that know the service's address alone lead to the bench. */
globalThis.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    const wanted = new URL(url, location.href);
    super(wanted.host === location.host ? wanted : `${here.replace("http", "ws")}${wanted.pathname.slice(1)}`, protocols);
  }
};

/** The Worker that listens, if anything is to be listened to. */
const listener = await hireListener();
if (query.has("ear")) openEar();
if (query.has("microphone")) openMicrophone();
if (query.has("probe")) await openProbe(query.get("probe"));

let contender;
let blocking;

globalThis.bench = {
  /** Loads the contender. Answers when that began. */
  async load() {
    const at = now();
    contender = await import(`../${query.get("entry")}`);
    await contender.prepare?.(settings());
    return at;
  },

  /** What a click would begin. Answers when. */
  async start() {
    const at = now();
    await contender.start(settings());
    return at;
  },

  async stop() {
    await contender.stop();
  },

  /** Keeps the page busy for so many of every so many milliseconds. */
  block(busyMs, everyMs) {
    const spin = () => {
      const end = performance.now() + busyMs;
      while (performance.now() < end);
      blocking = setTimeout(spin, everyMs - busyMs);
    };
    blocking = setTimeout(spin, everyMs - busyMs);
  },

  unblock() {
    clearTimeout(blocking);
  },

  /** By how many milliseconds the server's clock is ahead of the page's: by the quickest of some questions. */
  async clockOffset() {
    const socket = new WebSocket(`${here.replace("http", "ws")}clock`);
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    let best = { took: Infinity };
    for (let round = 0; round < 20; round++) {
      const asked = now();
      socket.send("");
      const theirs = Number((await new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }))).data);
      const took = now() - asked;
      if (took < best.took) best = { took, offset: theirs - asked - took / 2 };
    }
    socket.close();
    return best.offset;
  },

  arrivals,

  /** What the listener noted. */
  heard() {
    return new Promise((resolve) => {
      const ask = Math.random();
      listener.addEventListener("message", function take({ data }) {
        if (data.answer !== ask) return;
        listener.removeEventListener("message", take);
        resolve(data);
      });
      listener.postMessage({ ask });
    });
  },
};

/** What probes on whatever thread saw arrive since they were last asked. */
async function arrivals() {
  const channel = new BroadcastChannel("bench-probe");
  const all = [];
  channel.onmessage = ({ data }) => data.times && all.push(...data.times);
  channel.postMessage("tell");
  await new Promise((resolve) => setTimeout(resolve, PROBES_TELL_MS));
  channel.close();
  return all;
}

/** What a contender is given. */
function settings() {
  return {
    here,
    endpoint: here.replace("http", "ws").replace(/\/$/, ""),
    token: "auth_tokens/bench",
    model: "models/gemini-2.5-flash-native-audio-preview-12-2025",
    options: JSON.parse(query.get("options") ?? "{}"),
  };
}

async function hireListener() {
  if (!query.has("ear") && !query.has("microphone")) return undefined;
  const worker = new Worker(new URL("listener.js", import.meta.url), { type: "module" });
  await new Promise((resolve) => worker.addEventListener("message", resolve, { once: true }));
  return worker;
}

/** Whatever leads to a loudspeaker leads to an ear as well. */
function openEar() {
  const { connect } = AudioNode.prototype;
  const ears = new WeakMap();
  const source = fetch(new URL("ear.js", import.meta.url)).then((response) => response.blob()).then((blob) => URL.createObjectURL(blob));
  let contexts = 0;

  const open = async (context) => {
    await context.audioWorklet.addModule(await source);
    const node = new AudioWorkletNode(context, "bench-ear", { numberOfOutputs: 1, outputChannelCount: [1] });
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage(port1, [port1]);
    listener.postMessage({ ear: port2, context: contexts++ }, [port2]);
    // Only what leads to the destination runs. Nothing comes out of it.
    connect.call(node, context.destination);
    return node;
  };

  // As soon as there is a context: what it plays first must be heard.
  globalThis.AudioContext = class extends AudioContext {
    constructor(...words) {
      super(...words);
      ears.set(this, open(this));
    }
  };

  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && ears.has(this.context)) {
      const ear = ears.get(this.context);
      if (ear instanceof AudioNode) connect.call(this, ear);
      else ear.then((node) => (ears.set(this.context, node), connect.call(this, node))).catch(() => {});
    }
    return connect.call(this, target, ...rest);
  };
}

/** A probe on this thread, and ahead of all else in each Worker. Without shared memory if it is to be by ports. */
async function openProbe(way) {
  if (way === "ports") delete globalThis.SharedArrayBuffer;
  const probe = new URL("probe.js", import.meta.url).href;
  await import(probe);
  globalThis.Worker = class extends Worker {
    constructor(url, options) {
      const both = [probe, new URL(url, location.href).href].map((one) => `import ${JSON.stringify(one)};`);
      super(URL.createObjectURL(new Blob(both, { type: "text/javascript" })), options);
    }
  };
}

/** Whatever a contender hears from the microphone is seen by the listener first, and is not filtered by the browser. */
function openMicrophone() {
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (wanted) => {
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    const audio = { ...(typeof wanted.audio === "object" ? wanted.audio : {}), ...plain };
    const stream = await ask({ ...wanted, audio });
    const [track] = stream.getAudioTracks();
    const { readable } = new MediaStreamTrackProcessor({ track: track.clone() });
    listener.postMessage({ microphone: readable }, [readable]);
    return stream;
  };
}
