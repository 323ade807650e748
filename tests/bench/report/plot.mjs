import { heading, number } from "./words.mjs";

const WIDTH = 760;
const LABELS = 320;
const VALUES = 64;
const ROW = 26;
const TOP = 34;

/**
 * A metric as a picture: a bar for each contender, with the spread of its rounds as a line. `rows` are `{ title, found, ours }`. It is SVG that
 * stands alone, and takes its colours from the page where it has one.
 */
export function plot(metric, rows) {
  const known = rows.filter(({ found }) => found);
  const most = Math.max(...known.map(({ found }) => Math.max(found.high, found.value)), 0) || 1;
  const scale = (value) => (Math.max(0, value) / most) * (WIDTH - LABELS - VALUES);
  const height = TOP + ROW * rows.length + 8;
  const bars = rows.map((row, index) => bar(row, TOP + ROW * index, scale));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escape(heading(metric))}</title>`,
    `<text x="0" y="18" font-weight="600" fill="currentColor">${escape(heading(metric))}</text>`,
    ...bars,
    "</svg>",
  ].join("\n");
}

function bar({ title, found, ours }, top, scale) {
  const middle = top + ROW / 2;
  const label = `<text x="0" y="${middle + 4}" fill="currentColor">${escape(title)}</text>`;
  if (!found) return `${label}<text x="${LABELS}" y="${middle + 4}" fill="#888">failed</text>`;
  const [end, low, high] = [found.value, found.low, found.high].map((value) => round(LABELS + scale(value)));
  return [
    label,
    `<rect x="${LABELS}" y="${top + 5}" width="${round(Math.max(1, end - LABELS))}" height="${ROW - 10}" rx="2" fill="${ours ? "#1a73e8" : "#9aa0a6"}"/>`,
    high > low ? `<path d="M${low} ${middle}H${high}M${low} ${middle - 4}v8M${high} ${middle - 4}v8" stroke="#d93025" fill="none"/>` : "",
    `<text x="${Math.max(end, high) + 6}" y="${middle + 4}" fill="currentColor">${number(found.value)}</text>`,
  ].join("");
}

const round = (value) => Math.round(value * 10) / 10;

/** Text that may stand in SVG and HTML. */
export function escape(text) {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return String(text).replace(/[&<>"]/g, (letter) => names[letter]);
}
