import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const KB = 1000;

export const weight = {
  id: "weight",
  title: "Weight",
  about:
    "What a page downloads of it, each file compressed by itself at the highest level: until the code is loaded, and until both sides were " +
    "heard. Peers are bundled and minified by esbuild with the least code that starts a conversation; what they would download from elsewhere is not counted.",
  rounds: { full: 1, quick: 1 },
  metrics: [
    { id: "firstBrotli", title: "before the first connect, brotli", unit: "kB" },
    { id: "allMinified", title: "in all, minified", unit: "kB" },
    { id: "allGzip", title: "in all, gzip", unit: "kB" },
    { id: "allBrotli", title: "in all, brotli", unit: "kB", plot: true },
  ],

  async run(stage, contender) {
    const visit = await stage.visit(contender);
    try {
      await visit.load();
      const first = await weigh(await visit.downloads());
      const { line } = await visit.start();
      await line.say([0]);
      await line.heardSomething();
      const all = await weigh(await visit.downloads());
      return { firstBrotli: first.brotli, allMinified: all.raw, allGzip: all.gzip, allBrotli: all.brotli };
    } finally {
      await visit.leave();
    }
  },
};

/** Thousands of bytes of files, as they are and compressed. */
async function weigh(files) {
  const sum = { raw: 0, gzip: 0, brotli: 0 };
  for (const { bytes } of files) {
    sum.raw += bytes.length / KB;
    sum.gzip += (await promisify(gzip)(bytes, { level: 9 })).length / KB;
    sum.brotli += (await promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })).length / KB;
  }
  return sum;
}
