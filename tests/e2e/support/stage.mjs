/**
 * A microphone that speaks when a page listens. Both functions run in the page, before anything else.
 */

/** Calls `isListening()` whenever a microphone is joined to something that runs. */
export function tellWhenListenedTo() {
  const { connect } = AudioNode.prototype;
  AudioNode.prototype.connect = function (...words) {
    const joined = connect.apply(this, words);
    if (this instanceof MediaStreamAudioSourceNode) {
      const { context } = this;
      const tell = () => {
        if (context.state !== "running") return;
        context.removeEventListener("statechange", tell);
        globalThis.isListening();
      };
      context.addEventListener("statechange", tell);
      tell();
    }
    return joined;
  };
}

/**
 * Has every microphone hear these samples (base64 of 32-bit floats), from when somebody listens to it. The engine is asked
 * for one of its own all the same, so that it refuses what it refuses.
 */
export function fakeMicrophone(text, sampleRate) {
  const { getUserMedia } = globalThis.MediaDevices?.prototype ?? {};
  if (!getUserMedia) return;
  const samples = new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  let voice;
  let stage;
  MediaDevices.prototype.getUserMedia = async function (wanted) {
    const real = await getUserMedia.call(this, wanted);
    if (real.getVideoTracks().length > 0) return real;
    for (const track of real.getTracks()) track.stop();
    const context = new AudioContext({ sampleRate });
    globalThis.leftovers?.own(context);
    stage = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    return stage.stream;
  };
  globalThis.isListening = () => {
    voice?.stop();
    voice = undefined;
    if (!stage || samples.length === 0) return;
    const buffer = new AudioBuffer({ length: samples.length, sampleRate });
    buffer.copyToChannel(samples, 0);
    voice = new AudioBufferSourceNode(stage.context, { buffer });
    voice.connect(stage);
    voice.start();
  };
}
