/**
 * What became of every sample of a session that goes from connection to connection: what the microphone gave against what the
 * service received, and what the service sent against what was played. Neither side's own counters are asked here.
 */

/** What is looked for where a sound goes on: long enough to be found nowhere else, where there is always some noise. */
const PROBE = 64;

/** The ramps around a gap, or at the end of what was flushed, are not what was sent: 5 ms each, and the rest of a quantum. */
export const RAMPS = 2 * 128;

/** Softer than this is no sound. */
const SILENT = 2;

/** Samples that come bit by bit, as 16 bits, and are forgotten from the front. Positions count from the first. */
export class Tape {
  #samples = new Int16Array(1 << 16);
  #start = 0;
  #end = 0;

  get end() {
    return this.#end;
  }

  /** Adds samples between -1 and 1. */
  add(samples) {
    const used = this.#end - this.#start;
    if (used + samples.length > this.#samples.length) {
      const larger = new Int16Array(2 * (used + samples.length));
      larger.set(this.#samples.subarray(0, used));
      this.#samples = larger;
    }
    this.#samples.set(asWire(samples), used);
    this.#end += samples.length;
  }

  at(position) {
    return position < this.#end ? this.#samples[position - this.#start] : undefined;
  }

  /** Nothing before this position is asked for any more. */
  forget(before) {
    this.#samples.copyWithin(0, before - this.#start, this.#end - this.#start);
    this.#start = before;
  }
}

/** Samples between -1 and 1 as the wire has them. */
export function asWire(samples) {
  return Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));
}

/** What the microphone gave, and where in it lies what arrived. */
export class Spoken {
  given = new Tape();
  arrived = 0;
  /**
   * Where samples are missing, or came twice: how many, from where on `at` of what was given, and `index` of a connection's, which
   * `isAtBreak` if the one before it ended as nobody wanted.
   */
  missing = [];
  twice = [];
  /** Samples that the microphone never gave. */
  foreign = 0;
  #at;

