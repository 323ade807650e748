/**
 * Beside the package, on the thread that its session runs on: notes how long after a message of the service's its audio is where the
 * audio thread takes it from. That is a ring's word in shared memory, which says that samples are there, or a message to the worklet.
 * Nothing is asked of the package: the browser's own functions are stood in front of.
 */
const WRITE = 0;

/** The time of the message that is being heard, and what was seen of all: milliseconds, in the order of the messages. */
let began;
const times = [];

globalThis.WebSocket = class extends WebSocket {
  constructor(...words) {
    super(...words);
    // Before any listener of its owner's.
    this.addEventListener("message", () => (began = performance.now()));
  }
};

/** Audio of the message has arrived, the first of it. */
function arrived() {
  if (began === undefined) return;
  times.push(performance.now() - began);
  began = undefined;
}

const { store } = Atomics;
Atomics.store = (words, at, value) => {
  const stored = store(words, at, value);
  if (at === WRITE && words.buffer instanceof ArrayBuffer === false) arrived();
  return stored;
};

const { postMessage } = MessagePort.prototype;
MessagePort.prototype.postMessage = function (message, ...rest) {
  postMessage.call(this, message, ...rest);
  if (message instanceof ArrayBuffer) arrived();
};

const channel = new BroadcastChannel("bench-probe");
channel.onmessage = ({ data }) => data === "tell" && channel.postMessage({ times: times.splice(0) });
