// The audio thread's side of support/leftovers.mjs: knows which processors are being run.

/** By name of the processor: how many of them ran in the quantum that was run last. */
const ran = new Map();

const register = registerProcessor;

globalThis.registerProcessor = (name, Processor) => {
  // One object for all time: nothing is made while sound is being made.
  const seen = { frame: -1, count: 0 };
  ran.set(name, seen);
  register(
    name,
    class extends Processor {
      process(inputs, outputs, parameters) {
        if (seen.frame !== currentFrame) seen.count = 0;
        seen.frame = currentFrame;
        seen.count++;
        return super.process(inputs, outputs, parameters);
      }
    },
  );
};

/** Answers, when asked, the names of the processors that are being run, each as often as it is run. */
class Leftovers extends AudioWorkletProcessor {
  constructor() {
    super();
    this.port.onmessage = () => {
      // Between two quanta: the last one is the present one or the one before.
      const isRunning = ([, { frame }]) => frame >= currentFrame - 128;
      this.port.postMessage([...ran].filter(isRunning).flatMap(([name, { count }]) => Array(count).fill(name)));
    };
  }

  process() {
    return false;
  }
}

register("leftovers", Leftovers);