  /** What one connection received, and whether the one before it broke. `reach` is how far one looks for what is missing. */
  take(part, isAfterBreak, reach) {
    for (let index = 0; index < part.length; index++) {
      if (this.#at !== undefined && this.#isThere(part[index], this.#at)) {
        this.#at++;
        this.arrived++;
        continue;
      }
      // A device that has not begun gives zeros, one as good as another.
      if (this.#at === undefined && part[index] === 0) continue;
      const found = this.#find(part.subarray(index, index + PROBE), reach);
      if (found === undefined) {
        // It is looked for again behind as many as were looked for.
        const skipped = Math.min(PROBE, part.length - index);
        this.foreign += skipped;
        if (this.#at !== undefined) this.#at += skipped;
        index += skipped - 1;
        continue;
      }
      // Noise may go on like noise for some samples.
      const isAtBreak = index < PROBE && isAfterBreak;
      if (this.#at !== undefined && found > this.#at) this.missing.push({ samples: found - this.#at, at: this.#at, isAtBreak, index });
      if (this.#at !== undefined && found < this.#at) this.twice.push({ samples: this.#at - found, at: found, isAtBreak, index });
      this.#at = found + 1;
      this.arrived++;
    }
    // As far back as something may come twice.
    if (this.#at !== undefined) this.given.forget(Math.max(0, this.#at - reach));
  }

  /** How many samples before a position came behind the last that arrived: silence is what a microphone gives that was closed. */
  tail(until = Infinity) {
    let end = Math.min(until, this.given.end);
    while (end > (this.#at ?? 0) && this.given.at(end - 1) === 0) end--;
    return Math.max(0, end - (this.#at ?? 0));
  }

  #isThere(sample, position) {
    return Math.abs(sample - (this.given.at(position) ?? Infinity)) <= 1;
  }

  #find(probe, reach) {
    if (probe.length < PROBE) return undefined;
    const from = this.#at === undefined ? 0 : Math.max(0, this.#at - reach);
    // What is missing is more likely than what comes twice.
    return this.#scan(probe, this.#at ?? 0, this.given.end) ?? this.#scan(probe, from, this.#at ?? 0);
  }

  #scan(probe, from, to) {
    for (let position = from; position < to; position++) {
      if (probe.every((sample, offset) => this.#isThere(sample, position + offset))) return position;
    }
    return undefined;
  }
}

/**
 * What sockets were given, that never lay unsent in them, and that no connection received: so much is missing where they broke.
 * If it is fewer than none, so many samples were received that the sockets said had not left.
 */
export class Gap {
  #samples = 0;

  /** A connection's: what its socket was given, what of that was in its buffer at its end, and what was received. */
  add({ given, unsent }, received) {
    this.#samples += given.samples - unsent.samples - received;
  }

  /** So many samples are missing. Answers how many of them this explains, once. */
  takeMissing(samples) {
    const taken = Math.max(0, Math.min(samples, this.#samples));
    this.#samples -= taken;
    return taken;
  }

  /** The same of samples that came twice. */
  takeTwice(samples) {
    const taken = Math.max(0, Math.min(samples, -this.#samples));
    this.#samples += taken;
    return taken;
  }
}

/** What was played, and which of it was sent. */
export class Heard {
  played = new Tape();
  sent = 0;
  /** Samples that were played as they were sent. */
  exact = 0;
  /** Samples that were not, since the server said that the user had interrupted them. */
  interrupted = 0;
  /** Samples at the edges of gaps, and of what was interrupted; and how many edges there were. */
  inRamps = 0;
  edges = 0;
  /** Samples that were not played for no reason that can be seen. */
  lost = 0;
  /** Samples of sound that nobody sent. */
  foreign = 0;
  /** What was lost or is foreign, and where. */
  findings = [];
  #at = 0;
  /** What is lost of the end of the latest connection's sound: the next may say that it was interrupted. */
  #tail = 0;

  /** What one connection sent, once it must have been played, and before which samples it sent `interrupted`. */
  take(sent, interruptions) {
    const places = this.#index();
    this.sent += sent.length;
    if (interruptions.includes(0)) {
      this.lost -= this.#tail;
      this.interrupted += this.#tail;
      this.#tail = 0;
    }
    if (sent.length > 0) this.#tail = 0;
    for (let index = 0; index < sent.length; index++) {
      if (sent[index] === this.played.at(this.#at)) {
        this.#at++;
        this.exact++;
        continue;
      }
      const found = this.#goesOn(sent, index, places);
      const to = found?.index ?? sent.length;
      const before = this.lost;
      this.#account(index, to, interruptions);
      if (!found) {
        this.#tail = this.lost - before;
        break;
      }
      this.#skip(found.at);
      index = to - 1;
    }
    this.played.forget(this.#at);
  }

  /** Counts what is left as nobody's. */
  end() {
    this.#skip(this.played.end);
  }

  /** What was sent from `from` to `to` was not played. */
  #account(from, to, interruptions) {
    this.edges++;
    // The answer after it begins with a ramp.
    const until = Math.min(to, interruptions.find((at) => from < at && at <= to + RAMPS) ?? from);
    if (to - from > RAMPS) this.interrupted += until - from;
    const rest = to - from > RAMPS ? to - until : to - from;
    // What ends without a word ends with a ramp.
    const ramp = Math.min(rest, rest > RAMPS ? RAMPS / 2 : RAMPS);
    this.inRamps += ramp;
    this.lost += rest - ramp;
    if (rest > ramp) this.findings.push({ from, to, interruptions, playedUntil: this.#at });
  }

  #skip(to) {
    let loud = 0;
    for (; this.#at < to; this.#at++) if (Math.abs(this.played.at(this.#at)) > SILENT) loud++;
    if (loud <= RAMPS) return;
    this.foreign += loud - RAMPS;
    this.findings.push({ loud, playedBefore: to });
  }

  /** The next sample that was played, and where. */
  #goesOn(sent, from, places) {
    for (let index = from; index + PROBE <= sent.length; index++) {
      let at = places.get(key(sent[index], sent[index + 1], sent[index + 2]));
      if (at === undefined || at < this.#at) continue;
      // What fades out is like everything else that does.
      if (!isLoud(sent.subarray(index, index + PROBE))) continue;
      let same = 3;
      while (same < PROBE && sent[index + same] === this.played.at(at + same)) same++;
      if (same < PROBE) continue;
      // What is softer than sound is not looked up.
      while (index > from && at > this.#at && sent[index - 1] === this.played.at(at - 1)) [index, at] = [index - 1, at - 1];
      return { index, at };
    }
    return undefined;
  }

  /** Where three samples in a row were first played. */
  #index() {
    const places = new Map();
    for (let at = this.#at; at + 2 < this.played.end; at++) {
      const [one, two, three] = [this.played.at(at), this.played.at(at + 1), this.played.at(at + 2)];
      const isSilent = Math.max(Math.abs(one), Math.abs(two), Math.abs(three)) <= SILENT;
      const name = key(one, two, three);
      if (!isSilent && !places.has(name)) places.set(name, at);
    }
    return places;
  }
}

function isLoud(probe) {
  return probe.reduce((loud, sample) => loud + (Math.abs(sample) > SILENT ? 1 : 0), 0) > (3 / 4) * PROBE;
}

function key(one, two, three) {
  return ((one + 32_768) * 65_536 + (two + 32_768)) * 65_536 + three + 32_768;
}
