/**
 * Runs in a page before anything else: records, on one clock, what its AudioContext sends to the loudspeaker (input 0)
 * and what comes from the microphone (input 1). It is the ear of a listener who does not trust the page's own figures.
 */
export function tap(recorderSource) {
  const connect = AudioNode.prototype.connect;
  const recorders = new WeakMap();
  const blocks = [];
  globalThis.ear = { rate: 0, blocks };

  const listen = async (context) => {
    const module = URL.createObjectURL(new Blob([recorderSource], { type: "text/javascript" }));
    await context.audioWorklet.addModule(module);
    const node = new AudioWorkletNode(context, "recorder", { numberOfInputs: 2, outputChannelCount: [1] });
    node.port.onmessage = ({ data }) => blocks.push(data);
    // Only what leads to the destination runs; silenced, so that nothing is heard twice.
    const silence = new GainNode(context, { gain: 0 });
    connect.call(node, silence);
    connect.call(silence, context.destination);
    globalThis.ear.rate = context.sampleRate;
    return node;
  };

  const join = async (source, input) => {
    if (!recorders.has(source.context)) recorders.set(source.context, listen(source.context));
    connect.call(source, await recorders.get(source.context), 0, input);
  };

  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) join(this, 0);
    if (this instanceof MediaStreamAudioSourceNode) join(this, 1);
    return connect.call(this, target, ...rest);
  };
}

/** Brings the recording out of the page: `{ rate, output, input }`. */
export async function overheard(page) {
  const { rate, texts } = await page.evaluate(() => {
    const { rate, blocks } = globalThis.ear;
    const first = blocks[0]?.frame ?? 0;
    const last = blocks.at(-1);
    const length = last ? last.frame - first + last.heard[0].length : 0;
    const text = (input) => {
      const samples = new Float32Array(length);
      for (const { frame, heard } of blocks) samples.set(heard[input], frame - first);
      const bytes = new Uint8Array(samples.buffer);
      const parts = [];
      for (let at = 0; at < bytes.length; at += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
      return btoa(parts.join(""));
    };
    return { rate, texts: [text(0), text(1)] };
  });
  const [output, input] = texts.map((text) => {
    const bytes = Buffer.from(text, "base64");
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  });
  return { rate, output, input };
}
