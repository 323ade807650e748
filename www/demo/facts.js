const INPUT_HZ = 16_000;
const OUTPUT_HZ = 24_000;
const FRAME_MS = 20;

/** The figures beside the conversation. */
export class Facts {
  #rows;
  #latency;
  #hint;
  #latencies = [];

  /** `rows` are elements by name; `latency` and `hint` show the one figure people ask for first. */
  constructor({ rows, latency, hint }) {
    this.#rows = rows;
    this.#latency = latency;
    this.#hint = hint;
  }

  /** Writes facts by the name of their row. */
  set(facts) {
    for (const [name, text] of Object.entries(facts)) {
      const row = this.#rows[name];
      if (row.textContent !== text) row.textContent = text;
    }
  }

  /** An answer was heard `ms` after the end of the user's speech. */
  answeredAfter(ms) {
    this.#latencies.push(ms);
    this.#latency.value = `${Math.round(ms)} ms`;
    if (this.#latencies.length > 1) {
      this.#hint.textContent = `Median of ${this.#latencies.length} turns: ${Math.round(median(this.#latencies))} ms.`;
    }
  }

  devices({ microphone, speaker }) {
    this.set({
      microphone: microphone ? `${microphone.label || "open"}, ${rates(microphone.sampleRate, INPUT_HZ)}` : "off",
      speaker: speaker ? rates(OUTPUT_HZ, speaker.sampleRate) : "off",
    });
  }

  /** Counters of `LiveSession.stats()`. */
  counted(stats) {
    const dropped = stats.audioFramesDropped > 0 ? `, ${stats.audioFramesDropped} frames dropped` : "";
    const gaps = stats.concealmentEvents === 1 ? "1 gap" : `${stats.concealmentEvents} gaps`;
    this.set({
      sent: `${seconds((stats.audioFramesSent * FRAME_MS) / 1000)}${dropped}`,
      played: `${seconds(stats.playbackSamplesPlayed / OUTPUT_HZ)}, ${gaps}`,
    });
    // Exact, for whoever reads the page by program.
    this.#rows.played.dataset.samples = String(stats.playbackSamplesPlayed);
    this.#rows.played.dataset.concealmentEvents = String(stats.concealmentEvents);
  }

  clear() {
    this.#latencies = [];
    this.#latency.value = "–";
    this.set({ "runs-in": "–", memory: "–", microphone: "–", speaker: "–", sent: "–", played: "–" });
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** From one sample rate to another. The spaces do not break. */
function rates(from, to) {
  return `${from / 1000}\u00a0→\u00a0${to / 1000}\u00a0kHz`;
}

function seconds(value) {
  return `${value.toFixed(1)} s`;
}
