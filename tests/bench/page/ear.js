/**
 * What a listener at the loudspeaker would hear, as edges: where sound begins, and where it ends that is followed by silence for longer
 * than a tone ever is silent. It posts only then.
 */
const LOUD = 0.003;

/** Longer than the tone of the bench is below that, shorter than any gap that matters. */
const QUIET_S = 0.001;

class Ear extends AudioWorkletProcessor {
  #isLoud = false;
  #lastLoud = 0;
  #to;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      this.#to = data;
      this.#to.postMessage({ sampleRate, frame: currentFrame, rendered: currentFrame });
    };
  }

  process([[samples]]) {
    const length = samples?.length ?? 0;
    for (let index = 0; index < length; index++) {
      if (Math.abs(samples[index]) < LOUD) continue;
      const frame = currentFrame + index;
      if (!this.#isLoud) this.#tell(true, frame);
      this.#lastLoud = frame;
    }
    if (this.#isLoud && currentFrame - this.#lastLoud > QUIET_S * sampleRate) this.#tell(false, this.#lastLoud + 1);
    return true;
  }

  #tell(loud, frame) {
    this.#isLoud = loud;
    this.#to?.postMessage({ sampleRate, frame, loud, rendered: currentFrame });
  }
}

registerProcessor("bench-ear", Ear);
