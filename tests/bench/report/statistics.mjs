/** What is told of many figures. */

/** The value below which a share of the values lies, between two of them in proportion; NaN of none. */
export function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return sorted.length === 0 ? NaN : below + (above - below) * (at - Math.floor(at));
}

export const median = (values) => quantile(values, 0.5);

/** What a metric may say it is of the samples of a visit. */
export const STATISTICS = {
  median,
  p90: (values) => quantile(values, 0.9),
  p99: (values) => quantile(values, 0.99),
  max: (values) => (values.length === 0 ? NaN : Math.max(...values)),
};

/**
 * A metric of every contender, by its id: the `value` over all rounds, the lowest and the highest of a round, and `ratio`, how many times the
 * first contender's it is: in the median of the rounds, each of which had both side by side. `rounds` are what the measure answered for each
 * contender, in the same order; a round that failed is undefined.
 */
export function figures(metric, rounds) {
  const [first] = Object.keys(rounds);
  const each = Object.fromEntries(Object.entries(rounds).map(([id, answers]) => [id, answers.map((answer) => ofRound(metric, answer))]));
  return Object.fromEntries(
    Object.entries(rounds).map(([id, answers]) => {
      const values = each[id].filter(Number.isFinite);
      if (values.length === 0) return [id, undefined];
      const ratios = each[id].map((value, round) => value / each[first][round]).filter(Number.isFinite);
      const ratio = metric.ratio === false || ratios.length === 0 ? undefined : median(ratios);
      return [id, { value: overall(metric, answers, values), low: Math.min(...values), high: Math.max(...values), ratio }];
    }),
  );
}

/** Samples of all rounds are one lot; of plain figures it is the median. */
function overall(metric, answers, values) {
  if (!metric.statistic) return median(values);
  return STATISTICS[metric.statistic](answers.flatMap((answer) => answer?.[metric.of ?? metric.id] ?? []));
}

function ofRound(metric, answer) {
  const found = answer?.[metric.of ?? metric.id];
  if (found === undefined) return NaN;
  return metric.statistic ? STATISTICS[metric.statistic](found) : found;
}
