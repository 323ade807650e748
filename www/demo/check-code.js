/**
 * What a check has found, as a code that can be copied: `glw1.` and the figures, in this order, with a sum over them, since
 * a code that was not copied whole would be read as another.
 *
 * What is new goes to the end: an old code is read by a new page. What no page measured is `null`.
 */
const FIELDS = [
  "agent",
  "peer",
  "isolated",
  "sharedMemory",
  "runsIn",
  "ring",
  "contextHz",
  "baseLatencyMs",
  "outputLatencyMs",
  "connectMs",
  "capturedHz",
  "captureSamplesLost",
  "audioFramesDropped",
  "roomDb",
  "answerMs",
  "playedMs",
  "receivedMs",
  "gaps",
  "gapMs",
  "echoDb",
  "echoLikeness",
  "interruptions",
  "hushMs",
  "failures",
];

const PREFIX = "glw1.";

/** Nobody's code is longer. */
const LONGEST = 4_000;

/** What a browser calls itself is cut there. */
const LONGEST_TEXT = 300;

/** The code of a report: an object with those fields; `failures` is a list of `step:code`. */
export function encode(report) {
  const bytes = new TextEncoder().encode(JSON.stringify(FIELDS.map((field) => plain(report[field]))));
  const text = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `${PREFIX}${text}.${sumOf(text)}`;
}

/** The report that a code holds. Throws an error in words for people. */
export function decode(code) {
  // Mail and chat break lines.
  const bare = code.replace(/\s/g, "");
  if (!bare.startsWith(PREFIX)) throw new Error(`A code begins with “${PREFIX}”.`);
  const [text, sum] = bare.slice(PREFIX.length, LONGEST).split(".");
  if (sum !== sumOf(text)) throw new Error("The code is not whole: copy all of it.");
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const values = JSON.parse(new TextDecoder().decode(Uint8Array.from(letters, (letter) => letter.charCodeAt(0))));
  return Object.fromEntries(FIELDS.map((field, index) => [field, plain(values[index])]));
}

/** Numbers as exact as they are, texts as long as they may be, lists of texts, and nothing else. */
function plain(value) {
  if (typeof value === "number") return Number.isFinite(value) ? Number(value.toFixed(2)) : null;
  if (typeof value === "string") return value.slice(0, LONGEST_TEXT);
  if (Array.isArray(value)) return value.slice(0, 20).map((one) => String(one).slice(0, 60));
  return typeof value === "boolean" ? value : null;
}

/** Four letters that change with the text. */
function sumOf(text) {
  let sum = 0;
  for (const letter of text) sum = (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0;
  return (sum % 36 ** 4).toString(36).padStart(4, "0");
}
