/**
 * Google's SDK, which has no audio of its own, with audio as Google's published example has it: a context of 16 kHz whose worklet posts
 * pieces of 512 samples to the page, a context of 24 kHz whose worklet plays a queue that the page posts to. Our own writing.
 */
import { GoogleGenAI, Modality } from "@google/genai/web";

import captureUrl from "./genai/capture.worklet.js";
import playbackUrl from "./genai/playback.worklet.js";

let client;
let session;
let microphone;
let speaker;

export function prepare({ token }) {
  client = new GoogleGenAI({ apiKey: token, httpOptions: { apiVersion: "v1alpha" } });
}

export async function start({ model }) {
  speaker = await openSpeaker();
  session = await client.live.connect({
    model,
    config: { responseModalities: [Modality.AUDIO] },
    callbacks: { onmessage: hear },
  });
  microphone = await openMicrophone();
}

export async function stop() {
  for (const track of microphone.stream.getTracks()) track.stop();
  await microphone.context.close();
  await speaker.context.close();
  session.close();
}

function hear({ serverContent }) {
  if (serverContent?.interrupted) speaker.node.port.postMessage("interrupt");
  for (const { inlineData } of serverContent?.modelTurn?.parts ?? []) {
    if (inlineData?.data) speaker.node.port.postMessage(decode(inlineData.data));
  }
}

async function openSpeaker() {
  const context = new AudioContext({ sampleRate: 24_000 });
  await context.audioWorklet.addModule(new URL(playbackUrl, import.meta.url));
  const node = new AudioWorkletNode(context, "playback");
  node.connect(context.destination);
  await context.resume();
  return { context, node };
}

async function openMicrophone() {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, sampleRate: 16_000 },
  });
  const context = new AudioContext({ sampleRate: 16_000 });
  await context.audioWorklet.addModule(new URL(captureUrl, import.meta.url));
  const source = context.createMediaStreamSource(stream);
  const node = new AudioWorkletNode(context, "capture");
  node.port.onmessage = ({ data }) => {
    session.sendRealtimeInput({ audio: { data: encode(data), mimeType: "audio/pcm;rate=16000" } });
  };
  source.connect(node);
  return { stream, context };
}

function decode(text) {
  const bytes = atob(text);
  const samples = new Float32Array(bytes.length / 2);
  for (let index = 0; index < samples.length; index++) {
    const value = bytes.charCodeAt(2 * index) | (bytes.charCodeAt(2 * index + 1) << 8);
    samples[index] = (value >= 32_768 ? value - 65_536 : value) / 32_768;
  }
  return samples;
}

function encode(samples) {
  const pcm = new Int16Array(samples.length);
  for (let index = 0; index < samples.length; index++) {
    const sample = Math.max(-1, Math.min(1, samples[index]));
    pcm[index] = sample * (sample < 0 ? 32_768 : 32_767);
  }
  const bytes = new Uint8Array(pcm.buffer);
  let text = "";
  for (let index = 0; index < bytes.length; index++) text += String.fromCharCode(bytes[index]);
  return btoa(text);
}
