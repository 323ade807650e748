// The processors' names, and a fault as soon as they run: `processorerror` is what the browser makes of it.

for (const name of ["live-playback", "live-capture"]) {
  registerProcessor(
    name,
    class extends AudioWorkletProcessor {
      process() {
        throw new Error("broken");
      }
    },
  );
}
