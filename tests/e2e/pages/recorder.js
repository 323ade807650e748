/** Passes its first input on and reports what it heard on all of them, sample by sample. */
class Recorder extends AudioWorkletProcessor {
  process(inputs, [output]) {
    const heard = inputs.map((input) => (input[0] ? input[0].slice() : new Float32Array(output[0].length)));
    for (const channel of output) channel.set(heard[0]);
    this.port.postMessage({ frame: currentFrame, heard }, heard.map((block) => block.buffer));
    return true;
  }
}

registerProcessor("recorder", Recorder);
