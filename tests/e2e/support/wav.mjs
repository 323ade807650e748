/** Reading and writing WAV files: uncompressed ones, which is what Chromium takes as a microphone. */

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/** Decodes a WAV file to one channel of samples between -1 and 1 (channels are averaged). */
export function readWav(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 12 || tag(view, 0) !== "RIFF" || tag(view, 8) !== "WAVE") throw new Error("it is not a WAV file");
  const chunks = findChunks(view);
  if (!chunks.format) throw new Error("it has no format chunk");
  if (!chunks.data) throw new Error("it holds no sound");
  const format = readFormat(view, chunks.format);
  return { rate: format.rate, samples: decode(view, chunks.data, format) };
}

/** Encodes one channel as 16-bit PCM. */
export function writeWav(samples, rate) {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write("RIFF", 0, "latin1");
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8, "latin1");
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(PCM, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36, "latin1");
  bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, index) => {
    const value = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
    bytes.writeInt16LE(value, 44 + 2 * index);
  });
  return bytes;
}

function tag(view, offset) {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(offset + index)));
}

function findChunks(view) {
  const found = {};
  for (let offset = 12; offset + 8 <= view.byteLength; ) {
    const start = offset + 8;
    const length = Math.min(view.getUint32(offset + 4, true), view.byteLength - start);
    if (tag(view, offset) === "fmt ") found.format = { start, length };
    if (tag(view, offset) === "data") found.data = { start, length };
    offset = start + length + (length & 1);
  }
  return found;
}

function readFormat(view, { start, length }) {
  if (length < 16) throw new Error("its format chunk is cut short");
  const outer = view.getUint16(start, true);
  const kind = outer === EXTENSIBLE && length >= 26 ? view.getUint16(start + 24, true) : outer;
  const format = {
    kind,
    channels: view.getUint16(start + 2, true),
    rate: view.getUint32(start + 4, true),
    bits: view.getUint16(start + 14, true),
  };
  const isKnown = (kind === PCM && [8, 16, 24, 32].includes(format.bits)) || (kind === FLOAT && [32, 64].includes(format.bits));
  if (!isKnown) throw new Error(`its encoding (format ${kind}, ${format.bits} bits) is not plain PCM`);
  if (format.channels < 1 || format.rate < 3000 || format.rate > 384_000) throw new Error("its header makes no sense");
  return format;
}

function decode(view, { start, length }, { kind, bits, channels }) {
  const width = bits / 8;
  const read = reader(view, kind, bits);
  const samples = new Float32Array(Math.floor(length / (width * channels)));
  for (let index = 0; index < samples.length; index++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += read(start + (index * channels + channel) * width);
    samples[index] = sum / channels;
  }
  return samples;
}

function reader(view, kind, bits) {
  if (kind === FLOAT) return bits === 32 ? (at) => view.getFloat32(at, true) : (at) => view.getFloat64(at, true);
  switch (bits) {
    case 8:
      return (at) => (view.getUint8(at) - 128) / 128;
    case 16:
      return (at) => view.getInt16(at, true) / 32768;
    case 24:
      return (at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 8_388_608;
    default:
      return (at) => view.getInt32(at, true) / 2_147_483_648;
  }
}
