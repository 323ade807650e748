/**
 * Beside the page, so that a busy page delays nothing that is measured: notes when the ear's edges come, and when the microphone's
 * bursts can first be seen by any script.
 */
import { BurstDetector } from "../sound/bursts.mjs";

const now = () => performance.timeOrigin + performance.now();
const edges = [];
const detector = new BurstDetector();

onmessage = ({ data }) => {
  if (data.ear) listen(data.ear, data.context);
  if (data.microphone) watch(data.microphone);
  if (data.ask) postMessage({ answer: data.ask, edges, bursts: detector.found });
};

function listen(ear, context) {
  ear.onmessage = ({ data }) => edges.push({ context, at: now(), ...data });
}

async function watch(frames) {
  const reader = frames.getReader();
  for (;;) {
    const { value: frame, done } = await reader.read();
    if (done) return;
    const at = now();
    const samples = new Float32Array(frame.numberOfFrames);
    frame.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
    detector.take(samples, frame.sampleRate, at);
    frame.close();
  }
}

postMessage({ answer: "here" });
