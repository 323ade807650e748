/**
 * What was heard of an answer, from the ear's edges: `{ frame, loud }`, where sound begins and where it ends, in frames of one
 * context at `rate`.
 */

/** The stretches of sound, `[begin, end]`. One that has not ended is none yet. */
export function stretches(edges) {
  const found = [];
  let begin;
  for (const { frame, loud } of edges) {
    if (loud) begin ??= frame;
    else if (begin !== undefined) {
      found.push([begin, frame]);
      begin = undefined;
    }
  }
  return found;
}

/** The silence in an answer: how often, how long, and how much later than its length it ended. */
export function gaps(sound, rate, lengthMs) {
  const lengths = sound.slice(1).map(([begin], index) => ((begin - sound[index][1]) / rate) * 1000);
  const silenceMs = lengths.reduce((sum, length) => sum + length, 0);
  const heardMs = sound.length > 0 ? ((sound.at(-1)[1] - sound[0][0]) / rate) * 1000 : 0;
  return { count: lengths.length, silenceMs, heardMs, lagMs: heardMs - lengthMs };
}
