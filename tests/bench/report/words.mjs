/** Figures as they are written. */

/** A number with as many digits as say something: three, but none behind the point above a hundred. */
export function number(value) {
  const size = Math.abs(value);
  const written = value.toFixed(size >= 99.5 ? 0 : size >= 9.95 ? 1 : 2);
  // No minus before nothing.
  return Number(written) === 0 ? "0" : written;
}

/** How many times another it is. */
export function times(ratio) {
  return ratio === undefined ? "" : `${number(ratio)}×`;
}

/** A figure with the spread of its rounds, if there were several, and how many times the first one's it is. */
export function figure(found, { isFirst = false } = {}) {
  if (!found) return "–";
  const { value, low, high, ratio } = found;
  const [from, to] = [number(low), number(high)];
  const spread = from === to ? "" : ` (${from}–${to})`;
  return `${number(value)}${spread}${isFirst || ratio === undefined ? "" : ` · ${times(ratio)}`}`;
}

/** Its name, and what it is counted in. */
export function heading({ title, unit }) {
  return unit ? `${title}, ${unit}` : title;
}
