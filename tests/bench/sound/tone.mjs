/**
 * What the server says: a steady tone with overtones, in frames of 40 ms as the service sends audio: base64 in
 * pretty-printed JSON, in binary frames. It is never silent for a sample, so that whatever is silent was put in by a player.
 */

/** The rate of the service's audio. */
const RATE = 24_000;

/** How long a frame lasts. */
export const FRAME_MS = 40;

/** Periods of it fill a frame, so that each is the same and no click is between them. */
const PITCH_HZ = 225;

/** The message of one frame of audio. */
export const FRAME = message({
  serverContent: { modelTurn: { parts: [{ inlineData: { mimeType: `audio/pcm;rate=${RATE}`, data: samples().toString("base64") } }] } },
});

/** A message as the service writes it. */
export function message(value) {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}

function samples() {
  const bytes = Buffer.alloc((2 * RATE * FRAME_MS) / 1000);
  for (let at = 0; at < bytes.length / 2; at++) {
    const phase = (2 * Math.PI * PITCH_HZ * at) / RATE;
    const value = 0.3 * Math.sin(phase) + 0.1 * Math.sin(2 * phase) + 0.05 * Math.sin(3 * phase);
    bytes.writeInt16LE(Math.round(value * 32767), 2 * at);
  }
  return bytes;
}
