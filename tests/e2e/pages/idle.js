// Does nothing, in a Worker or as a processor, until it is told to end.
if (globalThis.registerProcessor) {
  registerProcessor(
    "idle",
    class extends AudioWorkletProcessor {
      constructor() {
        super();
        this.port.onmessage = () => (this.isOver = true);
      }

      process() {
        return !this.isOver;
      }
    },
  );
}
