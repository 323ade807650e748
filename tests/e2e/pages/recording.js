/** What a `recorder` worklet heard, in order, with silence where the audio clock jumped. */
export class Recording {
  #node;
  #blocks = [];
  #first;
  #taken;

  constructor(context, inputs = 1) {
    this.#node = new AudioWorkletNode(context, "recorder", { numberOfInputs: inputs, outputChannelCount: [1] });
    this.#node.port.onmessage = ({ data }) => {
      this.#first ??= data.frame;
      this.#blocks.push(data);
    };
  }

  /** Where to connect what is to be recorded. */
  get node() {
    return this.#node;
  }

  /** The position that corresponds to a frame of the context's clock. */
  position(frame) {
    return frame - (this.#first ?? frame);
  }

  /** The samples of the first input since this was called last, which are kept no longer. */
  take() {
    const blocks = this.#blocks;
    const last = blocks.at(-1);
    if (!last) return new Float32Array(0);
    this.#blocks = [];
    const from = this.#taken ?? this.#first;
    this.#taken = last.frame + last.heard[0].length;
    const samples = new Float32Array(this.#taken - from);
    for (const { frame, heard } of blocks) samples.set(heard[0], frame - from);
    return samples;
  }

  /** One input's samples so far. */
  samples(input = 0) {
    const last = this.#blocks.at(-1);
    if (!last) return new Float32Array(0);
    const samples = new Float32Array(last.frame - this.#first + last.heard[input].length);
    for (const { frame, heard } of this.#blocks) samples.set(heard[input], frame - this.#first);
    return samples;
  }
}

/** Samples as text, for the way from the page to the test. */
export function encode(samples) {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const parts = [];
  for (let at = 0; at < bytes.length; at += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(parts.join(""));
}
