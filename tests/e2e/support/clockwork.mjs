/** Microphones that count (`pages/clockwork.js`): how tests open and change them, and what each sample of theirs is. */

/** The seam between two microphones, in samples at 16 kHz: 5 ms. */
export const SEAM = 80;

/** What a count begins again after. */
export const ROUND = 16_000;

/** What a device makes of its count. */
export const FORMS = { a: (count) => count, b: (count) => -count, c: (count) => count + 16_384 };

/**
 * Has the page's microphones be devices that count: there, `open(options)` opens one and answers its path, `change(device)` chooses another,
 * and `spoken(ms)` waits. `usual` are options for all, `making` those of the clockwork itself.
 */
export function useClockwork(page, { usual, making } = {}) {
  return page.evaluate(
    async ({ usual, making }) => {
      const { Clockwork } = await import("/tests/pages/clockwork.js");
      globalThis.clockwork = new Clockwork(making);
      globalThis.open = async (options) => {
        bench.microphone = await bench.session.openMicrophone({ context: clockwork.context, ...usual, ...options });
        return bench.microphone.capturePath;
      };
      globalThis.spoken = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      globalThis.change = (device) => bench.attempt(() => bench.microphone.setDevice(device));
    },
    { usual, making },
  );
}

/** What the service got, as 16-bit samples. */
export async function arrived(bench, simulator) {
  await bench.close();
  const { samples } = await simulator.received((await simulator.latest()).id);
  return samples.map((sample) => Math.round(sample * 32_768));
}
