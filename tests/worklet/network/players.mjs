// Players: what is heard of a conversation. Ours is the worklet itself; the others are models of what is known of them.
//
// A player is given a conversation and answers, for each turn: gaps, milliseconds of silence in them, the start's delay after
// the first part, how much later than that the turn ends than it lasts.

import { FakePort, load, render } from "../harness.mjs";
import { PARTS, PART_MS, TURNS } from "./traces.mjs";

const MS = 24;
/** What a context at 48 kHz takes at a time. */
const QUANTUM = 64;
const PAUSE_MS = 500;

/** The worklet, and what comes out of it. */
export function ours({ jitterMs = 18, timeStretch = true } = {}) {
  return (turns) => {
    const processor = new (load({ sampleRate: 24_000 }).Playback)({
      processorOptions: { ring: null, capacity: 131_072, filter: null, jitterMs, timeStretch },
    });
    const driver = new FakePort();
    processor.port.say({ port: driver });
    return turns.map((times) => heard(processor, driver, times));
  };
}

function heard(processor, driver, times) {
  const found = { gaps: 0, silenceMs: 0, startMs: 0, lagMs: 0 };
  let parts = 0, now = 0, first = null, last = 0;
  for (let ended = 0; ended < PAUSE_MS * MS; ended = parts === times.length && !processor.isPlaying ? ended + QUANTUM : 0) {
    for (; parts < times.length && times[parts] * MS <= now; parts++) {
      driver.say(new Int16Array(PART_MS * MS).fill(16_384).buffer);
      if (parts === times.length - 1) driver.say("end");
    }
    for (const sample of render(processor, QUANTUM, QUANTUM)) {
      now++;
      if (sample === 0) continue;
      first ??= now - 1;
      if (last && now - last > 1) {
        found.gaps++;
        found.silenceMs += (now - last - 1) / MS;
      }
      last = now;
    }
  }
  driver.sent.length = 0;
  return { ...found, startMs: first / MS, lagMs: (last - first) / MS - PARTS * PART_MS };
}

/**
 * A player that plays what it has got: from `starts(times, turn)` on, and where it runs `dry` before part `k` comes, from
 * `again(times, k, dry)` on.
 */
function scheduled({ starts, again }) {
  return (turns) =>
    turns.map((times, turn) => {
      const startMs = starts(times, turn);
      const found = { gaps: 0, silenceMs: 0, startMs, lagMs: 0 };
      let end = startMs;
      for (const [k, time] of times.entries()) {
        if (k > 0 && time > end) {
          const from = again(times, k, end);
          // Less than that is a step that nobody counts.
          if (from - end > 0.1) found.gaps++;
          found.silenceMs += from - end;
          end = from;
        }
        end += PART_MS;
      }
      found.lagMs = end - startMs - PARTS * PART_MS;
      return found;
    });
}

/** Plays each part when it comes, behind those before: `startAudioConversation` of Firebase, and Google's example. */
const atOnce = scheduled({ starts: () => 0, again: (times, k) => times[k] });

/** Has a node that dies when it runs dry, and is built again with the next part: Pipecat's wavtools. */
const rebuilt = scheduled({ starts: () => 5, again: (times, k) => times[k] + 5 });

/** 100 ms of lead, once; later it looks every 100 ms whether there is something: Google's web console. */
const polling = scheduled({
  starts: (_times, turn) => (turn === 0 ? 100 : (turn * 37) % 100),
  again: (times, k, dry) => dry + 100 * Math.ceil((times[k] - dry) / 100),
});

/** When `ms` have passed since part `k` came, or as much is there beyond a part. */
function primed(times, k, ms) {
  const enough = times[k + Math.ceil(ms / PART_MS)] ?? times.at(-1);
  return Math.max(times[k], Math.min(times[k] + ms, enough));
}

/** Gathers `ms` at each start, and again after each gap: what most jitter buffers do that somebody writes for this API. */
export const fixed = (ms) => scheduled({ starts: (times) => primed(times, 0, ms), again: (times, k) => primed(times, k, ms) });

/** The peers, by what is known of their playback. */
export const peers = {
  "at once (Firebase, Google's example)": atOnce,
  "node rebuilt (Pipecat)": rebuilt,
  "100 ms lead, then polling (Google's web console)": polling,
};

/** Means over `seeds` conversations: gaps and milliseconds of silence in one, and how long after its first part a turn starts. */
export function measure(player, conversations) {
  const all = conversations.flatMap((turns) => player(turns).map((found, turn) => ({ ...found, turn })));
  const mean = (of, among = all) => among.reduce((sum, found) => sum + of(found), 0) / among.length;
  const starts = all.map(({ startMs }) => startMs).sort((a, b) => a - b);
  return {
    gaps: TURNS * mean(({ gaps }) => gaps),
    later: mean(({ gaps }) => gaps, all.filter(({ turn }) => turn > 0)),
    silenceMs: TURNS * mean(({ silenceMs }) => silenceMs),
    startMs: mean(({ startMs }) => startMs),
    medianMs: starts[starts.length >> 1],
    lagMs: mean(({ lagMs }) => lagMs),
  };
}
