class Playback extends AudioWorkletProcessor {
  #queue = [];
  #at = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data !== "interrupt") return this.#queue.push(data);
      this.#queue = [];
      this.#at = 0;
    };
  }

  process(_, [[output]]) {
    let filled = 0;
    while (filled < output.length && this.#queue.length > 0) {
      const piece = this.#queue[0];
      const count = Math.min(output.length - filled, piece.length - this.#at);
      output.set(piece.subarray(this.#at, this.#at + count), filled);
      filled += count;
      this.#at += count;
      if (this.#at === piece.length) {
        this.#queue.shift();
        this.#at = 0;
      }
    }
    return true;
  }
}

registerProcessor("playback", Playback);
