// What an AudioWorkletGlobalScope has beyond ECMAScript, as far as live-audio.js uses it: for `tsc -p tests/worklet`.

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

declare function registerProcessor(name: string, processor: new (options: any) => AudioWorkletProcessor): void;

declare const sampleRate: number;
declare const currentTime: number;

interface MessagePort {
  onmessage: ((event: { data: any }) => void) | null;
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  close(): void;
}
