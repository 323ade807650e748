/** Microphones that count (`pages/clockwork.js`): how tests open and change them, and what each sample of theirs is. */

/** The seam between two microphones, in samples at 16 kHz: 5 ms. */
export const SEAM = 80;

/** What a count begins again after. */
export const ROUND = 16_000;

/** What a device makes of its count, from 1 to `ROUND`: none of them is ever silent. */
export const FORMS = { a: (count) => count, b: (count) => -count, c: (count) => count + 16_384 };

/**
 * Has the page's microphones be devices that count: there, `open(options)` opens one and answers its path, `change(device)` chooses another,
 * `spoken(ms)` waits for so much sound, and `heard(frames)` until so many more were sent. `usual` are options for all, `making` those of the clockwork itself.
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
      globalThis.spoken = async (ms) => {
        const { context } = clockwork;
        const end = context.currentTime + ms / 1000;
        const wait = (some) => new Promise((resolve) => setTimeout(resolve, some));
        await wait(ms);
        // Sound of a machine that has much to do takes longer than itself.
        for (let left = 50; context.state === "running" && context.currentTime < end && left > 0; left--) await wait(50);
      };
      // Waits until so many more frames have been sent.
      globalThis.heard = async (frames) => {
        const { audioFramesSent } = await bench.stats();
        while ((await bench.stats()).audioFramesSent < audioFramesSent + frames) await spoken(20);
      };
      globalThis.change = (device) => bench.attempt(() => bench.microphone.setDevice(device));
    },
    { usual, making },
  );
}

/** The same, with microphones that are read past the audio thread. */
export function useTracks(page) {
  return useClockwork(page, { usual: { capturePath: "track-processor" }, making: { carries: true } });
}

/** What the service got, as 16-bit samples. */
export async function arrived(bench, simulator) {
  await bench.close();
  const { samples } = await simulator.received((await simulator.latest()).id);
  return samples.map((sample) => Math.round(sample * 32_768));
}

/** What arrived, as stretches of one device's count, `{ device, from, count }`: a sample that is missing or doubled begins another, as silence does. */
export function stretches(samples) {
  const found = [];
  let last;
  for (const sample of samples) {
    const device = sample < 0 ? "b" : sample > FORMS.c(0) ? "c" : "a";
    const at = Math.abs(sample) - (device === "c" ? FORMS.c(0) : 0);
    const isNext = last?.device === device && at === ((last.from + last.count - 1) % ROUND) + 1;
    if (sample === 0) last = undefined;
    else if (isNext) last.count++;
    else found.push((last = { device, from: at, count: 1 }));
  }
  return found;
}

/** By how much one count is behind another, both in a round of their own. */
export function behind(from, to) {
  return (((to - from) % ROUND) + ROUND) % ROUND;
}
