class Capture extends AudioWorkletProcessor {
  #piece = new Float32Array(512);
  #filled = 0;

  process([[samples]]) {
    if (!samples) return true;
    for (const sample of samples) {
      this.#piece[this.#filled++] = sample;
      if (this.#filled < this.#piece.length) continue;
      this.port.postMessage(this.#piece.slice());
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor("capture", Capture);
