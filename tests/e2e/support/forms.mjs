/**
 * In which forms a test is run: where its session runs, how its page is served, and in which browser that is.
 *
 * Each form costs a browser's time, and finds something only where what it is made of can meet. A rule of the protocol comes out of
 * the same wasm in each host and engine; a ring without shared memory is another one, on an audio thread that is the engine's.
 * So a spec says how much of the product it needs.
 */

/** What is run in Chromium alone, and what in every other browser alone. `playwright.config.mjs` goes by these tags. */
export const IN_CHROMIUM = "@in-chromium";
export const IN_OTHERS = "@in-others";

const inChromium = (forms) => forms.map((form) => ({ ...form, tag: [IN_CHROMIUM] }));
const inOthers = (forms) => forms.map((form) => ({ ...form, tag: [IN_OTHERS] }));
const everywhere = (forms) => forms.map((form) => ({ ...form, tag: [] }));

const COVERAGES = {
  /** All of them in every browser: what owns devices and sockets, and what is followed sample by sample. */
  full: everywhere,
  /** Of two factors with two values: each value with each of the other and in every browser, but not all three together. */
  pairs: ([one, other, another, last]) => [...inChromium([one, last]), ...inOthers([other, another])],
  /** All of them in Chromium, and the last in the others: a rule of our own, that some of the engine's is needed for. */
  once: (forms) => [...inChromium(forms.slice(0, -1)), ...everywhere(forms.slice(-1))],
  /** The first in Chromium, and the last in the others: what lasts, and is decided where none of it is known. */
  one: (forms) => [...inChromium(forms.slice(0, 1)), ...inOthers(forms.slice(-1))],
};

/** The forms of a test: of each factor by name one of its values, and the `tag` that says in which browsers. */
export function forms(coverage, factors) {
  let product = [{}];
  for (const [name, values] of Object.entries(factors)) {
    product = product.flatMap((form) => values.map((value) => ({ ...form, [name]: value })));
  }
  return COVERAGES[coverage](product);
}

/** Where a session runs. */
export const HOSTS = ["worker", "page"];

/** How a page is served: with memory that threads share, and without. */
export const HEADERS = ["isolated", "plain"];
